"""Autotask PSA: one record per call, named by the id in the body; children are written through their parent."""

from adminui.dialects.autotask.dialect import Autotask

__all__ = ["Autotask"]
