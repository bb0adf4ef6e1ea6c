"""`manage.py plan CONNECTION RESOURCE changes.csv`: changes in a file as a plan, to be looked at and applied."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandParser

from adminui.management import files, matching
from adminui.management.files import Tokens
from adminui.management.following import SHOWN as SHOWN_ROWS
from adminui.management.following import change_lines
from adminui.management.matching import Matched
from adminui.management.speaking import WELL, SpeakingCommand, bulleted, read_input
from adminui.planning.checks import Severity
from adminui.planning.explain import counted, explain
from adminui.records.changes import ChangeSet
from adminui.runs.models import Plan
from adminui.services import guards, plans, review
from adminui.services.catalog import Opened, open_resource
from adminui.services.errors import BadInput
from adminui.services.plans import Drawn, DrawnRequest

SHOWN = 10  # requests printed
LONGEST = 300  # characters of a body printed
EXPLAINED = """the file:
  CSV    a column id and one per field to set, by its raw name or its label; an empty cell leaves the field alone.
         The delimiter is found out (, ; tab |); UTF-8 and UTF-16 are recognised, another encoding is named.
  JSON   a list of objects with id and the fields to set: null is null, "" is empty text, what is absent is left alone.
  -      reads it from stdin.

Values are read as if typed on the page: labels of picklists, dates as YYYY-MM-DD, numbers digit for digit. Every
column, id or value that cannot be used is named with its line; then nothing is planned and the exit code is 2.
Nothing is sent: the plan is looked at on its page or here, and sent with `manage.py apply`."""


class Command(SpeakingCommand):
    help = "Plans the changes in a file; prints what would be sent."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.epilog = EXPLAINED
        parser.add_argument("connection", help="its name in connections.toml")
        parser.add_argument("resource", help="its raw name, such as line-items")
        parser.add_argument("file", help="changes.csv or changes.json, or - for stdin")
        parser.add_argument("--null", metavar="TOKEN", help="a CSV cell that says this sets null")
        parser.add_argument("--empty", metavar="TOKEN", help="a CSV cell that says this sets empty text")
        parser.add_argument("--encoding", help="of the file, where it is neither UTF-8 nor UTF-16")
        parser.add_argument("--note", default="", help="why, or a ticket: kept in the history")
        parser.add_argument(
            "--canary", type=int, metavar="N", help="rows sent first, to be looked at before the others"
        )
        parser.add_argument("--replace", action="store_true", help="full PUTs, built from the records as they are then")

    def work(self, user: User, options: dict[str, Any]) -> int:
        opened = open_resource(user, options["connection"], options["resource"])
        matched = matching.match(opened, self._table(options))
        if not matched.changesets:
            self._nothing_to_send(matched.unchanged, as_json=options["json"])
            return WELL
        _check(opened, matched, replace=options["replace"])
        plan = plans.save(
            opened,
            matched.changesets,
            door="file",
            replace=options["replace"],
            note=options["note"],
            canary=options["canary"],
        )
        drawn = plans.draw_steps(opened, plans.steps_of(plan, plan.rows()), matched.live, replace=plan.replace)
        told = _as_data(opened, plan, drawn, matched.unchanged)
        if options["json"]:
            self.tell(told)
        else:
            self.say(*_lines(opened, plan, drawn, told, matched.changesets))
        return WELL

    def _table(self, options: dict[str, Any]) -> files.Table:
        if options["canary"] is not None and options["canary"] < 0:
            raise BadInput("--canary is a number of rows, 0 or more.")
        tokens = Tokens(options["null"], options["empty"])
        return files.parse(read_input(options["file"]), Path(options["file"]).name, tokens, options["encoding"])

    def _nothing_to_send(self, unchanged: int, *, as_json: bool) -> None:
        if as_json:
            self.tell({"plan": None, "requests": 0, "rows": 0, "unchanged": unchanged})
        else:
            self.say(f"Nothing to send: {counted(unchanged, 'record')} named in the file, none would change.")


def _check(opened: Opened, matched: Matched, *, replace: bool) -> None:
    """What cannot be sent is said before anything is saved."""
    plans.check_rights(opened, matched.changesets)
    drawn = plans.draw(opened, matched.changesets, matched.live, replace=replace)
    blocking = [_finding(f) for f in drawn.findings if f.severity is Severity.BLOCK]
    if blocking:
        raise files.Unreadable(*blocking, "Nothing was planned.")


def _finding(finding: Any) -> str:
    return f"{finding.text} ({', '.join(map(str, finding.ids[:5]))}{' …' if finding.count > 5 else ''})"


def _as_data(opened: Opened, plan: Plan, drawn: Drawn, unchanged: int) -> dict[str, Any]:
    steps = plans.steps_of(plan, plan.rows())
    asks = guards.asks(opened, len(plan.changesets))
    return {
        "plan": plan.pk,
        "requests": len(steps.steps),
        "rows": len(plan.changesets),
        "fields": steps.cells,
        "unchanged": unchanged,
        "canary": plan.canary,
        "sentence": explain(opened.whole, opened.can, steps, asked_to_replace=plan.replace),
        "findings": [{"severity": f.severity, "text": f.text, "records": list(f.ids)} for f in drawn.findings],
        "asks": {"typed": asks.type_number, "note": asks.note},
    }


def _lines(opened: Opened, plan: Plan, drawn: Drawn, told: dict[str, Any], matched: Sequence[ChangeSet]) -> list[str]:
    rows = len(plan.changesets)
    lines = [f"Plan {plan.pk}: {told['sentence']}"]
    if told["unchanged"]:
        lines += bulleted([f"{counted(told['unchanged'], 'record')} of the file hold the values already."])
    lines += bulleted(f"{f.severity.capitalize()}: {_finding(f)}" for f in drawn.findings)
    if plan.canary:
        lines += bulleted([f"{counted(plan.canary, 'record')} first, to be looked at before the others go."])
    shown = matched[:SHOWN_ROWS]
    lines += ["", *change_lines(opened, shown)]
    lines += [f"… and {counted(rows - len(shown), 'more record')}."] if rows > len(shown) else []
    lines += ["", *_requests(opened, plan, drawn), ""]
    lines += guards.said(opened, rows)
    typed = f" --typed {rows}" if told["asks"]["typed"] else ""
    note = " --note TEXT" if told["asks"]["note"] and not plan.note else ""
    return [*lines, f"Send it with: manage.py apply {plan.pk} --user {plan.user_name}{typed}{note}"]


def _requests(opened: Opened, plan: Plan, drawn: Drawn) -> list[str]:
    bodies = review.bodies_shown(opened, plan)
    lines = [line for request in drawn.requests[:SHOWN] for line in _request(request, body=bodies)]
    more = len(drawn.requests) - SHOWN
    return [*lines, f"… and {counted(more, 'request')} more."] if more > 0 else lines


def _request(request: DrawnRequest, *, body: bool) -> list[str]:
    line = f"{request.method} {request.url}  ({counted(len(request.rows), 'record')})"
    text = request.body if len(request.body) <= LONGEST else request.body[:LONGEST] + " …"
    return [line, *bulleted([text] if body and text else [])]
