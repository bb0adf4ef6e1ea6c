"""What a step of a recipe does, in words: by the labels of a worksheet's fields, or by their raw names."""

from __future__ import annotations

from adminui.records.casting import Invalid
from adminui.records.cleaning.base import Transformation
from adminui.records.cleaning.registry import TRANSFORMS
from adminui.services.bench import conditions
from adminui.services.bench.folding import Ready
from adminui.services.catalog import Opened
from adminui.services.errors import Refused


def in_words(opened: Opened, asked: Transformation) -> str:
    """Without saying in how many rows; by raw names where it makes no sense here."""
    try:
        done = Ready(opened, asked).words
    except Refused:
        return said(asked)
    return f"{done} {conditions.in_words(asked.where, opened.resource)}".strip()


def said(asked: Transformation) -> str:
    """By the raw names of its fields, for what belongs to no connection."""
    return f"{_done(asked)} {conditions.in_words(asked.where)}".strip()


def _done(asked: Transformation) -> str:
    transform, names = TRANSFORMS.get(asked.name), ", ".join(asked.fields)
    if transform is None:
        return f"{asked.name} of {names}"
    try:
        return transform.words(names, transform.checked(asked.params))
    except (Invalid, LookupError, TypeError):
        return f"{transform.label}: {names}"
