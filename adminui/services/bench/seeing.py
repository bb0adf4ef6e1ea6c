"""Which fields a clean-up speaks of, and whether they are all somebody's to see: its parameters hold values of them."""

from __future__ import annotations

from collections.abc import Iterable

from adminui.records.casting import Invalid
from adminui.records.cleaning.base import Transformation
from adminui.records.cleaning.registry import TRANSFORMS
from adminui.services.bench import where
from adminui.services.catalog import Opened
from adminui.services.errors import Refused


def spoken_of(asked: Transformation) -> set[str]:
    """The fields it changes, reads or goes by; a formula calls them by name or by label. Raises Invalid or BadInput
    where that cannot be told.
    """
    transform = TRANSFORMS.get(asked.name)
    read = transform.reads(transform.checked(asked.params)) if transform else ()
    return {*asked.fields, *asked.but, *read, *where.needs(asked.where), *_of_states(asked)}


def _of_states(asked: Transformation) -> set[str]:
    named = (facet.get("field") for facet in asked.where if facet.get("facet") == "state")
    return {name for name in named if isinstance(name, str)}


def sees(opened: Opened, asked: Transformation) -> bool:
    """What cannot be told any more is told to who may see everything."""
    try:
        return sees_all(opened, spoken_of(asked))
    except (Invalid, Refused):
        return len(opened.resource.visible) == len(opened.whole.visible)


def sees_all(opened: Opened, called: Iterable[str]) -> bool:
    """Whether none of these names or labels is one of a field that this person may not see."""
    seen = {field.name for field in opened.resource.visible}
    hidden = [field for field in opened.whole.fields if field.name not in seen]
    unseen = {name.casefold() for field in hidden for name in (field.name, field.label)}
    return unseen.isdisjoint(name.casefold() for name in called)
