"""The chapters of a project's notebook, read from its runs."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from gitexp.comparison.changes import Side
from gitexp.comparison.chapter import Chapter
from gitexp.comparison.diff import diff_documents
from gitexp.errors import GitexpError
from gitexp.inputs.alike import Likeness
from gitexp.model.command.params import command_without
from gitexp.model.identical import identical
from gitexp.model.record import COMMAND_FILE, RunRecord
from gitexp.model.record_json import UnreadableRecord
from gitexp.model.values import flatten
from gitexp.notebook.merges import merges_of
from gitexp.project import Project
from gitexp.revisions.sides import commit_side
from gitexp.store.stored_run import StoredRun

IsSeed = Callable[[str], bool]


def chapters(project: Project, runs: Iterable[StoredRun]) -> Iterator[Chapter]:
    """Yield a chapter for each hypothesis among runs, given from the first to the last.

    Runs with one message, expectation, command and params, seeds left out, share a chapter if
    they began on one commit, or are repeats by all that decides a result: a commit that came
    between may have changed none of that. Runs that say nothing are counted.
    """
    repository = project.repository
    is_seed = project.config.review.is_seed
    merges = merges_of(repository, "HEAD") if repository.objects.commit("HEAD") else {}
    side = lru_cache(maxsize=64)(lambda oid: _side(project, oid))
    subject = lru_cache(maxsize=None)(lambda oid: _subject(project, oid))
    for told, others in _grouped(project, runs):
        record = told[-1].record
        before = side(record.baseline)
        yield Chapter(
            runs=tuple((run.oid, run.record) for run in told),
            baseline=subject(record.baseline),
            params=tuple(
                change
                for change in diff_documents(
                    before.params if before else {}, record.params, equal=identical
                )
                if not is_seed(change.name)
                and (before is None or change.file in before.params or change.file == COMMAND_FILE)
            ),
            metrics=diff_documents(
                before.metrics if before else {}, record.metrics, project.config.policy
            ),
            others=others,
            merges=tuple(one for run in told for one in merges.get(run.id, ())),
        )


def silent_after(runs: Sequence[StoredRun]) -> int:
    """Return how many runs without a word came last."""
    return sum(1 for _ in itertools.takewhile(_is_silent, reversed(runs)))


def _is_silent(run: StoredRun) -> bool:
    try:
        return not _says_something(run.record)
    except UnreadableRecord:  # of a newer gitexp
        return False


def _says_something(record: RunRecord) -> bool:
    return bool(record.message.strip()) or record.hypothesis is not None


def _grouped(project: Project, runs: Iterable[StoredRun]) -> Iterator[tuple[list[StoredRun], int]]:
    """Yield the runs of each chapter, in the order in which the chapters begin."""
    likeness, is_seed = Likeness(project), project.config.review.is_seed
    alike = lru_cache(maxsize=None)(lambda run: likeness.key(run.oid, run.record))
    found: list[tuple[list[StoredRun], int]] = []
    by_words: dict[object, list[list[StoredRun]]] = {}
    by_commit: dict[object, list[StoredRun]] = {}
    silent = 0
    for run in runs:
        try:
            record = run.record
        except UnreadableRecord:  # of a newer gitexp
            continue
        if not _says_something(record):
            silent += 1
            continue
        words = _key(record, is_seed)
        told = by_words.setdefault(words, [])
        chapter = by_commit.get((words, record.baseline))
        if chapter is None:
            chapter = next((one for one in told if alike(one[-1]) == alike(run)), None)
        if chapter is None:
            chapter = []
            told.append(chapter)
            found.append((chapter, silent))
            silent = 0
        by_commit[words, record.baseline] = chapter
        chapter.append(run)
    yield from found


def _key(record: RunRecord, is_seed: IsSeed) -> object:
    """Return what the runs of one chapter have in common, but for the files they began with."""
    params = tuple(
        sorted(
            (file, name, repr(value))
            for file, values in record.params.items()
            if file != COMMAND_FILE
            for name, value in flatten(values).items()
            if not is_seed(name)
        )
    )
    expected = record.hypothesis.expect if record.hypothesis is not None else ""
    said = record.message.strip(), expected
    return (*said, tuple(command_without(record.command, is_seed)), params)


def _side(project: Project, oid: str) -> Side | None:
    if project.repository.objects.commit(oid) is None:
        return None
    try:
        return commit_side(project, oid, oid)
    except GitexpError:  # a file in conflict, say: nothing is compared with it
        return None


def _subject(project: Project, oid: str) -> str:
    if project.repository.objects.commit(oid) is None:
        return ""
    return project.repository.line("log", "--max-count=1", "--format=%s", oid)
