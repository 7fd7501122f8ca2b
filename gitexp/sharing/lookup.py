"""The table by which reviews find a few of very many runs, made by some of the pushes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from gitexp.errors import reason_of
from gitexp.git.commits_apart import CommitsApart
from gitexp.git.remotes import Remote, RemoteMoved
from gitexp.model.numbers import counted
from gitexp.store.lookup import covered, message_of, table
from gitexp.store.own import LOOKUP
from gitexp.store.reading import messages_between

NEW = 5000
"""From how many runs on that are in no table one is made, and a tenth of those that are in one."""
_PERSON = "gitexp <gitexp@localhost>"

Tell = Callable[[str], None]


def send_lookup(remote: Remote, tip: str, tell: Tell) -> bool:
    """Make the table of a branch that the remote has as far as `tip`, if it lacks many runs.

    Returns whether it was sent. Without it nothing is missing but speed, so that a remote that
    does not take it gets a note alone.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="gitexp-") as folder:
            apart = CommitsApart(remote, Path(folder) / "lookup.git")
            old = remote.tips(LOOKUP).get(LOOKUP)
            return _is_due(apart, old, tip) and _sent(apart, old, tip, tell)
    except RemoteMoved:  # somebody else sent one
        return False
    except Exception as error:  # noqa: BLE001 - a full disk, say: the runs are there all the same
        tell(f"note: the table of runs was not sent: {reason_of(error)}")
        return False


def _is_due(apart: CommitsApart, old: str | None, tip: str) -> bool:
    known = _covered(apart, old) if old is not None else None
    ends, there = [tip], 0
    if known is not None and _is_on(apart, known[0], tip):
        ends, there = [tip, f"^{known[0]}"], known[1]
    new = int(apart.repository.line("rev-list", "--count", *ends, "--"))
    return new >= NEW + there // 10


def _covered(apart: CommitsApart, old: str) -> tuple[str, int] | None:
    apart.fetch_apart(old, depth=1, without="tree:0")
    return covered(apart.contents([old])[0].partition(b"\n\n")[2].decode(errors="replace"))


def _is_on(apart: CommitsApart, commit: str, tip: str) -> bool:
    """Return whether the branch still has a commit; a purge makes others of all after it."""
    repository = apart.repository
    if repository.objects.commit(commit) is None:
        return False
    return repository.attempt("merge-base", "--is-ancestor", commit, tip).returncode == 0


def _sent(apart: CommitsApart, old: str | None, tip: str, tell: Tell) -> bool:
    files, count = table(messages_between(apart.repository, None, tip))
    many = counted(count, "commit")
    tell(f"note: sending '{apart.name}' a table of {many}, by which reviews find older runs")
    person = f"{_PERSON} {int(time.time())} +0000"
    made = apart.write(files, message_of(tip, count), person)
    apart.push(f"{made}:{LOOKUP}", lease=old)
    return True
