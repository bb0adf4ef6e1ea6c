"""What somebody wants of a worksheet as a file, as a page or a command says it: rows, columns, values, form."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from adminui.planning.outcomes import TO_FIX
from adminui.records.schema import Field
from adminui.services import views
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput, NotAllowed
from adminui.services.files.laying import Values, Wanted
from adminui.services.scope import Ranges, rows_in
from adminui.worksheets import store
from adminui.worksheets.models import Marks, Worksheet
from adminui.worksheets.store import Mark

DELIMITERS: Final = {"comma": ",", "semicolon": ";", "tab": "\t"}
FORMS: Final = ("csv", "xlsx")


def wanted(opened: Opened, data: Mapping[str, Any], shown: Sequence[str]) -> Wanted:
    """The file that is described; `shown` are the columns that it has unless others are named. Raises BadInput."""
    opened.require("view")
    form, delimiter = str(data.get("form") or "csv"), str(data.get("delimiter") or "comma")
    values = str(data.get("values") or Values.NOW)
    if form not in FORMS or delimiter not in DELIMITERS or values not in list(Values):
        raise BadInput("There is no such kind of file.", "Reload the page.")
    return Wanted(
        fields=fields_of(opened, _names(opened, data, shown)),
        form=form,
        values=Values(values),
        delimiter=DELIMITERS[delimiter],
        mark=bool(data.get("mark")),
        formulas=bool(data.get("formulas")),
        labels=bool(data.get("labels")),
        means=bool(data.get("means")),
        words=bool(data.get("words")),
    )


def _names(opened: Opened, data: Mapping[str, Any], shown: Sequence[str]) -> Sequence[str]:
    which = data.get("columns") or "shown"
    if which == "all":
        return [field.name for field in opened.resource.visible]
    if which == "shown":
        return shown
    names = data.get("names")
    if not isinstance(names, list) or not names:
        raise BadInput("No column is chosen.", "Tick at least one, or take those shown.")
    return [str(name) for name in names]


def fields_of(opened: Opened, names: Iterable[str]) -> tuple[Field, ...]:
    """The id and these fields, each once. Hidden ones are not there. Raises BadInput, and NotAllowed without ids."""
    resource = opened.resource
    key = resource.by_name[resource.id_field]
    if key.hidden:
        raise NotAllowed(f"You may not see the ids of {resource.label}.", "Without them no file could come back.")
    seen = {field.name: field for field in resource.visible}
    asked = list(dict.fromkeys([key.name, *names]))
    if unknown := [name for name in asked if name not in seen]:
        raise BadInput(f"{resource.label} have no field “{unknown[0][:80]}”.", "Leave it out, or choose another.")
    return tuple(seen[name] for name in asked)


def shown_in(opened: Opened, sheet: Worksheet) -> list[str]:
    """The columns of a worksheet: id and title, then those chosen."""
    fields = [*views.frozen(opened), *views.columns(opened, sheet.columns)]
    return list(dict.fromkeys(field.name for field in fields if not field.hidden))


def rows_of(opened: Opened, sheet: Worksheet, which: str, ranges: str) -> Sequence[int]:
    """The rows meant: `rows` as the page writes them, those with pending edits, those that failed, or all."""
    if which == "rows":
        return rows_in(sheet, {"rows": ranges})
    if which == "all":
        return range(sheet.rows)
    if which not in _HAVING:
        raise BadInput("Which rows are meant cannot be read.", "Reload the page and choose them again.")
    return _having(opened, sheet, which)


def _changed(mark: Mark) -> bool:
    return "e" in mark


def _failed(mark: Mark) -> bool:
    return "e" in mark and mark.get("o") in TO_FIX


_HAVING: Final = {"changed": _changed, "failed": _failed}
_COUNTED: Final = {"changed": "pending__gt", "failed": "failed__gt"}


def _having(opened: Opened, sheet: Worksheet, which: str) -> Ranges:
    """Part by part, of the fields this person may see."""
    seen = [field.name for field in opened.resource.visible]
    marked = Marks.objects.filter(worksheet=sheet, field__in=seen, **{_COUNTED[which]: 0})
    places = list(marked.values_list("field", "part").order_by("part"))
    rows: set[int] = set()
    for place in places:
        marks = store.marks(sheet, [place]).get(place, {})
        rows.update(row for row, mark in marks.items() if _HAVING[which](mark))
    return ranges_of(rows)


def ranges_of(rows: Iterable[int]) -> Ranges:
    ordered = sorted(rows)
    if not ordered:
        return Ranges(array("L"), array("L"))
    breaks = [(a, b) for a, b in pairwise(ordered) if b != a + 1]
    return Ranges([ordered[0], *(b for _, b in breaks)], [*(a + 1 for a, _ in breaks), ordered[-1] + 1])


def with_edits(sheet: Worksheet) -> set[str]:
    """The fields that have pending edits."""
    return set(Marks.objects.filter(worksheet=sheet, pending__gt=0).values_list("field", flat=True))
