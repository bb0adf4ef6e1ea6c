"""Creating, updating and deleting: PATCH changes what is sent, PUT empties what is left out."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from adminui.sandbox.autotask import checks, refusals
from adminui.sandbox.autotask.bodies import Changes, read_changes, read_id, writable
from adminui.sandbox.autotask.schema import Entity
from adminui.sandbox.autotask.store import RICH_PREFIX, Row, Store, put, stamp
from adminui.sandbox.autotask.switches import Switches

_COMPLETE = 5
Body = dict[str, Any]


@dataclass(frozen=True)
class Flip:
    """A workflow rule's pending change: the ticket gets its former status back when due."""

    due: float
    ticket: int
    status: int


@dataclass
class Writer:
    """All writes to the store; the caller holds the data lock."""

    store: Store
    switches: Switches
    flips: list[Flip] = field(default_factory=list)
    failures: int = 0

    def update(self, entity: Entity, body: Body, *, replace: bool, parent_id: int | None) -> int:
        try:
            row = self._target(entity, read_id(entity, body), parent_id)
            changes = read_changes(entity, body, self.switches)
            if replace:
                self._empty_what_is_missing(entity, row, body, changes)
            self._refuse(checks.Written(entity, row, changes.values), changes)
        except refusals.Refusal as refusal:
            raise self._with_noise(refusal) from None
        self.apply(entity, row, changes.values)
        return int(row["id"])

    def create(self, entity: Entity, body: Body, *, parent_id: int | None, creator: int | None) -> int:
        if entity.parent and parent_id is not None:
            self._parent_row(entity, parent_id)
            body = {**body, entity.parent.field.lower(): parent_id}
        changes = read_changes(entity, body, self.switches, creating=True)
        for item in entity.fields:
            if item.required and item.key not in changes.values and (item.on_create or not item.read_only):
                raise refusals.errors(f"Missing Required Field: {item.name}")
        self._refuse(checks.Written(entity, {}, changes.values), changes)
        row: Row = {"id": self.store[entity.name].next_id(), **self._birth(entity, creator)}
        self.store[entity.name].add(row)
        self.apply(entity, row, changes.values)
        return int(row["id"])

    def delete(self, entity: Entity, record_id: int, parent_id: int | None) -> int:
        row = self._target(entity, record_id, parent_id)
        if entity.name == "Contacts" and self._is_used(record_id):
            raise refusals.errors("The contact is used by other records and cannot be deleted.")  # invented
        if entity.name == "ContactGroupContacts":
            self._refuse(checks.Written(entity, row, {}), Changes())
        self.store[entity.name].remove(record_id)
        return record_id

    def apply(self, entity: Entity, row: Row, values: Row) -> None:
        """Write values that passed, with what follows from them: stamps, completion, lost rich text, workflow."""
        status = row.get("status")
        for name in self.switches.names("rich_text_fields"):
            owner, _, key = name.partition(".")
            if owner == entity.name and key in values:
                row.pop(RICH_PREFIX + key, None)
        put(row, values)
        self.store[entity.name].touch(row)
        if entity.name == "Tickets" and row.get("status") != status:
            self._status_changed(row, status)

    def run_workflows(self) -> None:
        """Carry out the flips that are due."""
        due = [flip for flip in self.flips if flip.due <= time.monotonic()]
        for flip in due:
            self.flips.remove(flip)
            row = self.store["Tickets"].rows[flip.ticket]
            put(row, {"status": flip.status})
            self._completion(row)
            self.store["Tickets"].touch(row)

    def _status_changed(self, row: Row, before: int | None) -> None:
        self._completion(row)
        delay = self.switches["workflow_status_flip_ms"]
        if delay is not None and before is not None:
            self.flips.append(Flip(time.monotonic() + float(str(delay)) / 1000, row["id"], before))

    def _completion(self, row: Row) -> None:
        completed = row.get("lastTrackedModificationDateTime") if row.get("status") == _COMPLETE else None
        put(row, {"completedDate": completed or None})

    def _target(self, entity: Entity, record_id: int, parent_id: int | None) -> Row:
        row = self.store[entity.name].rows.get(record_id)
        if row is None:
            raise refusals.errors(f"{entity.singular} with id {record_id} does not exist.")  # invented
        if parent_id is not None and entity.parent and row.get(entity.parent.field) != parent_id:
            raise refusals.errors(
                f"{entity.singular} {record_id} does not belong to the parent in the url."
            )  # invented
        return row

    def _parent_row(self, entity: Entity, parent_id: int) -> None:
        if entity.parent and parent_id not in self.store[entity.parent.entity].rows:
            raise refusals.errors(f"Value does not reference an existing entity for {entity.parent.field}.")

    def _empty_what_is_missing(self, entity: Entity, row: Row, body: Body, changes: Changes) -> None:
        for item in entity.fields:
            if item.name.lower() in body:
                continue
            if self._must_be_sent(entity, item.name, required=item.required, read_only=item.read_only):
                raise refusals.errors(f"Missing Required Field: {item.name}")
            if writable(entity, item, self.switches):
                changes.values[item.key] = None
        sent = {str(pair.get("name")).lower() for pair in body.get("userdefinedfields") or ()}
        for item in entity.udfs:
            if item.name.lower() not in sent and not self._keeps(required=item.required):
                changes.values[item.key] = None

    def _must_be_sent(self, entity: Entity, name: str, *, required: bool, read_only: bool) -> bool:
        if read_only and (entity.name, name) == ("Contacts", "companyID"):
            return self.switches.on("contact_company_required_on_put")
        return required and not read_only

    def _keeps(self, *, required: bool) -> bool:
        rule = self.switches.word("put_omitted_udfs")
        return rule == "kept" or (rule == "kept_when_required" and required)

    def _refuse(self, written: checks.Written, changes: Changes) -> None:
        found = changes.problems or list(checks.problems(written, self.store, self.switches))
        if found:
            raise refusals.errors(*found)

    def _with_noise(self, refusal: refusals.Refusal) -> refusals.Refusal:
        self.failures += 1
        rule = self.switches.word("error_noise")
        noisy = rule == "every" or (rule == "some" and self.failures % 2 == 1)
        return refusals.errors(*refusal.errors, *([refusals.NOISE] if noisy else []))

    def _birth(self, entity: Entity, creator: int | None) -> Row:
        now = stamp(datetime.now(UTC))
        born: Row = {"createDate": now} if "createdate" in entity.by_name else {}
        if creator is not None and "impersonatorcreatorresourceid" in entity.by_name:
            born["impersonatorCreatorResourceID"] = creator
        if entity.name == "Tickets":
            born["ticketNumber"] = f"T{now[:10].replace('-', '')}.{self.store['Tickets'].next_id() % 10_000:04d}"
        return born

    def _is_used(self, contact: int) -> bool:
        return any(row.get("contactID") == contact for row in self.store["Tickets"].rows.values())
