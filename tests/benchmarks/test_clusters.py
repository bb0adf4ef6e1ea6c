"""Clusters of 10,000 different company names, beside a bare loop that only folds case and groups them."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from itertools import count, islice

import pytest

from adminui.records.cleaning.clusters import METHODS, clusters
from adminui.sandbox.autotask.schema import load
from adminui.sandbox.autotask.seed import fill
from adminui.sandbox.autotask.seed.mess import Mess
from adminui.sandbox.autotask.store import Store

DISTINCT = 10_000
TIMES = 5
GOALS = {"fingerprint": 100, "ngram": 100, "phonetic": 100}  # ms
NEIGHBOURS = 1_500


@pytest.fixture(scope="module")
def names() -> Mapping[str, int]:
    """As the sandbox's companies are called."""
    store = Store(load())
    fill(store, 50, 1)
    mess = Mess(store, 1)
    made: Counter[str] = Counter()
    for _ in count():
        made[mess.name()] += 1
        if len(made) == DISTINCT:
            break
    return dict(islice(made.items(), DISTINCT))


def best(of: Callable[[], object]) -> float:
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        of()
        took.append(time.perf_counter() - began)
    return min(took)


def bare(names: Mapping[str, int]) -> None:
    """What a short script would do: case, spaces, words in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in names:
        found[" ".join(sorted(set(name.lower().split())))].append(name)


@pytest.mark.parametrize("method", METHODS)
def test_ten_thousand_names(names: Mapping[str, int], method: str):
    took, plain = best(lambda: clusters(names, method)), best(lambda: bare(names))
    found = clusters(names, method)
    goal, grouped = GOALS.get(method, NEIGHBOURS), sum(len(each.values) for each in found.clusters)
    print(
        f"\n{method}: {took * 1000:.0f} ms (goal {goal:,}), "
        f"{took / plain:.0f} times a bare loop of {plain * 1000:.0f} ms; "
        f"{len(found.clusters):,} groups of {grouped:,} names"
    )
    assert found.whole and len(found.clusters) > 500
