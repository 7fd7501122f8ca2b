"""Tables that runs and commits have in a file, as charts."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Literal

from gitexp.errors import GitexpError
from gitexp.gallery.asked import Subject
from gitexp.gallery.behind import content_behind, pointers_at
from gitexp.model.documents.reading import decode
from gitexp.model.paths import ProjectPath, TopPath
from gitexp.plots.chart import Chart
from gitexp.plots.classes import Rows, confusion_chart, pr_chart, roc_chart
from gitexp.project import Project
from gitexp.revisions.links import LedAway
from gitexp.revisions.revision import Revision

Kind = Literal["confusion", "roc", "pr"]
_USUAL = {"confusion": "confusion.json", "roc": "roc.json", "pr": "precision_recall.json"}
_DVCLIVE = {"confusion": "confusion_matrix.json"}
_MOST_ROWS = 200_000
_LARGEST = 100_000_000
"""Bytes of a table behind a pointer that is still read."""


def table_charts(
    project: Project, subjects: Sequence[Subject], kind: Kind, path: str | None
) -> list[Chart]:
    """Return the charts of a file of predictions: one for all runs, of a matrix one for each."""
    tables = [(one.label, _table(project, one, kind, path)) for one in subjects]
    if kind == "confusion":
        return [confusion_chart(label, rows) for label, rows in tables]
    return [roc_chart(tables) if kind == "roc" else pr_chart(tables)]


def _table(project: Project, one: Subject, kind: Kind, path: str | None) -> Rows:
    revision = one.revision(project)
    for name in [path] if path is not None else _usual(project, revision, kind):
        place = project.path(ProjectPath(name))
        try:
            content = revision.read(revision.lead(place))
        except LedAway:
            content = None
        if content is None:
            content = content_behind(project, revision, place, _LARGEST)
        if content is not None:
            return rows_in(content, name)
    what = f"no file '{path}'" if path is not None else f"no '{_USUAL[kind]}'"
    raise GitexpError(
        f"'{one.label}' has {what}", f"`--file PATH` names the table that `--kind {kind}` is of."
    )


def _usual(project: Project, revision: Revision, kind: Kind) -> list[str]:
    """Return where such a table is usually: as scikit-learn plots of DVCLive are called."""
    names = (_USUAL[kind], _DVCLIVE.get(kind, _USUAL[kind]))
    behind = (one.path for one in pointers_at(project, revision) if not one.is_folder)
    paths = dict.fromkeys([*revision.paths, *map(TopPath, behind)])
    return [project.name(path) for path in paths if path.rpartition("/")[2] in names]


def rows_in(content: bytes, name: str) -> Rows:
    """Return the rows of a table: CSV, TSV, or JSON with a list of mappings in it.

    >>> rows_in(b'{"roc": [{"fpr": 0, "tpr": 1}]}', "a.json")
    [{'fpr': 0, 'tpr': 1}]
    """
    text = decode(content, name)
    suffix = name[name.rfind(".") :].lower()
    if suffix in (".csv", ".tsv"):
        reader = csv.DictReader(io.StringIO(text), delimiter="\t" if suffix == ".tsv" else ",")
        try:
            rows: Rows = [row for row, _ in zip(reader, range(_MOST_ROWS), strict=False)]
        except csv.Error as error:
            raise GitexpError(f"'{name}' is no table: {error}") from error
    elif suffix == ".json":
        rows = next(_lists(_json(text, name)), [])
    else:
        raise GitexpError(f"'{name}' is no table", "Tables are CSV, TSV or JSON.")
    if not rows:
        raise GitexpError(f"'{name}' has no rows", "It holds a list of mappings, or CSV.")
    return rows


def _json(text: str, name: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise GitexpError(f"'{name}' is not JSON: {error}") from error


def _lists(value: object) -> Iterator[Rows]:
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        yield value[:_MOST_ROWS]
    elif isinstance(value, dict):
        for one in value.values():
            yield from _lists(one)
