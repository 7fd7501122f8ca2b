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
from gitexp.sharing.last_push import Memo
from gitexp.sharing.plain_clone import Settings, look_aside
from gitexp.sharing.plain_runs import (
    SHA1_ROOT,
    NotPlain,
    ends_as_ours,
    note_places,
    parent_of_run,
)

_New = tuple[str, str, "str | None", int]
"""Our tip and theirs, the notes of both, and how many runs are new."""
_NOTES = "refs/notes/gitexp"
_MOST = 50
"""How many new runs are still few."""
_AT_TERMINALS = ("GIT_EDITOR", "GIT_SEQUENCE_EDITOR", "GIT_PAGER", "GIT_PS1_")
"""How those begin that nothing of this asks for."""
_CLEAR = "\r\x1b[K"


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
        os.write(2, b"\n")  # below what the terminal shows of the key
        return 130


class _Plain:
    """A push from the top of an ordinary repository, in the current folder."""

    def __init__(self, args: list[str], version: str) -> None:
        if len(args) > 1 or any(one.startswith("-") for one in args):
            raise NotPlain
        named = [one for one in os.environ if one.startswith(("GIT_", "GITEXP_", "_GITEXP_"))]
        if not all(one.startswith((*WHO_AND_HOW, *_AT_TERMINALS)) for one in named):
            raise NotPlain
        if not stat.S_ISDIR(os.lstat(".git").st_mode):
            raise NotPlain
        self._memo = Memo.read(version)
        asked = LeanProcess(("config", "--list", "-z"), os.environ)
        look_aside()
        self._settings = Settings(asked.ended())
        if asked.status != 0 or not self._memo.there.isascii():  # as it could not be told
            raise NotPlain
        self._remote = self._settings.remote(args[0] if args else None, self._memo.branch)
        here = os.getcwd()
        self._env = {**os.environ, "GIT_DIR": f"{here}/.git", "GIT_WORK_TREE": here}

    def push(self) -> int:
        """Send the new runs; raises NotPlain if that is not all there is to do."""
        branch = f"refs/heads/{self._memo.there}"
        env = {**self._env, BY_GITEXP: "1", "LANGUAGE": "C", "LC_ALL": "C"}
        said = [option for setting in TALKING for option in ("-c", setting)]
        question = [*said, "ls-remote", "--quiet", "--", self._remote, branch, _NOTES]
        (tip, there, notes, count), lines = self._asked(question, env)
        found = {ref: oid for oid, ref in (line.split("\t", 1) for line in lines)}
        if found.get(branch) != there or found.get(_NOTES) != notes:
            raise NotPlain
        self._send([*said, *self._order(tip, branch)], env)
        runs = f"{count} run{'' if count == 1 else 's'}"
        sys.stdout.write(f"pushed {runs} to {self._remote}/{self._memo.there}\n")
        sys.stdout.flush()
        return 0

    def _asked(self, question: list[str], env: dict[str, str]) -> tuple[_New, list[str]]:
        """Return what is new here, and what the remote says that it has.

        A folder is asked meanwhile. Of others, ssh may ask the user for a password, and would
        not end with git if what is here were out of the ordinary.
        """
        new = None if self._settings.is_folder(self._remote) else self._new()
        asked = LeanProcess(question, env)
        try:
            new = new or self._new()
            lines = asked.ended().decode().splitlines()
        finally:
            asked.end()
        if asked.status != 0:
            raise NotPlain
        return new, lines

    def _new(self) -> _New:
        """Return what is new; raises NotPlain if something is no run, or one with data."""
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
        if tip is None or there is None or any(found[5:]) or not self._settings.has_sha1:
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
                if is_shown and (share := _share_in(said)):
                    sys.stderr.write(_CLEAR + share)
                    sys.stderr.flush()
            process.ended()
        finally:
            process.end()
            if is_shown:
                sys.stderr.write(_CLEAR)
        if process.status != 0:
            raise NotPlain


def _share_in(said: bytes) -> str | None:
    """Return how far git has come, if it says so; what else a remote says may be anything."""
    for line in reversed(said.replace(b"\n", b"\r").split(b"\r")):
        text = line.rstrip().decode(errors="replace")
        if "% (" in text and text.isascii() and text.isprintable():
            return text
    return None
