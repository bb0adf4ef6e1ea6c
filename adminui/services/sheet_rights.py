"""Who may do what with a worksheet. Apart from `sheets`, because what `sheets` leans on asks this too."""

from __future__ import annotations

from adminui.services.catalog import Opened
from adminui.services.errors import NotAllowed
from adminui.worksheets.models import Worksheet


def owns(opened: Opened, sheet: Worksheet) -> bool:
    return sheet.owner_id == opened.user.pk


def may_edit(opened: Opened, sheet: Worksheet) -> bool:
    """Whether the person's typing is kept here: theirs or shared for editing, and with the right to edit records."""
    return opened.editable and (owns(opened, sheet) or sheet.sharing == Worksheet.Sharing.EDIT)


def require_edit(opened: Opened, sheet: Worksheet) -> None:
    opened.require("edit")
    if not may_edit(opened, sheet):
        raise NotAllowed(
            "This worksheet is shared with you to look at, not to change.",
            f"Ask {sheet.owner.get_username()} to let you edit it, or open the records in a worksheet of your own.",
        )


def require_owner(opened: Opened, sheet: Worksheet) -> None:
    if not owns(opened, sheet):
        raise NotAllowed("Only the owner of a worksheet may do this.", f"Ask {sheet.owner.get_username()}.")
