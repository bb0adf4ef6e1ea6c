"""Two sandboxes of one kind, as production and practice, with a connection to each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from adminui.sandbox.buzz import BuzzApi
from adminui.sandbox.server import serve_in_thread
from tests.conftest import SANDBOX_BUZZ, Live


@dataclass(frozen=True)
class Two:
    """The same records, in production and for practice, until somebody changes some."""

    production: Live
    practice: Live


@contextmanager
def two_places(configure: Callable[[str], None], records: int = 60) -> Iterator[Two]:
    with ExitStack() as stack:
        runnings = [stack.enter_context(serve_in_thread(BuzzApi(records=records, seed=1))) for _ in range(2)]
        text = SANDBOX_BUZZ.format(url=runnings[0].url)
        live = text.replace("buzz-test", "buzz-live").replace("Buzz (Test)", "Buzz (Live)")
        configure(live.replace('environment = "sandbox"', 'environment = "production"'))
        configure(SANDBOX_BUZZ.format(url=runnings[1].url))
        yield Two(Live(runnings[0], "buzz-live"), Live(runnings[1], "buzz-test"))
