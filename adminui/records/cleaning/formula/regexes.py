"""Functions of patterns: the pattern stands there as text, so it is checked when the formula is."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final

from adminui.records.casting import Invalid
from adminui.records.cleaning.formula import tree
from adminui.records.cleaning.formula.coercing import as_text, fail
from adminui.records.cleaning.formula.functions import Function, applied
from adminui.records.cleaning.formula.made import LONGEST_TEXT, Made, Type, too_long
from adminui.records.cleaning.formula.problems import Left
from adminui.records.cleaning.patterns import Pattern, TooSlow, safe_pattern

_GROUP = re.compile(r"\$(\$|[0-9])")


def _matches(node: tree.Call, args: Sequence[Made]) -> Made:
    pattern = _pattern(args[1])
    return _searching(node, args[0], Type.BOOLEAN, lambda text: pattern.search(text) is not None)


def _extract(node: tree.Call, args: Sequence[Made]) -> Made:
    pattern = _pattern(args[1])
    groups = pattern.compiled.groups
    group = _group(args[2], groups) if len(args) > 2 else min(groups, 1)

    def extracted(text: str) -> str | None:
        found = pattern.search(text)
        return found[group] if found else None

    return _searching(node, args[0], Type.TEXT, extracted)


def _group(made: Made, groups: int) -> int:
    group = made.constant
    if not isinstance(group, Decimal) or group != group.to_integral_value():
        raise fail(made, "The number of a group has to stand here.")
    if group > groups:
        raise fail(made, f"The pattern has {groups or 'no'} group{'' if groups == 1 else 's'}.")
    return int(group)


def _replaced(node: tree.Call, args: Sequence[Made]) -> Made:
    pattern, by = _pattern(args[1]), args[2].constant
    if not isinstance(by, str):
        raise fail(args[2], "A text in quotes has to stand here; $1 in it is the pattern's first group.")
    parts = _template(args[2], by, pattern.compiled.groups)
    return _searching(node, args[0], Type.TEXT, lambda text: _written(text, pattern.matches(text), parts))


def _template(made: Made, by: str, groups: int) -> list[str | int]:
    """Texts and numbers of groups, in turns."""
    parts: list[str | int] = []
    for place, each in enumerate(_GROUP.split(by)):
        named = place % 2 and each != "$"
        if named and int(each) > groups:
            raise fail(made, f"The pattern has no group ${each}.")
        parts.append(int(each) if named else each)
    return parts


def _written(text: str, matches: Sequence[Any], parts: Sequence[str | int]) -> str:
    pieces, at, length = [], 0, len(text)
    for match in matches:
        new = "".join([each if isinstance(each, str) else match[each] or "" for each in parts])
        length += len(new) - (match.end() - match.start())
        if length > LONGEST_TEXT + len(text):
            raise too_long()
        pieces += [text[at : match.start()], new]
        at = match.end()
    return "".join([*pieces, text[at:]])


def _pattern(made: Made) -> Pattern:
    text = made.constant
    if not isinstance(text, str):
        raise fail(made, "The pattern has to stand here as text in quotes.")
    try:
        return safe_pattern(text)
    except Invalid as error:
        raise fail(made, str(error)) from None


def _searching(node: tree.Call, text: Made, type: Type, act: Callable[[str], Any]) -> Made:
    def searched(held: str) -> Any:
        try:
            return act(held)
        except TooSlow as slow:
            raise Left(slow.words) from None

    return Made(applied(searched, [as_text(text)]), type, node)


def _regexes(name: str, takes: str, gives: Type, help: str, build: Callable[..., Made]) -> Function:
    return Function(name, tuple(takes.split(", ")), gives, help, "Patterns", build=build)


FUNCTIONS: Final = (
    _regexes(
        "regex_matches", "text, pattern: text", Type.BOOLEAN, "Whether the pattern is somewhere in the text.", _matches
    ),
    _regexes(
        "regex_extract",
        "text, pattern: text, group: whole?",
        Type.TEXT,
        "What the pattern finds first: its first group, or all of it; null without.",
        _extract,
    ),
    _regexes(
        "regex_replace",
        "text, pattern: text, by: text",
        Type.TEXT,
        "Everything the pattern finds by a text, in which $1 is its first group.",
        _replaced,
    ),
)
