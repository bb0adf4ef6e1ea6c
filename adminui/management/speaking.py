"""What the commands over plans and runs share: on whose behalf, in which form, and how they end."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandParser, DjangoHelpFormatter
from django.utils import timezone

from adminui.connections import live
from adminui.connections.apps import check_connections
from adminui.dialects.errors import RemoteError
from adminui.management.files import Unreadable
from adminui.records.casting import to_json
from adminui.services.errors import BadInput, Refused

WELL, NOT_ALL_DONE, UNUSABLE, WAITS_FOR_A_PERSON, UNDER_WAY = 0, 1, 2, 3, 4
ENDINGS = """exit codes:
  0  every row is done or unchanged
  1  the run is over, and some row is not
  2  what was given cannot be used, or the API cannot be asked; nothing was sent
  3  the run is paused and waits for a person
  4  approved, and not over yet (without --wait)"""
PATIENCE = 60.0  # seconds a call may wait when an API asks us to slow down


class _Formatter(DjangoHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Keeps the lines of what is explained below the options."""


class SpeakingCommand(BaseCommand):
    """A command for a person: what cannot be done is one clear sentence on stderr, and a status that says which."""

    requires_system_checks = []  # the connections are checked below; pages are none of its business

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=_Formatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", default=os.environ.get("ADMINUI_USER"), help="for whom (default: $ADMINUI_USER)")
        parser.add_argument("--json", action="store_true", help="for machines: one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._check_connections()
            live.be_patient(PATIENCE)
            status = self.work(person_named(options["user"]), options)
        except Unreadable as error:
            self._stop(*error.problems)
        except Refused as error:
            self._stop(f"{error.message} {error.advice}".strip())
        except RemoteError as error:
            self._stop(error.message)
        if status:
            raise SystemExit(status)

    def work(self, user: User, options: dict[str, Any]) -> int:
        """Do it; the exit status."""
        raise NotImplementedError

    def say(self, *lines: str) -> None:
        for line in lines:
            self.stdout.write(line)

    def tell(self, data: Mapping[str, Any]) -> None:
        self.stdout.write(to_json(data))

    def _check_connections(self) -> None:
        problems = [problem.msg for problem in check_connections()]
        if problems:
            self._stop(*problems)

    def _stop(self, *sentences: str) -> NoReturn:
        for sentence in sentences:
            self.stderr.write(sentence)
        raise SystemExit(UNUSABLE)


def person_named(name: str | None) -> User:
    if not name:
        raise BadInput("For whom is this done?", "Give --user NAME, or set ADMINUI_USER.")
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise BadInput(f"There is nobody called “{name}” who may sign in.", "Give another --user.")
    return user


def moment(text: str | None, option: str) -> datetime | None:
    """An ISO date and time; one without a zone is in UTC. Raises BadInput, also for what is past."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{option}: “{text}” is not a date and time.", "Write 2026-12-24T18:00+01:00.") from None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    if at < timezone.now():
        raise BadInput(f"{option}: {at:%Y-%m-%d %H:%M %Z} is past.", "Nothing was sent.")
    return at


def words(text: str | None) -> frozenset[str] | None:
    """`1,2, 3` as a set; None for all."""
    return None if text is None else frozenset(word.strip() for word in text.split(",") if word.strip())


def bulleted(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def read_input(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        with open(name, "rb") as file:
            return file.read()
    except OSError as error:
        raise BadInput(f"{name} cannot be read: {error.strerror}.") from None
