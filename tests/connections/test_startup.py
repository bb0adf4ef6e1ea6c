"""A mistake in connections.toml stops the commands that need it, in plain words, and no others."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks

BASE = Path(__file__).parents[2]


@pytest.fixture
def manage(tmp_path):
    (tmp_path / "connections.toml").write_text('[connections.x]\ndialect = "bzz"\nbase_url = "https://a.example"\n')
    inherited = {k: v for k, v in os.environ.items() if k not in ("PYTEST_VERSION", "DATABASE_URL")}
    ours = {"ADMINUI_VAR": str(tmp_path), "ADMINUI_CONNECTIONS": str(tmp_path / "connections.toml")}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=BASE, env=inherited | ours, capture_output=True, text=True, timeout=120)

    return run


def test_check_and_worker_name_each_mistake_without_a_traceback(manage):
    for command in ("check", "worker"):
        done = manage(command, *(["--once"] if command == "worker" else []))
        assert done.returncode == 1
        assert "connections.toml, line 2: “dialect” must be one of: buzz, autotask; not “bzz”" in done.stderr
        assert "connections.toml, line 1: “environment” is missing" in done.stderr
        assert "Traceback" not in done.stderr


def test_migrating_goes_on(manage):
    done = manage("migrate", "--verbosity", "0")
    assert done.returncode == 0, done.stderr


def test_a_file_without_mistakes_passes(configure):
    configure("")
    assert [found for found in run_checks() if found.id == "connections.E001"] == []
