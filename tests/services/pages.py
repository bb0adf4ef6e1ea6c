"""Worksheet pages in node, driven a line at a time (tests/js/bridge.mjs); what they ask, the site answers."""

from __future__ import annotations

import base64
import json
import random
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright._impl._driver import compute_driver_executable

BRIDGE = Path(__file__).parents[1] / "js" / "bridge.mjs"


def node() -> str:
    found = shutil.which("node") or compute_driver_executable()[0]
    if not Path(found).exists():
        pytest.skip("There is no node on this machine.")
    return str(found)


class Pages:
    """Pages in node: what they ask is answered by the site itself, or lost on the way."""

    def __init__(self, clients: Mapping[str, Client], taken: Callable[[str, list[str]], None]) -> None:
        self.clients, self.taken = clients, taken
        self.losing = 0.0
        self.dice = random.Random(0)
        self.process = subprocess.Popen([node(), str(BRIDGE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def order(self, page: str, what: str, how: Any = None, **more: Any) -> Any:
        self._write({"page": page, "what": what, "how": how, **more})
        while "ask" in (told := self._read()):
            self._write(self._answer(**told["ask"]))
        return told["done"]

    def _write(self, told: Any) -> None:
        self.process.stdin.write(json.dumps(told) + "\n")
        self.process.stdin.flush()

    def _read(self) -> Any:
        line = self.process.stdout.readline()
        assert line, "The pages broke down; node has said why."
        return json.loads(line)

    def _answer(self, who: str, url: str, data: Any = None) -> dict[str, Any]:
        if data is not None and self.dice.random() < self.losing:
            return {"problem": "The way there is cut."}
        client = self.clients[who]
        response = client.get(url) if data is None else client.post(url, data, content_type="application/json")
        assert response.status_code == 200, response.content
        if data is not None:
            self.taken(who, [step["token"] for step in data["steps"]])
            if self.dice.random() < self.losing:
                return {"problem": "The answer was lost."}
        if response.streaming:
            return {"answer": base64.b64encode(b"".join(response.streaming_content)).decode()}
        return {"answer": response.json()}

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()
