"""The site and a browser as processes of their own, to be killed and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import requests
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import BrowserContext, Error, Page, Playwright

from tests.browser.conftest import ARGUMENTS
from tests.browser.sheet_page import sign_in_as


class Site:
    """The product as a process that can be killed and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.address = f"127.0.0.1:{probe.getsockname()[1]}"
        self.url, self.log = f"http://{self.address}", folder / "site.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        settled = {
            "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
            "ADMINUI_CONNECTIONS": str(settings.ADMINUI_CONNECTIONS),
            "ADMINUI_SECRET_KEY": settings.SECRET_KEY,
            "ADMINUI_VAR": str(settings.VAR_DIR),
        }
        threads = ["-k", "gthread", "--workers", "1", "--threads", "8", "--no-control-socket"]
        command = [sys.executable, "-m", "gunicorn", "adminui.wsgi", *threads, "--bind", self.address]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--chdir", str(settings.BASE_DIR)],
                env=os.environ | settled,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        over = time.monotonic() + 60
        while not self._answers():
            assert self.process.poll() is None and time.monotonic() < over, self.log.read_text()
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return bool(requests.get(f"{self.url}/healthz", timeout=5).ok)
        except requests.RequestException:
            return False

    def kill(self) -> None:
        """The process and its workers, at once."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
            self.process = None


class Browser:
    """A Chromium that can be killed; started again it has the same profile, and the person has signed in again."""

    def __init__(self, playwright: Playwright, chromium: str, profile: Path, site: Site, client: Client) -> None:
        self.playwright, self.chromium, self.profile, self.site, self.client = (
            playwright,
            chromium,
            profile,
            site,
            client,
        )
        self.context: BrowserContext | None = None

    def start(self) -> Page:
        self.context = self.playwright.chromium.launch_persistent_context(
            self.profile,
            executable_path=self.chromium,
            args=list(ARGUMENTS),
            base_url=self.site.url,
            viewport={"width": 1440, "height": 900},
        )
        self.context.set_default_timeout(10_000)
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = self.context.new_page()
        sign_in_as(page, self.client, self.site.url)
        return page

    def kill(self) -> None:
        """Every process that was started over this profile."""
        for each in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if f"--user-data-dir={self.profile}".encode() in each.read_bytes().split(b"\0"):
                    os.kill(int(each.parent.name), signal.SIGKILL)
            except (ProcessLookupError, FileNotFoundError):
                continue  # it was gone already

    def end(self) -> None:
        self.kill()
        if self.context is not None:
            with suppress(Error):  # what was killed cannot be closed
                self.context.close()
