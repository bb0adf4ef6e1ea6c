"""Telling workers that a run waits. They look by themselves, several times a second: a call lost costs nothing."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from adminui.runs.models import Run

MOST = 1_000  # messages of one sweep


def wake(run_id: int) -> None:
    """A run is there to be taken, or to be gone on with. An engine hears of it once that is committed; one that cannot
    be reached is logged and changes nothing.
    """
    if settings.ADMINUI_WAKE:
        engine = import_module(f"adminui.engines.{settings.ADMINUI_WAKE}")

        def tell() -> None:  # a partial has no name, by which Django would log its failure
            engine.wake(run_id)

        transaction.on_commit(tell, robust=True)


def waiting() -> list[int]:
    """The runs that somebody should go on with: queued and due, or left by a worker that fell silent."""
    now = timezone.now()
    due = Q(state=Run.State.QUEUED) & (Q(due_at=None) | Q(due_at__lte=now))
    left = Q(state=Run.State.RUNNING, lease_until__lt=now)
    return list(Run.objects.filter(due | left).order_by("pk").values_list("pk", flat=True)[:MOST])
