"""The resources of the Buzz sandbox: their fields as the fact sheet lists them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from adminui.sandbox.buzz.fields import Field

_ALL = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Resource:
    """A resource; `label` is the model's name in messages, `needed_by` the references that forbid a deletion.

    The fields of one that was `given` are a tenant's own: no switch changes them.
    """

    name: str
    label: str
    fields: Mapping[str, Field]
    methods: tuple[str, ...] = _ALL
    needed_by: tuple[tuple[str, str], ...] = ()
    given: bool = False


def text(length: int | None = None, *, required: bool = False) -> Field:
    return Field("string", required=required, null=not required, max_length=length)


def _nullable(kind: str, *, required: bool = False) -> Field:
    return Field(kind, required=required, null=True)


def _choice(*choices: str, required: bool = False, null: bool = False, fixed: bool = False) -> Field:
    default = None if required or null else choices[0]
    return Field("choice", required=required, null=null, fixed=fixed, choices=choices, default=default)


def _object(*, required: bool = False, **children: Field) -> Field:
    return Field("object", required=required, null=not required, children=children)


def _list(child: Field) -> Field:
    return Field("list", child=child, default=[])


def refers_to(resource: str, *, required: bool = False) -> Field:
    return Field("reference", required=required, null=not required, target=resource)


_READ_ONLY_INT = Field("integer", read_only=True)
_READ_ONLY_TIME = Field("datetime", read_only=True)
_FLAG, _ON = Field("boolean", default=False), Field("boolean", default=True)
_WHEN, _NUMBER, _URL = _nullable("datetime"), _nullable("integer"), _nullable("url")
_MONEY = Field("decimal", null=True, min_value=0)
_STRINGS = _list(Field("string"))
_COMMON_TOP = {"id": _READ_ONLY_INT, "account_id": _READ_ONLY_INT}
_COMMON_TAIL = {
    "alternative_id": text(191),
    "notes": text(255),
    "create_date": _READ_ONLY_TIME,
    "update_date": _READ_ONLY_TIME,
}
_NAME = text(191, required=True)
_CURRENCY = Field("choice", fixed=True, choices=("USD", "EUR", "GBP", "JPY", "AUD", "CAD"), default="USD")
_CONTINENTS = ("NAM", "EUR", "APAC", "LATAM", "MEA")

SPEND_BUDGET = _object(
    lifetime=Field("decimal", required=True, null=True, min_value=0),
    daily=Field("decimal", required=True, null=True, min_value=0),
    include_fees=_FLAG,
)
_IMPRESSIONS_BUDGET = _object(
    lifetime=Field("integer", required=True, null=True, min_value=0),
    daily=Field("integer", required=True, null=True, min_value=0),
)
_BUDGET_TYPE = _choice("spend", "impressions", "spend including vendor fees")
_REVENUE = _object(type=_choice("CPM", "CPC", "CPCV", "CPI", "CPA", required=True), amount=_MONEY)
_VENDOR_FEES = _list(
    _object(
        required=True,
        id=_NUMBER,
        vendor=text(),
        vendor_id=_NUMBER,
        name=text(191),
        cpm_currency=text(3),
        cpm_amount=_MONEY,
        percentage=_MONEY,
    )
)
_ID_TYPE = _choice("STANDARD", "IP_ADDR", "PERSON", "HOUSEHOLD", required=True)
_FREQUENCY_CAPS = _object(
    id_type=_ID_TYPE,
    use_fallback=_FLAG,
    id_vendor=text(),
    id_vendor_id=_NUMBER,
    limits=_list(
        _object(
            required=True,
            duration=Field("integer", required=True, min_value=1, max_value=2_592_000),
            impressions=Field("integer", required=True, min_value=1),
        )
    ),
)
_GHOST_BIDDING = _object(id_type=_ID_TYPE, id_vendor=text(), id_vendor_id=_NUMBER)
_SEGMENT_EXTENSION = _object(
    extension_type=_choice("person", "household", "person_extend_only", "household_extend_only", required=True),
    segment_type=_choice("all", "1st_party", "3rd_party"),
    vendors=_STRINGS,
)
_SKAD_NETWORK = _object(
    enable_skad_tracking=_FLAG,
    assignment_level=_choice("creative_line_item", "line_item"),
    target_skad=_FLAG,
    skad_mmp=text(),
)
_BIDDING = _object(
    strategy=_choice(*(name + tail for tail in ("", "_PACED") for name in ("CPM", "CPC", "VCR", "CPA")), required=True),
    values=_nullable("json"),
    pacing=_choice("daily", "flight", "lifetime", "none"),
    pacing_behavior=_choice("even", "ahead"),
    multiplier=Field("decimal", places=1, min_value=0, default="1.0"),
    catchup_behavior=_choice("immediate", "even", "smooth"),
    custom=_FLAG,
    bid_shading_control=_choice("less_aggressive", "normal", "more_aggressive", null=True),
)
_FLIGHT = _object(
    required=True,
    id=_NUMBER,
    name=text(191),
    start_date=Field("datetime", required=True),
    end_date=Field("datetime", required=True),
    spend_budget=SPEND_BUDGET,
    impressions_budget=_IMPRESSIONS_BUDGET,
)
_DELIVERY = {
    "active": _FLAG,
    "start_date": _WHEN,
    "end_date": _WHEN,
    "currency": _CURRENCY,
    "budget_type": _BUDGET_TYPE,
    "spend_budget": SPEND_BUDGET,
    "impressions_budget": _IMPRESSIONS_BUDGET,
    "min_bid": _MONEY,
    "max_bid": _MONEY,
    "bid_modifier_id": _NUMBER,
    "delivery_modifier_id": _NUMBER,
    "revenue": _REVENUE,
    "vendor_fees": _VENDOR_FEES,
    "frequency_caps": _FREQUENCY_CAPS,
    "ghost_bidding": _GHOST_BIDDING,
    "segment_extension": _SEGMENT_EXTENSION,
    "skad_network": _SKAD_NETWORK,
    "event_ids": _STRINGS,
}
_RESULTS = {
    "spend": Field("decimal", read_only=True, default="0.00"),
    "impressions": Field("integer", read_only=True, default=0),
    "last_active": _READ_ONLY_TIME,
}
_PRESETS = {
    "default_line_item_preset_id": _NUMBER,
    "default_targeting_preset_id": _NUMBER,
}

_USERS = {
    "email": Field("email", required=True, max_length=254),
    "first_name": text(20, required=True),
    "last_name": text(20, required=True),
    "role_id": refers_to("roles", required=True),
    "account_group_ids": _list(Field("integer")),
    "active": _ON,
    "super_user": _FLAG,
    "all_account_access": _FLAG,
}
_ROLES = {
    "name": text(100, required=True),
    "parent_role_id": refers_to("roles", required=True),
    "permissions": _list(
        _object(
            required=True,
            object_type=text(required=True),
            permission=Field("integer", required=True, min_value=0, max_value=15),
        )
    ),
    "report_ids": _list(Field("integer")),
    "shared_across_accounts": _FLAG,
    "archived": _FLAG,
    "active": _ON,
}
_ADVERTISERS = {
    "name": _NAME,
    "domain": text(191, required=True),
    "category": text(20, required=True),
    "default_continent": _choice(*_CONTINENTS, required=True),
    "default_currency": replace(_CURRENCY, required=True, fixed=False),
    "active": _ON,
    "app_bundle": text(191),
    "default_click_url": _URL,
    "default_creative_thumbnail_url": _URL,
    "default_campaign_preset_id": _NUMBER,
    **_PRESETS,
    "skad_network": _SKAD_NETWORK,
    "is_comcast_segment_eligible": Field("boolean", read_only=True, default=False),
    "last_active": _READ_ONLY_TIME,
}
_CAMPAIGNS = {
    "advertiser_id": refers_to("advertisers", required=True),
    "name": _NAME,
    **_DELIVERY,
    "continents": text(),
    "experiment": _nullable("json"),
    **_PRESETS,
    "was_activated": Field("boolean", read_only=True, default=False),
    **_RESULTS,
}
_LINE_ITEMS = {
    "advertiser_id": _READ_ONLY_INT,
    "campaign_id": refers_to("campaigns", required=True),
    "name": _NAME,
    "type": _choice("banner", "video", "native", "audio", required=True, fixed=True),
    **_DELIVERY,
    "targeting_expression_id": refers_to("targeting-expressions"),
    "guaranteed": _FLAG,
    "budget_carry_over_type": _choice("None", "carry_over", "evenly_distribute", "prorated_distribute", null=True),
    "bidding": _BIDDING,
    "active_flights": _list(_FLIGHT),
    "past_flights": Field("json", read_only=True, default=[]),
    "user_timezones": _STRINGS,
    "test_plan_id": _NUMBER,
    "test_group_id": _NUMBER,
    **_RESULTS,
}
_CREATIVES = {
    "advertiser_id": refers_to("advertisers", required=True),
    "name": _NAME,
    "type": Field("choice", required=True, fixed=True, choices=(0, 1, 2)),
    "template_id": Field("integer", required=True, min_value=1),
    "width": _NUMBER,
    "height": _NUMBER,
    "click_url": _URL,
    "thumbnail_url": _URL,
    "attributes": Field("json", null=True),
    "content": Field("json", null=True),
    "content_munge": Field("json", read_only=True),
    "addons": Field("json", null=True),
    "pixels": _STRINGS,
    "scripts": _STRINGS,
    "secure": _ON,
    "start_date": _WHEN,
    "end_date": _WHEN,
    "active": _FLAG,
}
_SEGMENTS = {
    "name": _NAME,
    "advertiser_id": refers_to("advertisers"),
    "key": Field("string", read_only=True),
    "description": text(),
    "cpm_cost": _MONEY,
    "ttl_days": Field("integer", min_value=1, max_value=90, fixed=True, default=30),
    "aggregate_excludes": _FLAG,
    "active": _ON,
}
_TARGETING = {"name": text(191), "modules": Field("json", required=True)}
_CATEGORIES = {"key": Field("string", read_only=True), "name": Field("string", read_only=True)}


def _common(fields: Mapping[str, Field]) -> dict[str, Field]:
    return {**_COMMON_TOP, **fields, **_COMMON_TAIL}


RESOURCES: dict[str, Resource] = {
    resource.name: resource
    for resource in (
        Resource("roles", "Role", _common(_ROLES), needed_by=(("users", "role_id"), ("roles", "parent_role_id"))),
        Resource("users", "User", _common(_USERS), methods=_ALL[:-1]),
        Resource(
            "advertisers",
            "Advertiser",
            _common(_ADVERTISERS),
            needed_by=(("campaigns", "advertiser_id"), ("creatives", "advertiser_id"), ("segments", "advertiser_id")),
        ),
        Resource("campaigns", "Campaign", _common(_CAMPAIGNS), needed_by=(("line-items", "campaign_id"),)),
        Resource(
            "targeting-expressions",
            "TargetingExpression",
            _common(_TARGETING),
            needed_by=(("line-items", "targeting_expression_id"),),
        ),
        Resource("line-items", "LineItem", _common(_LINE_ITEMS)),
        Resource("creatives", "Creative", _common(_CREATIVES)),
        Resource("segments", "Segment", _common(_SEGMENTS)),
        Resource("ref/advertiser-categories", "AdvertiserCategory", {"id": _READ_ONLY_INT, **_CATEGORIES}, ("GET",)),
    )
}
