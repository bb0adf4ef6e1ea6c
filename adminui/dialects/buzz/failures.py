"""What a refused write says of which row: every body a refused bulk call is known or feared to have.

The shape is not documented. The stock framework answers with a list as long as the rows sent (empty object: nothing
wrong) or, since 3.18, an object keyed by the position of the bad rows; others key by record id or put the id inside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from adminui.dialects.errors import RowErrors
from adminui.records.changes import ChangeSet
from adminui.records.schema import Resource

_OF_THE_WHOLE: Final = ("non_field_errors", "detail", "__all__", "message", "error")


@dataclass(frozen=True)
class Failure:
    """Words about the request as a whole, and about rows by their position as sent."""

    whole: RowErrors = field(default_factory=RowErrors)
    rows: Mapping[int, RowErrors] = field(default_factory=dict)


def read_failure(resource: Resource, document: Any, sent: Sequence[ChangeSet]) -> Failure:
    """Read the body of a refusal of these rows."""
    if isinstance(document, dict) and isinstance(document.get("errors"), dict | list) and _wraps(resource):
        document = document["errors"] or document
    if isinstance(document, list):
        return _from_list(resource, document, sent)
    if isinstance(document, dict):
        return _from_object(resource, document, sent)
    return Failure(errors_in(resource, document))


def _wraps(resource: Resource) -> bool:
    """Whether `errors` in an answer is a wrapper rather than a field."""
    return "errors" not in resource.by_name


def _from_list(resource: Resource, entries: list[Any], sent: Sequence[ChangeSet]) -> Failure:
    aligned = len(entries) == len(sent)
    rows: dict[int, RowErrors] = {}
    rest: list[Any] = []
    for i, entry in enumerate(entries):
        position = _own_position(entry, sent)
        if position is None and aligned and isinstance(entry, dict | list):
            position = i
        if position is None:
            rest.append(entry)
        else:
            rows[position] = _joined(rows.get(position), errors_in(resource, entry, sent))
    return Failure(errors_in(resource, rest), _wrong(rows))


def _own_position(entry: Any, sent: Sequence[ChangeSet]) -> int | None:
    """The row whose id stands inside the entry; a list under `id` is an error about it, not an id."""
    named = entry.get("id") if isinstance(entry, dict) else None
    return _ids(sent).get(str(named)) if isinstance(named, int | str) else None


def _ids(sent: Sequence[ChangeSet]) -> dict[str, int]:
    return {str(row.record_id): i for i, row in enumerate(sent)}


def _from_object(resource: Resource, document: dict[str, Any], sent: Sequence[ChangeSet]) -> Failure:
    by_row = {key: value for key, value in document.items() if key.isdecimal() and key not in resource.by_name}
    places = _places(by_row, sent)
    rows = {places[key]: errors_in(resource, value) for key, value in by_row.items() if key in places}
    return Failure(errors_in(resource, {k: v for k, v in document.items() if k not in places}), _wrong(rows))


def _places(by_row: Mapping[str, Any], sent: Sequence[ChangeSet]) -> dict[str, int]:
    """Row keys to positions: positions where all keys could be one, as the framework writes them, else record ids.

    Rows whose id could also be a position are sent at that very position, so both readings name the same row.
    """
    if all(int(key) < len(sent) for key in by_row):
        return {key: int(key) for key in by_row}
    return {key: i for key, i in _ids(sent).items() if key in by_row}


def errors_in(resource: Resource, entry: Any, sent: Sequence[ChangeSet] = ()) -> RowErrors:
    """The words in one entry, in the API's own spelling; a field's apart, a nested member's path before them."""
    if not isinstance(entry, dict):
        return RowErrors(tuple(_words(entry)))
    if entry.get("errors") and _wraps(resource):
        return errors_in(resource, entry["errors"])
    messages: list[str] = []
    by_field: dict[str, tuple[str, ...]] = {}
    for name, said in entry.items():
        if name == "id" and str(said) in _ids(sent):
            continue
        if name in resource.by_name:
            by_field[name] = tuple(_words(said, name))
        else:
            messages += _words(said) if name in _OF_THE_WHOLE else _words({name: said})
    return RowErrors(tuple(messages), {name: words for name, words in by_field.items() if words})


def _words(said: Any, *path: str) -> Iterator[str]:
    """Every sentence in a nested error; one about a member inside comes after its dotted path."""
    for deeper, text in _leaves(said, path):
        yield f"{'.'.join(deeper)}: {text}" if len(deeper) > 1 or (deeper and not path) else text


def _leaves(said: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(said, dict):
        for key, value in said.items():
            yield from _leaves(value, path if key in _OF_THE_WHOLE else (*path, str(key)))
    elif isinstance(said, list):
        for i, value in enumerate(said):
            yield from _leaves(value, (*path, str(i)) if path and isinstance(value, dict | list) else path)
    elif said is not None and said != "":
        yield path, str(said)


def _joined(left: RowErrors | None, right: RowErrors) -> RowErrors:
    if left is None:
        return right
    return RowErrors(left.messages + right.messages, {**left.by_field, **right.by_field})


def _wrong(rows: Mapping[int, RowErrors]) -> dict[int, RowErrors]:
    return {i: errors for i, errors in rows.items() if errors.messages or errors.by_field}
