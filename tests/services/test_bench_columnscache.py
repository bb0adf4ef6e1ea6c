"""Columns kept in memory: never more than was said, the least lately used one goes, a new baseline is read anew."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from adminui.records.packing import Packed, packed
from adminui.services.bench import columnscache
from adminui.services.bench.columnscache import ColumnsCache, weight
from adminui.services.catalog import Opened
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet
from tests.conftest import Live
from tests.services.columns import sheet_of, things


def column(n: int) -> Packed:
    return packed([f"{n} {row}" for row in range(100)])


def test_the_least_lately_used_column_goes_first():
    cache = ColumnsCache(3 * weight(column(0)))
    for n in range(3):
        cache.put((n,), column(n))
    assert cache.get((0,)) is not None
    cache.put((3,), column(3))
    assert [cache.get((n,)) is not None for n in range(4)] == [True, False, True, True]
    cache.put((3,), column(3))
    assert cache.size == 3 * weight(column(0)), "the same column put twice is there once"


def test_a_column_larger_than_all_room_is_not_kept():
    cache = ColumnsCache(10)
    cache.put(("large",), column(1))
    assert (cache.get(("large",)), cache.size) == (None, 0)


def test_many_threads_never_keep_more_than_was_said():
    cache = ColumnsCache(5 * weight(column(0)))

    def work(n: int) -> None:
        cache.put((n % 9,), column(n))
        cache.get((n % 7,))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(400)))
    left = [held for n in range(9) if (held := cache.get((n,))) is not None]
    assert cache.size == sum(map(weight, left)) <= cache.most


@pytest.mark.django_db
def test_a_worksheet_that_is_being_read_is_not_kept_and_a_new_baseline_is_read_anew(autotask: Live, lead: Any):
    opened: Opened = things(autotask.open(lead, "Companies"))
    sheet = sheet_of(opened, [{"name": "a"}])

    def held() -> Packed:
        sheet.refresh_from_db()
        return columnscache.columns(sheet, ["name"], 0)["name"]

    assert held() is held()
    store.write_part(sheet, 0, [{"name": "b"}], ["name"], staged=False)
    store.baseline_changed(sheet)
    assert list(held()) == ["b"]
    Worksheet.objects.filter(pk=sheet.pk).update(state=Worksheet.State.REFRESHING)
    assert held() is not held()
