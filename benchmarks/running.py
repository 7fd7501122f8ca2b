"""What a run costs beyond its command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Subject, alternate, nothing
from benchmarks.results import Result
from benchmarks.training import project_for_dvc, project_for_gitexp, reset, training_command
from benchmarks.workshop import Workshop, run

_AGAINST_DVC = 1 / 8
_AGAINST_DATALAD = 1 / 3


def fresh(workshop: Workshop) -> Iterator[Result]:
    """Each run starts from what is committed."""
    yield _overhead(workshop, "run", "each from the committed state", starts_fresh=True)


def again(workshop: Workshop) -> Iterator[Result]:
    """Each run starts from what the last one left: model, pointer and metrics lie there."""
    what = "each on top of the last one's model and pointer"
    yield _overhead(workshop, "run-again", what, starts_fresh=False)


def _overhead(workshop: Workshop, row: str, what: str, *, starts_fresh: bool) -> Result:
    dvc, command = workshop.peer("dvc"), training_command()
    bare = project_for_gitexp(workshop, f"{row}-alone")
    ours = project_for_gitexp(workshop, f"{row}-gitexp")
    theirs = project_for_dvc(workshop, f"{row}-dvc", command)

    def before(place: Path) -> None:
        if starts_fresh:
            reset(place)

    alone, with_gitexp, with_dvc = alternate(
        workshop.rounds,
        Subject(lambda: run(*command, cwd=bare), lambda: before(bare)),
        Subject(
            lambda: run(workshop.gitexp, "run", "--", *command, cwd=ours), lambda: before(ours)
        ),
        # Forced: with nothing changed DVC would not run the stage at all.
        Subject(lambda: run(dvc, "exp", "run", "--force", cwd=theirs), lambda: before(theirs)),
    )
    return Result(
        row,
        f"`gitexp run -- CMD` over CMD alone, {what}",
        "`dvc exp run --force` over CMD alone",
        with_gitexp.over(alone),
        with_dvc.over(alone),
        _AGAINST_DVC,
        notes=(f"CMD alone: {alone.median * 1000:.0f} ms; it writes 1 MB of new model each time",),
    )


def no_outputs(workshop: Workshop) -> Iterator[Result]:
    """A command that does nothing, so that only the recording counts."""
    datalad = workshop.peer("datalad")
    tools = Path(datalad).parent
    ours = workshop.repository("true-gitexp", {"README.md": "# Nothing\n"})
    theirs = workshop.folder / "true-datalad"
    run(datalad, "create", str(theirs), cwd=workshop.folder, path=tools)
    alone, with_gitexp, with_datalad = alternate(
        workshop.rounds,
        Subject(lambda: run("true", cwd=ours), nothing),
        Subject(lambda: run(workshop.gitexp, "run", "--", "true", cwd=ours)),
        Subject(lambda: run(datalad, "run", "true", cwd=theirs, path=tools)),
    )
    yield Result(
        "run-true",
        "`gitexp run -- true` over `true` alone",
        "`datalad run true` over `true` alone",
        with_gitexp.over(alone),
        with_datalad.over(alone),
        _AGAINST_DATALAD,
    )
