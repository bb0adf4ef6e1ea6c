"""Working through very many small objects that are all kept, without looking for garbage among them meanwhile."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def nothing_collected() -> Iterator[None]:
    """Half a million objects are made here and kept: going through them for garbage took longer than making them.

    What no longer is referred to is freed all the same; only cycles wait.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
