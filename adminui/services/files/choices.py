"""What a person chose for an import: how the file is read, what its columns mean, and what its cells do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final

from adminui.records.tables import columns
from adminui.records.tables.columns import BLANKS, Policy
from adminui.records.tables.damage import Reading
from adminui.records.tables.reading import Shape, Table
from adminui.records.tables.versions import COLUMN
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.services.files import matching

ORDERS: Final = ("", "dmy", "mdy", "ymd")
MARKS: Final = ("", ".", ",")


@dataclass(frozen=True)
class Column:
    """What is chosen for one column of the file."""

    field: str = ""  # none: ignored
    blank: str = "keep"
    take: bool = False
    order: str = ""
    decimal: str = ""


@dataclass(frozen=True)
class Choices:
    """Columns are by their place in the file."""

    encoding: str = ""
    delimiter: str = ""
    header: int | None = None
    sheet: str = ""
    key: int | None = None
    key_field: str = ""
    columns: Mapping[int, Column] = field(default_factory=dict)
    null: str = ""  # cells that say this mean null
    empty: str = ""
    take_changed: bool = False

    @property
    def shape(self) -> Shape:
        return Shape(self.encoding, self.delimiter, self.header)

    def to_data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Choices:
        known = {f.name for f in fields(cls)}
        held = {name: value for name, value in data.items() if name in known}
        places = {int(place): Column(**each) for place, each in dict(held.get("columns", {})).items()}
        return cls(**{**held, "columns": places})

    def mapped(self) -> dict[int, Column]:
        """Columns that mean a field, but for the key's."""
        return {place: each for place, each in self.columns.items() if each.field and place != self.key}

    def policy(self, place: int, found: Reading) -> Policy:
        """How a column is taken; what nobody chose is as its cells tell."""
        chosen = self.columns[place]
        reading = Reading(chosen.order or found.order, chosen.decimal or found.decimal, found.width)
        return Policy(chosen.blank, self.null, self.empty, chosen.take, reading)


def proposed(opened: Opened, table: Table, *, sheet: str = "") -> Choices:
    """What the file itself suggests: columns whose field is beyond doubt, and the id as the key."""
    meant = columns.meant(opened.resource, table.names)
    held = {place: Column(each.field) for place, each in enumerate(meant)}
    key = next((place for place, each in enumerate(meant) if each.field == opened.resource.id_field), None)
    key_field = opened.resource.id_field if key is not None else ""
    return Choices(table.shape.encoding, table.shape.delimiter, table.shape.header, sheet, key, key_field, columns=held)


def version_place(table: Table) -> int | None:
    """Where the versions of exported rows are."""
    return next((place for place, name in enumerate(table.names) if name.strip() == COLUMN), None)


def check(opened: Opened, table: Table, choices: Choices) -> None:
    """Raises BadInput for what makes no sense."""
    if choices.key is None or not 0 <= choices.key < len(table.names):
        raise BadInput(
            "No column says which record each row is about.",
            f"Choose the column that holds the {opened.resource.by_name[opened.resource.id_field].label}, or another "
            "field that is one record's alone.",
        )
    if choices.key_field not in {f.name for f in matching.key_fields(opened)}:
        raise BadInput(f"Records cannot be found by “{choices.key_field[:80]}” here.", "Choose the id.")
    _check_columns(opened, table, choices)


def _check_columns(opened: Opened, table: Table, choices: Choices) -> None:
    seen: dict[str, int] = {}
    visible = {f.name for f in opened.resource.visible}
    for place, each in choices.mapped().items():
        if each.field not in visible or place >= len(table.names):
            raise BadInput(f"{opened.resource.label} have no field “{each.field[:80]}”.", "Choose another.")
        if each.field in seen:
            label = opened.resource.by_name[each.field].label
            raise BadInput(f"Two columns mean {label}.", "Let one of them be ignored.")
        if each.blank not in BLANKS or each.order not in ORDERS or each.decimal not in MARKS:
            raise BadInput("The page sent something that cannot be chosen.", "Reload it.")
        seen[each.field] = place
