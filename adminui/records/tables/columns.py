"""Columns of a file and fields: which column means which, and what each cell comes to beside what a record holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from rapidfuzz import fuzz, process, utils

from adminui.records.casting import Invalid, to_text
from adminui.records.changes import change_of
from adminui.records.schema import TEXTUAL, Field, Resource
from adminui.records.tables import damage
from adminui.records.tables.damage import PLAIN, Reading, Sign
from adminui.records.tables.versions import COLUMN as VERSION
from adminui.records.tables.writing import Token, heading, meaning, named, writer, written
from adminui.records.values import MISSING, MaybeValue, same

NEAR: Final = 78  # of 100: names that are as alike as this may mean the same


@dataclass(frozen=True)
class Meant:
    """What a column seems to mean. `field` is one beyond doubt, `perhaps` one to be confirmed."""

    name: str
    field: str = ""
    perhaps: str = ""
    version: bool = False
    ours: bool = False  # a column of our own that says something to people only


def known_names(resource: Resource) -> list[str]:
    """What may stand in a header."""
    shown = resource.visible
    names = [f.name for f in shown] + [f.label for f in shown] + [heading(f, labels=True) for f in shown]
    return [*names, VERSION, "id"]


def meant(resource: Resource, names: Sequence[str]) -> list[Meant]:
    """Each column by raw name, `Label [name]`, a label that is one field's alone, or a name that is nearly one's."""
    found = [_sure(resource, name) for name in names]
    taken = {each.field for each in found}
    for at, each in enumerate(found):
        if each.field and each.field in {other.field for other in found[:at]}:
            found[at] = Meant(each.name, perhaps=each.field)  # the first column of a name is it
        elif not (each.field or each.version or each.ours):
            found[at] = Meant(each.name, perhaps=_near(resource, each.name, taken))
    return found


def _sure(resource: Resource, name: str) -> Meant:
    text = name.strip()
    if text.startswith("_"):
        return Meant(name, version=text == VERSION, ours=text != VERSION)
    shown = resource.visible
    exact = named(text, [f.name for f in shown]) or ("id" if text.lower() == "id" else "")
    if exact:
        return Meant(name, resource.id_field if text.lower() == "id" and exact == "id" else exact)
    labelled = [f.name for f in shown if f.label.casefold() == text.casefold()]
    return Meant(name, labelled[0] if len(labelled) == 1 else "")


def _near(resource: Resource, name: str, taken: set[str]) -> str:
    free = [f for f in resource.visible if f.name not in taken]
    said = {(f.name, at): text for f in free for at, text in enumerate((f.name, f.label))}
    if not name.strip() or not said:
        return ""
    best = process.extractOne(
        name, said, scorer=fuzz.token_sort_ratio, processor=utils.default_process, score_cutoff=NEAR
    )
    return str(best[2][0]) if best else ""


class Fate(StrEnum):
    """What a cell of a file comes to."""

    SAME = "unchanged"
    KEPT = "left alone"  # blank, or said to be left as it is
    EDIT = "edit"
    INVALID = "invalid"
    DAMAGED = "damaged"  # the record's value explains it
    SUSPECT = "looks damaged"  # nothing explains it, and nobody has said to take it
    READ_ONLY = "read-only"


@dataclass(frozen=True)
class Verdict:
    """A cell's fate; `edit` is what an editor would hold where it is typed, null is None."""

    fate: Fate
    edit: str | None = None
    sign: Sign | None = None
    words: str = ""


SAME: Final = Verdict(Fate.SAME)
KEPT: Final = Verdict(Fate.KEPT)


@dataclass(frozen=True)
class Policy:
    """How one column is taken: what a blank cell says, and whether what looks damaged is taken all the same."""

    blank: str = "keep"  # or "empty", "null"
    null: str = ""  # a cell that says this sets null
    empty: str = ""  # a cell that says this sets empty text
    take: bool = False
    reading: Reading = field(default_factory=lambda: PLAIN)


class Judge:
    """Tells what cells of one column come to. Pure; each (value, cell) is asked once by who remembers."""

    def __init__(self, resource: Resource, name: str, policy: Policy) -> None:
        self.resource, self.field, self.policy = resource, resource.by_name[name], policy

    def of(self, base: MaybeValue, text: str | None) -> Verdict:
        said = Token.KEEP if text is None else self._said(text)
        if said is Token.KEEP:
            return KEPT
        if said is Token.BLANK:
            return self._blank(base)
        if said is Token.EMPTY and base == "" and isinstance(base, str):
            return SAME
        if isinstance(said, Token):
            return self._typed(base, None if said is Token.NULL else "")
        return self._text(base, said)

    def _said(self, text: str) -> Token | str:
        if text and text == self.policy.null:
            return Token.NULL
        return Token.EMPTY if text and text == self.policy.empty else meaning(text)

    def _blank(self, base: MaybeValue) -> Verdict:
        if self.policy.blank == "keep" or not self.field.editable:
            return SAME if base is None or base is MISSING or base == "" else KEPT
        if base is None or base is MISSING:
            return SAME
        return self._typed(base, None if self.policy.blank == "null" else "")

    def _text(self, base: MaybeValue, text: str) -> Verdict:
        if base is not None and base is not MISSING and _lines(text) == _lines(written(self.field, base)):
            return SAME
        if not self.field.editable:
            return self._not_ours(base, text)
        came = self._typed(base, text)
        if came.fate is Fate.SAME:
            return SAME
        if sign := damage.explained(self.field, base, text, self.policy.reading):
            return Verdict(Fate.DAMAGED, sign=sign)
        if sign := damage.looks(self.field, text, self.policy.reading):
            return self._suspect(base, text, sign)
        return came

    def _suspect(self, base: MaybeValue, text: str, sign: Sign) -> Verdict:
        taken = damage.repaired(self.field, text, sign, self.policy.reading) if self.policy.take else None
        if taken is None:
            return Verdict(Fate.SUSPECT, sign=sign)
        return self._typed(base, taken)

    def _not_ours(self, base: MaybeValue, text: str) -> Verdict:
        if base is not MISSING and same(self.field, base, text):
            return SAME
        sign = damage.explained(self.field, base, text, self.policy.reading)
        return Verdict(Fate.DAMAGED, sign=sign) if sign else Verdict(Fate.READ_ONLY)

    def _typed(self, base: MaybeValue, raw: str | None) -> Verdict:
        """As if typed into an editor: text where a field has no empty text is judged as it is on the page."""
        if not self.field.editable:
            return Verdict(Fate.READ_ONLY)
        if raw == "" and self.field.kind not in TEXTUAL and self.field.choice("") is None:
            return Verdict(Fate.INVALID, raw, words=f"{self.field.label} has no empty text; say null.")
        try:
            change = change_of(self.resource, self.field.name, base, raw)
        except Invalid as error:
            return Verdict(Fate.INVALID, raw, words=str(error))
        if change is None:
            return SAME
        return Verdict(Fate.EDIT, None if change.after is None else to_text(self.field, change.after))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def as_written(field: Field, values: Sequence[MaybeValue], policy: Policy) -> list[str]:
    """The cell that each value is written as: a cell that is the same is unchanged, and needs no judge."""
    tokens = {policy.null, policy.empty} - {""}
    found = list(map(writer(field), values))
    return [NEVER if text in tokens else text for text in found] if tokens else found


NEVER: Final = "\0"  # no file has such a cell
BLANKS: Final = {"keep": "left alone", "empty": "set to empty text", "null": "set to null"}
