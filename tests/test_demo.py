"""`manage.py demo` brings the whole product up, lets people in, and takes everything down again."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from adminui.management import demo

BASE = Path(__file__).parent.parent
PATIENCE = 120


class Demo:
    """A demo in a folder of its own, and what it has said so far."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        inherited = {key: value for key, value in os.environ.items() if key != "PYTEST_VERSION"}
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--records", "30", *arguments],
            cwd=BASE,
            env={**inherited, "ADMINUI_VAR": str(folder), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.said = ""

    def hears(self, words: str) -> bool:
        deadline = time.monotonic() + PATIENCE
        out = self.process.stdout
        assert out
        while words not in self.said and time.monotonic() < deadline:
            if select.select([out], [], [], 0.5)[0]:
                piece = os.read(out.fileno(), 65536)
                if not piece:
                    break
                self.said += piece.decode()
        return words in self.said

    @property
    def url(self) -> str:
        return re.search(r"ready at +(\S+)", self.said)[1]

    def ports(self) -> list[int]:
        return [int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", self.said)]

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[type[Demo]]:
    started: list[Demo] = []

    def begin(*arguments: str) -> Demo:
        started.append(Demo(tmp_path, *arguments))
        return started[-1]

    yield begin
    for each in started:
        if each.process.poll() is None:
            each.end()
        each.process.stdout.close()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def sign_in(url: str, name: str, password: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        page = session.get(f"{url}/sign-in/", timeout=20)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
        form = {"csrfmiddlewaretoken": token, "username": name, "password": password, "next": "/readyz"}
        return session.post(f"{url}/sign-in/", data=form, headers={"Referer": url}, timeout=20)


@pytest.mark.slow
def test_the_demo_starts_lets_everybody_in_and_ends_completely(start):
    running = start("--port", "0")
    assert running.hears("Ctrl-C ends everything"), running.said
    for role in ("viewer", "editor", "lead", "admin"):
        password = re.search(rf"{role} +password (\S+)", running.said)[1]
        answer = sign_in(running.url, role, password)
        assert answer.status_code == 200 and answer.json()["ready"], answer.text
    ports = running.ports()
    assert len(ports) == 7 and all(listens(port) for port in ports)

    second = start("--port", "0")
    assert second.hears("already running"), second.said

    assert running.end() == 0
    assert not any(listens(port) for port in ports)


@pytest.mark.slow
def test_a_killed_demo_leaves_nothing_running(start):
    running = start("--port", "0")
    assert running.hears("Ctrl-C ends everything"), running.said
    running.process.kill()
    running.process.wait()
    deadline = time.monotonic() + 45  # a server that has just begun takes 30 s at most to end
    while any(listens(port) for port in running.ports()) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not any(listens(port) for port in running.ports())


def test_a_port_in_use_is_replaced_by_a_free_one_and_none_is_given_twice():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        pick = demo.PortPicker()
        first = pick(taken.getsockname()[1])
        assert first != taken.getsockname()[1]
        assert pick(first) != first


def test_the_connections_hold_no_secret_but_say_where_it_is():
    apis = demo.practice_apis(demo.PortPicker())
    written = tomllib.loads("\n".join(api.toml() for api in apis))["connections"]
    sources = {source for connection in written.values() for source in connection["credentials"].values()}
    assert sources == {f"env:{name}" for name in demo.SECRETS}
    assert [api.environment for api in apis].count("production") == 1
