"""What a function of the language is: its parameters, what it gives, a line of help, and how it is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from adminui.records.cleaning.formula import tree
from adminui.records.cleaning.formula.coercing import COERCING
from adminui.records.cleaning.formula.made import Made, Run, Type
from adminui.records.cleaning.formula.problems import FormulaError
from adminui.records.values import MaybeValue

Building: TypeAlias = Callable[[tree.Call, Sequence[Made]], Made]


@dataclass(frozen=True)
class Function:
    """`takes` names the parameters with their kind, as "text", "count: whole", "by: text?" (may be left out) or
    "more: text*" (any number more). Null given as text comes to null; given as a number or date, it leaves the row.
    """

    name: str
    takes: tuple[str, ...]
    gives: Type
    help: str
    group: str
    act: Callable[..., Any] | None = None  # what is done to the arguments
    build: Building | None = None  # instead, for what needs more than the values of its arguments

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(_shown(each) for each in self.takes)

    @property
    def signature(self) -> str:
        return f"{self.name}({', '.join(self.parameters)})"

    @property
    def fewest(self) -> int:
        return sum(not each.endswith(("?", "*")) for each in self.takes)

    @property
    def most(self) -> int | None:
        return None if self.takes and self.takes[-1].endswith("*") else len(self.takes)

    def kind(self, place: int) -> str:
        each = self.takes[min(place, len(self.takes) - 1)].rstrip("?*")
        return each.split(": ")[-1]

    def called(self, node: tree.Call, args: Sequence[Made]) -> Made:
        """Raises FormulaError."""
        _counted(self, node)
        if self.build is not None:
            return self.build(node, args)
        assert self.act is not None
        runs = [COERCING[self.kind(place)](arg) for place, arg in enumerate(args)]
        return Made(applied(self.act, runs), self.gives, node)


def _shown(takes: str) -> str:
    name = takes.rstrip("?*").split(":")[0]
    return f"[{name}]" if takes.endswith("?") else "…" if takes.endswith("*") else name


def _counted(function: Function, node: tree.Call) -> None:
    given, most = len(node.args), function.most
    if given < function.fewest:
        missing = function.parameters[given].strip("[]")
        raise FormulaError(f"{function.signature}: “{missing}” is missing.", node.at, node.length)
    if most is not None and given > most:
        first, last = node.args[most], node.args[-1]
        words = "takes nothing" if not most else f"takes {'no more than ' if most > 1 else ''}{most}"
        raise FormulaError(f"{function.signature} {words}.", first.at, last.at + last.length - first.at)


def applied(act: Callable[..., Any], runs: Sequence[Callable[..., Any]]) -> Run:
    """Calls for one, two and any number of arguments: most have one or two, and there are many rows."""
    if len(runs) == 1:
        return _to_one(act, runs[0])
    if len(runs) == 2:
        return _to_two(act, runs[0], runs[1])

    def to_all(value: MaybeValue, others: Sequence[MaybeValue]) -> Any:
        args = [run(value, others) for run in runs]
        return None if None in args else act(*args)

    return to_all


def _to_one(act: Callable[..., Any], run: Callable[..., Any]) -> Run:
    def to_one(value: MaybeValue, others: Sequence[MaybeValue]) -> Any:
        held = run(value, others)
        return None if held is None else act(held)

    return to_one


def _to_two(act: Callable[..., Any], first: Callable[..., Any], second: Callable[..., Any]) -> Run:
    def to_two(value: MaybeValue, others: Sequence[MaybeValue]) -> Any:
        held, other = first(value, others), second(value, others)
        return None if held is None or other is None else act(held, other)

    return to_two
