"""Moments and numbers as pages show them: near ones in words, the exact value beside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify

from adminui.web.values import icon

register = template.Library()
STEPS = ((timedelta(days=1), "h", 3600), (timedelta(hours=1), "min", 60), (timedelta(minutes=1), "s", 1))


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """`5 min ago`, with the exact moment and its zone on hover; a date once it is more than a day."""
    return "" if moment is None else _time(moment, since(timezone.now() - moment, moment))


@register.filter
def clock(moment: datetime) -> SafeString:
    """The time of a moment whose day stands elsewhere."""
    return _time(moment, f"{moment:%H:%M}")


@register.filter
def outcome(word: str) -> SafeString:
    """The same as elements/outcome.html, for tables that draw hundreds."""
    slug = slugify(word)
    return format_html('<span class="outcome {}">{}{}</span>', slug, icon(slug), word)


@register.filter
def of(found: Mapping[Any, Any], key: object) -> Any:
    """What a mapping holds for a key that is a variable; None where there is nothing."""
    return found.get(key)


def since(age: timedelta, moment: datetime) -> str:
    if age < timedelta(seconds=5):
        return "just now"
    if age >= timedelta(days=1):
        return f"{moment:%d %b %Y, %H:%M}"
    unit, size = next((unit, size) for step, unit, size in reversed(STEPS) if age < step)
    return f"{int(age.total_seconds()) // size} {unit} ago"


def _time(moment: datetime, text: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact(moment), text)


def exact(moment: datetime) -> str:
    return f"{moment:%d %b %Y, %H:%M:%S} {moment.tzname()}"


@register.filter
def thin(number: int) -> str:
    """12 345 with thin separators."""
    return f"{number:,}".replace(",", "\u202f")
