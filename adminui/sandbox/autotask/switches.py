"""The switches of the Autotask sandbox: where its facts are uncertain, or a test wants another tenant."""

from collections.abc import Mapping
from copy import deepcopy

DEFAULTS: Mapping[str, object] = {
    "access_as": "words",
    "company_category_read_only": False,
    "companies_is_active_required": False,
    "contact_company_required_on_put": False,
    "date_only_fields": ["ConfigurationItems.installDate", "ConfigurationItems.warrantyExpirationDate"],
    "denied_entities": [],
    "empty_filter": "refused",
    "empty_parent_value": "",
    "empty_text": "kept",
    "empty_udfs": "listed",
    "error_noise": "every",
    "hour_limit": 10_000,
    "hour_start": 0,
    "inactive_picklist_values": "unchanged_only",
    "inactive_references": "unchanged_only",
    "latency": 0,
    "latency_scale": 1,
    "masked_udfs": True,
    "missing_id": "404",
    "next_page_origin": "",
    "noteq_matches_null": False,
    "pages_kept": 50,
    "parent_field_in_pascal_case": False,
    "put_omitted_udfs": "kept_when_required",
    "required_by_category": {"4": ["queueID"]},
    "rich_text_fields": ["ConfigurationItems.notes"],
    "silently_immutable": [],
    "threads_per_object": 3,
    "unauthorized_body": "json",
    "workflow_status_flip_ms": None,
    "zone_url": "",
}


class Switches(dict[str, object]):
    """Switch values by name, read as the type each place needs; whole numbers arrive as int or Decimal from JSON."""

    def __init__(self, others: Mapping[str, object] | None = None) -> None:
        super().__init__(deepcopy({**DEFAULTS, **(others or {})}))

    def on(self, name: str) -> bool:
        return bool(self[name])

    def word(self, name: str) -> str:
        return str(self[name])

    def number(self, name: str) -> float:
        return float(str(self[name]))

    def names(self, name: str) -> list[str]:
        value = self[name]
        return [str(item) for item in value] if isinstance(value, list | tuple) else []

    def lists(self, name: str) -> dict[str, list[str]]:
        value = self[name]
        return {str(key): list(items) for key, items in value.items()} if isinstance(value, dict) else {}
