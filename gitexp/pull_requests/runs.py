"""The runs and commits that a review needs, if a clone does not have them."""

from __future__ import annotations

from collections.abc import Iterable

from gitexp.errors import GitexpError
from gitexp.git.objects import is_oid
from gitexp.git.remotes import Remote, choose_remote
from gitexp.model.numbers import counted
from gitexp.project import Project
from gitexp.pull_requests.ends import Wanted, is_a_rev
from gitexp.pull_requests.origin import Tell
from gitexp.pull_requests.part import Part
from gitexp.review.freshness import Freshness
from gitexp.sharing.pull import pull
from gitexp.store.fetched import has_runs


def have_runs(project: Project, wanted: Wanted, tell: Tell) -> Part | None:
    """Make sure that there are runs; say what is missing if they cannot be had.

    In a shallow clone the newest runs are enough to begin with, if none is named. Returns what
    older ones come from.
    """
    if project.runs.tip is not None:
        return None
    if project.repository.is_shallow and is_a_rev(project, wanted):
        part = _part(project, tell)
        if part is not None:
            return part
    lack = _pull(project, tell)
    if lack and has_runs(project.runs, project.config):
        tell(f"note: the runs are those that were fetched before: {lack}")
    elif lack:
        tell(f"note: there are no runs here, so the one behind the change is unknown: {lack}")
    return None


def _part(project: Project, tell: Tell) -> Part | None:
    """Get the newest runs of the remote, if it has more than these."""
    try:
        name = choose_remote(project.repository, project.config.branch)
        part = Part(project, Remote(project.repository, name), tell)
        return part if part.fetch_newest() else None
    except GitexpError:  # what is wrong will be said where all are fetched
        return None


def fetched_lacking(project: Project, runs: Iterable[Freshness], tell: Tell) -> bool:
    """Fetch what it takes to say whether metrics are fresh; return whether something came.

    That is the run that made them, if this clone has older runs alone, and in a shallow
    clone the commits that runs started on: they say which files were in git. Of a part of the
    runs, none can be said to have written a file that one of them lacks, so that all are fetched.
    """
    found = tuple(runs)
    before = project.runs.tip
    is_part = project.runs.is_part
    if any(one.run is None or (is_part and one.new) for one in found) and before is not None:
        _pull(project, tell)
        if project.runs.tip != before or project.runs.is_part != is_part:
            return True
    return _fetched_baselines(project, found, tell)


def _pull(project: Project, tell: Tell) -> str:
    """Get the runs of the remote; return why that was not possible, or nothing."""
    try:
        name = choose_remote(project.repository, project.config.branch)
    except GitexpError:  # nowhere to ask
        return ""
    try:
        pulled = pull(project, Remote(project.repository, name), tell)
    except GitexpError as lack:
        return str(lack)
    project.runs.look_again()
    if pulled.runs:
        tell(f"note: fetched the experiments branch from '{name}': {counted(pulled.runs, 'run')}")
    return ""


def _fetched_baselines(project: Project, found: Iterable[Freshness], tell: Tell) -> bool:
    repository = project.repository
    if not repository.is_shallow:
        return False
    baselines = {
        run.record.baseline
        for one in found
        if one.run_id is not None and not one.fresh
        for run in project.runs.index.named(one.run_id, project.folder)
    }
    came = False
    for oid in sorted(filter(is_oid, baselines)):  # a record may come from anybody
        if repository.objects.commit(oid) is None:
            try:
                remote = choose_remote(repository, project.config.branch)
                Remote(repository, remote).fetch(oid, depth=1)
            except GitexpError:  # it was never pushed, or is gone from there
                continue
            tell(f"note: fetched {oid[:10]}, which a run started on, from '{remote}'")
            came = True
    return came
