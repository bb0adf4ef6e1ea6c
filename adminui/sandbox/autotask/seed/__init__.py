"""The invented tenant: the same records for the same number and seed, messy as real ones are."""

from adminui.sandbox.autotask.seed.crm import add_companies, add_contact_groups, add_contacts
from adminui.sandbox.autotask.seed.desk import add_devices, add_tickets
from adminui.sandbox.autotask.seed.reference import add_contracts, add_reference_data, add_resources
from adminui.sandbox.autotask.store import Store


def fill(store: Store, records: int, seed: int) -> None:
    """About `records` companies, contacts and tickets each, half as many devices, and what they refer to."""
    add_reference_data(store)
    add_resources(store, seed)
    add_companies(store, records, seed)
    add_contacts(store, records, seed)
    add_contact_groups(store, seed)
    add_contracts(store, seed)
    add_devices(store, records // 2, seed)
    add_tickets(store, records, seed)
