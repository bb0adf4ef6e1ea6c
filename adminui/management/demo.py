"""What the demo consists of: three practice APIs, the connections to them, four people, and the greeting."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass

HOST = "127.0.0.1"
# What the sandboxes accept; they are imitations on loopback, so this opens nothing anywhere else.
SECRETS = {
    "DEMO_BUZZ_EMAIL": "ops@example.com",
    "DEMO_BUZZ_PASSWORD": "sandbox",
    "DEMO_AUTOTASK_USERNAME": "api@example.com",
    "DEMO_AUTOTASK_SECRET": "sandbox",
    "DEMO_AUTOTASK_CODE": "SANDBOX",
}
CREDENTIALS = {
    "buzz": {"email": "env:DEMO_BUZZ_EMAIL", "password": "env:DEMO_BUZZ_PASSWORD"},
    "autotask": {
        "username": "env:DEMO_AUTOTASK_USERNAME",
        "secret": "env:DEMO_AUTOTASK_SECRET",
        "integration_code": "env:DEMO_AUTOTASK_CODE",
    },
}
# What a house would say of its own tenants, one resource a line of TOML each.
OVERRIDES = {
    "buzz-acme": {
        "campaigns": [
            'columns = ["name", "advertiser_id", "active", "start_date", "end_date", "spend_budget", "notes"]',
            'labels = { alternative_id = "Insertion order" }',
        ],
        "line-items": [
            'columns = ["name", "campaign_id", "active", "type", "start_date", "end_date", "max_bid", "notes"]',
            'labels = { max_bid = "Maximum bid", alternative_id = "Insertion order" }',
            "max_batch = 200",
        ],
    },
    "buzz-live": {
        "line-items": [
            'columns = ["name", "campaign_id", "active", "start_date", "end_date", "max_bid"]',
            "max_batch = 50",
        ],
    },
    "autotask-acme": {
        "Companies": ['columns = ["companyName", "companyType", "phone", "city", "countryID", "isActive"]'],
        "Contacts": [
            'columns = ["firstName", "lastName", "companyID", "title", "emailAddress", "phone", "isActive"]',
            'labels = { emailAddress = "E-mail", companyID = "Company" }',
        ],
        "Tickets": [
            'columns = ["ticketNumber", "title", "companyID", "status", "priority", "queueID", "dueDateTime"]',
            'labels = { companyID = "Company", queueID = "Queue" }',
        ],
    },
}


@dataclass(frozen=True)
class PracticeApi:
    """A sandbox to start and the connection that leads to it."""

    name: str
    label: str
    dialect: str
    environment: str
    seed: int
    port: int
    control_port: int

    def arguments(self, records: int) -> list[str]:
        ports = ["--port", str(self.port), "--control-port", str(self.control_port)]
        return ["sandbox", self.dialect, *ports, "--records", str(records), "--seed", str(self.seed)]

    def toml(self) -> str:
        lines = [
            f"[connections.{self.name}]",
            f'label = "{self.label}"',
            f'dialect = "{self.dialect}"',
            f'base_url = "http://{HOST}:{self.port}"',
            f'environment = "{self.environment}"',
            f"[connections.{self.name}.credentials]",
            *(f'{key} = "{source}"' for key, source in CREDENTIALS[self.dialect].items()),
        ]
        for resource, said in OVERRIDES.get(self.name, {}).items():
            lines += [f"[connections.{self.name}.resources.{resource}]", *said]
        return "\n".join(lines) + "\n"


def practice_apis(port: "PortPicker") -> list[PracticeApi]:
    return [
        PracticeApi("buzz-acme", "Buzz (Acme)", "buzz", "sandbox", 1, port(9001), port(9101)),
        PracticeApi("buzz-live", "Buzz (Live)", "buzz", "production", 7, port(9003), port(9103)),
        PracticeApi("autotask-acme", "Autotask (Acme)", "autotask", "sandbox", 1, port(9002), port(9102)),
    ]


class PortPicker:
    """Gives the wanted port when nobody listens there, any free one otherwise, and none twice."""

    def __init__(self) -> None:
        self._given: set[int] = set()

    def __call__(self, wanted: int) -> int:
        port = next(port for port in self._candidates(wanted) if port not in self._given and _is_free(port))
        self._given.add(port)
        return port

    def _candidates(self, wanted: int) -> Iterator[int]:
        if wanted:
            yield wanted
        while True:
            with socket.create_server((HOST, 0)) as probe:
                port: int = probe.getsockname()[1]
            yield port


def _is_free(port: int) -> bool:
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        return False
    return True


def greeting(url: str, people: dict[str, str], apis: list[PracticeApi], logs: str) -> str:
    first = apis[0].label
    width = max(len(name) for name in people)
    logins = [f"    {name:<{width}}  password {password}" for name, password in people.items()]
    lines = [
        f"  adminui is ready at  {url}",
        "",
        "  Sign in as",
        *logins,
        "",
        "  Try first",
        f"    1. Sign in as lead, open {first}, then Campaigns.",
        "    2. Tick some rows and press “Edit … records” at the foot of the list.",
        "    3. Under “Change many rows” set a field for all of them, or edit single cells in the grid.",
        "    4. Press “Plan …” and read every value before → after, and the very requests that will be sent.",
        "    5. Press “Send …” and watch what becomes of each row; the history keeps all of it.",
        "",
        "  Practice APIs, each with a control plane to break it on purpose",
        *(f"    {api.label:<16} {_address(api.port)}   control {_address(api.control_port)}" for api in apis),
        "",
        f"  Logs are in {logs}. Ctrl-C ends everything.",
    ]
    bar = "─" * max(map(len, lines))
    return "\n".join(["", bar, *lines, bar, ""])


def _address(port: int) -> str:
    return f"http://{HOST}:{port}"
