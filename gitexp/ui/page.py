"""A page as a value: what was asked, what is to be shown, and where its links lead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol
from urllib.parse import quote, urlencode

from msgspec import Struct, field

Query = tuple[tuple[str, str], ...]
"""What stands behind the `?` of an address."""


class Asked(Struct, frozen=True):
    """What a page is asked for."""

    name: str = ""
    """Of what it is about: a run, a sweep, a model."""
    query: Query = ()
    editing: bool = False
    """Whether whoever asks may tag, comment and hide runs."""
    most: int | None = None
    """How many runs there are to the pages, the newest: those of an export."""

    def at_most(self, count: int) -> int:
        """Return how many runs a page has that shows no more than that."""
        return count if self.most is None else min(count, self.most)

    def first(self, name: str) -> str:
        """Return a value of the query, '' if it has none."""
        return next((value for key, value in self.query if key == name), "")

    def every(self, name: str) -> list[str]:
        """Return all values of the query under a name, each once."""
        return list(dict.fromkeys(value for key, value in self.query if key == name and value))

    def number(self, name: str, default: int) -> int:
        """Return a natural number of the query, the default if it has none."""
        text = self.first(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default  # noqa: PLR2004 - what SQLite takes

    def but(self, **changed: str | int | None) -> Query:
        """Return the query with other values, None taking one away; empty ones are left out."""
        kept = [pair for pair in self.query if pair[0] not in changed and pair[1]]
        new = [(key, str(value)) for key, value in changed.items() if value is not None]
        return (*kept, *new)


def _in_address(text: str) -> bytes:
    """Return a text as an address takes it: file names need not be UTF-8, nor values Unicode."""
    try:
        return text.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return text.encode(errors="backslashreplace")


def _query(pairs: Iterable[tuple[str, str]]) -> str:
    return urlencode([(key, _in_address(value)) for key, value in pairs])


class Page(Struct, frozen=True):
    """What is to be shown."""

    template: str
    title: str
    values: Mapping[str, object] = field(default_factory=dict)
    status: int = 200


class Links(Protocol):
    """Where links lead."""

    is_static: bool
    """Whether the pages are files, which nobody answers."""

    def to(self, page: str, name: str = "", query: Iterable[tuple[str, str]] = ()) -> str:
        """Return the address of a page; '' if there is no such page."""
        ...

    def asset(self, name: str) -> str:
        """Return the address of a file of ours."""
        ...


class ServedLinks:
    """Links to pages that a server answers."""

    is_static = False

    def __init__(self, versions: Mapping[str, str]) -> None:
        self._versions = versions

    def to(self, page: str, name: str = "", query: Iterable[tuple[str, str]] = ()) -> str:
        """Return the address of a page."""
        path = f"/{page}/{quote(_in_address(name), safe='')}" if name else f"/{page}"
        pairs = list(query)
        return f"{path}?{_query(pairs)}" if pairs else path

    def asset(self, name: str) -> str:
        """Return the address of a file of ours; another content has another address."""
        return f"/assets/{name}?v={self._versions[name][:12]}"


class FileLinks:
    """Links from one page to others that are files, from whatever folder they are shown."""

    is_static = True

    def __init__(self, files: Mapping[tuple[str, str], str], here: str) -> None:
        """Prepare the links of the page `here`; `files` has the path of each page and name."""
        self._files = files
        self._up = "../" * here.count("/")

    def to(self, page: str, name: str = "", query: Iterable[tuple[str, str]] = ()) -> str:
        """Return the way to a file; a page with a query is none, unless it was asked for."""
        pairs = list(query)
        key = (page, f"{name}?{_query(pairs)}" if pairs else name)
        found = self._files.get(key)
        return f"{self._up}{quote(found)}" if found is not None else ""

    def asset(self, name: str) -> str:
        """Return the way to a file of ours."""
        return f"{self._up}assets/{name}"
