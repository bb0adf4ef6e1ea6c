"""Run as a program of its own: a person who may, and runs over different Autotask records, approved and waiting."""

from __future__ import annotations

import sys

import django


def main(rows: int, runs: int) -> None:
    django.setup()
    from adminui.records.queries import Query
    from adminui.remote import reader
    from adminui.services import plans
    from adminui.services.catalog import open_resource
    from adminui.staff.roles import ensure_staff
    from tests.services.bench import changed

    lead = ensure_staff("lead", "lead", "a long enough password")
    opened = open_resource(lead, "autotask-test", "Companies")
    records = sorted(reader.read_all(opened.client, opened.whole, Query(page_size=500)), key=opened.whole.id_of)
    for number in range(runs):
        chosen = records[number * rows : (number + 1) * rows]
        changesets = [changed(opened, record, city="Moved") for record in chosen]
        assert len(changesets) == rows
        plans.approve(opened, plans.save(opened, changesets, door="test", canary=0))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
