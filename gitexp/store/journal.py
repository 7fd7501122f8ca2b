"""Runs under way: one file each, written before the command starts and gone when it is recorded."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct, to_builtins
from msgspec.structs import replace

from gitexp.git.repository import Repository
from gitexp.model.paths import TopPath
from gitexp.model.record import Job
from gitexp.store.locks import tried
from gitexp.store.onto_disk import OntoDisk
from gitexp.store.own import own_folder
from gitexp.store.processes import Place, marked_processes

T = TypeVar("T", bound=Struct)

BEGUN = "started.json"
"""In the folder of a run: there from the moment on in which its command begins."""


class Claim(Struct, frozen=True):
    """The run of a sweep that an entry takes: as long as it stands, nobody else may take it."""

    sweep: str
    """The id of the sweep."""
    number: int
    repeat: int = 1
    attempt: int = 1
    values: dict[str, Any] | None = None
    """What the point is, by the names of the axes; None until that is worked out."""
    known: str | None = None
    """Which results it is chosen by, as `ranges_text` writes it; None if the window says it."""


class Entry(Struct, frozen=True):
    """A run under way."""

    id: str
    name: str
    work_tree: str
    """The top of the work tree that it runs in."""
    folder: TopPath
    """The project's folder."""
    directory: TopPath
    """Where the command runs."""
    since: str
    """When it was begun, in ISO 8601."""
    owner: Place
    child: Place | None = None
    job: Job | None = None
    """The scheduler's, if it is part of one."""
    claim: Claim | None = None
    """Which run of a sweep it is, if it is one."""

    @property
    def is_over(self) -> bool:
        """Return whether both gitexp and its command are known to have ended."""
        if not self.owner.is_gone:
            return False
        return not self.lives_unnoted if self.child is None else self.child.is_gone

    @property
    def lives_unnoted(self) -> bool:
        """Whether a command runs here whose gitexp was killed before it could note its process.

        The environment that it was given shows it; without /proc, nobody can tell.
        """
        if self.child is not None:
            return False
        return any(marked_processes(self.id))

    @property
    def living(self) -> Place | None:
        """The process of the run that is alive and can be seen from here, if there is one."""
        places = (self.owner, self.child)
        return next((place for place in places if place is not None and place.is_seen), None)

    @property
    def who(self) -> str:
        """What runs, for people: gitexp, or the command that has outlived it."""
        if not self.owner.is_gone:
            return f"process {self.owner.pid} on {self.owner.host}"
        which = f"process {self.child.pid} " if self.child is not None else ""
        return f"its command alone, {which}on {self.owner.host}"


def is_any_under_way(repository: Repository) -> bool:
    """Return whether any run is under way, or was cut off; this looks at two folders."""
    own = own_folder(repository)
    for folder in (own.journal, own.runs):
        with contextlib.suppress(OSError), os.scandir(folder) as found:
            if any(found):
                return True
    return False


class Journal:
    """The runs under way in a repository, its linked work trees included."""

    def __init__(self, repository: Repository) -> None:
        own = own_folder(repository)
        self._folder, self._runs = own.journal, own.runs
        self._begun: list[OntoDisk] = []

    def scratch(self, run_id: str) -> Path:
        """Return the folder in which a run keeps what it needs until it is recorded."""
        return self._runs / run_id

    def clear_beginnings(self) -> None:
        """Remove what was left by a gitexp that was killed before it wrote its first entry.

        To be called with the lock held under which entries are first written.
        """
        import shutil  # noqa: PLC0415 - 2 ms, for its archives

        known = {  # a power cut may leave an empty one
            path.stem
            for path in self._folder.glob("*.json")
            if path.stat().st_size or (self._runs / path.stem / BEGUN).exists()
        }
        for place in [*self._folder.glob("*.*"), *self._runs.glob("*")]:
            if place.name.partition(".")[0] not in known:
                if place.is_dir():
                    shutil.rmtree(place, ignore_errors=True)
                else:
                    place.unlink(missing_ok=True)

    def entries(self) -> list[Entry]:
        """Return every run under way; a file that is half written does not count yet."""
        found = []
        for path in self._files(lambda name: name.endswith(".json")):
            with contextlib.suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
                found.append(_entry(json.loads(path.read_bytes()), _claim(claim_file(path))))
        return found

    def begin(self, entry: Entry) -> None:
        """Write an entry that has to outlive a power cut from `wait_for_disk` on.

        It counts at once: until then, nothing has begun that could be lost.
        """
        self.write(entry)
        self._begun.append(OntoDisk(self._path(entry.id)))

    def wait_for_disk(self) -> None:
        """Return once the disk has what was begun; raises OSError."""
        while self._begun:
            self._begun.pop().wait()

    def write(self, entry: Entry) -> None:
        """Write or replace an entry, whole or not at all.

        A claim goes into a file beside it, and before it: an older gitexp takes no entry that
        has more than it knows.
        """
        path = self._path(entry.id)
        path.parent.mkdir(parents=True, exist_ok=True)
        values = to_builtins(entry)
        claim = values.pop("claim")
        if claim is not None:
            _put(claim_file(path), claim)  # the plan will say it as well
        _put(path, values)

    def note_values(self, entry: Entry, values: dict[str, Any]) -> Entry:
        """Add what a point is to its entry; after a power cut it means nothing."""
        assert entry.claim is not None  # as the caller saw to
        noted = replace(entry, claim=replace(entry.claim, values=values))
        _put(claim_file(self._path(entry.id)), to_builtins(noted.claim))
        return noted

    def touch(self, run_id: str) -> None:
        """Show that whoever has claimed a point is alive; nothing, once the run is recorded."""
        with contextlib.suppress(OSError):
            os.utime(claim_file(self._path(run_id)))

    def silence(self, entry: Entry) -> float:
        """Return how many seconds ago whoever has claimed a point was last known to be alive.

        By the clock of the file system, which all hosts see: ours may be wrong by hours.
        """
        clock = self._folder / f"{entry.id}.clock-{os.getpid()}"
        try:
            clock.touch()
            return clock.stat().st_mtime - claim_file(self._path(entry.id)).stat().st_mtime
        except OSError:  # recorded meanwhile
            return 0.0
        finally:
            clock.unlink(missing_ok=True)

    def note_child(self, entry: Entry, pid: int) -> Entry:
        """Add the command's process to an entry; after a power cut it means nothing."""
        noted = replace(entry, child=Place.of(pid))
        self.write(noted)
        return noted

    def remove(self, entry: Entry) -> None:
        """Forget a run that is recorded, or was never started."""
        self._path(entry.id).unlink(missing_ok=True)
        for temporary in self._files(lambda name: name.startswith(f"{entry.id}.")):
            # of a write that was cut off
            temporary.unlink(missing_ok=True)

    @contextlib.contextmanager
    def claimed(self, entry: Entry, *, even_unseen: bool = False) -> Iterator[bool]:
        """Take an entry whose processes are gone; gives False if another process has it.

        The claim is a lock on the entry's file, so that it ends with whoever holds it.
        """
        path = self._path(entry.id)
        with contextlib.ExitStack() as claim:
            try:
                mine = claim.enter_context(tried(path, even_unseen=even_unseen))
            except OSError:  # recorded meanwhile, or not ours to write
                mine = False
            yield mine and path.exists()

    def _files(self, is_meant: Callable[[str], bool]) -> list[Path]:
        """Return files of the journal in order; `glob` compiles its pattern (0.3 ms)."""
        try:
            names = os.listdir(self._folder)  # noqa: PTH208 - names are all that is needed
        except OSError:
            return []
        return [self._folder / name for name in sorted(filter(is_meant, names))]

    def _path(self, run_id: str) -> Path:
        return self._folder / f"{run_id}.json"


def claim_file(entry: Path) -> Path:
    """Return the file beside an entry that says which run of a sweep it is."""
    return entry.with_suffix(".claim")


def _put(path: Path, values: dict[str, Any]) -> None:
    temporary = path.with_suffix(f".{os.getpid()}")
    temporary.write_text(json.dumps(values))
    temporary.replace(path)


def _claim(path: Path) -> Claim | None:
    """Return a claim; None for one that a power cut has torn, as the run's plan has it too."""
    with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
        return Claim(**_known(Claim, json.loads(path.read_bytes())))
    return None


def _entry(values: dict[str, Any], claim: Claim | None) -> Entry:
    """Return an entry; what a newer gitexp has put into it is passed over, the entry is not."""
    known = _known(Entry, values)
    child, job = known.get("child"), known.get("job")
    known |= {
        "owner": Place(**_known(Place, known["owner"])),
        "child": Place(**_known(Place, child)) if child else None,
        "job": Job(**_known(Job, job)) if job else None,
        "claim": claim,
    }
    return Entry(**known)


def _known(kind: type[T], values: dict[str, Any]) -> dict[str, Any]:
    names = kind.__struct_fields__
    return {name: value for name, value in values.items() if name in names}
