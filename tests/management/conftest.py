"""Commands as a person types them: the exit status, and what is printed to whom."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from adminui.connections import live


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


Manage = Callable[..., Ended]


@pytest.fixture
def manage(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Manage:
    monkeypatch.delenv("ADMINUI_USER", raising=False)
    monkeypatch.setattr(live, "be_patient", lambda seconds: None)  # the tests after this one share the process

    def run(*words: object) -> Ended:
        capsys.readouterr()
        status = 0
        try:
            call_command(*map(str, words))
        except SystemExit as ended:
            status = int(ended.code or 0)
        return Ended(status, *capsys.readouterr())

    return run


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """A file of changes; text is written as it is."""

    def write(content: str | bytes, name: str = "changes.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
