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
_LETTERS = re.compile(r"[^\W\d_]+")
_SENTENCE = re.compile(r"(?:^|(?<=[.!?…])\s+)[\"'“‘(¿¡]*[^\W\d_]")
_VOWELS: Final = frozenset("aeiouyäöüáéíóúàèìòùâêîôûåæøœ")
_CLITICS: Final = frozenset({"d", "l", "o"})  # d’Angelo, l’Oréal, O’Brien: what follows begins a name


class _Words(dict[str, str]):
    """Words as they are to be written, each worked out once."""

    def __init__(self, write: Callable[[str], str]) -> None:
        super().__init__()
        self._write = write

    def __missing__(self, word: str) -> str:
        if len(self) > _MOST_WORDS:
            self.clear()
        self[word] = written = self._write(word)
        return written


def titled(small: str, kept: str) -> Callable[[str], str]:
    """A text with its words capitalised, but for small ones in the middle."""
    inner = {word.casefold() for word in small.split()}
    words, shouted = _Words(_writer(kept, shouting=False)), _Words(_writer(kept, shouting=True))

    def title(text: str) -> str:
        known = shouted if text.isupper() else words
        parts = text.split(" ")
        written = [known[part] for part in parts]
        for at in range(1, len(parts) - 1):
            if parts[at].casefold() in inner and (known is shouted or not parts[at].isupper()):
                written[at] = parts[at].lower()
        said = " ".join(written)
        return text if said == text else said

    return title


def sentenced(kept: str) -> Callable[[str], str]:
    """A text with a capital at the start of each sentence only; names in mixed case and acronyms stay."""
    exact = {word.casefold(): word for word in kept.split()}

    def lowered(word: str, *, shouting: bool) -> str:
        if word.casefold() in exact:
            return exact[word.casefold()]
        return word if _spelt(word, shouting=shouting) else word.lower()

    words = _Words(lambda word: _each_run(word, lambda run: lowered(run, shouting=False)))
    shouted = _Words(lambda word: _each_run(word, lambda run: lowered(run, shouting=True)))

    def sentence(text: str) -> str:
        known = shouted if text.isupper() else words
        low = " ".join(known[word] for word in text.split(" "))
        return _SENTENCE.sub(lambda start: start[0][:-1] + _capital(start[0][-1]), low)

    return sentence


def _writer(kept: str, *, shouting: bool) -> Callable[[str], str]:
    exact = {word.casefold(): word for word in kept.split()}

    def write(word: str) -> str:
        if _spelt(word, shouting=shouting):
            return word
        return _named(_each_run(word, lambda run: exact.get(run.casefold()) or _cased(run, shouting=shouting)))

    return write


def _each_run(word: str, act: Callable[[str], str]) -> str:
    return _LETTERS.sub(lambda run: act(run[0]), word)


def _spelt(word: str, *, shouting: bool) -> bool:
    """Whether somebody chose its capitals: iPhone and IBM, but nothing in a text that is capitals throughout."""
    return not shouting and not word.islower() and word[:1] + word[1:].lower() != word


def _cased(run: str, *, shouting: bool) -> str:
    consonants = shouting and len(run) > 1 and _VOWELS.isdisjoint(run.lower())
    return run if consonants else _capital(run[0]) + run[1:].lower()


def _capital(letter: str) -> str:
    return letter if len(letter.upper()) > 1 else letter.upper()  # ß has no capital of one letter


def _named(word: str) -> str:
    """McDonald, O’Brien and Joe’s out of words whose every run of letters has a capital."""
    runs = list(_LETTERS.finditer(word))
    made = word
    for before, run in zip([None, *runs], runs, strict=False):
        apostrophe = before is not None and word[before.end() : run.start()] in ("'", "’")
        if apostrophe and before is not None and before[0].lower() not in _CLITICS:
            made = made[: run.start()] + run[0].lower() + made[run.end() :]
        elif run[0].startswith("Mc") and len(run[0]) > 3:
            at = run.start() + 2
            made = made[:at] + _capital(made[at]) + made[at + 1 :]
    return made
