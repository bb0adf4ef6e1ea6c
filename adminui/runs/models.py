"""The ledger: plans as approved, runs as they went, each row's fate, each exchange. It copies what it must outlive."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.db.models import Count
from django.utils import timezone

from adminui.jsonfield import ExactJSONField
from adminui.packedfield import PackedTextField
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
    replace = models.BooleanField(default=False)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=20, choices=State, default=State.OPEN)
    worksheet = models.BigIntegerField(null=True, db_index=True)
    token = models.UUIDField(null=True, unique=True)
    successor = models.OneToOneField("self", null=True, on_delete=models.SET_NULL, related_name="predecessor")
    canary = models.PositiveIntegerField(default=0)  # rows that are sent first, to be looked at before the others go
    undoes = models.ForeignKey("Run", null=True, on_delete=models.SET_NULL, related_name="undos")
    retries = models.ForeignKey("Run", null=True, on_delete=models.SET_NULL, related_name="retried_by")
    summary = ExactJSONField(default=dict)  # services.summing: what it changes, in short; empty in plans of old
    # Last, because SQLite goes through a row's megabytes to get at what stands behind them.
    held = ExactJSONField(default=list)  # rows whoever made the plan had to leave out: {"id", "label", "why"} each
    steps = ExactJSONField(default=list)  # planning.plan.Outline: which requests carry which rows
    changesets = ExactJSONField()

    def __str__(self) -> str:
        return f"Plan {self.pk}: {self.resource_label}"

    def rows(self) -> list[ChangeSet]:
        return [changeset_from_data(data) for data in self.changesets]


class Practice(models.Model):
    """A plan tried on an imitation of its API that holds these very records; `result` once it is over."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="practices")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    owner = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)
    result = ExactJSONField(default=dict)

    def __str__(self) -> str:
        return f"Practice of plan {self.plan_id}"


class Run(models.Model):
    """An approved plan on its way. One owner at a time, by lease; what is `asked` is heeded between requests.

    A paused run waits for a person: `message` says what for, `pause` in a word. Its unsent rows are pending.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        PAUSED = "paused"
        FINISHED = "finished"
        STOPPED = "stopped"

    class Ask(models.TextChoices):
        NOTHING = ""
        PAUSE = "pause"
        STOP = "stop"

    class Pause(models.TextChoices):
        """Why it waits: somebody asked, the first rows are to be looked at, or it went wrong in the same way again."""

        NOT = ""
        ASKED = "asked"
        CANARY = "canary"
        TROUBLE = "trouble"

    plan = models.OneToOneField(Plan, on_delete=models.PROTECT, related_name="run")
    state = models.CharField(max_length=20, choices=State, default=State.QUEUED, db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    user_name = models.CharField(max_length=150)
    message = models.TextField(blank=True)
    doing = models.CharField(max_length=300, blank=True)
    asked = models.CharField(max_length=10, choices=Ask, default=Ask.NOTHING, blank=True)
    pause = models.CharField(max_length=10, choices=Pause, default=Pause.NOT, blank=True)
    gate = models.PositiveIntegerField(default=0)  # it pauses once, when so many rows have been sent; 0: it does not
    passed = ExactJSONField(default=list)  # kinds of failure that somebody has decided to go on with
    due_at = models.DateTimeField(null=True, db_index=True)  # not before; None: at once
    revert_at = models.DateTimeField(null=True, db_index=True)  # when it is to be undone by itself
    told = models.BooleanField(default=False)  # whoever approved it has been told that it is over
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

    @property
    def scheduled(self) -> bool:
        """Whether it waits for its time."""
        return self.state == self.State.QUEUED and self.due_at is not None and self.due_at > timezone.now()

    def tally(self) -> dict[Outcome, int]:
        """Rows per outcome, in the order of Outcome."""
        counts = dict(self.items.order_by().values_list("outcome").annotate(n=Count("pk")))
        return {outcome: counts[outcome] for outcome in Outcome if counts.get(outcome)}


class Item(models.Model):
    """One record of a run. `theirs` holds what stood there instead, for clashes; `stored` what a read-back showed.

    `kind` is the same for rows of one outcome that met the same words, and empty where there are none; `tries` counts
    the requests that carried the row.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="items")
    seq = models.PositiveIntegerField()
    step = models.PositiveIntegerField(null=True)
    record_id = models.CharField(max_length=100)
    label = models.CharField(max_length=400)
    changeset = ExactJSONField()
    outcome = models.CharField(max_length=40, default=Outcome.PENDING)
    kind = models.CharField(max_length=16, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    messages = ExactJSONField(default=list)
    by_field = ExactJSONField(default=dict)
    theirs = ExactJSONField(default=dict)
    stored = ExactJSONField(default=dict)
    verified = models.BooleanField(default=False)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "seq"], name="one_item_per_seq")]
        indexes = [
            models.Index(fields=["run", "outcome", "kind", "seq"], name="item_outcome_kind"),
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
    body = PackedTextField()
    status = models.PositiveIntegerField(null=True)
    answer = PackedTextField()
    fault = models.TextField(blank=True)
    started_at = models.DateTimeField()
    seconds = models.FloatField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.method} {self.url} → {self.status or self.fault}"
