"""Quality rules of a resource: kept by name, counted in a worksheet, remembered so that they make a trend.

A count that is remembered is of the records as they were read: a pending edit mends nothing before it is sent. It is
kept when it differs from the last one of its rule and worksheet, or is the first of its day; of a day a worksheet
keeps the first count and the last, so that work in between leaves one line downward and not a thousand points.
`whole` says that the worksheet held every record of the resource.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from adminui.records.casting import Invalid
from adminui.records.cleaning import quality
from adminui.records.cleaning.quality import Ready
from adminui.records.values import MaybeValue, storable
from adminui.services.bench.frames import Frame, frames, input_of
from adminui.services.bench.ruling import broken, ready
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput, NotThere
from adminui.services.scope import ranges_of
from adminui.worksheets.models import Rule, RuleCount, Worksheet

NAME: Final = 100  # characters
MOST_RULES: Final = 200  # of a resource
EXAMPLES: Final = 5  # rows that a rule is shown by before it is saved


@dataclass(frozen=True)
class Kept:
    """A saved rule with what it means now; without `ready` it makes no sense any more, for the reason in `problem`."""

    rule: Rule
    ready: Ready | None
    problem: str = ""

    @property
    def words(self) -> str:
        return self.ready.words if self.ready else self.problem


@dataclass(frozen=True)
class Counted:
    """How many rows of a worksheet break a rule, with pending edits in, and as they were read. None: unknown."""

    kept: Kept
    hits: int | None
    read: int | None
    note: str = ""


@dataclass(frozen=True)
class Counts:
    """All rules counted in a worksheet; `rows` break at least one of them."""

    rules: tuple[Counted, ...]
    rows: int


def listed(opened: Opened) -> list[Kept]:
    """The rules of a resource, but for those on fields that this person may not see."""
    held = Rule.objects.filter(connection=opened.connection.name, resource=opened.resource.name)
    return [_kept(opened, rule) for rule in held if not _unseen(opened, rule)]


def number(opened: Opened) -> int:
    """How many rules there are for this person."""
    return len(listed(opened))


def as_rule(rule: Rule) -> quality.Rule:
    return quality.Rule(rule.kind, rule.field, rule.params)


def _unseen(opened: Opened, rule: Rule) -> bool:
    fields = (opened.resource.by_name.get(name) for name in as_rule(rule).reads)
    return any(field is not None and field.hidden for field in fields)


def _kept(opened: Opened, rule: Rule) -> Kept:
    try:
        return Kept(rule, quality.ready(opened.resource, as_rule(rule)))
    except Invalid as error:
        return Kept(rule, None, str(error))


def find(opened: Opened, rule_id: int) -> Kept:
    """Raises NotThere."""
    found = next((kept for kept in listed(opened) if kept.rule.pk == rule_id), None)
    if found is None:
        raise NotThere("There is no such rule any more.", "Somebody may have deleted it: reload the page.")
    return found


def save(opened: Opened, name: str, rule: quality.Rule, rule_id: int | None = None) -> Kept:
    """Keep a rule under a name, or in place of an older one; one that means something else starts its trend anew."""
    opened.require("edit")
    name = _name(name)
    made = ready(opened, rule)
    with transaction.atomic():
        held = find(opened, rule_id).rule if rule_id is not None else _new(opened)
        _free(opened, name, held)
        anew = held.pk is not None and (held.kind, held.field, held.params) != _parts(made)
        held.name, (held.kind, held.field, held.params) = name, _parts(made)
        held.owner_name = opened.user.get_username()
        _write(held)
        if anew:
            held.counts.all().delete()
    return Kept(held, made)


def _name(text: str) -> str:
    name = " ".join(storable(text).split())
    if not name:
        raise BadInput("A rule needs a name.", "Write one that says what should hold.")
    if len(name) > NAME:
        raise BadInput(f"A rule's name takes {NAME} characters; this one has {len(name)}.", "Shorten it.")
    return name


def _parts(made: Ready) -> tuple[str, str, dict[str, object]]:
    return made.rule.kind, made.rule.field, dict(made.rule.params)


def _new(opened: Opened) -> Rule:
    here = {"connection": opened.connection.name, "resource": opened.resource.name}
    if Rule.objects.filter(**here).count() >= MOST_RULES:
        raise BadInput(f"{opened.resource.label} have {MOST_RULES} rules already.", "Delete some first.")
    return Rule(**here)


def _free(opened: Opened, name: str, held: Rule) -> None:
    same = Rule.objects.filter(connection=held.connection, resource=held.resource, name=name).exclude(pk=held.pk)
    if same.exists():
        raise BadInput(f"{opened.resource.label} have a rule “{name}” already.", "Choose another name.")


def _write(held: Rule) -> None:
    try:
        held.save()
    except IntegrityError:
        raise BadInput(f"There is a rule “{held.name}” already.", "Choose another name.") from None


def delete(opened: Opened, rule_id: int) -> None:
    """The rule with its trend."""
    opened.require("edit")
    find(opened, rule_id).rule.delete()


def counts(opened: Opened, sheet: Worksheet) -> Counts:
    """Every rule counted in all rows of the worksheet."""
    rules = listed(opened)
    names = {name for kept in rules if kept.ready for name in kept.ready.rule.reads}
    held = frames(sheet, range(sheet.rows), [opened.resource.by_name[name] for name in sorted(names)])
    found = [_counted(opened, kept, held) for kept in rules]
    return Counts(tuple(counted for counted, _ in found), _union([masks for _, masks in found if masks]))


def _counted(opened: Opened, kept: Kept, held: Sequence[Frame]) -> tuple[Counted, list[bytes]]:
    if kept.ready is None:
        return Counted(kept, None, None, kept.problem), []
    edited = any(frame.columns[name].edits for frame in held for name in kept.ready.rule.reads)
    try:
        now = broken(opened, kept.ready, held)
        read = broken(opened, kept.ready, held, base=True) if edited else now
    except BadInput as error:
        return Counted(kept, None, None, error.message), []
    return Counted(kept, _total(now.masks), _total(read.masks), now.note), now.masks


def _total(masks: Iterable[bytes]) -> int:
    return sum(mask.count(1) for mask in masks)


def _union(each: Sequence[Sequence[bytes]]) -> int:
    """Rows that break at least one rule."""
    total = 0
    for masks in zip(*each, strict=True):
        together = 0
        for mask in masks:
            together |= int.from_bytes(mask, "little")
        total += together.bit_count()
    return total


@dataclass(frozen=True)
class Breach:
    """One row that breaks a rule, with the values that do and why."""

    row: int
    id: MaybeValue
    value: MaybeValue
    why: str


@dataclass(frozen=True)
class Breaches:
    """Which rows break a rule, and the first of them in words."""

    ready: Ready
    rows: tuple[int, ...]
    of: int
    first: tuple[Breach, ...]
    note: str

    @property
    def ranges(self) -> str:
        return ranges_of(self.rows)


def breaches(opened: Opened, sheet: Worksheet, rule: quality.Rule, most: int = EXAMPLES) -> Breaches:
    """The rows that break a rule, saved or not. Raises BadInput."""
    made = ready(opened, rule)
    names = dict.fromkeys((*made.rule.reads, opened.resource.id_field))
    held = frames(sheet, range(sheet.rows), [opened.whole.by_name[name] for name in names])
    found = broken(opened, made, held)
    each = [(frame, at) for frame, mask in zip(held, found.masks, strict=True) for at, flag in enumerate(mask) if flag]
    first = tuple(_breach(opened, made, frame, at) for frame, at in each[:most])
    return Breaches(made, tuple(frame.rows[at] for frame, at in each), sheet.rows, first, found.note)


def _breach(opened: Opened, made: Ready, frame: Frame, at: int) -> Breach:
    def held(name: str) -> MaybeValue:
        column = frame.columns[name]
        return input_of(column, column.codes[at])

    values = [held(name) for name in made.rule.reads]
    words = f"There is no {made.field.reference} {values[0]}" if made.asks else made.why(values[0], values[-1])
    return Breach(frame.rows[at], held(opened.resource.id_field), values[0], words)


def remember(sheet: Worksheet, counted: Counts) -> None:
    """Keep what the rules came to, as the module's docstring says. Reading has to be over."""
    if sheet.state != Worksheet.State.READY or not sheet.rows:
        return
    for each in counted.rules:
        if each.read is not None and not each.note:
            _remember(sheet, each.kept.rule, each.read)


def _remember(sheet: Worksheet, rule: Rule, hits: int) -> None:
    now, new = timezone.now(), {"rows": sheet.rows, "hits": hits, "whole": is_whole(sheet)}
    held = list(rule.counts.filter(worksheet=sheet.pk).order_by("-at")[:2])
    today = [count for count in held if count.at.date() == now.date()]
    if today and all(getattr(today[0], name) == value for name, value in new.items()):
        return
    if len(today) > 1:
        RuleCount.objects.filter(pk=today[0].pk).update(at=now, **new)
    else:
        RuleCount.objects.create(rule=rule, worksheet=sheet.pk, **new)


def is_whole(sheet: Worksheet) -> bool:
    """Whether the worksheet holds every record there is: everything that matches no filter at all, all of it read."""
    where = sheet.origin.get("where")
    asked = isinstance(where, list) and len(where) == 1
    return asked and not sheet.problem and sheet.rows == sheet.expected
