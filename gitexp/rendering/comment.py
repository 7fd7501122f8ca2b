"""A review as the comment on a pull request: the answer first, the rest as far as there is room.

Whatever comes from the repository passes through `phrase`, `code` or a fence; all else is ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

from msgspec import Struct

from gitexp.model.numbers import counted
from gitexp.rendering.cells import NONE, shortened
from gitexp.rendering.comment_parts import Part, fitted
from gitexp.rendering.diff import diff_tables
from gitexp.rendering.formats.markdown import code, fenced, phrase, table_lines
from gitexp.rendering.review import metrics_table, moved, unchanged_text
from gitexp.rendering.table import Table
from gitexp.rendering.xychart import xychart
from gitexp.review.freshness import Freshness
from gitexp.review.judged import Outcome
from gitexp.review.review import Course, Pictured, Review, Traced
from gitexp.version import __version__

GITHUB_LIMIT = 65_536
"""The lowest limit that a host has, in characters; GitLab takes 1,000,000."""

_MOST_LINES = 100
"""How many lines of one part are worth reading."""
_MOST_PARTS = 20
"""How many parts of one kind are worth reading: one for each file, or each run."""
_LONGEST_PHRASE = 300
_ROOM = 400
"""The most that it takes to say that something was left out."""
_WORD = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)
_MARKS: dict[Outcome, str] = {
    "better": "🟢 better",
    "worse": "🔴 worse",
    "within tolerance": "⚪ within tolerance",
    "within noise": "⚪ within noise",
    "changed": "changed",
    "unchanged": "",
    "new": "new",
    "missing": "⚠️ missing",
}


def watermark(project: str) -> str:
    """Return the line by which the comment of a project is found again.

    >>> watermark(""), watermark("models/a-->b")
    ('<!-- gitexp:review . -->', '<!-- gitexp:review models/a--%3Eb -->')
    """
    return f"<!-- gitexp:review {quote(project, safe='/') or '.'} -->"


class Seen(Struct, frozen=True):
    """What there is to look at, besides what a review says."""

    pictures: tuple[Pictured, ...] = ()
    curves: tuple[Traced, ...] = ()


def comment(review: Review, most: int = GITHUB_LIMIT, seen: Seen | None = None) -> str:
    """Return the comment, of at most `most` bytes; it says what was cut."""
    found = _parts(review, seen or Seen())
    parts = [part.kept(_MOST_LINES) for part in found if part.lines or part.head]
    fitting, cut = fitted(parts, most - _ROOM)
    if cut:
        fitting.append(Part("", (f"Cut for lack of room: {', '.join(dict.fromkeys(cut))}.",)))
    return "\n\n".join(part.text for part in fitting) + "\n"


def _parts(review: Review, seen: Seen) -> Iterator[Part]:
    yield Part("", (watermark(review.project), _verdict(review)))
    if review.warnings:  # above all that somebody may have written to hide it
        yield Part("", tuple(f"⚠️ {_phrase(warning)}" for warning in review.warnings))
    reasons = tuple(f"- {_phrase(reason)}" for reason in review.reasons)
    if reasons:
        yield Part("reasons", reasons, rank=1)
    yield from _first(list(_metrics(review)), "files with metrics")
    yield from _unchanged(review)
    yield from _first(list(_runs(review.runs)), "runs")
    for at, course in enumerate(review.courses()):
        yield _chart(course, rank=4 + at)
    if seen.curves:
        yield _curves(seen.curves)
    if seen.pictures:
        yield _pictures(seen.pictures)
    yield from _sections(review)
    kept = tuple(f"- {_phrase(rule.words)}" for rule in review.verdict.rules if rule.kept)
    if kept:
        yield _folded(f"Demands that are kept ({len(kept)})", "kept demands", kept, rank=7)
    notes = tuple(f"- {_phrase(note)}" for note in review.notes if note not in review.warnings)
    if notes:
        yield Part("notes", notes, head="**Notes**\n\n", rank=3)
    yield Part("", (_footer(review),))


def _verdict(review: Review) -> str:
    sign = "✅" if review.passed else "❌"
    where = f" {code(shortened(review.project, 100))}" if review.project else ""
    return f"### {sign} gitexp{where}: {review.summary}"


def _phrase(words: str) -> str:
    return phrase(shortened(words, _LONGEST_PHRASE))


def _metrics(review: Review) -> Iterator[Part]:
    broken = {(one.file, one.subject) for one in review.verdict.broken}
    files = moved(review)
    places = {file for file, _ in broken}
    for file, metrics in sorted(files.items(), key=lambda one: one[0] not in places):
        marks = [
            "❌ " + (_MARKS[one.outcome].partition(" ")[2] or one.outcome)
            if (file, one.change.name) in broken
            else _MARKS[one.outcome]
            for one in metrics
        ]
        table = metrics_table(metrics, marks)
        title = f"**Metrics** ({code(shortened(file, 100))})\n\n" if len(files) > 1 else ""
        yield _table_part("metrics", table, rank=2, title=title)


def _first(parts: Sequence[Part], what: str) -> Iterator[Part]:
    """Yield the first parts of one kind, and how many more there are."""
    yield from parts[:_MOST_PARTS]
    if len(parts) > _MOST_PARTS:
        yield Part("", (f"… and {len(parts) - _MOST_PARTS} more {what}",))


def _unchanged(review: Review) -> Iterator[Part]:
    text = unchanged_text(review)
    if text:
        yield Part("", (f"{text[0].upper()}{text[1:]}.",))


def _table_part(name: str, table: Table, *, rank: int, title: str = "", foot: str = "") -> Part:
    head, rule, *rows = table_lines(table, ours={"outcome", "mark"})
    return Part(name, tuple(rows), head=f"{title}{head}\n{rule}\n", foot=foot, rank=rank)


def _runs(runs: Iterable[Freshness]) -> Iterator[Part]:
    for one in runs:
        if one.run is None or one.run_id is None:
            continue  # among the reasons
        name = one.run if _WORD.fullmatch(one.run) else one.run_id
        which = f"**Run** {code(shortened(one.run, 100))}"
        said = (
            "has the inputs that are here, and made these metrics"
            if one.fresh
            else "made these metrics, from inputs other than those here"
        )
        get = fenced(f"gitexp pull\ngitexp apply {name}", "sh")
        yield Part("run", (f"{which} {said}. To get it:\n\n{get}",), rank=3, whole=True)


def _chart(course: Course, *, rank: int) -> Part:
    chart, power = xychart(course.values, course.base)
    scale = f", in units of 10^{power}" if power else ""
    level = "" if course.base is None else "; the level line is the base"
    this = "" if course.at is None else f", of which number {course.at + 1} is behind this change"
    count = counted(len(course.values), "run")
    words = f"{code(shortened(course.metric, 60))} over the last {count}{this}{scale}{level}:"
    return Part("chart", (f"{words}\n\n{fenced(chart, 'mermaid')}",), rank=rank, whole=True)


def _curves(curves: Sequence[Traced]) -> Part:
    """Return curves as charts that the host draws itself; of base and head where both have one."""
    blocks = []
    for one in curves:
        chart, power = xychart(one.head, other=one.base or (), span=one.span)
        scale = f", in units of 10^{power}" if power else ""
        ends = "of the head" if one.base is None else "of the head, and in grey of the base"
        words = f"{code(shortened(one.key, 60))} {ends}, by step{scale}:"
        blocks.append(f"{words}\n\n{fenced(chart, 'mermaid')}\n")
    head = _opening(f"Curves ({len(blocks)})")
    return Part("curves", tuple(blocks), head=head, foot=_CLOSING, rank=6)


def _pictures(pictures: Sequence[Pictured]) -> Part:
    """Return pictures of base and head beside each other; their addresses are quoted already."""
    rows = tuple(
        f"| {_cell(one.path)} | {_shown('base', one.base)} | {_shown('head', one.head)} |"
        for one in pictures
    )
    head = f"{_opening(f'Pictures ({len(rows)})')}| | base | head |\n| --- | --- | --- |\n"
    return Part("pictures", rows[:_MOST_PARTS], head=head, foot=_CLOSING, rank=6)


def _cell(path: str) -> str:
    return code(shortened(path, 100)).replace("|", "\\|")


def _shown(end: str, address: str | None) -> str:
    return f"![{end}]({address})" if address is not None else NONE


_SECTIONS = {"Params": 5, "Data and models": 5, "Environment": 9, "Code": 8}


def _sections(review: Review) -> Iterator[Part]:
    tables: dict[str, list[Table]] = {}
    for table in diff_tables(review.diff):
        if table.title in _SECTIONS:
            tables.setdefault(table.title, []).append(table)
    for title, found in tables.items():
        parts = [_section(title, table, several=len(found) > 1) for table in found]
        yield from _first(parts, f"files with {title.lower()}")


def _section(title: str, table: Table, *, several: bool) -> Part:
    about = f"{code(shortened(table.about, 100))}\n\n" if several else ""
    opening = _opening(f"{title} ({counted(len(table.rows), 'change')})")
    rank = _SECTIONS[title]
    return _table_part(title.lower(), table, rank=rank, title=f"{opening}{about}", foot=_CLOSING)


_CLOSING = "\n\n</details>"


def _opening(summary: str) -> str:
    """Return the start of a folded section; its title is ours, never the repository's."""
    return f"<details><summary>{summary}</summary>\n\n"


def _folded(summary: str, name: str, lines: tuple[str, ...], *, rank: int) -> Part:
    return Part(name, lines, head=_opening(summary), foot=_CLOSING, rank=rank)


def _footer(review: Review) -> str:
    base, head = review.base.oid[:10], review.head.oid[:10]
    return f"<sub>The merge base `{base}` against `{head}`, by gitexp {__version__}.</sub>"
