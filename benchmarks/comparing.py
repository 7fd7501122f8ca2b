"""What it takes to see how two runs differ."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.measure import Subject, alternate
from benchmarks.results import Result
from benchmarks.training import project_for_dvc, project_for_gitexp, training_command
from benchmarks.workshop import Workshop, run

_BUDGET = 1 / 6


def diff(workshop: Workshop) -> Iterator[Result]:
    """Two runs of one training with another learning rate."""
    dvc, gitexp = workshop.peer("dvc"), workshop.gitexp
    command = training_command(seconds=0)
    ours = project_for_gitexp(workshop, "diff-gitexp")
    theirs = project_for_dvc(workshop, "diff-dvc", command)
    for name, rate in (("first-try", "0.2"), ("second-try", "0.3")):
        change = f"train.lr={rate}"
        run(gitexp, "run", "-n", name, "-S", change, "--", *command, cwd=ours)
        run(dvc, "exp", "run", "-n", name, "-S", change, cwd=theirs)
    mine, peer = alternate(
        workshop.rounds,
        Subject(lambda: run(gitexp, "diff", "first-try", "second-try", cwd=ours)),
        Subject(lambda: run(dvc, "exp", "diff", "first-try", "second-try", cwd=theirs)),
    )
    yield Result("diff", "`gitexp diff A B`", "`dvc exp diff A B`", mine, peer, _BUDGET)
