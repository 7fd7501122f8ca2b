"""What a sweep looks like at its end: the best points, what became of the others, what is next."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence

from gitexp.model.hypothesis import VERDICTS
from gitexp.model.numbers import counted
from gitexp.rendering.sweep_data import BEST, axes_shown, sweep_data, sweep_flat
from gitexp.rendering.sweep_progress import headline, title_of
from gitexp.rendering.sweep_table import Line, table_of, why_failed
from gitexp.rendering.table import Column, Document, Table
from gitexp.sweep.importance import importance_text
from gitexp.sweep.lacking import hint, is_hopeless
from gitexp.sweep.planning import MOST_POINTS
from gitexp.sweep.progress import Progress, Ranked, outcome_of, ranked
from gitexp.sweep.sweep import Sweep
from gitexp.sweep.without_effect import without_effect


def final_document(progress: Progress) -> Document:
    """Show a sweep at its end: the best points, what failed, and what to do next."""
    sweep = progress.sweep
    best = ranked(sweep, progress.settled)
    shown = best if len(sweep.objectives) > 1 else best[:BEST]
    is_one = len(sweep.objectives) == 1  # of several, none is better in all
    lines = [Line.of_point(one, is_best=is_one and not at) for at, one in enumerate(shown)]
    notes = [
        f"{title_of(sweep)}: {headline(progress)}",
        *_expected(progress),
        *_failures(progress),
        *_lacking(progress),
        *_without_result(progress),
        *_effects(progress),
        *_next(progress, best),
    ]
    return Document(
        data=lambda: sweep_data(progress),
        flat=lambda: sweep_flat(progress),
        tables=lambda: [_finaltable_of(sweep, lines, shown)] if lines else [],
        notes=tuple(notes),
    )


def _finaltable_of(sweep: Sweep, lines: Sequence[Line], shown: Sequence[Ranked]) -> Table:
    table = table_of(sweep, lines)
    of_runs = ("status", "worker", "repeat")
    kept = [at for at, one in enumerate(table.columns) if one.name not in of_runs]
    rows = [[row[at] for at in kept] for row in table.rows]
    named = [[one.first.name, *row] for one, row in zip(shown, rows, strict=True)]
    columns = (Column("run", "name"), *(table.columns[at] for at in kept))
    several = len(sweep.objectives) > 1
    return Table(columns, named, header=True, title="no point is better in all" if several else "")


def _expected(progress: Progress) -> Iterator[str]:
    """Yield what became of the expectation of a sweep."""
    hypothesis = progress.sweep.hypothesis
    if hypothesis is None:
        return
    found = Counter(one.verdict for one in progress.settled if one.verdict is not None)
    counts = [f"{found[verdict]} {verdict}" for verdict in VERDICTS if found[verdict]]
    if progress.covered:
        counts.append(f"{progress.covered} not judged, because covered (`--again all` runs them)")
    yield f"expected {hypothesis.expect}: {', '.join(counts) or 'nothing to judge'}"


def _failures(progress: Progress) -> Iterator[str]:
    failed = [one for one in progress.settled if outcome_of(one) == "failed"]
    if failed:
        first, why = failed[0], why_failed(failed[0])
        how = f"with {why}" if why.startswith("exit code") else why
        yield (
            f"{counted(len(failed), 'run')} failed, the first {how}: "
            f"`gitexp show {shlex.quote(first.name)}`"
        )
        name = shlex.quote(title_of(progress.sweep))
        which = "it" if len(failed) == 1 else "them"
        yield f"to run {which} again: `gitexp sweep --resume {name} --again failed`"
    if progress.given_up:
        numbers = ", ".join(str(spot.number) for spot in progress.given_up)
        yield f"given up, because they were lost again and again: points {numbers}"


def _lacking(progress: Progress) -> Iterator[str]:
    """Yield which metrics no run has; how points get one, if its name may be right."""
    mended = " Once that is mended, add `--again failed` to the same words."
    for metric in progress.lacking:
        words = f"no run has a number '{metric}'. {hint(metric, progress.metrics)}"
        yield words if progress.metrics else words + mended


def _without_result(progress: Progress) -> Iterator[str]:
    """Yield how many points have no value, and how they get one."""
    found = progress.without_result
    if not found or progress.lacking:
        return
    numbers = {one.spot.number for one in found}
    have = "has" if len(numbers) == 1 else "have"
    metrics = " or ".join(
        aim.metric
        for at, aim in enumerate(progress.sweep.objectives)
        if any(one.objectives[at] is None for one in found)
    )
    yield (
        f"{counted(len(numbers), 'point')} {have} no value of {metrics}: "
        f"`gitexp show {shlex.quote(found[0].name)}` has the metrics that there are; mend "
        "`metrics:` in gitexp.yaml, and add `--again failed` to the same words"
    )


def _effects(progress: Progress) -> Iterator[str]:
    """Yield which axes made no difference, as one that the command does not read, and what did."""
    sweep = progress.sweep
    found = without_effect(sweep, progress.settled)
    if found:
        metrics = " and ".join(aim.metric for aim in sweep.objectives)
        makes, them = ("makes", "it") if len(found) == 1 else ("make", "them")
        yield (
            f"{' and '.join(f'`{name}`' for name in found)} {makes} no difference to {metrics}: "
            f"does the command read {them}?"
        )
    if len(found) == len(axes_shown(sweep)):
        return
    if progress.importance is not None:
        yield f"what mattered: {importance_text(progress.importance)}"
    elif progress.why_unsaid:
        yield f"what mattered: {progress.why_unsaid}"


def _next(progress: Progress, best: Sequence[Ranked]) -> Iterator[str]:
    """Yield the commands that come next."""
    name = shlex.quote(title_of(progress.sweep))
    if progress.engine is not None:
        name += f" --engine {shlex.quote(progress.engine)}"
    commands = []
    is_open = not progress.is_done and not progress.is_ended
    if is_open and not is_hopeless(progress.sweep, progress.known.settled.values()):
        commands.append(f"gitexp sweep --resume {name}")
    if best:
        run = shlex.quote(best[0].first.name)
        commands += [f"gitexp apply {run}", f"gitexp show {run}"]
    elif progress.settled:
        commands.append(f"gitexp ls --where 'sweep = \"{title_of(progress.sweep)}\"'")
    space = progress.sweep.space
    may_be_whole = progress.sweep.sampler == "grid" and space.is_filtered
    most = int(min(progress.points * 2, space.count, MOST_POINTS))
    if progress.is_done and best and progress.points < most and not may_be_whole:
        commands.append(f"gitexp sweep --resume {name} -N {most}")
    if commands:
        yield f"next: {' · '.join(commands)}"
