"""A run of one commit in a process of its own, beside others; as a program, that process."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from gitexp.errors import GitexpError, reason_of
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.tracing.step import Step, make_run


class _Order(msgspec.Struct, frozen=True):
    """What such a process is told."""

    top: str
    folder: str
    oid: str
    step: Step


class _Answer(msgspec.Struct, frozen=True):
    """What it answers."""

    run_id: str = ""
    why: str = ""
    """Why there is no run."""


def run_beside(project: Project, oid: str, step: Step) -> str | GitexpError:
    """Run a commit, and return the id of its run, or why there is none.

    Ctrl-C reaches the process as it does this one: it ends its command, and records that.
    """
    order = _Order(str(project.repository.top), project.folder, oid, step)
    with tempfile.TemporaryDirectory(prefix="gitexp-") as empty:
        ended = subprocess.run(
            [sys.executable, "-m", "gitexp.tracing.beside"],
            cwd=empty,  # Python looks for modules there first
            input=msgspec.json.encode(order),
            capture_output=True,
            check=False,
        )
    try:
        answer = msgspec.json.decode(ended.stdout, type=_Answer)
    except msgspec.DecodeError:
        lines = ended.stderr.decode(errors="replace").strip().splitlines()
        return GitexpError(lines[-1] if lines else f"ended with status {ended.returncode}")
    return answer.run_id or GitexpError(answer.why)


def _carried_out(order: _Order) -> _Answer:
    """Make the run that is wanted."""
    with Project.open(Path(order.top) / order.folder) as opened:
        folder = TopPath(order.folder)
        with Project(opened.repository, folder, folder) as project:
            try:
                return _Answer(make_run(project, order.oid, order.step, lambda _: None).id)
            except (GitexpError, OSError) as error:
                return _Answer(why=reason_of(error))


if __name__ == "__main__":
    given = msgspec.json.decode(sys.stdin.buffer.read(), type=_Order)
    sys.stdout.buffer.write(msgspec.json.encode(_carried_out(given)))
