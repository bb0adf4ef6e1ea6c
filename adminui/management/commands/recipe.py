"""`manage.py recipe NAME CONNECTION RESOURCE`: a recipe run on records read for it; its report, and the worksheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.core.management.base import CommandParser

from adminui.management import filters
from adminui.management.sheets import opened_sheet
from adminui.management.speaking import NOT_ALL_DONE, UNUSABLE, WELL, SpeakingCommand, bulleted
from adminui.planning.explain import counted
from adminui.records.cleaning.base import Transformation
from adminui.services import standing
from adminui.services.bench import recipes
from adminui.services.bench.describing import in_words
from adminui.services.bench.recipes import Cooked
from adminui.services.bench.replaying import Staged
from adminui.services.catalog import Opened, open_resource
from adminui.services.errors import Refused
from adminui.worksheets.models import Worksheet

EXPLAINED = (
    filters.EXPLAINED
    + """

A worksheet is opened over the records that match, and the recipe is done to it as one step that can be undone there.
Nothing is sent: with --plan it goes on to a plan, unless a step could not be done.

exit codes:
  0  every step was done, and every id was found
  1  done, but for what the report names
  2  what was given cannot be used, or the API cannot be asked"""
)


class Command(SpeakingCommand):
    help = "Runs a recipe on records read for it; prints what each of its steps did. Nothing is sent."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.epilog = EXPLAINED
        parser.add_argument("recipe", metavar="name", help="of the recipe: one's own, else a shared one")
        parser.add_argument("connection", help="its name in connections.toml")
        parser.add_argument("resource", help="its raw name, such as line-items")
        parser.add_argument("--filter", action="append", default=[], metavar="'FIELD OP VALUE'", help="which records")
        parser.add_argument("--ids", metavar="1,2,3", help="only these records")
        parser.add_argument("--plan", action="store_true", help="go on to a plan")

    def work(self, user: User, options: dict[str, Any]) -> int:
        opened = open_resource(user, options["connection"], options["resource"])
        recipe = recipes.find(user, options["recipe"], opened.resource.name)
        steps = recipes.read_steps(recipe.steps)
        columns = list(dict.fromkeys(name for step in steps for name in step.fields))
        sheet = opened_sheet(opened, options["ids"], options["filter"], columns)
        cooked = recipes.cook(opened, sheet, steps, uuid4(), recipe.name)
        told = _told(opened, sheet, steps, cooked)
        problem = self._plan(opened, sheet, told) if options["plan"] and told["pending"] else ""
        if options["json"]:
            self.tell(told | ({"problem": problem} if problem else {}))
        else:
            self.say(*_lines(opened, recipe.name, told))
        if problem:
            self.stderr.write(problem)
            return UNUSABLE
        return NOT_ALL_DONE if told["unmatched"] or any(map(_is_short, told["steps"])) else WELL

    def _plan(self, opened: Opened, sheet: Worksheet, told: dict[str, Any]) -> str:
        """The words why there is no plan; empty when there is one."""
        if any(step["problem"] for step in told["steps"]):
            return "Nothing was planned: not every step of the recipe could be done."
        try:
            told["plan"] = standing.plan(opened, sheet).pk
        except Refused as error:
            return f"{error.message} {error.advice}".strip()
        return ""


def _is_short(step: dict[str, Any]) -> bool:
    return bool(step["problem"] or step["invalid"])


def _told(opened: Opened, sheet: Worksheet, steps: Sequence[Transformation], cooked: Cooked) -> dict[str, Any]:
    return {
        "matched": sheet.rows,
        "unmatched": len(sheet.missing),
        "pending": cooked.difference.cells,
        "rows": cooked.difference.rows,
        "worksheet": sheet.pk,
        "plan": None,
        "steps": [_step(opened, step, each) for step, each in zip(steps, cooked.steps, strict=True)],
    }


def _step(opened: Opened, step: Transformation, staged: Staged) -> dict[str, Any]:
    done = staged.cleaned
    return {
        "op": step.name,
        "words": in_words(opened, step),
        "cells": done.cells if done else 0,
        "rows": done.tally.changed if done else 0,
        "invalid": done.tally.invalid if done else 0,
        "problem": staged.problem,
    }


def _lines(opened: Opened, name: str, told: dict[str, Any]) -> list[str]:
    one, many = opened.resource.singular, opened.resource.label
    read = f"Recipe “{name}” on {counted(told['matched'], one, many)} of {opened.connection.label}:"
    missing = f"{counted(told['unmatched'], 'id')} not found." if told["unmatched"] else ""
    steps = [f"{at}. {_step_line(step)}" for at, step in enumerate(told["steps"], 1)]
    pending = f"{counted(told['pending'], 'cell')} in {counted(told['rows'], 'row')} pending"
    plan = f", plan {told['plan']}" if told["plan"] else ""
    return [
        read,
        *bulleted([*steps, *filter(None, [missing])]),
        f"Worksheet {told['worksheet']}: {pending}{plan}. Nothing was sent.",
    ]


def _step_line(step: dict[str, Any]) -> str:
    if step["problem"]:
        return f"{step['words']}: not done. {step['problem']}"
    invalid = f", {counted(step['invalid'], 'row')} would be invalid" if step["invalid"] else ""
    return f"{step['words']}: {counted(step['cells'], 'cell')} in {counted(step['rows'], 'row')}{invalid}"
