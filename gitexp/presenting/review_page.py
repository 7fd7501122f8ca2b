"""A review as a page: the answer first, then what differs, and pictures of both ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from gitexp.gallery.asked import Subject
from gitexp.plots.chart import Chart, Curve, Lines
from gitexp.presenting.report import LACKING, Report, everything_or_nothing
from gitexp.project import Project
from gitexp.pull_requests.traced import run_of_base, run_of_head
from gitexp.rendering.html import document_html, text
from gitexp.rendering.pictures import figures
from gitexp.rendering.review import review_document
from gitexp.review.review import Course, Review

Tell = Callable[[str], None]


def review_page(project: Project, review: Review, tell: Tell) -> Report:
    """Return the page; it says what the comment on a pull request says."""
    sign = "✅" if review.passed else "❌"
    warnings = "".join(f"<p>⚠️ {text(one)}</p>\n" for one in review.warnings)
    reasons = "".join(f"<li>{text(one)}</li>\n" for one in review.reasons)
    answer = f"<p><strong>{sign} {text(review.summary)}</strong></p>\n{warnings}"
    answer += f"<ul>\n{reasons}</ul>\n" if reasons else ""
    document = replace(review_document(review), notes=tuple(review.notes))
    charts: list[Chart] = [_course(one) for one in review.courses()]
    if not review.is_empty:
        charts += everything_or_nothing(project, list(_ends(project, review)), tell)
    body = answer + document_html(document) + figures(charts, lacking=LACKING)
    return Report(f"Review of {review.head.label}", body)


def _ends(project: Project, review: Review) -> Iterator[Subject]:
    """Yield the merge base and the head, or the runs behind them, which have their curves."""
    for label, end, run in (
        ("base", review.base, run_of_base(project, review)),
        ("head", review.head, run_of_head(project, review)),
    ):
        yield Subject(label, end.oid) if run is None else Subject(label, run.oid, run)


def _course(course: Course) -> Lines:
    places: list[float] = list(range(1, len(course.values) + 1))
    curves = [Curve(course.metric, places, course.values)]
    if course.base is not None:
        curves.append(Curve("base", places, [course.base] * len(places)))
    this = "" if course.at is None else f"number {course.at + 1} is behind this change"
    return Lines(
        f"{course.metric} over the last {len(places)} runs",
        "run",
        course.metric,
        tuple(curves),
        note=this,
        dots=True,
    )
