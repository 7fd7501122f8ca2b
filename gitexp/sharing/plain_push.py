"""The plain push: some new runs without data, to a remote that has all others.

It is what people do after each run, and all that it takes is to make sure that this is all there
is to do, and `git push`. So nothing is imported here that is not there already: the command
takes half as long. Whatever is out of the ordinary is left to `push`, before anything is sent.
"""

from __future__ import annotations

import os
import stat
import sys

from gitexp.git.lean_processes import BY_GITEXP, TALKING, WHO_AND_HOW, LeanObjects, LeanProcess
from gitexp.sharing.plain_runs import (
    SHA1_ROOT,
    NotPlain,
    ends_as_ours,
    note_places,
    parent_of_run,
)

_MEMO = ".git/gitexp/plain-push"
_CONFIG = "gitexp.yaml"
_NOTES = "refs/notes/gitexp"
_MOST = 50
"""How many new runs are still few."""
_MUST_BE_EMPTY = ("waiting", "journal")
_MUST_NOT_BE = (
    "shallow",
    "commondir",
    "gitexp/data-left",
    "gitexp/afterwards/push.json",
    "gitexp/purged.json",
)
_AT_TERMINALS = ("GIT_EDITOR", "GIT_SEQUENCE_EDITOR", "GIT_PAGER", "GIT_PS1_")
"""How those begin that nothing of this asks for."""
_CLEAR = "\r\x1b[K"
_HOOK = ".git/hooks/pre-push"
_OURS = b"`gitexp hooks uninstall`"


class Memo:
    """What the last push found out about the settings, and holds for as long as they are these."""

    def __init__(self, version: str, branch: str, there: str, settings: bytes | None) -> None:
        self.branch, self.there, self._settings = branch, there, settings
        self._version = version

    def text(self) -> bytes:
        """Return it as it is kept."""
        head = f"{self._version}\n{self.branch}\n{self.there}\n"
        return head.encode() + (b"none" if self._settings is None else b"\n" + self._settings)

    @classmethod
    def read(cls, version: str) -> Memo:
        """Return the one that is kept; raises NotPlain if the settings are other ones by now."""
        with open(_MEMO, "rb") as file:
            kept = file.read().split(b"\n", 3)
        if len(kept) != 4:  # noqa: PLR2004 - as `text` has it
            raise NotPlain
        branch, there = kept[1].decode(), kept[2].decode()
        found = cls(version, branch, there, _settings())
        if found.text() != b"\n".join(kept):
            raise NotPlain
        return found


def _settings() -> bytes | None:
    """Return the settings at the top of the work tree."""
    try:
        kind = os.lstat(_CONFIG).st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(kind):
        raise NotPlain
    with open(_CONFIG, "rb") as file:
        return file.read()


def push_plainly(args: list[str], version: str) -> int | None:
    """Do what `gitexp push` does, if that is plain, and return its exit code.

    None if anything is out of the ordinary: nothing was sent then, or git has refused it, or
    nobody could be told.
    """
    try:
        return _Plain(args, version).push()
    except (NotPlain, OSError, ValueError, IndexError):
        return None
    except KeyboardInterrupt:
        return 130


class _Plain:
    """A push from the top of an ordinary repository, in the current folder."""

    def __init__(self, args: list[str], version: str) -> None:
        if len(args) > 1 or any(one.startswith("-") for one in args):
            raise NotPlain
        if sys.stdout is None or sys.stderr is None:  # whoever started this has closed them
            raise NotPlain
        named = [one for one in os.environ if one.startswith(("GIT_", "GITEXP_", "_GITEXP_"))]
        if not all(one.startswith((*WHO_AND_HOW, *_AT_TERMINALS)) for one in named):
            raise NotPlain
        if not stat.S_ISDIR(os.lstat(".git").st_mode):
            raise NotPlain
        self._memo = Memo.read(version)
        asked = LeanProcess(("config", "--list", "-z"), os.environ)
        _look_aside()
        self._config = _pairs(asked.ended())
        if asked.status != 0:
            raise NotPlain
        self._remote = self._chosen(args)
        here = os.getcwd()
        self._env = {**os.environ, "GIT_DIR": f"{here}/.git", "GIT_WORK_TREE": here}

    def _chosen(self, args: list[str]) -> str:
        """Return the name of the remote, if neither it nor the repository is anything special."""
        config = self._config
        if (
            config.get("core.bare") != "false"
            or "core.worktree" in config
            or _has_hook(config)
            or config.get("extensions.refstorage", "files") != "files"
            or any(one.endswith((".promisor", ".partialclonefilter")) for one in config)
            or "extensions.partialclone" in config
        ):
            raise NotPlain
        name = (args or [config.get(f"branch.{self._memo.branch}.remote", "origin")])[0]
        if (
            f"remote.{name}.url" not in config
            or not name.isascii()
            or f"remote.{name}.pushurl" in config
            or config.get(f"remote.{name}.fetch") != f"+refs/heads/*:refs/remotes/{name}/*"
        ):
            raise NotPlain
        return name

    def push(self) -> int:
        """Send the new runs; raises NotPlain if that is not all there is to do."""
        branch = f"refs/heads/{self._memo.there}"
        talking = {**self._env, BY_GITEXP: "1", "LANGUAGE": "C", "LC_ALL": "C"}
        said = [option for setting in TALKING for option in ("-c", setting)]
        asked = LeanProcess(
            [*said, "ls-remote", "--quiet", "--", self._remote, branch, _NOTES], talking
        )
        try:
            tip, there, notes, count = self._new()
            lines = asked.ended().decode().splitlines()
        finally:
            asked.kill()
        found = {ref: oid for oid, ref in (line.split("\t", 1) for line in lines)}
        if asked.status != 0 or found.get(branch) != there or found.get(_NOTES) != notes:
            raise NotPlain
        self._send([*said, *self._order(tip, branch)], talking)
        runs = f"{count} run{'' if count == 1 else 's'}"
        sys.stdout.write(f"pushed {runs} to {self._remote}/{self._memo.there}\n")
        sys.stdout.flush()
        return 0

    def _new(self) -> tuple[str, str, str | None, int]:
        """Return our tip and theirs, the notes of both, and how many runs are new.

        Raises NotPlain if something new is no run, or one with data.
        """
        objects = LeanObjects(self._env)
        try:
            tip, there, notes, run = self._ends(objects)
            at, count = tip, 0
            while at[0] != there:
                parent = parent_of_run(at, run)
                count += 1
                above, run = objects.read(parent, f"{parent}:.gitexp/run.json")
                if above is None or count == _MOST:
                    raise NotPlain
                at = above
        finally:
            objects.close()
        if not count:
            raise NotPlain
        return tip[0], there, notes, count

    def _ends(
        self, objects: LeanObjects
    ) -> tuple[tuple[str, bytes], str, str | None, tuple[str, bytes] | None]:
        """Return our last commit, the oid of theirs, that of the notes, and the last record."""
        mine = f"refs/heads/{self._memo.branch}"
        theirs = f"refs/remotes/{self._remote}/{self._memo.there}"
        fetched = f"refs/gitexp/remotes/{self._remote}/notes"
        commits = (f"{one}^{{commit}}" for one in (mine, theirs, _NOTES, fetched))
        purges = (f"{_NOTES}:{path}" for path in note_places(SHA1_ROOT))
        found = objects.read(*commits, f"{mine}:.gitexp/run.json", *purges)
        tip, there, notes, seen, run = found[:5]
        is_sha1 = self._config.get("extensions.objectformat", "sha1") == "sha1"
        if tip is None or there is None or any(found[5:]) or not is_sha1:
            raise NotPlain
        if (notes and notes[0]) != (seen and seen[0]) or not ends_as_ours(*there):
            raise NotPlain
        return tip, there[0], notes[0] if notes is not None else None, run

    def _order(self, tip: str, branch: str) -> list[str]:
        shown = ["--progress"] if sys.stderr.isatty() else []
        options = ("--porcelain", "--no-follow-tags", "--recurse-submodules=no")
        return ["push", *shown, *options, "--", self._remote, f"{tip}:{branch}"]

    def _send(self, order: list[str], env: dict[str, str]) -> None:
        process = LeanProcess(order, env, says=True)
        is_shown = sys.stderr.isatty()
        try:
            for said in process.parts():
                if is_shown and b"%" in said:
                    line = said.replace(b"\n", b"\r").strip(b"\r").rpartition(b"\r")[2]
                    sys.stderr.write(_CLEAR + line.decode(errors="replace"))
                    sys.stderr.flush()
            process.ended()
        finally:
            process.kill()
            if is_shown:
                sys.stderr.write(_CLEAR)
        if process.status != 0:
            raise NotPlain


def _look_aside() -> None:
    """Raise NotPlain if a run is under way or waits, or a push has left something to do."""
    if any(os.path.lexists(f".git/{name}") for name in _MUST_NOT_BE):
        raise NotPlain
    for name in _MUST_BE_EMPTY:
        place = f".git/gitexp/{name}"
        if os.path.isdir(place) and os.listdir(place):
            raise NotPlain
    pending = ".git/refs/gitexp/pending"
    if os.path.isdir(pending) and os.listdir(pending):
        raise NotPlain
    if os.path.exists(".git/packed-refs"):
        with open(".git/packed-refs", "rb") as file:
            if b" refs/gitexp/pending/" in file.read():
                raise NotPlain


def _has_hook(config: dict[str, str]) -> bool:
    """Return whether a hook looks at pushes that is not ours, which has nothing to do here."""
    if any(one == "core.hookspath" or one.startswith("hook.") for one in config):
        return True
    try:
        with open(_HOOK, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        return os.path.lexists(_HOOK)
    alone = _OURS in content and b"\nearlier=''\n" in content
    return not alone or os.path.lexists(f"{_HOOK}.before-gitexp")


def _pairs(listed: bytes) -> dict[str, str]:
    entries = os.fsdecode(listed).split("\0")
    return {name: value for name, _, value in (one.partition("\n") for one in entries)}
