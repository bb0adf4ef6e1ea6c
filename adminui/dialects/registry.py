"""The dialects there are. A new one is a module beside these and a line here."""

from __future__ import annotations

from typing import Final

from adminui.dialects.autotask import Autotask
from adminui.dialects.base import Dialect
from adminui.dialects.buzz import Buzz

DIALECTS: Final[dict[str, type[Dialect]]] = {"buzz": Buzz, "autotask": Autotask}
