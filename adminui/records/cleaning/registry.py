"""All clean-ups there are, by name: a literal list of the modules that hold them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from adminui.records.cleaning import changing, columns, contacts, cutting, mapping, parsing, replacing, texts
from adminui.records.cleaning.base import Transform
from adminui.records.cleaning.formula import transform as formula

_MODULES: Final = (texts, replacing, mapping, columns, cutting, contacts, parsing, formula, changing)

TRANSFORMS: Final[Mapping[str, Transform]] = {each.name: each for module in _MODULES for each in module.TRANSFORMS}
