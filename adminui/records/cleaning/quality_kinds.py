"""The kinds of quality rule there are, and which fields each fits. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from adminui.records.cleaning import quality_pairs as pairs
from adminui.records.cleaning import quality_values as values
from adminui.records.cleaning.quality_base import DATES, NUMBERS, RuleKind, listed, nothing, short
from adminui.records.schema import NESTED, TEXTUAL, Field, Kind


def _plain(field: Field) -> bool:
    return field.kind not in NESTED


_ALL: Final = (
    RuleKind(
        "required",
        "Filled",
        "Not null, empty, or nothing but spaces.",
        lambda field: True,
        nothing,
        lambda asked: f"{asked.field.label} is filled",
        values.required,
    ),
    RuleKind(
        "format",
        "Written as",
        "An e-mail address, a phone number, a web address, a postal code, or a pattern of your own.",
        lambda field: field.kind in TEXTUAL,
        values.format_params,
        values.format_words,
        values.format_,
    ),
    RuleKind(
        "range",
        "Within a range",
        "Both ends belong to it; leave one empty for none.",
        lambda field: field.kind in NUMBERS | DATES,
        values.range_params,
        values.range_words,
        values.range_,
    ),
    RuleKind(
        "length",
        "Length",
        "In characters.",
        lambda field: field.kind in TEXTUAL,
        values.length_params,
        values.length_words,
        values.length,
    ),
    RuleKind(
        "allowed",
        "One of these values",
        "One value per line.",
        _plain,
        lambda asked: {"values": asked.values()},
        lambda asked: f"{asked.field.label} is one of {listed(asked.field, asked.values())}",
        values.allowed,
    ),
    RuleKind(
        "unique",
        "Stands once",
        "No other row has the same value.",
        _plain,
        values.unique_params,
        values.unique_words,
        lambda asked: lambda value, other: f"{short(value)} stands in another row too",
        alike=values.alike,
    ),
    RuleKind(
        "exists",
        "Refers to a record that exists",
        "The ids are looked up at the API.",
        lambda field: field.kind is Kind.REFERENCE and bool(field.reference),
        nothing,
        lambda asked: f"{asked.field.label} refers to a record that exists",
        values.exists,
        asks=True,
    ),
    RuleKind(
        "compare",
        "Compared with another field",
        "Where either is empty, nothing is compared.",
        _plain,
        pairs.compare_params,
        pairs.compare_words,
        pairs.compare,
        pair=True,
    ),
    RuleKind(
        "filled_if",
        "Filled if another field is…",
        "Has to be filled where the other field has one of these values.",
        lambda field: True,
        pairs.filled_if_params,
        pairs.filled_if_words,
        pairs.filled_if,
        pair=True,
    ),
)
KINDS: Final[Mapping[str, RuleKind]] = {kind.name: kind for kind in _ALL}
