"""All clean-ups there are, by name: a literal list of the modules that hold them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from adminui.records.cleaning import changing, columns, mapping, replacing, texts
from adminui.records.cleaning.base import Transform

_MODULES: Final = (texts, replacing, mapping, columns, changing)

TRANSFORMS: Final[Mapping[str, Transform]] = {each.name: each for module in _MODULES for each in module.TRANSFORMS}
