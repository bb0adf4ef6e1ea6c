"""Grants to groups, and the failed sign-ins of the last minutes."""

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from adminui.staff.rules import Action, Rule


def check_actions(actions: object) -> None:
    known = [action.value for action in Action]
    if not isinstance(actions, list) or not actions or not set(actions) <= set(known):
        raise ValidationError(f"Choose at least one of: {', '.join(known)}.")


class Grant(models.Model):
    """What the members of a group may do, or with `deny` what they may not do whatever else is granted."""

    PATTERN = "A name, or a pattern such as buzz-* or *."

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="grants")
    connection = models.CharField(max_length=200, default="*", help_text=PATTERN)
    resource = models.CharField(max_length=200, default="*", help_text=PATTERN)
    fields = models.CharField(max_length=200, default="*", help_text=PATTERN)
    actions = models.JSONField(default=list, validators=[check_actions])
    deny = models.BooleanField(default=False, help_text="Forbids these actions, whatever another grant allows.")
    max_rows = models.PositiveIntegerField(
        "rows at once", null=True, blank=True, help_text="The most rows one bulk change may touch. Empty: no limit."
    )

    def __str__(self) -> str:
        verb = "may not" if self.deny else "may"
        return f"{self.group}: {verb} {', '.join(self.actions)} {self.connection}/{self.resource}/{self.fields}"

    def rule(self) -> Rule:
        actions = frozenset(Action(action) for action in self.actions)
        return Rule(self.connection, self.resource, self.fields, actions, self.deny, self.max_rows)


class LoginAttempt(models.Model):
    """A sign-in that failed, or has not succeeded yet; removed by success."""

    username = models.CharField(max_length=150)
    ip = models.CharField(max_length=45)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = (models.Index(fields=["username", "ip", "at"], name="staff_attempt_who_when"),)

    def __str__(self) -> str:
        return f"{self.username} from {self.ip} at {self.at:%Y-%m-%d %H:%M:%S}"
