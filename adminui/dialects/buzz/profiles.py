"""What we know of each Buzz resource beyond what OPTIONS tells; a tenant's OPTIONS wins where they disagree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from adminui.dialects.buzz import shapes as s
from adminui.records.schema import Field, Kind


@dataclass(frozen=True)
class Profile:
    """A resource as the fact sheet tells it. `fixed` fields are set on creation only, yet a PUT has to repeat them.
    `bulk` is the guess to start from when OPTIONS does not tell; a 405 corrects it without harm.
    """

    name: str
    label: str
    singular: str
    fields: tuple[Field, ...] = s.STAMPS
    columns: tuple[str, ...] = ("id", "name")
    title_field: str = "name"
    id_field: str = "id"
    main: bool = True
    bulk: bool = False
    fixed: frozenset[str] = frozenset()

    @property
    def by_name(self) -> dict[str, Field]:
        return {f.name: f for f in self.fields}


_USERS = Profile(
    "users",
    "Users",
    "User",
    (
        s.text("email", required=True, help="Unique in this Buzz."),
        s.text("first_name", required=True),
        s.text("last_name", required=True),
        s.link("role_id", "roles", required=True),
        s.flag("active", help="The person has to confirm by e-mail first."),
        s.unordered("account_group_ids", Kind.INTEGER, s.DELIVERY),
        s.flag("super_user", s.DELIVERY, help="Only privileged users may set this."),
        s.flag("all_account_access", s.DELIVERY, help="Only privileged users may set this."),
        s.ALTERNATIVE,
        s.REMARKS,
        s.ID,
        s.whole("account_id", s.SYSTEM, help="The user's primary account."),
        s.CREATED,
        s.UPDATED,
    ),
    columns=("id", "email", "first_name", "last_name", "role_id", "active"),
    title_field="email",
    bulk=True,
)
_ROLES = Profile(
    "roles",
    "Roles",
    "Role",
    (
        s.text("name", required=True, max_length=100),
        s.link("parent_role_id", "roles", required=True, help="Permissions are inherited from it."),
        s.flag("archived", help="Archived roles take no new users."),
        s.flag("shared_across_accounts"),
        s.several(
            "permissions",
            s.DELIVERY,
            s.members("entry", "", s.text("object_type"), s.whole("permission")),
            key="object_type",
            unordered=True,
            help="A sum per object type: read 1, create 2, update 4, delete 8.",
        ),
        s.unordered("report_ids", Kind.INTEGER, s.DELIVERY, nullable=True),
        s.ALTERNATIVE,
        s.REMARKS,
        *s.STAMPS,
    ),
    columns=("id", "name", "parent_role_id", "archived"),
    bulk=True,
)
_PRESETS = tuple(
    s.whole(f"default_{what}_preset_id", s.DELIVERY, nullable=True) for what in ("campaign", "line_item", "targeting")
)
_ADVERTISERS = Profile(
    "advertisers",
    "Advertisers",
    "Advertiser",
    (
        s.NAME,
        s.ACTIVE,
        s.text("domain", required=True),
        s.text("category", required=True, reference="ref/advertiser-categories", help="An IAB code, such as IAB2."),
        s.text("default_continent", required=True, help="Such as NAM."),
        s.text("default_currency", required=True, help="Such as USD."),
        s.text("app_bundle", nullable=True),
        s.text("default_click_url", nullable=True),
        s.text("default_creative_thumbnail_url", nullable=True),
        *_PRESETS,
        s.SKAD_NETWORK,
        s.flag("is_comcast_segment_eligible", s.SYSTEM, read_only=True),
        s.ALTERNATIVE,
        s.REMARKS,
        *s.STAMPS,
        s.LAST_ACTIVE,
    ),
    columns=("id", "name", "domain", "category", "active", "alternative_id", "update_date"),
    bulk=True,
)
_SPENT = (
    s.decimal("spend", s.SYSTEM, read_only=True, nullable=True),
    s.whole("impressions", s.SYSTEM, read_only=True, nullable=True),
    s.LAST_ACTIVE,
)
_CAMPAIGNS = Profile(
    "campaigns",
    "Campaigns",
    "Campaign",
    (
        s.NAME,
        s.link("advertiser_id", "advertisers", required=True),
        s.ACTIVE,
        s.moment("start_date", nullable=True, help="Line items may not start before it."),
        s.moment("end_date", nullable=True, help="Line items may not end after it; needed to pace."),
        s.BUDGET_TYPE,
        s.SPEND_BUDGET,
        s.IMPRESSIONS_BUDGET,
        s.text("currency", s.BUDGET, read_only=True, help=s.FIXED),
        s.REVENUE,
        s.VENDOR_FEES,
        *s.BID_BOUNDS,
        *s.MODIFIERS,
        s.unordered("continents", Kind.TEXT, s.DELIVERY, help="Inherited from the advertiser when left out."),
        s.FREQUENCY_CAPS,
        s.GHOST_BIDDING,
        s.SEGMENT_EXTENSION,
        s.members("experiment", s.DELIVERY, nullable=True),
        s.SKAD_NETWORK,
        s.EVENT_IDS,
        *_PRESETS[1:],
        s.ALTERNATIVE,
        s.REMARKS,
        *s.STAMPS,
        s.flag("was_activated", s.SYSTEM, read_only=True),
        *_SPENT,
    ),
    columns=("id", "name", "advertiser_id", "active", "start_date", "end_date", "budget_type", "spend", "update_date"),
    bulk=True,
    fixed=frozenset({"currency"}),
)
_LINE_ITEMS = Profile(
    "line-items",
    "Line items",
    "Line item",
    (
        s.NAME,
        s.link("campaign_id", "campaigns", required=True),
        s.link("advertiser_id", "advertisers", s.SYSTEM, read_only=True),
        s.choice("type", ("banner", "video", "native", "audio"), required=True, read_only=True, help=s.FIXED),
        s.flag("active", help="Has to stay false until a creative is associated."),
        s.flag("guaranteed", help="Restricts targeting, budget, pacing and bidding."),
        s.moment("start_date", nullable=True, help="Inside the campaign's dates."),
        s.moment("end_date", nullable=True, help="Inside the campaign's dates; needed for a lifetime budget."),
        s.ACTIVE_FLIGHTS,
        s.PAST_FLIGHTS,
        s.BUDGET_TYPE,
        s.SPEND_BUDGET,
        s.IMPRESSIONS_BUDGET,
        s.choice(
            "budget_carry_over_type",
            ("None", "carry_over", "evenly_distribute", "prorated_distribute"),
            s.BUDGET,
            nullable=True,
        ),
        s.text("currency", s.BUDGET, read_only=True, help=s.FIXED),
        s.REVENUE,
        s.VENDOR_FEES,
        s.BIDDING_RULES,
        *s.BID_BOUNDS,
        *s.MODIFIERS,
        s.link("targeting_expression_id", "targeting-expressions", s.DELIVERY, nullable=True),
        s.FREQUENCY_CAPS,
        s.GHOST_BIDDING,
        s.SEGMENT_EXTENSION,
        s.SKAD_NETWORK,
        s.EVENT_IDS,
        s.unordered("user_timezones", Kind.TEXT, s.DELIVERY),
        s.whole("test_plan_id", s.DELIVERY, nullable=True),
        s.whole("test_group_id", s.DELIVERY, nullable=True),
        s.ALTERNATIVE,
        s.REMARKS,
        *s.STAMPS,
        *_SPENT,
    ),
    columns=("id", "name", "campaign_id", "type", "active", "start_date", "end_date", "max_bid", "update_date"),
    bulk=True,
    fixed=frozenset({"type", "currency"}),
)
_CREATIVES = Profile(
    "creatives",
    "Creatives",
    "Creative",
    (
        s.NAME,
        s.link("advertiser_id", "advertisers", required=True),
        s.choice("type", (0, 1, 2), required=True, labels={0: "Banner", 1: "Video", 2: "Native"}),
        s.whole("template_id", required=True),
        s.ACTIVE,
        s.whole("width", nullable=True, help="For banners; not for video."),
        s.whole("height", nullable=True, help="For banners; not for video."),
        s.text("click_url", nullable=True, help="Required for templates that are not tags."),
        s.text("thumbnail_url", nullable=True),
        s.moment("start_date", nullable=True),
        s.moment("end_date", nullable=True),
        s.members("attributes", s.DELIVERY),
        s.members("content", s.DELIVERY, nullable=True),
        s.flag("secure", s.DELIVERY, nullable=True),
        *(s.several(name, s.DELIVERY, nullable=True) for name in ("addons", "pixels", "scripts")),
        s.ALTERNATIVE,
        s.REMARKS,
        *s.STAMPS,
    ),
    columns=("id", "name", "advertiser_id", "type", "width", "height", "active", "update_date"),
)
_SEGMENTS = Profile(
    "segments",
    "Segments",
    "Segment",
    (
        s.NAME,
        s.text("key", s.SYSTEM, read_only=True),
        s.link("advertiser_id", "advertisers", nullable=True),
        s.flag("active", help="False means archived."),
        s.known("description", Kind.LONG_TEXT, s.BASICS, nullable=True),
        s.decimal("cpm_cost", s.BUDGET, nullable=True),
        s.whole("ttl_days", s.DELIVERY, nullable=True, read_only=True, help="1 to 90. " + s.FIXED),
        s.flag("aggregate_excludes", s.DELIVERY, nullable=True),
        s.text("alternative_id", s.NOTES, nullable=True, max_length=191, help="Unique in the account."),
        s.REMARKS,
        *s.STAMPS,
    ),
    columns=("id", "name", "advertiser_id", "active", "cpm_cost", "alternative_id"),
    bulk=True,
    fixed=frozenset({"ttl_days"}),
)
_TARGETING = Profile(
    "targeting-expressions",
    "Targeting expressions",
    "Targeting expression",
    (
        s.text("name", nullable=True),
        s.members("modules", s.DELIVERY, help="Always sent whole: Buzz updates no part of it."),
        s.ALTERNATIVE,
        s.REMARKS,
        *s.STAMPS,
    ),
    main=False,
)
_PLAIN = (s.NAME, s.ALTERNATIVE, s.REMARKS, *s.STAMPS)
_BID_MODIFIERS = Profile("bid-modifiers", "Bid modifiers", "Bid modifier", _PLAIN, main=False)
_DELIVERY_MODIFIERS = Profile("delivery-modifiers", "Delivery modifiers", "Delivery modifier", _PLAIN, main=False)
_CATEGORIES = Profile(
    "ref/advertiser-categories",
    "Advertiser categories",
    "Advertiser category",
    (s.text("key"), s.text("name")),
    columns=("key", "name"),
    id_field="key",
    main=False,
)

PROFILES: Final[dict[str, Profile]] = {
    profile.name: profile
    for profile in (
        _ADVERTISERS,
        _CAMPAIGNS,
        _LINE_ITEMS,
        _CREATIVES,
        _SEGMENTS,
        _USERS,
        _ROLES,
        _TARGETING,
        _BID_MODIFIERS,
        _DELIVERY_MODIFIERS,
        _CATEGORIES,
    )
}


def profile_of(resource: str) -> Profile:
    """The profile of a resource; of one unknown to us, one that says nothing but a few likely names."""
    label = s.label_of(resource.rpartition("/")[2])
    return PROFILES.get(resource) or Profile(resource, label, label.removesuffix("s"))
