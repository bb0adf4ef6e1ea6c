"""Rules across fields and records. A rule speaks only when a field it reads is being changed."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from adminui.sandbox.buzz.errors import Invalid
from adminui.sandbox.buzz.resources import Resource
from adminui.sandbox.buzz.store import Record, Store, moment

Complaint = tuple[str, str]
_DELIVERING = ("campaigns", "line-items")
_BUDGETS = ("spend_budget", "impressions_budget")
# What a rule reads beside the record itself: for which of its fields, and behind which references it stands.
LOOKS_AT = {
    "line-items": dict.fromkeys(("start_date", "end_date", "budget_type", *_BUDGETS, "campaign_id"), ("campaign_id",)),
}


def check(resource: Resource, old: Record | None, new: Record, store: Store) -> None:
    """Refuse a record that breaks a rule, all complaints at once."""
    errors: dict[str, list[str]] = {}
    for field, sentence in _complaints(resource, old, new, store):
        errors.setdefault(field, []).append(sentence)
    if errors:
        raise Invalid(errors)


def drop_irrelevant(resource: Resource, record: Record) -> Record:
    """The budget that does not belong to the budget type is emptied, as the stricter v2 logic does."""
    if resource.name not in _DELIVERING or not record.get("budget_type"):
        return record
    unused = "spend_budget" if record["budget_type"] == "impressions" else "impressions_budget"
    return {**record, unused: None} if unused in record else record


def _complaints(resource: Resource, old: Record | None, new: Record, store: Store) -> Iterator[Complaint]:
    def touched(*names: str) -> bool:
        return old is None or any(old.get(name) != new.get(name) for name in names)

    if old is not None:
        yield from _fixed(resource, old, new)
    if resource.name in _DELIVERING:
        if touched("start_date", "end_date") and _before(new.get("end_date"), new.get("start_date")):
            yield "end_date", "End date must not be before start date."
        if touched("bid_modifier_id", "max_bid") and new.get("bid_modifier_id") and new.get("max_bid") is None:
            yield "max_bid", "Max bid is required when a bid modifier is set."
    if resource.name == "line-items":
        yield from _line_item(old, new, store, touched)
    if resource.name == "users" and touched("email") and _taken("users", "email", new, store):
        yield "email", "user with this email already exists."
    if resource.name == "users" and touched("role_id") and _archived(new, store):
        yield "role_id", "Archived roles cannot be assigned."
    if resource.name == "segments" and touched("alternative_id") and _taken("segments", "alternative_id", new, store):
        yield "alternative_id", "segment with this alternative id already exists."


def _fixed(resource: Resource, old: Record, new: Record) -> Iterator[Complaint]:
    for name, field in resource.fields.items():
        if field.fixed and old.get(name) is not None and old[name] != new.get(name):
            yield name, "This field cannot be changed after creation."


def _archived(user: Record, store: Store) -> bool:
    role = store.get("roles", user["role_id"])
    return role is not None and bool(role.get("archived"))


def _line_item(old: Record | None, new: Record, store: Store, touched: Any) -> Iterator[Complaint]:
    if touched("active") and new["active"] and not (store.partial or store.links.get(new["id"])):
        yield "active", "A line item without a creative cannot be active."
    campaign = store.get("campaigns", new.get("campaign_id")) or {}
    if touched("start_date", "campaign_id") and _before(new.get("start_date"), campaign.get("start_date")):
        yield "start_date", "Line item may not start before its campaign."
    if touched("end_date", "campaign_id") and _before(campaign.get("end_date"), new.get("end_date")):
        yield "end_date", "Line item may not end after its campaign."
    for name in _BUDGETS:
        if touched(name, "budget_type", "campaign_id"):
            yield from _budget(name, new, campaign)
    if touched("spend_budget", "impressions_budget", "start_date", "end_date"):
        yield from _pace(new)


def _budget(name: str, new: Record, campaign: Record) -> Iterator[Complaint]:
    own, limit = _amount(new, name, "lifetime"), _amount(campaign, name, "lifetime")
    if own is not None and limit is not None and own > limit:
        yield name, "Lifetime budget may not exceed the campaign's."
    if own is not None and new.get("end_date") is None:
        yield "end_date", "End date is required with a lifetime budget."


def _pace(new: Record) -> Iterator[Complaint]:
    start, end = moment(new.get("start_date")), moment(new.get("end_date"))
    if start is None or end is None:
        return
    days = (end - start).days + 1
    for name in _BUDGETS:
        lifetime, daily = _amount(new, name, "lifetime"), _amount(new, name, "daily")
        if lifetime is not None and daily is not None and daily * days < lifetime:
            yield name, "Daily budget is too small to spend the lifetime budget."


def _amount(record: Record, budget: str, member: str) -> Decimal | None:
    held = record.get(budget)
    value = held.get(member) if isinstance(held, dict) else None
    try:
        return None if value is None else Decimal(value)
    except (InvalidOperation, TypeError):
        return None


def _before(first: str | None, second: str | None) -> bool:
    one, other = moment(first), moment(second)
    return one is not None and other is not None and one < other


def _taken(resource: str, field: str, new: Record, store: Store) -> bool:
    value = new.get(field)
    if value in (None, ""):
        return False
    return any(other.get(field) == value and other["id"] != new["id"] for other in store.tables[resource].values())
