"""Brings a bare machine to a working one: a .venv with the pinned packages, a browser, a secret key.

Standard library only: it runs before anything is installed.
"""

import ctypes.util
import fcntl
import hashlib
import importlib
import importlib.util
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

BASE = Path(__file__).resolve().parent.parent
VENV = BASE / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = BASE / "requirements"
# Each level holds everything of the levels before it.
LEVELS = ("base", "postgres", "test", "lint")
# What an environment that is not our .venv must offer before we work in it as it is.
MODULES = {
    "base": (
        *("django", "django_htmx", "template_partials", "whitenoise", "gunicorn", "requests", "simplejson"),
        *("babel", "charset_normalizer", "jellyfish", "phonenumbers"),
        *("python_calamine", "rapidfuzz", "regex", "xlsxwriter"),
    ),
    "postgres": ("psycopg", "procrastinate"),
    "test": ("pytest_django", "xdist", "hypothesis", "playwright", "importlinter"),
    "lint": ("mypy", "ruff"),
}
BROWSER_PACKAGES = ("chromium", "fonts-dejavu-core", "libatomic1")


def level_for(command: str) -> str:
    """What a command needs here: the demo has a database of its own, everything else the one that is configured."""
    if command == "test":
        return "test"
    ours = os.environ.get("DATABASE_URL", "").startswith(("postgres:", "postgresql:"))
    return "postgres" if ours and command != "demo" else "base"


def ensure(level: str, argv: list[str]) -> None:
    """Return when this process can run the command; otherwise install and start the command again inside .venv."""
    if not settled(level):
        if not stamped(level):
            install(level)
        os.execv(PYTHON, [str(PYTHON), *argv])
    if level == "test":
        ensure_browser()


def settled(level: str) -> bool:
    """Our own .venv must hold exactly what is pinned; any other environment need only have the packages."""
    return stamped(level) if Path(sys.prefix) == VENV else importable(level)


def importable(level: str) -> bool:
    names = (name for each in LEVELS[: LEVELS.index(level) + 1] for name in MODULES[each])
    return all(importlib.util.find_spec(name) for name in names)


def stamped(level: str) -> bool:
    return any(_stamp(each).is_file() and _stamp(each).read_text() == digest(each) for each in at_least(level))


def at_least(level: str) -> tuple[str, ...]:
    return LEVELS[LEVELS.index(level) :]


def digest(level: str) -> str:
    return hashlib.sha256((REQUIREMENTS / f"{level}.txt").read_bytes()).hexdigest()


def _stamp(level: str) -> Path:
    return VENV / f".installed-{level}"


def install(level: str) -> None:
    """Make .venv and put the pinned packages into it; a second process that starts meanwhile waits for the first."""
    pinned = REQUIREMENTS / f"{level}.txt"
    with pinned.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamped(level):
            return
        _say(f"Installing the packages of requirements/{level}.txt into .venv (once, about a minute) …")
        _make_venv()
        pip: list[str | Path] = [
            PYTHON,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            pinned,
        ]
        _run(pip, "The packages could not be installed. Is a package index reachable from this machine?")
        _stamp(level).write_text(digest(level))


def _make_venv() -> None:
    if PYTHON.exists() and (VENV / "bin" / "pip").exists():
        return
    _ensure_ensurepip()
    _run([sys.executable, "-m", "venv", VENV], "The folder .venv could not be made.")


def _ensure_ensurepip() -> None:
    if importlib.util.find_spec("ensurepip"):
        return
    if not _may_install():
        _stop("This Python cannot make a virtual environment. As root: apt-get install python3-venv, then start again.")
    _apt("python3-venv")
    importlib.invalidate_caches()
    if not importlib.util.find_spec("ensurepip"):
        _stop(f"python3-venv was installed, but not for {sys.executable}. Start again with /usr/bin/python3.")


def browser() -> str | None:
    """The Chromium that the browser tests drive."""
    return shutil.which(os.environ.get("ADMINUI_CHROMIUM", "chromium"))


def ensure_browser() -> None:
    # Playwright's driver needs libatomic, which a slim Debian lacks.
    if browser() and ctypes.util.find_library("atomic"):
        return
    if _may_install():
        _apt(*BROWSER_PACKAGES)
    elif not browser():
        _say("There is no Chromium here, so the browser tests will be skipped. As root: apt-get install chromium")


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _apt(*packages: str) -> None:
    _say(f"Installing {', '.join(packages)} from Debian …")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    failed = f"apt-get could not install {', '.join(packages)}. Install them by hand and start again."
    _run(["apt-get", "update", "-qq"], failed, quiet)
    _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], failed, quiet)


def _run(command: Sequence[str | Path], failed: str, env: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    if done.returncode:
        _stop(failed)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _stop(sentence: str) -> NoReturn:
    raise SystemExit(sentence)


def demo_environment() -> dict[str, str]:
    """The demo keeps everything of its own in one folder, apart from a real installation's database and connections."""
    folder = Path(os.environ.get("ADMINUI_VAR", BASE / "var")).resolve() / "demo"
    return {
        "ADMINUI_VAR": str(folder),
        "ADMINUI_CONNECTIONS": str(folder / "connections.toml"),
        "DATABASE_URL": f"sqlite:///{folder / 'adminui.sqlite3'}",
    }


def secret_key(file: Path) -> str:
    """Read the key, or make it once: linked into place whole, so two processes that start together agree on one."""
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")  # never there before, so no link to elsewhere
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
            made.write(secrets.token_urlsafe(64))
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_text()


if __name__ == "__main__":
    if not stamped(sys.argv[1]):
        install(sys.argv[1])
