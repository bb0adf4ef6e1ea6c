"""What a list's address asks for, and addresses that ask for a little more or less."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.urls import reverse

SIZES = (50, 100, 200, 500)
SIZE = 100
REMEMBERED = 60  # earlier pages' ids kept in an address, which may not grow without end
_PLACE = {"page": 1, "after": "", "trail": ""}


@dataclass(frozen=True)
class Address:
    """`where` is the filter as JSON, `find` the quick search, `ids` and `columns` comma lists. `after` and `trail` are
    the last ids of the page before and of those before it, for an API that pages by id.
    """

    path: str
    where: str = ""
    find: str = ""
    ids: str = ""
    columns: str = ""
    size: int = SIZE
    page: int = 1
    after: str = ""
    trail: str = ""

    @classmethod
    def of(cls, request: HttpRequest, connection: str, resource: str) -> Address:
        return cls.read(reverse("list", args=[connection, resource]), request.GET)

    @classmethod
    def read(cls, path: str, asked: QueryDict) -> Address:
        texts = {name: asked.get(name, "").strip() for name in ("where", "find", "ids", "columns", "after", "trail")}
        size = _number(asked.get("size"), SIZE)
        return cls(path, **texts, size=size if size in SIZES else SIZE, page=_number(asked.get("page"), 1))

    @property
    def query_string(self) -> str:
        given = ((f.name, getattr(self, f.name)) for f in fields(self)[1:] if getattr(self, f.name) != f.default)
        return urlencode([(name, value) for name, value in given], safe=",")

    def __str__(self) -> str:
        return f"{self.path}?{self.query_string}" if self.query_string else self.path

    def but(self, **changes: str | int) -> Address:
        """The same with changes; what is asked for being another, its first page."""
        return replace(self, **{**_PLACE, **changes})  # type: ignore[arg-type]

    @property
    def view(self) -> Address:
        """What a saved view keeps: everything but the place in it."""
        return self.but()

    @property
    def column_names(self) -> list[str]:
        return [name for name in self.columns.split(",") if name]

    def at(self, page: int) -> Address:
        """Another page, where pages have numbers."""
        return self.but(page=page)

    def onward(self, after: object) -> Address:
        """The page behind this id, remembering the way here."""
        trail = [*self._trail, self.after] if self.after else self._trail
        return self.but(page=self.page + 1, after=str(after), trail=",".join(trail[-REMEMBERED:]))

    @property
    def back(self) -> Address | None:
        """The page before this one, as far as the way here is remembered."""
        if not self.after:
            return None
        *earlier, last = self._trail or [""]
        if not last and self.page > 2:
            return None
        return self.but(page=max(self.page - 1, 1), after=last, trail=",".join(earlier))

    @property
    def _trail(self) -> list[str]:
        return [each for each in self.trail.split(",") if each]


def _number(text: str | None, otherwise: int) -> int:
    short = text and text.isascii() and text.isdigit() and len(text) < 10
    return int(text) or otherwise if text and short else otherwise
