"""The hypotheses, and what became of them: what `gitexp story` tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from gitexp.comparison.chapter import Chapter, Merge
from gitexp.errors import GitexpError
from gitexp.model.message import numbers_by_name
from gitexp.model.numbers import spread_text
from gitexp.model.record import parse_time
from gitexp.notebook.chapters import chapters
from gitexp.project import Project
from gitexp.rendering.diff import changes_table
from gitexp.rendering.facts import reference_texts, status_text
from gitexp.review.statistics import Sample
from gitexp.ui.page import Asked, Page
from gitexp.ui.pages.runs import selected
from gitexp.ui.shown import ShownTable, shown

_MOST_RUNS = 300
"""The newest that a page tells of: a chapter asks git for its baseline."""


class ToldRun(Struct, frozen=True):
    """A run of a chapter."""

    id: str
    name: str
    status: str


class ToldChapter(Struct, frozen=True):
    """A chapter as texts."""

    title: str
    rest: str
    expected: str
    verdict: str
    references: tuple[str, ...]
    date: str
    baseline: str
    subject: str
    tables: tuple[ShownTable, ...]
    spread: tuple[str, ...]
    runs: tuple[ToldRun, ...]
    merges: tuple[Merge, ...]


def story_page(project: Project, asked: Asked) -> Page:
    """Return the chapters, the newest first."""
    problem: GitexpError | None = None
    most = asked.at_most(_MOST_RUNS)
    told: list[ToldChapter] = []
    more = 0
    try:
        selection = selected(project, asked)
    except GitexpError as error:
        problem = error
    else:
        runs = project.runs.index.select(replace(selection, sort=None, limit=most))
        more = project.runs.index.count(selection) - len(runs)
        told = [_told(one) for one in chapters(project, runs[::-1])][::-1]
    return Page(
        "story.html",
        "Hypotheses",
        {"asked": asked, "problem": problem, "chapters": told, "more": more, "most": most},
    )


def _told(chapter: Chapter) -> ToldChapter:
    record = chapter.last
    said, _, rest = record.message.strip().partition("\n")
    found = record.hypothesis
    return ToldChapter(
        title=said or (found.expect if found is not None else record.name),
        rest=rest.strip(),
        expected=found.expect if found is not None else "",
        verdict=(found.verdict or "not judged") if found is not None else "",
        references=tuple(reference_texts(found)) if found is not None else (),
        date=f"{parse_time(record.started):%Y-%m-%d}",
        baseline=record.baseline[:10],
        subject=chapter.baseline,
        tables=tuple(_tables(chapter)),
        spread=tuple(_spread(chapter)),
        runs=tuple(ToldRun(one.id, one.name, status_text(one)) for _, one in chapter.runs),
        merges=tuple(dict.fromkeys(chapter.merges)),
    )


def _tables(chapter: Chapter) -> Iterator[ShownTable]:
    for title, changes in (("Metrics", chapter.metrics), ("Params", chapter.params)):
        if changes:
            yield shown(changes_table(title, changes))


def _spread(chapter: Chapter) -> Iterator[str]:
    """Yield mean and standard deviation of each metric that all repeats have."""
    numbers: Sequence[dict[str, float]] = [
        dict(numbers_by_name(record.metrics)) for _, record in chapter.runs
    ]
    for name in numbers[-1]:
        if len(numbers) > 1 and all(name in one for one in numbers):
            sample = Sample(tuple(one[name] for one in numbers))
            yield f"{name} {spread_text(sample.mean, sample.deviation)}"
