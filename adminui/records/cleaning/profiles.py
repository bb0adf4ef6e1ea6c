"""The profile of a column: how far it is filled, what stands in it, and what looks wrong, each with what helps."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from adminui.records.casting import to_text
from adminui.records.cleaning.facets import BLANKS, blank_of, shapes_of
from adminui.records.cleaning.ranges import Number, days_of, numbers_of
from adminui.records.schema import TEXTUAL, Field
from adminui.records.values import MaybeValue

EXAMPLES: Final = 3
TOP: Final = 10
SHAPES: Final = 8
_RARE: Final = 0.005  # of the filled rows: a shape that so few have, where one shape has most of them
_MAIN: Final = 0.8
_NEARLY: Final = 0.95  # distinct values for each filled row, from which on one that stands twice is odd
_FEW: Final = 20  # filled rows below which nothing is rare or far off
_EDGES: Final = re.compile(r"\A\s|\s\Z")
_DOUBLE: Final = re.compile(r"\S(?:\s\s+|[^\S ])\S")
_INVISIBLE: Final = re.compile(
    "[\u00a0\u00ad\u200b-\u200f\u2028-\u202f\u2060\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
)
_NOTHING: Final = re.compile(
    r"\s*(?:n/?a|n\.a\.|none|nil|\(?null\)?|unknown|undefined|unbekannt|tb[ad]|x{2,}|[-.?]+|#n/a)\s*", re.IGNORECASE
)
_OLDEST, _NEWEST = "1900-01-01", "2100-01-01"


@dataclass(frozen=True)
class Odd:
    """Something that looks wrong, in so many rows, and what it can be looked at or mended with: a clean-up by name,
    the panel of clusters, or a facet that shows the rows.
    """

    words: str
    rows: int
    examples: tuple[str, ...]
    op: str = ""
    clusters: bool = False
    facet: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Numbers:
    """Quartiles, and the ends beyond which 1.5 times their distance a number lies far off."""

    low: str
    median: str
    high: str
    far_low: str
    far_high: str


@dataclass(frozen=True)
class Profile:
    """What there is to say of a column in some rows. `distinct` and what follows leave blanks out."""

    rows: int
    blanks: Mapping[str, int]
    distinct: int
    repeated: int  # rows whose value stands in others too
    least: MaybeValue = None
    most: MaybeValue = None
    numbers: Numbers | None = None
    top: tuple[tuple[MaybeValue, int], ...] = ()
    shapes: tuple[tuple[str, int], ...] = ()
    shape_count: int = 0
    odd: tuple[Odd, ...] = field(default=())


def profile(about: Field, counts: Sequence[tuple[MaybeValue, int]]) -> Profile:
    """Of the distinct values of a field with their rows."""
    blanks = Counter[str]()
    for value, rows in counts:
        blanks[blank_of(value)] += rows
    filled = [pair for pair in counts if blank_of(pair[0]) == "filled"]
    shapes = _shapes(about, filled)
    least, most = _ends(about, filled)
    numbers = _numbers(about, filled)
    return Profile(
        rows=blanks.total(),
        blanks={name: blanks[name] for name in BLANKS},
        distinct=len(filled),
        repeated=sum(rows for _, rows in filled if rows > 1),
        least=least,
        most=most,
        numbers=numbers,
        top=tuple(sorted(filled, key=lambda pair: -pair[1])[:TOP]),
        shapes=tuple(shapes.most_common(SHAPES)),
        shape_count=len(shapes),
        odd=tuple(_odd(about, filled, shapes, numbers, blanks)),
    )


def _shapes(about: Field, filled: Sequence[tuple[MaybeValue, int]]) -> Counter[str]:
    found: Counter[str] = Counter()
    if about.kind in TEXTUAL:
        for shape, (_, rows) in zip(shapes_of(about, [value for value, _ in filled]), filled, strict=True):
            found[shape or ""] += rows
    return found


def _ends(about: Field, filled: Sequence[tuple[MaybeValue, int]]) -> tuple[MaybeValue, MaybeValue]:
    read = {"integer": numbers_of, "decimal": numbers_of, "date": days_of, "datetime": days_of}.get(about.kind.value)
    if read is None:
        return None, None
    keys: Sequence[Any] = read([value for value, _ in filled])
    known = [(key, place) for place, key in enumerate(keys) if key is not None]
    return (filled[min(known)[1]][0], filled[max(known)[1]][0]) if known else (None, None)


def _numbers(about: Field, filled: Sequence[tuple[MaybeValue, int]]) -> Numbers | None:
    if about.kind.value not in ("integer", "decimal"):
        return None
    read = numbers_of([value for value, _ in filled])
    pairs = sorted((n, rows) for n, (_, rows) in zip(read, filled, strict=True) if n is not None)
    total = sum(rows for _, rows in pairs)
    if not total:
        return None
    low, median, high = (_quantile(pairs, total * part // 4) for part in (1, 2, 3))
    aside = (high - low) * 3
    ends = [(low * 2 - aside) / 2, (high * 2 + aside) / 2] if aside % 2 else [low - aside // 2, high + aside // 2]
    return Numbers(*(_said(each) for each in (low, median, high, *ends)))


def _quantile(pairs: Sequence[tuple[Number, int]], place: int) -> Any:
    passed = 0
    for number, rows in pairs:
        passed += rows
        if passed > place:
            return number
    return pairs[-1][0]


def _said(number: Any) -> str:
    return format(number, "f") if not isinstance(number, int) else str(number)


# What looks wrong


def _odd(
    about: Field,
    filled: Sequence[tuple[MaybeValue, int]],
    shapes: Counter[str],
    numbers: Numbers | None,
    blanks: Mapping[str, int],
) -> Iterator[Odd]:
    if about.kind in TEXTUAL:
        yield from _in_texts(about, filled, blanks)
        yield from _rare(about, filled, shapes)
    if numbers:
        yield from _far(about, filled, numbers)
    yield from _days(about, filled)
    yield from _twice(about, filled)


def _in_texts(about: Field, filled: Sequence[tuple[MaybeValue, int]], blanks: Mapping[str, int]) -> Iterator[Odd]:
    texts = [(value, rows) for value, rows in filled if isinstance(value, str)]
    if blanks.get("spaces"):
        spaces = {"facet": "blank", "field": about.name, "in": ["spaces"]}
        yield Odd("hold nothing but spaces", blanks["spaces"], (), facet=spaces)
    for pattern, words, op in (
        (_EDGES, "begin or end with a space", "trim"),
        (_DOUBLE, "have more than one space, or a line break, between words", "collapse"),
        (_INVISIBLE, "hold characters that cannot be seen", "tidy"),
    ):
        found = [(text, rows) for text, rows in texts if pattern.search(text)]
        if found:
            yield Odd(words, sum(rows for _, rows in found), _examples(found), op=op)
    empty = [(text, rows) for text, rows in texts if _NOTHING.fullmatch(text)]
    if empty:
        facet = {"facet": "match", "field": about.name, "text": _any_of(empty), "regex": True, "case": True}
        yield Odd("say in words that there is nothing", sum(rows for _, rows in empty), _examples(empty), facet=facet)
    yield from _variants(texts)


def _any_of(found: Sequence[tuple[str, int]]) -> str:
    return rf"^({'|'.join(sorted(re.escape(text) for text, _ in found))})$"


def _variants(texts: Sequence[tuple[str, int]]) -> Iterator[Odd]:
    """Values that differ only in case or spaces from one that stands more often."""
    groups: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for text, rows in texts:
        groups[" ".join(text.casefold().split())].append((text, rows))
    several = [sorted(group, key=lambda pair: -pair[1]) for group in groups.values() if len(group) > 1]
    if several:
        fewer = sum(rows for group in several for _, rows in group[1:])
        told = [" · ".join(text for text, _ in group[:2]) for group in several[:EXAMPLES]]
        words = "differ only in case or spaces from a value that stands more often"
        yield Odd(words, fewer, tuple(map(_short, told)), clusters=True)


def _rare(about: Field, filled: Sequence[tuple[MaybeValue, int]], shapes: Counter[str]) -> Iterator[Odd]:
    total = shapes.total()
    main = shapes.most_common(1)[0][1] if shapes else 0
    if total < _FEW or main < total * _MAIN:
        return
    rare = {shape for shape, rows in shapes.items() if rows < max(2, total * _RARE)}
    if rare:
        of = zip(shapes_of(about, [value for value, _ in filled]), filled, strict=True)
        found = [(str(value), rows) for shape, (value, rows) in of if shape in rare]
        facet = {"facet": "shape", "field": about.name, "in": sorted(rare)[:1_000]}
        yield Odd("have a pattern that hardly any other has", sum(r for _, r in found), _examples(found), facet=facet)


def _far(about: Field, filled: Sequence[tuple[MaybeValue, int]], found: Numbers) -> Iterator[Odd]:
    read = numbers_of([value for value, _ in filled])
    low, high = numbers_of([found.far_low, found.far_high])
    if low is None or high is None or low == high or sum(rows for _, rows in filled) < _FEW:
        return
    far = [
        (_said(n), rows) for n, (_, rows) in zip(read, filled, strict=True) if n is not None and not low <= n <= high
    ]
    if far:
        facet: dict[str, Any] = {
            "facet": "number",
            "field": about.name,
            "from": found.far_low,
            "to": found.far_high,
            "closed": True,
            "blank": True,
            "not": True,
        }
        words = f"lie far off: below {found.far_low} or above {found.far_high}"
        yield Odd(words, sum(rows for _, rows in far), _examples(far), facet=facet)


def _days(about: Field, filled: Sequence[tuple[MaybeValue, int]]) -> Iterator[Odd]:
    if about.kind.value not in ("date", "datetime"):
        return
    read = days_of([value for value, _ in filled])
    far = [(str(v), rows) for d, (v, rows) in zip(read, filled, strict=True) if d and not _OLDEST <= d < _NEWEST]
    if far:
        facet = {"facet": "date", "field": about.name, "from": _OLDEST, "to": _NEWEST, "blank": True, "not": True}
        yield Odd("lie before 1900 or after 2099", sum(rows for _, rows in far), _examples(far), facet=facet)


def _twice(about: Field, filled: Sequence[tuple[MaybeValue, int]]) -> Iterator[Odd]:
    total = sum(rows for _, rows in filled)
    twice = [(to_text(about, value), rows) for value, rows in filled if rows > 1]
    if twice and total >= _FEW and len(filled) >= total * _NEARLY:
        facet = {"facet": "duplicate", "field": about.name, "in": ["duplicate"]}
        rows = sum(rows for _, rows in twice)
        yield Odd("share their value, where nearly every value stands once", rows, _examples(twice), facet=facet)


def _examples(found: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    often = sorted(found, key=lambda pair: -pair[1])[:EXAMPLES]
    return tuple(_short(text) for text, _ in often)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
