"""Random formulas come to what a naive reckoning of the same trees comes to, however they are printed."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from adminui.records.cleaning.base import Given, Skipped
from adminui.records.cleaning.formula import language
from adminui.records.schema import Field, Kind, Resource

FIELDS = {"n": Kind.INTEGER, "m": Kind.DECIMAL, "s": Kind.TEXT, "t": Kind.TEXT, "b": Kind.BOOLEAN}
CELL = Field("cell", "Cell", Kind.TEXT)
RESOURCE = Resource("r", "Rows", "Row", (CELL, *(Field(name, name.upper(), kind) for name, kind in FIELDS.items())))
ORDERS = ("=", "!=", "<", "<=", ">", ">=")
BINDS = {"or": 1, "and": 2, "not": 3, **dict.fromkeys(ORDERS, 4), "&": 5, "+": 6, "-": 6, "*": 7, "minus": 8}
Tree = tuple[Any, ...]  # ("literal", value) · ("field", name) · (operator, part, part) · (function, part, …)


class LeftAlone(Exception):
    pass


digits = st.decimals(0, 99, places=1)
truths = st.booleans()
letters = st.text("aB \"'é{", max_size=4)


@st.composite
def trees(draw: st.DrawFn, kind: str, depth: int = 4) -> Tree:
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        return draw(st.sampled_from([("literal", draw(LITERALS[kind])), *(("field", name) for name in NAMED[kind])]))
    name, kinds = draw(st.sampled_from(MADE_OF[kind]))
    return (name, *(draw(trees(each, depth - 1)) for each in kinds))


LITERALS: dict[str, Any] = {"number": digits, "text": letters, "truth": truths}
NAMED = {"number": ["n", "m"], "text": ["s", "t"], "truth": ["b"]}
N, T, B = "number", "text", "truth"
MADE_OF: dict[str, list[tuple[str, tuple[str, ...]]]] = {
    N: [("+", (N, N)), ("-", (N, N)), ("*", (N, N)), ("minus", (N,)), ("len", (T,)), ("floor", (N,)), ("if", (B, N, N)),
        ("max", (N, N)), ("find", (T, T)), ("coalesce", (N, N))],
    T: [("&", (T, T)), ("&", (T, N)), ("upper", (T,)), ("trim", (T,)), ("replace", (T, T, T)), ("if", (B, T, T)),
        ("coalesce", (T, T)), ("join", (T, T, T)), ("first", (T, T))],
    B: [("and", (B, B)), ("or", (B, B)), ("not", (B,)), ("blank", (T,)), ("contains", (T, T)), ("if", (B, B, B)),
        *((sign, (N, N)) for sign in ORDERS), *((sign, (T, T)) for sign in ORDERS)],
}  # fmt: skip


def printed(tree: Tree, chance: random.Random, least: int = 0) -> str:
    """With brackets where they have to be, and by chance elsewhere."""
    name, *parts = tree
    space = chance.choice(["", " ", " \n "])
    if name == "literal":
        return quoted(parts[0], chance)
    if name == "field":
        return chance.choice([f"{{{parts[0]}}}", f"{{ {parts[0].upper()} }}"])
    if name not in BINDS:
        args = chance.choice([", ", ",", " ; "]).join(printed(part, chance) for part in parts)
        return f"{chance.choice([name, name.upper()])}{space}({args})"
    binds = BINDS[name]
    if name in ("not", "minus"):
        text = f"{'not ' if name == 'not' else '-'}{space}{printed(parts[0], chance, binds)}"
    else:
        left = printed(parts[0], chance, binds + (name in ORDERS))
        sign = f" {name} " if name.isalpha() else f"{space}{name}{space}"
        text = left + sign + printed(parts[1], chance, binds + 1)
    return f"({text})" if binds < least or chance.random() < 0.2 else text


def quoted(value: Any, chance: random.Random) -> str:
    if isinstance(value, bool):
        return "true" if value else "FALSE"
    if not isinstance(value, str):
        return str(value)
    quote = chance.choice("\"'")
    return quote + value.replace(quote, quote * 2) + quote


def reckoned(tree: Tree, row: dict[str, Any]) -> Any:
    """The naive way: fractions for numbers, one branch per name."""
    name, *parts = tree
    if name == "literal":
        return as_fraction(parts[0])
    if name == "field":
        return as_fraction(row[parts[0]])
    if name == "if":
        return reckoned(parts[1] if reckoned(parts[0], row) else parts[2], row)
    if name in ("and", "or"):
        first = bool(reckoned(parts[0], row))
        return first if first is (name == "or") else bool(reckoned(parts[1], row))
    if name in ("coalesce", "first"):
        for part in parts:
            value = reckoned(part, row)
            if value is not None and (name == "coalesce" or not isinstance(value, str) or value.strip()):
                return value
        return None
    return applied(name, [reckoned(part, row) for part in parts])


def as_fraction(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | str) else Fraction(value)


def applied(name: str, args: list[Any]) -> Any:
    if name == "not":
        return not args[0]
    if name == "blank":
        return args[0] is None or not args[0].strip()
    if name == "=":
        return args[0] == args[1]
    if name == "!=":
        return args[0] != args[1]
    if name == "max":
        known = [arg for arg in args if arg is not None]
        return max(known) if known else None
    if name == "&":
        return "".join("" if arg is None else text_of(arg) for arg in args)
    if name == "join":
        return (args[0] or "").join(arg for arg in args[1:] if arg is not None and arg.strip())
    if None in args:
        if name in TEXTUAL:
            return None
        raise LeftAlone
    return PLAIN[name](*args)


TEXTUAL = ("len", "find", "upper", "trim", "replace", "contains")
PLAIN: dict[str, Any] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "minus": lambda a: -a,
    "floor": lambda a: Fraction(math.floor(a)),
    "len": lambda text: Fraction(len(text)),
    "find": lambda text, part: Fraction(text.find(part) + 1),
    "upper": lambda text: text.upper(),
    "trim": lambda text: text.strip(),
    "contains": lambda text, part: part in text,
    "replace": lambda text, part, by: by.join(text.split(part)) if part else text,
}


def text_of(value: Any) -> str:
    """Fractions are tested as numbers: as text only where they are whole, see `whole_texts`."""
    return value if isinstance(value, str) else f"{int(value)}"


def whole_texts(tree: Tree) -> Tree:
    """Numbers that are joined as text are made whole, so that how many zeros they end in does not matter."""
    name, *parts = tree
    if name in ("literal", "field"):
        return tree
    made = [whole_texts(part) for part in parts]
    if name == "&" and kind_of(made[1]) == N:
        made[1] = ("floor", made[1])
    return (name, *made)


def kind_of(tree: Tree) -> str:
    name, *parts = tree
    if name == "literal":
        return T if isinstance(parts[0], str) else B if isinstance(parts[0], bool) else N
    if name == "field":
        return next(kind for kind, names in NAMED.items() if parts[0] in names)
    if name in ("if", "coalesce", "first"):
        return kind_of(parts[-1])
    return next(kind for kind, made in MADE_OF.items() if name in {each for each, _ in made})


HELD = {"n": st.none() | st.integers(-99, 99), "m": st.none() | digits, "s": st.none() | letters, "t": letters}
rows = st.fixed_dictionaries({**HELD, "b": st.none() | truths})


@settings(max_examples=600, deadline=None)
@given(st.sampled_from([N, T, B]).flatmap(trees).map(whole_texts), rows, st.randoms(use_true_random=False))
def test_a_formula_comes_to_what_its_tree_comes_to_however_it_is_printed(tree, row, chance):
    formula = printed(tree, chance)
    doing = language.doing(formula, RESOURCE, CELL)
    fields = [language.field_called(RESOURCE, name).name for name in language.reads_of(formula)]
    result = doing("", [row[name] for name in fields])
    try:
        wanted = reckoned(tree, row)
    except LeftAlone:
        assert isinstance(result, Skipped), formula
        assert "null" in result.words
        return
    assert isinstance(result, Given), (formula, result, wanted)
    assert as_told(result.text, wanted) == wanted, formula


def as_told(text: str | None, wanted: Any) -> Any:
    if isinstance(wanted, bool):
        return {"true": True, "false": False}.get(text or "", text)
    return Fraction(text) if isinstance(wanted, Fraction) and text is not None else text
