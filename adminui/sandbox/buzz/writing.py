"""Creating, updating and deleting records, one at a time or in bulk; a bulk call is all or nothing."""

import random
from collections.abc import Iterable, Mapping
from typing import Any

from adminui.sandbox.buzz import rules
from adminui.sandbox.buzz.errors import Invalid, Refused, detail, not_a_list
from adminui.sandbox.buzz.fields import Context, Field, clean_object
from adminui.sandbox.buzz.resources import Resource
from adminui.sandbox.buzz.schema import tuned
from adminui.sandbox.buzz.store import ACCOUNT, STAMP, Record, Store
from adminui.sandbox.buzz.switches import Switches


class Writer:
    """The verbs of the API over a store, as the switches decide."""

    def __init__(self, store: Store, switches: Switches, shuffler: random.Random) -> None:
        self._store, self._switches, self._shuffler = store, switches, shuffler

    def create(self, resource: Resource, data: Any) -> Record:
        record = self._single(self._created, resource, data)
        self._store.put(resource.name, record)
        return record

    def update(self, resource: Resource, old: Record, data: Any, *, partial: bool) -> Record:
        """PATCH when partial, PUT otherwise."""
        record = self._single(self._updated, resource, old, data, partial)
        self._store.put(resource.name, record)
        return record

    def delete(self, resource: Resource, record_ids: Iterable[int]) -> list[Record]:
        blocked = self._store.dependants(resource, record_ids)
        names = sorted({name for others in blocked.values() for name in others})
        if names:
            raise Refused(400, {"non_field_errors": [f"Cannot delete while {', '.join(names)} depend on it."]})
        table = self._store.table(resource.name)
        removed = [table[record_id] for record_id in blocked]
        for record in removed:
            self._store.remove(resource.name, record["id"])
        return self._shuffled(removed)

    def create_all(self, resource: Resource, rows: Any) -> list[Record]:
        return self._commit(resource, [(None, row) for row in self._rows(rows)])

    def update_each(self, resource: Resource, rows: Any) -> list[Record]:
        """The list form: every row names its own id and changes."""
        return self._commit(resource, [(self._row_id(row), row) for row in self._rows(rows)])

    def update_same(self, resource: Resource, record_ids: list[int], data: Any) -> list[Record]:
        """The `?ids=` form: one object for all."""
        if not isinstance(data, dict):
            raise Refused(400, {"non_field_errors": ["Invalid data. Expected a dictionary."]})
        return self._commit(resource, [(record_id, data) for record_id in record_ids], shared=True)

    def _commit(self, resource: Resource, rows: list[tuple[Any, Any]], *, shared: bool = False) -> list[Record]:
        pending: dict[int, Record] = {}
        errors: list[Any] = []
        for record_id, data in rows:
            try:
                record = self._row(resource, record_id, data, pending)
                pending[record["id"]] = record
                errors.append({})
            except Invalid as invalid:
                errors.append(invalid.errors)
        if any(errors):
            raise Refused(400, self._bulk_errors([record_id for record_id, _ in rows], errors, shared=shared))
        for record in pending.values():
            self._store.put(resource.name, record)
        return self._shuffled(list(pending.values()))

    def _row(self, resource: Resource, record_id: Any, data: Any, pending: Mapping[int, Record]) -> Record:
        if record_id is None:
            return self._created(resource, data)
        if record_id == "missing":
            raise Invalid({"id": ["This field is required."]})
        if record_id in pending and self._switches.value("bulk_duplicate_ids") == "reject":
            raise Invalid({"id": ["This id appears more than once."]})
        old = pending.get(record_id) or self._store.get(resource.name, record_id)
        if old is None:
            if self._switches.number("bulk_unknown_id") == 404:
                raise detail(404, f"No {resource.label} matches the given query.")
            raise Invalid({"id": [f'Invalid pk "{record_id}" - object does not exist.']})
        return self._updated(resource, old, data, True)

    def _rows(self, rows: Any) -> list[Any]:
        if not isinstance(rows, list):
            raise Refused(400, not_a_list(rows))
        return rows

    def _row_id(self, row: Any) -> Any:
        text = str(row.get("id")) if isinstance(row, dict) else ""
        return int(text) if text.isdecimal() else "missing"

    def _bulk_errors(self, ids: list[Any], errors: list[Any], *, shared: bool) -> Any:
        shape = self._switches.value("bulk_errors")
        if shape == "keyed-by-id":
            keys = [str(index) if record_id is None else str(record_id) for index, record_id in enumerate(ids)]
            return {key: error for key, error in zip(keys, errors, strict=True) if error}
        if shared or shape == "flat":
            return {field: texts for error in errors for field, texts in error.items()}
        if shape == "index-dict":
            return {str(index): error for index, error in enumerate(errors) if error}
        return errors

    def _created(self, resource: Resource, data: Any) -> Record:
        fields = tuned(resource, self._switches)
        cleaned = clean_object(fields, data, self._context(), partial=False)
        moment = self._store.now().strftime(STAMP)
        stamps = {"account_id": ACCOUNT, "create_date": moment, "update_date": moment}
        defaults = {name: field.default for name, field in resource.fields.items()}
        record = self._derived(resource, {**defaults, **cleaned, "id": self._store.new_id(resource.name), **stamps})
        rules.check(resource, None, record, self._store)
        return record

    def _updated(self, resource: Resource, old: Record, data: Any, partial: bool) -> Record:
        fields = tuned(resource, self._switches)
        cleaned = clean_object(fields, data, self._context(), partial=partial, old=old)
        emptied = {} if partial or self._switches.value("put_omitted") == "keep" else _emptied(fields)
        record = self._derived(resource, {**old, **emptied, **cleaned})
        for name in self._ignored(resource):
            record[name] = old.get(name)
        rules.check(resource, old, record, self._store)
        return self._store.stamped(record)

    def _derived(self, resource: Resource, record: Record) -> Record:
        if self._switches.on("drops_irrelevant"):
            record = rules.drop_irrelevant(resource, record)
        if resource.name == "line-items":
            campaign = self._store.get("campaigns", record.get("campaign_id"))
            record |= {"advertiser_id": campaign["advertiser_id"]} if campaign else {}
        if resource.name == "segments" and not resource.given:
            record["key"] = f"acme-{record['id']}"
        return record

    def _ignored(self, resource: Resource) -> list[str]:
        """The field the `silently_ignored_field` switch names, as `notes` or as `line-items.notes`."""
        name = str(self._switches.value("silently_ignored_field") or "")
        name = name.removeprefix(f"{resource.name}.")
        return [name] if name in resource.fields else []

    def _single(self, verb: Any, *arguments: Any) -> Record:
        try:
            record: Record = verb(*arguments)
        except Invalid as invalid:
            raise Refused(400, invalid.errors) from None
        return record

    def _shuffled(self, records: list[Record]) -> list[Record]:
        if self._switches.on("bulk_shuffled"):
            self._shuffler.shuffle(records)
        return records

    def _context(self) -> Context:
        return Context(
            exists=self._store.may_exist,
            trims=self._switches.on("trims_text"),
            merges=self._switches.value("nested_patch") == "merge",
            lists_as_index=self._switches.value("bulk_errors") == "index-dict",
            utc_offset_hours=self._switches.number("utc_offset_hours"),
        )


def _emptied(fields: Mapping[str, Field]) -> Record:
    """What every writable optional field becomes when a PUT leaves it out and the API replaces."""
    return {name: field.default for name, field in fields.items() if not field.read_only and not field.required}
