"""What a read-back proves of a lost answer."""

from __future__ import annotations

import pytest

from adminui.planning.outcomes import Outcome, RowResult
from adminui.planning.verify import verified
from adminui.records.changes import Change, ChangeSet
from adminui.records.schema import Field, Kind, Resource

THINGS = Resource("things", "Things", "Thing", (Field("id", "Id", Kind.INTEGER), Field("name", "Name", Kind.TEXT)))
LOST = RowResult(1, Outcome.UNKNOWN, ("The connection broke.",))


@pytest.mark.parametrize(
    ("stored", "outcome"),
    [
        ("  new", Outcome.DONE),
        ("old", Outcome.NOT_SENT),
        ("new", Outcome.NOT_STORED),  # written, and the API took the spaces off
        ("somebody else's", Outcome.UNKNOWN),
    ],
)
def test_a_lost_answer_is_settled_by_what_is_stored(stored: str, outcome: Outcome):
    row = ChangeSet(1, "Thing 1", (Change("name", "old", "  new"),))
    result = verified(THINGS, row, LOST, {"id": 1, "name": stored})
    assert result.outcome is outcome
    assert (result.by_field != {}) == (outcome is Outcome.NOT_STORED)
