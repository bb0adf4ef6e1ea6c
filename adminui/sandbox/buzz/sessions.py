"""Logins: cookies that run out, are rewritten now and then, and can be renewed by a second, long-lived one."""

import base64
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any

from adminui.sandbox.buzz.errors import Refused, detail, throttled
from adminui.sandbox.buzz.store import ACCOUNT
from adminui.sandbox.buzz.switches import Switches
from adminui.sandbox.http import Request, Response

_MONTH = 30 * 24 * 3600
_MINUTE = 60.0


@dataclass
class _Session:
    started: float
    requests: int = 0
    replaced: float | None = None  # when its value was rewritten


class Sessions:
    def __init__(
        self, switches: Switches, clock: Callable[[], float], rng: random.Random, key: str, email: str, password: str
    ) -> None:
        self._switches, self._clock, self._random, self._key = switches, clock, rng, key
        self._email, self._password = email, password
        self._sessions: dict[str, _Session] = {}
        self._kept: dict[str, float] = {}
        self._logins: deque[float] = deque()

    def expire(self) -> None:
        """Every session and every long-lived cookie is over."""
        self._sessions.clear()
        self._kept.clear()

    def login(self, data: Any) -> Response:
        self._count_login()
        data = data if isinstance(data, dict) else {}
        missing = [name for name in ("email", "password") if not data.get(name)]
        if missing:
            raise Refused(400, {name: ["This field is required."] for name in missing})
        if (data["email"], data["password"]) != (self._email, self._password):
            raise detail(self._switches.number("wrong_password_status"), "Incorrect authentication credentials.")
        if str(data.get("account_id") or ACCOUNT) != str(ACCOUNT):
            raise detail(403, "You do not have permission to perform this action.")
        cookies = [self._start()]
        if str(data.get("keep_logged_in")).lower() in ("true", "1"):
            cookies.append(self._keep())
        return Response(200, {"success": "true", "message": "Cookie set successfully"}, cookies=tuple(cookies))

    def keep_logged_in(self) -> Response:
        return Response(200, {"success": "true", "message": "Cookie set successfully"}, cookies=(self._keep(),))

    def logout(self, request: Request) -> Response:
        cookies = _cookies(request)
        self._sessions.pop(cookies.get(self._name, ""), None)
        self._kept.pop(cookies.get(self._keep_name, ""), None)
        gone = tuple(f"{name}=; Path=/; Max-Age=0" for name in (self._name, self._keep_name))
        body = {"success": True, "message": "You have been successfully logged out"}
        return Response(200, body, cookies=gone)

    def admit(self, request: Request) -> tuple[str, ...]:
        """The cookies to set with the answer; refused when nobody is logged in."""
        cookies = _cookies(request)
        session = self._sessions.get(cookies.get(self._name, ""))
        if session is not None and self._alive(session):
            return self._counted(session)
        if self._kept.get(cookies.get(self._keep_name, ""), 0.0) > self._clock():
            return (self._start(),)
        if self._switches.on("basic_auth") and self._basic(request):
            return ()
        status = self._switches.number("expired_status")
        headers = {"WWW-Authenticate": 'Basic realm="api"'} if status == 401 else None
        raise detail(status, "Authentication credentials were not provided.", headers)

    @property
    def _name(self) -> str:
        form = str(self._switches.value("cookie_name"))
        return f"{self._key}_buzz_cookie" if form == "buzz_key" else form

    @property
    def _keep_name(self) -> str:
        return f"{self._key}_keep_logged_in"

    def _count_login(self) -> None:
        now = self._clock()
        while self._logins and self._logins[0] <= now - _MINUTE:
            self._logins.popleft()
        if len(self._logins) >= self._switches.number("logins_per_minute"):
            seconds = int(self._logins[0] + _MINUTE - now) + 1 if self._logins else int(_MINUTE)
            raise throttled(seconds, header=self._switches.on("retry_after"))
        self._logins.append(now)

    def _start(self) -> str:
        value = f"{self._random.getrandbits(128):032x}"
        self._sessions[value] = _Session(self._clock())
        return f"{self._name}={value}; Path=/; HttpOnly"

    def _keep(self) -> str:
        value = f"{self._random.getrandbits(128):032x}"
        self._kept[value] = self._clock() + _MONTH
        return f"{self._keep_name}={value}; Path=/; HttpOnly; Max-Age={_MONTH}"

    def _alive(self, session: _Session) -> bool:
        now = self._clock()
        if session.replaced is not None and now >= session.replaced + self._switches.number("old_cookie_seconds"):
            return False
        return now < session.started + self._switches.number("session_seconds")

    def _counted(self, session: _Session) -> tuple[str, ...]:
        """Rewrite the cookie when its turn has come; requests under way may use the old value a little longer."""
        session.requests += 1
        every = self._switches.number("rewrite_cookie_every")
        if not every or session.requests % every or session.replaced is not None:
            return ()
        session.replaced = self._clock()
        return (self._start(),)

    def _basic(self, request: Request) -> bool:
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        expected = base64.b64encode(f"{self._email}:{self._password}".encode()).decode()
        return scheme.lower() == "basic" and encoded.strip() == expected


def _cookies(request: Request) -> dict[str, str]:
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(request.headers.get("cookie", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}
