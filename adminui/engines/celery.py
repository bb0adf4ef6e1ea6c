"""Celery, on any broker it knows: `celery -A adminui.engines.celery worker` works, one `beat` beside it sweeps."""

from __future__ import annotations

import os
import threading
from typing import Any, Final

from celery import Celery
from celery.signals import worker_shutting_down

EXPIRES: Final = 60.0  # seconds a message waits for a worker: the sweep sends it again

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adminui.settings")  # for the celery command, which starts here
app = Celery("adminui", set_as_current=False)
app.config_from_object("django.conf:settings", namespace="CELERY")
_ending = threading.Event()


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def _end(**signal: Any) -> None:
    _ending.set()


@app.task(name="adminui.go_on", ignore_result=True)  # type: ignore[untyped-decorator]
def go_on(run_id: int) -> None:
    from adminui.engines import going  # needs Django's apps, which the celery command brings up after this module

    going.go_on(run_id, _ending.is_set)


@app.task(name="adminui.sweep", ignore_result=True)  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Send again what nobody works on."""
    from adminui.services import waking

    for run_id in waking.waiting():
        wake(run_id)


def wake(run_id: int) -> None:
    """One message; without a broker there is none, and the next sweep or worker finds the run."""
    go_on.apply_async((run_id,), retry=False, expires=EXPIRES)
