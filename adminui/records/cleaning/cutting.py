"""Clean-ups that cut text up and put it together: split, join, extract, remove."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from adminui.records.cleaning.base import (
    Doing,
    Given,
    Making,
    Param,
    Skipped,
    Transform,
    WrongParam,
    about,
    anything,
    on_texts,
    textual,
)
from adminui.records.cleaning.patterns import Pattern, TooSlow, safe_pattern
from adminui.records.cleaning.reading import blank, listed, nothing, short, shown
from adminui.records.schema import Field
from adminui.records.values import MaybeValue

MOST_PIECES: Final = 1_000
TOO_SLOW: Final = Skipped(TooSlow.words)
_UNMATCHED: Final = Skipped("does not match the pattern")
_Pieces = Callable[[str], list[str]]


def _split(making: Making) -> Doing:
    source, place = making.other(making.params["from"]), making.place
    pieces = _pieces(making.params)
    read, trim = shown(source), making.params["trim"]

    def done(value: MaybeValue, others: Sequence[MaybeValue]) -> Given | Skipped:
        found = others[0]
        if (none := nothing(found)) is not None:
            return _of(source, none)
        try:
            parts = pieces(read(found))
        except TooSlow:
            return TOO_SLOW
        if place >= len(parts):
            return Skipped(f"has no piece {place + 1}: {source.label} comes to {len(parts):,}")
        return Given(parts[place].strip() if trim else parts[place])

    return done


def _pieces(params: Mapping[str, Any]) -> _Pieces:
    separator, most = params["separator"], params["most"]
    if not 0 <= most <= MOST_PIECES:
        raise WrongParam("most", f"The number of pieces is at most {MOST_PIECES:,}; 0 is for any.")
    if params["regex"]:
        with about("separator"):
            pattern = safe_pattern(separator)
        return lambda text: pattern.split(text, most)
    if separator == " ":
        return lambda text: text.split(None, most - 1)  # runs of spaces are one
    return lambda text: text.split(separator, most - 1)


def _of(source: Field, skipped: Skipped) -> Skipped:
    return Skipped(f"{source.label} {skipped.words}")


def _join(making: Making) -> Doing:
    names, separator = making.params["from"], making.params["separator"]
    reads = [shown(making.other(name)) for name in names]

    def done(value: MaybeValue, others: Sequence[MaybeValue]) -> Given | Skipped:
        parts = [read(found) for read, found in zip(reads, others, strict=False) if not blank(found)]
        return Given(separator.join(parts)) if parts else Skipped("has nothing to join")

    return done


def _extract(making: Making) -> Doing:
    source = making.other(making.params["from"]) if making.params["from"] else making.field
    with about("pattern"):
        pattern = safe_pattern(making.params["pattern"], case=making.params["case"])
    group, read, other = _group(pattern, making.params["group"]), shown(source), bool(making.params["from"])

    def done(value: MaybeValue, others: Sequence[MaybeValue]) -> Given | Skipped:
        found = others[0] if other else value
        if (none := nothing(found)) is not None:
            return _of(source, none) if other else none
        try:
            match = pattern.search(read(found))
        except TooSlow:
            return TOO_SLOW
        return _UNMATCHED if match is None or match[group] is None else Given(match[group])

    return done


def _extracted(labels: str, params: Mapping[str, Any]) -> str:
    return f"Set {labels} to what the pattern “{short(params['pattern'])}” finds in {params['from'] or 'it'}"


def _group(pattern: Pattern, number: int) -> int:
    """The first group is meant where there is any, else all that matches."""
    groups: int = pattern.compiled.groups
    if number == 1 and not groups:
        return 0
    if not 0 <= number <= groups:
        raise WrongParam("group", f"The pattern has no group {number}.")
    return number


_KINDS: Final[Mapping[str, tuple[str, Callable[[str], bool]]]] = {
    "digits": ("digits", str.isdecimal),
    "other": ("everything but digits", lambda letter: not letter.isdecimal()),
    "letters": ("letters", str.isalpha),
    "spaces": ("spaces", str.isspace),
    "punctuation": ("punctuation and signs", lambda letter: not (letter.isalnum() or letter.isspace())),
}
_THESE: Final = "these"


def _remove(making: Making) -> Doing:
    what, typed = making.params["what"], making.params["characters"]
    if what == _THESE and not typed:
        raise WrongParam("characters", "Say which characters are to be removed.")
    table = _Gone(frozenset(typed).__contains__ if what == _THESE else _KINDS[what][1])

    def remove(text: str) -> str:
        left = text.translate(table)
        return text if left == text else left

    return on_texts(remove)


class _Gone(dict[int, int | None]):
    """For `str.translate`: None for characters that are to go, asked once for each."""

    def __init__(self, gone: Callable[[str], bool]) -> None:
        super().__init__()
        self._gone = gone

    def __missing__(self, code: int) -> int | None:
        self[code] = kept = None if self._gone(chr(code)) else code
        return kept


def _removed(labels: str, params: Mapping[str, Any]) -> str:
    what, typed = params["what"], short(params["characters"])
    return f"Remove {_KINDS[what][0] if what in _KINDS else f'“{typed}”'} from {labels}"


_WHAT: Final = (*((name, label) for name, (label, _) in _KINDS.items()), (_THESE, "these:"))
_TRIM: Final = Param("trim", "Trim the pieces", "flag", True)

TRANSFORMS: Final = (
    Transform(
        "split",
        "Split into fields",
        "Columns",
        "Cuts a text and puts the first piece into the first of the chosen fields, the next into the next, and so on.",
        _split,
        lambda labels, params: f"Split {params['from']} into {labels}",
        anything,
        (
            Param("from", "Field to split", "field", required=True),
            Param("separator", "At", default=",", required=True, help="A space stands for any run of spaces."),
            Param("regex", "A pattern (regular expression)", "flag", False),
            Param("most", "Pieces at most", "number", 0, help="The last holds all that is left; 0 for any number."),
            _TRIM,
        ),
        reads=lambda params: (params["from"],),
    ),
    Transform(
        "join",
        "Join fields",
        "Columns",
        "Puts other fields together here, in their order; empty ones are left out.",
        _join,
        lambda labels, params: f"Join {listed(params['from'])} into {labels}",
        textual,
        (
            Param("from", "Fields to join", "fields", (), required=True),
            Param("separator", "Between them", default=" "),
        ),
        reads=lambda params: tuple(params["from"]),
    ),
    Transform(
        "extract",
        "Extract",
        "Columns",
        "Puts here what a pattern finds: its first group, or all that matches where it has none.",
        _extract,
        _extracted,
        anything,
        (
            Param("pattern", "Pattern", "regex", required=True, help=r"Such as (\d{5}) for five digits."),
            Param("from", "Out of", "field", help="The field itself, unless another is chosen."),
            Param("group", "Group", "number", 1),
            Param("case", "Letter case matters", "flag", True),
        ),
        reads=lambda params: (params["from"],) if params["from"] else (),
    ),
    Transform(
        "remove",
        "Remove characters",
        "Characters",
        "Takes out characters of a kind, or those typed.",
        _remove,
        _removed,
        textual,
        (
            Param(
                "what",
                "What",
                "choice",
                "other",
                (*((k, label) for k, (label, _) in _KINDS.items()), (_THESE, "these:")),
            ),
            Param("characters", "Characters"),
        ),
    ),
)
