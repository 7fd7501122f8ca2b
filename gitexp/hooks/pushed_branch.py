"""One branch that is pushed: without records of runs, its data sent first, its tip checked."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from gitexp.checking.check import check_subject
from gitexp.checking.subject import Subject
from gitexp.config import CONFIG_NAME, Config
from gitexp.data.dvc_project import find_root
from gitexp.data.pointers import Pointer
from gitexp.errors import GitexpError
from gitexp.git.additions import added_files
from gitexp.git.repository import Repository
from gitexp.git.trees import tree_entries
from gitexp.handover.contents import is_pointer, is_record
from gitexp.hooks.entry import tell
from gitexp.hooks.pushed import PushedRef
from gitexp.project import Project
from gitexp.side_files import Read, commit_files, config_of, pointers_of

_SHOWN = 3
_WAY_OUT = "take them out with `git rebase`, or start from `gitexp branch RUN BRANCH`"


def problems(repository: Repository, ref: PushedRef, new: Sequence[str]) -> Iterator[str]:
    """Yield what keeps a branch from being pushed; its data is sent on the way."""
    branch = ref.remote.removeprefix("refs/heads/")
    projects = [Project(repository, folder, folder) for folder in _folders(repository, ref.oid)]
    configs = [_config(project, ref.oid) for project in projects]
    holds_runs = any(config.branch_on_remotes == branch for config in configs)
    if not holds_runs and (records := _with_records(repository, new)):
        names = ", ".join(oid[:8] for oid in records[:_SHOWN])
        yield f"'{branch}' has records of runs ('.gitexp/', in {names}): {_WAY_OUT}"
        return
    yield from _send_data(repository, new)
    if not holds_runs:
        for project in projects:
            yield from _check(project, branch, ref.oid)


def _folders(repository: Repository, oid: str) -> list[str]:
    paths = tree_entries(repository, oid)
    found = [path.rpartition("/")[0] for path in paths if path.rpartition("/")[2] == CONFIG_NAME]
    return sorted(found) or [""]


def _config(project: Project, oid: str) -> Config:
    try:
        return config_of(project, commit_files(project, oid, oid))
    except GitexpError:  # for the check of the tip to tell
        return Config()


def _with_records(repository: Repository, new: Sequence[str]) -> list[str]:
    """Return the new commits that bring records of runs with them."""
    found = (oid for oid, path in added_files(repository, new) if is_record(path))
    return list(dict.fromkeys(found))


def _send_data(repository: Repository, new: Sequence[str]) -> Iterator[str]:
    """Send the data of pointers that came with the new commits, before they are pushed."""
    by_root: dict[Path | None, dict[str, str]] = {}
    for path, pointer in _new_pointers(repository, new):
        root = find_root((repository.top / path).parent, repository.top)
        by_root.setdefault(root, {})[pointer.md5] = pointer.path
    for root, wanted in by_root.items():
        if root is None:
            tell(f"warning: the data of {_listed(wanted)} stays here: DVC is not set up")
            continue
        yield from _send(root, wanted)


def _send(root: Path, wanted: dict[str, str]) -> Iterator[str]:
    from gitexp.data.remote import DataRemote, NoDataRemote  # noqa: PLC0415 - 0.5 s

    try:
        with DataRemote(root) as remote:
            moved = remote.push(wanted)
    except NoDataRemote as error:
        tell(f"warning: the data of {_listed(wanted)} stays here: {error}")
        if error.hint:
            tell(f"hint: {error.hint}")
    except GitexpError as error:
        yield f"the data cannot be sent: {error}"
    else:
        if moved.count:
            tell(f"sent {moved.count} file{'' if moved.count == 1 else 's'} of data")
        for md5 in sorted(moved.lost):
            yield f"the data of '{wanted.get(md5, md5)}' is neither here nor on the DVC remote"


def _new_pointers(repository: Repository, new: Sequence[str]) -> Iterator[tuple[str, Pointer]]:
    for commit, file in added_files(repository, new):
        read = _reader(repository, commit)
        if is_pointer(file):
            with contextlib.suppress(GitexpError):  # of before the tip: nobody can mend it
                for one in pointers_of(file, read):
                    held = repository.objects.read(f"{commit}:{one.path}")
                    if "://" not in one.path and held is None:  # else git has sent it
                        yield file, one


def _reader(repository: Repository, commit: str) -> Read:
    return lambda path: repository.objects.blob(f"{commit}:{path}")


def _check(project: Project, branch: str, oid: str) -> Iterator[str]:
    subject = Subject(commit_files(project, oid, branch), oid, is_commit=True)
    for one in check_subject(project, subject, ask_remote=False).findings:
        if one.mark == "wrong":
            yield one.words


def _listed(wanted: dict[str, str]) -> str:
    names = sorted(set(wanted.values()))
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(f"'{name}'" for name in names[:_SHOWN]) + more
