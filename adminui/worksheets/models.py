"""What a person keeps between visits: worksheets with pending edits, saved views, chosen columns."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from adminui.jsonfield import ExactJSONField


class Worksheet(models.Model):
    """Records read once and kept as the baseline, with pending edits beside them until applied or discarded."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="worksheets")
    connection = models.CharField(max_length=100)
    resource = models.CharField(max_length=100)
    title = models.CharField(max_length=200)
    source = models.CharField(max_length=500)  # in words: which selection or filter it came from
    columns = models.JSONField(default=list)
    read_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    missing = models.JSONField(default=list)  # ids asked for that the API does not have

    def __str__(self) -> str:
        return self.title


class Row(models.Model):
    """One record: as it was read, what was typed (field → text or JSON, as posted), what the API last said to it."""

    worksheet = models.ForeignKey(Worksheet, on_delete=models.CASCADE, related_name="rows")
    seq = models.PositiveIntegerField()
    record_id = models.CharField(max_length=100)
    baseline = ExactJSONField()
    edits = ExactJSONField(default=dict)
    edited = models.BooleanField(default=False)
    outcome = models.CharField(max_length=40, blank=True)
    messages = ExactJSONField(default=list)
    by_field = ExactJSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["worksheet", "seq"], name="one_row_per_seq"),
            models.UniqueConstraint(fields=["worksheet", "record_id"], name="one_row_per_record"),
        ]
        indexes = [models.Index(fields=["worksheet", "edited", "seq"], name="row_edited")]
        ordering = ["seq"]

    def __str__(self) -> str:
        return f"{self.worksheet_id}/{self.record_id}"


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
