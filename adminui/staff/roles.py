"""The four roles every installation starts with. They are ordinary groups with ordinary grants: change them at will."""

from typing import Any

from django.apps import apps as current_apps
from django.contrib.auth.models import Group, Permission, User
from django.db import transaction

# From the narrowest to the widest.
ROLES: dict[str, dict[str, Any]] = {
    "viewer": {"actions": ["view"]},
    "editor": {"actions": ["view", "edit"]},
    "lead": {"actions": ["view", "edit", "bulk"], "max_rows": 5000},
    "admin": {"actions": ["view", "edit", "bulk", "admin"]},
}
# What an admin manages under /staff/.
MANAGED = (("auth", "user"), ("auth", "group"), ("staff", "grant"), ("staff", "loginattempt"))


def after_migrate(using: str, apps: Any = current_apps, **signal: Any) -> None:
    """Make the roles that are missing; a role that exists is left as the house has made it."""
    try:
        grant = apps.get_model("staff", "Grant")
    except LookupError:
        return
    with transaction.atomic(using=using):
        for role, granted in ROLES.items():
            group, made = Group.objects.using(using).get_or_create(name=role)
            if made:
                grant.objects.using(using).create(group_id=group.pk, **granted)
        _let_admins_manage_staff(using)


def _let_admins_manage_staff(using: str) -> None:
    admins = Group.objects.using(using).get(name="admin")
    for app, model in MANAGED:
        wanted = {"content_type__app_label": app, "content_type__model": model}
        admins.permissions.add(*Permission.objects.using(using).filter(**wanted))


def ensure_staff(username: str, role: str, password: str) -> User:
    """Make the person, or give the existing one exactly this role and password."""
    user, _ = User.objects.get_or_create(username=username)
    user.is_active, user.is_staff = True, role == "admin"
    user.set_password(password)
    user.save()
    user.groups.set([Group.objects.get(name=role)])
    return user
