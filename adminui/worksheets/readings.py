"""The lease on a reading: of many workers one reads a worksheet, and keeps only what it read while it was the one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from adminui.worksheets import store
from adminui.worksheets.models import Chunk, Worksheet

LEASE = timedelta(seconds=settings.ADMINUI_LEASE)
State = Worksheet.State
UNDER_WAY = (State.READING, State.REFRESHING)


class Lost(Exception):
    """Somebody else reads this worksheet by now, or it is gone: nothing more of it may be kept here."""


def claim(owner: str) -> Worksheet | None:
    """Take the reading that waits longest, or whose reader's lease ran out; of two who try at once, one gets it."""
    now = timezone.now()
    free = Q(state__in=UNDER_WAY) & (Q(reader="") | Q(lease_until__lt=now))
    for pk in Worksheet.objects.filter(free).order_by("pk").values_list("pk", flat=True)[:10]:
        taken = Worksheet.objects.filter(free, pk=pk).update(
            reader=owner, lease_until=now + LEASE, started_at=Coalesce("started_at", now)
        )
        if taken:
            return Worksheet.objects.select_related("owner").get(pk=pk)
    return None


def taken(owner: str) -> dict[str, Any]:
    """What a worksheet says that is read by who makes it."""
    now = timezone.now()
    return {"reader": owner, "lease_until": now + LEASE, "started_at": now}


def renew(sheet: Worksheet) -> bool:
    return _tell(sheet)


def tell(sheet: Worksheet, **values: Any) -> None:
    """Write down how far the reading is, and hold it for another LEASE. Raises Lost."""
    if not _tell(sheet, **values):
        raise Lost


def _tell(sheet: Worksheet, **values: Any) -> bool:
    return bool(_mine(sheet).update(lease_until=timezone.now() + LEASE, **values))


def _mine(sheet: Worksheet) -> QuerySet[Worksheet]:
    return Worksheet.objects.filter(pk=sheet.pk, reader=sheet.reader, state__in=UNDER_WAY)


def cancel_asked(sheet: Worksheet) -> bool:
    return _mine(sheet).filter(cancel_asked=True).exists()


@transaction.atomic
def keep(sheet: Worksheet, part: int, chunks: Mapping[str, bytes], *, staged: bool = False, **values: Any) -> None:
    """Keep a part together with what it makes true of the worksheet. Raises Lost."""
    tell(sheet, **values)
    store.write_chunks(sheet, part, chunks, staged=staged)


@transaction.atomic
def done(sheet: Worksheet, **values: Any) -> None:
    """The reading is over and the worksheet ready. Raises Lost."""
    now = timezone.now()
    over = {"state": State.READY, "reader": "", "cancel_asked": False, "read_at": now, "changed_at": now}
    tell(sheet, **over, **values)
    Worksheet.objects.filter(pk=sheet.pk).update(lease_until=None)


@transaction.atomic
def stop(sheet: Worksheet, why: str) -> None:
    """Not read to its end; the parts that are whole are kept. One that was being read again stays as it was."""
    state = State.READY if sheet.state == State.REFRESHING else State.STOPPED
    stopped = _mine(sheet).update(
        state=state, problem=why, reader="", cancel_asked=False, progress=F("rows"), lease_until=timezone.now()
    )
    if stopped:
        Chunk.objects.filter(worksheet=sheet, staged=True).delete()


def hand_over(sheet: Worksheet) -> None:
    """This process stops: the next worker goes on."""
    _mine(sheet).update(reader="", lease_until=None)


@transaction.atomic
def go_on(sheet: Worksheet) -> bool:
    """Have a stopped reading taken up again. The time it lay does not count as time spent reading."""
    held = store.locked(sheet)
    if held.state != State.STOPPED:
        return False
    now = timezone.now()
    if held.started_at and held.lease_until:
        held.started_at += max(now - held.lease_until, timedelta())
    held.state, held.problem, held.cancel_asked, held.reader, held.lease_until = State.READING, "", False, "", None
    held.save(update_fields=["state", "problem", "cancel_asked", "reader", "lease_until", "started_at"])
    return True


def cancel(sheet: Worksheet, why: str) -> None:
    """Ask whoever reads to stop; where nobody does, it is stopped."""
    under_way = Worksheet.objects.filter(pk=sheet.pk, state__in=UNDER_WAY)
    if under_way.filter(Q(reader="") | Q(lease_until__lt=timezone.now())).exists():
        sheet.refresh_from_db()
        stop(sheet, why)
    else:
        under_way.update(cancel_asked=True)


def begin_again(sheet: Worksheet, reader: str) -> bool:
    """Put a ready worksheet into the state of being read again; False when it is not ready."""
    now = timezone.now()
    return bool(
        Worksheet.objects.filter(pk=sheet.pk, state=State.READY).update(
            state=State.REFRESHING,
            reader=reader,
            lease_until=now + LEASE if reader else None,
            started_at=now if reader else None,
            progress=0,
            problem="",
            cancel_asked=False,
        )
    )
