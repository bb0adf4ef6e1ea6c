"""From the text of a formula to its tree. From what binds least to what binds most:

or · and · not · = != < <= > >= · & · + - · * / % · minus · function(…) (…) {field} value "text" 1.5 null true false
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from adminui.records.cleaning.formula import tree
from adminui.records.cleaning.formula.problems import FormulaError, short
from adminui.records.cleaning.formula.tokens import Token, tokens

DEEPEST: Final = 40  # brackets within brackets
LONGEST_NUMBER: Final = 100  # digits

_COMPARISONS: Final = ("=", "!=", "<", "<=", ">", ">=")
_LEVELS: Final = (("or",), ("and",), None, ("&",), ("+", "-"), ("*", "/", "%"))  # None: not, then comparisons
_WORDS: Final = {"null": None, "true": True, "false": False}


def parse(formula: str) -> tree.Node:
    """Raises FormulaError, and nothing else, whatever the text."""
    return _Parser(tokens(formula)).whole()


class _Parser:
    def __init__(self, found: list[Token]) -> None:
        self.tokens = found
        self.place = 0
        self.depth = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.place]

    def whole(self) -> tree.Node:
        if self.next.kind == "end":
            raise FormulaError("Write a formula.", 0, 0)
        node = self.level(0)
        if self.next.kind == "end":
            return node
        if self.next.text == ")":
            raise self.wrong("This bracket closes nothing.")
        raise self.wrong(f"{_called(self.next)} cannot follow here; an operator such as & or + is missing.")

    def level(self, at: int) -> tree.Node:
        if at == len(_LEVELS):
            return self.signed()
        signs = _LEVELS[at]
        if signs is None:
            return self.negated(at)
        first, rest = self.level(at + 1), []
        while sign := self.taken(*signs):
            rest.append((sign, self.level(at + 1)))
        return tree.Chain(*_span(first, rest[-1][1]), first, tuple(rest)) if rest else first

    def negated(self, at: int) -> tree.Node:
        start = self.next
        if not self.taken("not"):
            return self.compared(at)
        of = self.deeper(lambda: self.negated(at), start)
        return tree.Not(start.at, of.at + of.length - start.at, of)

    def compared(self, at: int) -> tree.Node:
        left = self.level(at + 1)
        sign = self.taken(*_COMPARISONS)
        if not sign:
            return left
        right = self.level(at + 1)
        if self.next.kind == "sign" and self.next.text in _COMPARISONS:
            raise self.wrong("Compare two things at a time, joined by and: a < b and b < c.")
        return tree.Compare(*_span(left, right), sign, left, right)

    def signed(self) -> tree.Node:
        start = self.next
        if self.taken("+"):
            return self.deeper(self.signed, start)
        if not self.taken("-"):
            return self.primary()
        of = self.deeper(self.signed, start)
        return tree.Minus(start.at, of.at + of.length - start.at, of)

    def primary(self) -> tree.Node:
        token = self.next
        match token.kind:
            case "number":
                return self.number()
            case "text":
                return tree.Constant(*self.passed(), token.text)
            case "field":
                return self.field()
            case "name":
                return self.name()
        if token.text == "(":
            return self.bracket()
        raise self.wrong(_unexpected(token))

    def number(self) -> tree.Node:
        if self.next.length > LONGEST_NUMBER:
            raise self.wrong(f"A number has at most {LONGEST_NUMBER} digits.")
        text = self.next.text
        return tree.Constant(*self.passed(), Decimal(text))

    def field(self) -> tree.Node:
        written = self.next.text
        if not written:
            raise self.wrong("Write the name of a field between the braces.")
        return tree.Mention(*self.passed(), written)

    def bracket(self) -> tree.Node:
        start = self.next
        self.place += 1
        node = self.deeper(lambda: self.level(0), start)
        self.closed(start)
        return node

    def name(self) -> tree.Node:
        token = self.next
        at = self.passed()
        if self.next.text == "(" and self.next.kind == "sign":
            return self.call(token)
        if token.text in _WORDS:
            return tree.Constant(*at, _WORDS[token.text])
        if token.text in ("and", "or", "not"):
            raise FormulaError(f"Something is missing before or around “{token.text}”; use brackets.", *at)
        return tree.Cell(*at) if token.text == "value" else tree.Word(*at, token.text)

    def call(self, name: Token) -> tree.Node:
        start = self.next
        self.place += 1
        args: list[tree.Node] = []
        if self.next.text != ")" or self.next.kind != "sign":
            args.append(self.deeper(lambda: self.level(0), start))
            while self.taken(","):
                args.append(self.deeper(lambda: self.level(0), start))
        end = self.closed(start)
        return tree.Call(name.at, end - name.at, name.text, tuple(args))

    def closed(self, start: Token) -> int:
        """After the bracket that closes `start`; where it ends."""
        token = self.next
        if not self.taken(")"):
            if token.kind == "end":
                raise FormulaError("This bracket is not closed: put ) where it ends.", start.at, 1)
            raise self.wrong(f"{_called(token)} cannot follow here; an operator, a comma or ) is missing.")
        return token.at + 1

    def deeper(self, read: Callable[[], tree.Node], start: Token) -> tree.Node:
        if self.depth >= DEEPEST:
            raise FormulaError(f"More than {DEEPEST} brackets within brackets.", start.at, start.length)
        self.depth += 1
        node = read()
        self.depth -= 1
        return node

    def taken(self, *texts: str) -> str:
        token = self.next
        if token.kind not in ("sign", "name") or token.text not in texts:
            return ""
        self.place += 1
        return token.text

    def passed(self) -> tuple[int, int]:
        token = self.next
        self.place += 1
        return token.at, token.length

    def wrong(self, message: str) -> FormulaError:
        return FormulaError(message, self.next.at, self.next.length)


def _span(first: tree.Node, last: tree.Node) -> tuple[int, int]:
    return first.at, last.at + last.length - first.at


def _called(token: Token) -> str:
    return {"text": "A text", "field": "A field", "number": "A number"}.get(token.kind, f"“{short(token.text)}”")


def _unexpected(token: Token) -> str:
    if token.kind == "end":
        return "The formula stops too early: something has to follow."
    if token.text in (")", ","):
        return f"Something is missing before “{token.text}”."
    return f"“{token.text}” needs something before it."
