"""Static files with a hash in their names, so that browsers may keep them for ever."""

import re
from collections.abc import Callable
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    # Our ES modules import one another by relative path; the hashed copies must import hashed copies.
    support_js_module_import_aggregation = True

    def url_converter(self, name: str, *args: Any, **kwargs: Any) -> Callable[[re.Match[str]], str]:
        convert: Callable[[re.Match[str]], str] = super().url_converter(name, *args, **kwargs)

        def only_files(found: re.Match[str]) -> str:
            """A script imports files by their whole name; `import("../htmx")` in htmx's comments names a type."""
            named = name.endswith(".js") and not found["url"].endswith(".js")
            return found["matched"] if named else convert(found)

        return only_files
