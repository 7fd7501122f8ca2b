"""The metrics that the changes of a run are measured from: those in brackets in its subject."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence

from gitexp.data.pipelines import is_readable
from gitexp.errors import GitexpError
from gitexp.git.trees import is_below, tree_entries
from gitexp.model.change_rules import ChangeRules
from gitexp.model.command.rest import command_rest
from gitexp.model.command.text import is_shell_line
from gitexp.model.identical import identical
from gitexp.model.message import Before
from gitexp.model.paths import ProjectPath, TopPath
from gitexp.model.record import Documents, RunRecord
from gitexp.model.record_json import UnreadableRecord
from gitexp.model.values import Value, unshared
from gitexp.project import Project
from gitexp.revisions.links import lead_in_git
from gitexp.revisions.roles import Declared

_HEAD = "HEAD"
_LOOK_BACK = 20
"""How many runs on a baseline are looked at."""

Document = dict[str, Value]


def metrics_before(
    project: Project, record: RunRecord, declared: Declared, rerun_of: str | None = None
) -> Before:
    """Return what a run is measured against.

    That is the run that is run again; else the metrics that its baseline holds; else the last
    run there with the same command, which this one was made from as a rule. Points
    of sweeps do not count, nor do runs that differ in their seed alone.
    """
    if rerun_of is not None:
        for run in project.runs.index.named(rerun_of, None):
            if run.id == rerun_of and run.record.metrics:
                return Before(run.record.metrics, run.name)
    found = _in_baseline(project, record.baseline, declared)
    return Before(found, _HEAD) if found else next(_earlier(project, record), Before())


def _earlier(project: Project, record: RunRecord) -> Iterator[Before]:
    """Yield the metrics of runs that this one may have been made from, the newest first."""
    command = _kind_of(record.command)
    index, rules = project.runs.index, project.config.review
    found = index.last_on(record.baseline, project.folder, limit=_LOOK_BACK, swept=False)
    for run in found:
        with contextlib.suppress(UnreadableRecord):  # of a newer gitexp
            other = run.record
            if (
                other.status == "done"
                and other.metrics
                and command in ("", _kind_of(other.command))
                and not _has_another_seed(rules, other.params, record.params)
            ):
                yield Before(other.metrics, "" if run is found[0] else run.name)


def _kind_of(command: Sequence[str]) -> str:
    """Return what a command is besides its params; of code on a command line, what runs it.

    What was saved without a command is of whichever made it.
    """
    if not command:
        return ""
    if is_shell_line(command) or "-c" in command[1:3]:
        return f"code for {'sh' if len(command) == 1 else command[0]}"
    return command_rest(command)


def _has_another_seed(rules: ChangeRules, old: Documents, new: Documents) -> bool:
    """Return whether params differ, and in seeds alone."""
    differing = {
        name
        for file in old.keys() | new.keys()
        for values in unshared(old.get(file, {}), new.get(file, {}), identical)
        for name in values
    }
    return bool(differing) and all(map(rules.is_seed, differing))


def _in_baseline(project: Project, baseline: str, declared: Declared) -> dict[str, Document]:
    """Return the metrics in the files of a commit."""
    found = {}
    pipeline = sorted(map(project.name, _in_folders(project, baseline, declared.pipeline.metrics)))
    for name in dict.fromkeys((*project.config.metrics, *pipeline)):
        path = project.path(ProjectPath(name))
        if any(letter in name for letter in "*?["):
            continue
        if project.repository.objects.blob(f"{baseline}:{path}") is not None:
            with contextlib.suppress(GitexpError):
                found[name] = _parsed_in_git(declared, project, baseline, path)
    return found


def _parsed_in_git(declared: Declared, project: Project, commit: str, path: TopPath) -> Document:
    """Return the values of a file in a commit, or of what a link to one leads to there."""
    objects = project.repository.objects
    content = objects.blob(f"{commit}:{path}") or b""
    try:
        return declared.metrics_in(content, path)
    except GitexpError:
        tree = tree_entries(project.repository, commit)
        lead = lead_in_git(project, tree, path)
        if lead == path:
            raise
        return declared.metrics_in(objects.blob(tree[lead].oid) or b"", path)


def _in_folders(project: Project, commit: str, paths: Collection[TopPath]) -> list[TopPath]:
    """Return paths with, in place of those that are folders in a commit, the files in them."""
    read = project.repository.objects.read
    specs = {path: read(f"{commit}:{path}") for path in paths}
    folders = [path for path, found in specs.items() if found is not None and found.kind == "tree"]
    if not folders:
        return list(paths)
    inside = (
        TopPath(path)
        for path in tree_entries(project.repository, commit)
        if is_readable(path) and any(is_below(folder, path) for folder in folders)
    )
    return [*(path for path in paths if path not in folders), *inside]
