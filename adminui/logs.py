"""Log lines as JSON, one per event, each with the request's id and never with a secret."""

import json
import logging
import re
import secrets
from collections.abc import Collection, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import quote, quote_plus

request_id: ContextVar[str] = ContextVar("request_id", default="")

HIDDEN = "[hidden]"
SHORTEST = 4  # characters of a value that is hidden wherever it stands
_SECRET = r"password|passwd|secret|apiintegrationcode|integration[_-]code|token|sessionid|api[_-]?key"
_WHOLE_LINE = r"authorization|cookie"
_SECRET_KEY = re.compile(rf"{_SECRET}|{_WHOLE_LINE}", re.IGNORECASE)
_QUOTED = r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'"
_SECRET_TEXT = re.compile(
    # Words are entered at their start only and not given back: a long one must not take time by its square.
    rf"(?P<key>(?<![\w-])[\w-]*(?:{_SECRET})[\w-]{{0,100}}+[\"']?\s*+[:=]\s*+)(?:{_QUOTED}|[^\s,;&}}\])]+)"
    rf"|(?P<header>(?<![\w-])[\w-]*(?:{_WHOLE_LINE})[\w-]{{0,100}}+[\"']?\s*+[:=]\s*+)(?:{_QUOTED}|[^\r\n]+)",
    re.IGNORECASE,
)
# What every LogRecord has; anything else came in through `extra=`.
_STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}


def is_secret(name: str) -> bool:
    """Whether what goes by this name is to be hidden."""
    return _SECRET_KEY.search(name) is not None


def redact(value: Any) -> Any:
    """The same value with everything that looks like a secret hidden: by key in mappings, by pattern in text."""
    if isinstance(value, str):
        return _SECRET_TEXT.sub(lambda found: f"{found['key'] or found['header']}{HIDDEN}", value)
    if isinstance(value, Mapping):
        return {key: HIDDEN if _SECRET_KEY.search(str(key)) else redact(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [redact(inner) for inner in value]
    return value


def redacted(text: str, secrets: Collection[str]) -> str:
    """The same text with each of these very values hidden, also as JSON, an address or HTML would spell it.

    What is shorter than SHORTEST is left: hiding every "1" would hide nothing and spoil the rest.
    """
    for spelt in _spellings(frozenset(secrets)):
        text = text.replace(spelt, HIDDEN)
    return text


@lru_cache(maxsize=64)
def _spellings(secrets: frozenset[str]) -> tuple[str, ...]:
    """The longest first: one may be part of another."""
    kept = [secret for secret in secrets if len(secret) >= SHORTEST]
    as_json = (json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for secret in kept for ascii_only in (True, False))
    spelt = {*kept, *as_json, *map(quote, kept), *map(quote_plus, kept), *map(escape, kept)}
    return tuple(sorted(spelt, key=len, reverse=True))


def new_request_id() -> str:
    return secrets.token_hex(8)


def extras(record: logging.LogRecord) -> dict[str, Any]:
    return {key: value for key, value in vars(record).items() if key not in _STANDARD}


class RedactSecrets(logging.Filter):
    """Runs before every handler's formatter, so no formatter ever sees a secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        # Redacted while still a mapping: keys are surer than patterns.
        if isinstance(record.args, Mapping):
            record.args = redact(record.args)
        record.msg, record.args = redact(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        record.exc_text = redact(record.exc_text)
        vars(record).update(redact(extras(record)))
        return True


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get(),
            **extras(record),
            "exception": record.exc_text,
        }
        return json.dumps({key: value for key, value in line.items() if value not in ("", None)}, default=str)
