"""Find and replace, plain or by a pattern, and where in a text the matches are."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from adminui.records.cleaning.base import (
    LONGEST,
    Doing,
    Given,
    Making,
    Param,
    Skipped,
    Transform,
    WrongParam,
    about,
    anything,
)
from adminui.records.cleaning.patterns import Pattern, TooSlow, safe_pattern
from adminui.records.cleaning.reading import IS_NULL, NOT_SET, short, shown
from adminui.records.values import MISSING, MaybeValue

Span: TypeAlias = tuple[int, int]

TOO_LONG: Final = Skipped(f"would become longer than {LONGEST:,} characters")
TOO_SLOW: Final = Skipped(TooSlow.words)
_ESCAPE = re.compile(r"\\(?:g<([^>]*)>|(\d{1,2})|(.)|$)|\$(?:\{([^}]*)\}|(\d{1,2})|(\$))", re.DOTALL)
_MEANT: Final = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "$": "$"}


def pattern_of(find: str, *, regex: bool, case: bool) -> Pattern:
    """What is looked for, as a pattern. Raises Invalid."""
    if not find:
        raise WrongParam("find", "Say what to find.")
    with about("find"):
        return safe_pattern(find if regex else re.escape(find), case=case)


def finder(find: str, *, regex: bool, case: bool, whole: bool) -> Callable[[str], list[Span]]:
    """Finds where in a text the matches are; none in one that takes too long. Raises Invalid, the finder never."""
    search = _search(pattern_of(find, regex=regex, case=case), whole=whole)

    def spans(text: str) -> list[Span]:
        try:
            return [match.span() for match in search(text)]
        except TooSlow:
            return []

    return spans


def matches(text: str, find: str, *, regex: bool = False, case: bool = False, whole: bool = False) -> list[Span]:
    """Where in one text the matches are. Raises Invalid."""
    return finder(find, regex=regex, case=case, whole=whole)(text)


def _search(pattern: Pattern, *, whole: bool) -> Callable[[str], list[Any]]:
    """All matches; `whole`, the one that is all of the text, or none."""
    return (lambda text: [found] if (found := pattern.fullmatch(text)) else []) if whole else pattern.matches


def template(by: str, pattern: Pattern) -> Callable[[Any], str]:
    r"""What stands in place of a match: \\1 or $1 for a group, \\g<name> or ${name} for a named one, \\n for a new
    line. Raises Invalid for a group there is not.
    """
    parts: list[str | int] = []
    at = 0
    for found in _ESCAPE.finditer(by):
        parts += [by[at : found.start()], _part(found, pattern)]
        at = found.end()
    parts.append(by[at:])
    if all(isinstance(part, str) for part in parts):
        fixed = "".join(map(str, parts))
        return lambda match: fixed
    return lambda match: "".join(part if isinstance(part, str) else match[part] or "" for part in parts)


def _part(found: re.Match[str], pattern: Pattern) -> str | int:
    """Text, or the number of a group."""
    name = next((found[at] for at in (1, 2, 4, 5) if found[at] is not None), None)
    if name is None:
        return _MEANT.get(found[3] or found[6] or "\\", found[0])
    known = pattern.compiled.groupindex
    group = int(name) if name.isdecimal() and len(name) < 4 else known.get(name)
    if group is None or group > pattern.compiled.groups:
        raise WrongParam("by", f"The pattern has no group “{short(name)}”.")
    return int(group)


def _replace(making: Making) -> Doing:
    params, field = making.params, making.field
    pattern = pattern_of(params["find"], regex=params["regex"], case=params["case"])
    search = _search(pattern, whole=params["whole"])
    written = template(params["by"], pattern) if params["regex"] else lambda match: params["by"]
    missing = Skipped(f"does not contain “{short(params['find'])}”")
    read, plain = shown(field), not (params["regex"] or params["whole"]) and params["case"]

    def done(value: MaybeValue, others: Sequence[MaybeValue]) -> Given | Skipped:
        if value is None or value is MISSING:
            return IS_NULL if value is None else NOT_SET
        text = read(value)
        if plain and params["find"] not in text:
            return missing
        try:
            found = search(text)
        except TooSlow:
            return TOO_SLOW
        return _replaced(text, found, written) if found else missing

    return done


def _replaced(text: str, found: Sequence[Any], written: Callable[[Any], str]) -> Given | Skipped:
    parts, at, length = [], 0, len(text)
    for match in found:
        begun, end = match.span()
        parts += [text[at:begun], written(match)]
        at = end
        length += len(parts[-1]) - (end - begun)
        if length > LONGEST:
            return TOO_LONG
    return Given("".join([*parts, text[at:]]))


def _words(labels: str, params: Mapping[str, Any]) -> str:
    find, by = (short(params[name]) for name in ("find", "by"))
    if params["whole"]:
        return f"Replace {'what fits ' if params['regex'] else ''}“{find}” as a whole with “{by}” in {labels}"
    found = f"what the pattern “{find}” finds" if params["regex"] else f"“{find}”"
    return f"Replace {found} with “{by}” in {labels}" if by else f"Take {found} out of {labels}"


TRANSFORMS: Final = (
    Transform(
        "replace",
        "Find and replace",
        "Text",
        "Puts other text where some is found: plain, or by a pattern with groups. A choice goes by its label.",
        _replace,
        _words,
        anything,
        (
            Param("find", "Find", required=True),
            Param("by", "Replace with", help=r"With a pattern, \1 stands for what its first group found."),
            Param("regex", "A pattern (regular expression)", "flag", False),
            Param("case", "Letter case matters", "flag", False),
            Param("whole", "The whole value only", "flag", False),
        ),
    ),
)
