"""Letter case as people write names: small words, acronyms and names such as McDonald and O’Brien kept as they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

SMALL: Final = "a an and as at but by de del der die du for from in la le of on or the to und van von vs with y"
KEPT: Final = (
    "AG BV CA CEO CFO CTO DC EU GmbH HP HR IBM II III IT IV IX KG LLC LLP LP NATO NV NY NYC PLC SA SAP SARL SAS SE TV "
    "UK UN US USA VI VII VIII"
)
_MOST_WORDS: Final = 50_000  # remembered at once
# A word is one word with accents of its own, and with what nobody sees in it.
_LETTERS = re.compile("[^\\W\\d_](?:[\xad\u0300-\u036f\u200b-\u200f\u2060-\u2064\ufeff]*[^\\W\\d_])*")
_SENTENCE = re.compile(r"(?:^|(?<=[.!?…])\s+)[\"'“‘(¿¡]*[^\W\d_]")
_ENDS: Final = frozenset(".!?…")
_VOWELS: Final = frozenset("aeiouyäöüáéíóúàèìòùâêîôûåæøœ")
_MC: Final = ("Mc", "mc", "MC")
_CLITIC = re.compile(r"(?:^|[\W\d_])[dlo]['’]$", re.IGNORECASE)  # d’Angelo, l’Oréal, O’Brien: a name begins here


class _Words(dict[str, str]):
    """Words as they are to be written, each worked out once."""

    def __init__(self, write: Callable[[str], str]) -> None:
        super().__init__()
        self._write = write

    def __missing__(self, word: str) -> str:
        if word.lower() == word.upper():
            return word
        if len(self) > _MOST_WORDS:
            self.clear()
        self[word] = written = self._write(word)
        return written


def titled(small: str, kept: str) -> Callable[[str], str]:
    """A text with its words capitalised, but for small ones in the middle."""
    loud, quiet = _Title(small, kept, shouting=True), _Title(small, kept, shouting=False)

    def title(text: str) -> str:
        words = loud if text.isupper() else quiet
        parts = text.split(" ")
        written = list(map(words.__getitem__, parts))
        if parts[0] in words.small or parts[-1] in words.small:
            if not (parts[0] and parts[-1]):
                return _within_spaces(text, title)
            written[0], written[-1] = words.ends[parts[0]], words.ends[parts[-1]]
        return " ".join(written)

    return title


class _Title(_Words):
    """Words as they are written in the middle. `small` are those met that are not so written at the ends, and what
    stands at an end where there are spaces.
    """

    def __init__(self, small: str, kept: str, *, shouting: bool) -> None:
        super().__init__(self._inside)
        self.ends = _Words(_writer(kept, shouting=shouting))
        self.small = {""}
        self._inner = {word.casefold() for word in small.split()}
        self._shouting = shouting

    def _inside(self, word: str) -> str:
        if word.casefold() in self._inner and (self._shouting or not word.isupper()):
            self.small.add(word)
            return word.lower()
        return self.ends[word]


def _within_spaces(text: str, act: Callable[[str], str]) -> str:
    core = text.strip(" ")
    if not core:
        return text
    begun = text.index(core[0])
    return f"{text[:begun]}{act(core)}{text[begun + len(core) :]}"


def sentenced(kept: str) -> Callable[[str], str]:
    """A text with a capital at the start of each sentence only; names in mixed case and acronyms stay."""
    exact = _kept(kept)

    def lowered(*, shouting: bool) -> Callable[[str], str]:
        def write(run: str) -> str:
            return exact(run) or (run if _spelt(run, shouting=shouting) else run.lower())

        return lambda word: word if _spelt(word, shouting=shouting) else _each_run(word, write)

    shouted, spoken = _Words(lowered(shouting=True)), _Words(lowered(shouting=False))

    def sentence(text: str) -> str:
        known = shouted if text.isupper() else spoken
        low = " ".join(map(known.__getitem__, text.split(" ")))
        if low[:1].isalpha() and _ENDS.isdisjoint(low):
            return _capital(low[0]) + low[1:] if low.partition(" ")[0].islower() else low
        return _SENTENCE.sub(lambda start: start[0][:-1] + _capital(start[0][-1]), low)

    return sentence


def _writer(kept: str, *, shouting: bool) -> Callable[[str], str]:
    exact = _kept(kept)

    def write(word: str) -> str:
        if _spelt(word, shouting=shouting):
            return word
        if word.isalpha() and word[:2] not in _MC:
            return exact(word) or _cased(word, shouting=shouting)
        return _named(_each_run(word, lambda run: exact(run) or _cased(run, shouting=shouting)))

    return write


def _kept(kept: str) -> Callable[[str], str]:
    """The word that is kept for one in any case, or "". Two letters only for capitals: IT and US are words too."""
    exact = {word.casefold(): word for word in kept.split()}

    def find(run: str) -> str:
        return "" if len(run) == 2 and not run.isupper() else exact.get(run.casefold(), "")

    return find


def _each_run(word: str, act: Callable[[str], str]) -> str:
    return _LETTERS.sub(lambda run: act(run[0]), word)


def _spelt(word: str, *, shouting: bool) -> bool:
    """Whether somebody chose its capitals: iPhone, IBM and AT&T, but little in a text that is capitals throughout."""
    if shouting:
        return "&" in word[1:-1]
    return not word.islower() and word[:1] + word[1:].lower() != word


def _cased(run: str, *, shouting: bool) -> str:
    consonants = shouting and len(run) > 1 and _VOWELS.isdisjoint(run.lower())
    return run if consonants else _capital(run[0]) + run[1:].lower()


def _capital(letter: str) -> str:
    return letter if len(letter.upper()) > 1 else letter.upper()  # ß has no capital of one letter


def _named(word: str) -> str:
    """McDonald, O’Brien and Joe’s out of words whose every run of letters has a capital."""
    return _LETTERS.sub(_name, word)


def _name(found: re.Match[str]) -> str:
    run, before = found[0], found.string[max(found.start() - 3, 0) : found.start()]
    if before[-1:] in ("'", "’") and before[-2:-1].isalpha() and not _CLITIC.search(before):
        return run[0].lower() + run[1:]
    return f"Mc{_capital(run[2])}{run[3:]}" if run.startswith("Mc") and len(run) > 3 else run
