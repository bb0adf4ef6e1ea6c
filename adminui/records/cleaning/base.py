"""What every clean-up is made of: a named transform with parameters, done to fields of the rows where facets hold.

    Transformation   what a person asked for: plain data, kept with a worksheet and in recipes
      └ name ──▶ Transform   how it is done: one entry of the registry, with its parameters described
          └ make(Making) ──▶ Doing   ready for one field: (value, others) → Given | Skipped

A `Doing` is pure and is given what an editor would be working on: the pending edit where there is one (as typed, where
it cannot be sent: cleaning is how it gets right), else what was read. It says what the editor would hold afterwards;
whether that can be sent is judged by `records.changes`, as of everything typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from adminui.records.casting import Invalid
from adminui.records.entries import Given, Skipped
from adminui.records.schema import TEXTUAL, Field, Kind, Resource
from adminui.records.values import MISSING, MaybeValue

__all__ = [
    "Doing",
    "Given",
    "Invalid",
    "Making",
    "Param",
    "Skipped",
    "Transform",
    "Transformation",
    "WrongParam",
    "anything",
    "on_texts",
    "textual",
]

Doing: TypeAlias = Callable[[MaybeValue, Sequence[MaybeValue]], Given | Skipped]
Where: TypeAlias = tuple[Mapping[str, Any], ...]  # facets that all hold (`records.cleaning.facets`)

MOST_FIELDS: Final = 200
LONGEST: Final = 100_000  # characters of a text parameter; tables have `MOST_PAIRS`
MOST_PAIRS: Final = 50_000


class WrongParam(Invalid):
    """One parameter makes no sense: said where it is set."""

    def __init__(self, param: str, message: str) -> None:
        super().__init__(message)
        self.param = param


@contextmanager
def about(param: str) -> Iterator[None]:
    """What is Invalid within is so because of one parameter."""
    try:
        yield
    except Invalid as error:
        raise WrongParam(param, str(error)) from error


@dataclass(frozen=True)
class Param:
    """One parameter, as the page draws it. `kind`: text, number (whole), flag, choice, field, fields, pairs, formula,
    regex. Pairs are lists of two texts, of which the second may be None for null.
    """

    name: str
    label: str
    kind: str = "text"
    default: Any = ""
    choices: tuple[tuple[str, str], ...] = ()  # value, label
    required: bool = False
    help: str = ""


@dataclass(frozen=True)
class Making:
    """What a Doing is made for: one field, the `place`th of those to be changed. `params` are complete and checked."""

    resource: Resource
    field: Field
    place: int
    params: Mapping[str, Any]

    def other(self, name: str) -> Field:
        """Another field that is read. Raises Invalid."""
        found = self.resource.by_name.get(name)
        if found is None or found.hidden:
            by = next((each for each, value in self.params.items() if value == name or value == [name]), "")
            raise WrongParam(by, f"{self.resource.label} have no field “{name[:80]}”.")
        return found


@dataclass(frozen=True)
class Transform:
    """One clean-up there is. `words` is how a step of it is called, its fields' labels given."""

    name: str
    label: str
    group: str  # under which the page lists it
    help: str
    make: Callable[[Making], Doing]  # raises Invalid when the parameters make no sense
    words: Callable[[str, Mapping[str, Any]], str]
    fits: Callable[[Field], bool]
    params: tuple[Param, ...] = ()
    reads: Callable[[Mapping[str, Any]], tuple[str, ...]] = lambda params: ()  # other fields, in the order of `others`
    carries: bool = False  # the Doing remembers rows above: it is called for every row, in order, once
    keeps_invalid: bool = False  # what cannot be sent is written all the same, to be mended; else it is left alone

    def checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """All parameters, defaults filled in. Raises Invalid for one that is unknown, missing or no such thing."""
        known = {param.name: param for param in self.params}
        if unknown := [name for name in given if name not in known]:
            raise Invalid(f"“{unknown[0][:40]}” is not a parameter of “{self.label}”.")
        return {name: _checked(param, given.get(name, param.default)) for name, param in known.items()}


def _checked(param: Param, value: Any) -> Any:
    if param.required and value in ("", None, [], ()):
        raise WrongParam(param.name, f"{param.label} is missing.")
    if not _IS[param.kind](value) or (param.kind == "choice" and value not in dict(param.choices)):
        raise WrongParam(param.name, f"{param.label} {_WANTED.get(param.kind, 'cannot be that')}.")
    return value


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= MOST_FIELDS and all(map(_is_text, value))


def _is_pairs(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= MOST_PAIRS and all(map(_is_pair, value))


def _is_pair(pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and _is_text(pair[0]) and (pair[1] is None or _is_text(pair[1]))


_WANTED: Final = {
    "number": "is a whole number",
    "choice": "is one of those listed",
    **dict.fromkeys(("text", "formula", "regex"), f"has at most {LONGEST:,} characters"),
    "pairs": f"has at most {MOST_PAIRS:,} pairs",
}
_IS: Final[Mapping[str, Callable[[Any], bool]]] = {
    **dict.fromkeys(("text", "choice", "field", "formula", "regex"), _is_text),
    "number": lambda value: type(value) is int and abs(value) < 2**53,
    "flag": lambda value: isinstance(value, bool),
    "fields": _is_names,
    "pairs": _is_pairs,
}


@dataclass(frozen=True)
class Transformation:
    """What is done to which fields of which rows. `rows` are ranges of one worksheet; without them it can be a step of
    a recipe. `but` names records, by field, that are left alone: ticks taken out of a preview.
    """

    name: str
    fields: tuple[str, ...]
    params: Mapping[str, Any] = field(default_factory=dict)
    where: Where = ()
    rows: str | None = None
    but: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def portable(self) -> bool:
        """Whether it can be done to another worksheet too."""
        return self.rows is None

    def anywhere(self) -> Transformation:
        return replace(self, rows=None)

    def as_data(self) -> dict[str, Any]:
        """For JSON: what `from_data` reads."""
        data: dict[str, Any] = {"op": self.name, "fields": list(self.fields), "params": dict(self.params)}
        data |= {"where": [dict(facet) for facet in self.where]} if self.where else {}
        data |= {"rows": self.rows} if self.rows is not None else {}
        return data | ({"but": {name: list(ids) for name, ids in self.but.items()}} if self.but else {})

    @classmethod
    def from_data(cls, data: Any) -> Transformation:
        """Raises Invalid; whether transform, fields and parameters exist is asked when it is made ready."""
        if not (isinstance(data, Mapping) and isinstance(data.get("op"), str) and data.keys() <= _MEMBERS):
            raise Invalid("This is not a clean-up step.")
        fields, params, where = data.get("fields"), data.get("params", {}), data.get("where", [])
        rows, but = data.get("rows"), data.get("but", {})
        if not (_is_names(fields) and fields and len(set(fields)) == len(fields)):
            raise Invalid("Say which fields are to be changed, each once.")
        well = isinstance(params, Mapping) and isinstance(where, list) and isinstance(but, Mapping)
        if not well or not all(isinstance(facet, Mapping) for facet in where):
            raise Invalid("This clean-up step cannot be read.")
        if not (rows is None or isinstance(rows, str)) or not all(isinstance(ids, list) for ids in but.values()):
            raise Invalid("Which rows are meant cannot be read.")
        left = {str(name): tuple(map(str, ids)) for name, ids in but.items()}
        return cls(data["op"], tuple(fields), dict(params), tuple(dict(facet) for facet in where), rows, left)


_MEMBERS: Final = {"op", "fields", "params", "where", "rows", "but"}


def textual(field: Field) -> bool:
    return field.kind in TEXTUAL


def anything(field: Field) -> bool:
    """Every kind that is edited as one line of text."""
    return field.kind not in (Kind.LIST, Kind.JSON)


def on_texts(act: Callable[[str], str]) -> Doing:
    """What is done to text and to nothing else."""

    def done(value: MaybeValue, others: Sequence[MaybeValue]) -> Given | Skipped:
        if isinstance(value, str):
            return Given(act(value))
        return Skipped("is null" if value is None else "is not set" if value is MISSING else "is not text")

    return done
