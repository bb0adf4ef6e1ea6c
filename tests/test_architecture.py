"""The import directions are law."""

import subprocess
import sys
from pathlib import Path

BASE = Path(__file__).parent.parent


def test_every_import_contract_is_kept():
    command = [Path(sys.executable).parent / "lint-imports", "--no-cache"]
    done = subprocess.run(command, cwd=BASE, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_bootstrap_needs_only_the_standard_library():
    """Imported by a bare python3: isolated, without any site packages."""
    probe = f"import sys; sys.path.insert(0, {str(BASE)!r}); import adminui.bootstrap"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", probe], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
