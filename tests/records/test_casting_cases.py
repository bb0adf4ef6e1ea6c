"""One table of what typing comes to, for two readers: Python says what is right, the page's types.js has to agree.

`python manage.py shell -c "from tests.records.test_casting_cases import write; write()"` writes the table anew.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast

from adminui.records.casting import to_text
from adminui.records.changes import diff
from adminui.records.packing import from_wire, to_wire
from adminui.records.schema import Choice, Field, Kind, Resource
from adminui.records.values import MISSING, MaybeValue
from adminui.services.catalog import Opened
from adminui.web import values

TABLE: Final = Path(__file__).parent.parent / "js" / "casting_cases.json"
OPENED: Final = cast(Opened, SimpleNamespace(connection=SimpleNamespace(name="demo")))
LONG: Final = "123456789012345678901234567890"

CHOICES: Final = (
    Choice(1, "New"),
    Choice(2, "In progress"),
    Choice(3, "Waiting", active=False),
    Choice(4, "Twice"),
    Choice(5, "Twice"),
    Choice(7, "1"),
)
WORDS: Final = (Choice("", "None"), Choice("a b", "A, B"), Choice("old", "Old", active=False))
FIELDS: Final = (
    Field("name", "Name", Kind.TEXT, required=True, max_length=12),
    Field("alias", "Alias", Kind.TEXT, nullable=False),
    Field("code", "Code", Kind.TEXT, blank=False),
    Field("notes", "Notes", Kind.LONG_TEXT),
    Field("fixed", "Fixed", Kind.TEXT, read_only=True),
    Field("count", "Count", Kind.INTEGER, min_value=-5, max_value=10**6),
    Field("whole", "Whole", Kind.INTEGER, nullable=False),
    Field("bid", "Bid", Kind.DECIMAL, min_value=0, max_digits=10, decimal_places=4),
    Field("amount", "Amount", Kind.DECIMAL, nullable=False),
    Field("active", "Active", Kind.BOOLEAN),
    Field("on", "On", Kind.BOOLEAN, nullable=False),
    Field("status", "Status", Kind.CHOICE, choices=CHOICES),
    Field("stage", "Stage", Kind.CHOICE, choices=CHOICES, nullable=False),
    Field("level", "Level", Kind.CHOICE, choices=WORDS),
    Field("owner", "Owner", Kind.REFERENCE, reference="people"),
    Field("day", "Day", Kind.DATE),
    Field("begins", "Begins", Kind.DATETIME, zone="UTC"),
    Field("local", "Local", Kind.DATETIME, zone="account time", nullable=False),
    Field("tags", "Tags", Kind.LIST, unordered=True),
    Field("order", "Order", Kind.LIST, nullable=False),
    Field("extra", "Extra", Kind.JSON),
)


def _split(text: str, at: str = "|") -> list[str]:
    return text.split(at)


NUMBERS: Final = [
    *_split("5|+5|-5|-6|005|-0|0|5.0|5.00|.5|5.|1e3|1E+5|1e-3|1.50|-1.5| 7 |1_000|1,000|1000000|1000001|0.12345"),
    *_split("1234567.1234|12345678.1234|1e400|1e401|0e5|NaN|Infinity|twelve|0x10|--1|1\u00a0|\ufeff1|-|."),
    *(LONG, f"0.{LONG}", "x" * 50),
]
DATES: Final = [
    *_split("2026-02-03|20260203|2026-02-30|2024-02-29|2026-13-01|0000-01-01|0001-01-01|2026-2-3|03.02.2026"),
    *_split("2026-W05-2|2026-W05|2026W053|2026-W53-7|2025-W53-1|2026-W00-1|2026-W05-8| 2026-02-03 |today"),
    *_split("2026-02-03T14:05|2026-02-03 14:05:06|2026-02-03T14:05:06.5|2026-02-03 14:05:06,123456789"),
    *_split("2026-02-03T14|20260203T140506|2026-02-03T14:05Z|2026-02-03T14:05+01:00|2026-02-03T00:30+0530"),
    *_split("2026-02-03T14:05-23:59:59|0001-01-01T00:00+01:00|9999-12-31T23:59-01:00|2026-02-03T14:05+24:00"),
    *_split("2026-02-03T24:00|2026-02-03T14:60|2026-02-03T14:05:60|2026-02-03T|2026-02-03T14:05z|2026-02-03x14:05"),
    *_split("2026-02-0314:05|2026-02-03T1:05|2026-02-03T14:05:06."),
]
NESTED: Final = [
    *_split(
        "[]¦{}¦[1, 2]¦[2,1]¦[1.0, 2]¦[1,¦{'a':1}¦[NaN]¦[01]¦nothing¦5¦null¦true¦ ¦[[1], 2]¦[null, true, 1.50]", "¦"
    ),
    *_split('["a","b"]¦["b","a"]¦{"a":1,"b":[true,null]}¦{"b": [true,null], "a": 1}¦"text"¦{"a": 1, "a": 2}', "¦"),
    *_split('{"a": {"b": 1}, "c": null, "d": false}¦[1e5, 2.50, -0, 1E-9, 1.10e2]¦{"x, y": "{[]}\\"\\\\"}', "¦"),
    *("[" * 50 + "]" * 50, "[" * 51 + "]" * 51, f"[{LONG}, 0.{LONG}]", '["é\\u00e9\\n\\ud800/\\u2028"]', "\ufeff[1]"),
]
TEXTS: Final = [
    *_split("a|Ab|two\nlines|two\r\nlines|   |\u3000|twelve chars|thirteen char|5|true|null|\ufeff"),
    *("😀" * 12, "😀" * 13, "half \ud800", "nul\0", "half \ufffd", "x" * 400),
]
PICKS: Final = _split("1|2|3|New|new|Waiting|Twice|In progress| 1|9|a b|A, B|old|Old|None|7")
TRUTHS: Final = _split("true|True|FALSE|1|0| true |yes|2|\x1c0\x85")

RAWS: Final[dict[Kind, list[str]]] = {
    Kind.TEXT: TEXTS,
    Kind.LONG_TEXT: TEXTS,
    Kind.INTEGER: NUMBERS,
    Kind.DECIMAL: NUMBERS,
    Kind.REFERENCE: NUMBERS,
    Kind.BOOLEAN: TRUTHS,
    Kind.CHOICE: PICKS,
    Kind.DATE: DATES,
    Kind.DATETIME: DATES,
    Kind.LIST: NESTED,
    Kind.JSON: NESTED,
}
LONG_ONES: Final[list[MaybeValue]] = [int(LONG), Decimal(f"0.{LONG}"), Decimal("1E+5")]
NUMERIC: Final[list[MaybeValue]] = [5, "5", Decimal("5.00"), Decimal("1.5"), True, "n/a", 0, *LONG_ONES]
ZONED: Final[list[MaybeValue]] = ["2026-02-03T14:05:00Z", "2026-02-03T15:05:00+01:00"]
MOMENTS: Final[list[MaybeValue]] = ["2026-02-03", "2026-02-03 14:05:06", "soon", 5, *ZONED]
BASES: Final[dict[Kind, list[MaybeValue]]] = {
    Kind.TEXT: ["a", "two\r\nlines", "half \ud800", 5, True, "", [1]],
    Kind.LONG_TEXT: ["a", "two\r\nlines"],
    Kind.INTEGER: NUMERIC,
    Kind.DECIMAL: NUMERIC,
    Kind.REFERENCE: [5, "5", Decimal("5.0"), "none"],
    Kind.BOOLEAN: [True, False, 1, 0, "true", "False", "maybe"],
    Kind.CHOICE: [1, "1", 3, "3", 9, "old", "", "New", Decimal("1")],
    Kind.DATE: MOMENTS,
    Kind.DATETIME: MOMENTS,
    Kind.LIST: [[], [1, 2], ["a", "b"], [Decimal("1.0"), 2], [[1], 2], "text", {"a": 1}],
    Kind.JSON: [{}, [1, 2], {"a": 1, "b": [True, None]}, {"a": {"b": 1}, "c": None, "d": False}],
}


NOT_JSON: Final = "This is not JSON: …"  # each parser, and each version of it, says the rest in its own words


def spec(field: Field) -> dict[str, Any]:
    """What a page is told of a field, as far as casting asks for it."""
    return {
        "name": field.name,
        "label": field.label,
        "kind": field.kind.value,
        "editable": field.editable,
        "nullable": field.nullable,
        "blank": field.blank and not field.required,
        "max_length": field.max_length,
        "min": None if field.min_value is None else str(field.min_value),
        "max": None if field.max_value is None else str(field.max_value),
        "digits": field.max_digits,
        "places": field.decimal_places,
        "choices": [[to_text(field, c.value), c.label, c.active, ""] for c in field.choices],
        "reference": field.reference or "",
        "zone": field.zone,
        "unordered": field.unordered,
    }


def typed(field: Field, raw: str | None, base: MaybeValue) -> tuple[Any, str, MaybeValue]:
    """(edit, words, what stands there then): as a worksheet keeps what is typed."""
    resource = Resource("things", "Things", "Thing", (Field("id", "Id", Kind.INTEGER), field))
    draft = diff(resource, {"id": 1} if base is MISSING else {"id": 1, field.name: base}, {field.name: raw})
    if field.name in draft.invalid:
        return raw, draft.invalid[field.name], raw
    if not draft.changeset.changes:
        return False, "", base
    after = draft.changeset.changes[0].after
    return None if after is None else to_text(field, after), "", after


def shown(field: Field, value: MaybeValue, edited: bool) -> list[str] | None:
    """[text, kind] as pages show it, with the zone; None where a page of rows cannot know the type any more."""
    untyped = {Kind.LIST: str, Kind.JSON: str, Kind.REFERENCE: Decimal}.get(field.kind)
    if value is MISSING or (untyped and value and isinstance(value, untyped) and not edited):
        return None
    told = values.show(OPENED, field, value)
    if told.kind == "null" or told.kind == "empty":
        return [told.kind, told.kind]
    text = told.text + {"datetime": " UTC"}.get(told.kind, "") * (field.zone == "UTC")
    text = text if len(text) <= values.LONGEST else text[: values.LONGEST - 1] + "…"
    return [f"{text} (inactive)" if told.kind == "inactive" else text, told.kind]


def case(field: Field, raw: str | None, wire: Any) -> list[Any]:
    base = from_wire(wire)
    edit, words, value = typed(field, raw, base)
    words = NOT_JSON if words.startswith(NOT_JSON[:-1]) else words
    untyped = bool(words) and field.kind in (Kind.LIST, Kind.JSON)  # shown as text here, but kept as JSON text there
    look = None if untyped else shown(field, value, edit is not False)
    return [field.name, raw, wire, edit, words, look]


def cases() -> list[list[Any]]:
    """Everything that can be typed over nothing and over null; over values of all sorts a part of it in turn."""
    made = []
    for field in FIELDS:
        raws: list[str | None] = [None, "", *RAWS[field.kind]]
        made += [case(field, raw, to_wire(base)) for raw in raws for base in (MISSING, None)]
        for turn, base in enumerate(BASES[field.kind]):
            alike = to_text(field, base)
            some = [None, "", alike, *(raw for n, raw in enumerate(raws) if n % 3 == turn % 3)]
            made += [case(field, raw, to_wire(base)) for raw in dict.fromkeys(some)]
    return made


def table() -> dict[str, Any]:
    return {"specs": {field.name: spec(field) for field in FIELDS}, "cases": cases()}


def written(document: dict[str, Any]) -> str:
    """A line for each case, so that a difference can be read."""
    lines = ",\n".join(json.dumps(case) for case in document["cases"])
    return f'{{"specs": {json.dumps(document["specs"])},\n"cases": [\n{lines}\n]}}\n'


def write() -> None:
    TABLE.write_text(written(table()), encoding="ascii")


def test_the_table_the_page_is_held_to_says_what_the_server_says() -> None:
    assert TABLE.read_text(encoding="ascii") == written(table())


def test_the_table_has_every_kind_valid_invalid_and_unchanged() -> None:
    kinds = {field.name: field.kind for field in FIELDS if field.editable}
    listed = [each for each in table()["cases"] if each[0] in kinds]
    for meets in (lambda c: c[4], lambda c: c[3] is False, lambda c: c[3] is not False and not c[4]):
        assert {kinds[c[0]] for c in listed if meets(c)} >= set(Kind) - {Kind.LONG_TEXT}
