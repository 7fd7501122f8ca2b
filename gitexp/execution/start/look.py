"""Where a run begins: its entry in the journal, and a look at what is there."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime, timezone
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.execution.environment.child import child_environment
from gitexp.execution.kept.scratch import NEXT
from gitexp.execution.kept.written import keep_plan
from gitexp.execution.left import still_left
from gitexp.execution.secrets.guard import check_purged, check_secrets
from gitexp.execution.stages import Plan, Started
from gitexp.execution.start.earlier import Earlier, LeftBehind
from gitexp.execution.start.metrics import ignored_metrics
from gitexp.execution.start.outs import outs_at_start
from gitexp.execution.start.params import params_of
from gitexp.execution.start.taken import check_not_under_way, check_work_tree
from gitexp.execution.work_tree.ignored import Ignored, watch_ignored
from gitexp.execution.work_tree.links import Links, find_links, link_paths, outside, watch_outside
from gitexp.execution.work_tree.snapshot import (
    Leave,
    Snapshot,
    take_snapshot,
    with_tree,
)
from gitexp.execution.work_tree.submodules import submodule_notes
from gitexp.execution.work_tree.untracked import Untracked
from gitexp.execution.work_tree.watched import is_pointer_file, watch_pointers
from gitexp.git.index import PrivateIndex
from gitexp.git.plain_files import PlainFiles
from gitexp.model.numbers import counted
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.revisions.pipeline_files import declared_at_start
from gitexp.revisions.roles import Declared
from gitexp.store.journal import Entry, Journal
from gitexp.store.locks import locked
from gitexp.store.own import own_folder
from gitexp.store.processes import Place

Tell = Callable[[str], None]

_SHOWN = 3


class Sight(Struct, frozen=True):
    """What finds the files of a work tree; one that has just been filled is known already."""

    snapshot: Callable[[Project, Path, Iterable[str], Leave], Snapshot] = take_snapshot
    ignored: Callable[[Project, PrivateIndex, Iterable[str], Untracked], Ignored] = watch_ignored
    plain: PlainFiles | None = None
    """What knows which files git keeps byte for byte."""


OWN_EYES = Sight()


def entry_of(project: Project, plan: Plan) -> Entry:
    """Return the entry of the journal for a plan that this process carries out."""
    return Entry(
        id=plan.id,
        name=plan.name,
        work_tree=str(project.repository.top),
        folder=project.folder,
        directory=project.directory,
        since=datetime.now(timezone.utc).isoformat(),
        owner=Place.of(os.getpid()),
        job=plan.request.job,
    )


def enter(project: Project, plan: Plan, journal: Journal, entry: Entry) -> None:
    """Write the run into the journal, unless another one was faster to take its place or name.

    Without a command there is nothing that another process would have to record: then the
    plan is not written down, and whoever finds the entry drops it. With one, the journal has to
    be on the disk before it starts.
    """
    scratch = journal.scratch(plan.id)
    own_folder(project.repository).made()
    with locked(project.repository):
        check_work_tree(project, plan.request.around)
        check_not_under_way(project, plan.name)
        scratch.mkdir(parents=True)
        if plan.command:
            _end_earlier(journal, entry, plan.request.around)
            keep_plan(scratch, plan, in_copy=project.home is not None)
        journal.begin(entry)
    project.documents.keep()


def _end_earlier(journal: Journal, entry: Entry, around: Collection[str]) -> None:
    """Note for runs still to be recorded that what is written from now on is not theirs.

    Those that have started this one go on.
    """
    for one in journal.entries():
        if one.work_tree == entry.work_tree and one.id not in around:
            with contextlib.suppress(OSError):  # noted before, or nothing to be recorded
                (journal.scratch(one.id) / NEXT).touch(exist_ok=False)


@contextlib.contextmanager
def mendable(project: Project) -> Iterator[None]:
    """Report a full disk or a read-only git directory as what it is."""
    try:
        yield
    except OSError as error:
        place = error.filename or project.repository.common_dir
        raise GitexpError(
            f"cannot write what a run needs: '{place}': {error.strerror}",
            hint="Check whether the disk is full, and who owns the git directory.",
        ) from error


def look(
    project: Project,
    plan: Plan,
    scratch: Path,
    tell: Tell,
    *,
    rewritten: Iterable[str] = (),
    takes_large: bool = False,
    sight: Sight = OWN_EYES,
) -> Started:
    """Return what there is, written as a tree that nothing refers to yet.

    `rewritten` are the files that gitexp itself has just written; `takes_large` says that
    large untracked files will be recorded.
    """
    leave: Leave = Earlier(project, plan.command) if plan.command else LeftBehind(project)
    rewritten = [*rewritten]
    snapshot, ignored, links = _files(project, scratch, rewritten, sight, leave)
    if leave.drops(links.inside.values()):  # by a link a file has another name
        snapshot, ignored, links = _files(project, scratch, rewritten, sight, leave)
    declared = declared_at_start(project, snapshot.entries)
    declared = declared.through(links.inside)
    documents = params_of(
        *(project, snapshot, declared, plan.command, tell, (*plan.before, *plan.edits))
    )
    check_secrets(project.repository, plan, snapshot)
    check_purged(project.repository, plan, snapshot)
    snapshot = with_tree(snapshot)
    untracked = snapshot.untracked
    if takes_large:
        snapshot = replace(snapshot, untracked=replace(untracked, large=()))
    _name_what_is_odd(project, snapshot, declared, links, tell)
    ignored = replace(ignored, outs=outs_at_start(project, declared, snapshot.entries))
    return Started(
        project=project,
        plan=plan,
        snapshot=snapshot,
        commit="",
        declared=declared,
        params=documents,
        watched=watch_pointers(
            *(project, snapshot.entries, tell, plan.unseen(declared.held_out)),
            earlier=filter(is_pointer_file, untracked.earlier),
        ),
        ignored=ignored,
        environment=child_environment(project, plan, scratch),
        scratch=scratch,
        tell=tell,
        metrics=ignored_metrics(project, declared, snapshot, ignored) if plan.command else {},
        links=links,
        outside=watch_outside(project, links, declared, snapshot.tracked),
        beside=still_left(project, tell),
        plain=sight.plain,
    )


def _files(
    project: Project, scratch: Path, rewritten: Iterable[str], sight: Sight, leave: Leave
) -> tuple[Snapshot, Ignored, Links]:
    snapshot = sight.snapshot(project, scratch, rewritten, leave)
    paths = [*link_paths(snapshot.entries, snapshot.untracked.signatures)]
    ignored = sight.ignored(project, snapshot.index, paths, snapshot.untracked)
    return snapshot, ignored, find_links(project, [*paths, *ignored.links], snapshot.tracked)


def _name_what_is_odd(
    project: Project, snapshot: Snapshot, declared: Declared, links: Links, tell: Tell
) -> None:
    """Name what the run lacks, or holds in another way than may be expected."""
    _name_left_out(snapshot, tell)
    _name_links(project, snapshot, declared, links, tell)
    _name_params(project, declared, snapshot.untracked.ignored, tell)
    for text in submodule_notes(project.repository, snapshot):
        tell(f"warning: {text}")


def _name_params(project: Project, declared: Declared, ignored: Iterable[str], tell: Tell) -> None:
    """Name params files that are not read, and those that git ignores unless asked for by name."""
    for unread in declared.pipeline.unread_params:
        tell(
            f"note: no params from '{unread}', which `dvc.yaml` names: "
            "values are read from YAML, JSON and TOML"
        )
    asked = {project.name(path) for path in project.pipeline.params}
    for path in ignored if not project.config.names_params else ():
        if project.name(TopPath(path)) not in asked:
            tell(
                f"note: '{path}' is recorded, though git ignores it "
                "(`params:` in gitexp.yaml says which params files are)"
            )


def _name_links(
    project: Project, snapshot: Snapshot, declared: Declared, links: Links, tell: Tell
) -> None:
    """Name the links of which the run holds the link alone; values have notes of their own."""
    paths = [
        path
        for path in sorted(links.outside)
        if path in snapshot.entries and not (declared.has_values(path) or declared.is_model(path))
    ]
    for path in paths[:_SHOWN]:
        name, place = declared.name(path), links.outside[path]
        tell(f"note: '{name}' is a link to {outside(project, place)}: the run holds the link alone")
    if len(paths) > _SHOWN:
        tell(f"note: so are {counted(len(paths) - _SHOWN, 'other')}")


def _name_left_out(snapshot: Snapshot, tell: Tell) -> None:
    untracked = snapshot.untracked
    groups = (
        (untracked.large, "large and not recorded; `gitexp track` puts it behind a pointer"),
        (untracked.secret, "not recorded, because its name is that of a secret"),
        (untracked.environments, "not recorded, because it is an environment; better ignore it"),
        (untracked.special, "not recorded, because it is not a regular file"),
        (
            sorted(set(untracked.nested).difference(snapshot.refused)),
            "recorded as its commit alone, because it is a repository of its own",
        ),
        (snapshot.refused, "not recorded, because git cannot add it"),
    )
    for paths, why in groups:
        for path in paths:
            tell(f"note: '{path}' is {why}")
