"""Run as a program of its own: migrates a fresh database, approves a run over each sandbox, and signs a person in.

Prints the session's key. Companies get a city, each by a PATCH of its own; campaigns notes, in bulk calls.
"""

from __future__ import annotations

import sys
from typing import Any

import django

SHARED = "Same"


def city(record_id: int) -> str:
    return f"Moved {record_id}"


def notes(record_id: int) -> str:
    """Every third record the same, which goes as one shared request; the others each their own."""
    return SHARED if record_id % 3 == 0 else f"Own {record_id}"


WORK = (("autotask-test", "Companies", "city", city), ("buzz-test", "campaigns", "notes", notes))


def main(number: int) -> None:
    django.setup()
    from django.core.management import call_command

    from adminui.staff.roles import ensure_staff

    call_command("migrate", verbosity=0)
    admin = ensure_staff("admin", "admin", "a long enough password")  # no role may change more records at once
    for connection, resource, field, value in WORK:
        approve(admin, connection, resource, field, value, number)
    print(session_of(admin))


def approve(user: Any, connection: str, resource: str, field: str, value: Any, number: int) -> None:
    from adminui.records.changes import Change, changeset_of
    from adminui.records.queries import Query
    from adminui.remote import reader
    from adminui.services import plans
    from adminui.services.catalog import open_resource

    opened = open_resource(user, connection, resource)
    ids = sorted(r["id"] for r in reader.read_all(opened.client, opened.whole, Query(page_size=500)))[:number]
    read = reader.read_many(opened.client, opened.whole, opened.can, ids)
    rows = [changeset_of(opened.whole, r, [Change(field, r.get(field), value(i))]) for i, r in sorted(read.items())]
    plans.approve(opened, plans.save(opened, rows, door="test"))


def session_of(user: Any) -> str:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


if __name__ == "__main__":
    main(int(sys.argv[1]))
