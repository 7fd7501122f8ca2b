"""`gitexp evaluate`: a run's model on data that was held out."""

from __future__ import annotations

import click

from gitexp.cli.completion import complete_run
from gitexp.cli.ending import status_of_ended
from gitexp.cli.options import recover_runs, say, tell, with_project
from gitexp.cli.running_options import timeout_option
from gitexp.errors import ExitCode, GitexpError
from gitexp.model.evaluation import Evaluation
from gitexp.model.numbers import counted, number_text
from gitexp.project import Project
from gitexp.registry.naming import get_run
from gitexp.rerunning.evaluate import Wanted
from gitexp.rerunning.evaluate import evaluate as evaluate_run


@click.command(context_settings={"allow_interspersed_args": False})
@timeout_option
@click.option(
    "--allow-held-out",
    is_flag=True,
    help="Evaluate a run even if it has read held-out data.",
)
@click.argument("run", shell_complete=complete_run)
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[--] [COMMAND]...")
@with_project
def evaluate(
    project: Project,
    *,
    timeout: float | None,
    allow_held_out: bool,
    run: str,
    command: tuple[str, ...],
) -> int:
    """Run COMMAND on the model of RUN and on the held-out data, and keep its metrics.

    It runs in a copy of the tree of RUN, with what RUN wrote, the data that `held_out:` in
    gitexp.yaml names, and the files of the work tree that COMMAND names. The metrics that it
    writes are kept beside the run's own, as `held_out.NAME`, in `ls`, `show` and queries.
    Without COMMAND the `evaluate:` of gitexp.yaml is run. How often the data was looked at is
    counted: choosing by it makes it data to train on.

    \b
    Examples:
      gitexp evaluate best:accuracy -- python evaluate.py
      gitexp ls --where "held_out.accuracy > 0.9"
    """
    recover_runs(project, most_bytes=None)
    found = get_run(project, run)
    typed = command[1:] if command[:1] == ("--",) else command
    chosen = typed or project.config.evaluate
    if not chosen:
        raise GitexpError(
            "no command to evaluate with",
            hint="Give one, as `gitexp evaluate RUN -- python evaluate.py`, or set `evaluate:`"
            " in gitexp.yaml.",
        )
    ended = evaluate_run(project, found, Wanted(chosen, timeout, allow_held_out), tell)
    if ended.evaluation is None:
        tell(f"error: the evaluation of '{found.name}' failed, so nothing is kept of it")
        return status_of_ended(ended.ended)
    say(f"{found.name}: {_numbers(ended.evaluation)}")
    for path, looks in ended.looks.items():
        tell(f"note: models were evaluated on '{path}' {counted(looks, 'time')} by now")
    return ExitCode.OK


def _numbers(evaluation: Evaluation) -> str:
    return ", ".join(f"{name} {number_text(value)}" for name, value in evaluation.numbers.items())
