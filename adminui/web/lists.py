"""The list of a resource: find records, choose columns, tick rows, keep views."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from adminui.dialects.errors import RemoteError
from adminui.planning.explain import counted
from adminui.records.queries import Group, Query
from adminui.records.schema import Field
from adminui.records.values import Record
from adminui.services import browse, references, views
from adminui.services.browse import Listing
from adminui.services.catalog import Opened, ask_again, open_resource
from adminui.services.errors import BadInput, NotThere
from adminui.web import filters, list_table
from adminui.web.list_address import SIZE, SIZES, Address
from adminui.web.refusals import problem_of
from adminui.web.values import grouped

MOST_IDS = 200  # in an address; more are opened as a worksheet
_CATALOGUE_AGE = 60  # seconds
_ADDRESSES = ("columns", "save-view", "refresh-schema", "open-worksheet")


@require_GET
def listing(request: HttpRequest, connection: str, resource: str) -> HttpResponse:
    address = Address.of(request, connection, resource)
    try:
        opened = open_resource(request.user, connection, resource)
    except RemoteError as error:
        return _unavailable(request, error, address)
    if request.GET.get("part") == "fields":
        answer = JsonResponse(filters.catalogue(opened))
        answer["Cache-Control"] = f"private, max-age={_CATALOGUE_AGE}"
        return answer
    return _page(request, opened, address)


def _unavailable(request: HttpRequest, error: RemoteError, address: Address) -> HttpResponse:
    problem = problem_of(error)
    assert problem is not None
    return render(request, "lists/unavailable.html", {"problem": problem, "here": address}, status=problem.status)


def _page(request: HttpRequest, opened: Opened, address: Address) -> HttpResponse:
    """A refusal or a failure is said in place: the filter stays, to be changed or asked again."""
    try:
        found = _found(opened, address)
    except (BadInput, RemoteError) as error:
        problem = problem_of(error)
        assert problem is not None
        context = {**_frame(opened, address), "problem": asdict(problem), "retry": isinstance(error, RemoteError)}
        return render(request, "lists/list.html", context, status=problem.status)
    return render(request, "lists/list.html", {**_frame(opened, address), **_table(opened, address, found)})


@dataclass(frozen=True)
class _Found:
    """`where` is the filter of the address, `asked` with the quick search; `missing` are ids the API does not have."""

    where: Group
    asked: Group
    records: tuple[Record, ...]
    count: int
    listing: Listing | None
    missing: tuple[object, ...] = ()


def _found(opened: Opened, address: Address) -> _Found:
    if address.ids:
        return _by_ids(opened, address.ids)
    where = browse.parse_where(opened, address.where)
    asked = browse.searched(opened, where, address.find)
    after = browse.ids_in(opened, address.after)[0] if address.after and opened.can.pages_by == "id" else None
    page = address.page if after is not None or opened.can.pages_by == "number" else 1
    read = browse.listing(opened, Query(asked, page, address.size, after))
    return _Found(where, asked, read.records, read.count, read)


def _by_ids(opened: Opened, text: str) -> _Found:
    ids = browse.ids_in(opened, text)
    if len(ids) > MOST_IDS:
        raise BadInput(f"{len(ids)} ids are more than the {MOST_IDS} a list shows.", "Open them as a worksheet.")
    records, missing = browse.by_ids(opened, ids)
    return _Found(Group(), Group(), tuple(records), len(records), None, tuple(missing))


def _frame(opened: Opened, address: Address) -> dict[str, Any]:
    """What the page shows whether or not the records could be read."""
    at = [opened.connection.name, opened.resource.name]
    title = opened.resource.by_name.get(opened.resource.title_field)
    return {
        "opened": opened,
        "resource": opened.resource,
        "here": address,
        "all": str(Address(address.path, columns=address.columns, size=address.size)),
        "hidden": [(n, v) for n, v in (("columns", address.columns), ("size", address.size)) if v and v != SIZE],
        "title_label": title.label if title and not title.hidden else "Id",
        "views": [_view(opened, view) for view in views.saved(opened)],
        "urls": {n.replace("-", "_"): reverse(n, args=at) for n in _ADDRESSES},
        "find_url": reverse("find-reference", args=[*at, "FIELD"]),
        "may_tick": opened.editable,
        "may_bulk": opened.editable and opened.may("bulk") and opened.row_cap != 0,
    }


def _view(opened: Opened, view: Any) -> dict[str, Any]:
    at = [opened.connection.name, opened.resource.name]
    own = view.owner_id == opened.user.pk
    return {
        "name": view.name,
        "query_string": view.query_string,
        "url": f"{reverse('list', args=at)}?{view.query_string}",
        "delete": reverse("delete-view", args=[*at, view.pk]) if own else "",
        "whose": ("shared" if view.shared else "private") if own else f"of {view.owner.get_username()}",
    }


def _table(opened: Opened, address: Address, found: _Found) -> dict[str, Any]:
    frozen = views.frozen(opened)
    fields = views.columns(opened, address.column_names)
    title = frozen[1] if len(frozen) > 1 else None
    names = references.names(opened, fields, found.records)
    said = filters.names_in(opened, found.where)
    noun = opened.resource.singular if found.count == 1 else opened.resource.label
    return {
        "columns": list_table.header(opened, frozen, fields),
        "column_names": ",".join(f.name for f in fields),
        "rows": list_table.rows(opened, found.records, title, fields, names, ticks=opened.editable),
        "shown": len(found.records),
        "count": found.count,
        "count_words": f"{grouped(str(found.count))} {noun}",
        "join": found.where.join,
        "chips": filters.chips(opened, found.where, said, address),
        "where": filters.as_json(found.asked),
        "words": browse.in_words(opened, found.asked, said),
        "narrowed": bool(found.asked.items or address.ids),
        "instead": _instead(opened, address, found),
        "missing": found.missing,
        "pasted": _pasted(found),
        "link": str(address.view.but(columns=",".join(f.name for f in fields))),
        "pager": _pager(opened, address, found),
    }


def _pasted(found: _Found) -> str:
    here, all_of_them = len(found.records), len(found.records) + len(found.missing)
    return counted(here, "pasted id") if here == all_of_them else f"{here} of {counted(all_of_them, 'pasted id')}"


def _instead(opened: Opened, address: Address, found: _Found) -> dict[str, str] | None:
    """A number is looked up as an id; where that finds nothing, it may be part of a name."""
    titled = browse.title_has(opened, address.find)
    if found.count or not address.find.isdigit() or titled is None:
        return None
    where = filters.as_json(Group("and", (titled,)))
    return {"words": browse.item_words(opened, titled), "url": str(address.but(find="", where=where))}


def _pager(opened: Opened, address: Address, found: _Found) -> dict[str, Any] | None:
    if found.listing is None or not found.records:
        return None
    start = (address.page - 1) * _page_size(address, found.listing)
    turns = _by_id(address, found.listing) if opened.can.pages_by == "id" else _by_number(address, found.listing)
    sizes = [(size, str(address.but(size=size))) for size in SIZES]
    first, last = grouped(str(start + 1)), grouped(str(start + len(found.records)))
    return {
        **turns,
        "rows": f"{first}–{last}",
        "of": grouped(str(found.count)),
        "sizes": sizes,
        "numbered": opened.can.pages_by == "number",
    }


def _page_size(address: Address, read: Listing) -> int:
    """Records a page really has: an API may cut what was asked for without a word."""
    if read.next or address.page == 1:
        return len(read.records)
    return (read.count - len(read.records)) // (address.page - 1)


def _by_id(address: Address, read: Listing) -> dict[str, str | None]:
    return {
        "first": str(address.but()) if address.after else None,
        "previous": str(address.back) if address.back else None,
        "next": str(address.onward(read.next.after)) if read.next else None,
        "last": None,
    }


def _by_number(address: Address, read: Listing) -> dict[str, str | None]:
    pages = max(-(-read.count // max(_page_size(address, read), 1)), 1)
    return {
        "first": str(address.at(1)) if address.page > 1 else None,
        "previous": str(address.at(address.page - 1)) if address.page > 1 else None,
        "next": str(address.at(address.page + 1)) if read.next else None,
        "last": str(address.at(pages)) if address.page < pages else None,
    }


@require_POST
def columns(request: HttpRequest, connection: str, resource: str) -> HttpResponse:
    """Remember the columns and go back to the list, which then shows them; none given: the usual ones."""
    opened = open_resource(request.user, connection, resource)
    views.choose(opened, [name for name in request.POST.get("columns", "").split(",") if name])
    back = Address.read(reverse("list", args=[connection, resource]), QueryDict(request.POST.get("back", "")))
    return HttpResponseRedirect(str(back.but(columns="", page=back.page, after=back.after, trail=back.trail)))


@require_POST
def save_view(request: HttpRequest, connection: str, resource: str) -> HttpResponse:
    opened = open_resource(request.user, connection, resource)
    path = reverse("list", args=[connection, resource])
    kept = Address.read(path, QueryDict(request.POST.get("query", ""))).view
    kept = kept.but(columns=",".join(f.name for f in views.columns(opened, kept.column_names)))
    view = views.save(
        opened, request.POST.get("name", ""), kept.query_string, shared=request.POST.get("shared") == "on"
    )
    seen = "Everybody who may see this list can open it." if view.shared else "Only you see it."
    messages.success(request, f"View “{view.name}” saved. {seen}")
    return HttpResponseRedirect(str(kept))


@require_POST
def delete_view(request: HttpRequest, connection: str, resource: str, view: int) -> HttpResponse:
    opened = open_resource(request.user, connection, resource)
    messages.success(request, f"View “{views.delete(opened, view)}” deleted. No record was touched.")
    return HttpResponseRedirect(reverse("list", args=[connection, resource]))


@require_POST
def refresh(request: HttpRequest, connection: str, resource: str) -> HttpResponse:
    """Ask the API anew what fields the resource has."""
    opened = ask_again(request.user, connection, resource)
    fields = counted(len(opened.resource.visible), "field")
    messages.success(request, f"The API described {opened.resource.label} again: {fields}.")
    path = reverse("list", args=[connection, resource])
    return HttpResponseRedirect(str(Address.read(path, QueryDict(request.POST.get("back", "")))))


@require_GET
def find_reference(request: HttpRequest, connection: str, resource: str, field: str) -> HttpResponse:
    """Records that a field could refer to, as {"results": [{id, label, facts}]}; ids as text."""
    opened = open_resource(request.user, connection, resource)
    found = references.find(opened, _seen(opened, field), request.GET.get("q", ""))
    return JsonResponse({"results": [{"id": str(e.id), "label": e.title, "facts": " · ".join(e.facts)} for e in found]})


def _seen(opened: Opened, name: str) -> Field:
    field = opened.resource.by_name.get(name)
    if field is None or field.hidden:
        raise NotThere(f"{opened.resource.label} have no field “{name}”.")
    return field
