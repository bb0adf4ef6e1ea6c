"""The page's scripts that know no page: run by node, the machine's own or the one that Playwright brings."""

import subprocess
from pathlib import Path

import pytest

from tests.services.pages import node

FILES = sorted((Path(__file__).parent / "js").glob("*.test.mjs"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_scripts_hold_what_their_tests_say(file: Path):
    done = subprocess.run([node(), "--test", str(file)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
