"""What goes to a worker for one run, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, field, msgpack

from gitexp.errors import GitexpError, reason_of
from gitexp.model.names import check_name, is_id
from gitexp.store.journal import Claim
from gitexp.sweep.remote.faults import disk_of
from gitexp.sweep.remote.objects import Caches
from gitexp.sweep.remote.versions import versions_here
from gitexp.sweep.sampling.sampler import Result

MOST_LOG = 8_000_000
"""Bytes of the output that go home; the record has its beginning and end in any case."""


class RemotePoint(Struct, frozen=True):
    """A run that is to be made: all that its point is a function of was worked out already."""

    run_id: str
    """Fixed when it was taken: a task that is done twice is one run."""
    name: str
    key: str
    """Of the kit that it is made of."""
    claim: Claim
    call: str
    """As `Call` writes itself."""
    since: str
    engine: str
    wanted: int | None = None
    """How many points the call wants: a kit may be of a call that wanted fewer."""
    places: Mapping[str, int] = field(default_factory=dict)
    """How many runs each host makes at once."""
    results: tuple[Result, ...] = ()
    """What its point may know, for those that may be cut off."""

    def to_bytes(self) -> bytes:
        """Return the run as it is sent."""
        return msgpack.encode(self)

    @classmethod
    def from_bytes(cls, content: bytes) -> RemotePoint:
        """Read what was sent."""
        return msgpack.decode(content, type=cls)


def checked(point: RemotePoint) -> RemotePoint:
    """Return a run that a worker has; raises GitexpError if its id or name could not be ours.

    Files and folders are named by them.
    """
    if not is_id(point.run_id):
        raise GitexpError(f"'{point.run_id}' is not the id of a run")
    check_name(point.name)
    return point


class Parcel(Struct, frozen=True):
    """A run that was made, or why there is none."""

    run_id: str
    host: str
    tree: str = ""
    """Of its commit; the commit itself is made at home."""
    pack: bytes = b""
    """What of that tree is not in the kit."""
    caches: Caches = field(default_factory=dict)
    """The models that it wrote."""
    log: bytes = b""
    """The end of its output, compressed."""
    notes: tuple[str, ...] = ()
    """What is to be told."""
    error: str | None = None
    """Why it could not be made, as a GitexpError says it."""
    hint: str | None = None
    is_host: bool = False
    """Whether it is the host that cannot make it, as where its disk is full: others may."""
    disk: int = 0
    """Which disk of the host that was."""
    stopped: bool = False
    """Whether it was told to stop before its command began."""
    died: str | None = None
    """What ended the process that was to make it."""

    def to_bytes(self) -> bytes:
        """Return the parcel as it is sent."""
        return msgpack.encode(self)

    @classmethod
    def of(cls, error: Exception, run_id: str, folder: Path, *, is_host: bool) -> Parcel:
        """Return what is sent of a run that could not be made in a folder."""
        hint = getattr(error, "hint", None)
        host = versions_here().host
        reason, disk = reason_of(error), disk_of(folder)
        return cls(run_id, host, error=reason, hint=hint, is_host=is_host, disk=disk)

    @classmethod
    def from_bytes(cls, content: bytes) -> Parcel:
        """Read what was sent; raises msgspec.MsgspecError."""
        return msgpack.decode(content, type=cls)


class Held(Struct, frozen=True):
    """A run that a worker has, finished or not."""

    point: RemotePoint
    ended: bool

    def to_bytes(self) -> bytes:
        """Return it as it is sent."""
        return msgpack.encode(self)

    @classmethod
    def from_bytes(cls, content: bytes) -> Held:
        """Read what was sent; raises msgspec.MsgspecError."""
        return msgpack.decode(content, type=cls)
