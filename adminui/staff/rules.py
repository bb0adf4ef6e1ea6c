"""What a set of grants permits, as pure functions: deny wins, and who may not see may not edit."""

from collections.abc import Iterable
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import NamedTuple


class Action(StrEnum):
    VIEW = "view"
    EDIT = "edit"
    BULK = "bulk"
    ADMIN = "admin"


# Who may not see a field may not edit it, and who may not edit it may not edit it in many records at once.
NEEDS = {
    Action.VIEW: (Action.VIEW,),
    Action.EDIT: (Action.VIEW, Action.EDIT),
    Action.BULK: (Action.VIEW, Action.EDIT, Action.BULK),
    Action.ADMIN: (Action.ADMIN,),
}


class Rule(NamedTuple):
    """A grant without its group: patterns, actions, and the most rows of one bulk change (None: no limit)."""

    connection: str
    resource: str
    fields: str
    actions: frozenset[Action]
    deny: bool = False
    max_rows: int | None = None

    def covers(self, connection: str, resource: str, action: Action, field: str | None = None) -> bool:
        return (
            action in self.actions
            and fnmatchcase(connection, self.connection)
            and fnmatchcase(resource, self.resource)
            and self._covers_field(field)
        )

    def _covers_field(self, field: str | None) -> bool:
        """Without a field the whole resource is meant: any field allows it, only a denial of all fields denies it."""
        if field is None:
            return self.fields == "*" or not self.deny
        return fnmatchcase(field, self.fields)


def permits(rules: Iterable[Rule], connection: str, resource: str, action: Action, field: str | None = None) -> bool:
    rules = tuple(rules)
    return all(_permits_one(rules, connection, resource, needed, field) for needed in NEEDS[action])


def _permits_one(rules: Iterable[Rule], connection: str, resource: str, action: Action, field: str | None) -> bool:
    covering = [rule for rule in rules if rule.covers(connection, resource, action, field)]
    return bool(covering) and not any(rule.deny for rule in covering)


def cap(rules: Iterable[Rule], connection: str, resource: str) -> int | None:
    """The most rows one bulk change may touch, by the widest grant; None is no limit, 0 no bulk change at all."""
    rules = tuple(rules)
    if not permits(rules, connection, resource, Action.BULK):
        return 0
    caps = [rule.max_rows for rule in rules if not rule.deny and rule.covers(connection, resource, Action.BULK)]
    limited = [rows for rows in caps if rows is not None]
    return max(limited) if len(limited) == len(caps) else None
