"""What was learnt about the APIs: their schemas, kept for hours, and limits met on the way."""

from __future__ import annotations

from django.db import models

from adminui.jsonfield import ExactJSONField


class KnownResource(models.Model):
    """A resource as last described by its API, and whether its bulk address turned out not to exist."""

    connection = models.CharField(max_length=100)
    resource = models.CharField(max_length=100)
    described = ExactJSONField()  # an API may name limits and choices with fractions
    described_at = models.DateTimeField()
    no_bulk = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "resource"], name="one_per_resource")]

    def __str__(self) -> str:
        return f"{self.connection}/{self.resource}"


class Health(models.Model):
    """The last word from each connection, for the cards on Home."""

    connection = models.CharField(max_length=100, primary_key=True)
    checked_at = models.DateTimeField()
    ok = models.BooleanField()
    message = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.connection}: {'ok' if self.ok else self.message}"


class Halt(models.Model):
    """Writing to a connection is switched off: nothing is sent there until somebody switches it on again."""

    connection = models.CharField(max_length=100, primary_key=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField(auto_now_add=True)
    why = models.CharField(max_length=400, blank=True)

    def __str__(self) -> str:
        return f"{self.connection}: nothing is written"


class Pace(models.Model):
    """What processes that share a connection tell one another, where they share a PostgreSQL: `remote.board.Board`."""

    key = models.CharField(max_length=64, primary_key=True)
    connection = models.CharField(max_length=100)
    state = models.TextField()
    version = models.BigIntegerField()  # goes up with each change, so that no change is lost

    def __str__(self) -> str:
        return f"{self.connection}: {self.state}"
