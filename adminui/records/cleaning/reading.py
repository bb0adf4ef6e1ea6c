"""Values as text: as people read them, and where there are none, the words for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from adminui.records.casting import to_text
from adminui.records.entries import Skipped
from adminui.records.schema import TEXTUAL, Field, Kind
from adminui.records.values import MISSING, MaybeValue

IS_NULL: Final = Skipped("is null")
NOT_SET: Final = Skipped("is not set")
EMPTY: Final = Skipped("is empty")


def shown(field: Field) -> Callable[[MaybeValue], str]:
    """The text people see for a value: a choice's label, else what an editor holds; "" for null and not set."""
    if field.kind is Kind.CHOICE:
        labels = {str(choice.value): choice.label for choice in reversed(field.choices)}  # the first of two counts

        def label(value: MaybeValue) -> str:
            text = to_text(field, value)
            return labels.get(text, text) if value is not None and value is not MISSING else text

        return label
    return lambda value: value if type(value) is str else to_text(field, value)


def blank(value: MaybeValue) -> bool:
    """Null, not set, or nothing but spaces."""
    return value is None or value is MISSING or (isinstance(value, str) and not value.strip())


def nothing(value: MaybeValue) -> Skipped | None:
    """The words for a value that holds nothing to work on."""
    if value is None:
        return IS_NULL
    if value is MISSING:
        return NOT_SET
    return EMPTY if isinstance(value, str) and not value.strip() else None


def of_kinds(*kinds: Kind) -> Callable[[Field], bool]:
    return lambda field: field.kind in kinds


def numeric_or_text(field: Field) -> bool:
    return field.kind in TEXTUAL or field.kind in (Kind.INTEGER, Kind.DECIMAL)


def words(text: str) -> Callable[[str, Mapping[str, Any]], str]:
    """How a step is called, `{}` being the fields' labels."""
    return lambda labels, params: text.replace("{}", labels)


def listed(names: Sequence[str]) -> str:
    """One, two and three."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def short(text: str, most: int = 40) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
