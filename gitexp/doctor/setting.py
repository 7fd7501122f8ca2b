"""What gitexp stands on: git, the user's identity, the settings, and the file system's locks."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

from gitexp.doctor.finding import Finding
from gitexp.errors import GitexpError
from gitexp.git.commits import check_identity
from gitexp.git.repository import Repository
from gitexp.project import Project
from gitexp.settings.config import CONFIG_NAME
from gitexp.store.index.place import file_system
from gitexp.store.locks import has_locks
from gitexp.store.own import NOTES, REFS, own_folder

OLDEST_GIT = (2, 34)

_FORGOTTEN = 60.0
"""Seconds after which a lock of git's counts as left behind."""


def examine_setting(project: Project) -> Iterator[Finding]:
    """Look at what has to be right before anything is recorded."""
    repository = project.repository
    yield _git_version(repository)
    yield _identity(repository)
    yield _config(project)
    yield _locks(repository)
    yield from _git_locks(repository, project)


def _git_version(repository: Repository) -> Finding:
    version = repository.line("version").removeprefix("git version ")
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if numbers < OLDEST_GIT:
        oldest = ".".join(map(str, OLDEST_GIT))
        return Finding("wrong", "git", f"version {version}", f"Install git {oldest} or newer.")
    return Finding("ok", "git", f"version {version}")


def _identity(repository: Repository) -> Finding:
    try:
        check_identity(repository)
        known = repository.line("var", "GIT_COMMITTER_IDENT").rpartition(">")[0]
    except GitexpError as error:
        return Finding("wrong", "identity", str(error), error.hint)
    return Finding("ok", "identity", f"{known}>")


def _config(project: Project) -> Finding:
    try:
        branch = project.config.branch
    except GitexpError as error:
        return Finding("wrong", "settings", str(error), error.hint)
    there = (project.root / CONFIG_NAME).is_file()
    source = (
        project.path(CONFIG_NAME) if there else f"the defaults, because there is no {CONFIG_NAME}"
    )
    return Finding("ok", "settings", f"{source}; runs are recorded on '{branch}'")


def _locks(repository: Repository) -> Finding:
    own = own_folder(repository)
    place = own.path
    name = file_system(repository.common_dir)
    where = f"the git directory is on {name}" if name else "the git directory"
    if not place.is_dir():
        return Finding("ok", "locks", f"{where}; nothing was locked there yet")
    try:
        native = has_locks(own.branch_lock)
    except OSError as error:
        return Finding(
            "wrong",
            "locks",
            f"'{place}' cannot be written: {error.strerror}",
            "Runs can be read but not recorded. See who owns the git directory.",
        )
    how = "has locks" if native else "has no locks: files stand for them"
    return Finding("ok", "locks", f"{where}, which {how}" if name else f"{where} {how}")


def _git_locks(repository: Repository, project: Project) -> Iterator[Finding]:
    """Find locks left by a git that was killed: they keep refs, or files, from being changed."""
    try:
        branch = f"refs/heads/{project.config.branch}.lock"
    except GitexpError:
        branch = "refs/heads.lock"
    names = (branch, f"{NOTES}.lock", "packed-refs.lock")
    places = [repository.common_dir / name for name in names]
    places += sorted((repository.common_dir / REFS).rglob("*.lock"))
    for place in (*places, repository.git_dir / "index.lock"):
        try:
            age = time.time() - place.stat().st_mtime
        except OSError:
            continue
        if age > _FORGOTTEN:
            yield Finding(
                "wrong",
                "locks",
                f"'{place}' was left by a git that was killed",
                f"If no git is running, `rm '{place}'`.",
            )
