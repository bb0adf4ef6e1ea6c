"""Being signed in: one sign-in at a time, shared by all threads, with a cookie jar of its own."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from requests.cookies import RequestsCookieJar

from adminui.dialects.base import Access
from adminui.dialects.errors import BadCredentials, RemoteError

REFUSED_FOR: Final = 60.0  # seconds in which refused credentials are not tried again: APIs lock accounts out


@dataclass(frozen=True, eq=False)
class Login:
    """One signed-in session. Its jar dies with it: a late answer to an old session cannot disturb the new one."""

    access: Access
    jar: RequestsCookieJar = field(default_factory=RequestsCookieJar, repr=False)


class Logins:
    """The login in force. `sign_in` is called under the lock, so threads that wait find it done, or failed, for all."""

    def __init__(self, sign_in: Callable[[], Login]) -> None:
        self._sign_in = sign_in
        self._lock = threading.Lock()
        self._login: Login | None = None
        self._failure: RemoteError | None = None
        self._failed_at = 0.0

    def current(self) -> Login:
        if login := self._login:
            return login
        asked = time.monotonic()
        with self._lock:
            if self._login is None:
                self._refuse_failed(asked)
                self._login = self._attempt()
            return self._login

    def drop(self, login: Login) -> None:
        """This login is over; a newer one, made by another thread, stays."""
        with self._lock:
            if self._login is login:
                self._login = None

    def _attempt(self) -> Login:
        try:
            return self._sign_in()
        except RemoteError as error:
            self._failure, self._failed_at = error, time.monotonic()
            raise

    def _refuse_failed(self, asked: float) -> None:
        """Share a failure with the threads that waited for it, and refused credentials with those soon after."""
        if self._failure is None:
            return
        lasting = REFUSED_FOR if isinstance(self._failure, BadCredentials) else 0.0
        if self._failed_at + lasting >= asked:
            raise copy.copy(self._failure)
