"""A file into pending edits: read, matched, compared with the records as they are now, and taken as one step."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import transaction

from adminui.planning.explain import counted
from adminui.records.tables.reading import Table
from adminui.records.values import RecordId
from adminui.services import edits, reading, sheets
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput, NotThere, Stale
from adminui.services.files import choices as chosen
from adminui.services.files import comparing, matching, report, spool
from adminui.services.files.choices import Choices
from adminui.services.files.comparing import Compared
from adminui.services.files.matching import Keyed, Left
from adminui.services.files.spool import Upload
from adminui.services.sheet_rights import require_edit
from adminui.worksheets.models import Step, Worksheet

MOST_KEYS: Final = 10_000  # looked up while a person waits
KIND: Final = "import"


class Finished(Stale):
    """The file was taken already; `done` has its worksheet and report."""

    def __init__(self, done: Mapping[str, int]) -> None:
        super().__init__("This file was imported already.", "Look at its report.")
        self.done = done


@dataclass(frozen=True)
class Import:
    """An upload with what was chosen, and the table that comes of it."""

    opened: Opened
    upload: Upload
    choices: Choices
    table: Table

    @property
    def sheet_id(self) -> int | None:
        found: int | None = self.upload.state.get("sheet")
        return found

    @property
    def own(self) -> bool:
        """Whether the worksheet was made for this import."""
        return bool(self.upload.state.get("own"))

    @property
    def token(self) -> UUID:
        return UUID(self.upload.state["step"])


def load(opened: Opened, token: str) -> Import:
    """The import under way, as it stands."""
    opened.require("edit")
    upload = spool.find(opened, token)
    if "done" in upload.state:
        raise Finished(upload.state["done"])
    state = upload.state.get("choices")
    held = Choices.from_data(state) if state else None
    table = spool.table(opened, upload, held.shape if held else Choices().shape)
    if held is None or not held.columns:
        sheet = (upload.about.get("read") or [""])[0] if upload.workbook else ""
        proposed = chosen.proposed(opened, table, sheet=sheet)
        held = proposed if held is None else Choices(**{**vars(proposed), "null": held.null, "empty": held.empty})
        upload = spool.remember(upload, choices=held.to_data(), step=upload.state.get("step") or str(uuid4()))
    return Import(opened, upload, held, table)


def begin(opened: Opened, name: str, blocks: Any, sheet: Worksheet | None = None) -> Upload:
    """Put a file aside, for a worksheet of its own or for one that is there."""
    opened.require("edit")
    if sheet is not None:
        require_edit(opened, sheet)
    upload = spool.keep(opened, name, blocks)
    return spool.remember(upload, sheet=sheet.pk) if sheet is not None else upload


def reshape(this: Import, choices: Choices) -> Import:
    """Read the file otherwise; what its columns mean is found anew."""
    if this.upload.workbook and choices.sheet != this.choices.sheet:
        spool.unpack(this.upload.place, choices.sheet)
    _unmatch(this)
    data = {**choices.to_data(), "columns": {}, "key": None, "key_field": ""}
    spool.remember(this.upload, choices=data)
    return load(this.opened, this.upload.token)


def choose(this: Import, choices: Choices) -> Import:
    """Keep what was chosen. Another key is another set of records."""
    if (choices.key, choices.key_field) != (this.choices.key, this.choices.key_field):
        _unmatch(this)
    spool.remember(this.upload, choices=choices.to_data())
    return load(this.opened, this.upload.token)


def _unmatch(this: Import) -> None:
    """What was found for another reading of the file is not to be used any more."""
    discard_sheet(this)
    (this.upload.place / "keys.json").unlink(missing_ok=True)


def match(this: Import, most: int | None = MOST_KEYS) -> Keyed:
    """Which record each row is about; another key than the id is asked for at the API. Kept for what follows."""
    chosen.check(this.opened, this.table, this.choices)
    key = this.choices.key
    assert key is not None
    field = this.opened.whole.by_name[this.choices.key_field]
    if field.name != this.opened.whole.id_field and most is not None and len(this.table) > most:
        raise BadInput(
            f"Records can be found by {field.label} for {most:,} rows at most; the file has {len(this.table):,}.",
            "Use the id, or `manage.py import`, which takes its time.",
        )
    found = matching.keyed(this.opened, this.table, key, field, chosen.version_place(this.table))
    told = {"ids": list(found.ids.items()), "left": [[p, why.name, words] for p, (why, words) in found.left.items()]}
    (this.upload.place / "keys.json").write_text(json.dumps(told))
    return found


def is_matched(this: Import) -> bool:
    return (this.upload.place / "keys.json").is_file()


def read_as(opened: Opened, token: str, choices: Choices) -> None:
    """Try a file that could not be read in another way."""
    spool.remember(spool.find(opened, token), choices=choices.to_data())


def matched(this: Import) -> Keyed:
    """What `match` found."""
    if not is_matched(this):
        raise Stale("The rows of this file were not matched yet.", "Compare the file with the API first.")
    told = json.loads((this.upload.place / "keys.json").read_text())
    ids: Mapping[int, RecordId] = {place: record_id for place, record_id in told["ids"]}
    return Keyed(ids, {place: (Left[why], words) for place, why, words in told["left"]})


def start(this: Import, most: int | None = MOST_KEYS) -> Worksheet:
    """Read the records the file is about: a worksheet of them, read at once when they are few, else by a worker."""
    found = match(this, most)
    if this.sheet_id is not None and not this.own:
        return sheets.find(this.opened.user, this.sheet_id)[0]
    if not found.ids:
        raise BadInput("No row of this file names a record.", _why(found))
    discard_sheet(this)
    columns = [each.field for _, each in sorted(this.choices.mapped().items())]
    sheet = reading.open_ids(this.opened, list(found.ids.values()), columns)
    spool.remember(this.upload, sheet=sheet.pk, own=True)
    return sheet


def _why(found: Keyed) -> str:
    if not found.left:
        return "It has no rows."
    why, words = next(iter(found.left.values()))
    return f"{counted(len(found.left), 'row')} left out; the first: {why}, {words}."


def discard_sheet(this: Import) -> None:
    """Throw away the worksheet of an earlier attempt, as long as nobody worked in it."""
    if this.own and this.sheet_id is not None:
        Worksheet.objects.filter(pk=this.sheet_id, owner_id=this.opened.user_id, version=0).delete()
        spool.remember(this.upload, sheet=None, own=False)


def compare(this: Import, sheet: Worksheet) -> Compared:
    """What the file comes to now. Nothing is written."""
    if sheet.state == Worksheet.State.READING:
        raise Stale("The records of this file are still being read.", "Wait until that is over.")
    return comparing.compare(this.opened, sheet, this.table, this.choices, matched(this))


def summary(this: Import, found: Compared) -> dict[str, Any]:
    return {"file": this.upload.name, **report.summary(this.opened, this.table, this.choices, found)}


@dataclass(frozen=True)
class Taken:
    """The step, and the number of its report."""

    step: Step | None
    report: int


@transaction.atomic
def take(this: Import, sheet: Worksheet, found: Compared) -> Taken:
    """Make the edits pending, in one step, and keep the report. Asked again, `load` raises Finished."""
    require_edit(this.opened, sheet)
    told = summary(this, found)
    label = f"Import of {this.upload.name[:100]}: {counted(found.pending, 'cell')}"
    step = edits.take(this.opened, sheet, this.token, KIND, label, found.taken) if found.taken else None
    told |= {"step": step.number if step else None}
    number = report.keep(this.opened, sheet, told, report.not_taken(this.table, found, this.choices))
    if this.own:
        sheet.title = sheets.title_for(this.opened, f"Import of {this.upload.name}")
        sheet.save(update_fields=["title"])
    spool.finish(this.upload, sheet=sheet.pk, report=number)
    return Taken(step, number)


def cancel(this: Import) -> None:
    """Nothing of it is kept."""
    discard_sheet(this)
    spool.forget(this.upload)


def worksheet_of(this: Import) -> Worksheet | None:
    """The worksheet the file goes into, if there is one yet."""
    if this.sheet_id is None:
        return None
    try:
        return sheets.find(this.opened.user, this.sheet_id)[0]
    except NotThere:
        spool.remember(this.upload, sheet=None, own=False)
        return None
