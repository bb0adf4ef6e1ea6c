"""Clean-ups of text that look at nothing but the text: spaces, case, Unicode, quotes, HTML, accents, width."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

from adminui.records.cleaning.base import Doing, Given, Making, Param, Skipped, Transform, WrongParam, on_texts, textual
from adminui.records.cleaning.casing import KEPT, SMALL, sentenced, titled
from adminui.records.cleaning.markup import unescaped
from adminui.records.cleaning.reading import listed
from adminui.records.values import MaybeValue

_Act: TypeAlias = Callable[[str], str]
_Form: TypeAlias = Literal["NFC", "NFKC"]

MOST_WIDTH: Final = 1_000
_SPACES = re.compile(r" ?[^\S\r\n ][^\S\r\n]*| {2,}[^\S\r\n]*")  # whatever is not one plain space already
_ANY_SPACE = re.compile(r" ?[^\S ]\s*| {2,}\s*")
# Controls but for tab and line ends; soft hyphen, zero-width space, word joiner, byte order mark, marks of direction.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_JOINERS = re.compile("[\u200c\u200d]+")  # they mean something between emoji and in some scripts, never beside ASCII
_QUOTES: Final = {**dict.fromkeys(map(ord, "‘’‚‛´"), "'"), **dict.fromkeys(map(ord, "“”„‟"), '"')}
_DASHES: Final = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_ELLIPSIS: Final = {ord("…"): "..."}
_ACCENT = re.compile("(?<=[A-Za-z])[\u0300-\u036f]+")
_PLAIN: Final = "ß:ss ẞ:SS ø:o Ø:O ł:l Ł:L đ:d Đ:D ð:d Ð:D þ:th Þ:Th æ:ae Æ:AE œ:oe Œ:OE ı:i ħ:h Ħ:H"
_LETTERS: Final = {ord(pair[0]): pair[2:] for pair in _PLAIN.split()}


def trimmed(side: str) -> _Act:
    return {"both": str.strip, "left": str.lstrip, "right": str.rstrip}[side]


def collapsed(*, lines: bool) -> _Act:
    """Each run of spaces as one plain space; line ends stay unless `lines`."""
    runs = _ANY_SPACE if lines else _SPACES

    def collapse(text: str) -> str:
        if not text.isprintable():  # of all spaces only the plain one is
            return runs.sub(" ", text)
        while "  " in text:
            text = text.replace("  ", " ")
        return text

    return collapse


def normalised(form: _Form, *, invisible: bool) -> _Act:
    """Composed; with `invisible`, without characters nobody sees."""

    def normalise(text: str) -> str:
        if text.isascii() and (text.isprintable() or not invisible):
            return text
        made = unicodedata.normalize(form, text)
        made = _visible(made, form) if invisible else made
        return text if made == text else made

    return normalise


def _visible(text: str, form: _Form) -> str:
    seen = unicodedata.normalize(form, _INVISIBLE.sub("", text))  # what stood between two characters is gone
    return unicodedata.normalize(form, _JOINERS.sub(_joiner, seen))


def _joiner(found: re.Match[str]) -> str:
    before, after = found.string[: found.start()][-1:], found.string[found.end() :][:1]
    return found[0] if before and after and not (before.isascii() or after.isascii()) else ""


def straightened(*, dashes: bool, ellipsis: bool) -> _Act:
    table = _QUOTES | (_DASHES if dashes else {}) | (_ELLIPSIS if ellipsis else {})

    def straighten(text: str) -> str:
        if text.isascii():
            return text
        made = text.translate(table)
        return text if made == text else made

    return straighten


def without_accents(text: str) -> str:
    """Latin letters without their marks; other scripts, where a mark makes another letter, are left alone."""
    if text.isascii():
        return text
    plain = _ACCENT.sub("", unicodedata.normalize("NFD", text)).translate(_LETTERS)
    made = unicodedata.normalize("NFC", plain)
    return text if made == text else made


def _pad(making: Making) -> Doing:
    width, filler, left = making.params["width"], making.params["char"], making.params["side"] == "left"
    if not 1 <= width <= MOST_WIDTH:
        raise WrongParam("width", f"The width is a number from 1 to {MOST_WIDTH:,}.")
    if len(filler) != 1:
        raise WrongParam("char", "Say one character to fill up with.")
    fill = str.rjust if left else str.ljust
    padded = on_texts(lambda text: fill(text, width, filler))

    def done(value: MaybeValue, others: Sequence[MaybeValue]) -> Given | Skipped:
        return Skipped("is empty") if value == "" else padded(value, others)

    return done


def tidied(text: str) -> str:
    """Everything that is never meant: invisible characters, runs of spaces, spaces around, curly quotes."""
    plain = text if text.isascii() and text.isprintable() else _STRAIGHT(_UNICODE(text))
    return _COLLAPSED(plain).strip()


_UNICODE: Final = normalised("NFC", invisible=True)
_STRAIGHT: Final = straightened(dashes=False, ellipsis=False)
_COLLAPSED: Final = collapsed(lines=False)


def _plain(act: _Act) -> Callable[[Making], Doing]:
    return lambda making: on_texts(act)


def _with(make: Callable[[Mapping[str, Any]], _Act]) -> Callable[[Making], Doing]:
    return lambda making: on_texts(make(making.params))


def _trimming(labels: str, params: Mapping[str, Any]) -> str:
    end = {"left": "the start of ", "right": "the end of "}.get(params["side"], "")
    return f"Trim spaces off {end}{labels}"


def _straightening(labels: str, params: Mapping[str, Any]) -> str:
    more = [words for name, words in (("dashes", "dashes"), ("ellipsis", "ellipses")) if params[name]]
    return f"Straighten {listed(['quotes', *more])} in {labels}"


def _padding(labels: str, params: Mapping[str, Any]) -> str:
    end, width = "start" if params["side"] == "left" else "end", params["width"]
    return f"Pad {labels} with “{params['char']}” at the {end} to {width:,} character{'' if width == 1 else 's'}"


def _said(words: str) -> Callable[[str, Mapping[str, Any]], str]:
    return lambda labels, params: words.format(labels)


def _flag(name: str, label: str, *, default: bool = False, help: str = "") -> Param:
    return Param(name, label, "flag", default, help=help)


_KEEP: Final = Param("keep", "Words kept as they are", default=KEPT, help="Acronyms and names, with spaces between.")
_SIDES: Final = (("both", "both ends"), ("left", "the start"), ("right", "the end"))

TRANSFORMS: Final = (
    Transform(
        "tidy",
        "Tidy text",
        "Text",
        "Takes out invisible characters, runs of spaces and spaces around, and makes curly quotes straight.",
        _plain(tidied),
        _said("Tidy {}"),
        textual,
    ),
    Transform(
        "trim",
        "Trim spaces",
        "Text",
        "Takes spaces and line breaks off the ends, no-break spaces too.",
        _with(lambda params: trimmed(params["side"])),
        _trimming,
        textual,
        (Param("side", "From", "choice", "both", _SIDES),),
    ),
    Transform(
        "collapse",
        "Collapse spaces",
        "Text",
        "Makes one plain space of each run of spaces, tabs and no-break spaces.",
        _with(lambda params: collapsed(lines=params["lines"])),
        lambda labels, params: f"Collapse spaces {'and line breaks ' if params['lines'] else ''}in {labels}",
        textual,
        (_flag("lines", "Line breaks too"),),
    ),
    Transform(
        "lower",
        "lower case",
        "Case",
        "Small letters throughout.",
        _plain(str.lower),
        _said("Make {} lower case"),
        textual,
    ),
    Transform(
        "upper",
        "UPPER CASE",
        "Case",
        "Capital letters throughout.",
        _plain(str.upper),
        _said("Make {} upper case"),
        textual,
    ),
    Transform(
        "title",
        "Title Case",
        "Case",
        "A capital for each word. Words in mixed case, such as iPhone or IBM, stay as they are unless all is capitals.",
        _with(lambda params: titled(params["small"], params["keep"])),
        _said("Make {} title case"),
        textual,
        (Param("small", "Small words", default=SMALL, help="In small letters inside of a name."), _KEEP),
    ),
    Transform(
        "sentence",
        "Sentence case",
        "Case",
        "A capital at the start of each sentence only.",
        _with(lambda params: sentenced(params["keep"])),
        _said("Make {} sentence case"),
        textual,
        (_KEEP,),
    ),
    Transform(
        "unicode",
        "Normalise Unicode",
        "Characters",
        "Spells each character in one way. NFKC also makes plain letters and digits of wide, small and joined ones.",
        _with(lambda params: normalised(params["form"], invisible=params["invisible"])),
        lambda labels, params: f"Normalise Unicode{' (NFKC)' if params['form'] == 'NFKC' else ''} in {labels}",
        textual,
        (
            Param("form", "Form", "choice", "NFC", (("NFC", "NFC, as usual"), ("NFKC", "NFKC, compatible"))),
            _flag("invisible", "Take out invisible characters", default=True),
        ),
    ),
    Transform(
        "quotes",
        "Straighten quotes",
        "Characters",
        "Makes curly quotes and apostrophes straight.",
        _with(lambda params: straightened(dashes=params["dashes"], ellipsis=params["ellipsis"])),
        _straightening,
        textual,
        (_flag("dashes", "Long dashes too"), _flag("ellipsis", "“…” too")),
    ),
    Transform(
        "unescape",
        "Unescape HTML",
        "Characters",
        "Makes characters of entities such as &amp; and &eacute;.",
        _with(lambda params: unescaped(tags=params["tags"])),
        lambda labels, params: f"Unescape HTML {'and take out tags ' if params['tags'] else ''}in {labels}",
        textual,
        (_flag("tags", "Take out tags too"),),
    ),
    Transform(
        "strip_accents",
        "Strip accents",
        "Characters",
        "Makes plain letters of Latin ones with marks: é to e, ß to ss, ø to o.",
        _plain(without_accents),
        _said("Strip accents from {}"),
        textual,
    ),
    Transform(
        "pad",
        "Pad",
        "Text",
        "Fills text up to a width; longer text stays.",
        _pad,
        _padding,
        textual,
        (
            Param("width", "Width", "number", 5),
            Param("char", "Fill with", default="0", required=True),
            Param("side", "At", "choice", "left", _SIDES[1:]),
        ),
    ),
)
