"""A model field for JSON with exact decimals; the database's own JSON types pass numbers through floats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from adminui.records.casting import from_json, to_json

if TYPE_CHECKING:

    class _TextField(models.TextField[Any, Any]):
        _pyi_private_set_type: Any
        _pyi_private_get_type: Any

else:
    _TextField = models.TextField


_EMPTY = {"[]": list, "{}": dict}  # most of what a ledger holds: not worth a parser


class ExactJSONField(_TextField):
    """JSON kept as text: numbers with a fraction come back as Decimal, digit for digit."""

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Any:
        if value is None:
            return None
        return _EMPTY[value]() if value in _EMPTY else from_json(value)

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else to_json(value)

    def to_python(self, value: Any) -> Any:
        """What a fixture holds is JSON text, as `value_to_string` wrote it."""
        return from_json(value) if isinstance(value, str) else value

    def value_to_string(self, obj: models.Model) -> str:
        return to_json(self.value_from_object(obj))
