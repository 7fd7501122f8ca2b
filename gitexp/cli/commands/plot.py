"""`gitexp plot`: curves and values of runs, drawn."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from gitexp.cli.completion import complete_column, complete_drawn
from gitexp.cli.options import tell, with_reading_project
from gitexp.cli.pictures import chart_data, show_charts, write_charts
from gitexp.cli.selection import limit_option, where_option
from gitexp.cli.subjects import subjects_in
from gitexp.comparison.query.spelling import constant_text
from gitexp.errors import GitexpError
from gitexp.gallery.drawing import refuse_other_suffix
from gitexp.gallery.wanted import KINDS, OF_ALL_RUNS, Kind, Wanted, charts_of, everything
from gitexp.model.text import harmless_json
from gitexp.model.values import dumps
from gitexp.plots.chart import Chart, Log
from gitexp.plots.curves import Manner
from gitexp.project import Project
from gitexp.store.sweep_names import names_sweep

_AT_A_TERMINAL, _IN_A_FILE = 4, 40
"""How many metrics are drawn where none is named."""
_FEW, _MANY = 10, 1000
"""How many runs are drawn unless more are asked for."""


@click.command()
@click.argument("words", nargs=-1, metavar="[RUN|SWEEP|METRIC]...", shell_complete=complete_drawn)
@where_option
@limit_option("Draw at most this many runs or groups, the newest: 10 as curves, else 1000")
@click.option("--kind", type=click.Choice(KINDS), help="What to draw; curves by default.")
@click.option(
    "--x",
    "x",
    metavar="NAME",
    shell_complete=complete_column,
    help="Draw METRIC against this param or metric.",
)
@click.option("--file", "file", metavar="PATH", help="A table of each run: what `--kind` is of.")
@click.option("--group", "grouped", is_flag=True, help="Draw repeats as their mean, with a band.")
@click.option(
    "--smooth",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.0,
    metavar="WEIGHT",
    help="Smooth curves by a moving average of this weight, from 0 to 1.",
)
@click.option("--log", type=click.Choice(["x", "y", "xy"]), help="Which axes are logarithmic.")
@click.option("--time", "by_time", is_flag=True, help="Draw curves over seconds, not steps.")
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to this file: .svg, .png, .pdf, .html or .vl.json.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the points instead.")
@with_reading_project
def plot(
    project: Project,
    *,
    words: tuple[str, ...],
    where: str | None,
    limit: int | None,
    kind: Kind | None,
    x: str | None,
    file: str | None,
    grouped: bool,
    smooth: float,
    log: Log | None,
    by_time: bool,
    target: Path | None,
    as_json: bool,
) -> None:
    """Draw curves of METRICs of RUNs over one another, here or into a file.

    Without RUN the latest is drawn, without METRIC the first few. `--kind` draws final values of
    all runs instead: scatter (METRIC against --x), pareto (two METRICs), parallel (params beside
    METRICs), trend (METRIC over runs); or tables of predictions with --file: confusion, roc, pr;
    or what DVC's `plots:` define (dvc), or pictures that runs made (images). The name of a sweep
    draws its axes against what it is after.

    \b
    Examples:
      gitexp plot brave-otter calm-heron loss
      gitexp plot --where "lr < 0.1" val.loss --smooth 0.9 -o loss.svg
      gitexp plot accuracy --x params.lr --log x
      gitexp plot brave-otter calm-heron -o page.html
    """
    if target is not None:
        refuse_other_suffix(target)
    sweeps = [word for word in words if names_sweep(project.runs, word)]
    if sweeps:
        _refuse_several(sweeps, where)
        words = tuple(word for word in words if word not in sweeps)
        if (kind, x, file) == (None, None, None):
            charts = _of_sweep(project, sweeps[0], words, log or "", whole=target is not None)
            _hand_over(project, charts, target, sweeps, as_json=as_json)
            return
        where = f"sweep = {constant_text(sweeps[0])}"
    chosen = kind or _kind(x, file)
    many = chosen in OF_ALL_RUNS
    most = {None: _MANY if many else _FEW, 0: sys.maxsize - 1}.get(limit, limit) or 0
    drawn = subjects_in(
        project, words, where, most=most, every=many, grouped=grouped and chosen == "curves"
    )
    wanted = Wanted(
        chosen,
        drawn.names,
        x,
        file,
        Manner(smooth, log or "", grouped, by_time),
        _AT_A_TERMINAL if target is None and not as_json else _IN_A_FILE,
    )
    is_page = target is not None and target.suffix.lower() == ".html" and kind is None
    found = everything if is_page and chosen == "curves" else charts_of
    charts = found(project, drawn.subjects, wanted, tell)
    _hand_over(project, charts, target, [one.label for one in drawn.subjects], as_json=as_json)


def _hand_over(
    project: Project,
    charts: Sequence[Chart],
    target: Path | None,
    labels: Sequence[str],
    *,
    as_json: bool,
) -> None:
    if as_json:
        click.echo(harmless_json(dumps([chart_data(one) for one in charts])))
    elif target is None:
        show_charts(project, charts)
    else:
        write_charts(project, target, charts, labels)


def _refuse_several(sweeps: Sequence[str], where: str | None) -> None:
    if len(sweeps) > 1:
        raise GitexpError(
            f"{len(sweeps)} sweeps in one picture", "Name one; `gitexp ui` has a page of each."
        )
    if where is not None:
        raise GitexpError(
            f"'{sweeps[0]}' is a sweep, whose runs `--where` cannot choose from",
            f'Write `--where "sweep = {constant_text(sweeps[0])} and …"` alone.',
        )


def _of_sweep(
    project: Project, sweep: str, names: Sequence[str], log: Log, *, whole: bool
) -> list[Chart]:
    """Return the axes of a sweep against what it is after, or what of that is named."""
    from gitexp.presenting.sweep import sweep_charts  # noqa: PLC0415 - 60 ms with the one below, for sweeps
    from gitexp.sweep.definition import find_sweep  # noqa: PLC0415

    return sweep_charts(project, find_sweep(project, sweep), names, log, whole=whole)


def _kind(x: str | None, file: str | None) -> Kind:
    if file is not None:
        raise GitexpError(
            f"nothing says what '{file}' is drawn as",
            "Add `--kind confusion`, `--kind roc` or `--kind pr`.",
        )
    return "curves" if x is None else "scatter"
