"""Procrastinate: jobs in our own PostgreSQL. Its worker is `manage.py procrastinate worker`."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.db import transaction
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import JobDeferrer, Status

from adminui.engines import going
from adminui.services import waking

QUEUE = "adminui"


@app.task(name="adminui.go_on", queue=QUEUE, pass_context=True)
def go_on(context: JobContext, run_id: int) -> None:
    going.go_on(run_id, context.should_abort)


@app.periodic(cron=f"* * * * * */{going.SWEEP}")
@app.task(name="adminui.sweep", queue=QUEUE, queueing_lock="adminui.sweep")
async def sweep(timestamp: int) -> None:
    """Send again what nobody works on; jobs of workers that were killed are put away, another does their work."""
    for job in await app.job_manager.get_stalled_jobs(queue=QUEUE):
        if job.id is not None:
            await app.job_manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=True)
    for run_id in await sync_to_async(waking.waiting)():
        try:
            await _message(run_id).defer_async(run_id=run_id)
        except AlreadyEnqueued:
            continue


def wake(run_id: int) -> None:
    try:
        with transaction.atomic():  # or the refusal would spoil the transaction it happens in
            _message(run_id).defer(run_id=run_id)
    except AlreadyEnqueued:
        return


def _message(run_id: int) -> JobDeferrer:
    """Waiting once is enough. A `lock` is what a killed worker's job would hold for ever."""
    return go_on.configure(queueing_lock=f"run-{run_id}")
