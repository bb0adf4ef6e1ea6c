"""Recipes: clean-ups kept under a name, previewed and done on any worksheet of the same kind of records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from adminui.dialects.errors import RemoteError
from adminui.planning.explain import counted
from adminui.records.casting import Invalid
from adminui.records.cleaning.base import Transformation
from adminui.records.values import storable
from adminui.services.bench import replaying, writing
from adminui.services.bench.frames import changes_between, frames
from adminui.services.bench.replaying import Difference, Staged
from adminui.services.bench.seeing import sees, spoken_of
from adminui.services.catalog import Opened, connections_for, resources_for
from adminui.services.errors import BadInput, NotAllowed, NotThere, Refused
from adminui.services.seen import remembered
from adminui.services.sharing import Window
from adminui.services.sheet_rights import require_edit
from adminui.staff.access import Person
from adminui.worksheets import store
from adminui.worksheets.models import Recipe, Step, Worksheet

MOST_STEPS: Final = 200
LONGEST_NAME: Final = 100


def read_steps(data: Any) -> list[Transformation]:
    """Steps as JSON has them. Raises BadInput, also for those that belong to one worksheet only."""
    if not isinstance(data, list) or not 0 < len(data) <= MOST_STEPS:
        raise BadInput(f"A recipe has between 1 and {MOST_STEPS} steps.")
    try:
        steps = [Transformation.from_data(each) for each in data]
    except Invalid as error:
        raise BadInput(str(error)) from None
    if not all(step.portable for step in steps):
        raise BadInput("A step that means chosen rows of one worksheet cannot be part of a recipe.", "Leave it out.")
    return steps


def save(
    opened: Opened, name: str, steps: Sequence[Transformation], *, shared: bool, note: str = "", over: bool = False
) -> Recipe:
    """Keep steps under a name of the person's own; `over` one they have by that name. Raises BadInput."""
    words = " ".join(storable(name).split())
    if not words or len(words) > LONGEST_NAME:
        raise BadInput(f"A recipe's name has between 1 and {LONGEST_NAME} characters.")
    data = [step.as_data() for step in read_steps([step.as_data() for step in steps])]
    key: dict[str, Any] = {"owner_id": opened.user_id, "resource": opened.resource.name, "name": words}
    if not over and Recipe.objects.filter(**key).exists():
        raise BadInput(f"You have a recipe “{words}” for {opened.resource.label} already.", "Choose another name.")
    kept, _ = Recipe.objects.update_or_create(**key, defaults={"steps": data, "shared": shared, "note": storable(note)})
    return kept


def within_reach(user: Person) -> QuerySet[Recipe]:
    """The person's own recipes and those shared with everybody."""
    return Recipe.objects.filter(Q(owner_id=user.pk) | Q(shared=True)).select_related("owner")


def of_resource(opened: Opened) -> list[Recipe]:
    found = within_reach(opened.user).filter(resource=opened.resource.name)
    return [each for each in found if each.owner_id == opened.user_id or _told(opened, each)]


def _told(opened: Opened, recipe: Recipe) -> bool:
    """Whether all fields that its steps speak of are the person's to see here."""
    return all(sees(opened, step) for step in read_steps(recipe.steps))


def may_look(user: Person, recipe: Recipe) -> bool:
    """One of somebody else's is told to who may see all that it speaks of, in some connection."""
    if recipe.owner_id == user.pk:
        return True
    return any(_told(opened, recipe) for opened in _where(user, recipe.resource))


def _where(user: Person, resource: str) -> Iterator[Opened]:
    for connection in connections_for(user):
        if any(each.name == resource for each in resources_for(user, connection)):
            try:
                yield remembered(user, connection.name, resource)
            except (Refused, RemoteError):
                continue


def find(user: Person, recipe: int | str, resource: str = "") -> Recipe:
    """By number, or by name for a resource: the person's own before another's. Raises NotThere."""
    reach = within_reach(user)
    found = reach.filter(pk=recipe) if isinstance(recipe, int) else reach.filter(name=recipe, resource=resource)
    mine_first = sorted(filter(partial(may_look, user), found), key=lambda each: each.owner_id != user.pk)
    if not mine_first:
        raise NotThere(f"There is no recipe “{recipe}” of yours{f' for {resource}' if resource else ''}.")
    return mine_first[0]


def owned(user: Person, recipe: int) -> Recipe:
    """One that is the person's to change."""
    found = find(user, recipe)
    if found.owner_id != user.pk:
        raise NotAllowed("Only the owner of a recipe may change it.", "Run it, or save a copy under a name of yours.")
    return found


@dataclass(frozen=True)
class Cooked:
    """What a recipe comes to: step by step, and all together. `label` is what the worksheet's step is called."""

    steps: tuple[Staged, ...]
    difference: Difference
    label: str
    step: Step | None = None


def count(
    opened: Opened, sheet: Worksheet, steps: Sequence[Transformation], window: Window | None = None, name: str = ""
) -> Cooked:
    """What it would do here; steps that cannot be done say why and are passed over."""
    require_edit(opened, sheet)
    return _cooked(opened, sheet, steps, window, name, None)


@transaction.atomic
def cook(opened: Opened, sheet: Worksheet, steps: Sequence[Transformation], token: UUID, name: str = "") -> Cooked:
    """Do it as one step of the worksheet, once for each token; each of its steps is listed among the operations."""
    require_edit(opened, sheet)
    held = store.locked(sheet)
    if step := Step.objects.filter(worksheet=held, token=token).first():
        return Cooked((), Difference(step.cells, 0, ()), step.label, step)
    cooked = _cooked(opened, held, steps, None, name, token)
    sheet.version, sheet.operations = held.version, held.operations
    return cooked


def _cooked(
    opened: Opened,
    sheet: Worksheet,
    steps: Sequence[Transformation],
    window: Window | None,
    name: str,
    token: UUID | None,
) -> Cooked:
    stages = [replaying.stage(opened, sheet, step) for step in steps]
    after = frames(sheet, range(sheet.rows), replaying.needed(stages))
    before = [frame.copy() for frame in after]
    staged = tuple(replaying.play(each, after, sheet) for each in stages)
    changes = list(changes_between(opened.resource, before, after))
    found = replaying.difference(opened, sheet, changes, window)
    label = f"{f'Recipe “{name}”' if name else counted(len(steps), 'clean-up')}: {counted(found.cells, 'cell')}"
    cooked = Cooked(staged, found, f"{label} in {counted(found.rows, 'row')}")
    if token is None or not found.cells:
        return cooked
    done = [(one.asked, each.cleaned) for one, each in zip(stages, staged, strict=True) if each.cleaned is not None]
    speaks = set[str]().union(*(spoken_of(step) for step, _ in done))
    writing.appended(sheet, [step for step, _ in done], [cleaned.label for _, cleaned in done])
    step = writing.keep(opened, sheet, "recipe", cooked.label, changes, token, speaks=speaks)
    return replace(cooked, step=step)
