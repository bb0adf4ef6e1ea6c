"""Which field is meant by what stands between braces: its name or its label, however its letters are cased."""

from __future__ import annotations

from adminui.records.casting import Invalid
from adminui.records.cleaning.formula.problems import instead, short
from adminui.records.schema import Field, Resource


def field_called(resource: Resource, written: str) -> Field:
    """Raises Invalid for one that is not there, is hidden, or could be either of two."""
    for found in _found(resource, written):
        if len(found) == 1:
            return found[0]
        if found:
            names = " or ".join(f"{{{field.name}}}" for field in found[:3])
            raise Invalid(f"{len(found)} fields are called “{short(written)}”: write {names}.")
    known = [f"{{{each}}}" for field in resource.visible for each in (field.name, field.label)]
    raise Invalid(f"{resource.label} have no field “{short(written)}”.{instead(f'{{{written}}}', known)}")


def _found(resource: Resource, written: str) -> list[list[Field]]:
    """From the surest way of being meant to the least sure one."""
    fields, folded = resource.visible, written.casefold()
    return [
        [field for field in fields if field.name == written],
        [field for field in fields if field.label == written],
        [field for field in fields if field.name.casefold() == folded],
        [field for field in fields if field.label.casefold() == folded],
    ]
