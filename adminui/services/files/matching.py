"""Which record each row of a file is about: by id, or by another field that is one record's alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from adminui.records.casting import to_text
from adminui.records.queries import Condition, Group, Op, Query
from adminui.records.schema import TEXTUAL, Field, Kind
from adminui.records.tables import damage
from adminui.records.tables.reading import Table
from adminui.records.tables.versions import Version, stamp
from adminui.records.tables.writing import meaning
from adminui.records.values import RecordId
from adminui.remote import reader
from adminui.services import browse
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.services.uncollected import nothing_collected

AT_A_TIME: Final = 50  # keys asked for in one request
LONGEST_ZEROS: Final = 10  # digits up to which a number is looked for with zeros in front
_CELLS: Final = len("v1.ffffrrrrrrrr.")  # where a version's stamps of fields begin
_NUMBER = re.compile(r"-?[0-9]{1,18}", re.ASCII)


class Left(StrEnum):
    """Why a row of the file is left out."""

    BLANK = "no id"
    DAMAGED = "damaged id"
    NOT_ID = "not an id"
    DUPLICATE = "duplicate"
    UNMATCHED = "unmatched"
    AMBIGUOUS = "ambiguous"
    LONG = "too many cells"


@dataclass(frozen=True)
class Keyed:
    """Places of the file's rows → ids, and the rows left out with the words why."""

    ids: Mapping[int, RecordId]
    left: Mapping[int, tuple[Left, str]]


@nothing_collected()
def keyed(opened: Opened, table: Table, key: int, field: Field, version: int | None) -> Keyed:
    """Each row's record, as far as the file tells; another field than the id is asked for at the API."""
    keys: dict[int, RecordId] = {}
    left = {place: (Left.LONG, "has more cells than there are columns") for place in table.too_long}
    sure: set[int] = set()
    versions = table.cells[version] if version is not None else None
    for place, cell in enumerate(table.cells[key]):
        if place in left:
            continue
        found, held = _key(field, cell, versions[place] if versions else None)
        if isinstance(found, tuple):
            left[place] = found
        else:
            keys[place] = found
            sure |= {place} if held else set()
    _leave_duplicates(table, keys, left)
    if field.name == opened.whole.id_field:
        return Keyed(keys, left)
    return _by_field(opened, field, keys, left, sure)


def _key(field: Field, cell: str | None, version: str | None) -> tuple[RecordId | tuple[Left, str], bool]:
    """The key of one row, or why it has none; and whether its version vouches for it."""
    said = meaning(cell or "")
    text = said.strip() if isinstance(said, str) else ""
    if not text:
        return (Left.BLANK, f"has no {field.label}"), False
    number = field.kind in (Kind.INTEGER, Kind.REFERENCE)
    value: RecordId = int(text) if number and _NUMBER.fullmatch(text) else text
    if version and (not number or isinstance(value, int)):
        if _vouched(field, value, version):
            return value, True
        if (known := Version.parse(version)) and known.cells:
            return (Left.DAMAGED, f"{field.label} “{text[:40]}” is not the one that was exported in this row"), False
    if sign := damage.of_key(text, number=number):
        return (Left.DAMAGED, f"{field.label} “{text[:40]}”: {sign}"), False
    if number and not isinstance(value, int):
        return (Left.NOT_ID, f"“{text[:40]}” is no {field.label}"), False
    return value, False


def _vouched(field: Field, value: RecordId, version: str) -> bool:
    """As `Version.held` says, without taking each of a hundred thousand versions apart."""
    held = stamp(field, value)
    at = version.find(held, _CELLS)
    while at >= 0 and (at - _CELLS) % len(held):
        at = version.find(held, at + 1)
    return at >= 0 and version.startswith("v1.")


def _leave_duplicates(table: Table, keys: dict[int, RecordId], left: dict[int, tuple[Left, str]]) -> None:
    """Of rows with one key none is taken: nobody knows which was meant."""
    places: dict[RecordId, list[int]] = {}
    for place, key in keys.items():
        places.setdefault(key, []).append(place)
    for key, found in places.items():
        for place in found if len(found) > 1 else ():
            others = ", ".join(f"{table.lines[other]:,}" for other in found if other != place)
            left[place] = (Left.DUPLICATE, f"{str(key)[:40]} stands in line {others} too"[:300])
            del keys[place]


def _by_field(
    opened: Opened, field: Field, keys: dict[int, RecordId], left: dict[int, tuple[Left, str]], sure: set[int]
) -> Keyed:
    found = lookup(opened, field, list(dict.fromkeys(keys.values())))
    unsure = {key for place, key in keys.items() if place not in sure}
    siblings = _siblings(opened, field, {key for key in unsure if str(key) in found})
    ids: dict[int, RecordId] = {}
    for place, key in keys.items():
        here = found.get(str(key), [])
        if len(here) == 1 and not (place not in sure and siblings.get(str(key))):
            ids[place] = here[0]
        else:
            left[place] = _why(field, key, here, siblings.get(str(key), []))
    return Keyed(*_each_once(ids, left))


def _why(field: Field, key: RecordId, here: Sequence[RecordId], siblings: Sequence[str]) -> tuple[Left, str]:
    if not here:
        return Left.UNMATCHED, f"there is none with {field.label} “{str(key)[:40]}”"
    if len(here) > 1:
        return Left.AMBIGUOUS, f"{len(here)} records have {field.label} “{str(key)[:40]}”"
    return Left.DAMAGED, f"{field.label} “{key}” may have lost zeros: there is “{siblings[0]}” too"


def _each_once(
    ids: dict[int, RecordId], left: dict[int, tuple[Left, str]]
) -> tuple[dict[int, RecordId], dict[int, tuple[Left, str]]]:
    counted: dict[RecordId, int] = {}
    for record_id in ids.values():
        counted[record_id] = counted.get(record_id, 0) + 1
    twice = {place for place, record_id in ids.items() if counted[record_id] > 1}
    left |= {place: (Left.DUPLICATE, "another row is about the same record") for place in twice}
    return {place: record_id for place, record_id in ids.items() if place not in twice}, left


def _siblings(opened: Opened, field: Field, keys: set[RecordId]) -> dict[str, list[str]]:
    """Records whose key is the same number with zeros in front: which of them was meant, a file does not tell."""
    digits = [str(key) for key in keys if str(key).isdigit() and str(key).isascii()]
    if field.kind not in TEXTUAL or not digits or any(text.startswith("0") and len(text) > 1 for text in digits):
        return {}  # where zeros are left, none were taken
    longest = max(LONGEST_ZEROS, *map(len, digits))
    asked = {text.zfill(width): text for text in digits for width in range(len(text) + 1, longest + 1)}
    found: dict[str, list[str]] = {}
    for padded in lookup(opened, field, list(asked)):
        found.setdefault(asked[padded], []).append(padded)
    return found


def key_fields(opened: Opened) -> list[Field]:
    """Fields that records can be found by: the id, and text and numbers that the API can be asked for."""
    whole = opened.whole.id_field
    kinds = (*TEXTUAL, Kind.INTEGER)
    asked = [
        f
        for f in opened.resource.visible
        if f.kind in kinds and f.name != whole and Op.EQ in browse.operators(opened, f)
    ]
    return [opened.whole.by_name[whole], *asked]


def lookup(opened: Opened, field: Field, keys: Sequence[RecordId]) -> dict[str, list[RecordId]]:
    """Key as text → ids of the records that have it, exactly."""
    operators = browse.operators(opened, field)
    if Op.EQ not in operators:
        raise BadInput(f"This API cannot be asked for {field.label}.", "Choose the id, or another field.")
    wanted = {str(key) for key in keys}
    found: dict[str, list[RecordId]] = {}
    for record_id, text in _asked(opened, field, keys, in_one=Op.IN in operators):
        if text in wanted and record_id not in found.setdefault(text, []):
            found[text].append(record_id)
    return found


def _asked(opened: Opened, field: Field, keys: Sequence[RecordId], *, in_one: bool) -> Iterator[tuple[RecordId, str]]:
    size = AT_A_TIME if in_one else 1
    chunks = [list(keys[at : at + size]) for at in range(0, len(keys), size)]
    client = opened.client

    def ask(chunk: list[RecordId]) -> list[tuple[RecordId, str]]:
        condition = Condition(field.name, Op.IN, chunk) if in_one else Condition(field.name, Op.EQ, chunk[0])
        records = reader.read_all(client, opened.whole, Query(Group("and", (condition,)), page_size=500))
        return [(opened.whole.id_of(record), to_text(field, record.get(field.name)).strip()) for record in records]

    with ThreadPoolExecutor(client.max_concurrency, "adminui-keys") as pool:
        for found in pool.map(ask, chunks):
            yield from found
