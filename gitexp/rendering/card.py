"""A model card: Markdown with the front matter that model hubs read.

Whatever comes from the repository passes through `phrase`, `code`, a fence or YAML; all else is
ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gitexp.model.command.text import command_text
from gitexp.model.numbers import duration_text, size_text
from gitexp.model.record import parse_time
from gitexp.model.text import harmless
from gitexp.model.values import Value
from gitexp.rendering.card_content import Card, Said
from gitexp.rendering.facts import status_text
from gitexp.rendering.formats.markdown import code, fenced, inline, phrase, table_lines
from gitexp.rendering.front_matter import front_matter
from gitexp.rendering.lineage import lineage
from gitexp.rendering.table import BLANK, Column, Table
from gitexp.review.statistics import Sample
from gitexp.version import __version__

_MOST_ROWS = 100


def card_text(card: Card) -> str:
    """Return a card whole."""
    parts = [
        f"# {inline(f'{card.model} {card.version}')}",
        *_about(card),
        *_measured(card),
        *_values("Params", "param", card.params),
        *_data(card),
        *_found_out(card),
        "## Lineage",
        fenced(_graph(card), "mermaid"),
        *_environment(card),
        *_reproduce(card),
        f"<sub>Written by gitexp {__version__} from {code(card.tag)}.</sub>",
    ]
    return f"---\n{front_matter(card)}---\n\n" + "\n\n".join(parts) + "\n"


def _about(card: Card) -> Iterator[str]:
    record, hypothesis = card.record, card.record.hypothesis
    if card.words:
        yield fenced(card.words)
    if card.override:
        yield f"**Promoted against the policy:** {phrase(card.override)}"
        yield f"What was overridden: {phrase(card.refused)}" if card.refused else ""
    rows: list[tuple[str, object]] = [
        ("run", f"{record.name} ({record.id})"),
        ("what it was to find out", record.message.strip().partition("\n")[0]),
        ("what was expected", hypothesis.expect if hypothesis else ""),
        ("what became of that", (hypothesis.verdict or "not judged") if hypothesis else ""),
        ("stages", ", ".join(card.stages)),
        ("file", f"{card.path}{_size(card)}"),
        ("md5", card.md5),
        ("promoted", f"{card.promoted[:10]} by {card.by.partition(' <')[0]}"),
        ("trained", f"{record.ended[:10]} in {duration_text(record.duration)}"),
        ("command", command_text(record.command)),
        ("status", status_text(record)),
        ("commit", card.oid),
        ("baseline", record.baseline),
    ]
    shown = [(what, value) for what, value in rows if value]
    yield _table((Column("what"), Column("value", limit=0)), shown)


def _size(card: Card) -> str:
    sizes = [one.size for one in card.record.pointers if one.md5 == card.md5 and one.size]
    return f", {size_text(sizes[0])}" if sizes else ""


def _measured(card: Card) -> Iterator[str]:
    if not card.metrics:
        return
    yield "## Metrics"
    rows = [(name, value, *_noise(card.repeats.get(name))) for name, value in card.metrics.items()]
    columns = (
        Column("metric", "name", limit=0),
        Column("value", "value", limit=0),
        Column("mean of repeats", "spread"),
        Column("repeats"),
    )
    has_repeats = any(row[-1] for row in rows)
    yield _table(columns, rows) if has_repeats else _table(columns[:2], [row[:2] for row in rows])
    if not has_repeats:
        yield "There are no repeats of this run, so how much these numbers vary is not known."


def _noise(sample: Sample | None) -> tuple[object, str]:
    if sample is None or len(sample.values) == 1:
        return BLANK, ""
    return (sample.mean, sample.deviation), str(len(sample.values))


def _values(title: str, what: str, values: Mapping[str, Value]) -> Iterator[str]:
    if values:
        yield f"## {title}"
        shown = list(values.items())
        yield _table((Column(what, "name", limit=0), Column("value", "value", limit=200)), shown)


def _data(card: Card) -> Iterator[str]:
    if not card.inputs:
        return
    yield "## Data"
    rows = [
        (
            one.path,
            "" if one.size is None else size_text(one.size),
            one.md5,
            card.writers.get(one.path, ""),
        )
        for one in card.inputs
    ]
    columns = (
        Column("path", "name", limit=0),
        Column("size"),
        Column("md5"),
        Column("written by run", "name"),
    )
    yield _table(columns, rows)


def _found_out(card: Card) -> Iterator[str]:
    yield from _values("Evaluation on held-out data", "metric", card.held_out)
    if card.evaluations:
        yield f"Evaluated {_times(card.evaluations)}."
    if card.verifications:
        last = card.verifications[-1]
        yield "## Verification"
        yield f"Verified {_times(card.verifications)}; the last time, it said:"
        columns = (Column("what", "name", limit=0), Column("value", "value", limit=200))
        yield _table(columns, list(last.facts.items()))


def _times(said: Sequence[Said]) -> str:
    """Return how often something was done, and the last time with who did it."""
    last = said[-1]
    times = "once" if len(said) == 1 else f"{len(said)} times"
    who = last.by.partition(" <")[0]
    return f"{times}, {'last ' if len(said) > 1 else ''}on {parse_time(last.time):%Y-%m-%d}" + (
        f" by {inline(who)}" if who else ""
    )


def _graph(card: Card) -> str:
    data = {one.path: card.writers.get(one.path) for one in card.inputs[:_MOST_ROWS]}
    return lineage(data, card.record.name, f"{card.model} {card.version}")


def _environment(card: Card) -> Iterator[str]:
    record = card.record
    said = [text for text in (record.python and f"Python {record.python}", record.platform) if text]
    if said or card.packages:
        yield "## Environment"
    if said:
        yield ", ".join(map(inline, said))
    packages = [f"{name}=={version}" for name, version in card.packages.items() if name != "python"]
    if packages:
        title = f"<details><summary>{len(packages):,} packages</summary>"
        yield f"{title}\n\n{fenced(chr(10).join(map(harmless, packages)))}\n\n</details>"


def _reproduce(card: Card) -> Iterator[str]:
    import shlex  # noqa: PLC0415 - 1 ms, for a card alone

    record = card.record
    where = record.directory or record.project
    clone = [f"git clone {shlex.quote(card.remote)} again", "cd again"] if card.remote else []
    lines = [
        *clone,
        f"git switch --detach {shlex.quote(card.tag)}",
        *([f"cd {shlex.quote(where)}"] if where else []),
        *(["dvc pull"] if card.inputs else []),
        *([command_text(record.command)] if record.command else []),
    ]
    yield "## How to make it again"
    yield "With git and DVC alone, the packages above being installed:"
    yield fenced("\n".join(map(harmless, lines)), "sh")
    yield "With gitexp, in isolation; and the model itself:"
    run, model = shlex.quote(record.name), shlex.quote(card.name)
    yield fenced(f"gitexp rerun {run}\ngitexp models get {model}", "sh")


def _table(columns: tuple[Column, ...], rows: Sequence[Sequence[object]]) -> str:
    table = Table(columns, rows[:_MOST_ROWS], header=True)
    more = len(rows) - _MOST_ROWS
    return "\n".join(table_lines(table)) + (f"\n\n… and {more:,} more" if more > 0 else "")
