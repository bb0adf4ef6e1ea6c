"""Why a service refused, in words a page can show. Remote errors keep their own tree."""

from __future__ import annotations


class Refused(Exception):
    """Nothing was sent. `message` says why, `advice` what to do next."""

    status = 400

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


class NotAllowed(Refused):
    """The person lacks the right."""

    status = 403


class NotThere(Refused):
    """No such connection, resource, record, plan or worksheet."""

    status = 404


class Stale(Refused):
    """What was seen is not what is there any more."""

    status = 409


class BadInput(Refused):
    """What was given cannot be used."""

    status = 422
