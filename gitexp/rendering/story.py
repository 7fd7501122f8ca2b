"""What `gitexp story` prints: a lab notebook, as Markdown in which no name or value is live."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from gitexp.comparison.changes import Change
from gitexp.comparison.chapter import Chapter, Merge
from gitexp.model.hypothesis import Hypothesis
from gitexp.model.message import numbers_by_name
from gitexp.model.numbers import counted, spread_text
from gitexp.model.record import parse_time
from gitexp.rendering.diff import changes_table
from gitexp.rendering.facts import reference_texts, status_text
from gitexp.rendering.formats.markdown import alike, code, inline, phrase, table_lines
from gitexp.rendering.page import markdown, page
from gitexp.rendering.table import Table
from gitexp.review.statistics import Sample

_OID_DIGITS = 10


def story_markdown(title: str, chapters: Sequence[Chapter], *, others: int) -> str:
    """Return the notebook of a project; `others` runs without a word came last."""
    blocks = [f"# {inline(title)}"]
    for one in chapters:
        if one.others:
            blocks.append(f"*{_silent(one.others)}*")
        blocks += _blocks(one)
    if others:
        blocks.append(f"*{_silent(others)}*")
    if not chapters:
        words = "No run says what it is meant to find out: `-m` and `--expect` of `gitexp run` do."
        blocks.append(words)
    return "\n\n".join(blocks) + "\n"


def story_html(title: str, source: str) -> str:
    """Return the same as a page of its own, which loads nothing and runs nothing."""
    return page(title, markdown(source))


def _silent(count: int) -> str:
    return f"{counted(count, 'run')} without a word"


def _blocks(chapter: Chapter) -> Iterator[str]:
    record = chapter.last
    said, _, rest = record.message.strip().partition("\n")
    title = said or (record.hypothesis.expect if record.hypothesis is not None else record.name)
    yield f"## {inline(' '.join(title.split()))}"
    if rest.strip():
        yield "\n".join(
            f"> {inline(line)}" if line.strip() else ">" for line in rest.strip().split("\n")
        )
    if record.hypothesis is not None:
        yield _expected(record.hypothesis)
    yield _when(chapter)
    for what, changes in (("metric", chapter.metrics), ("param", chapter.params)):
        if changes:
            yield "\n".join(table_lines(_table(what, changes)))
    if len(chapter.runs) > 1:
        yield from _spread(chapter)
    yield _runs(chapter)
    yield from (_merged(one) for one in dict.fromkeys(chapter.merges))


def _table(what: str, changes: Sequence[Change]) -> Table:
    """Return the changes; of a param there is no more to say than what it was and is."""
    table = changes_table(f"{what}s".capitalize(), changes)
    columns, rows = table.columns, table.rows
    if what == "param":
        columns, rows = columns[:3], [row[:3] for row in rows]
    return Table((replace(columns[0], head=what), *columns[1:]), rows, header=True)


def _expected(hypothesis: Hypothesis) -> str:
    verdict = hypothesis.verdict or "not judged"
    told = "; ".join(reference_texts(hypothesis))
    return f"Expected {code(hypothesis.expect)}: **{inline(verdict)}**" + (
        f" ({phrase(told)})." if told else "."
    )


def _when(chapter: Chapter) -> str:
    record = chapter.last
    date = f"{parse_time(record.started):%Y-%m-%d}"
    start = code(record.baseline[:_OID_DIGITS])
    about = f" ({inline(chapter.baseline)})" if chapter.baseline else ""
    return f"{date}, on {start}{about}."


def _spread(chapter: Chapter) -> Iterator[str]:
    """Yield mean and standard deviation of each metric that all repeats have."""
    numbers = [numbers_by_name(record.metrics) for _, record in chapter.runs]
    names = [name for name in numbers[-1] if all(name in one for one in numbers)]
    samples = {name: Sample(tuple(one[name] for one in numbers)) for name in names}
    told = [
        f"{shown} {spread_text(one.mean, one.deviation)}"
        for shown, one in zip(alike(names), samples.values(), strict=True)
        if one.deviation is not None
    ]
    if told:
        yield f"Over {len(numbers)} repeats: {', '.join(told)}."


def _runs(chapter: Chapter) -> str:
    names = alike([record.name for _, record in chapter.runs])
    told = [
        name if record.status == "done" else f"{name} ({phrase(status_text(record))})"
        for name, (_, record) in zip(names, chapter.runs, strict=True)
    ]
    what = "Run" if len(told) == 1 else f"{len(told)} repeats:"
    commit = code(chapter.runs[-1][0][:_OID_DIGITS])
    return f"{what} {', '.join(told)}; commit {commit}."


def _merged(merge: Merge) -> str:
    request = f" with {code(merge.request)}" if merge.request else ""
    return f"Merged{request} in {code(merge.oid[:_OID_DIGITS])}: {inline(merge.subject)}."
