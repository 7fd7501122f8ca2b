"""Runs of other tools put onto the experiments branch: read one by one, arriving together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from gitexp.errors import GitexpError, reason_of
from gitexp.git.fast_import import NewCommit
from gitexp.git.trees import tree_entries
from gitexp.importing.foreign import ForeignRun, Found, Unreadable, foreign_id
from gitexp.importing.foreign_curves import curves_of
from gitexp.importing.foreign_record import Made, foreign_record
from gitexp.importing.known_runs import what_changed
from gitexp.importing.names import FreeNames
from gitexp.importing.store_files import as_errors
from gitexp.model.imported import ImportedRun
from gitexp.model.message import message_text
from gitexp.model.names import is_id, named_after
from gitexp.model.paths import ProjectPath
from gitexp.model.record import RunRecord, parse_time
from gitexp.model.record_json import check_record, from_json, to_json
from gitexp.project import Project
from gitexp.store.batch import append_stream
from gitexp.store.purges import purged_runs
from gitexp.store.stored_run import RECORD_NAME

Mask = Callable[[bytes], tuple[bytes, int]]
"""Takes secrets out of a text, and says how many there were."""
Progress = Callable[[int], None]
"""Called with how many runs have been looked at."""

_OID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHORT = re.compile(r"[0-9a-f]{7,39}")
_BEYOND = (ArithmeticError, RecursionError, UnicodeError)
"""What values raise that are too large, too deep, or no text."""
_UNFORESEEN = (AttributeError, LookupError, TypeError, ValueError)
"""What a bug raises: a store of thousands of runs may have one at which a reader stumbles."""
_NO_NAME = re.compile(r"[<>\x00-\x1f\x7f]+")
_GITEXP = ".gitexp"
_PACKAGES = f"{_GITEXP}/environment.txt"


class Bringing(Struct):
    """How runs are brought in."""

    project: Project
    tool: str
    mask: Mask
    is_dry: bool = False
    unfinished: bool = False
    """Whether runs of which the tool has no end come as interrupted ones."""
    progress: Progress = lambda _: None


def bring(how: Bringing, found: Iterable[Found | Unreadable]) -> list[ImportedRun]:
    """Record the runs that are not here yet, all of them or none; return what became of each.

    Raises what the reader raises for a store that cannot be read on.
    """
    work = _Work(how)
    if how.is_dry:
        for _ in work.commits(found):
            pass
        return work.rows
    oids = append_stream(how.project.repository, how.project.config.branch, work.commits(found))
    if oids:
        how.project.runs.look_again()
    for row in work.rows:
        if row.state == "new" and row.id is not None:
            row.oid = oids.get(row.id)
            row.state = "imported" if row.oid else "known"  # another process was faster
    return work.rows


class _Work:
    """One import under way."""

    def __init__(self, how: Bringing) -> None:
        self.rows: list[ImportedRun] = []
        self._how = how
        self._project = how.project
        self._names = FreeNames(how.project)
        self._purged = purged_runs(how.project.repository)
        self._seen: set[str] = set()
        self._tree_of = lru_cache(maxsize=1024)(self._tree)

    def commits(self, found: Iterable[Found | Unreadable]) -> Iterator[tuple[str, NewCommit]]:
        """Yield the commits of runs that are new, with their ids."""
        for number, one in enumerate(found):
            self._how.progress(number)
            if isinstance(one, Unreadable):
                self.rows.append(ImportedRun(one.label, "refused", problems=(one.reason,)))
                continue
            run_id = one.id if is_id(one.id) else foreign_id(self._how.tool, one.key)
            if state := self._known(run_id):
                changed = self._changed(one, run_id) if state == "known" else ()
                self.rows.append(ImportedRun(one.label, state, run_id, problems=changed))
                continue
            self._seen.add(run_id)
            commit = self._new(one, run_id)
            if commit is not None:
                yield run_id, commit

    def _known(self, run_id: str) -> Literal["known", "purged"] | None:
        """Return what keeps a run from coming: it is here, or was taken out for good."""
        if run_id in self._purged:
            return "purged"
        if run_id in self._seen or self._project.runs.index.named(run_id, None):
            return "known"
        return None

    def _changed(self, one: Found, run_id: str) -> tuple[str, ...]:
        known = replace(one, id=run_id)
        found = what_changed(self._project, self._how.tool, known, self._how.mask)
        return (found,) if found else ()

    def _new(self, one: Found, run_id: str) -> NewCommit | None:
        try:
            with as_errors():
                run = one.read()
            if run.end == "running" and not self._how.unfinished:
                self.rows.append(ImportedRun(one.label, "running"))
                return None
            return self._commit(one, run, run_id)
        except GitexpError as error:
            reason = reason_of(error)
        except _BEYOND as error:
            reason = f"it has values that no run can have ({error})"
        except _UNFORESEEN as error:
            reason = reason_of(error)
        self.rows.append(ImportedRun(one.label, "refused", problems=(reason,)))
        return None

    def _commit(self, one: Found, run: ForeignRun, run_id: str) -> NewCommit:
        project = self._project
        run = replace(run, commit=self._whole(run.commit))
        tree, problem = self._tree_of(run.commit)
        if run.commit is not None and not _OID.fullmatch(run.commit):
            run = replace(run, commit=None)
        curves = curves_of(
            project,
            run.curves,
            lambda: tree_entries(project.repository, tree),
            may_write=not self._how.is_dry,
        )
        name, renamed = self._names.take(run.name or one.label, named_after(run_id))
        known = replace(one, id=run_id)
        has_code = tree != self._empty
        made = foreign_record(project, self._how.tool, known, run, name, curves, has_code=has_code)
        content, record, masked = self._masked(made)
        notes = filter(None, (renamed, problem, *made.problems, masked))
        self.rows.append(_row(one.label, record, tuple(notes)))
        person = _person(run, record, self._how.tool)
        return NewCommit(
            tree=tree,
            files={**curves.files, **self._packages(run), project.path(RECORD_NAME): content},
            message=message_text(record, project.config.policy, {}),
            author=person,
            committer=person,
            without=(project.path(ProjectPath(_GITEXP)),),
        )

    def _whole(self, commit: str | None) -> str | None:
        """Return a commit as it was noted, and all of the digits if that was only the first."""
        if commit is None or not _SHORT.fullmatch(commit):
            return commit
        oid = self._project.repository.objects.commit(commit)
        return oid if oid is not None and oid.startswith(commit) else commit

    def _packages(self, run: ForeignRun) -> dict[str, bytes]:
        content = "".join(f"{one}\n" for one in run.packages).encode(errors="replace")
        return {self._project.path(ProjectPath(_PACKAGES)): content} if content else {}

    def _tree(self, commit: str | None) -> tuple[str, str]:
        """Return the tree of a commit, or an empty one and why."""
        repository = self._project.repository
        if commit is None:
            return self._empty, ""
        if not _OID.fullmatch(commit):
            return self._empty, "what it has as its commit is none"
        tree = repository.objects.read(f"{commit}^{{tree}}")
        if tree is None:
            return self._empty, f"its commit {commit[:10]} is not in this repository"
        return tree.oid, ""

    @cached_property
    def _empty(self) -> str:
        return self._project.repository.line(
            "hash-object", "-w", "-t", "tree", "--stdin", stdin=b""
        )

    def _masked(self, made: Made) -> tuple[bytes, RunRecord, str]:
        content = to_json(made.record)
        masked, count = self._how.mask(content)
        if not count:
            check_record(made.record)
            return content, made.record, ""
        return masked, from_json(masked), f"{count} secret(s) are masked in its record"


def _row(run: str, record: RunRecord, problems: tuple[str, ...]) -> ImportedRun:
    params, metrics = (sum(map(len, one.values())) for one in (record.params, record.metrics))
    told = (record.id, record.name, record.started, record.baseline or None)
    return ImportedRun(run, "new", *told, params, metrics, problems=problems)


def _person(run: ForeignRun, record: RunRecord, tool: str) -> bytes:
    """Return who trained, and when it ended, as a commit has it: the same in every clone."""
    name = " ".join(_NO_NAME.sub(" ", record.user or run.host or "").split()).strip(".,:;\"'\\ ")
    seconds = int(parse_time(record.ended).timestamp())
    return f"{name or tool} <{tool}@localhost> {seconds} +0000".encode(errors="replace")
