"""The ledger: plans as approved, runs as they went, each row's fate, each exchange. It copies what it must outlive."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.db.models import Count

from adminui.jsonfield import ExactJSONField
from adminui.planning.outcomes import OPEN, SETTLED_WELL, TO_FIX, Outcome
from adminui.records.changes import ChangeSet
from adminui.records.documents import changeset_from_data


class Plan(models.Model):
    """A saved plan: what would be sent, for whom, and the digest to check what runs against. Applied at most once."""

    class State(models.TextChoices):
        OPEN = "open"
        APPLIED = "applied"
        REPLACED = "replaced"

    connection = models.CharField(max_length=100)
    connection_label = models.CharField(max_length=200)
    environment = models.CharField(max_length=20)
    resource = models.CharField(max_length=100)
    resource_label = models.CharField(max_length=200)
    door = models.CharField(max_length=40)
    note = models.TextField(blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    user_name = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)
    changesets = ExactJSONField()
    steps = ExactJSONField(default=list)  # planning.plan.Outline: which requests carry which rows
    replace = models.BooleanField(default=False)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=20, choices=State, default=State.OPEN)
    worksheet = models.BigIntegerField(null=True, db_index=True)
    token = models.UUIDField(null=True, unique=True)
    successor = models.OneToOneField("self", null=True, on_delete=models.SET_NULL, related_name="predecessor")

    def __str__(self) -> str:
        return f"Plan {self.pk}: {self.resource_label}"

    def rows(self) -> list[ChangeSet]:
        return [changeset_from_data(data) for data in self.changesets]


class Run(models.Model):
    """An approved plan on its way. One owner at a time, by lease; `stop_asked` is heeded between requests."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        FINISHED = "finished"
        STOPPED = "stopped"

    plan = models.OneToOneField(Plan, on_delete=models.PROTECT, related_name="run")
    state = models.CharField(max_length=20, choices=State, default=State.QUEUED, db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    user_name = models.CharField(max_length=150)
    message = models.TextField(blank=True)
    doing = models.CharField(max_length=300, blank=True)
    stop_asked = models.BooleanField(default=False)
    breakdowns = models.PositiveSmallIntegerField(default=0)
    owner = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    absorbed = models.BooleanField(default=False)  # its outcomes have been brought home to the plan's worksheet

    def __str__(self) -> str:
        return f"Run {self.pk}: {self.plan.resource_label}"

    @property
    def user_or_none(self) -> AbstractBaseUser | AnonymousUser:
        """Whoever approved it, as they are now; nobody when the account is gone."""
        return self.user or AnonymousUser()

    @property
    def over(self) -> bool:
        return self.state in (self.State.FINISHED, self.State.STOPPED)

    def tally(self) -> dict[Outcome, int]:
        """Rows per outcome, in the order of Outcome."""
        counts = dict(self.items.order_by().values_list("outcome").annotate(n=Count("pk")))
        return {outcome: counts[outcome] for outcome in Outcome if counts.get(outcome)}


class Item(models.Model):
    """One record of a run. `theirs` holds what stood there instead, for clashes; `stored` what a read-back showed."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="items")
    seq = models.PositiveIntegerField()
    step = models.PositiveIntegerField(null=True)
    record_id = models.CharField(max_length=100)
    label = models.CharField(max_length=400)
    changeset = ExactJSONField()
    outcome = models.CharField(max_length=40, default=Outcome.PENDING)
    messages = ExactJSONField(default=list)
    by_field = ExactJSONField(default=dict)
    theirs = ExactJSONField(default=dict)
    stored = ExactJSONField(default=dict)
    verified = models.BooleanField(default=False)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "seq"], name="one_item_per_seq")]
        indexes = [
            models.Index(fields=["run", "outcome", "seq"], name="item_outcome"),
            models.Index(fields=["record_id"], name="item_record"),
        ]
        ordering = ["seq"]

    def __str__(self) -> str:
        return f"{self.label}: {self.outcome}"

    def row(self) -> ChangeSet:
        return changeset_from_data(self.changeset)

    @property
    def open(self) -> bool:
        return self.outcome in OPEN

    @property
    def good(self) -> bool:
        return self.outcome in SETTLED_WELL

    @property
    def to_fix(self) -> bool:
        return self.outcome in TO_FIX


class Exchange(models.Model):
    """One HTTP exchange of a run, without headers: what was asked, what came back, how long it took."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="exchanges")
    step = models.PositiveIntegerField(null=True)
    purpose = models.CharField(max_length=20)
    method = models.CharField(max_length=10)
    url = models.TextField()
    body = models.TextField(blank=True)
    status = models.PositiveIntegerField(null=True)
    answer = models.TextField(blank=True)
    fault = models.TextField(blank=True)
    started_at = models.DateTimeField()
    seconds = models.FloatField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.method} {self.url} → {self.status or self.fault}"
