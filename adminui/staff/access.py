"""May this person do this? A superuser may all, an inactive or unknown person nothing, others what is granted.

A person's rules are fetched once and kept on the user object, so a request asks the database once;
work that outlives a request loads the user anew.
"""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group

from adminui.staff.models import Grant
from adminui.staff.roles import ROLES
from adminui.staff.rules import Action, Rule, cap, permits

Person = AbstractBaseUser | AnonymousUser
EVERYTHING = Rule("*", "*", "*", frozenset(Action))


def allowed(user: Person, connection: str, resource: str, action: Action | str, field: str | None = None) -> bool:
    return permits(rules_of(user), connection, resource, Action(action), field)


def row_cap(user: Person, connection: str, resource: str) -> int | None:
    """The most rows one bulk change of this person may touch; None is no limit, 0 is none at all."""
    return cap(rules_of(user), connection, resource)


def rules_of(user: Person) -> tuple[Rule, ...]:
    if not user.is_active:
        return ()
    if getattr(user, "is_superuser", False):
        return (EVERYTHING,)
    kept: tuple[Rule, ...] | None = vars(user).get("_rules")
    if kept is None:
        kept = tuple(grant.rule() for grant in Grant.objects.filter(group__user=user.pk))
        vars(user)["_rules"] = kept
    return kept


def role_of(user: Person) -> str:
    """The widest role in one word, for the page head; a group of the house's own making goes by its name."""
    if getattr(user, "is_superuser", False):
        return "admin"
    names = list(Group.objects.filter(user=user.pk).order_by("name").values_list("name", flat=True))
    return next((role for role in reversed(ROLES) if role in names), names[0] if names else "no role")
