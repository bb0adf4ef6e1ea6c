"""The Beeswax / FreeWheel Buzz 2.0 API."""

from adminui.dialects.buzz.dialect import Buzz

__all__ = ["Buzz"]
