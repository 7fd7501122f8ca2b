"""The commit that git is about to make, as far as it can be known."""

from __future__ import annotations

from gitexp.git.repository import Repository

_IDENTITY = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "gitexp"), ("EMAIL", "gitexp"), ("DATE", "2020-01-01T00:00:00Z"))
}


def candidate_commit(repository: Repository, tree: str) -> str:
    """Return a commit of the tree on top of HEAD, which no ref names; always the same one."""
    head = repository.objects.commit("HEAD")
    parents = ("-p", head) if head is not None else ()
    made = repository.git(
        "commit-tree", "--no-gpg-sign", tree, *parents, stdin=b"staged\n", env=_IDENTITY
    )
    return made.decode().strip()
