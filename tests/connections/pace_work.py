"""A process that calls an API through its connection, as told by lines of JSON; answers each with a line."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django

django.setup()

from adminui.connections import live  # noqa: E402
from adminui.connections.pace import keeper_for  # noqa: E402
from adminui.dialects.base import ApiRequest  # noqa: E402
from adminui.dialects.errors import Gone, Throttled  # noqa: E402

CONNECTION = live.connections()["autotask-test"]


def call(number: int, threads: int, patience: float, entities: list[str]) -> dict[str, int]:
    """So many calls over so many threads; how many were served, and how many did not get a turn."""
    client = live.client_for(CONNECTION)
    client.max_wait = patience

    def one(n: int) -> bool:
        entity = entities[n % len(entities)]
        try:
            client.send(ApiRequest("GET", f"/{entity}/999999", lane=entity, cap=2))
        except Gone:
            return True
        except Throttled:
            return False
        return True

    with ThreadPoolExecutor(threads) as pool:
        served = sum(pool.map(one, range(number)))
    return {"served": served, "throttled": number - served}


def seize(lane: str, cap: int) -> bool:
    """Try for a place, and keep it."""
    way = keeper.way(lane, cap)
    ways.append(way)
    return way.ready()


def budget() -> list[Any]:
    told = live.client_for(CONNECTION).budget()
    return [told.used, told.limit]


def ask_usage() -> list[Any]:
    live.client_for(CONNECTION).ask_usage()
    told = live.client_for(CONNECTION).budget()
    return [told.others, told.limit]


def waits() -> list[str]:
    return [wait.reason for wait in live.client_for(CONNECTION).waiting_anywhere()]


def hold_off(lane: str, seconds: float) -> None:
    live.client_for(CONNECTION)._throttle.hold_off(lane, seconds)


def close() -> None:
    live.forget()


DO = {f.__name__: f for f in (call, seize, budget, ask_usage, waits, hold_off, close)}
keeper = keeper_for(CONNECTION)
ways: list[Any] = []

print("ready", flush=True)
for line in sys.stdin:
    name, *given = json.loads(line)
    print(json.dumps(DO[name](*given)), flush=True)
