"""Answers that are not what was asked for, as the API words them. Texts marked *invented* are not in any source."""

from adminui.sandbox.http import Response

NOISE = "Error updating entity for record number [1]."
_HTML = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"><html><head><title>404 - File or directory not found.'
    "</title></head><body><h2>404 - File or directory not found.</h2></body></html>"
)


class Refusal(Exception):
    """Carries the answer to send instead."""

    def __init__(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        super().__init__(body)
        self.response = Response(status, body, dict(headers or {}))

    @property
    def errors(self) -> list[str]:
        body = self.response.body
        return list(body.get("errors", ())) if isinstance(body, dict) else []


def errors(*texts: str, status: int = 500) -> Refusal:
    return Refusal(status, {"errors": list(texts)})


def html_not_found() -> Refusal:
    return Refusal(404, _HTML)


def wrong_verb(method: str) -> Refusal:
    return Refusal(405, {"Message": f"The requested resource does not support http method '{method}'."})


def unauthorized(form: str) -> Refusal:
    if form == "html":
        return Refusal(401, "<html><head><title>401 - Unauthorized</title></head><body></body></html>")
    if form == "empty":
        return Refusal(401, None)
    return errors("The API user could not be authenticated with these credentials.", status=401)  # invented


def no_permission(verb: str) -> Refusal:
    return errors(f"The logged in Resource does not have the adequate permissions to {verb} this entity type.")


def too_many_threads(limit: int, method: str) -> Refusal:
    text = f"Thread Threshold Exceeded. The thread threshold of {limit} threads has been exceeded. Method: {method}"
    return errors(text, status=429)


def hour_spent(limit: int) -> Refusal:
    return errors(
        f"The request threshold of {limit} requests per 60 minutes has been exceeded.", status=429
    )  # invented


def unknown_field(name: str, singular: str) -> Refusal:
    return errors(f"Unable to find {name} in the {singular} Entity")
