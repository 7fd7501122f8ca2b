"""The refs that are pushed: without records of runs, their data sent first, their tips checked."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from gitexp.checking.check import check_revision
from gitexp.git.additions import added_files
from gitexp.git.repository import Repository
from gitexp.git.trees import tree_entries
from gitexp.hooks.entry import tell
from gitexp.hooks.pushed_data import send_data
from gitexp.hooks.pushed_ref import PushedRef
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.review.words import named
from gitexp.revisions.by_name import is_record
from gitexp.revisions.reading import Reading
from gitexp.revisions.revision import commit_revision
from gitexp.settings.config import CONFIG_NAME
from gitexp.store.stored_run import RECORD_NAME

_WAY_OUT = "take them out with `git rebase`, or start from `gitexp branch RUN BRANCH`"
_DOUBTFUL = ("freshness", "policy")
"""What work in progress may lack: pushing is how it is shown to others."""


def problems(repository: Repository, pushed: Mapping[PushedRef, Sequence[str]]) -> Iterator[str]:
    """Yield what keeps refs, each with its new commits, from being pushed.

    If nothing does, data is sent, also for tags and the like; only branches are checked.
    """
    branches = [_Branch(repository, ref) for ref in pushed if ref.branch is not None]
    wrong = [text for one in branches for text in one.misplaced(pushed[one.ref])]
    if not wrong:
        checked = [one for one in branches if pushed[one.ref] and not one.holds_runs]
        tips = {one.ref.oid: one for one in checked}
        wrong = [text for one in tips.values() for text in one.check()]
    if wrong:
        yield from wrong
        return
    new = list(dict.fromkeys(oid for oids in pushed.values() for oid in oids))
    yield from send_data(repository, new, {ref.oid for ref in pushed})


class _Branch:
    """One branch that is pushed, with the projects in it."""

    def __init__(self, repository: Repository, ref: PushedRef) -> None:
        self.ref = ref
        self._repository = repository
        self._name = ref.branch or ""

    @cached_property
    def _projects(self) -> list[tuple[Project, Reading]]:
        paths = tree_entries(self._repository, self.ref.oid)
        found = (path.rpartition("/") for path in paths)
        folders = sorted(TopPath(folder) for folder, _, name in found if name == CONFIG_NAME) or [
            TopPath("")
        ]
        projects = [Project(self._repository, folder, folder) for folder in folders]
        oid, name = self.ref.oid, self._name
        return [(one, Reading(one, commit_revision(one, oid, name))) for one in projects]

    @property
    def holds_runs(self) -> bool:
        """Whether it is the experiments branch."""
        return any(tip.config.branch_on_remotes == self._name for _, tip in self._projects)

    def misplaced(self, new: Sequence[str]) -> Iterator[str]:
        """Yield what records of runs the new commits, or the tip, have; those belong elsewhere.

        If this very branch of the remote already has them, only the tip counts: what was
        pushed cannot be rebased any more.
        """
        if self.holds_runs:
            return
        found = [oid for oid, path in added_files(self._repository, new) if is_record(path)]
        if not found and self._records([self.ref.remote_oid]):
            if places := self._records([self.ref.oid]):
                folders = shlex.join(path.rpartition("/")[0] for _, path in places)
                yield (
                    f"'{self._name}' already had records of runs: "
                    f"`git rm -r {folders}` and a commit take them out"
                )
            return
        held = (oid for oid, _ in self._records((*new, self.ref.oid)))
        records = list(dict.fromkeys([*found, *held]))
        if records:
            names = named([oid[:8] for oid in records])
            yield f"'{self._name}' has records of runs ('.gitexp/', in {names}): {_WAY_OUT}"

    def _records(self, commits: Sequence[str]) -> list[tuple[str, str]]:
        """Return each record that one of the commits has, with the commit."""
        paths = [project.path(RECORD_NAME) for project, _ in self._projects]
        asked = [(oid, path) for path in paths for oid in commits]
        held = self._repository.objects.read_all([f"{oid}:{path}" for oid, path in asked])
        return [one for one, known in zip(asked, held, strict=True) if known is not None]

    def check(self) -> Iterator[str]:
        """Yield what is wrong with the tip; what is only doubtful is printed."""
        for project, tip in self._projects:
            found = check_revision(project, tip, ask_remote=False)
            for one in found.findings:
                words = f"{project.folder}: {one.words}" if project.folder else one.words
                if one.mark == "wrong" and one.topic in _DOUBTFUL and tip.config.push != "strict":
                    tell(f"warning: {words}")
                elif one.mark == "wrong":
                    yield words
