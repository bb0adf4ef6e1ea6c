"""Moments for paper, where nothing can be looked up: whole, with their zone."""

from __future__ import annotations

from datetime import datetime

from django import template

register = template.Library()


@register.filter
def moment(at: datetime, exactness: str = "seconds") -> str:
    """`2026-11-22 10:41:07 UTC`, or with thousandths for `milli`."""
    thousandths = f".{at.microsecond // 1000:03d}" if exactness == "milli" else ""
    return f"{at:%Y-%m-%d %H:%M:%S}{thousandths} {at.tzname()}"
