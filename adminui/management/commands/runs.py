"""`manage.py runs`: what was sent, by whom, with what outcome; `manage.py runs RUN`: one run, failures by kind."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandParser

from adminui.management.following import as_data, first_lines, kind_lines, kinds, sentence, status_of
from adminui.management.speaking import ENDINGS, WELL, SpeakingCommand, bulleted
from adminui.runs.models import Run
from adminui.services import history
from adminui.services.history import Wanted


class Command(SpeakingCommand):
    help = "Lists the runs you may see, newest first, or shows one of them; its exit code then says how it stands."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.epilog = ENDINGS
        parser.add_argument("run", type=int, nargs="?")
        parser.add_argument("--connection", default="", help="only of this connection")
        parser.add_argument("--user-name", default="", help="only what this person sent")
        parser.add_argument("--state", choices=list(Run.State.values), help="only in this state")
        parser.add_argument("--limit", type=int, default=20, help="at most so many (default: 20)")

    def work(self, user: User, options: dict[str, Any]) -> int:
        if options["run"] is not None:
            return self._one(user, options["run"], as_json=options["json"])
        found = history.search(user, Wanted(connection=options["connection"], person=options["user_name"]))
        found = found.filter(state=options["state"]) if options["state"] else found
        listed = list(found[: max(options["limit"], 0)])
        if options["json"]:
            self.tell({"runs": [_in_short(run) for run in listed]})
        else:
            self.say(*(_line(run) for run in listed) if listed else ["No runs."])
        return WELL

    def _one(self, user: User, run_id: int, *, as_json: bool) -> int:
        run = history.run_for(user, run_id)
        opened = history.remembered(user, run.plan.connection, run.plan.resource)
        found = kinds(opened, run)
        if as_json:
            self.tell({**_in_short(run), "doing": run.doing, "failures": found})
        else:
            doing = [run.doing] if run.doing else []
            self.say(sentence(run), *bulleted([_about(run), *doing, *first_lines(opened, run), *kind_lines(found)]))
        return status_of(run)


def _in_short(run: Run) -> dict[str, Any]:
    return {
        **as_data(run),
        "connection": run.plan.connection,
        "resource": run.plan.resource,
        "user": run.user_name,
        "note": run.plan.note,
        "created_at": run.created_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
    }


def _line(run: Run) -> str:
    where = f"{run.plan.connection}/{run.plan.resource}"
    return f"{run.created_at:%Y-%m-%d %H:%M}  {run.user_name:<12} {where:<32} {sentence(run)}"


def _about(run: Run) -> str:
    note = f": {run.plan.note}" if run.plan.note else ""
    when = f"{run.created_at:%Y-%m-%d %H:%M} UTC"
    return f"{run.plan.resource_label} of {run.plan.connection_label}, by {run.user_name} on {when}{note}"
