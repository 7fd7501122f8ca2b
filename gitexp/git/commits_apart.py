"""The commits of a remote without their files, looked at in a repository of their own.

Git writes into the configuration of a repository that it has once fetched so little for it, and
every later fetch would go by that: so it is not the user's.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from gitexp.git.remotes import Remote
from gitexp.git.repository import Repository, make_bare

_TALKING = ("credential.", "http.", "protocol.", "ssh.", "url.")
_TALKING_CORE = frozenset({"core.askpass", "core.gitproxy", "core.sshcommand"})
"""The settings of a repository that say how to reach its remotes."""
_NOT_OF_REMOTE = (".fetch", ".partialclonefilter", ".promisor", ".prune", ".tagopt", ".mirror")
_COUNT = "GIT_CONFIG_COUNT"


class CommitsApart(Remote):
    """A remote as seen from a bare repository, which holds commits of it and nothing else."""

    def __init__(self, remote: Remote, place: Path) -> None:
        super().__init__(remote.repository, remote.name, remote.progress)
        make_bare(place, remote.repository.object_format)
        self._bare = place

    @cached_property
    def _place(self) -> Mapping[str, str]:
        settings = list(_how_to_reach(self.repository, self.name))
        first = int(os.environ.get(_COUNT) or 0)
        found = {"GIT_DIR": str(self._bare), "GIT_WORK_TREE": str(self.repository.top)}
        for number, (name, value) in enumerate(settings, first):
            found |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
        return {**found, _COUNT: str(first + len(settings))}

    def messages(self, tip: str) -> Iterator[tuple[str, bytes]]:
        """Yield oids and messages of the commits that are here, the newest first."""
        found = self.repository.fields(
            "rev-list", "--topo-order", "--format=%H%x00%B%x00", tip, env=self._place
        )
        for head in found:
            message = next(found, None)
            if message is not None:
                yield os.fsdecode(head.rpartition(b"\n")[2]), message

    def files_of(self, commit: str) -> dict[str, str]:
        """Return the oids of the files of a commit by their paths, whether they are here or not."""
        listed = self.repository.git("ls-tree", "-r", "-z", commit, env=self._place)
        pairs = (line.split(b"\t", 1) for line in listed.split(b"\0") if line)
        return {os.fsdecode(path): head.decode().split(" ")[2] for head, path in pairs}

    def contents(self, oids: Sequence[str]) -> list[bytes]:
        """Return what objects hold that are here."""
        asked = "".join(f"{oid}\n" for oid in oids).encode()
        said = self.repository.git("cat-file", "--batch", stdin=asked, env=self._place)
        found, at = [], 0
        for _ in oids:
            end = said.index(b"\n", at)
            size = int(said[at:end].rpartition(b" ")[2])
            found.append(said[end + 1 : end + 1 + size])
            at = end + size + 2
        return found

    def write(self, files: Mapping[str, bytes], message: str, person: str) -> str:
        """Write a commit of files, without a parent, and return its oid."""
        head = f"commit refs/heads/made\ncommitter {person}\n"
        parts = [head.encode(), _data(message.encode())]
        for path, content in files.items():
            parts += [f"M 100644 inline {path}\n".encode(), _data(content)]
        command = ("fast-import", "--quiet", "--date-format=raw", "--done")
        self.repository.git(*command, stdin=b"".join((*parts, b"done\n")), env=self._place)
        return self.repository.git("rev-parse", "refs/heads/made", env=self._place).decode().strip()


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _how_to_reach(repository: Repository, remote: str) -> Iterator[tuple[str, str]]:
    """Yield what the configuration of a repository itself says of a remote and of the way to it.

    It is given in the environment: a password may be among it, which no file should get.
    """
    listed = repository.git("config", "--list", "-z", "--show-scope").split(b"\0")
    fields = iter(map(os.fsdecode, listed))
    for scope, entry in zip(fields, fields, strict=False):
        name, _, value = entry.partition("\n")
        of_remote = name.startswith(f"remote.{remote}.") and not name.endswith(_NOT_OF_REMOTE)
        if scope in ("local", "worktree") and (
            of_remote or name.startswith(_TALKING) or name in _TALKING_CORE
        ):
            yield name, value
