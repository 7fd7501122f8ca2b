"""The data of runs on its way to and from DVC's remote."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from gitexp.data.dvc_project import find_root
from gitexp.data.progress import Progress
from gitexp.data.remote import DataRemote, Moved, NoDataRemote
from gitexp.errors import GitexpError
from gitexp.model.record_json import UnreadableRecord
from gitexp.project import Project
from gitexp.store.reading import StoredRun

_SHOWN = 5

Tell = Callable[[str], None]


@dataclass(frozen=True)
class DataOf:
    """What points to one piece of data, for messages."""

    path: str
    run: str

    def __str__(self) -> str:
        """Return the path, and the run in brackets."""
        return f"{self.path} ({self.run})"


Wanted = dict[str, DataOf]
"""The hash of each piece of data, and the newest run that points to it."""


def push_data(
    project: Project, runs: Iterable[StoredRun], tell: Tell, progress: Progress | None = None
) -> int:
    """Send the data of runs to the DVC remote; what cannot be sent is told in a warning.

    Returns how many files were sent. Raises GitexpError where the remote fails.
    """
    sent = 0
    for root, wanted in _by_root(project, runs).items():
        try:
            moved = _push(root, wanted, progress)
        except NoDataRemote as error:
            tell(f"warning: {error}, so {_listed(wanted)} stayed here")
            tell(f"hint: {error.hint} `gitexp push --all-data` then sends it.")
            continue
        sent += moved.count
        if moved.lost:
            lost = {name: of for name, of in wanted.items() if name in moved.lost}
            tell(f"warning: neither here nor on the DVC remote is {_listed(lost)}")
    return sent


def fetch_data(project: Project, run: StoredRun, progress: Progress | None = None) -> int:
    """Fetch the data of one run into the cache and return how many files came.

    Raises GitexpError where some of it is not to be had.
    """
    count = 0
    for root, wanted in _by_root(project, [run]).items():
        if root is None:
            raise GitexpError("DVC is not set up here", hint="Set it up with `gitexp init`.")
        with DataRemote(root, progress) as remote:
            moved = remote.fetch(wanted)
        count += moved.count
        if moved.lost:
            lost = {name: of for name, of in wanted.items() if name in moved.lost}
            raise GitexpError(
                f"neither here nor on the DVC remote is {_listed(lost)}",
                hint="Ask whoever made the run to send it with `gitexp push --all-data`.",
            )
    return count


def _push(root: Path | None, wanted: Wanted, progress: Progress | None) -> Moved:
    if root is None:
        raise NoDataRemote(
            "DVC is not set up here",
            hint="Set it up with `gitexp init` and `dvc remote add -d NAME URL`.",
        )
    with DataRemote(root, progress) as remote:
        return remote.push(wanted)


def _by_root(project: Project, runs: Iterable[StoredRun]) -> dict[Path | None, Wanted]:
    """Return what the pointers of the runs stand for, by the DVC project that it belongs to."""
    top = project.repository.top
    found: dict[Path | None, Wanted] = defaultdict(dict)
    for run in runs:
        with contextlib.suppress(UnreadableRecord):  # its data is for a newer gitexp to send
            root = find_root(top / run.project, top)
            for pointer in run.record.pointers:
                found[root][pointer.md5] = DataOf(pointer.path, run.name)
    return found


def _listed(wanted: Wanted) -> str:
    shown = ", ".join(str(of) for of in list(wanted.values())[:_SHOWN])
    more = f" and {len(wanted) - _SHOWN} more" if len(wanted) > _SHOWN else ""
    return f"the data of {shown}{more}"
