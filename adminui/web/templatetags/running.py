"""Moments to come and how long a run took, as the pages of runs show them."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from adminui.runs.models import Run
from adminui.web.templatetags.shown import exact

register = template.Library()


@register.filter
def moment(at: datetime | None) -> SafeString | str:
    """`today at 14:30`, `on 3 Dec 2026 at 02:00`, with the exact moment and its zone on hover."""
    if at is None:
        return ""
    days = (at.date() - timezone.now().date()).days
    day = {0: "today", 1: "tomorrow"}.get(days, f"on {at.day} {at:%b %Y}")
    return format_html('<time datetime="{}" title="{}">{} at {}</time>', at.isoformat(), exact(at), day, f"{at:%H:%M}")


@register.filter
def took(run: Run) -> str:
    """From the first request to the end, pauses included."""
    if run.started_at is None or run.finished_at is None:
        return ""
    seconds = (run.finished_at - run.started_at).total_seconds()
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
