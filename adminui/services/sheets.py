"""Worksheets as things people have: whose they are, what they are called, who shares them and who is there now."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, TypedDict

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from adminui.dialects.errors import RemoteError
from adminui.records.values import storable
from adminui.services import history, homecoming
from adminui.services.catalog import Opened, open_resource
from adminui.services.errors import BadInput, NotThere, Refused
from adminui.services.sheet_rights import may_edit, owns, require_edit, require_owner
from adminui.staff.access import Person
from adminui.worksheets import store
from adminui.worksheets.models import Presence, Worksheet

__all__ = [
    "Companion",
    "choose_columns",
    "discard",
    "find",
    "may_edit",
    "mine",
    "owns",
    "present",
    "rename",
    "require_edit",
    "set_sharing",
    "shared_with",
    "title_for",
    "visited",
    "within_reach",
]

TITLE = 120  # characters of a worksheet's name
LISTED = 50  # of those of others
HERE = timedelta(seconds=15)  # since a page last asked: its person is still there


def title_for(opened: Opened, words: str) -> str:
    """What was chosen, in words that none of the person's worksheets bears yet."""
    words = storable(words)
    words = words if len(words) <= TITLE else f"{words[: TITLE - 1].strip()}…"
    taken = set(
        Worksheet.objects.filter(owner_id=opened.user_id, title__endswith=words).values_list("title", flat=True)
    )
    numbered = (f"({number}) {words}" for number in itertools.count(2))  # in front, where no sidebar cuts it off
    return words if words not in taken else next(each for each in numbered if each not in taken)


def find(user: Person, sheet_id: int) -> tuple[Worksheet, Opened]:
    """A worksheet of the person's own or shared by link, opened with their rights, with what its runs have come to."""
    sheet = within_reach(user).filter(pk=sheet_id).select_related("owner").defer("origin", "operations").first()
    if sheet is None:
        raise _not_there(sheet_id)
    try:
        opened = open_resource(user, sheet.connection, sheet.resource)
    except Refused as error:
        if sheet.owner_id == user.pk:
            raise
        raise _not_there(sheet_id) from error
    homecoming.catch_up(opened, sheet)
    _call(opened, sheet)
    return sheet, opened


def _call(opened: Opened, sheet: Worksheet) -> None:
    """A worksheet goes by what is in it: who may not see that knows it by its number. Nothing of this is saved."""
    hidden = {field.name for field in opened.resource.fields if field.hidden}
    if hidden and not owns(opened, sheet) and hidden & _telling(sheet, opened.resource.title_field):
        sheet.title = f"{opened.resource.label}: worksheet {sheet.pk}"


def _telling(sheet: Worksheet, title_field: str) -> set[str]:
    """The fields that the worksheet's name may tell values of: records' titles, or the filter's conditions."""
    where = sheet.origin.get("where")
    return set(_asked_of(where)) if where is not None else {title_field}


def _asked_of(where: list[Any]) -> Iterator[str]:
    for item in where[1:]:
        if item[0] in ("and", "or"):
            yield from _asked_of(item)
        else:
            yield item[0]


def _not_there(sheet_id: int) -> NotThere:
    return NotThere(f"There is no worksheet {sheet_id} of yours.", "It may have been discarded, or is not shared.")


def within_reach(user: Person) -> QuerySet[Worksheet]:
    """What the person's links lead to, as far as it is the owner's to say."""
    return Worksheet.objects.filter(Q(owner_id=user.pk) | ~Q(sharing=Worksheet.Sharing.NOBODY))


def mine(user: Person) -> QuerySet[Worksheet]:
    found = Worksheet.objects.filter(owner_id=user.pk).order_by("-changed_at")
    return found.defer("origin", "operations", "imported", "missing")


def shared_with(user: Person) -> list[Worksheet]:
    """Those of others that the person has been in, while they are shared and such records are theirs to see."""
    others = within_reach(user).exclude(owner_id=user.pk).filter(present__user_id=_pk(user)).select_related("owner")
    listed = others.defer("origin", "missing", "operations", "imported").order_by("-changed_at")[:LISTED]
    places = {(sheet.connection, sheet.resource) for sheet in listed}
    opened = {place: each for place in places if (each := _remembered(user, *place))}
    found = [sheet for sheet in listed if (sheet.connection, sheet.resource) in opened]
    for sheet in found:
        _call(opened[sheet.connection, sheet.resource], sheet)
    return found


def _remembered(user: Person, connection: str, resource: str) -> Opened | None:
    try:
        return history.remembered(user, connection, resource)
    except (Refused, RemoteError):
        return None


def rename(opened: Opened, sheet: Worksheet, title: str) -> None:
    """Give the worksheet a name of its owner's own. Raises BadInput."""
    require_owner(opened, sheet)
    words = " ".join(storable(title).split())
    if not words:
        raise BadInput("A worksheet needs a name.", "Write one that tells it apart from your others.")
    if len(words) > TITLE:
        raise BadInput(f"A worksheet's name takes {TITLE} characters; this one has {len(words)}.", "Shorten it.")
    sheet.title = words
    sheet.save(update_fields=["title", "changed_at"])


def set_sharing(opened: Opened, sheet: Worksheet, sharing: str) -> None:
    """Whether others who have the link see it, or edit it too; what they see of it is up to their own rights."""
    require_owner(opened, sheet)
    if sharing not in Worksheet.Sharing.values:
        raise BadInput(f"A worksheet cannot be shared as “{sharing}”.", "Choose nobody, to look at, or to edit.")
    sheet.sharing = sharing
    sheet.save(update_fields=["sharing"])


@transaction.atomic
def discard(opened: Opened, sheet: Worksheet) -> None:
    require_owner(opened, sheet)
    store.locked(sheet).delete()  # nobody puts anything into it meanwhile


def choose_columns(opened: Opened, sheet: Worksheet, names: Sequence[str]) -> None:
    """Which fields the worksheet shows besides id and title, in this order."""
    require_edit(opened, sheet)
    known = {f.name for f in opened.resource.visible}
    sheet.columns = [name for name in dict.fromkeys(names) if name in known]
    sheet.save(update_fields=["columns", "changed_at"])


def _pk(user: Person) -> int:
    return int(user.pk or 0)


def visited(sheet: Worksheet, user: Person) -> None:
    """The person has opened it: from now on it is among those shared with them."""
    Presence.objects.bulk_create(
        [Presence(worksheet=sheet, user_id=_pk(user), seen_at=timezone.now())], ignore_conflicts=True
    )


class Companion(TypedDict):
    """Somebody else who is in the worksheet, and where."""

    id: int
    name: str
    row: int | None
    field: str


def present(sheet: Worksheet, user: Person, row: int | None, field: str) -> list[Companion]:
    """Note where the person is, and tell who else is there."""
    now = timezone.now()
    Presence.objects.bulk_create(
        [Presence(worksheet=sheet, user_id=_pk(user), seen_at=now, row=row, field=field[:200])],
        update_conflicts=True,
        unique_fields=["worksheet", "user"],
        update_fields=["seen_at", "row", "field"],
    )
    others = Presence.objects.filter(worksheet=sheet, seen_at__gt=now - HERE).exclude(user_id=_pk(user))
    return [
        {"id": each.user_id, "name": each.user.get_username(), "row": each.row, "field": each.field}
        for each in others.select_related("user").order_by("user_id")
    ]
