"""What a run in a copy of the work tree costs."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.measure import Subject, alternate
from benchmarks.results import Result
from benchmarks.training import PARAMS
from benchmarks.workshop import Workshop, commit_all, initialise_dvc, run

_BUDGET = 1 / 5
_SCRIPT = "echo '{\"loss\": 0.5}' > metrics.json\n"
_STAGE = """\
stages:
  trivial:
    cmd: sh trivial.sh
    deps: [trivial.sh]
    params: [seed]
    metrics:
      - metrics.json:
          cache: false
"""


def temp(workshop: Workshop) -> Iterator[Result]:
    """A command that takes no time, so that only the copy and the recording count."""
    dvc = workshop.peer("dvc")
    files = {"trivial.sh": _SCRIPT, "params.yaml": PARAMS}
    ours = workshop.repository("temp-gitexp", files)
    theirs = workshop.repository("temp-dvc", {**files, "dvc.yaml": _STAGE})
    for place in (ours, theirs):
        initialise_dvc(place, dvc)
    run(dvc, "repro", "--quiet", cwd=theirs)
    commit_all(theirs)
    command = ("sh", "trivial.sh")
    mine, peer = alternate(
        workshop.rounds,
        Subject(lambda: run(workshop.gitexp, "run", "--temp", "--", *command, cwd=ours)),
        # Forced: with nothing changed DVC would not run the stage at all.
        Subject(lambda: run(dvc, "exp", "run", "--temp", "--force", cwd=theirs)),
    )
    yield Result(
        "temp",
        "`gitexp run --temp -- sh trivial.sh`, which writes `metrics.json`",
        "`dvc exp run --temp --force` of a stage that does the same",
        mine,
        peer,
        _BUDGET,
    )
