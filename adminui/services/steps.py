"""The log of a worksheet: every change of its marks is one numbered step, from which pages and histories learn."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, Literal, TypeAlias, TypedDict
from uuid import UUID, uuid4

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.utils import timezone

from adminui.records.values import readable
from adminui.services.catalog import Opened
from adminui.worksheets import store
from adminui.worksheets.models import Step, Worksheet

Edit: TypeAlias = str | Literal[False] | None  # text as in an editor, null, or no edit at all

TYPED: Final = frozenset({"edit", "paste", "fill", "clear", "shared", "import"})
CLEANED: Final = frozenset({"clean", "recipe", "rearranged", "import"})  # made on the server, never by a page itself
TURNS: Final = frozenset({"undo", "redo"})
NOT_UNDONE: Final = TURNS | {"applied", "refreshed"}  # nobody's to undo: they are undone by going on, or not at all


class Cells(TypedDict, total=False):
    """What a step did to one field; `words` say, by place in `rows`, why a value cannot be sent."""

    rows: list[int]
    before: list[Edit]
    after: list[Edit]
    words: dict[str, str]


class Reload(TypedDict, total=False):
    """What a page has to load again, where cells alone do not tell."""

    marks: bool
    chunks: dict[str, list[int]]


class Was(TypedDict):
    """What a field's baseline was, as an edit, before a run made other values the baseline."""

    rows: list[int]
    was: list[str | None]


class Turned(TypedDict):
    """A worksheet's list of operations as a step found and left it."""

    before: list[dict[str, Any]]
    after: list[dict[str, Any]]


class Content(TypedDict, total=False):
    """A step's data. `turn` is the step that did this one last, where it was undone or done again; `of` the one that
    this step undid or did again; `speaks` names fields beside those of its cells, which its label may tell of.
    """

    cells: dict[str, Cells]
    reload: Reload | None
    base: dict[str, Was]
    left: int
    turn: int
    of: int
    speaks: list[str]
    operations: Turned | None


def record(
    opened: Opened,
    sheet: Worksheet,
    kind: str,
    label: str,
    *,
    cells: Mapping[str, Cells] | None = None,
    reload: Reload | None = None,
    base: Mapping[str, Was] | None = None,
    left: int = 0,
    token: UUID | None = None,
    user: AbstractBaseUser | None = None,
    user_name: str = "",
    operations: Turned | None = None,
    of: int | None = None,
    speaks: Iterable[str] = (),
) -> Step:
    """Write the next step down, within the caller's transaction. It is the opener's unless `user_name` says whose."""
    held = store.locked(sheet)
    content: Content = {"cells": dict(cells or {}), "reload": reload, "base": dict(base or {}), "left": left}
    if operations is not None:
        content["operations"] = operations
    if of is not None:
        content["of"] = of
    if listed := sorted(speaks):
        content["speaks"] = listed
    step = Step.objects.create(
        worksheet=held,
        number=held.version + 1,
        token=token or uuid4(),
        kind=kind,
        label=readable(label[:200]).replace("\0", ""),  # as every database keeps it
        user_id=(user.pk if user else None) if user_name else opened.user.pk,
        user_name=user_name or opened.user.get_username(),
        cells=sum(map(changed_in, content["cells"].values())),
        data=store.to_gzip(content),
    )
    Worksheet.objects.filter(pk=held.pk).update(version=step.number, changed_at=timezone.now())
    sheet.version, sheet.baseline = step.number, held.baseline
    return step


def changed_in(cells: Cells) -> int:
    """Cells that are another than before; a step also tells of those that came out otherwise than they were typed."""
    return sum(before != after for before, after in zip(cells["before"], cells["after"], strict=True))


def content(step: Step) -> Content:
    found: Content = store.from_gzip(bytes(step.data))
    return found


def taken(sheet: Worksheet, token: UUID) -> Step | None:
    """The step of this token, if it was taken already."""
    return Step.objects.filter(worksheet=sheet, token=token).first()


def last_to_undo(sheet: Worksheet, user_id: int) -> Step | None:
    return _mine(sheet, user_id).filter(undone=False).order_by("-number").first()


def next_to_redo(sheet: Worksheet, user_id: int) -> Step | None:
    """What was undone last is the oldest of what is undone."""
    return _mine(sheet, user_id).filter(undone=True, dropped=False).order_by("number").first()


def drop_redo(sheet: Worksheet, user_id: int) -> None:
    _mine(sheet, user_id).filter(undone=True, dropped=False).update(dropped=True)


def _mine(sheet: Worksheet, user_id: int) -> QuerySet[Step]:
    found = Step.objects.filter(worksheet=sheet, user_id=user_id, cells__gt=0)
    return found.exclude(kind__in=NOT_UNDONE)


def turned(step: Step) -> tuple[Step, Content]:
    """What undoing or redoing has to turn round: the step itself, or what did it last."""
    held = content(step)
    if "turn" not in held:
        return step, held
    last = Step.objects.get(worksheet_id=step.worksheet_id, number=held["turn"])
    return last, content(last)


def turn(step: Step, by: Step, *, undone: bool) -> None:
    """The step is undone, or done again, by another."""
    step.data = store.to_gzip({**content(step), "turn": by.number})
    step.undone = undone
    step.save(update_fields=["data", "undone"])


def applied_since(sheet: Worksheet, number: int, fields: Collection[str]) -> dict[str, dict[int, str | None]]:
    """Field → row → what the baseline was then, for what runs have made another since that step."""
    found: dict[str, dict[int, str | None]] = {name: {} for name in fields}
    for step in Step.objects.filter(worksheet=sheet, kind="applied", number__gt=number).order_by("-number"):
        for name, was in _base_of(step, fields):
            found[name].update(zip(was["rows"], was["was"], strict=True))
    return found


def _base_of(step: Step, fields: Collection[str]) -> Iterable[tuple[str, Was]]:
    return ((name, was) for name, was in content(step).get("base", {}).items() if name in fields)
