"""Asking a tenant about a resource: OPTIONS for its fields, OPTIONS for its bulk address, never a write to find out."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, Final

from adminui.dialects.base import ApiRequest, ApiResponse, Describe, Described
from adminui.dialects.buzz.filters import OPS
from adminui.dialects.buzz.profiles import Profile, profile_of
from adminui.dialects.buzz.reading import MAX_IDS, path_of
from adminui.dialects.buzz.schema import fields_of, opaque, read_only_fields
from adminui.dialects.buzz.statuses import check, document_of
from adminui.dialects.errors import Forbidden, Gone, NotOffered, Unavailable
from adminui.planning.capabilities import Capabilities
from adminui.records.schema import Resource
from adminui.records.values import Record

_SAMPLE: Final = 20  # records to learn untyped fields from
_VERSION: Final = "update_date"
_MAX_BATCH: Final = 200  # undocumented; the one related number seen is 200 ids per export call


def describe(name: str) -> Describe:
    """Fields from `actions` of the list address, or of a record's; a resource without such is read-only.

    The stock framework puts what creating takes on the list and what changing takes on a record: who may change but
    not create is told at the record only.
    """
    profile = profile_of(name)
    infos = _infos((yield ApiRequest("OPTIONS", name)))
    samples: list[Record] = []
    if not infos or opaque(infos, profile.by_name):
        samples = yield from _sampled(name)
    if not infos and (address := _record_address(profile, samples)):
        infos = _infos((yield ApiRequest("OPTIONS", address)))
    bulk = bool(infos) and (yield from _bulk(profile))
    resource = _resource(profile, infos, samples)
    return Described(resource, _capabilities(can_update=resource.can_update, bulk=bulk))


def _infos(response: ApiResponse) -> Mapping[str, Any]:
    """Field descriptions: the sample in the documentation has them under PUT, the stock framework under POST.

    None where describing is refused: reading says whether the resource is there, and it is shown without being edited.
    """
    try:
        check(response)
    except (Forbidden, Gone, NotOffered):
        return {}
    document = document_of(response)
    if response.status >= 400 or not isinstance(document, dict):
        raise Unavailable("Buzz did not describe this resource in readable JSON.", status=response.status)
    actions = document.get("actions")
    listed = [actions.get(m) for m in ("PUT", "PATCH", "POST")] if isinstance(actions, dict) else []
    return next((infos for infos in listed if isinstance(infos, dict) and infos), {})


def _sampled(name: str) -> Generator[ApiRequest, ApiResponse, list[Record]]:
    response = yield ApiRequest("GET", name, query=(("page_size", str(_SAMPLE)),))
    check(response)
    document = document_of(response)
    results = document.get("results") if isinstance(document, dict) else None
    return [row for row in results if isinstance(row, dict)] if isinstance(results, list) else []


def _record_address(profile: Profile, samples: list[Record]) -> str | None:
    """The address of a record that was just read."""
    ids = (record.get("id", record.get(profile.id_field)) for record in samples)
    known = next((i for i in ids if isinstance(i, int | str) and str(i) not in ("", ".", "..")), None)
    return None if known is None else path_of(profile.name, known)


def _bulk(profile: Profile) -> Generator[ApiRequest, ApiResponse, bool]:
    return bulk_offered((yield ApiRequest("OPTIONS", f"{profile.name}/bulk")), profile.bulk)


def bulk_offered(response: ApiResponse, guess: bool) -> bool:
    """Whether the bulk address takes PATCH; an answer that a record called "bulk" might give leaves it at the guess."""
    methods = {m.strip().upper() for m in response.headers.get("allow", "").split(",") if m.strip()}
    if response.status == 404 or (methods and "PATCH" not in methods):
        return False
    if response.status == 405:  # only OPTIONS itself is refused: what else is allowed may be said beside it
        return bool(methods) or guess
    try:
        check(response)
    except (Forbidden, Unavailable):
        return guess
    document = document_of(response)
    if isinstance(document, dict) and document.get("actions"):  # a record that is not there would describe none
        return True
    return guess if not methods or "PUT" in methods else True  # a record takes PUT, the bulk address does not


def _resource(profile: Profile, infos: Mapping[str, Any], samples: list[Record]) -> Resource:
    ours = profile.by_name
    fields = fields_of(infos, ours, samples) if infos else read_only_fields(ours, samples)
    names = {f.name for f in fields}
    return Resource(
        name=profile.name,
        label=profile.label,
        singular=profile.singular,
        fields=fields,
        id_field="id" if profile.id_field not in names and "id" in names else profile.id_field,
        title_field=profile.title_field,
        version_field=_VERSION if _VERSION in names else None,
        columns=tuple(c for c in profile.columns if c in names) or tuple(f.name for f in fields[:6]),
        can_update=bool(infos),
    )


def _capabilities(*, can_update: bool, bulk: bool) -> Capabilities:
    return Capabilities(
        patch=can_update,
        replace="unknown" if can_update else None,  # what PUT does to an omitted field is not documented
        bulk_rows=bulk,
        bulk_shared=bulk,
        bulk_atomic=True,
        max_batch=_MAX_BATCH,
        max_concurrency=16,  # nothing is documented; a connection uses 4 unless it is told otherwise
        read_many=MAX_IDS,
        echoes=True,
        ops=OPS,
        or_groups=False,
        pages_by="number",
        trims_text=True,
    )
