"""`manage.py sandbox buzz`: a practice API on this machine, with a control plane to break it on purpose."""

import signal
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from adminui.management.children import die_with_parent
from adminui.sandbox.http import Api
from adminui.sandbox.server import serve_in_thread


def _buzz(records: int, seed: int) -> Api:
    from adminui.sandbox.buzz import BuzzApi

    return BuzzApi(records=records, seed=seed)


def _autotask(records: int, seed: int) -> Api:
    from adminui.sandbox.autotask import AutotaskApi

    return AutotaskApi(records=records, seed=seed)


APIS: dict[str, tuple[Callable[[int, int], Api], int, int]] = {
    "buzz": (_buzz, 9001, 9101),
    "autotask": (_autotask, 9002, 9102),
}


class Command(BaseCommand):
    help = "Runs an imitation of a remote API on loopback, with invented records."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("api", choices=sorted(APIS))
        parser.add_argument("--port", type=int, help="default: 9001 for buzz, 9002 for autotask; 0 takes a free one")
        parser.add_argument("--control-port", type=int, help="default: 9101 for buzz, 9102 for autotask")
        parser.add_argument("--records", type=int, default=2000, help="per main resource (default: 2000)")
        parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same records (default: 1)")
        parser.add_argument(
            "--die-with-parent", action="store_true", help="end when the process that started this ends"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["die_with_parent"]:
            die_with_parent()
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        make, port, control_port = APIS[options["api"]]
        port = port if options["port"] is None else options["port"]
        control_port = control_port if options["control_port"] is None else options["control_port"]
        with serve_in_thread(make(options["records"], options["seed"]), port, control_port) as running:
            self.stdout.write(f"{options['api']} answers at {running.url}, its control plane at {running.control_url}")
            self._wait(running.listener.wait)

    def _wait(self, until_stopped: Callable[[], None]) -> None:
        try:
            until_stopped()
        except KeyboardInterrupt:
            self.stdout.write("The sandbox has ended.")
