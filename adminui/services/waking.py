"""Telling workers that a run waits. They look by themselves, several times a second: a call lost costs nothing."""

from __future__ import annotations


def wake(run_id: int) -> None:
    """A run is there to be taken, or to be gone on with."""
