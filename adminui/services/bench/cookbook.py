"""Recipes as things people have: looked at, renamed, shared, put in another order, carried as JSON, deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from django.db import IntegrityError, transaction

from adminui.dialects.errors import RemoteError
from adminui.records.casting import from_json, to_json
from adminui.records.values import storable
from adminui.services.bench.describing import in_words, said
from adminui.services.bench.recipes import LONGEST_NAME, find, may_look, owned, read_steps, within_reach
from adminui.services.catalog import connections_for, resources_for
from adminui.services.errors import BadInput, Refused
from adminui.services.seen import remembered
from adminui.staff.access import Person
from adminui.worksheets.models import Recipe

FORMAT: Final = "adminui recipe 1"  # what a file begins with, so that anything else is told apart
LARGEST: Final = 5_000_000  # bytes of a file
LONGEST_NOTE: Final = 1_000


def all_of(user: Person) -> list[Recipe]:
    """The person's own, then those of others that are shared and speak of nothing the person may not see."""
    found = [each for each in within_reach(user) if may_look(user, each)]
    return sorted(found, key=lambda each: (each.owner_id != user.pk, each.resource, each.name))


def resource_names(user: Person) -> set[str]:
    """What the person may see anywhere."""
    return {each.name for connection in connections_for(user) for each in resources_for(user, connection)}


def where_it_runs(user: Person, recipe: Recipe) -> list[tuple[str, str]]:
    """The connections with such records that the person may see: name and label."""
    return [
        (connection.name, connection.label)
        for connection in connections_for(user)
        if recipe.resource in {each.name for each in resources_for(user, connection)}
    ]


def words(user: Person, recipe: Recipe) -> list[str]:
    """What each step does, by the labels of fields where a connection tells them."""
    steps = read_steps(recipe.steps)
    for name, _ in where_it_runs(user, recipe):
        try:
            opened = remembered(user, name, recipe.resource)
            return [in_words(opened, step) for step in steps]
        except (Refused, RemoteError):
            continue
    return [said(step) for step in steps]


def change(
    user: Person, recipe_id: int, *, name: str, note: str, shared: bool, order: Sequence[int] | None = None
) -> Recipe:
    """Another name, note, sharing; and which of its steps it keeps, in which order. Raises Refused."""
    recipe = owned(user, recipe_id)
    recipe.name, recipe.note, recipe.shared = _name(name), _note(note), shared
    if order is not None:
        if len(set(order)) != len(order) or not set(order) <= set(range(len(recipe.steps))):
            raise BadInput("The steps of this recipe have changed meanwhile.", "Look at it again.")
        recipe.steps = [recipe.steps[at] for at in order]
        read_steps(recipe.steps)
    return _saved(recipe)


def copy(user: Person, recipe_id: int) -> Recipe:
    """One of the person's own with the same steps, under a name that is free."""
    found = find(user, recipe_id)
    return _saved(
        Recipe(
            owner_id=int(user.pk or 0),
            resource=found.resource,
            name=_free(user, found.resource, found.name),
            note=found.note,
            steps=found.steps,
        )
    )


def delete(user: Person, recipe_id: int) -> Recipe:
    recipe = owned(user, recipe_id)
    recipe.delete()
    return recipe


def as_file(recipe: Recipe) -> str:
    held = {"format": FORMAT, "resource": recipe.resource, "name": recipe.name, "note": recipe.note}
    return to_json({**held, "steps": recipe.steps}, indent=2) + "\n"


def taken_in(user: Person, data: bytes) -> Recipe:
    """A recipe out of a file; the person's own, shared with nobody. Raises BadInput."""
    if len(data) > LARGEST:
        raise BadInput("This file is too large to be a recipe.")
    try:
        told = from_json(data)
    except ValueError as error:
        raise BadInput(f"This file is no JSON: {error}.") from None
    if not (isinstance(told, Mapping) and told.get("format") == FORMAT):
        raise BadInput("This file is no recipe.", "Choose one that was downloaded here.")
    resource = str(told.get("resource", ""))
    if resource not in resource_names(user):
        raise BadInput(f"There are no “{resource[:80]}” that you may see.", "The recipe is for another API.")
    steps = [each.as_data() for each in read_steps(told.get("steps"))]
    name = _free(user, resource, _name(str(told.get("name", ""))))
    return _saved(
        Recipe(
            owner_id=int(user.pk or 0), resource=resource, name=name, note=_note(str(told.get("note", ""))), steps=steps
        )
    )


def _name(words: str) -> str:
    name = " ".join(storable(words).split())
    if not name or len(name) > LONGEST_NAME:
        raise BadInput(f"A recipe's name has between 1 and {LONGEST_NAME} characters.")
    return name


def _note(words: str) -> str:
    return storable(words).strip()[:LONGEST_NOTE]


def _free(user: Person, resource: str, name: str) -> str:
    taken = set(Recipe.objects.filter(owner_id=int(user.pk or 0), resource=resource).values_list("name", flat=True))
    numbered = (f"{name[: LONGEST_NAME - 6]} ({number})" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(each for each in numbered if each not in taken)


def _saved(recipe: Recipe) -> Recipe:
    try:
        with transaction.atomic():
            recipe.save()
    except IntegrityError:
        raise BadInput(
            f"You have a recipe “{recipe.name}” for {recipe.resource} already.", "Choose another name."
        ) from None
    return recipe
