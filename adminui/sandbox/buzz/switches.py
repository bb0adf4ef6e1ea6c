"""The switches of the Buzz sandbox: every behaviour the documentation leaves open, with the value it starts from."""

from collections.abc import Mapping
from typing import Any

DEFAULTS: dict[str, object] = {
    "cookie_name": "buzz_key",
    "session_seconds": 900,
    "expired_status": 401,
    "wrong_password_status": 401,
    "logins_per_minute": 60,
    "requests_per_minute": None,
    "retry_after": True,
    "rewrite_cookie_every": 20,
    "old_cookie_seconds": 30,
    "basic_auth": False,
    "page_size_default": 50,
    "page_size_max": 500,
    "unknown_filter": "ignore",
    "search_suffix": "both",
    "not_filterable": [],
    "ordering": False,
    "not_found": "named",
    "options_actions": "put",
    "alternative_id_max": 191,
    "account_id_form": "int",
    "roles_have_active": False,
    "parent_role_required": True,
    "include_fees_required": False,
    "put_omitted": "keep",
    "nested_patch": "merge",
    "trims_text": True,
    "drops_irrelevant": True,
    "update_date": "later",
    "silently_ignored_field": None,
    "creatives_wrapped": True,
    "delete_answer": "empty",
    "read_only_resources": [],
    "utc_offset_hours": -5,
    "bulk_resources": ["users", "roles", "advertisers", "campaigns", "line-items", "segments"],
    "bulk_max": 500,
    "bulk_errors": "list",
    "bulk_unknown_id": 400,
    "bulk_duplicate_ids": "last_wins",
    "bulk_shuffled": True,
    "empty_ids_changes_all": True,
}


class Switches:
    """Typed reading of the switches; the mapping itself belongs to the control plane and changes at any time."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values: Mapping[str, Any] = values

    def value(self, name: str) -> Any:
        return self._values[name]

    def on(self, name: str) -> bool:
        return bool(self._values[name])

    def number(self, name: str) -> int:
        return int(self._values[name])

    def names(self, name: str) -> tuple[str, ...]:
        return tuple(self._values[name] or ())
