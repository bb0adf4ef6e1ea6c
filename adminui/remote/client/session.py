"""The client of one connection: signs in, paces, sends, and says exactly what became of each request."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import AbstractContextManager, closing, suppress
from datetime import UTC, datetime
from typing import Final, TypeVar

from adminui.dialects.base import Access, ApiRequest, ApiResponse, Dialect
from adminui.dialects.errors import (
    NotSent,
    RemoteError,
    SignedOut,
    Throttled,
    Unavailable,
    Unknown,
)
from adminui.logs import is_secret
from adminui.remote.client.address import check_base, resolve
from adminui.remote.client.call import Call, exchange_of, fault_error, outgoing_of, settled
from adminui.remote.client.exchange import Observer, logger, observed, tell
from adminui.remote.client.login import Login, Logins
from adminui.remote.client.peers import PRIVATE
from adminui.remote.client.transport import Fault, Outgoing, Transport
from adminui.remote.pacing import Keeper
from adminui.remote.throttle import Budget, Throttle, Waiting

T = TypeVar("T")
READ_RETRIES: Final = 2
NOT_IMPLEMENTED: Final = 501  # the one 5xx that does not pass
USAGE_DEADLINE: Final = 10.0  # seconds the question after the API's own count may delay a call


class Client:
    """One connection to one API, shared by threads. `deadline`: the most seconds the exchanges of one call take in all.
    `max_wait`: the most a call waits because of throttling. `allow_networks`: the private networks it may lead to.
    `keeper`: what it shares its limits with other processes through.
    """

    def __init__(
        self,
        dialect: Dialect,
        base_url: str,
        credentials: Mapping[str, str],
        *,
        max_concurrency: int = 4,
        requests_per_hour: int | None = None,
        deadline: float = 60.0,
        connect_timeout: float = 10.0,
        max_wait: float = 60.0,
        pauses: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0),
        allow_networks: Iterable[str] | None = PRIVATE,
        ca_bundle: str | None = None,
        on_wait: Callable[[Waiting | None], None] | None = None,
        keeper: Keeper | None = None,
        name: str = "",
    ) -> None:
        check_base(base_url)
        self.dialect = dialect
        self.base_url = base_url
        self.name = name
        self.max_concurrency = max_concurrency
        self.deadline = deadline
        self.max_wait = max_wait
        self._credentials = dict(credentials)
        self._pauses = pauses
        self._closed = threading.Event()
        self._throttle = Throttle(
            max_concurrency,
            requests_per_hour,
            longest=1.5 * deadline,
            keeper=keeper,
            on_wait=on_wait,
            sleep=self._closed.wait,
        )
        self._transport = Transport(max_concurrency, allow_networks, connect_timeout, ca_bundle)
        self._logins = Logins(self._sign_in)

    def __repr__(self) -> str:
        return f"<Client {self.name or self.base_url}>"

    def send(
        self, request: ApiRequest, *, max_wait: float | None = None, unless: threading.Event | None = None
    ) -> ApiResponse:
        """The answer to a signed-in request. A refused read raises; a refused write is returned for `outcomes` to
        judge, but SignedOut and Throttled are settled here. Only after one of these two is a write sent again.
        `max_wait`: another patience with throttling than the client's own. `unless`: looked at last of all, right
        before the bytes leave; once it is set nothing is sent.
        """
        call = self._call(request, lenient=request.writes)
        call.unless = unless
        if max_wait is not None:
            call.patience = min(call.patience, max_wait)
        return self._deliver(call)

    def converse(self, conversation: Generator[ApiRequest, ApiResponse, T]) -> T:
        """Carry a dialect's signed-in conversation to its end. It sees refusals such as 404 as answers."""
        return _drive(conversation, lambda request: self._deliver(self._call(request, lenient=True)))

    def address(self, request: ApiRequest) -> str:
        """The whole address this request would go to, with its query; signs in first, as that may tell the address."""
        return resolve(self._logins.current().access.base_url, request)

    def observe(self, observer: Observer) -> AbstractContextManager[None]:
        """Within it, `observer` is told of every exchange this client makes for this thread, in this thread."""
        return observed(self, observer)

    def budget(self) -> Budget:
        """Calls of the rolling hour, of all processes that share the keeper, and of others as far as the API told."""
        return self._throttle.budget()

    def ask_usage(self) -> None:
        """Ask the API for its own count of calls, unless it has none or somebody did so lately; budget() knows then."""
        request = self.dialect.usage()
        if request is None or not self._throttle.may_ask_usage():
            return
        seconds = min(USAGE_DEADLINE, self.deadline)
        try:
            answer = self._deliver(Call(request, seconds, 0.0, retries=READ_RETRIES, aside=True))
            usage = self.dialect.used(answer)
        except RemoteError as error:
            logger.info("The API's own count of calls is not known: %s", error.message)
            return
        self._throttle.heard_usage(usage.used, usage.limit)

    def limit_calls(self, per_hour: int | None) -> None:
        """Hold to this limit from the next call on; those of the hour so far count."""
        self._throttle.requests_per_hour = per_hour

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        """The waits going on now in this process."""
        return self._throttle.waiting

    def waiting_anywhere(self) -> tuple[Waiting, ...]:
        """The waits for time going on now in all processes that share the keeper, the shortest first."""
        return self._throttle.waiting_anywhere()

    def close(self) -> None:
        """Let go of the sockets; threads that wait give up without sending."""
        self._closed.set()
        self._transport.close()
        self._throttle.close()

    def _sign_in(self) -> Login:
        blank = Login(Access(self.base_url))
        conversation = self.dialect.sign_in(self.base_url, self._credentials)
        access = _drive(conversation, lambda request: self._deliver(self._call(request, login=blank, lenient=True)))
        check_base(access.base_url)
        return Login(access, blank.jar)

    def _call(self, request: ApiRequest, *, lenient: bool, login: Login | None = None) -> Call:
        return Call(request, self.deadline, self.max_wait, login, lenient)

    def _deliver(self, call: Call) -> ApiResponse:
        while True:
            login = call.login or self._logins.current()
            answer = self._attempt(call, login)
            error = self._verdict(call, answer)
            if error is None or not self._may_repeat(call, login, answer, error):
                return settled(call, answer, error)

    def _attempt(self, call: Call, login: Login) -> ApiResponse | Fault:
        """One exchange, in its turn and within what is left of the call's time."""
        request = call.request
        if self._throttle.asks_for_usage and not (call.aside or call.signing_in):
            self.ask_usage()
        outgoing = outgoing_of(request, login)
        with self._throttle.turn(request.lane, request.cap, call.patience) as waited:
            call.patience -= waited
            if self._closed.is_set():
                raise NotSent("The connection was closed before the request was sent.")
            if call.unless is not None and call.unless.is_set():
                raise NotSent("This was called off before it was sent.")
            call.attempts += 1
            began, started_at = time.monotonic(), datetime.now(UTC)
            answer = self._transport.carry(outgoing, call.seconds_left)
            seconds = time.monotonic() - began
        call.seconds_left -= seconds
        if not call.aside:
            tell(self, exchange_of(call, outgoing, answer, started_at, seconds).without(self._secrets(outgoing)))
        return answer

    def _secrets(self, outgoing: Outgoing) -> frozenset[str]:
        """What nobody is told: what we sign in with, and the session's cookies. Who signs in is no secret."""
        secrets = {value for name, value in self._credentials.items() if is_secret(name)}
        with suppress(RuntimeError):  # another lane's answer is setting a cookie just now
            secrets.update(cookie.value for cookie in outgoing.jar if cookie.value)
        return frozenset(secrets)

    def _verdict(self, call: Call, answer: ApiResponse | Fault) -> RemoteError | None:
        if isinstance(answer, Fault):
            return fault_error(call.request, answer)
        try:
            self.dialect.refusal(answer)
            if answer.text and answer.status < 300 and not call.signing_in:
                _ = answer.json
        except Unknown as error:
            return error if call.request.writes else Unavailable(error.message, status=error.status)
        except RemoteError as error:
            return error
        return None

    def _may_repeat(self, call: Call, login: Login, answer: ApiResponse | Fault, error: RemoteError) -> bool:
        if isinstance(error, SignedOut):
            return self._sign_in_again(call, login)
        if isinstance(error, Throttled):
            return self._hold_off(call, error)
        passing = isinstance(error, Unavailable) and error.status != NOT_IMPLEMENTED
        passing = passing and not (isinstance(answer, Fault) and not answer.passing)
        if call.request.writes or not passing or call.retries == READ_RETRIES:
            return False
        pause = self._pause(call.retries)
        call.retries += 1
        return call.seconds_left > pause and not self._closed.wait(pause)

    def _sign_in_again(self, call: Call, login: Login) -> bool:
        if call.signing_in or call.signed_in_again:
            return False
        call.signed_in_again = True
        self._logins.drop(login)
        return True

    def _hold_off(self, call: Call, error: Throttled) -> bool:
        pause = self._pause(call.throttled) if error.retry_after is None else error.retry_after
        call.throttled += 1
        if error.retry_after is not None or pause <= call.patience:
            self._throttle.hold_off(call.request.lane, pause)
        return pause <= call.patience

    def _pause(self, times: int) -> float:
        return self._pauses[min(times, len(self._pauses) - 1)] * random.uniform(0.75, 1.25)


def _drive(conversation: Generator[ApiRequest, ApiResponse, T], ask: Callable[[ApiRequest], ApiResponse]) -> T:
    with closing(conversation):
        try:
            request = next(conversation)
            while True:
                request = conversation.send(ask(request))
        except StopIteration as end:
            result: T = end.value
            return result
