"""What a step of a recipe does, in words: by the labels of a worksheet's fields, or by their raw names."""

from __future__ import annotations

from adminui.records.casting import Invalid
from adminui.records.cleaning.base import Transformation
from adminui.records.cleaning.registry import TRANSFORMS
from adminui.services.bench.folding import Ready
from adminui.services.catalog import Opened
from adminui.services.errors import Refused


def in_words(opened: Opened, asked: Transformation) -> str:
    """Without saying in how many rows; by raw names where it makes no sense here."""
    try:
        return Ready(opened, asked).words
    except Refused:
        return said(asked)


def said(asked: Transformation) -> str:
    """By the raw names of its fields, for what belongs to no connection."""
    transform, names = TRANSFORMS.get(asked.name), ", ".join(asked.fields)
    if transform is None:
        return f"{asked.name} of {names}"
    try:
        return transform.words(names, transform.checked(asked.params))
    except (Invalid, LookupError, TypeError):
        return f"{transform.label}: {names}"
