"""Runs come home to their worksheet: what is stored becomes the baseline, the rest keeps its edit with the words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from adminui.dialects.errors import RemoteError
from adminui.planning.explain import counted
from adminui.planning.outcomes import SETTLED_WELL, Outcome
from adminui.records.casting import to_text
from adminui.records.documents import change_from_data
from adminui.records.packing import to_wire
from adminui.records.schema import Resource
from adminui.records.values import MISSING, MaybeValue, Value
from adminui.runs.models import Item, Run
from adminui.services.catalog import Opened, open_resource
from adminui.services.errors import Refused
from adminui.services.marking import Place, Typed, about, marked, typed
from adminui.services.steps import Edit, Reload, Was, record
from adminui.services.uncollected import nothing_collected
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet
from adminui.worksheets.store import Mark


def absorb(run: Run) -> None:
    """Bring an ended run's outcomes home. Where that cannot be now, the worksheet catches up when it is opened."""
    sheet = Worksheet.objects.filter(pk=run.plan.worksheet or 0).select_related("owner").first()
    if sheet is None:
        return
    try:
        opened = open_resource(sheet.owner, sheet.connection, sheet.resource)
    except (Refused, RemoteError):
        return  # its owner may not see it any more, or the API is down
    catch_up(opened, sheet)


def catch_up(opened: Opened, sheet: Worksheet) -> None:
    """Bring home what the worksheet's runs came to, each run once, in the order they ended."""
    ended = Run.objects.filter(absorbed=False, state__in=(Run.State.FINISHED, Run.State.STOPPED))
    for run in ended.filter(plan__worksheet=sheet.pk).select_related("user").order_by("finished_at", "pk"):
        _absorb(opened, sheet, run)


@dataclass(frozen=True)
class Fate:
    """What a run came to in one cell. `now` holds what is stored there, if that is known; `words` are None where
    nothing was said of this cell.
    """

    run: int
    outcome: Outcome
    tried: Value
    now: tuple[MaybeValue, ...]
    words: tuple[str, ...] | None
    clash: bool = False

    @property
    def done(self) -> bool:
        return self.outcome in SETTLED_WELL

    @property
    def said(self) -> Mark:
        mark: Mark = {"o": self.outcome.value, "r": self.run}
        if self.words:
            mark["m"] = list(self.words)
        return mark


_Fates = Mapping[str, Sequence[tuple[str, Fate]]]  # by record: each field that was tried, and what came of it


@nothing_collected()
def _absorb(opened: Opened, sheet: Worksheet, run: Run) -> None:
    """By the API's own fields: whose rights the worksheet is opened with makes no difference to what came home.

    What came of a run that is over is read before anything is locked: on SQLite nobody else writes from then on.
    """
    settled = (item for item in run.items.iterator(chunk_size=2_000) if not item.open)
    found = {item.record_id: list(_fates(opened.whole, item)) for item in settled}
    _take_home(opened, sheet, run, found)


@transaction.atomic
def _take_home(opened: Opened, sheet: Worksheet, run: Run, found: _Fates) -> None:
    if not Run.objects.filter(pk=run.pk, absorbed=False).update(absorbed=True):
        return
    held = store.locked(sheet)
    rows = store.rows_of(held, opened.whole.id_field, found)
    homes: dict[store.Place, list[tuple[int, Fate]]] = {}
    for record_id, row in rows.items():
        part = store.part_of(row)
        for name, fate in found[record_id]:
            homes.setdefault((name, part), []).append((row, fate))
    chunks: dict[str, list[int]] = {}
    base: dict[str, Was] = {}
    for (name, part), fates in homes.items():
        home = _Home(Place(opened.whole, held, name, part, held.version + 1))
        if home.take(fates):
            chunks.setdefault(name, []).append(part)
        was = base.setdefault(name, {"rows": [], "was": []})
        was["rows"] += home.was
        was["was"] += home.was.values()
    if chunks:
        store.baseline_changed(held)
    reload: Reload = {"marks": True, "chunks": chunks}
    label = f"Run {run.pk}: {counted(len(rows), 'row')} came home"
    record(opened, sheet, "applied", label, reload=reload, base=base, user=run.user, user_name=run.user_name)


def _fates(resource: Resource, item: Item) -> Iterable[tuple[str, Fate]]:
    """Of each field that was tried and that the API still has."""
    outcome = Outcome(item.outcome)
    changes = [change for change in item.row().changes if change.field in resource.by_name]
    now: dict[str, MaybeValue] = {c.field: c.after for c in changes} if outcome in SETTLED_WELL else {}
    now |= item.stored
    clashes: dict[str, MaybeValue] = {}
    if outcome is Outcome.CONFLICT:
        clashes = {name: change_from_data(data).before for name, data in item.theirs.items()}
        now |= clashes
    words = _words(resource, item, [change.field for change in changes], clashes)
    for change in changes:
        name = change.field
        known = (now[name],) if name in now else ()
        yield name, Fate(item.run_id, outcome, change.after, known, words.get(name), name in clashes)


def _words(
    resource: Resource, item: Item, tried: Iterable[str], clashes: Mapping[str, MaybeValue]
) -> Mapping[str, tuple[str, ...]]:
    """What the API said of each field; where it named none that was tried, what it said of the record, on all."""
    if clashes:
        return {name: (f"Somebody else set this to {_said(value)} meanwhile.",) for name, value in clashes.items()}
    if named := {name: tuple(item.by_field[name]) for name in tried if name in item.by_field}:
        return named
    fields = ((resource.by_name.get(name), said) for name, said in item.by_field.items())
    others = [about(field) + word for field, said in fields if field and not field.hidden for word in said]
    return {name: (*item.messages, *others) for name in tried}


def _said(value: MaybeValue) -> str:
    if value is None or value is MISSING:
        return "null"
    return f"“{value}”" if isinstance(value, str) else str(value)


class _Home:
    """One part of one column taking in what became of its cells."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.was: dict[int, str | None] = {}  # what the baseline was, as an edit, where the edit became the baseline
        self._known: dict[tuple[Edit, str], Typed] = {}

    def take(self, fates: Iterable[tuple[int, Fate]]) -> bool:
        """Whether the baseline is another than before."""
        changed: dict[int, MaybeValue] = {}
        for row, fate in fates:
            old = self.place.base(row)
            now = fate.now[0] if fate.now else old
            if to_wire(now) != to_wire(old):
                changed[row - self.place.first] = now
            self.place.set(row, self._mark(row, fate, old, now))
        self.place.keep()
        if changed:
            column = self.place.baseline.changed(changed)
            store.write_columns(self.place.sheet, self.place.part, {self.place.field: column})
        return bool(changed)

    def _mark(self, row: int, fate: Fate, old: MaybeValue, now: MaybeValue) -> Mark | None:
        before = self.place.marks.get(row)
        raw = self.place.edit(row)
        edit, words = self._typed(now, raw)
        came_to_be = raw is not False and edit is False and not fate.clash
        if fate.done or came_to_be:
            self.was[row] = self._as_edit(old)
        if fate.clash:
            return self._clashing(fate, old, edit, words, before)
        if edit is False:
            # Where the record was refused but this value is there all the same, that is done.
            return fate.said if fate.done else {"o": Outcome.DONE.value, "r": fate.run} if came_to_be else before
        kept = marked(None if fate.done else before, edit, words, _step(before, self.place.number))
        if kept and not fate.done and fate.words is not None and self._as_tried(fate, raw):
            kept |= fate.said
        return kept

    def _typed(self, now: MaybeValue, raw: Edit) -> Typed:
        """Each distinct edit of each distinct text is cast once."""
        if not isinstance(now, str):
            return typed(self.place.resource, self.place.field, now, raw)
        found = self._known.get((raw, now))
        if found is None:
            found = self._known[raw, now] = typed(self.place.resource, self.place.field, now, raw)
        return found

    def _clashing(self, fate: Fate, old: MaybeValue, edit: Edit, words: str, before: Mark | None) -> Mark:
        """Theirs is the baseline from here on, and an edit waits for somebody to say which is to stand."""
        kept = marked(None, edit, words, _step(before, self.place.number))
        return {**kept, **fate.said, "t": to_wire(old), "c": True} if kept else {"t": to_wire(old)}

    def _as_tried(self, fate: Fate, raw: Edit) -> bool:
        """Whether the edit is still what the run tried; of what was typed since, the API has said nothing."""
        return typed(self.place.resource, self.place.field, fate.tried, raw)[0] is False

    def _as_edit(self, value: MaybeValue) -> str | None:
        field = self.place.resource.by_name[self.place.field]
        return None if value is None or value is MISSING else to_text(field, value)


def _step(mark: Mark | None, otherwise: int) -> int:
    return mark.get("s", otherwise) if mark else otherwise
