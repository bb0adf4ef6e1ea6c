"""What a person keeps between visits: worksheets with pending edits, saved views, chosen columns."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from adminui.jsonfield import ExactJSONField


class Worksheet(models.Model):
    """Records read once and kept as the baseline, with pending edits beside them until applied or discarded.

    A row is known by its place, from 0, which it keeps. `version` is the number of the last step, `baseline` goes up
    whenever what was read is replaced, so that an open page knows what to load again.
    """

    class State(models.TextChoices):
        READING = "reading"
        READY = "ready"
        REFRESHING = "refreshing"  # being read again: what was read before is still worked on
        STOPPED = "stopped"  # reading was cancelled or failed; `problem` says why, and it can go on

    class Sharing(models.TextChoices):
        NOBODY = ""
        VIEW = "view"
        EDIT = "edit"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="worksheets")
    connection = models.CharField(max_length=100)
    resource = models.CharField(max_length=100)
    title = models.CharField(max_length=200)
    source = models.CharField(max_length=500)  # in words: which selection or filter it came from
    origin = ExactJSONField(default=dict)  # what to read: {"ids": […]} or {"where": filter}
    columns = models.JSONField(default=list)
    sharing = models.CharField(max_length=10, choices=Sharing, default=Sharing.NOBODY, blank=True)
    state = models.CharField(max_length=20, choices=State, default=State.READING, db_index=True)
    rows = models.PositiveIntegerField(default=0)  # rows that are read and kept
    expected = models.PositiveIntegerField(null=True)  # rows there will be, once the API has said so
    progress = models.PositiveIntegerField(default=0)  # records read so far by the reading under way
    started_at = models.DateTimeField(null=True)  # the reading under way
    cancel_asked = models.BooleanField(default=False)
    problem = models.TextField(blank=True)
    reader = models.CharField(max_length=100, blank=True)  # the process that reads, by lease
    lease_until = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    version = models.PositiveBigIntegerField(default=0)
    baseline = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    missing = models.JSONField(default=list)  # ids asked for that the API does not have
    operations = ExactJSONField(default=list)  # clean-ups done here, in order (`services.bench.operations`)
    imported = ExactJSONField(default=dict)  # what a file came to that was read into it (`services.files`)

    def __str__(self) -> str:
        return self.title


class Chunk(models.Model):
    """One part of one column of the baseline (`records.packing`). Staged ones are of a refresh under way."""

    worksheet = models.ForeignKey(Worksheet, on_delete=models.CASCADE, related_name="chunks")
    staged = models.BooleanField(default=False)
    field = models.CharField(max_length=200)
    part = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["worksheet", "staged", "field", "part"], name="one_chunk_per_part")
        ]

    def __str__(self) -> str:
        return f"{self.worksheet_id}/{self.field}/{self.part}"


class Marks(models.Model):
    """What there is to say of the cells of one part of one column: pending edits, what is wrong with them, what moved
    underneath, what became of them. Gzipped JSON, row → Mark; the counts are of its cells.
    """

    worksheet = models.ForeignKey(Worksheet, on_delete=models.CASCADE, related_name="marks")
    field = models.CharField(max_length=200)
    part = models.PositiveIntegerField()
    data = models.BinaryField()
    pending = models.PositiveIntegerField(default=0)
    invalid = models.PositiveIntegerField(default=0)
    clashes = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["worksheet", "field", "part"], name="one_marks_per_part")]

    def __str__(self) -> str:
        return f"{self.worksheet_id}/{self.field}/{self.part}"


class Step(models.Model):
    """One change of a worksheet's marks, as one step of undo: a paste, a fill, a shared change, a single cell.

    `data` is gzipped JSON, `services.steps.Content`: false means no edit there, null an explicit null. `token` is the
    page's own name for it: sent twice, it is taken once.
    """

    worksheet = models.ForeignKey(Worksheet, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveBigIntegerField()
    token = models.UUIDField()
    kind = models.CharField(max_length=20)
    label = models.CharField(max_length=200)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    user_name = models.CharField(max_length=150)
    at = models.DateTimeField(auto_now_add=True)
    cells = models.PositiveIntegerField(default=0)
    data = models.BinaryField()
    undone = models.BooleanField(default=False)  # taken back, and can be done again
    dropped = models.BooleanField(default=False)  # taken back for good: its person went on to something else

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["worksheet", "number"], name="one_step_per_number"),
            models.UniqueConstraint(fields=["worksheet", "token"], name="one_step_per_token"),
        ]
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.worksheet_id}/{self.number}: {self.label}"


class Recipe(models.Model):
    """Clean-ups kept under a name, to be done to another worksheet: Transformations as data, in order."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    resource = models.CharField(max_length=100)
    name = models.CharField(max_length=100)
    note = models.TextField(blank=True)
    steps = ExactJSONField(default=list)
    shared = models.BooleanField(default=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "resource", "name"], name="one_recipe_per_name")]
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.resource}: {self.name}"


class Rule(models.Model):
    """What should hold of every record of a resource (`records.cleaning.quality`): of all who may see its fields."""

    connection = models.CharField(max_length=100)
    resource = models.CharField(max_length=100)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=40)
    field = models.CharField(max_length=200)
    params = ExactJSONField(default=dict)
    owner_name = models.CharField(max_length=150)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "resource", "name"], name="one_rule_per_name"),
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.connection}/{self.resource}: {self.name}"


class RuleCount(models.Model):
    """How many records broke a rule when it was asked; `whole`: of all records, not of a selection."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="counts")
    at = models.DateTimeField(auto_now_add=True)
    rows = models.PositiveIntegerField()
    hits = models.PositiveIntegerField()
    whole = models.BooleanField(default=False)
    worksheet = models.PositiveBigIntegerField(null=True)

    class Meta:
        indexes = (models.Index(fields=["rule", "at"], name="rule_counts_in_time"),)
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.rule}: {self.hits} of {self.rows}"


class Presence(models.Model):
    """Who has a worksheet open, and the cell they are at."""

    worksheet = models.ForeignKey(Worksheet, on_delete=models.CASCADE, related_name="present")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()
    row = models.PositiveIntegerField(null=True)
    field = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["worksheet", "user"], name="one_presence_per_person")]

    def __str__(self) -> str:
        return f"{self.worksheet_id}/{self.user_id}"


class Layout(models.Model):
    """How a person likes a resource's grid: columns in order, widths, frozen ones, sorting. The nameless one is what
    they left it as.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    connection = models.CharField(max_length=100)
    resource = models.CharField(max_length=100)
    name = models.CharField(max_length=100, blank=True)
    data = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "connection", "resource", "name"], name="one_layout_per_name")
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name or "as left"


class View(models.Model):
    """A saved view: a name for a filter and columns, which are in its address."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    connection = models.CharField(max_length=100)
    resource = models.CharField(max_length=100)
    name = models.CharField(max_length=100)
    query_string = models.TextField(blank=True)
    shared = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "connection", "resource", "name"], name="one_view_per_name")
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Columns(models.Model):
    """The columns a person chose for a resource."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    connection = models.CharField(max_length=100)
    resource = models.CharField(max_length=100)
    names = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "connection", "resource"], name="one_choice_per_resource")
        ]

    def __str__(self) -> str:
        return f"{self.connection}/{self.resource}: {', '.join(self.names)}"
