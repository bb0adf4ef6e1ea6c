"""All that match: every record or none, also while records come and go."""

from __future__ import annotations

from typing import Any

import pytest

from adminui.records.queries import Group
from adminui.remote import reader
from adminui.services import browse
from adminui.services.errors import Stale
from tests.conftest import Live

pytestmark = pytest.mark.django_db


def shrinking(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """The API's count after a pass differs from what the pass found, so many times."""
    left = [1] * times
    count = reader.count
    monkeypatch.setattr(reader, "count", lambda *asked: count(*asked) + (left.pop() if left else 0))


def test_all_that_match_are_read_again_when_their_number_moved_meanwhile(buzz: Live, viewer: Any, monkeypatch):
    opened = buzz.open(viewer, "campaigns")
    shrinking(monkeypatch, 1)
    found = browse.every(opened, Group(), 1_000)
    assert len(found) == len(buzz.api.dump("campaigns"))


def test_what_keeps_moving_is_refused_rather_than_taken_for_the_whole(buzz: Live, viewer: Any, monkeypatch):
    opened = buzz.open(viewer, "campaigns")
    shrinking(monkeypatch, browse.PASSES)
    with pytest.raises(Stale, match="changed while they were read"):
        browse.every(opened, Group(), 1_000)
