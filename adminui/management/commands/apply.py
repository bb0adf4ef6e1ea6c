"""`manage.py apply PLAN`: sends what a plan says, once, under the same rights and guards as its page."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandParser

from adminui.management.following import as_data, first_lines, follow, kind_lines, kinds, sentence, status_of
from adminui.management.speaking import ENDINGS, UNDER_WAY, WAITS_FOR_A_PERSON, SpeakingCommand, bulleted, moment
from adminui.runs.models import Plan, Run
from adminui.services import plans, review, steering
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput


class ApplyingCommand(SpeakingCommand):
    """What sending a plan and undoing a run have in common."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.epilog = ENDINGS
        parser.add_argument("--wait", action="store_true", help="to its end; works on it here where no worker does")
        parser.add_argument("--typed", default="", metavar="N", help="the number of records, where that is asked for")
        parser.add_argument("--note", default="", help="why, or a ticket: kept in the history")

    def end(self, opened: Opened, run: Run, options: dict[str, Any], **more: Any) -> int:
        """Wait if asked to, tell what became of it, and the exit status."""
        if options["wait"]:
            run = follow(run)
        status, found = status_of(run), kinds(opened, run)
        if options["json"]:
            self.tell({**as_data(run), **more, "failures": found})
        else:
            self.say(sentence(run), *bulleted([*first_lines(opened, run), *kind_lines(found)]))
            self.say(*self._what_next(run, status, options["user"]))
        return status

    def _what_next(self, run: Run, status: int, user: str) -> list[str]:
        if status == WAITS_FOR_A_PERSON:
            return [f"Go on with: manage.py apply {run.plan_id} --go-on --wait --user {user}"]
        return [f"See how it goes with: manage.py runs {run.pk} --user {user}"] if status == UNDER_WAY else []


class Command(ApplyingCommand):
    help = "Sends what a plan says. A plan is sent once: the second time shows how its run stands."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("plan", type=int)
        parser.add_argument("--at", metavar="ISO", help="not before; 2026-12-24T18:00+01:00, UTC without a zone")
        parser.add_argument("--revert-at", metavar="ISO", help="to be undone by itself then")
        parser.add_argument("--go-on", action="store_true", help="the plan's run is paused: go on with it")

    def work(self, user: User, options: dict[str, Any]) -> int:
        plan, opened = plans.find(user, options["plan"])
        run = _gone_on(user, plan) if options["go_on"] else _sent(opened, plan, options)
        return self.end(opened, run, options)


def _sent(opened: Opened, plan: Plan, options: dict[str, Any]) -> Run:
    due_at, revert_at = moment(options["at"], "--at"), moment(options["revert_at"], "--revert-at")
    given = {"note": options["note"], "typed": options["typed"]}
    return review.send(opened, plan, **given, due_at=due_at, revert_at=revert_at)


def _gone_on(user: User, plan: Plan) -> Run:
    run = Run.objects.select_related("plan").filter(plan=plan).first()
    if run is None:
        raise BadInput(f"Plan {plan.pk} has not been sent: there is no run to go on with.", "Leave out --go-on.")
    steering.go_on(user, run)
    run.refresh_from_db()
    return run
