"""What a record must satisfy after a write: picklists, references, and fields that depend on one another."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from adminui.sandbox.autotask.schema import Entity, Field
from adminui.sandbox.autotask.store import Row, Store
from adminui.sandbox.autotask.switches import Switches

_MUST_BE_ACTIVE = frozenset({"Contact", "Resource", "Role", "CompanyCategory"})
_BOUND_TO_COMPANY = ("contactID", "configurationItemID", "contractID", "companyLocationID")
_PAIR = ("assignedResourceID", "assignedResourceRoleID")
# What a rule reads beside the record itself: for which of its fields, and behind which references it stands.
LOOKS_AT = {"Tickets": dict.fromkeys(("companyID", *_BOUND_TO_COMPANY), ("companyID", *_BOUND_TO_COMPANY))}


@dataclass(frozen=True)
class Written:
    """A write about to happen: the row before, the values sent, and the row as it would be."""

    entity: Entity
    before: Row
    values: Row

    @property
    def after(self) -> Row:
        return {**self.before, **self.values}

    def touches(self, *names: str) -> bool:
        return any(name in self.values for name in names)

    def unchanged(self, item: Field) -> bool:
        return item.key in self.before and self.before[item.key] == self.values[item.key]


def problems(written: Written, store: Store, switches: Switches) -> Iterator[str]:
    for item in written.entity.all_fields:
        if written.values.get(item.key) in (None, ""):
            continue
        if item.picklist:
            yield from _picklist(written, item, switches)
        if item.reference:
            yield from _reference(written, item, store, switches)
    yield from _dependent_picklists(written)
    for check in _BY_ENTITY.get(written.entity.name, ()):
        yield from check(written, store, switches)


def _picklist(written: Written, item: Field, switches: Switches) -> Iterator[str]:
    value = written.values[item.key]
    choice = item.by_value.get(str(value))
    allowed = _allowed(switches.word("inactive_picklist_values"), unchanged=written.unchanged(item))
    if choice is None or not (choice.active or allowed):
        yield f"Picklist value [{value}] does not exist for {item.name}. ; on record number [1]."


def _reference(written: Written, item: Field, store: Store, switches: Switches) -> Iterator[str]:
    row = store.referenced(item.reference, written.values[item.key])
    allowed = _allowed(switches.word("inactive_references"), unchanged=written.unchanged(item))
    if not store.may_exist(item.reference, written.values[item.key]):
        yield f"Value does not reference an existing entity for {item.name}."
    elif row and item.reference in _MUST_BE_ACTIVE and not row.get("isActive", False) and not allowed:
        yield f"Reference value on field: {item.name} of type: {item.reference} does not exist or is invalid."


def _allowed(rule: str, *, unchanged: bool) -> bool:
    return rule == "accepted" or (rule == "unchanged_only" and unchanged)


def _dependent_picklists(written: Written) -> Iterator[str]:
    after = written.after
    for item in written.entity.fields:
        value = after.get(item.key)
        if not item.parent or value is None or not written.touches(item.key, item.parent):
            continue
        choice = item.by_value.get(str(value))
        if choice and choice.parent != str(after.get(item.parent)):
            yield f"Value does not exist for child picklist: {item.name}"


def _assignment(written: Written, store: Store, switches: Switches) -> Iterator[str]:
    """Resource and role are set together and cleared together."""
    missing = [name for name in _PAIR if written.after.get(name) is None]
    if written.touches(*_PAIR) and len(missing) == 1:
        yield f"{missing[0]} is required when {next(n for n in _PAIR if n not in missing)} is set."  # invented


def _company_bound(written: Written, store: Store, switches: Switches) -> Iterator[str]:
    after = written.after
    company = store["Companies"].rows.get(after.get("companyID", -1))
    if company is None and store.partial:
        return
    family = {company.get("id"), company.get("parentCompanyID")} - {None} if company else set()
    for name in _BOUND_TO_COMPANY:
        if after.get(name) is None or not written.touches("companyID", name):
            continue
        row = store.referenced(written.entity.by_name[name.lower()].reference, after[name])
        if row is not None and row.get("companyID") not in family:
            yield f"{name} is not associated to the companyID or its Parent Company"


def _category(written: Written, store: Store, switches: Switches) -> Iterator[str]:
    category = str(written.after.get("ticketCategory"))
    for name in switches.lists("required_by_category").get(category, []):
        if written.touches("ticketCategory", name) and written.after.get(name) is None:
            yield f"{name} is required"


def _unique_name(written: Written, store: Store, switches: Switches) -> Iterator[str]:
    name = str(written.after.get("name")).lower()
    others = (row for row in store["ContactGroups"].rows.values() if row["id"] != written.before.get("id"))
    if written.touches("name") and any(str(row.get("name")).lower() == name for row in others):
        yield "A contact group with this name already exists; the name must be unique."  # invented


def _active_group(written: Written, store: Store, switches: Switches) -> Iterator[str]:
    group = store["ContactGroups"].rows.get(written.after["contactGroupID"])
    if not (group or {"isActive": store.partial}).get("isActive"):
        yield "Contacts cannot be added to or removed from an inactive contact group."  # invented


Check = Callable[[Written, Store, Switches], Iterator[str]]
_BY_ENTITY: dict[str, tuple[Check, ...]] = {
    "Tickets": (_assignment, _company_bound, _category),
    "ContactGroups": (_unique_name,),
    "ContactGroupContacts": (_active_group,),
}
