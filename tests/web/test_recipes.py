"""The pages of recipes: what is listed for whom, changed by whom, and carried as a file."""

from __future__ import annotations

import html
import json
import shlex
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from adminui.worksheets.models import Recipe
from tests.conftest import Live

pytestmark = pytest.mark.django_db(transaction=True)
STEPS = [
    {"op": op, "fields": [name], "params": {}} for op, name in (("trim", "city"), ("upper", "state"), ("gone", "x"))
]


@pytest.fixture
def recipe(autotask: Live, lead: User) -> Recipe:
    return Recipe.objects.create(owner=lead, resource="Companies", name="Weekly <b>", steps=STEPS)


def post(client: Any, recipe: Recipe, **data: Any) -> Any:
    return client.post(reverse("recipe", args=[recipe.pk]), data)


def test_one_sees_ones_own_and_what_is_shared(client_as: Any, recipe: Recipe):
    lead, editor = client_as("lead"), client_as("editor")
    shown = lead.get(reverse("recipes")).content.decode()
    assert "Weekly &lt;b&gt;" in shown and "yours" in shown
    assert "Weekly" not in editor.get(reverse("recipes")).content.decode()
    assert editor.get(reverse("recipe", args=[recipe.pk])).status_code == 404
    Recipe.objects.update(shared=True)
    assert "Weekly" in editor.get(reverse("recipe", args=[recipe.pk])).content.decode()
    assert post(editor, recipe, do="delete").status_code == 403 and Recipe.objects.exists()
    assert post(editor, recipe, do="copy").status_code == 302
    assert editor.get(reverse("palette"), {"q": "weekly"}).json()[0]["hint"] == "Recipe for Companies"
    assert Recipe.objects.exclude(pk=recipe.pk).get().owner.username == "editor"


def test_what_it_does_is_said_by_labels_and_its_command_is_safe_to_paste(client_as: Any, recipe: Recipe):
    Recipe.objects.update(steps=[{"op": "upper", "fields": ["companyName"]}], name="$(date) 'x'")
    lead = client_as("lead")
    assert "Make Company name upper case" in lead.get(reverse("recipes")).content.decode()
    shown = html.unescape(lead.get(reverse("recipe", args=[recipe.pk])).content.decode())
    command = shown.partition('aria-label="Command">')[2].partition("</pre>")[0]
    assert shlex.split(command)[2] == "$(date) 'x'" and "Make Company name upper case" in shown


def test_its_name_sharing_and_the_order_of_its_steps_are_changed(client_as: Any, recipe: Recipe):
    lead = client_as("lead")
    assert post(lead, recipe, do="save", name="Daily", note="n", shared="on", step=["1", "0"]).status_code == 302
    recipe.refresh_from_db()
    assert (recipe.name, recipe.note, recipe.shared) == ("Daily", "n", True)
    assert [step["op"] for step in recipe.steps] == ["upper", "trim"]
    for wrong in ({"name": " "}, {"step": []}, {"step": ["0", "0"]}, {"step": ["7"]}, {"step": ["one"]}):
        answer = post(lead, recipe, **{"do": "save", "name": "Typed", "step": ["0", "1"]} | wrong)
        assert answer.status_code == 422
    recipe.refresh_from_db()
    assert recipe.name == "Daily" and len(recipe.steps) == 2


def test_a_file_is_taken_in_as_it_was_given_out(client_as: Any, recipe: Recipe):
    lead = client_as("lead")
    file = lead.get(reverse("recipe-file", args=[recipe.pk]))
    assert "attachment" in file["Content-Disposition"] and json.loads(file.content)["steps"] == STEPS
    taken = lead.post(reverse("recipes"), {"file": SimpleUploadedFile("r.json", file.content)})
    assert taken.status_code == 302
    copy = Recipe.objects.exclude(pk=recipe.pk).get()
    assert (copy.name, copy.steps, copy.shared) == ("Weekly <b> (2)", STEPS, False)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"[]",
        b'{"format": "adminui recipe 1", "resource": "Nothing", "name": "x", "steps": []}',
        b'{"format": "adminui recipe 1", "resource": "Companies", "name": "x", "steps": []}',
        b'{"format": "adminui recipe 1", "resource": "Companies", "name": "x", "steps": [{"op": "trim"}]}',
        b'{"format": "adminui recipe 1", "resource": "Companies", "name": "", "steps": [{"op":"trim","fields":["a"]}]}',
    ],
)
def test_what_is_no_recipe_is_refused_in_words(client_as: Any, recipe: Recipe, content: bytes):
    answer = client_as("lead").post(reverse("recipes"), {"file": SimpleUploadedFile("r.json", content)})
    assert answer.status_code == 422 and b"callout error" in answer.content
    assert Recipe.objects.count() == 1
