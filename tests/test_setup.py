"""From a bare machine to a working one."""

import hashlib
import os
import re
import stat
import subprocess
import sys
import threading
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from adminui import bootstrap
from adminui.management.commands.test import pytest_arguments

BASE = Path(__file__).parent.parent
PINNED = sorted((BASE / "requirements").glob("*.txt"))


@pytest.mark.parametrize("file", PINNED, ids=lambda file: file.name)
def test_requirements_are_pinned_hashed_and_name_no_index(file):
    text = file.read_text()
    assert "://" not in text
    lines = text.splitlines()
    assert all(
        re.match(r"[a-z0-9][a-z0-9.-]*(\[[a-z,]+\])?==\S+( ; .+)? \\$|    --hash=sha256:[0-9a-f]{64}( \\)?$", line)
        for line in lines
    )
    assert sum("==" in line for line in lines) > 10


def names_of(file: str) -> dict[str, str]:
    return dict(
        re.findall(r"^([a-z0-9.-]+)(?:\[\w+\])?==(\S+)", (BASE / "requirements" / file).read_text(), re.MULTILINE)
    )


def test_each_level_holds_exactly_what_the_level_before_holds():
    held = [names_of(f"{level}.txt").items() for level in bootstrap.LEVELS]
    assert all(lower <= higher for lower, higher in pairwise(held))


def test_every_requirement_asked_for_is_pinned():
    for level in bootstrap.LEVELS:
        asked = re.findall(r"^([A-Za-z][\w-]*)", (BASE / "requirements" / f"{level}.in").read_text(), re.MULTILINE)
        assert {name.lower() for name in asked} <= names_of(f"{level}.txt").keys()


def test_the_project_asks_for_what_the_requirements_ask_for():
    project = tomllib.loads((BASE / "pyproject.toml").read_text())["project"]
    asked = (BASE / "requirements" / "base.in").read_text().split()
    assert sorted(project["dependencies"], key=str.lower) == sorted(asked, key=str.lower)


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A bootstrap that works on an empty folder instead of this one."""
    (tmp_path / "requirements").mkdir()
    for level in bootstrap.LEVELS:
        (tmp_path / "requirements" / f"{level}.txt").write_text(f"# {level}\n")
    venv = tmp_path / ".venv"
    for name, value in {"VENV": venv, "PYTHON": venv / "bin/python", "REQUIREMENTS": tmp_path / "requirements"}.items():
        monkeypatch.setattr(bootstrap, name, value)
    return tmp_path


def stamp(house: Path, level: str) -> None:
    (house / ".venv").mkdir(exist_ok=True)
    text = (house / "requirements" / f"{level}.txt").read_bytes()
    (house / ".venv" / f".installed-{level}").write_text(hashlib.sha256(text).hexdigest())


def test_a_second_start_installs_nothing_and_a_changed_requirement_installs_again(house):
    assert not bootstrap.stamped("base")
    stamp(house, "base")
    assert bootstrap.stamped("base") and not bootstrap.stamped("test")
    (house / "requirements" / "base.txt").write_text("# changed\n")
    assert not bootstrap.stamped("base")


def test_a_database_server_of_our_own_brings_its_packages_with_it(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert [bootstrap.level_for(command) for command in ("demo", "migrate", "test")] == ["base", "base", "test"]
    monkeypatch.setenv("DATABASE_URL", "postgres://lena@db.example.com/adminui")
    assert [bootstrap.level_for(command) for command in ("demo", "worker", "test")] == ["base", "postgres", "test"]


def test_an_installed_higher_level_serves_a_lower_one(house):
    stamp(house, "lint")
    assert bootstrap.stamped("base") and bootstrap.stamped("test")


def test_installing_makes_the_environment_and_leaves_its_stamp(house):
    bootstrap.install("base")
    assert bootstrap.stamped("base")
    subprocess.run([house / ".venv/bin/python", "-m", "pip", "--version"], check=True, capture_output=True)


def test_a_package_with_another_hash_is_refused_in_one_sentence_and_leaves_no_stamp(house):
    (house / "requirements" / "base.txt").write_text(f"asgiref==3.13.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(SystemExit, match="packages could not be installed"):
        bootstrap.install("base")
    assert not bootstrap.stamped("base")


def test_without_ensurepip_and_without_root_one_sentence_says_what_to_do(house, monkeypatch):
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match="apt-get install python3-venv"):
        bootstrap.install("base")


def test_without_a_browser_and_without_root_the_browser_tests_are_announced_as_skipped(monkeypatch, capsys):
    monkeypatch.setenv("ADMINUI_CHROMIUM", "no-such-browser")
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000)
    bootstrap.ensure_browser()
    assert "browser tests will be skipped" in capsys.readouterr().err


def test_the_secret_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    file = tmp_path / "var" / "secret_key"
    keys: list[str] = []
    threads = [threading.Thread(target=lambda: keys.append(bootstrap.secret_key(file))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(keys)) == 1 and len(keys) == 8 and len(keys[0]) > 60
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(file.parent) == ["secret_key"]


def test_tests_use_several_processors_unless_told_otherwise():
    assert pytest_arguments(["tests/staff"]) == ["-n", "auto", "--maxprocesses=4", "--dist=worksteal", "tests/staff"]
    assert pytest_arguments(["tests/benchmarks", "-s"]) == ["tests/benchmarks", "-s"]
    assert pytest_arguments(["-n", "2"]) == ["-n", "2"]
    assert pytest_arguments(["--pdb"]) == ["--pdb"]


def test_the_demo_keeps_to_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("ADMINUI_VAR", str(tmp_path))
    environment = bootstrap.demo_environment()
    assert all(str(tmp_path / "demo") in value for value in environment.values())


def settings_with(tmp_path: Path, probe: str, **environment: str) -> str:
    """What a fresh process that is not a test run sees in the settings."""
    inherited = {key: value for key, value in os.environ.items() if key not in ("PYTEST_VERSION", "DATABASE_URL")}
    code = f"from adminui import settings; print(({probe}))"
    env = {**inherited, "ADMINUI_VAR": str(tmp_path), **environment}
    done = subprocess.run([sys.executable, "-c", code], cwd=BASE, env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_production_is_the_default(tmp_path):
    assert (
        settings_with(tmp_path, "settings.DEBUG, settings.ALLOWED_HOSTS")
        == "(False, ['localhost', '127.0.0.1', '[::1]'])"
    )
    assert "HashedStaticStorage" in settings_with(tmp_path, "settings.STORAGES")


def test_our_own_database_comes_from_its_url(tmp_path):
    url = "postgres://lena:pw@db.example.com:5433/adminui"
    probe = "[settings.DATABASES['default'].get(key) for key in ('ENGINE', 'HOST', 'PORT', 'TEST')]"
    seen = settings_with(tmp_path, probe, DATABASE_URL=url)
    assert seen == "['django.db.backends.postgresql', 'db.example.com', 5433, None]"


def test_behind_tls_cookies_are_secure(tmp_path):
    probe = "settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SECURE_HSTS_SECONDS > 0"
    assert settings_with(tmp_path, probe, ADMINUI_HTTPS="1") == "(True, True, True)"


@pytest.mark.django_db
def test_our_sqlite_writes_ahead_and_takes_the_write_lock_at_once():
    from django.db import connection

    if connection.vendor != "sqlite":
        pytest.skip("This run uses another database.")
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert cursor.execute("PRAGMA synchronous").fetchone() == (1,)
    assert connection.transaction_mode == "IMMEDIATE"


@pytest.mark.slow
def test_static_files_collect_under_hashed_names(tmp_path):
    inherited = {key: value for key, value in os.environ.items() if key != "PYTEST_VERSION"}
    command = [sys.executable, "manage.py", "collectstatic", "--noinput"]
    env = {**inherited, "ADMINUI_VAR": str(tmp_path)}
    done = subprocess.run(command, cwd=BASE, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "static" / "staticfiles.json").is_file()
