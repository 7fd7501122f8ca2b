"""What is shown of tags and comments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timezone

from msgspec.structs import asdict

from gitexp.model.record import Comment, parse_time
from gitexp.rendering.table import Column, Document, Flat, Table

_COMMENT_COLUMNS = (Column("time"), Column("by", "name"), Column("comment", limit=0))


def tags_document(tags: Sequence[str]) -> Document:
    """List the tags of one run."""
    rows = [(tag,) for tag in tags]
    return Document(
        data=lambda: list(tags),
        flat=lambda: Flat(("tag",), rows),
        tables=lambda: [Table((Column("tag", "name", limit=0),), rows)] if rows else [],
        notes=() if rows else ("No tags.",),
    )


def tag_counts_document(counts: Mapping[str, int]) -> Document:
    """List tags, and how many runs have each."""
    rows = list(counts.items())
    columns = (Column("tag", "name", limit=0), Column("runs", "value"))
    return Document(
        data=lambda: dict(counts),
        flat=lambda: Flat(("tag", "runs"), rows),
        tables=lambda: [Table(columns, rows, header=True)] if rows else [],
        notes=() if rows else ("No tags.",),
    )


def comments_document(comments: Sequence[Comment]) -> Document:
    """Show the comments on one run, the oldest first."""
    rows = [(comment.time, comment.by, comment.text) for comment in comments]
    return Document(
        data=lambda: [asdict(comment) for comment in comments],
        flat=lambda: Flat(("time", "by", "text"), rows),
        tables=lambda: [comments_table(comments)] if rows else [],
        notes=() if rows else ("No comments.",),
    )


def comments_table(comments: Sequence[Comment], title: str = "") -> Table:
    """Return a table of comments, a row for each line."""
    return Table(_COMMENT_COLUMNS, list(_comment_rows(comments)), title)


def _comment_rows(comments: Sequence[Comment]) -> Iterator[tuple[str, str, str]]:
    for comment in comments:
        moment = parse_time(comment.time).astimezone(timezone.utc)
        head = f"{moment:%Y-%m-%d %H:%M} UTC", author_name(comment.by)
        for line in comment.text.splitlines():
            yield (*head, line)
            head = "", ""


def author_name(by: str) -> str:
    """Return the name of an author without the address.

    >>> author_name("Ada Lovelace <ada@example.com>")
    'Ada Lovelace'
    """
    return by.partition(" <")[0] or "somebody"
