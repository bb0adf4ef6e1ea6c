"""The formula among the clean-ups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from adminui.records.cleaning.base import Doing, Making, Param, Transform, anything
from adminui.records.cleaning.formula import language
from adminui.records.cleaning.formula.problems import short


def _make(making: Making) -> Doing:
    return language.doing(making.params["formula"], making.resource, making.field)


def _reads(params: Mapping[str, Any]) -> tuple[str, ...]:
    return language.reads_of(params["formula"])


def _words(labels: str, params: Mapping[str, Any]) -> str:
    return f"Set {labels} by the formula {short(' '.join(params['formula'].split()))}"


TRANSFORMS: Final = (
    Transform(
        name="formula",
        label="Formula",
        group="Calculate",
        help="Reckons the new value from the cell and other fields, as in a spreadsheet.",
        make=_make,
        words=_words,
        fits=anything,
        params=(
            Param(
                "formula",
                "Formula",
                kind="formula",
                required=True,
                help='For example: trim(value) · upper(left({lastName}, 1)) & "." · if(blank(value), {city}, value)',
            ),
        ),
        reads=_reads,
    ),
)
