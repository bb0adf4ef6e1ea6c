"""The keeper of a connection on PostgreSQL: advisory locks of a session of its own, and a row for the board."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from django.db import DEFAULT_DB_ALIAS, Error, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from adminui.connections.ways import GATE, SHUT, Shared
from adminui.remote.board import Board

T = TypeVar("T")
TRIES: Final = 50  # of an edit that others overtook
# A machine that vanishes lets go of its places after half a minute; a killed process at once.
_KEEP_ALIVE: Final = "set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 4"
_READ: Final = """
    select state, version, extract(epoch from clock_timestamp())::float8
    from (select 1) as one left join connections_pace on key = %s
"""
_ADD: Final = """
    insert into connections_pace (key, connection, state, version) values (%s, %s, %s, 1)
    on conflict do nothing returning version
"""
_REPLACE: Final = """
    update connections_pace set state = %s, version = version + 1 where key = %s and version = %s returning version
"""


class Tables(Shared):
    """For processes of any number of machines. The clock is the database's."""

    often = 0.005

    def __init__(self, key: str, name: str) -> None:
        super().__init__()
        self.key, self.name = key, name
        self._session = _Session()

    def grab(self, lane: str, numbers: Sequence[int], *, gated: bool) -> int:
        """In one statement: the cases are tried in order, and the gate is let go of once there is a place."""
        gate = self._number(lane, GATE)
        locks = [self._number(lane, n) for n in numbers]
        cases = "".join(f" when pg_try_advisory_lock(%s) then {n:d}" for n in numbers)
        first = "" if gated else f" when not pg_try_advisory_lock(%s) then {SHUT}"
        if not first and not cases:
            return GATE
        sql = f"""
            select found, case when found > 0 then pg_advisory_unlock(%s) end
            from (select case{first}{cases} else {GATE} end as found offset 0) as tried
        """
        [(found, _)] = self._session.ask(sql, [gate, *([] if gated else [gate]), *locks])
        return int(found)

    def release(self, lane: str, number: int) -> None:
        self._session.ask("select pg_advisory_unlock(%s)", [self._number(lane, number)])

    def _number(self, lane: str, number: int) -> int:
        said = hashlib.sha256(f"{self.key} {lane} {number}".encode()).digest()
        return int.from_bytes(said[:8], signed=True)

    def read(self) -> tuple[Board, float]:
        text, _, now = self._row()
        return Board.from_text(text or ""), now

    def _row(self) -> tuple[str | None, int | None, float]:
        [(text, version, now)] = self._session.ask(_READ, [self.key])
        return text, version, float(now)

    def write(self, edit: Callable[[Board, float], T]) -> tuple[T, Board]:
        """Compare and swap: an edit that somebody overtook is made again on what they wrote."""
        for _ in range(TRIES):
            text, version, now = self._row()
            board = Board.from_text(text or "")
            result = edit(board, now)
            if version is None:
                done = self._session.ask(_ADD, [self.key, self.name, board.to_text()])
            else:
                done = self._session.ask(_REPLACE, [board.to_text(), self.key, version])
            if done:
                return result, board
        raise OperationalError("the board of calls is written by too many at once")

    def close(self) -> None:
        self._session.close()


class _Session:
    """A database connection of this process's own, beside those of its threads: locks are held as long as it lives."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wrapper: BaseDatabaseWrapper | None = None
        self._closed = False

    def ask(self, sql: str, values: Sequence[int | str]) -> list[tuple[Any, ...]]:
        with self._lock:
            try:
                return self._rows(self._opened(), sql, values)
            except Error:
                self._drop()
                raise

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._drop()

    def _opened(self) -> BaseDatabaseWrapper:
        if self._closed:
            raise OperationalError("this connection's limits are not kept any more")
        if self._wrapper is None:
            wrapper = connections.create_connection(DEFAULT_DB_ALIAS)
            wrapper.inc_thread_sharing()
            self._wrapper = wrapper
            wrapper.connect()
            with wrapper.wrap_database_errors, wrapper.connection.cursor() as cursor:
                cursor.execute(_KEEP_ALIVE)
        return self._wrapper

    def _rows(self, wrapper: BaseDatabaseWrapper, sql: str, values: Sequence[int | str]) -> list[tuple[Any, ...]]:
        """By the driver's own cursor: Django's would connect anew by itself, without the locks thought to be held."""
        with wrapper.wrap_database_errors, wrapper.connection.cursor() as cursor:
            cursor.execute(sql, values)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

    def _drop(self) -> None:
        if self._wrapper is not None:
            self._wrapper.close()
            self._wrapper = None
