"""A run committed by hand: six bare calls of git, in a shell script's order."""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from benchmarks.workshop import run


class ByHand:
    """Commits of the same files, new in each round, on a branch of their own."""

    def __init__(self, place: Path, contents: Mapping[str, bytes]) -> None:
        self._place = place
        self._contents = contents
        self._scratch = place.with_name(f"{place.name}-files")
        self._scratch.mkdir()
        self._files = [self._scratch / f"blob-{number}" for number in range(len(contents))]
        self._numbers = itertools.count()
        self._env = {**os.environ, "GIT_INDEX_FILE": str(self._scratch / "index")}
        empty = run("git", "hash-object", "-wt", "tree", "--stdin", cwd=place).decode().strip()
        self._tip = self._git("commit-tree", "-m", "o", empty)
        self._git("update-ref", "refs/heads/experiments", self._tip)

    def before(self) -> None:
        """Write the files, with other contents than in any round before."""
        number = next(self._numbers)
        for file, content in zip(self._files, self._contents.values(), strict=True):
            file.write_bytes(content + f"{number}\n".encode())

    def run(self) -> None:
        """Commit them."""
        names = "".join(f"{file}\n" for file in self._files)
        oids = self._git("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=names).split()
        self._git("read-tree", "HEAD")
        paths = zip(oids, self._contents, strict=True)
        entries = "".join(f"100644 {oid}\t{path}\0" for oid, path in paths)
        self._git("update-index", "-z", "--add", "--index-info", stdin=entries)
        tree = self._git("write-tree")
        new = self._git("commit-tree", tree, "-p", self._tip, stdin="a run\n\nGitexp-Run: x\n")
        self._git("update-ref", "-m", "a run", "refs/heads/experiments", new, self._tip)
        self._tip = new

    def _git(self, *args: str, stdin: str = "") -> str:
        ended = subprocess.run(
            ["git", *args],
            cwd=self._place,
            input=stdin,
            env=self._env,
            capture_output=True,
            check=True,
            text=True,
        )
        return ended.stdout.strip()
