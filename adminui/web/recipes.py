"""The pages of recipes: which there are, what each does, its name, who may run it, its steps; and as a file."""

from __future__ import annotations

import shlex
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods

from adminui.planning.explain import counted
from adminui.services.bench import cookbook
from adminui.services.bench.recipes import find
from adminui.services.errors import BadInput, Refused
from adminui.web.refusals import problem_of
from adminui.worksheets.models import Recipe


@require_http_methods(["GET", "HEAD", "POST"])
def recipes(request: HttpRequest) -> HttpResponse:
    """All recipes within the person's reach; a POST takes one in from a file."""
    if request.method != "POST":
        return render(request, "recipes/recipes.html", {"recipes": _listed(request)})
    try:
        taken = cookbook.taken_in(request.user, _file(request))
    except Refused as error:
        problem = problem_of(error)
        context = {"recipes": _listed(request), "problem": problem}
        return render(request, "recipes/recipes.html", context, status=error.status)
    messages.success(request, f"Recipe “{taken.name}” is here, for you alone.")
    return redirect("recipe", taken.pk)


def _listed(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {"recipe": each, "mine": each.owner_id == request.user.pk, "steps": cookbook.words(request.user, each)}
        for each in cookbook.all_of(request.user)
    ]


def _file(request: HttpRequest) -> bytes:
    given = request.FILES.get("file")
    if given is None or given.size is None:
        raise BadInput("No file was chosen.", "Choose a recipe that was downloaded as JSON.")
    if given.size > cookbook.LARGEST:
        raise BadInput("This file is too large to be a recipe.")
    return bytes(given.read())


@require_http_methods(["GET", "HEAD", "POST"])
def recipe(request: HttpRequest, recipe: int) -> HttpResponse:
    """One recipe, step by step; a POST saves, copies or deletes it (`do`)."""
    if request.method != "POST":
        return render(request, "recipes/recipe.html", _context(request, find(request.user, recipe)))
    act = {"save": _save, "copy": _copy, "delete": _delete}.get(request.POST.get("do", ""))
    if act is None:
        raise BadInput("A recipe can be saved, copied and deleted.")
    try:
        return act(request, recipe)
    except BadInput as error:
        context = _context(request, find(request.user, recipe)) | {"problem": problem_of(error), "typed": request.POST}
        return render(request, "recipes/recipe.html", context, status=error.status)


def _context(request: HttpRequest, recipe: Recipe) -> dict[str, Any]:
    places = cookbook.where_it_runs(request.user, recipe)
    return {
        "recipe": recipe,
        "mine": recipe.owner_id == request.user.pk,
        "steps": [{"words": words, "at": at} for at, words in enumerate(cookbook.words(request.user, recipe))],
        "json": cookbook.as_file(recipe),
        "places": places,
        "command": _command(request, recipe, places[0][0]) if places else "",
    }


def _command(request: HttpRequest, recipe: Recipe, connection: str) -> str:
    """To be pasted into a shell, whatever somebody called the recipe."""
    parts = ["manage.py", "recipe", recipe.name, connection, recipe.resource, "--user", request.user.get_username()]
    return shlex.join(parts)


def _save(request: HttpRequest, recipe: int) -> HttpResponse:
    posted = request.POST
    try:
        order = [int(at) for at in posted.getlist("step")]
    except ValueError:
        raise BadInput("The steps cannot be read.", "Reload the page.") from None
    kept = cookbook.change(
        request.user,
        recipe,
        name=posted.get("name", ""),
        note=posted.get("note", ""),
        shared="shared" in posted,
        order=order,
    )
    messages.success(request, f"Recipe “{kept.name}” is saved with {counted(len(kept.steps), 'step')}.")
    return redirect("recipe", recipe)


def _copy(request: HttpRequest, recipe: int) -> HttpResponse:
    made = cookbook.copy(request.user, recipe)
    messages.success(request, f"This copy, “{made.name}”, is yours.")
    return redirect("recipe", made.pk)


def _delete(request: HttpRequest, recipe: int) -> HttpResponse:
    gone = cookbook.delete(request.user, recipe)
    messages.success(request, f"Recipe “{gone.name}” is deleted. What it did stays.")
    return redirect("recipes")


@require_GET
def file(request: HttpRequest, recipe: int) -> HttpResponse:
    """The recipe as JSON, to be taken in elsewhere."""
    held = find(request.user, recipe)
    answer = HttpResponse(cookbook.as_file(held), content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = content_disposition_header(True, f"{held.name}.recipe.json")
    return answer
