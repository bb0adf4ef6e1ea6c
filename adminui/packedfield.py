"""A model field for long text that is kept compressed: bodies and answers of a run's requests repeat themselves."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:

    class _BinaryField(models.BinaryField[Any, Any]):
        _pyi_private_set_type: Any
        _pyi_private_get_type: Any

else:
    _BinaryField = models.BinaryField

WORTH_IT = 300  # bytes


class PackedTextField(_BinaryField):
    """Text in Python, zlib in the database; empty text is no bytes at all."""

    def from_db_value(self, value: Any, expression: object, connection: object) -> str | None:
        return None if value is None else unpacked(bytes(value))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return super().get_db_prep_value(packed(value) if isinstance(value, str) else value, connection, prepared)

    def get_default(self) -> str:
        return ""

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))

    def to_python(self, value: Any) -> Any:
        return value


def packed(text: str) -> bytes:
    """Short text only gets longer by compression: it stands as it is behind a zero, with which no zlib begins."""
    data = text.encode()
    return b"\0" + data if 0 < len(data) < WORTH_IT else zlib.compress(data, 1) if data else b""


def unpacked(data: bytes) -> str:
    return (data[1:] if data[:1] == b"\0" else zlib.decompress(data) if data else b"").decode()
