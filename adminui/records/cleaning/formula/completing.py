"""What could be written next: fields, functions and words that go on from what stands before the caret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from adminui.records.cleaning.formula.functions import Function
from adminui.records.cleaning.formula.library import FUNCTIONS
from adminui.records.schema import Field, Resource

MOST: Final = 100

# What stands before the caret, as far as it can be told in a formula that is not finished.
_BEFORE = re.compile(
    r"""(?P<text>"(?:[^"]|"")*"|'(?:[^']|'')*')
    | (?P<quote>["'].*)
    | (?P<field>\{[^{}]*\})
    | (?P<brace>\{[^{}]*\Z)
    | (?P<number>[0-9.]+)
    | (?P<name>[^\W\d]\w*)
    | (?P<sign>\S)""",
    re.VERBOSE | re.DOTALL,
)
_REST_OF_FIELD = re.compile(r"[^{}\"'&(),;=<>\n]*\}")
_REST_OF_NAME = re.compile(r"\w*")
_WORDS: Final = {
    "value": "what the cell holds",
    "null": "no value at all",
    "true": "",
    "false": "",
    "and": "both hold",
    "or": "one of them holds",
    "not": "it does not hold",
}


@dataclass(frozen=True)
class Completion:
    """`insert` takes the place of the characters from `start` to `end`."""

    insert: str
    label: str
    detail: str
    kind: str  # field, function, word
    start: int
    end: int
    help: str = ""


@dataclass(frozen=True)
class Signature:
    """The function whose brackets the caret is in, and which of its parameters."""

    name: str
    parameters: tuple[str, ...]
    active: int
    help: str


@dataclass(frozen=True)
class _Piece:
    kind: str
    text: str
    at: int


def completions(text: str, at: int, resource: Resource) -> list[Completion]:
    """In the order they are likely meant; none within a text."""
    at = max(0, min(at, len(text)))
    start = _Piece("sign", "(", 0)
    *_, before, last = start, start, *_pieces(text[:at])
    if last.kind == "brace":
        rest = _REST_OF_FIELD.match(text, at)
        return _fields(resource, last.text[1:], last.at, rest.end() if rest else at)
    if last.kind == "name" and last.at + len(last.text) == at:
        return _named(text, last, at, resource) if _begins(before) else _joining(last, at)
    return _anything(resource, at) if _begins(last) else []


def _pieces(before: str) -> Iterator[_Piece]:
    for match in _BEFORE.finditer(before):
        yield _Piece(str(match.lastgroup), match[0], match.start())


def _begins(last: _Piece) -> bool:
    """Whether something new begins after it."""
    if last.kind == "name":
        return last.text.casefold() in ("and", "or", "not")
    return last.kind == "sign" and last.text != ")"


def _named(text: str, piece: _Piece, at: int, resource: Resource) -> list[Completion]:
    rest = _REST_OF_NAME.match(text, at)
    end = rest.end() if rest else at
    wanted = piece.text.casefold()
    functions = [_function(each, piece.at, end, text) for each in _matching(wanted)]
    words = [_word(each, piece.at, end) for each in _WORDS if each.startswith(wanted)]
    fields = _fields(resource, piece.text, piece.at, end)
    return sorted([*functions, *words, *fields], key=lambda each: not _likely(each, wanted))[:MOST]


def _joining(piece: _Piece, at: int) -> list[Completion]:
    """After something that is whole."""
    return [_word(each, piece.at, at) for each in ("and", "or") if each.startswith(piece.text.casefold())]


def _likely(completion: Completion, wanted: str) -> bool:
    return completion.label.casefold().startswith(wanted) or completion.insert.strip("{").casefold().startswith(wanted)


def _matching(wanted: str) -> list[Function]:
    begins = [each for each in FUNCTIONS.values() if each.name.startswith(wanted)]
    holds = [each for each in FUNCTIONS.values() if wanted in each.name and each not in begins]
    return [*begins, *holds]


def _anything(resource: Resource, at: int) -> list[Completion]:
    functions = [_function(each, at, at, "") for each in FUNCTIONS.values()]
    return [_word("value", at, at), *_fields(resource, "", at, at)[: MOST // 2], *functions][:MOST]


def _fields(resource: Resource, wanted: str, start: int, end: int) -> list[Completion]:
    """By name or label; those that begin so before those that hold it, in the order of the resource."""
    folded = wanted.strip().casefold()
    found = [field for field in resource.visible if folded in field.name.casefold() or folded in field.label.casefold()]
    found.sort(key=lambda field: not any(each.casefold().startswith(folded) for each in (field.name, field.label)))
    return [_field(each, start, end) for each in found[:MOST]]


def _field(field: Field, start: int, end: int) -> Completion:
    detail = field.kind.value if field.label == field.name else f"{field.name} · {field.kind.value}"
    return Completion(f"{{{field.name}}}", field.label, detail, "field", start, end, field.help)


def _function(function: Function, start: int, end: int, text: str) -> Completion:
    insert = function.name if text[end : end + 1] == "(" else f"{function.name}("
    insert += "" if function.takes or insert == function.name else ")"
    return Completion(insert, function.signature, function.group, "function", start, end, function.help)


def _word(word: str, start: int, end: int) -> Completion:
    return Completion(word, word, _WORDS[word], "word", start, end)


def signature(text: str, at: int) -> Signature | None:
    """Of the innermost function around the caret."""
    open_calls: list[tuple[str, int]] = []  # name, parameter
    before = ""
    for piece in _pieces(text[: max(0, at)]):
        if piece.kind == "sign" and piece.text == "(":
            open_calls.append((before, 0))
        elif piece.kind == "sign" and piece.text == ")" and open_calls:
            open_calls.pop()
        elif piece.kind == "sign" and piece.text in ",;" and open_calls:
            name, place = open_calls.pop()
            open_calls.append((name, place + 1))
        before = piece.text.casefold() if piece.kind == "name" else ""
    known = [(FUNCTIONS[name], place) for name, place in open_calls if name in FUNCTIONS]
    if not known:
        return None
    function, place = known[-1]
    most = len(function.parameters)
    return Signature(function.name, function.parameters, min(place, most - 1) if most else 0, function.help)
