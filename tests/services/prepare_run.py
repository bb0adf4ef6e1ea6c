"""Run as a program of its own: migrates a fresh database and approves one plan over many Autotask records."""

from __future__ import annotations

import sys

import django


def main(number: int) -> None:
    django.setup()
    from django.core.management import call_command

    from adminui.records.changes import Change, changeset_of
    from adminui.remote import reader
    from adminui.services import plans
    from adminui.services.catalog import open_resource
    from adminui.staff.roles import ensure_staff

    call_command("migrate", verbosity=0)
    lead = ensure_staff("lead", "lead", "a long enough password")
    opened = open_resource(lead, "autotask-test", "Companies")
    ids = sorted(record["id"] for record in reader.read_all(opened.client, opened.whole, _everything()))[:number]
    records = reader.read_many(opened.client, opened.whole, opened.can, ids)
    rows = [changeset_of(opened.whole, r, [Change("city", r.get("city"), "Moved")]) for r in records.values()]
    print(plans.approve(opened, plans.save(opened, rows, door="test")).pk)


def _everything() -> object:
    from adminui.records.queries import Query

    return Query(page_size=500)


if __name__ == "__main__":
    main(int(sys.argv[1]))
