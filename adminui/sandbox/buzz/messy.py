"""Text and dates as people type them over the years: doubled blanks, stray case, copies, tags, other scripts."""

import random
from datetime import datetime, timedelta

from adminui.sandbox.buzz.store import STAMP

_BRANDS = (
    ("Acme", "Ltd."), ("Northwind", "Traders"), ("Globex", "Corporation"), ("Initech", "LLC"), ("Umbrella", "Foods"),
    ("Stark", "Motors"), ("Wayne", "Travel"), ("Hooli", "Inc."), ("Vandelay", "Imports"), ("Soylent", "Beverages"),
    ("Cyberdyne", "Mobile"), ("Tyrell", "Insurance"), ("Blue Sun", "Coffee"), ("Gringotts", "Bank"),
    ("Bluth", "Homes"), ("Dunder", "Paper"), ("Pied Piper", "Cloud"), ("Oscorp", "Pharma"), ("Massive", "Dynamics"),
    ("Wonka", "Sweets"),
)  # fmt: skip
_FOREIGN = (
    "Müller & Söhne GmbH", "Société Générale d\u2019Été", "東京メディア株式会社", "شركة النور للإعلان",
    "חברת הפרסום הגדולה",
    "Zażółć Gęślą Jaźń", "🚀 Rocket Deals 🎯", "Cre\u0300me Bru\u0302le\u0301e",
)  # fmt: skip
_SEASONS = ("Spring", "Summer", "Fall", "Winter", "Q1", "Q2", "Q3", "Q4", "Back to School", "Black Friday", "Always On")
_GOALS = ("Prospecting", "Retargeting", "Brand", "CTV", "OTT", "Display", "Native", "Conquesting", "Awareness")
_NOTES = (
    "Client asked for daily reports.", "see email from Tue", "PAUSE if CPM > 12", "do not touch — billing dispute",
    "<b>Q4</b> priority", "<script>alert('notes')</script>", "line one\nline two", "IO #00417; PO 0099", "tbd", "n/a",
    "  leading blanks", "“smart quotes” & ampersands", "=SUM(A1:A3)",
)  # fmt: skip
_LONG = "International Multi-Market Holiday Performance Campaign with Incremental Reach Measurement, Second Flight, "


class Messy:
    """A seeded source of realistic disorder; the same seed tells the same story."""

    def __init__(self, rng: random.Random, today: datetime) -> None:
        self._random, self._today = rng, today

    def brand(self, number: int) -> str:
        first, last = _BRANDS[number % len(_BRANDS)]
        if number % 17 == 5:
            return _FOREIGN[number // 17 % len(_FOREIGN)]
        spelled = (f"{first} {last}", f"{first.upper()} {last.rstrip('.').lower()}", f"{first}  {last}", first.lower())
        return self.typed(spelled[self._random.randrange(4)], number)

    def title(self, number: int, brand: str) -> str:
        pick = self._random.randrange
        name = f"{brand.strip()} - {_SEASONS[pick(len(_SEASONS))]} {2023 + pick(4)} - {_GOALS[pick(len(_GOALS))]}"
        return self.typed(name, number)

    def typed(self, name: str, number: int) -> str:
        """Most names pass as they are; every so often one shows a habit of whoever typed it."""
        habit = number % 40
        if habit in _HABITS:
            return _HABITS[habit].format(name)[:191]
        return (_LONG * 2)[: 191 - len(str(number)) - 2] + f" #{number}" if habit == 39 else name

    def note(self) -> str | None:
        roll = self._random.random()
        if roll < 0.45:
            return None
        return "" if roll < 0.6 else _NOTES[int(roll * 1000) % len(_NOTES)]

    def alternative_id(self, number: int) -> str | None:
        """One key in several spellings: zero-filled, prefixed, bare, with a blank, or none."""
        forms = (f"{number:08d}", f"{number:06d}", str(number), f"CRM-{number:05d}", f"crm-{number}", f" {number:06d}")
        roll = self._random.randrange(10)
        return forms[roll] if roll < 6 else ("" if roll == 6 else None)

    def past(self, days: int = 1200) -> str:
        return self._moment(-self._random.random() * days)

    def span(self) -> tuple[str, str]:
        """A campaign's dates: usually whole days, now and then a few odd seconds or a single day."""
        start = self._today + timedelta(days=self._random.randrange(-700, 60))
        if self._random.random() < 0.1:
            start += timedelta(seconds=self._random.randrange(86_400))
        length = 0 if self._random.random() < 0.03 else self._random.randrange(7, 200)
        end = start.replace(hour=23, minute=59, second=59) + timedelta(days=length)
        return start.strftime(STAMP), end.strftime(STAMP)

    def _moment(self, days: float) -> str:
        return (self._today + timedelta(days=days)).strftime(STAMP)


_HABITS = {
    1: "{0} ",
    4: "{0}  (v2)",
    7: "Copy of {0}",
    11: "Copy of Copy of {0} ",
    14: " {0}",
    18: "TEST {0}",
    22: "{0} - test do not use",
    25: "<b>{0}</b>",
    29: "{0}\u00a0",
    32: "{0} 🎯",
    36: "zz_OLD {0}",
}
