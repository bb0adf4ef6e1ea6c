"""A formula as the parser understands it. Each node knows its spot; operators of one level stand side by side.

Side by side, because nesting is what is limited: a sum of a thousand numbers is not nested at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Node:
    at: int
    length: int


@dataclass(frozen=True)
class Constant(Node):
    value: str | Decimal | bool | None


@dataclass(frozen=True)
class Mention(Node):
    """A field, as it is written between braces: by name or label."""

    written: str


@dataclass(frozen=True)
class Cell(Node):
    """`value`: what the cell itself holds."""


@dataclass(frozen=True)
class Word(Node):
    """A name that means nothing where it stands; said when the formula is checked, as fields are known then."""

    name: str


@dataclass(frozen=True)
class Call(Node):
    name: str
    args: tuple[Node, ...]


@dataclass(frozen=True)
class Chain(Node):
    """Operators of one level, from left to right: or · and · & · + - · * / %."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Compare(Node):
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Minus(Node):
    of: Node


@dataclass(frozen=True)
class Not(Node):
    of: Node


def parts(node: Node) -> tuple[Node, ...]:
    match node:
        case Call(args=args):
            return args
        case Chain(first=first, rest=rest):
            return (first, *(each for _, each in rest))
        case Compare(left=left, right=right):
            return (left, right)
        case Minus(of=of) | Not(of=of):
            return (of,)
    return ()


def mentions(node: Node) -> Iterator[Mention]:
    """From left to right."""
    if isinstance(node, Mention):
        yield node
    for part in parts(node):
        yield from mentions(part)
