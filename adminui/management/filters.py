"""Conditions as one types them on a command line: `name contains Acme`, `id in 1,2,3`, `price>=10`, `phone isnull`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from adminui.records.casting import to_json
from adminui.records.queries import WITHOUT_VALUE, Group, Op
from adminui.records.schema import Field
from adminui.services import browse
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput

SIGNS: Final = {"!=": Op.NE, ">=": Op.GTE, "<=": Op.LTE, "==": Op.EQ, "=": Op.EQ, ">": Op.GT, "<": Op.LT}
WORDS: Final[Mapping[str, Op]] = {
    "not in": Op.NOT_IN,
    "is not": Op.NE,
    **{op.value: op for op in Op},
    "is": Op.EQ,
    "not": Op.NE,
    "begins with": Op.BEGINS,
    "startswith": Op.BEGINS,
    "ends with": Op.ENDS,
    "endswith": Op.ENDS,
    "isnull": Op.EMPTY,
    "notnull": Op.FILLED,
}
EXPLAINED: Final = """conditions (--filter, more than one: all must hold):
  FIELD OP VALUE, such as  --filter "companyName contains Acme"  --filter "id in 1,2,3"  --filter "updated>=2026-01-01"
  FIELD  a raw name, or a label that is one field's alone
  OP     eq =  ne !=  gt >  gte >=  lt <  lte <=  contains  begins  ends  in  not_in  isnull (empty)  notnull (filled)
  VALUE  as on the page: labels of picklists, dates as YYYY-MM-DD; several for in and not_in, with commas between
  What an API cannot be asked is said, and nothing is read."""


def where(opened: Opened, conditions: Iterable[str]) -> Group:
    """All of these conditions. Raises BadInput."""
    return browse.parse_where(opened, to_json(["and", *(_condition(opened, text) for text in conditions)]))


def _condition(opened: Opened, text: str) -> list[str]:
    field, rest = _field(opened, text.strip())
    op, value = _operator(text, rest)
    return [field.name, op.value] if op in WITHOUT_VALUE else [field.name, op.value, value]


def _field(opened: Opened, text: str) -> tuple[Field, str]:
    """The longest name that the text begins with, else a label that is one field's alone, and what follows."""
    shown = opened.resource.visible
    for names in ([f.name for f in shown], [f.name.lower() for f in shown], [f.label.lower() for f in shown]):
        named = [(f, rest) for f, name in zip(shown, names, strict=True) if (rest := _behind(name, text)) is not None]
        longest = min((len(rest) for _, rest in named), default=0)
        found = [(f, rest) for f, rest in named if len(rest) == longest]
        if len(found) == 1:
            return found[0]
    raise BadInput(f"--filter “{text}” begins with no field of {opened.resource.label}.", "Write FIELD OP VALUE.")


def _behind(name: str, text: str) -> str | None:
    """What follows the name, if the text begins with it and it ends there."""
    begins = text.startswith(name) or (name == name.lower() and text.lower().startswith(name))
    rest = text[len(name) :]
    return rest if name and begins and (not rest or not re.match(r"[\w.\-]", rest)) else None


def _operator(text: str, rest: str) -> tuple[Op, str]:
    said = rest.strip()
    for sign, op in SIGNS.items():
        if said.startswith(sign):
            return op, said[len(sign) :].strip()
    for word, op in sorted(WORDS.items(), key=lambda each: -len(each[0])):
        if re.match(rf"{re.escape(word)}(\s|\Z)", said, re.IGNORECASE):
            return op, said[len(word) :].strip()
    raise BadInput(f"--filter “{text}” has no comparison that is known.", f"Known are {', '.join(WORDS)}.")
