"""The profile of a column of a worksheet, pending edits included."""

from __future__ import annotations

from collections.abc import Sequence

from adminui.records.cleaning import profiles
from adminui.records.cleaning.facets import Told
from adminui.records.cleaning.profiles import Profile
from adminui.services.bench import where
from adminui.services.bench.facets import cached_frames
from adminui.services.catalog import Opened
from adminui.services.statistics import field_named
from adminui.worksheets.models import Worksheet

__all__ = ["Profile", "profile"]


def profile(opened: Opened, sheet: Worksheet, rows: Sequence[int], name: str) -> Profile:
    """What a field holds in these rows. Raises BadInput."""
    field = field_named(opened, name)
    told = Told(field)
    columns = [frame.columns[name] for frame in cached_frames(sheet, rows, [field])]
    counts = where.tally(((column.codes, where.shown(column), None) for column in columns), told.meanings)
    return profiles.profile(field, [(told.value(meaning), count) for meaning, count in counts.items()])
