"""Remotes: what they have, fetching from them (through GitPython), pushing to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from gitexp.errors import GitexpError
from gitexp.git.lean_processes import BY_GITEXP, TALKING
from gitexp.git.repository import Repository
from gitexp.git.talking import Talk
from gitexp.git.ways_out import way_out

if TYPE_CHECKING:
    import git

Progress = Callable[[str], None]
"""Called with how far git has come, in git's words."""

EVERYTHING = 0x7FFFFFFE
"""As a depth: all of a branch, and nothing of others, which `--unshallow` would fetch too."""

_SYMREF = "ref: refs/heads/"
_FETCH = "--no-tags --no-prune --no-write-fetch-head --recurse-submodules=no".split()
_PUSH = "--porcelain --no-follow-tags --recurse-submodules=no".split()
_PERCENT = re.compile(r"^(?:remote: )?[A-Z][\w ]+: +\d+(?:% \(\d+/\d+\)|(?:, done\.)?$)")
_REFUSED = re.compile(r"^!\t\S+\t\[(?P<kind>[^]]*)\] *\(?(?P<reason>.*?)\)?$")
_NO_FILTER = "filtering not recognized"
_RACE = re.compile(
    r"fetch first|non-fast-forward|stale info|cannot lock ref|failed to update ref|"
    r"failed to lock|incorrect old value|already exists|but expected|reference already|"
    r"unable to update local ref|unable to create .*\.lock",
    re.IGNORECASE,
)
"""What git says if somebody else was faster."""

_STUCK = re.compile(
    "Permission denied|Operation not permitted|Read-only file system|No space left|quota exceeded"
)
"""Why the remote could not lock or write a ref, if nobody was faster: it stays so."""


class RemoteFailed(GitexpError):
    """A remote could not be reached, or did not do what was asked. Carries git's words."""

    def __init__(self, remote: str, said: Sequence[str]) -> None:
        self.said = tuple(said)
        quoted = "\n  ".join(self.said) or "git does not say why"
        super().__init__(f"remote '{remote}' failed:\n  {quoted}", hint=way_out(self.said))


class PushRejected(RemoteFailed):
    """The remote was reached and does not take the commits."""


class RemoteMoved(RemoteFailed):
    """Somebody else moved a ref between our reading it and our writing it."""


class Remote:
    """A remote of a repository, by its name."""

    def __init__(self, repository: Repository, name: str, progress: Progress | None = None) -> None:
        self.repository = repository
        self.name = name
        self.progress = progress
        self._asked: tuple[tuple[str, ...], Talk] | None = None

    def ask_ahead(self, *refs: str) -> None:
        """Start to ask for what `tips` returns: a remote answers while Python imports."""
        self._asked = (refs, self._tips(refs))

    def tips(self, *refs: str) -> dict[str, str]:
        """Return the oids of those of the refs that the remote has; `refs/tags/*` is all below."""
        ahead, self._asked = self._asked, None
        talk = ahead[1] if ahead is not None and ahead[0] == refs else self._tips(refs)
        lines, _ = self._heard(talk)
        pairs = (line.split("\t", 1) for line in lines if "\t" in line)
        folders = tuple(one[:-1] for one in refs if one.endswith("/*"))
        return {ref: oid for oid, ref in pairs if ref in refs or ref.startswith(folders)}

    def _tips(self, refs: Sequence[str]) -> Talk:
        return self._talk("ls-remote", "--quiet", "--", self.name, *refs)

    def default_branch(self) -> str | None:
        """Return the branch that clones of the remote begin with, if it says so."""
        asked = ("ls-remote", "--quiet", "--symref", "--", self.name, "HEAD")
        lines, _ = self._heard(self._talk(*asked))
        heads = (line.partition("\t")[0] for line in lines if line.endswith("\tHEAD"))
        found = (head for head in heads if head.startswith(_SYMREF))
        return next((head.removeprefix(_SYMREF) for head in found), None)

    def fetch(self, *refspecs: str, depth: int | None = None) -> None:
        """Fetch refs; raises RemoteMoved if another process here fetches them, too."""
        deep = [f"--depth={depth}"] if depth else []
        self._git("fetch", *self._shown, *_FETCH, *deep, "--", self.name, *refspecs)

    def fetch_apart(
        self, *what: str, depth: int, without: Literal["tree:0", "blob:none"] | None = None
    ) -> bool:
        """Fetch the newest commits of refs or oids, with no ref for them here.

        Returns whether the remote left out what was not wanted, trees and files or files alone,
        which some servers send all the same.
        """
        some = [f"--filter={without}"] if without else []
        options = ("--quiet", *_FETCH, "--refmap=", *some, f"--depth={depth}")
        _, said = self._git("fetch", *options, "--", self.name, *what)
        return not any(_NO_FILTER in line for line in said)

    def fetch_objects(self, oids: Sequence[str]) -> None:
        """Fetch objects that a partial clone lacks, all at once instead of one by one."""
        for start in range(0, len(oids), 1000):
            some = oids[start : start + 1000]
            options = ("-c", "fetch.negotiationAlgorithm=noop", "fetch", *_FETCH)
            self._git(*options, "--filter=blob:none", "--", self.name, *some)

    def push(self, refspec: str, *, lease: str | None = None) -> None:
        """Push a ref; raises RemoteMoved or PushRejected.

        With a lease the ref is replaced, if it still is at that commit; else nothing is forced.
        """
        forced = [f"--force-with-lease={refspec.partition(':')[2]}:{lease}"] if lease else []
        try:
            options = (*self._shown, *_PUSH, *forced)
            self._heard(self._talk("push", *options, "--", self.name, refspec))
        except RemoteMoved as moved:
            if forced and not any("stale info" in line for line in moved.said):
                raise PushRejected(self.name, moved.said) from moved
            raise

    @property
    def _shown(self) -> list[str]:
        return ["--progress"] if self.progress else []

    def _heard(self, talk: Talk) -> tuple[list[str], list[str]]:
        """Return the lines that git printed and said."""
        said: list[str] = []
        told, status = talk.heard(lambda line: self._hear(line, said))
        if status != 0:
            raise self._failure(told, said)
        return told, said

    def _git(self, *args: str) -> tuple[list[str], list[str]]:
        """Do the same through GitPython, for what takes longer than its import."""
        from git.cmd import handle_process_output  # noqa: PLC0415 - 55 ms, where a remote is talked to

        told: list[str] = []
        said: list[str] = []
        settings = [option for setting in TALKING for option in ("-c", setting)]
        with self._opened() as repo:
            process = repo.git.execute(
                ["git", *settings, *args], as_process=True, universal_newlines=True
            )
            handle_process_output(
                process,
                lambda line: told.append(line.rstrip("\n")),
                lambda line: self._hear(line.rstrip(), said),
                decode_streams=False,
            )
            if process.proc is None or process.proc.wait() != 0:
                raise self._failure(told, said)
        return told, said

    @contextmanager
    def _opened(self) -> Iterator[git.Repo]:
        import git  # noqa: PLC0415 - 50 ms, as above

        with git.Repo(self.repository.top) as repo:
            repo.git.update_environment(**self._place, **{BY_GITEXP: "1"})
            yield repo

    @property
    def _place(self) -> Mapping[str, str]:
        """The environment that says which repository git works on."""
        return {
            "GIT_DIR": str(self.repository.git_dir),
            "GIT_WORK_TREE": str(self.repository.top),
        }

    def _talk(self, *args: str) -> Talk:
        return Talk(self.repository.top, self._place, *args)

    def _hear(self, line: str, said: list[str]) -> None:
        if not _PERCENT.match(line):
            said.append(line)
        elif self.progress:
            self.progress(line)

    def _failure(self, told: list[str], said: list[str]) -> RemoteFailed:
        refused = [match for line in told if (match := _REFUSED.match(line))]
        words = [line for line in said if line and not line.startswith("error: failed to push")]
        if not refused:
            race = _is_race(words, words)
            return (RemoteMoved if race else RemoteFailed)(self.name, words)
        reasons = [match["reason"] or match["kind"] for match in refused]
        told_why = [reason for reason in reasons if not any(reason in word for word in words)]
        race = _is_race(reasons, words)
        return (RemoteMoved if race else PushRejected)(self.name, [*words, *told_why])


def _is_race(reasons: Sequence[str], said: Sequence[str]) -> bool:
    return any(map(_RACE.search, reasons)) and not any(map(_STUCK.search, said))


def choose_remote(repository: Repository, branch: str, named: str | None = None) -> str:
    """Return the remote to use: the one named, the branch's own, `origin`, or the only one."""
    names = remote_names(repository)
    own = repository.config.get(f"branch.{branch}.remote")
    for choice in [named] if named is not None else [own, "origin"]:
        if choice in names:
            return str(choice)
    if named is not None:
        listed = ", ".join(f"'{name}'" for name in names)
        raise GitexpError(
            f"no remote '{named}'",
            hint=f"The remotes are {listed}."
            if names
            else f"Add it with `git remote add {named} URL`.",
        )
    if not names:
        raise GitexpError(
            "this repository has no remote", hint="Add one with `git remote add origin URL`."
        )
    if len(names) > 1:
        listed = ", ".join(f"'{name}'" for name in names)
        raise GitexpError(f"there are {len(names)} remotes: {listed}", hint="Name one of them.")
    return names[0]


def remote_names(repository: Repository) -> list[str]:
    """Return the remotes of a repository, in the order of its configuration."""
    return list(
        dict.fromkeys(
            name.removeprefix("remote.").rpartition(".")[0]
            for name in repository.config
            if name.startswith("remote.") and name.endswith((".url", ".pushurl"))
        )
    )
