"""Where the repository around a folder lies: what git is asked before anything else."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.git.lean_processes import WHO_AND_HOW

_PATHS = ("--git-common-dir", "--absolute-git-dir", "--show-toplevel")
_CONFIG = ("config", "--list", "-z")
"""Without what is set for our own calls."""

_NOT_EMBEDDED = ("-c", "safe.bareRepository=explicit")
"""A commit can hold the files of a bare repository, whose configuration would be a stranger's; git
before 2.38 does not know the setting."""

_ASKED = ("--is-bare-repository", "--show-object-format", *_PATHS)

_ahead: dict[Path, subprocess.Popen[bytes]] = {}
_ahead_config: dict[Path, subprocess.Popen[bytes]] = {}
"""Questions under way, by the folder that they are about."""


class NoRepository(GitexpError):
    """There is no git repository with a work tree here."""


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without the variables that name a repository, index or hook.

    Git exports GIT_DIR and GIT_INDEX_FILE to hooks, so a process that merely inherits
    them may write to another repository, or another index, than its own.
    """
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith("GIT_") or name.startswith(WHO_AND_HOW)
    }


class Place:
    """A repository with a work tree."""

    __slots__ = ("common_dir", "git_dir", "object_format", "top")  # msgspec is imported later

    def __init__(self, top: Path, git_dir: Path, common_dir: Path, object_format: str) -> None:
        self.top, self.git_dir, self.common_dir = top, git_dir, common_dir
        self.object_format = object_format


def ask_ahead(directory: Path, *, config: bool = False) -> None:
    """Start to find the repository around a folder: git is at work while Python imports.

    Its configuration as well, for a command that needs it. Only for a program that opens the
    repository and ends soon.
    """
    try:
        _ahead[directory] = _started(directory, "rev-parse", *_ASKED)
        if config:
            _ahead_config[directory] = _started(directory, *_CONFIG)
    except OSError:
        return  # said by whoever opens it


def config_ahead(directory: Path) -> bytes | None:
    """Return the configuration of the repository around a folder, if it was asked for ahead."""
    process = _ahead_config.pop(directory, None)
    if process is None:
        return None
    listed, _ = process.communicate()
    return listed if process.returncode == 0 else None


def read_config(top: Path, env: Mapping[str, str]) -> bytes:
    """Return the configuration that git uses at the top of a work tree, as `_CONFIG` lists it."""
    ended = subprocess.run(["git", *_CONFIG], cwd=top, env=env, capture_output=True, check=False)
    if ended.returncode != 0:
        said = os.fsdecode(ended.stderr).strip() or f"exit status {ended.returncode}"
        raise GitexpError(
            f"git cannot read its settings: {said}",
            hint="`git config --list --show-origin` names the file.",
        )
    return ended.stdout


def find_place(directory: Path) -> Place:
    """Return the repository that holds `directory`; raise NoRepository if none does."""
    process = _ahead.pop(directory, None)
    try:
        answer = _answer(process) if process is not None else None
        if answer is None or answer[0] != 0:  # what went wrong may be mended by now
            answer = _answer(_started(directory, "rev-parse", *_ASKED))
    except FileNotFoundError as error:
        if directory.is_dir():
            raise GitexpError("git is not installed", hint="Install git 2.34 or newer.") from error
        raise gone(directory) from error
    try:
        return _place(answer, directory)
    except FileNotFoundError as error:  # removed while git was at work
        raise gone(directory) from error


def gone(directory: Path) -> GitexpError:
    """Return what to say of a directory that is not there."""
    if directory != Path():
        return GitexpError(f"no directory '{directory}'")
    return GitexpError(
        "the current directory is gone", hint="Somebody has removed it: `cd` to another one."
    )


def _place(answer: tuple[int, str, str], directory: Path) -> Place:
    status, said, complaint = answer
    lines = said.split("\n")
    if status != 0:
        raise _why_not(lines, complaint, directory)
    if len(lines) == len(_ASKED) + 1:
        _, object_format, common, git_dir, top, _ = lines
    else:  # a path with a line end in it
        object_format = lines[1]
        common, git_dir, top = (
            _answer(_started(directory, "rev-parse", one))[1].removesuffix("\n") for one in _PATHS
        )
    return Place(Path(top), Path(git_dir), (directory / common).resolve(), object_format)


def _started(directory: Path, *args: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["git", *_NOT_EMBEDDED, *args],
        cwd=directory,
        env=clean_environment(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _answer(process: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    said, complaint = process.communicate()
    return process.returncode, os.fsdecode(said), os.fsdecode(complaint)


def _why_not(lines: Sequence[str], said: str, directory: Path) -> GitexpError:
    is_bare = "cannot use bare repository" in said
    is_within = is_bare and ".git" in directory.resolve().parts
    if (lines and lines[0] == "true") or (is_bare and not is_within):
        return NoRepository(
            f"'{directory}' is a bare repository, with no work tree to run in",
            hint="Clone it with `git clone` and run gitexp in the clone.",
        )
    if "dubious ownership" in said:
        error, *advice = said.strip().removeprefix("fatal: ").splitlines()
        command = next((line.strip() for line in advice if "safe.directory" in line), None)
        hint = f"If you trust its owner, and its hooks: `{command}`." if command else None
        return NoRepository(error, hint=hint)
    if "current working directory" in said:
        return gone(directory)
    if "must be run in a work tree" in said or is_within:
        return NoRepository(f"'{directory}' is inside a git directory, not in a work tree")
    if "not a git repository" in said:
        return NoRepository(
            f"'{directory.resolve()}' is not in a git repository", hint="Make one with `git init`."
        )
    return NoRepository(said.strip().removeprefix("fatal: "))
