"""Quality rules on one field: how its values have to be. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import date
from decimal import Decimal
from typing import Any

from adminui.records.casting import Invalid, to_text
from adminui.records.cleaning import formats
from adminui.records.cleaning.facets import likeness_of
from adminui.records.cleaning.quality_base import (
    NUMBERS,
    Asked,
    Judge,
    Params,
    amount_of,
    blank,
    named,
    short,
    unless_blank,
)
from adminui.records.schema import TEXTUAL
from adminui.records.values import MaybeValue, as_decimal, canonical

# required


def required(asked: Asked) -> Judge:
    return lambda value, other: f"{asked.field.label} is {named(value)}" if blank(value) else ""


# format


def format_params(asked: Asked) -> Params:
    name, pattern, region = asked.text("as"), asked.text("pattern"), asked.text("region", "US").upper()
    formats.matcher(name, pattern, region)  # raises Invalid
    needs = formats.FORMATS[name].needs
    return {"as": name} | {key: {"pattern": pattern, "region": region}[key] for key in needs}


def format_words(asked: Asked) -> str:
    words = formats.FORMATS[asked.text("as")].words
    return f"{asked.field.label} is {words.format(pattern=asked.text('pattern'), region=asked.text('region'))}"


def format_(asked: Asked) -> Judge:
    matches = formats.matcher(asked.text("as"), asked.text("pattern"), asked.text("region", "US"))
    words = formats.FORMATS[asked.text("as")].words
    said = words.format(pattern=asked.text("pattern"), region=asked.text("region"))

    def judge(value: MaybeValue) -> str:
        return "" if matches(to_text(asked.field, value)) else f"{short(value)} is not {said}"

    return unless_blank(judge)


# range


def _bound(asked: Asked, name: str) -> Decimal | date | None:
    text = asked.text(name).strip()
    if not text:
        return None
    if asked.field.kind in NUMBERS:
        number = as_decimal(text)
        if number is None:
            raise Invalid(f"“{text[:40]}” is not a number.")
        return number
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(f"“{text[:40]}” is not a date; write YYYY-MM-DD.") from None


def range_params(asked: Asked) -> Params:
    low, high = _bound(asked, "from"), _bound(asked, "to")
    if low is None and high is None:
        raise Invalid("A range needs a lower or an upper end.")
    if low is not None and high is not None and low > high:  # type: ignore[operator]
        raise Invalid("The range ends before it begins.")
    return {name: asked.text(name).strip() for name in ("from", "to") if asked.text(name).strip()}


def range_words(asked: Asked) -> str:
    low, high = asked.text("from"), asked.text("to")
    if low and high:
        return f"{asked.field.label} is from {low} to {high}"
    return f"{asked.field.label} is {'at least ' + low if low else 'at most ' + high}"


def range_(asked: Asked) -> Judge:
    low: Any = _bound(asked, "from")
    high: Any = _bound(asked, "to")
    kind = "a number" if asked.field.kind in NUMBERS else "a date"

    def judge(value: MaybeValue) -> str:
        amount: Any = amount_of(asked.field, value)
        if amount is None:
            return f"{short(value)} is not {kind}"
        if low is not None and amount < low:
            return f"{short(value)} is less than {low}" if kind == "a number" else f"{short(value)} is before {low}"
        if high is not None and amount > high:
            return f"{short(value)} is more than {high}" if kind == "a number" else f"{short(value)} is after {high}"
        return ""

    return unless_blank(judge)


# length


def length_params(asked: Asked) -> Params:
    ends = {name: asked.params.get(name) for name in ("from", "to")}
    if any(end is not None and (type(end) is not int or not 0 <= end < 2**31) for end in ends.values()):
        raise Invalid("A length is a whole number of characters.")
    low, high = ends["from"], ends["to"]
    if low is None and high is None:
        raise Invalid("Say how many characters at least or at most.")
    if low is not None and high is not None and low > high:
        raise Invalid("The range ends before it begins.")
    return {name: end for name, end in ends.items() if end is not None}


def length_words(asked: Asked) -> str:
    low, high = asked.params.get("from"), asked.params.get("to")
    if low is not None and high is not None:
        return f"{asked.field.label} has {low} characters" if low == high else _between(asked, low, high)
    return f"{asked.field.label} has at {'most ' + str(high) if low is None else 'least ' + str(low)} characters"


def _between(asked: Asked, low: int, high: int) -> str:
    return f"{asked.field.label} has {low} to {high} characters"


def length(asked: Asked) -> Judge:
    low, high = asked.params.get("from", 0), asked.params.get("to")

    def judge(value: MaybeValue) -> str:
        size = len(to_text(asked.field, value))
        if low <= size and (high is None or size <= high):
            return ""
        return f"{short(value)} has {size:,} character{'' if size == 1 else 's'}"

    return unless_blank(judge)


# allowed


def allowed(asked: Asked) -> Judge:
    fine = {canonical(asked.field, text) for text in asked.values()}
    return unless_blank(
        lambda v: "" if canonical(asked.field, v) in fine else f"{short(v)} is not one of those allowed"
    )


# unique


def unique_params(asked: Asked) -> Params:
    alike = asked.text("as", "exact")
    if alike not in ("exact", "fingerprint"):
        raise Invalid("Values are compared exactly, or by their fingerprints.")
    return {"as": alike if asked.field.kind in TEXTUAL else "exact"}


def unique_words(asked: Asked) -> str:
    nearly = ", however it is spelt" if asked.text("as", "exact") == "fingerprint" else ""
    return f"{asked.field.label} stands once{nearly}"


def alike(asked: Asked) -> Callable[[MaybeValue], Hashable | None]:
    return likeness_of({"as": asked.text("as", "exact")}, asked.field)


# reference exists


def exists(asked: Asked) -> Judge:
    name = asked.field.reference or "record"
    return unless_blank(lambda value: f"There is no {name} {value}" if value in asked.gone else "")
