"""What ten years of typing, imports and an old CRM leave in a big tenant's companies: work for a clean-up.

The first companies stay as they are, and nothing here draws from the chance of the others: those are as they were.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from adminui.sandbox.autotask.seed import words
from adminui.sandbox.autotask.store import Row, Store, put

CLEAN = 600  # companies before the mess begins
OWNER = "udf:Account Owner"
_IMPORTER = 4  # in whose name the old CRM was brought over
_FORMS = {
    "Ltd": ("Ltd", "Ltd.", "LTD", "ltd", "Limited", "Limited ", "L.t.d."),
    "LLC": ("LLC", "L.L.C.", "llc", "Llc"),
    "Inc": ("Inc", "Inc.", "INC", "Incorporated", "inc."),
    "GmbH": ("GmbH", "Gmbh", "GMBH", "G.m.b.H."),
    "PLC": ("PLC", "plc", "Plc."),
    "& Co": ("& Co", "& Co.", "and Co", "&amp; Co"),
    "": ("",),
}
_AREAS = {
    "NY": "518", "TX": "512", "MA": "617", "CO": "303", "CT": "860", "NJ": "973", "ME": "207", "RI": "401",
    "CA": "916", "IL": "217",
}  # fmt: skip
_US = (
    "({a}) 555-{c}", "{a}-555-{c}", "{a}.555.{c}", "+1 {a} 555 {c}", "1{a}555{c}", "{a}555{c}", "{a} 555{c} ",
    "+1({a})555-{c} x12", "001 {a} 555 {c}", "tel: {a}/555{c}", "({a})555-{c} ext. 4", "{a} 555 {c} (direct)",
)  # fmt: skip
_UK = ("0113 496 {c}", "+44 113 496 {c}", "+44 (0)113 496 {c}", "0044 113 496{c}", "(0113) 496{c}", "0113-496-{c}")
_DE = (
    "0221/4710{d}",
    "+49 221 4710{d}",
    "+49 (0)221 4710 {d}",
    "0049-221-4710{d}",
    "(0221) 4710-{d}",
    "0221 - 4710 {d}",
)
_NO_PHONE = ("n/a", "-", "unknown", "see notes")
_COUNTRIES = {"West Yorkshire": 236, "NRW": 81}
_RETIRED_TYPES = (9, 10)
_NOBODY = ("n/a", "?", "tbc", "House account", "nobody", "left the company")


@dataclass
class Mess:
    """Makes rows messy, one after another: some are companies that are there already, under another spelling."""

    store: Store
    seed: int
    known: list[tuple[str, str]] = field(default_factory=list)  # name without its form, form

    def __post_init__(self) -> None:
        self.rng = Random(f"{self.seed} mess")
        self.staff = list(self.store["Resources"].after(None))

    def upon(self, row: Row, region: str) -> None:
        """`region` is where the company is: its state as it should be spelt."""
        rng = self.rng
        row["companyName"] = self.name()
        if row.get("webAddress"):
            row["webAddress"] = words.web_address(rng, row["companyName"])
        row["phone"] = _phone(rng, region)
        row["countryID"] = _COUNTRIES.get(region, 237)
        put(row, {"state": words.sometimes(rng, 0.94, _state(rng, region))})
        if rng.random() < 0.06:
            row["companyType"] = rng.choice(_RETIRED_TYPES)
        self._owner(row)

    def name(self) -> str:
        """A new company's, or that of one there is as somebody else typed it."""
        rng = self.rng
        if not self.known or rng.random() > 0.36:
            stem, _, form = words.company_name(rng).partition(" ")
            trade = next(t for t in words.TRADES if form.startswith(t))
            self.known.append((f"{stem} {trade}", rng.choice(tuple(_FORMS))))
            return " ".join(self.known[-1]).strip()
        stem, form = rng.choice(self.known)
        return rng.choice(_SPELLINGS)(rng, stem, form)[:100]

    def _owner(self, row: Row) -> None:
        """The old CRM knew whose company it is, by name; bringing it over, that became the importer's for most."""
        rng = self.rng
        member = next((each for each in self.staff if each["id"] == row["ownerResourceID"]), self.staff[0])
        if rng.random() < 0.6:
            row["ownerResourceID"] = _IMPORTER
        put(row, {OWNER: words.sometimes(rng, 0.95, _called(rng, member))})


def _called(rng: Random, member: Row) -> str:
    first, last = member["firstName"], member["lastName"]
    if rng.random() < 0.02:
        return rng.choice(_NOBODY)
    usual, turned = f"{first} {last}", f"{last}, {first}"
    rare = (
        usual.upper(), usual.lower(), f" {first}  {last}", turned.upper(), f"{first[0]}. {last}", member["userName"],
        member["email"], _typo(rng, usual), f"{usual} ", f"{last} {first}",
    )  # fmt: skip
    return usual if rng.random() < 0.5 else turned if rng.random() < 0.4 else rng.choice(rare)


def _phone(rng: Random, region: str) -> str:
    if rng.random() < 0.015:
        return rng.choice(_NO_PHONE)
    if region in _COUNTRIES:
        return rng.choice(_UK if _COUNTRIES[region] == 236 else _DE).format(
            c=f"0{rng.randrange(1_000):03d}", d=f"{rng.randrange(1_000):03d}"
        )
    return rng.choice(_US).format(a=_AREAS[region], c=f"01{rng.randrange(100):02d}")[:25]


def _state(rng: Random, region: str) -> str:
    spelt = words.state(rng, region)
    return rng.choice((str, str, str, str, str.upper, str.lower, lambda text: f"{text} ", lambda text: f" {text}"))(
        spelt
    )


def _typo(rng: Random, text: str) -> str:
    """One slip of a finger, not in the first letter."""
    at = rng.randrange(1, len(text) - 1)
    slips = (
        text[:at] + text[at + 1 :],
        text[:at] + text[at] + text[at:],
        text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :] if at > 1 else text[:-1],
        text[:at] + rng.choice("aeinrst") + text[at + 1 :],
    )
    return rng.choice(slips)


def _other_form(rng: Random, form: str) -> str:
    return rng.choice(_FORMS[form])


# Each takes chance, the name without its form, and the form. What comes more often stands more often.
_SPELLINGS: tuple[Callable[[Random, str, str], str], ...] = (
    *[lambda rng, stem, form: f"{stem} {form}".strip()] * 5,
    *[lambda rng, stem, form: f"{stem} {_other_form(rng, form)}".rstrip()] * 5,
    lambda rng, stem, form: f"{stem} {form}".upper(),
    lambda rng, stem, form: f"{stem} {form}".lower(),
    lambda rng, stem, form: f"{stem.replace(' ', '  ')} {_other_form(rng, form)}",
    lambda rng, stem, form: f"{form} {stem}".lstrip(),
    lambda rng, stem, form: f"{stem}, {form}" if form else f"{stem}.",
    lambda rng, stem, form: f"{stem.replace(' ', '-')} {form}".rstrip(),
    *[lambda rng, stem, form: f"{_typo(rng, stem)} {form}".rstrip()] * 3,
    lambda rng, stem, form: f"{stem.replace('e', 'é', 1)} {form}".rstrip(),
    lambda rng, stem, form: f"{stem} {form} (duplicate)",
)
