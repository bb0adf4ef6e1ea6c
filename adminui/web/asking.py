"""What scripts of the worksheet page post, as JSON: read once, checked alike, refused in words."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from adminui.records.casting import from_json
from adminui.services import sheets
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.services.sharing import FATES, Window
from adminui.worksheets.models import Worksheet

RELOAD = "Reload the page; what was saved is kept."


def found(request: HttpRequest, sheet: int) -> tuple[Worksheet, Opened]:
    """The worksheet as this person may see it; the frame of the page learns where we are."""
    held, opened = sheets.find(request.user, sheet)
    vars(request)["opened_at"] = {"connection": held.connection, "resource": held.resource}
    return held, opened


def asked(request: HttpRequest, sheet: int) -> tuple[Worksheet, Opened, dict[str, Any]]:
    """The worksheet and what was posted about it. Raises Refused."""
    held, opened = found(request, sheet)
    return held, opened, posted(request)


def posted(request: HttpRequest) -> dict[str, Any]:
    try:
        data = from_json(request.body)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise BadInput("The page sent something that cannot be read.", RELOAD)
    return data


def number(data: dict[str, Any], name: str, otherwise: int) -> int:
    value = data.get(name)
    if value is None:
        return otherwise
    if type(value) is not int or not 0 <= value < 2**53:
        raise BadInput(f"“{name}” has to be a whole number.", RELOAD)
    return value


def token(data: dict[str, Any]) -> UUID:
    try:
        return UUID(str(data.get("token", "")))
    except ValueError:
        raise BadInput("A change is sent with a token of its own.", RELOAD) from None


def window(data: dict[str, Any]) -> Window:
    """Which rows of a preview are wanted."""
    fate = data.get("fate") or ""
    if fate and not (isinstance(fate, str) and fate in FATES):
        raise BadInput("Rows are shown by what becomes of them: changed, already, invalid or skipped.", RELOAD)
    return Window(number(data, "start", 0), fate)
