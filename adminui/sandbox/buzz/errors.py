"""Refusals as Django REST framework words them."""

from typing import Any


class Refused(Exception):
    """An answer other than success, raised from wherever it is noticed; nothing was written."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.status, self.body, self.headers = status, body, headers or {}


class Invalid(Exception):
    """A value that fails validation; `errors` is a list of sentences, or a mapping of them by field."""

    def __init__(self, errors: Any) -> None:
        super().__init__(errors)
        self.errors = errors


def detail(status: int, sentence: str, headers: dict[str, str] | None = None) -> Refused:
    return Refused(status, {"detail": sentence}, headers)


def not_a_list(value: object) -> dict[str, list[str]]:
    return {"non_field_errors": [f'Expected a list of items but got type "{type(value).__name__}".']}


def not_a_dictionary(value: object) -> dict[str, list[str]]:
    return {"non_field_errors": [f"Invalid data. Expected a dictionary, but got {type(value).__name__}."]}


def throttled(seconds: int, *, header: bool) -> Refused:
    sentence = f"Request was throttled. Expected available in {seconds} seconds."
    return detail(429, sentence, {"Retry-After": str(seconds)} if header else None)
