"""`manage.py staff add NAME --role lead`: makes a person who may sign in, the first one above all."""

from __future__ import annotations

import getpass
import os
import sys
from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from adminui.staff.roles import ROLES, ensure_staff


class Command(BaseCommand):
    help = "Makes a person, or gives an existing one this role and a new password."
    # A first admin can be made before the connections are right.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        add = commands.add_parser("add", help="make a person, or change their role and password")
        add.add_argument("name")
        add.add_argument("--role", choices=list(ROLES), required=True)

    def handle(self, *args: Any, name: str, role: str, **options: Any) -> None:
        if not _there(role):
            raise CommandError("The roles are not there yet. First: python3 manage.py migrate")
        known = User.objects.filter(username=name).exists()
        password = self._password(name)
        self._check(name, password)
        ensure_staff(name, role, password)
        done = "has a new password and the role" if known else "may now sign in, with the role"
        self.stdout.write(f"{name} {done} {role}: {', '.join(ROLES[role]['actions'])}.")

    def _password(self, name: str) -> str:
        """From the environment, or typed twice at a terminal; never from the arguments, which others can see."""
        if password := os.environ.get("ADMINUI_PASSWORD"):
            return password
        if not sys.stdin.isatty():
            raise CommandError("There is no terminal to ask at. Give the password in ADMINUI_PASSWORD.")
        first = getpass.getpass(f"Password for {name}: ")
        if getpass.getpass("Once more: ") != first:
            raise CommandError("The two passwords differ. Nothing was changed.")
        return first

    def _check(self, name: str, password: str) -> None:
        person = User(username=name, password="-")
        try:
            person.clean_fields()
            validate_password(password, person)
        except ValidationError as error:
            raise CommandError(f"{' '.join(error.messages)} Nothing was changed.") from None


def _there(role: str) -> bool:
    try:
        return Group.objects.filter(name=role).exists()
    except DatabaseError:  # no table at all
        return False
