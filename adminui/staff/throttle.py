"""Five failed sign-ins of one name from one address in fifteen minutes, then wait."""

import hashlib
import unicodedata
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from adminui.staff.models import LoginAttempt

LIMIT = 5
WINDOW = timedelta(minutes=15)


def attempt(username: str, ip: str) -> timedelta | None:
    """Count this attempt before the password is looked at, so a burst cannot slip by; or say how long to wait."""
    who = _key(username, ip)
    now = timezone.now()
    LoginAttempt.objects.filter(at__lte=now - WINDOW).delete()
    with transaction.atomic():
        _one_at_a_time(who)
        times = list(LoginAttempt.objects.filter(**who).order_by("-at").values_list("at", flat=True)[:LIMIT])
        if len(times) == LIMIT:
            return max(times[-1] + WINDOW - now, timedelta(seconds=1))
        LoginAttempt.objects.create(**who, at=now)
    return None


def _one_at_a_time(who: dict[str, str]) -> None:
    """Until the end of the transaction. SQLite lets one write at a time in any case; PostgreSQL would let all of a
    burst count the same few attempts.
    """
    if connection.vendor == "postgresql":
        key = hashlib.sha256(f"sign-in {who}".encode()).digest()
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [int.from_bytes(key[:8], signed=True)])


def clear(username: str, ip: str) -> None:
    LoginAttempt.objects.filter(**_key(username, ip)).delete()


def sentence(wait: timedelta) -> str:
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    plural = "" if minutes == 1 else "s"
    return f"Too many failed attempts. Try again in {minutes} minute{plural}; the password was not looked at."


def _key(username: str, ip: str) -> dict[str, str]:
    """The name as the sign-in form reads it: another spelling of the same letters must not count anew."""
    read = unicodedata.normalize("NFKC", username.replace("\0", "")).strip().lower()
    return {"username": read[:150], "ip": ip[:45]}
