"""The records a Buzz sandbox starts with: many, messy and the same for the same seed."""

import random
from datetime import datetime
from typing import Any

from adminui.sandbox.buzz.messy import Messy
from adminui.sandbox.buzz.resources import RESOURCES
from adminui.sandbox.buzz.store import ACCOUNT, Record, Store

_TODAY = datetime(2026, 11, 20)  # fixed, so that the same seed gives the same records on any day
_CATEGORIES = (
    "Arts & Entertainment", "Automotive", "Business", "Careers", "Education", "Family & Parenting",
    "Health & Fitness", "Food & Drink", "Hobbies & Interests", "Home & Garden", "Law, Gov't & Politics", "News",
    "Personal Finance", "Society", "Science", "Pets", "Sports", "Style & Fashion", "Technology & Computing", "Travel",
)  # fmt: skip
_ROLES = (
    "Administrator", "Campaign Manager", "Trader", "Analyst", "Read Only", "Creative Ops", "Billing", "QA",
    "Trader (old)", "test role ", "Partner \u2013 EMEA", "API  Integration",
)  # fmt: skip
_PEOPLE = ("Ana", "Ben", "Chloé", "Dmitri", "Eun-ji", "Farid", "Grace", "Hana", "Iván", "Jo", "Kwame", "Li")
_FAMILIES = ("Ng", "Smith", "O'Brien", "de la Cruz", "Müller", "Okafor", "van der Berg", "Sato", "Ivanova", "Kaya")
_OBJECTS = ("advertiser", "campaign", "line_item", "creative", "segment", "user", "role", "report")
_BIDDING = [
    {
        "strategy": strategy, "values": {f"{strategy[:3].lower()}_bid": bid}, "pacing": pacing,
        "pacing_behavior": "even", "multiplier": "1.0", "catchup_behavior": "even", "custom": False,
        "bid_shading_control": shading,
    }
    for strategy, bid, pacing, shading in (
        ("CPM_PACED", 10, "daily", "normal"), ("CPM", 4, "none", None), ("CPC", 2, "lifetime", "more_aggressive"),
        ("VCR_PACED", 7, "flight", "less_aggressive"),
    )
]  # fmt: skip
_CAPS = [
    {
        "id_type": id_type, "use_fallback": fallback, "id_vendor": None, "id_vendor_id": None,
        "limits": [{"duration": duration, "impressions": impressions}],
    }
    for id_type, fallback, duration, impressions in (
        ("STANDARD", True, 86_400, 3), ("IP_ADDR", False, 604_800, 10), ("HOUSEHOLD", True, 3_600, 1),
    )
]  # fmt: skip
_MODULES = [
    {"geo": {"all": {"country": {"any": [{"value": "USA", "comparator": "equals"}]}}}},
    {"geo": {"any": {"region": {"any": [{"value": "USA/NY", "comparator": "equals"}]}}}},
    {"platform": {"all": {"device_type": {"any": [{"value": 3, "comparator": "equals"}]}}}},
    {"user": {"all": {"segment": {"any": [{"value": "(acme-1 OR acme-2) AND acme-3",
                                          "comparator": "boolean_expression"}]}}}},
]  # fmt: skip


def fill(store: Store, records: int, seed: int, email: str) -> None:
    """About `records` campaigns and line items, a quarter as many advertisers, half as many creatives."""
    _Seeder(store, random.Random(seed)).run(records, email)


class _Seeder:
    def __init__(self, store: Store, rng: random.Random) -> None:
        self.store, self.random, self.messy = store, rng, Messy(rng, _TODAY)
        self.defaults = {
            name: {key: field.default for key, field in kind.fields.items()} for name, kind in RESOURCES.items()
        }

    def run(self, records: int, email: str) -> None:
        advertisers = max(20, records // 4)
        for number, name in enumerate(_CATEGORIES, 1):
            self.store.put("ref/advertiser-categories", {"id": number, "key": f"IAB{number}", "name": name})
        for number, name in enumerate(_ROLES, 1):
            self.add("roles", number, **self.role(number, name))
        for number in range(1, 61):
            self.add("users", number, **self.user(number, email))
        for number in range(1, 41):
            self.add("targeting-expressions", number, name=f"Targeting {number}", modules=_MODULES[number % 4])
        for number in range(1, advertisers + 1):
            self.add("advertisers", number, **self.advertiser(number))
        for number in range(1, max(20, records // 20) + 1):
            self.add("segments", number, **self.segment(number, advertisers))
        for number in range(1, max(1, records // 2) + 1):
            self.add("creatives", number, **self.creative(number, advertisers))
        for number in range(1, records + 1):
            self.add("campaigns", number, **self.campaign(number, advertisers))
        for number in range(1, records + 1):
            self.add("line-items", number, **self.line_item(number, records))

    def add(self, resource: str, number: int, **values: Any) -> None:
        created = self.messy.past()
        record: Record = {
            **self.defaults[resource],
            "id": number,
            "account_id": ACCOUNT,
            "alternative_id": self.messy.alternative_id(number),
            "notes": self.messy.note(),
            "create_date": created,
            "update_date": max(created, self.messy.past(400)),
            **values,
        }
        self.store.put(resource, record)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def role(self, number: int, name: str) -> Record:
        right = 15 if number == 1 else 1 + 4 * (number % 3)
        rights = [{"object_type": thing, "permission": right} for thing in _OBJECTS]
        parent = None if number == 1 else 1
        return {"name": name, "parent_role_id": parent, "permissions": rights, "archived": number == 9}

    def user(self, number: int, email: str) -> Record:
        first, last = _PEOPLE[number % len(_PEOPLE)], _FAMILIES[number % len(_FAMILIES)]
        own = email if number == 1 else f"{first}.{number}@example.com".encode("ascii", "ignore").decode()
        return {
            "email": own if number % 7 else own.upper(),
            "first_name": first + (" " if number % 11 == 0 else ""),
            "last_name": last.upper() if number % 13 == 0 else last,
            "role_id": 1 if number == 1 else 1 + number % 8,
            "account_group_ids": [1] if number % 3 else [],
            "active": number == 1 or not self.chance(0.2),
            "super_user": number == 1,
        }

    def advertiser(self, number: int) -> Record:
        name = self.messy.brand(number)
        return {
            "name": name,
            "domain": f"{'www.' if self.chance(0.3) else ''}brand{number}.example{'/' if self.chance(0.1) else ''}",
            "category": f"IAB{1 + number % len(_CATEGORIES)}",
            "default_continent": ("NAM", "EUR", "APAC")[number % 3],
            "default_currency": ("USD", "EUR", "USD")[number % 3],
            "default_click_url": f"http://brand{number}.example/?utm=a&b=c" if self.chance(0.5) else None,
            "active": not self.chance(0.15),
        }

    def segment(self, number: int, advertisers: int) -> Record:
        return {
            "name": self.messy.typed(f"Segment {number} visitors", number),
            "key": f"acme-{number}",
            "advertiser_id": 1 + number % advertisers if number % 3 else None,
            "alternative_id": f"{number:07d}" if number % 2 else None,
            "cpm_cost": f"{number % 9}.50",
            "ttl_days": (7, 30, 90)[number % 3],
        }

    def creative(self, number: int, advertisers: int) -> Record:
        video = number % 3 == 1
        advertiser = 1 + number % advertisers
        return {
            "advertiser_id": advertiser,
            "name": self.messy.title(number, self.store.tables["advertisers"][advertiser]["name"]),
            "type": 1 if video else 0,
            "template_id": 3 if video else 1,
            "width": None if video else (300, 728, 160)[number % 3],
            "height": None if video else (250, 90, 600)[number % 3],
            "click_url": f"https://brand{advertiser}.example/landing/{number}",
            "attributes": {"video": {"video_mime": ["video/mp4"]}} if video else {},
            "active": not self.chance(0.1),
        }

    def campaign(self, number: int, advertisers: int) -> Record:
        advertiser = self.store.tables["advertisers"][self.random.randint(1, advertisers)]
        start, end = self.messy.span()
        impressions = self.chance(0.2)
        lifetime = self.random.randrange(1_000, 90_000, 250)
        budget = {"lifetime": f"{lifetime}.00", "daily": None, "include_fees": False}
        return {
            "advertiser_id": advertiser["id"],
            "name": self.messy.title(number, advertiser["name"]),
            "active": not self.chance(0.3),
            "start_date": start,
            "end_date": None if self.chance(0.05) else end,
            "currency": advertiser["default_currency"],
            "continents": advertiser["default_continent"],
            "budget_type": "impressions" if impressions else "spend",
            "spend_budget": None if impressions else budget,
            "impressions_budget": {"lifetime": lifetime * 100, "daily": None} if impressions else None,
            "max_bid": f"{self.random.randrange(500, 3000) / 100:.2f}" if self.chance(0.6) else None,
            "revenue": {"type": "CPM", "amount": "12.50"} if self.chance(0.3) else None,
            "frequency_caps": _CAPS[number % 3] if self.chance(0.5) else None,
            "was_activated": True,
            "spend": f"{lifetime * self.random.random():.2f}",
            "impressions": self.random.randrange(900_000),
        }

    def line_item(self, number: int, campaigns: int) -> Record:
        """Inside its campaign's dates and budget; active only when a creative is associated."""
        campaign = self.store.tables["campaigns"][self.random.randint(1, campaigns)]
        budget = campaign["spend_budget"]
        creative = 1 + number % max(1, campaigns // 2) if self.chance(0.8) else None
        if creative is not None:
            self.store.links[number] = [{"id": number, "creative_id": creative, "active": True}]
        dated = campaign["end_date"] is not None
        half = {**budget, "lifetime": f"{float(budget['lifetime']) / 2:.2f}"} if budget and dated else None
        return {
            "advertiser_id": campaign["advertiser_id"],
            "campaign_id": campaign["id"],
            "name": self.messy.title(number, campaign["name"].split(" - ")[0][:60]),
            "type": ("banner", "video", "video", "native", "audio")[number % 5],
            "active": creative is not None and self.chance(0.7),
            "start_date": campaign["start_date"],
            "end_date": campaign["end_date"],
            "currency": campaign["currency"],
            "budget_type": campaign["budget_type"],
            "spend_budget": half,
            "impressions_budget": campaign["impressions_budget"] if dated else None,
            "max_bid": campaign["max_bid"],
            "targeting_expression_id": 1 + number % 40 if self.chance(0.7) else None,
            "bidding": _BIDDING[number % 4],
            "frequency_caps": _CAPS[number % 3] if self.chance(0.6) else None,
            "revenue": campaign["revenue"],
            "spend": f"{self.random.random() * 500:.2f}",
            "impressions": self.random.randrange(90_000),
        }
