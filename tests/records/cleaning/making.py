"""Transforms made ready for made-up fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adminui.records.cleaning.base import Doing, Given, Making, Skipped
from adminui.records.cleaning.registry import TRANSFORMS
from adminui.records.schema import Choice, Field, Kind, Resource

STATES = (Choice(1, "California"), Choice(2, "Nevada"), Choice(3, "Gone", active=False))
FIELDS = {
    kind: Field(
        kind.value.replace(" ", "_"), kind.value.capitalize(), kind, choices=STATES if kind is Kind.CHOICE else ()
    )
    for kind in Kind
}
RESOURCE = Resource("things", "Things", "Thing", (Field("id", "Id", Kind.INTEGER, read_only=True), *FIELDS.values()))


def made(name: str, kind: Kind = Kind.TEXT, /, *, place: int = 0, field: Field | None = None, **params: Any) -> Doing:
    """The transform ready for the field of a kind; a parameter `from_` is `from`, as `else_` is `else`."""
    transform = TRANSFORMS[name]
    checked = transform.checked({key.rstrip("_"): value for key, value in params.items()})
    return transform.make(Making(RESOURCE, field or FIELDS[kind], place, checked))


def done(name: str, value: Any, kind: Kind = Kind.TEXT, /, others: Sequence[Any] = (), **params: Any) -> str | None:
    """What an editor would hold afterwards; the words in brackets where a value is left as it is."""
    result = made(name, kind, **params)(value, others)
    return result.text if isinstance(result, Given) else f"[{result.words}]"


__all__ = ["FIELDS", "RESOURCE", "STATES", "Given", "Skipped", "done", "made"]
