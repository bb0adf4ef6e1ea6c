"""Runnable imitations of the remote APIs, with their documented quirks as switches."""
