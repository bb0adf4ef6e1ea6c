"""`manage.py staff add` makes the first people of an installation."""

import getpass
import sys
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from adminui.staff.access import allowed, role_of
from adminui.staff.roles import ROLES

PASSWORD = "correct horse battery"


@pytest.fixture
def add(db: None, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str) -> str:
        call_command("staff", "add", *arguments)
        return capsys.readouterr().out

    return run


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Somebody at a terminal who types these passwords."""

    def types(*passwords: str) -> None:
        monkeypatch.delenv("ADMINUI_PASSWORD", raising=False)
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
        left = iter(passwords)
        monkeypatch.setattr(getpass, "getpass", lambda prompt: next(left))

    return types


@pytest.mark.parametrize("role", ROLES)
def test_a_person_of_each_role_is_made_with_a_password_from_the_environment(add, monkeypatch, role):
    monkeypatch.setenv("ADMINUI_PASSWORD", PASSWORD)
    assert (
        add("ana", "--role", role)
        == f"ana may now sign in, with the role {role}: {', '.join(ROLES[role]['actions'])}.\n"
    )
    ana = authenticate(username="ana", password=PASSWORD)
    assert ana is not None and role_of(ana) == role
    assert [a for a in ("view", "edit", "bulk", "admin") if allowed(ana, "x", "y", a)] == ROLES[role]["actions"]
    assert ana.is_staff == (role == "admin") and not ana.is_superuser


def test_a_password_is_typed_twice(add, typed):
    typed(PASSWORD, PASSWORD)
    add("ana", "--role", "lead")
    assert authenticate(username="ana", password=PASSWORD)


def test_two_different_passwords_change_nothing(add, typed):
    typed(PASSWORD, PASSWORD + "!")
    with pytest.raises(CommandError, match="differ"):
        add("ana", "--role", "lead")
    assert not User.objects.exists()


def test_without_a_terminal_the_environment_is_named(add, monkeypatch):
    monkeypatch.delenv("ADMINUI_PASSWORD", raising=False)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False)
    with pytest.raises(CommandError, match="ADMINUI_PASSWORD"):
        add("ana", "--role", "lead")


@pytest.mark.parametrize(
    ("name", "password", "words"),
    [("ana", "a1-b2", "too short"), ("ana", "password1234", "too common"), ("ana b", PASSWORD, "valid username")],
)
def test_a_weak_password_or_an_odd_name_changes_nothing(add, monkeypatch, name, password, words):
    monkeypatch.setenv("ADMINUI_PASSWORD", password)
    with pytest.raises(CommandError, match=words) as caught:
        add(name, "--role", "lead")
    assert not User.objects.exists() and password not in str(caught.value)


def test_a_person_who_exists_gets_the_role_and_the_password(add, editor, monkeypatch):
    monkeypatch.setenv("ADMINUI_PASSWORD", PASSWORD)
    User.objects.update(is_active=False)
    assert "has a new password and the role lead" in add("editor", "--role", "lead")
    editor = authenticate(username="editor", password=PASSWORD)
    assert editor is not None and role_of(editor) == "lead" and editor.groups.count() == 1


def test_an_unknown_role_is_refused(add):
    with pytest.raises(CommandError, match="invalid choice"):
        add("ana", "--role", "king")


def test_before_migrating_it_says_so(add, monkeypatch):
    monkeypatch.setenv("ADMINUI_PASSWORD", PASSWORD)
    Group.objects.all().delete()
    with pytest.raises(CommandError, match="migrate"):
        add("ana", "--role", "lead")
    monkeypatch.setattr(Group.objects, "filter", lambda **where: (_ for _ in ()).throw(DatabaseError("no such table")))
    with pytest.raises(CommandError, match="migrate"):
        add("ana", "--role", "lead")
