"""What a run in a copy of the work tree costs."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.measure import Subject, alternate
from benchmarks.results import Result
from benchmarks.training import project_for_dvc, project_for_gitexp, training_command
from benchmarks.workshop import Workshop, run

_BUDGET = 1 / 5
_BYTES = 1000


def temp(workshop: Workshop) -> Iterator[Result]:
    """A command that takes no time, so that only the copy and the recording count."""
    dvc, command = workshop.peer("dvc"), training_command(seconds=0, size=_BYTES)
    ours = project_for_gitexp(workshop, "temp-gitexp")
    theirs = project_for_dvc(workshop, "temp-dvc", command)
    mine, peer = alternate(
        workshop.rounds,
        Subject(lambda: run(workshop.gitexp, "run", "--temp", "--", *command, cwd=ours)),
        # Forced: with nothing changed DVC would not run the stage at all.
        Subject(lambda: run(dvc, "exp", "run", "--temp", "--force", cwd=theirs)),
    )
    yield Result(
        "temp",
        "`gitexp run --temp -- CMD`",
        "`dvc exp run --temp --force` on the same stage",
        mine,
        peer,
        _BUDGET,
        notes=(f"CMD starts Python and writes a model of {_BYTES} bytes and its metrics",),
    )
