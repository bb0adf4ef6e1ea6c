"""What a person keeps of a list: the columns they chose for a resource, and views saved under a name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from adminui.records.schema import NESTED, Field, Kind
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput, NotThere
from adminui.staff.access import Person
from adminui.worksheets.models import Columns, View

DEFAULT = 8
MOST_COLUMNS = 200
LONGEST_NAME = 100


def columns(opened: Opened, asked: Sequence[str] = ()) -> tuple[Field, ...]:
    """The fields to show besides id and title: those asked for, else those chosen before, else the usual ones."""
    return _fields(opened, asked) or _fields(opened, _chosen(opened)) or _usual(opened)


def frozen(opened: Opened) -> tuple[Field, ...]:
    """The id, and the title where there is one of its own: always shown, always first."""
    names = dict.fromkeys((opened.resource.id_field, opened.resource.title_field))
    found = (opened.resource.by_name.get(name) for name in names)
    return tuple(f for f in found if f is not None and (not f.hidden or f.name == opened.resource.id_field))


def choose(opened: Opened, names: Sequence[str]) -> None:
    """Remember these columns for the person; none means the usual ones again."""
    here: dict[str, Any] = {
        "owner_id": opened.user.pk,
        "connection": opened.connection.name,
        "resource": opened.resource.name,
    }
    kept = [f.name for f in _fields(opened, names)]
    if kept:
        Columns.objects.update_or_create(**here, defaults={"names": kept})
    else:
        Columns.objects.filter(**here).delete()


def _chosen(opened: Opened) -> list[str]:
    here = Columns.objects.filter(connection=opened.connection.name, resource=opened.resource.name)
    names = here.filter(owner_id=opened.user.pk).values_list("names", flat=True).first()
    return names if isinstance(names, list) else []


def _fields(opened: Opened, names: Iterable[object]) -> tuple[Field, ...]:
    """Visible fields of these names, each once; what the resource does not have (any more) is passed over."""
    fixed = {f.name for f in frozen(opened)}
    found = (opened.resource.by_name.get(str(name)) for name in dict.fromkeys(names))
    return tuple(f for f in found if f is not None and not f.hidden and f.name not in fixed)[:MOST_COLUMNS]


def _usual(opened: Opened) -> tuple[Field, ...]:
    named = _fields(opened, opened.resource.columns)
    plain = (f.name for f in opened.resource.visible if f.kind not in (*NESTED, Kind.LONG_TEXT))
    return named or _fields(opened, plain)[:DEFAULT]


def saved(opened: Opened) -> QuerySet[View]:
    """The person's own views of this resource, and those others share."""
    return saved_at(opened.user, opened.connection.name, opened.resource.name)


def saved_at(user: Person, connection: str, resource: str) -> QuerySet[View]:
    """The same without asking the API about the resource; whether the person may see it is the caller's to know."""
    here = View.objects.filter(connection=connection, resource=resource)
    return here.filter(Q(owner_id=user.pk) | Q(shared=True)).select_related("owner")


def save(opened: Opened, name: str, query_string: str, *, shared: bool) -> View:
    """Keep an address under a name; the person's own view of that name is replaced. Raises BadInput."""
    name = " ".join(name.split())
    if not name:
        raise BadInput("The view needs a name.", "Name it after what it shows.")
    if len(name) > LONGEST_NAME:
        raise BadInput(f"The name has {len(name)} characters; a view's name takes {LONGEST_NAME}.")
    view, _ = View.objects.update_or_create(
        owner_id=opened.user.pk,
        connection=opened.connection.name,
        resource=opened.resource.name,
        name=name,
        defaults={"query_string": query_string, "shared": shared},
    )
    return view


def delete(opened: Opened, view_id: int) -> str:
    """Delete the person's own view and return its name. Raises NotThere, also for somebody else's."""
    view = saved(opened).filter(pk=view_id, owner_id=opened.user.pk).first()
    if view is None:
        raise NotThere("There is no such view of yours.", "Only who saved a view can delete it.")
    view.delete()
    return view.name
