"""`manage.py undo RUN`: puts back what a run changed, as a run of its own; rows edited since stay and are named."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandParser

from adminui.management.commands.apply import ApplyingCommand
from adminui.management.speaking import NOT_ALL_DONE, WELL, bulleted, words
from adminui.planning.explain import counted
from adminui.runs.models import Plan
from adminui.services import history, review, undoing
from adminui.services.catalog import open_resource
from adminui.services.errors import BadInput, Refused


class Command(ApplyingCommand):
    help = "Undoes a run, some of its records or some of its fields. The undo can itself be undone."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("run", type=int)
        parser.add_argument("--records", metavar="IDS", help="only these, separated by commas")
        parser.add_argument("--fields", metavar="NAMES", help="only these, by raw name, separated by commas")
        parser.add_argument("--plan-only", action="store_true", help="send nothing: make the plan, to be looked at")

    def work(self, user: User, options: dict[str, Any]) -> int:
        run = history.run_for(user, options["run"])
        opened = open_resource(user, run.plan.connection, run.plan.resource)
        chosen = {"records": words(options["records"]), "fields": words(options["fields"])}
        plan = undoing.plan_undo(opened, run, **chosen)
        self._say_held(plan, as_json=options["json"])
        if options["plan_only"]:
            return self._planned(plan, as_json=options["json"])
        try:
            undo = review.send(opened, plan, note=options["note"], typed=options["typed"])
        except Refused as error:
            again = f"Plan {plan.pk} is kept: manage.py apply {plan.pk}, with what is asked for."
            raise BadInput(error.message, again) from error
        status = self.end(opened, undo, options, held=plan.held)
        return NOT_ALL_DONE if status == WELL and plan.held else status

    def _say_held(self, plan: Plan, *, as_json: bool) -> None:
        if plan.held and not as_json:
            self.say(f"{counted(len(plan.held), 'record')} left as {'it is' if len(plan.held) == 1 else 'they are'}:")
            self.say(*bulleted(f"{row['id']} {row['label']}: {row['why']}" for row in plan.held))

    def _planned(self, plan: Plan, *, as_json: bool) -> int:
        rows = len(plan.changesets)
        if as_json:
            self.tell({"plan": plan.pk, "requests": len(plan.steps), "rows": rows, "held": plan.held})
        else:
            self.say(f"Plan {plan.pk} would put back {counted(rows, 'record')}. Send it: manage.py apply {plan.pk}")
        return WELL
