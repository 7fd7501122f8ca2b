"""The data of runs on its way to and from DVC's remote."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from msgspec import Struct

from gitexp.data.checkout import DataSource
from gitexp.data.dvc_project import find_root
from gitexp.data.pointers import Pointer
from gitexp.data.progress import Progress
from gitexp.data.remote import DataRemote, NoDataRemote
from gitexp.data.transfer import Moved
from gitexp.errors import GitexpError
from gitexp.git.repository import Repository
from gitexp.model.record import DataPointer
from gitexp.model.record_json import UnreadableRecord
from gitexp.project import Project
from gitexp.revisions.versions import known_versions
from gitexp.store.stored_run import StoredRun

_SHOWN = 5
_SET_UP = "Set it up with `gitexp init` and `dvc remote add -d NAME URL`."
_DVC_FILES = (":(top,glob)**/*.dvc", ":(top,glob)**/dvc.yaml")
_WHERE = ("remote", "push", "repo")
"""Of an output that has a remote of its own, is not to be sent, or is another repository's."""

Tell = Callable[[str], None]


class DataOf(Struct, frozen=True):
    """What points to one piece of data, for messages."""

    path: str
    run: str

    def __str__(self) -> str:
        """Return the path, and the run in brackets."""
        return f"{self.path} ({self.run})"


class Sent(Struct, frozen=True):
    """What became of the data of runs."""

    files: int
    """How many files were sent."""
    left: frozenset[str]
    """The ids of the runs of which some stayed here."""


Part = tuple[StoredRun, Sequence[DataPointer]]
"""A run, and those of its pointers whose data one DVC project keeps."""

Wanted = dict[str, DataOf]
"""The hash of each piece of data, and the newest run that points to it."""


def push_data(
    project: Project,
    runs: Sequence[StoredRun],
    tell: Tell,
    progress: Progress | None = None,
    removed: Callable[[], frozenset[str]] = frozenset,
) -> Sent:
    """Send the data of runs to the DVC remote; warn about what cannot be sent.

    Nothing is said about data that only removed runs, as `removed` names them, have lost. Raises
    GitexpError if the remote fails.
    """
    sent, stayed = 0, set[str]()

    def missed() -> frozenset[str]:
        gone = removed()
        kept = (run for run in runs if run.id not in gone and not run.problem)
        return frozenset(pointer.md5 for run in kept for pointer in run.record.pointers)

    for root, some in _by_root(project, runs).items():
        if root is None:
            stayed |= _stayed(_wanted(some), tell, "DVC is not set up here", _SET_UP)
            continue
        try:
            versions = known_versions(project.repository, root, (run.oid for run, _ in some))
            with DataRemote(root, progress, versions) as remote:
                for name, wanted in _by_remote(project, remote, some).items():
                    count, here = _push(remote, name, wanted, tell, missed)
                    sent, stayed = sent + count, stayed | here
        except GitexpError as error:
            way_out = "`gitexp push --no-data` sends the runs alone."
            raise GitexpError(str(error), " ".join(filter(None, (error.hint, way_out)))) from error
    return Sent(sent, _with_any(runs, stayed))


def leave_data(project: Project, runs: Sequence[StoredRun], tell: Tell) -> Sent:
    """Report which data stays here, at the user's wish."""
    wanted: Wanted = {}
    for some in _by_root(project, runs).values():
        wanted |= _wanted(some)
    if wanted:
        _stayed(wanted, tell)
    return Sent(0, _with_any(runs, wanted))


def _with_any(runs: Iterable[StoredRun], hashes: Container[str]) -> frozenset[str]:
    """Return the ids of the runs that point to any of the data."""
    return frozenset(
        run.id
        for run in runs
        if not run.problem and any(pointer.md5 in hashes for pointer in run.record.pointers)
    )


def _push(
    remote: DataRemote,
    name: str | None,
    wanted: Wanted,
    tell: Tell,
    missed: Callable[[], Container[str]],
) -> tuple[int, set[str]]:
    """Return how many files were sent, and the hashes of what stayed here."""
    try:
        there = remote.versioned(wanted, name)
        wanted = {md5: of for md5, of in wanted.items() if md5 not in there}
        moved = remote.push(wanted, name) if wanted else Moved()
    except NoDataRemote as error:
        return 0, _stayed(wanted, tell, str(error), error.hint)
    lost = {md5: of for md5, of in wanted.items() if md5 in moved.lost}
    if lost and (lost := _only(lost, missed())):
        tell(f"warning: {_listed(lost)} is neither here nor on the DVC remote")
    return moved.count, set()


def _only(wanted: Wanted, hashes: Container[str]) -> Wanted:
    return {md5: of for md5, of in wanted.items() if md5 in hashes}


def _stayed(
    wanted: Wanted, tell: Tell, why: str | None = None, hint: str | None = None
) -> set[str]:
    reason = f"{why}, so " if why else ""
    tell(f"warning: {reason}{_listed(wanted)} stayed here")
    then = (
        "`gitexp push --all-data` then sends it." if hint else "`gitexp push --all-data` sends it."
    )
    tell(f"hint: {f'{hint} ' if hint else ''}{then}")
    return set(wanted)


def fetch_data(
    project: Project, run: StoredRun, tell: Tell, progress: Progress | None = None
) -> int:
    """Fetch the data of one run into the cache and return how many files came.

    What is damaged there gives way. Raises GitexpError if some of it cannot be had.
    """
    count = 0
    for root, some in _by_root(project, [run]).items():
        wanted = _wanted(some)
        if root is None:
            raise GitexpError("DVC is not set up here", hint="Set it up with `gitexp init`.")
        with DataSource(root, lambda text: tell(f"warning: {text}")) as source:
            for _, pointers in some:
                for pointer in pointers:
                    source.is_sound(Pointer(pointer.path, pointer.md5))
        with DataRemote(
            root, progress, known_versions(project.repository, root, [run.oid])
        ) as remote:
            moved = remote.fetch(wanted)
        count += moved.count
        if moved.lost:
            lost = {name: of for name, of in wanted.items() if name in moved.lost}
            raise GitexpError(
                f"{_listed(lost)} is neither here nor on the DVC remote",
                hint="Ask whoever made the run to send it with `gitexp push --all-data`.",
            )
    return count


def _by_root(project: Project, runs: Iterable[StoredRun]) -> dict[Path | None, list[Part]]:
    """Return the runs that have data, by the DVC projects that keep it."""
    top = project.repository.top
    found: dict[Path | None, list[Part]] = defaultdict(list)
    root_of = cache(lambda folder: find_root(folder, top))
    for run in runs:
        parts: dict[Path | None, list[DataPointer]] = defaultdict(list)
        with contextlib.suppress(UnreadableRecord):  # its data is for a newer gitexp to send
            for one in run.record.pointers:
                parts[root_of((top / run.project / one.path).parent)].append(one)
        for root, pointers in parts.items():
            found[root].append((run, pointers))
    return found


def _wanted(parts: Iterable[Part]) -> Wanted:
    """Return what the pointers of runs stand for."""
    return {
        pointer.md5: DataOf(pointer.path, run.name)
        for run, pointers in parts
        for pointer in pointers
    }


def _by_remote(project: Project, remote: DataRemote, parts: list[Part]) -> dict[str | None, Wanted]:
    """Return the data of runs by where DVC keeps it: the default remote, or an output's own."""
    found: dict[str | None, Wanted] = defaultdict(dict)
    speaking = saying_where(project.repository, [run.oid for run, _ in parts])
    for run, pointers in parts:
        own: Mapping[str, frozenset[str | None]] = {}
        if run.oid in speaking:
            with contextlib.suppress(GitexpError):  # a pipeline that DVC cannot read
                own = remote.own_remotes(run.oid)
        for md5, of in _wanted([(run, pointers)]).items():
            for name in own.get(md5, frozenset({None})):
                found[name][md5] = of
    return found


def saying_where(repository: Repository, oids: Sequence[str]) -> set[str]:
    """Return the commits in which an output may say where it goes; asking DVC takes far longer."""
    words = [option for word in _WHERE for option in ("-e", word)]
    found = set()
    for start in range(0, len(oids), 1000):
        some = oids[start : start + 1000]
        command = ("grep", "--name-only", "-z", "--word-regexp", *words, *some)
        said = repository.attempt(*command, "--", *_DVC_FILES).stdout
        found |= {line.partition(b":")[0].decode() for line in said.split(b"\0") if line}
    return found


def _listed(wanted: Wanted) -> str:
    shown = ", ".join(str(of) for of in list(wanted.values())[:_SHOWN])
    more = f" and {len(wanted) - _SHOWN} more" if len(wanted) > _SHOWN else ""
    return f"the data of {shown}{more}"
