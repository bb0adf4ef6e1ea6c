"""Switching off writing to a connection, for everybody and at once: runs of it stop before their next request."""

from __future__ import annotations

from adminui.connections.models import Halt


def halted(connection: str) -> Halt | None:
    return Halt.objects.filter(pk=connection).first()


def halt(connection: str, by: str, why: str = "") -> None:
    Halt.objects.update_or_create(pk=connection, defaults={"by": by, "why": why[:400]})


def allow(connection: str) -> None:
    Halt.objects.filter(pk=connection).delete()
