"""What the adversarial tests share: plans carried out at once, and the truth as the sandbox holds and logged it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from adminui.records.changes import Change, ChangeSet, changeset_of
from adminui.records.values import Record
from adminui.remote import reader
from adminui.runs import ledger
from adminui.runs.models import Run
from adminui.services import plans
from adminui.services.catalog import Opened
from adminui.services.execution import execute
from tests.conftest import Live

WRITES = ("PATCH", "PUT", "POST", "DELETE")


def flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """A dumped record with user-defined fields by the names the product gives them."""
    pairs = record.get("userDefinedFields") or ()
    plain = {name: value for name, value in record.items() if name != "userDefinedFields"}
    return plain | {f"udf.{pair['name']}": pair["value"] for pair in pairs}


def dump(live: Live, resource: str) -> dict[int, dict[str, Any]]:
    """Every stored record by id, beyond what any mask or answer shows."""
    return {record["id"]: flat(record) for record in live.api.dump(resource)}


def stored(live: Live, resource: str, record_id: int) -> dict[str, Any]:
    return dump(live, resource)[record_id]


def moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def writes(live: Live) -> list[dict[str, Any]]:
    """Requests that meant to write a record, oldest first; signing in is none."""
    log = live.running.log.listing()
    return [e for e in log if e["method"] in WRITES and not e["path"].endswith(("/authenticate", "/query", "/count"))]


def ids_in(entry: Mapping[str, Any]) -> list[int]:
    """The records a logged write is about."""
    body, tail = entry["body"], entry["path"].rpartition("/")[2]
    if isinstance(body, list):
        return [row["id"] for row in body]
    if "ids" in entry["query"]:
        return [int(i) for i in entry["query"]["ids"].split(",")]
    return [int(tail) if tail.isdecimal() else body["id"]]


def applied(live: Live) -> Counter[int]:
    """How often each record was really written, by the sandbox's own log."""
    return Counter(i for entry in writes(live) if entry["applied"] for i in ids_in(entry))


def live_records(opened: Opened, ids: Iterable[int]) -> dict[Any, Record]:
    return reader.read_many(opened.client, opened.whole, opened.can, ids)


def changed(opened: Opened, record: Record, **values: Any) -> ChangeSet:
    return changeset_of(opened.whole, record, [Change(f, record.get(f), v) for f, v in values.items()])


def approved(opened: Opened, changesets: Iterable[ChangeSet], **options: Any) -> Run:
    return plans.approve(opened, plans.save(opened, list(changesets), door="test", **options))


def carry_out(run: Run, known: Mapping[Any, Record] | None = None) -> Run:
    claimed = ledger.claim("test", run.pk)
    assert claimed is not None
    execute(claimed, known=known)
    return Run.objects.select_related("plan", "user").get(pk=run.pk)
