"""Shared changes as clean-ups, so that they too can be steps of a recipe: exactly what `records.operations` does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from adminui.records.casting import Invalid
from adminui.records.cleaning.base import Doing, Given, Making, Param, Skipped, Transform
from adminui.records.cleaning.reading import short
from adminui.records.operations import Operation, described, doing, offered
from adminui.records.schema import Field, Kind
from adminui.records.values import MaybeValue

OPERATIONS: Final = (
    ("set", "Set to"),
    ("null", "Set to null"),
    ("empty", "Empty"),
    ("percent", "Change by percent"),
    ("plus", "Change by"),
    ("round", "Round to places"),
    ("append", "Append"),
    ("prefix", "Put in front"),
    ("replace", "Replace"),
    ("shift", "Shift by days"),
    ("add", "Add an entry"),
    ("remove", "Remove an entry"),
)


def _operation(params: Mapping[str, Any]) -> Operation:
    return Operation(params["operation"], params["value"], params["by"])


def _change(making: Making) -> Doing:
    done = doing(making.field, _operation(making.params))

    def change(value: MaybeValue, others: Sequence[MaybeValue]) -> Given | Skipped:
        return done(value)

    return change


def _words(labels: str, params: Mapping[str, Any]) -> str:
    try:
        return described(Field("", labels, Kind.TEXT), _operation(params))
    except (Invalid, KeyError):
        return f"Change {short(labels)}"


TRANSFORMS: Final = (
    Transform(
        "change",
        "Shared change",
        "Values",
        "Sets, empties, reckons with, adds to or shifts each value.",
        _change,
        _words,
        lambda field: bool(offered(field)),
        (
            Param("operation", "Operation", "choice", "set", OPERATIONS),
            Param("value", "Value"),
            Param("by", "By", help="What stands there instead, for Replace."),
        ),
        keeps_invalid=True,
    ),
)
