"""Typed values as a page shows them: exact, with null and empty text visible as what they are."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from adminui.records.casting import to_json, to_text
from adminui.records.schema import Field, Kind
from adminui.records.values import MISSING, MaybeValue, Value, as_boolean, as_datetime, as_decimal, readable
from adminui.services.catalog import Opened
from adminui.services.references import Names

BLANK = "\u2423"  # stands for each character of a value that is nothing but blanks, which nobody could see
LONGEST = 300  # characters of a value in a cell; the whole is in its title and on the record's page


@dataclass(frozen=True)
class Shown:
    """A value ready to draw: `text` for the eye, `raw` the exact value where that differs, `url` where it leads."""

    kind: str
    text: str = ""
    raw: str = ""
    url: str = ""

    def __html__(self) -> str:
        return _DRAWN.get(self.kind, _plain)(self)

    @property
    def html(self) -> SafeString:
        """For templates: a variable is turned into text before it is escaped, which never asks for `__html__`."""
        return mark_safe(self.__html__())

    def __str__(self) -> str:
        return _WORDS.get(self.kind, self.text)


_WORDS = {"null": "null", "empty": "empty", "missing": "not set"}


def show(opened: Opened, field: Field, value: MaybeValue, names: Names | None = None) -> Shown:
    """How one field's value looks; `names` are the titles of referenced records, as far as they are known."""
    if value is MISSING:
        return Shown("missing")
    if value is None:
        return Shown("null")
    if value == "":
        return Shown("empty")
    if field.kind is Kind.REFERENCE:
        return _reference(opened, field, value, names or {})
    return _SHOWN.get(field.kind, _text)(field, value)


def _reference(opened: Opened, field: Field, value: Value, names: Names) -> Shown:
    if isinstance(value, list | dict | Decimal) or not field.reference:
        return _text(field, value)
    name = names.get((field.reference, value)) if isinstance(value, int | str) else None
    raw = f"{field.reference} {value}"
    name = name if name and not name.isspace() else str(value)
    if "/" in str(value):
        return Shown("reference", name, raw)  # no id of ours: it has no page
    return Shown("reference", name, raw, record_url(opened.connection.name, field.reference, value))


def record_url(connection: str, resource: str, record_id: object) -> str:
    return reverse("record", args=[connection, resource, str(record_id)])


def _choice(field: Field, value: Value) -> Shown:
    choice = field.choice(value)
    if choice is None:
        return Shown("picklist", to_text(field, value))
    return Shown("picklist" if choice.active else "inactive", choice.label, to_text(field, value))


def _boolean(field: Field, value: Value) -> Shown:
    truth = as_boolean(value)
    if truth is None:
        return _text(field, value)
    return Shown("boolean", "yes" if truth else "no", "true" if truth else "false")


def _integer(field: Field, value: Value) -> Shown:
    return Shown("number", to_text(field, value))


def _decimal(field: Field, value: Value) -> Shown:
    text = to_text(field, value)
    return Shown("number", grouped(text) if as_decimal(text) is not None else text, text)


def grouped(text: str) -> str:
    """Digits before the point in groups of three, with thin spaces; nothing rounded."""
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, point, fraction = digits.partition(".")
    return sign + (f"{int(whole):,}".replace(",", "\u202f") if whole.isdigit() else whole) + point + fraction


def _datetime(field: Field, value: Value) -> Shown:
    moment = as_datetime(value)
    if moment is None:
        return _text(field, value)
    exact = ":%S" if moment.second or moment.microsecond else ""  # 23:59:59 is another end than 23:59
    shape = "%d %b %Y" if field.kind is Kind.DATE else f"%d %b %Y, %H:%M{exact}"
    zone = f" {field.zone}" if field.zone and field.kind is Kind.DATETIME else ""
    return Shown("datetime", moment.strftime(shape), f"{value}{zone}")


def _nested(field: Field, value: Value) -> Shown:
    text = to_json(value)
    if isinstance(value, list) and not any(isinstance(v, list | dict) for v in value):
        return Shown("json", readable(", ".join(map(str, value))) or "no entries", text)
    return Shown("json", _summary(value) if isinstance(value, list | dict) else text, text)


def _summary(value: list[object] | dict[str, object]) -> str:
    if isinstance(value, list):
        return f"{len(value)} entries" if len(value) != 1 else "1 entry"
    told = ", ".join(f"{name}: {_short(part)}" for name, part in value.items() if part is not None)
    return readable(told) or "no members set"


def _short(part: object) -> str:
    if isinstance(part, dict | list):
        return "…"
    return str(part).lower() if isinstance(part, bool) else str(part)


def _text(field: Field, value: Value) -> Shown:
    text = readable(to_text(field, value))
    if text.isspace():
        return Shown("text", BLANK * len(text), text)
    return Shown("text", text, text if len(text) > LONGEST else "")


_SHOWN = {
    Kind.CHOICE: _choice,
    Kind.BOOLEAN: _boolean,
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal,
    Kind.DATE: _datetime,
    Kind.DATETIME: _datetime,
    Kind.LIST: _nested,
    Kind.JSON: _nested,
}


# Drawing in Python, not in a template: a list page draws 1,200 of these, and an include for each would be most of it.


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _titled(shown: Shown) -> str:
    return f' title="{escape(_cut(shown.raw))}"' if shown.raw else ""


def _plain(shown: Shown) -> str:
    return f"<bdi{_titled(shown)}>{escape(_cut(shown.text))}</bdi>"


def _link(shown: Shown) -> str:
    return f'<a href="{escape(shown.url)}"{_titled(shown)}><bdi>{escape(_cut(shown.text))}</bdi></a>'


def _number(shown: Shown) -> str:
    return f'<span class="number"{_titled(shown)}>{escape(shown.text)}</span>'


def _truth(shown: Shown) -> str:
    mark = icon("check" if shown.raw == "true" else "minus")
    return f'<span class="value-boolean {shown.raw}">{mark}{escape(shown.text)}</span>'


def _time(shown: Shown) -> str:
    return f'<time title="{escape(shown.raw)}">{escape(shown.text)}</time>'


def _json(shown: Shown) -> str:
    return f'<span class="value-json"{_titled(shown)}>{escape(_cut(shown.text))}</span>'


def _inactive(shown: Shown) -> str:
    return f'<span class="value-inactive"{_titled(shown)}>{escape(shown.text)} (inactive)</span>'


_DRAWN = {
    "null": lambda shown: '<span class="is-null">null</span>',
    "empty": lambda shown: '<span class="is-empty">empty</span>',
    "missing": lambda shown: '<span class="is-missing">not set</span>',
    "number": _number,
    "boolean": _truth,
    "datetime": _time,
    "json": _json,
    "inactive": _inactive,
    "reference": _link,
}


@cache
def icon(name: str) -> SafeString:
    """The same markup as elements/icon.html."""
    sprite = static("icons/sprite.svg")
    use = f'<use href="{escape(sprite)}#{escape(name)}" />'
    return mark_safe(f'<svg class="icon" aria-hidden="true" focusable="false">{use}</svg>')
