"""The one door to git: plumbing, with repository, index and hooks stated on every call."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from io import BufferedReader
from pathlib import Path
from typing import cast

from gitexp.errors import GitexpError
from gitexp.git.begun import Begun
from gitexp.git.configured_hooks import FALSE, READERS, hooks_off
from gitexp.git.failing import GitCommandFailed
from gitexp.git.objects import ObjectReader
from gitexp.git.place import clean_environment, config_ahead, find_place, read_config
from gitexp.model.paths import TopPath

_SETTINGS = (
    ("core.hooksPath", os.devnull),  # recording is not a commit of the user's: no hook runs
    ("core.fsmonitor", "false"),  # a monitor may miss what was written a moment ago
    ("core.splitIndex", "false"),  # a private index must not hang on shared files
    ("i18n.commitEncoding", "UTF-8"),  # another one would give the branch another root
    ("core.useReplaceRefs", "false"),  # an oid means the same in every clone
    ("log.showSignature", "false"),  # it would stand among what is read
    ("advice.addEmbeddedRepo", "false"),
    ("gc.auto", "0"),
)


_CASE = (("core.ignoreCase", "false"),)
"""Where the file system tells case, whatever a repository that came from elsewhere says: else
git takes `train.py` for the `Train.py` that it knows.
"""

_TRUE = frozenset({"true", "yes", "on", "1"})

_CHUNK = 1 << 16


class Repository:
    """A git repository with a work tree, addressed by its own paths, not by the environment."""

    def __init__(self, top: Path, git_dir: Path, common_dir: Path, object_format: str) -> None:
        self.top = top
        """The top of this work tree."""
        self.git_dir = git_dir
        """This work tree's own git directory, with its HEAD and index."""
        self.common_dir = common_dir
        """The git directory that all linked work trees share, with refs and objects."""
        self.object_format = object_format
        """'sha1' or 'sha256'."""
        self._opened_at: Path | None = None
        chosen = [*_SETTINGS, *_CASE] if _tells_case(top) else _SETTINGS
        settings = [option for key, value in chosen for option in ("-c", f"{key}={value}")]
        self._command = ["git", "--no-pager", *settings]
        self._env = {
            **clean_environment(os.environ),
            "GIT_DIR": str(git_dir),
            "GIT_WORK_TREE": str(top),
            "GIT_OPTIONAL_LOCKS": "0",
            FALSE: "false",
        }

    @classmethod
    def open(cls, directory: Path) -> Repository:
        """Open the repository that holds `directory`; raise NoRepository if none does."""
        place = find_place(directory)
        opened = cls(place.top, place.git_dir, place.common_dir, place.object_format)
        opened._opened_at = directory
        return opened

    @classmethod
    def made(cls, directory: Path, object_format: str) -> Repository:
        """Make an empty repository, whatever the user's templates have, and open it."""
        options = ("--quiet", "--template=", f"--object-format={object_format}")
        ended = subprocess.run(
            ["git", "init", *options, str(directory)],
            env=clean_environment(os.environ),
            capture_output=True,
            check=False,
        )
        if ended.returncode != 0:
            said = os.fsdecode(ended.stderr).strip()
            raise GitexpError(f"git cannot make a repository in '{directory}': {said}")
        return cls.open(directory)

    def git(
        self,
        *args: str,
        stdin: bytes | None = None,
        index: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> bytes:
        """Run `git ARGS...` at the top and return its stdout; raise if it exits non-zero.

        `index` is the index to use instead of the user's.
        """
        ended = self.attempt(*args, stdin=stdin, index=index, env=env)
        if ended.returncode != 0:
            used = index or self.git_dir / "index"
            raise GitCommandFailed(args, ended.returncode, os.fsdecode(ended.stderr), used)
        if args[0] == "config":
            self.forget_config()
        return ended.stdout

    def attempt(
        self,
        *args: str,
        stdin: bytes | None = None,
        index: Path | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run `git ARGS...` at the top and return how it ended, whatever its status.

        Raises TimeoutError after `timeout` seconds, and ends what git had started by then.
        """
        if timeout is not None:
            begun = self.begin(*args, index=index, env=env, is_fed=stdin is not None)
            return begun.answered(stdin, timeout)
        chosen = {"GIT_INDEX_FILE": str(index)} if index is not None else {}
        return subprocess.run(
            [*self._command, *self._hooks_off(args), *args],
            cwd=self.top,
            input=stdin,
            stdin=None if stdin is not None else subprocess.DEVNULL,
            env={**self._env, **chosen, **(env or {})},
            capture_output=True,
            check=False,
        )

    def begin(
        self,
        *args: str,
        index: Path | None = None,
        env: Mapping[str, str] | None = None,
        is_fed: bool = False,
    ) -> Begun:
        """Start `git ARGS...` at the top, and go on while it is at work, perhaps feeding it."""
        chosen = {"GIT_INDEX_FILE": str(index)} if index is not None else {}
        return Begun(
            subprocess.Popen(
                [*self._command, *self._hooks_off(args), *args],
                cwd=self.top,
                env={**self._env, **chosen, **(env or {})},
                stdin=subprocess.PIPE if is_fed else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        )

    def _hooks_off(self, args: Sequence[str]) -> list[str]:
        return [] if args[0] in READERS else hooks_off(args, lambda: self.config)

    def start_in_background(self, *args: str) -> None:
        """Start `git ARGS...` with the user's own settings, and leave it to itself."""
        subprocess.run(
            ["sh", "-c", '"$0" "$@" &', "git", "-C", str(self.top), *args],
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # neither Ctrl-C nor the end of the terminal is for it
            check=False,
        )

    def line(self, *args: str, stdin: bytes | None = None, index: Path | None = None) -> str:
        """Return git's output without the newline at its end."""
        return os.fsdecode(self.git(*args, stdin=stdin, index=index)).rstrip("\n")

    def fields(
        self,
        *args: str,
        index: Path | None = None,
        env: Mapping[str, str] | None = None,
        with_rest: bool = False,
    ) -> Iterator[bytes]:
        """Run `git ARGS...` and yield what stands before each NUL of its output as it comes.

        With the rest, also what stands after the last one.
        """
        chosen = {"GIT_INDEX_FILE": str(index)} if index is not None else {}
        process = subprocess.Popen(
            [*self._command, *args],
            cwd=self.top,
            env={**self._env, **chosen, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        rest = b""
        with process, cast("BufferedReader", process.stdout) as output:
            while chunk := output.read1(_CHUNK):
                *whole, rest = (rest + chunk).split(b"\0")
                yield from whole
        if with_rest:
            yield rest
        if process.returncode != 0:
            raise GitCommandFailed(args, process.returncode, "")

    @cached_property
    def objects(self) -> ObjectReader:
        """The objects of the repository, read by one long-lived process."""
        return ObjectReader([*self._command, "cat-file", "--batch"], cwd=self.top, env=self._env)

    @cached_property
    def config(self) -> Mapping[str, str]:
        """The user's configuration, the last value of a name; in lower case as git lists them."""
        listed = None if self._opened_at is None else config_ahead(self._opened_at)
        if listed is None:
            listed = read_config(self.top, self._env)
        pairs = (entry.partition("\n") for entry in os.fsdecode(listed).split("\0") if entry)
        return {name: value if given else "true" for name, given, value in pairs}

    def forget_config(self) -> None:
        """Have the configuration read again: it was written."""
        self.__dict__.pop("config", None)

    @property
    def ignores_any_case(self) -> bool:
        """Whether the user's git takes the patterns of `.gitignore` for all cases, and ours not."""
        return self.is_set("core.ignorecase") and _tells_case(self.top)

    def is_set(self, name: str) -> bool:
        """Return whether a setting, named in lower case, is true."""
        return self.config.get(name, "").lower() in _TRUE

    @property
    def is_partial(self) -> bool:
        """Whether objects may be missing here, to be fetched when somebody asks for them."""
        return "extensions.partialclone" in self.config or any(
            name.startswith("remote.") and name.endswith((".promisor", ".partialclonefilter"))
            for name in self.config
        )

    @property
    def is_linked(self) -> bool:
        """Whether this is a work tree beside a main one."""
        return self.git_dir != self.common_dir and self.common_dir.name == ".git"

    def in_main(self, path: Path) -> Path | None:
        """Return the place of a path in the main work tree, if this is a linked one."""
        return self.common_dir.parent / path.relative_to(self.top) if self.is_linked else None

    @property
    def is_shallow(self) -> bool:
        """Whether history ends somewhere because the rest was not fetched."""
        return (self.common_dir / "shallow").exists()

    def relative(self, path: Path) -> TopPath:
        """Return a path below the top as git spells it; '' for the top itself."""
        text = path.relative_to(self.top).as_posix()
        return TopPath("" if text == "." else text)

    def close(self) -> None:
        """End the process that reads objects."""
        if "objects" in self.__dict__:
            self.objects.close()

    def __enter__(self) -> Repository:
        """Return the repository itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the repository."""
        self.close()


def make_bare(place: Path, object_format: str) -> None:
    """Make a repository without a work tree, hooks or anything of a template."""
    args = ("init", "--quiet", "--bare", "--template=", f"--object-format={object_format}")
    ended = subprocess.run(
        ["git", *args, str(place)],
        cwd=place.parent,
        env=clean_environment(os.environ),
        capture_output=True,
        check=False,
    )
    if ended.returncode != 0:
        raise GitCommandFailed(args, ended.returncode, os.fsdecode(ended.stderr))


def _tells_case(top: Path) -> bool:
    """Return whether the file system of a work tree tells `a` from `A`, as far as can be seen."""
    return os.path.lexists(top / ".git") and not os.path.lexists(top / ".GIT")
