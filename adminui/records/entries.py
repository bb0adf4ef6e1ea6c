"""Adding, removing and replacing one entry of a list: by its key where the objects have one, else by its meaning."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

from adminui.records.casting import Invalid, cast, check_depth, from_json, to_json
from adminui.records.schema import NESTED, TEXTUAL, Field, Kind
from adminui.records.values import MISSING, MaybeValue, canonical, freeze


class Given(NamedTuple):
    """What an editor would hold then: text, or None for null; `note` says what was done besides."""

    text: str | None
    note: str = ""


class Skipped(NamedTuple):
    """Why a value is left as it is."""

    words: str


_Doing: TypeAlias = Callable[[MaybeValue], Given | Skipped]
_Entry: TypeAlias = Callable[[list[Any]], Any]  # what was typed, as an entry of this list


def doing(field: Field, name: str, value: str, by: str) -> _Doing:
    """The operation ready to be done to any list of the field. Raises Invalid when it makes no sense."""
    if name == "add":
        entry = _entry(field, value, whole=True)
        return _on_lists(lambda held: _added(field, held, entry(held)), if_null=_first(field, entry))
    wanted = _entry(field, value, whole=False)
    if name == "remove":
        return _on_lists(lambda held: _replaced(field, held, wanted(held), MISSING))
    new = _entry(field, by, whole=True)
    return _on_lists(lambda held: _replaced(field, held, wanted(held), new(held)))


def _on_lists(act: Callable[[list[Any]], Given | Skipped], if_null: Given | None = None) -> _Doing:
    def done(value: MaybeValue) -> Given | Skipped:
        if value is None or value is MISSING:
            return if_null or Skipped("is null" if value is None else "is not set")
        return act(value) if isinstance(value, list) else Skipped("is not a list")

    return done


def _first(field: Field, entry: _Entry) -> Given | None:
    return Given(to_json([entry([])])) if field.nullable else None


def _added(field: Field, held: list[Any], entry: Any) -> Given | Skipped:
    places = _places(field, held, entry)
    if not places:
        return Given(to_json([*held, entry]))
    if any(_meaning(field, held[at]) == _meaning(field, entry) for at in places):
        return Given(to_json(held))
    return Skipped(f"has an entry with this {field.key} already")


def _replaced(field: Field, held: list[Any], wanted: Any, new: Any) -> Given | Skipped:
    """`new` at the first place of what is wanted, unless it is there already; no entry is put in twice."""
    places = _places(field, held, wanted)
    if not places:
        return Skipped("does not have this entry")
    entry = _keyed(field, held[places[0]], new)
    left = [(at, each) for at, each in enumerate(held) if at not in places]
    there = entry is MISSING or any(_meaning(field, each) == _meaning(field, entry) for _, each in left)
    kept = left if there else sorted([*left, (places[0], entry)], key=lambda pair: pair[0])
    return Given(to_json([each for _, each in kept]))


def _keyed(field: Field, old: Any, new: Any) -> Any:
    """A new object without a key takes that of the one it stands for."""
    if field.key and isinstance(new, dict) and isinstance(old, dict) and field.key not in new and field.key in old:
        return {field.key: old[field.key], **new}
    return new


def _places(field: Field, held: list[Any], wanted: Any) -> list[int]:
    key = field.key
    if key and (not isinstance(wanted, dict) or key in wanted):
        name = str(wanted[key] if isinstance(wanted, dict) else wanted)
        return [at for at, each in enumerate(held) if isinstance(each, dict) and str(each.get(key)) == name]
    meaning = _meaning(field, wanted)
    return [at for at, each in enumerate(held) if _meaning(field, each) == meaning]


def _meaning(field: Field, entry: Any) -> Hashable:
    item = _item(field)
    return canonical(item, entry) if item else freeze(entry)


def _item(field: Field) -> Field | None:
    return field.children[0] if field.kind is Kind.LIST and len(field.children) == 1 else None


def _entry(field: Field, text: str, *, whole: bool) -> _Entry:
    """What was typed as an entry: plain text in a list of texts, else JSON; not `whole`, a key alone will do."""
    if not text.strip():
        raise Invalid(f"Say which entry of {field.label}.")
    if field.key:
        entry = _object(field, text, whole=whole)
        return lambda held: entry
    item = _item(field)
    if item is not None:
        typed = _typed(item, text)
        return lambda held: typed
    parsed = _json_or_text(text)
    check_depth(field, parsed)
    if isinstance(parsed, str | list | dict):
        return lambda held: parsed
    return lambda held: text if held and all(isinstance(each, str) for each in held) else parsed  # "7" among texts


def _object(field: Field, text: str, *, whole: bool) -> Any:
    entry = _json_or_text(text)
    check_depth(field, entry)
    if isinstance(entry, dict):
        return entry
    if whole or isinstance(entry, list):
        raise Invalid(f"An entry of {field.label} is a JSON object with a “{field.key}”.")
    return text.strip() if not isinstance(entry, str) else entry


def _typed(item: Field, text: str) -> Any:
    if item.kind in TEXTUAL:
        quoted = _json_or_text(text) if text.startswith('"') else text
        return quoted if isinstance(quoted, str) else text
    if item.kind not in NESTED:
        return cast(replace(item, read_only=False, nullable=False), text)
    try:
        entry = from_json(text)
    except ValueError as error:
        raise Invalid(f"This is not JSON: {error}.") from None
    check_depth(item, entry)
    return entry


def _json_or_text(text: str) -> Any:
    try:
        return from_json(text)
    except ValueError:
        return text
