"""What a report says: a run whole, two against each other, or many, each with its pictures."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.gallery.asked import Subject, subject_of
from gitexp.gallery.curves import NoCurves
from gitexp.gallery.repeats import newest_groups
from gitexp.gallery.wanted import Wanted, all_but_curves, charts_of, everything
from gitexp.model.numbers import counted
from gitexp.notebook.chapters import chapters, silent_after
from gitexp.plots.chart import Chart
from gitexp.plots.curves import Manner
from gitexp.presenting.comparison import differences_among
from gitexp.presenting.pair import pair_document
from gitexp.presenting.run import run_document
from gitexp.project import Project
from gitexp.rendering.differences import differences_document
from gitexp.rendering.html import document_html, text
from gitexp.rendering.ls import Shown, ls_document
from gitexp.rendering.page import markdown, page
from gitexp.rendering.pictures import figures
from gitexp.rendering.story import story_markdown
from gitexp.revisions.sides import read_several
from gitexp.store.stored_run import StoredRun

Tell = Callable[[str], None]

_LOG_LINES = 100
_COMPARED = 10
"""How many runs stand beside each other; of more there is a table with a row for each."""
_IN_GROUPS = Wanted(manner=Manner(grouped=True))
_PAIR = 2
LACKING = "This picture needs `pip install vl-convert-python` where the report is made."
"""Stands in place of a picture where the library that draws them is not installed."""


class Report(Struct, frozen=True):
    """A page before it is written."""

    title: str
    body: str

    @property
    def html(self) -> str:
        """The whole page."""
        return page(self.title, f"<h1>{text(self.title)}</h1>\n{self.body}")

    @property
    def undrawn(self) -> str | None:
        """What is to be said of pictures that stand in it as words alone."""
        missing = self.body.count(f"<p>{text(LACKING)}</p>")
        if not missing:
            return None
        left_out = f"{counted(missing, 'picture')} {'is' if missing == 1 else 'are'} left out"
        return (
            f"note: {left_out}, because vl-convert is not installed "
            "(`pip install vl-convert-python`)"
        )


def report(project: Project, subjects: Sequence[Subject], tell: Tell) -> Report:
    """Return what is to be said of these: one, two, or more."""
    first, *others = subjects
    if not others and first.run is None:
        raise GitexpError(
            f"'{first.label}' is no run", "Name a run, or what to compare the commit with."
        )
    if not others and first.run is not None:
        body = document_html(run_document(project, first.run, tell, log_lines=_LOG_LINES))
        title = first.label
    else:
        words = [one.oid or one.label for one in subjects]
        title = " and ".join(one.label for one in subjects)
        body = _compared(project, words)
    return Report(title, body + _pictures(everything_or_nothing(project, subjects, tell)))


def _compared(project: Project, words: Sequence[str]) -> str:
    sides = read_several(project, tuple(words), ())
    if len(sides) == _PAIR:
        return document_html(pair_document(project, *sides))
    found = differences_among(project, sides)
    return document_html(differences_document(found, [one.oid for one in sides]))


def report_of_many(project: Project, runs: Sequence[StoredRun], title: str, tell: Tell) -> Report:
    """Return what is to be said of the runs of a query, the newest first: the table, the story."""
    policy, now = project.config.policy, datetime.now(timezone.utc)
    rows = [(run.oid, run.record) for run in runs]
    parts = [document_html(ls_document(rows, policy=policy, now=now, shown=Shown()))]
    oldest_first = [Subject(run.name, run.oid, run) for run in runs][::-1]
    parts.append(_pictures(list(_over_all(project, oldest_first, tell))))
    told = list(chapters(project, runs[::-1]))
    if told:
        story = story_markdown("Story", told, others=silent_after(runs[::-1]))
        parts.append(markdown(story.replace("\n## ", "\n### ").replace("# Story", "## Story", 1)))
    return Report(title, "".join(parts))


def _over_all(project: Project, subjects: Sequence[Subject], tell: Tell) -> Iterator[Chart]:
    goals = [name for name, rule in project.config.policy.rules if rule.goal is not None]
    for wanted in (
        *(Wanted("trend", (name,)) for name in goals[:4]),
        *([Wanted("parallel", (goals[0],))] if goals and len(subjects) > 1 else []),
    ):
        try:
            yield from charts_of(project, subjects, wanted, tell)
        except GitexpError:  # a goal that these runs have no number for
            continue
    with contextlib.suppress(NoCurves):
        yield from charts_of(project, _in_groups(project, subjects), _IN_GROUPS, tell)
    yield from all_but_curves(project, subjects[-_COMPARED:], tell)


def _in_groups(project: Project, subjects: Sequence[Subject]) -> list[Subject]:
    """Return the runs of the newest groups; the oldest come first."""
    runs = [one.run for one in reversed(subjects) if one.run is not None]
    return [subject_of(run) for run in newest_groups(project, runs, _COMPARED)][::-1]


def everything_or_nothing(project: Project, subjects: Sequence[Subject], tell: Tell) -> list[Chart]:
    """Return curves, DVC's plots and pictures; none is an answer as well."""
    try:
        return everything(project, subjects, Wanted(), tell)
    except NoCurves:
        return []


def with_pictures(body: str, charts: Sequence[Chart]) -> str:
    """Return a page's content with pictures below it."""
    return body + _pictures(charts)


def _pictures(charts: Sequence[Chart]) -> str:
    return figures(charts, lacking=LACKING)
