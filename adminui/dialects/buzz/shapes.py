"""The fields Buzz resources share, and their nested objects: what OPTIONS says neither of nulls nor of order."""

from __future__ import annotations

from typing import Any

from adminui.records.schema import Choice, Field, Kind

BASICS, DATES, BUDGET, BIDDING, DELIVERY, NOTES, OTHER, SYSTEM = (
    "Basics",
    "Dates",
    "Budget",
    "Bidding",
    "Delivery",
    "Ids & notes",
    "Other",
    "System",
)
GROUPS = (BASICS, DATES, BUDGET, BIDDING, DELIVERY, NOTES, OTHER, SYSTEM)
ZONE = "account time"
FIXED = "Cannot be changed after creation."


def label_of(name: str) -> str:
    """Words for a field without a label: `advertiser_id` is an advertiser, `cpm_cost` a CPM cost."""
    stem = name.removesuffix("_id") or name
    words = stem.replace("-", "_").split("_")
    text = " ".join(w.upper() if w in ("id", "ids", "cpm", "url", "ttl", "skad", "ip") else w for w in words)
    return text[:1].upper() + text[1:]


def known(name: str, kind: Kind, group: str = "", **more: Any) -> Field:
    """A field as the fact sheet tells it; not nullable unless said."""
    return Field(name, label_of(name), kind, **{"nullable": False, "group": group, **more})


def text(name: str, group: str = BASICS, **more: Any) -> Field:
    return known(name, Kind.TEXT, group, **more)


def whole(name: str, group: str = BASICS, **more: Any) -> Field:
    return known(name, Kind.INTEGER, group, **more)


def decimal(name: str, group: str = BASICS, **more: Any) -> Field:
    return known(name, Kind.DECIMAL, group, **more)


def flag(name: str, group: str = BASICS, **more: Any) -> Field:
    return known(name, Kind.BOOLEAN, group, **more)


def moment(name: str, group: str = DATES, **more: Any) -> Field:
    return known(name, Kind.DATETIME, group, **{"zone": ZONE, **more})


def link(name: str, resource: str, group: str = BASICS, **more: Any) -> Field:
    return known(name, Kind.REFERENCE, group, reference=resource, **more)


def choice(name: str, values: tuple[str | int, ...], group: str = BASICS, **more: Any) -> Field:
    labels: dict[str | int, str] = more.pop("labels", {})
    options = tuple(Choice(v, labels.get(v, str(v))) for v in values)
    return known(name, Kind.CHOICE, group, choices=options, **more)


def members(name: str, group: str, *children: Field, **more: Any) -> Field:
    """A nested object."""
    return known(name, Kind.JSON, group, children=children, queryable=False, **more)


def several(name: str, group: str, item: Field | None = None, **more: Any) -> Field:
    """A list, of one kind of item if that is known."""
    return known(name, Kind.LIST, group, children=(item,) if item else (), queryable=False, **more)


def unordered(name: str, item_kind: Kind, group: str, **more: Any) -> Field:
    return several(name, group, known("item", item_kind), unordered=True, **more)


ID = whole("id", SYSTEM, read_only=True)
ACCOUNT = whole("account_id", SYSTEM, read_only=True)
CREATED = moment("create_date", SYSTEM, read_only=True)
UPDATED = moment("update_date", SYSTEM, read_only=True)
LAST_ACTIVE = moment("last_active", SYSTEM, read_only=True, nullable=True)
STAMPS = (ID, ACCOUNT, CREATED, UPDATED)
NAME = text("name", required=True, max_length=191)
ACTIVE = flag("active")
ALTERNATIVE = text("alternative_id", NOTES, nullable=True, max_length=191, help="Your own id; Buzz does not use it.")
REMARKS = known("notes", Kind.LONG_TEXT, NOTES, nullable=True, max_length=255)

_BUDGET_HELP = "Buzz wants every member; set lifetime and daily, each a number or null."
BUDGET_TYPE = choice("budget_type", ("spend", "impressions", "spend including vendor fees"), BUDGET)
SPEND_BUDGET = members(
    "spend_budget",
    BUDGET,
    decimal("lifetime", nullable=True),
    decimal("daily", nullable=True),
    flag("include_fees", nullable=True),
    nullable=True,
    help=_BUDGET_HELP,
)
IMPRESSIONS_BUDGET = members(
    "impressions_budget",
    BUDGET,
    whole("lifetime", nullable=True),
    whole("daily", nullable=True),
    nullable=True,
    help=_BUDGET_HELP,
)
REVENUE = members("revenue", BUDGET, text("type"), decimal("amount", nullable=True), nullable=True)
VENDOR_FEES = several(
    "vendor_fees",
    BUDGET,
    members(
        "fee",
        "",
        whole("id", nullable=True),
        text("vendor", nullable=True),
        whole("vendor_id", nullable=True),
        text("name", nullable=True),
        text("cpm_currency", nullable=True),
        decimal("cpm_amount", nullable=True),
        decimal("percentage", nullable=True),
    ),
    key="id",
)
BID_BOUNDS = (decimal("min_bid", BIDDING, nullable=True), decimal("max_bid", BIDDING, nullable=True))
_WITH_MAX = "Needs a max bid on the same record."
MODIFIERS = (
    link("bid_modifier_id", "bid-modifiers", BIDDING, nullable=True, help=_WITH_MAX),
    link("delivery_modifier_id", "delivery-modifiers", BIDDING, nullable=True, help=_WITH_MAX),
)
STRATEGIES = tuple(f"{way}{paced}" for way in ("CPM", "CPC", "VCR", "CPA") for paced in ("", "_PACED"))
BIDDING_RULES = members(
    "bidding",
    BIDDING,
    choice("strategy", STRATEGIES),
    members("values", "", decimal("cpm_bid", nullable=True), nullable=True),
    choice("pacing", ("daily", "flight", "lifetime", "none"), nullable=True),
    choice("pacing_behavior", ("even", "ahead"), nullable=True),
    decimal("multiplier", nullable=True),
    choice("catchup_behavior", ("immediate", "even", "smooth"), nullable=True),
    flag("custom", nullable=True),
    choice("bid_shading_control", ("less_aggressive", "normal", "more_aggressive"), nullable=True),
    help="The object is sent whole. Enum values are case sensitive.",
)
_CAP = members("limit", "", whole("duration"), whole("impressions"))
FREQUENCY_CAPS = members(
    "frequency_caps",
    DELIVERY,
    choice("id_type", ("STANDARD", "IP_ADDR", "PERSON", "HOUSEHOLD"), nullable=True),
    flag("use_fallback", nullable=True),
    text("id_vendor", nullable=True),
    whole("id_vendor_id", nullable=True),
    several("limits", "", _CAP),
    nullable=True,
    help="The object is sent whole; durations are seconds, at most 2,592,000 (30 days).",
)
GHOST_BIDDING = members(
    "ghost_bidding",
    DELIVERY,
    text("id_type", nullable=True),
    text("id_vendor", nullable=True),
    whole("id_vendor_id", nullable=True),
    nullable=True,
)
SEGMENT_EXTENSION = members(
    "segment_extension",
    DELIVERY,
    choice("extension_type", ("person", "household", "person_extend_only", "household_extend_only"), nullable=True),
    choice("segment_type", ("all", "1st_party", "3rd_party"), nullable=True),
    several("vendors", "", unordered=True),
    nullable=True,
)
SKAD_NETWORK = members(
    "skad_network",
    DELIVERY,
    flag("enable_skad_tracking", nullable=True),
    choice("assignment_level", ("creative_line_item", "line_item"), nullable=True),
    flag("target_skad", nullable=True),
    text("skad_mmp", nullable=True),
    nullable=True,
)
EVENT_IDS = unordered("event_ids", Kind.TEXT, DELIVERY)
FLIGHT = members(
    "flight",
    "",
    whole("id", nullable=True),
    text("name", nullable=True),
    moment("start_date", "", nullable=True),
    moment("end_date", "", nullable=True),
    SPEND_BUDGET,
    IMPRESSIONS_BUDGET,
)
ACTIVE_FLIGHTS = several("active_flights", DATES, FLIGHT, key="id", help="Past flights are a list of their own.")
PAST_FLIGHTS = several("past_flights", DATES, FLIGHT, key="id", read_only=True)
