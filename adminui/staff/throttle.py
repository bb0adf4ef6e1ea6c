"""Five failed sign-ins of one name from one address in fifteen minutes, then wait."""

import unicodedata
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from adminui.staff.models import LoginAttempt

LIMIT = 5
WINDOW = timedelta(minutes=15)


def attempt(username: str, ip: str) -> timedelta | None:
    """Count this attempt before the password is looked at, so a burst cannot slip by; or say how long to wait."""
    who = _key(username, ip)
    now = timezone.now()
    with transaction.atomic():
        LoginAttempt.objects.filter(at__lte=now - WINDOW).delete()
        times = list(LoginAttempt.objects.filter(**who).order_by("-at").values_list("at", flat=True)[:LIMIT])
        if len(times) == LIMIT:
            return times[-1] + WINDOW - now
        LoginAttempt.objects.create(**who, at=now)
    return None


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
