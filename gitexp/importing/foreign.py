"""A run as another tool recorded it: what each reader gives, and what all imports go by.

A reader is a module `from_TOOL.py` with `found(place, …)`, which yields the runs of a store, the
oldest first where that costs nothing. It opens each only when `read` is called: a store may have
ten thousand, and most of them may be known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.model.names import ALPHABET, ID_LENGTH
from gitexp.model.record import DataPointer, Status
from gitexp.model.values import Value
from gitexp.series.series import Series

End = Literal["running"] | Status
"""How a run ended; 'running' is one of which the tool has no end."""


class NoStore(GitexpError):
    """There is nothing of the tool's at a place, or nothing that can be read."""


class Artifact(Struct, frozen=True, omit_defaults=True):
    """Something that a run left, by reference: nothing of it is copied."""

    name: str
    place: str = ""
    """A path or an address, as the tool has it, without passwords; of a folder of runs, the path in
    that folder: where it lies on the machine of whoever imports is nobody's business, and would
    make another commit in each clone.
    """
    size: int | None = None
    hash: str = ""
    """With its kind in front: `md5:…`."""
    kind: str = ""
    """What the tool calls it: a model, a data set."""


class ForeignRun(Struct, frozen=True, kw_only=True):
    """A run as another tool recorded it; what the tool does not keep is empty or None."""

    name: str = ""
    end: End = "done"
    exit_code: int | None = None
    signal: str | None = None
    reason: str | None = None
    """As in `gitexp.model.record.Exit`."""
    started: float | None = None
    """Seconds since 1970."""
    ended: float | None = None
    is_dated: bool = True
    """Whether the tool says when it was; else the times are those of a file, say."""
    command: tuple[str, ...] = ()
    """As it was typed; a single word with spaces went to the shell."""
    commit: str | None = None
    """What was checked out in the repository of the training, as the tool noted it."""
    message: str = ""
    tags: tuple[str, ...] = ()
    """Mere words. Tags with values belong to `labels`."""
    user: str | None = None
    host: str | None = None
    python: str | None = None
    platform: str | None = None
    packages: tuple[str, ...] = ()
    """What was installed, as `pip freeze` writes it."""
    params: Mapping[str, Value] = {}
    """Nested as the tool has them."""
    metrics: Mapping[str, Value] = {}
    """The last value of each."""
    curves: Sequence[Series] = ()
    """Of each key one; `gitexp.series.series.series_of_points` makes them of points."""
    group: str = ""
    """The experiment, project or folder that the tool has it in."""
    labels: Mapping[str, str] = {}
    """Tags that have values."""
    parent: str = ""
    """The key of the run that it is a part of."""
    artifacts: Sequence[Artifact] = ()
    pointers: tuple[DataPointer, ...] = ()
    """Data that is known by its md5."""
    extra: Mapping[str, Value] = {}
    """What else of the tool's is worth keeping."""
    problems: tuple[str, ...] = ()
    """What could not be mapped, a line each."""


class Found(Struct, frozen=True):
    """A run that a store has, before it is read."""

    key: str
    """What names it in that tool, for good and everywhere: the run's id is made of it."""
    label: str
    """What people call it there, for messages."""
    read: Callable[[], ForeignRun]
    """Reads all of it; raises GitexpError if that cannot be."""
    id: str = ""
    """Its id here, if it was a run of gitexp's before that tool had it."""
    is_compared: bool = False
    """Whether it is read even if it is here already, to say what changed: where that costs little.
    """


class Unreadable(Struct, frozen=True):
    """Something that should be a run and cannot be read, and why."""

    label: str
    reason: str


def foreign_id(tool: str, key: str) -> str:
    """Return the id of the run that a run of another tool becomes, the same in every clone.

    >>> foreign_id("dvc", "9e6f8fd9bd06a1a2f6d02f3fd4f1c0a5a5a1f2b3")
    'me8qmqct8m'
    """
    digits = hashlib.sha256(f"{tool}:{key}".encode(errors="surrogatepass")).digest()
    return "".join(ALPHABET[digit % len(ALPHABET)] for digit in digits[:ID_LENGTH])
