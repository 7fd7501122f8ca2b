"""What it costs to run a run again, and to verify it, beyond its command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Subject, alternate
from benchmarks.results import Result
from benchmarks.workshop import Workshop, run

_AGAINST_DATALAD = 1 / 2
_SCRIPT = "echo '{\"accuracy\": 0.5}' > metrics.json\n"


def again(workshop: Workshop) -> Iterator[Result]:
    """A command that writes one number, the same each time: DataLad has nothing to save then."""
    datalad = workshop.peer("datalad")
    tools = Path(datalad).parent
    command = ("sh", "trivial.sh")
    ours = workshop.repository("rerun-gitexp", {"trivial.sh": _SCRIPT})
    run(workshop.gitexp, "run", "-n", "first", "--", *command, cwd=ours)
    theirs = workshop.folder / "rerun-datalad"
    run(datalad, "create", "-c", "text2git", str(theirs), cwd=workshop.folder, path=tools)
    (theirs / "trivial.sh").write_text(_SCRIPT)
    run(datalad, "save", cwd=theirs, path=tools)
    run(datalad, "run", "sh trivial.sh", cwd=theirs, path=tools)
    alone, with_rerun, with_verify, with_datalad = alternate(
        workshop.rounds,
        Subject(lambda: run(*command, cwd=ours)),
        Subject(lambda: run(workshop.gitexp, "rerun", "first", cwd=ours)),
        Subject(lambda: run(workshop.gitexp, "verify", "first", cwd=ours)),
        Subject(lambda: run(datalad, "rerun", cwd=theirs, path=tools)),
    )
    for row, ours_took in (("rerun", with_rerun), ("verify", with_verify)):
        yield Result(
            row,
            f"`gitexp {row} first` of `sh trivial.sh`, which writes `metrics.json`, "
            "over the command alone",
            "`datalad rerun` of the same over the command alone",
            ours_took.over(alone),
            with_datalad.over(alone),
            _AGAINST_DATALAD,
        )
