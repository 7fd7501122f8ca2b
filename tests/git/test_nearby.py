"""What lies between two commits, against what git says when it walks history."""

from __future__ import annotations

import random

import pytest

from gitexp.git.nearby import _FAR, contains, line_between
from gitexp.git.repository import Repository

from tests.workshop import Git


def history(repository: Repository, chance: random.Random, count: int) -> list[str]:
    """Write commits with one parent or two, each of the last few there are."""
    tree = repository.line("mktree", stdin=b"")
    oids: list[str] = []
    for number in range(count):
        parents = chance.sample(oids[-3:], k=min(len(oids[-3:]), 1 + (chance.random() < 0.1)))
        lines = [f"tree {tree}", *(f"parent {oid}" for oid in parents)]
        lines += [
            f"{role} Ada <ada@example.com> {number} +0000" for role in ("author", "committer")
        ]
        lines += ["encoding ISO-8859-1"] if chance.random() < 0.05 else []
        commit = "\n".join([*lines, "", f"run {number}\n\nparent {oids[0] if oids else ''}\n"])
        command = ("hash-object", "-w", "-t", "commit", "--stdin")
        oids.append(repository.line(*command, stdin=commit.encode()))
    return oids


@pytest.mark.parametrize("seed", range(3))
def test_a_line_is_what_git_lists_and_ancestors_are_those_of_git(
    repository: Repository, seed: int
) -> None:
    chance = random.Random(seed)
    oids = history(repository, chance, 25)
    lines = 0
    for _ in range(15):
        start, tip = chance.choice(oids), chance.choice(oids)
        listed = repository.line("rev-list", "--topo-order", "--reverse", tip, f"^{start}").split()
        is_ancestor = repository.attempt("merge-base", "--is-ancestor", start, tip).returncode == 0

        found = line_between(repository, start, tip)

        assert found is None or [one.oid for one in found] == listed
        assert found is None or is_ancestor
        assert contains(repository, tip, start) == is_ancestor
        lines += found is not None
    assert lines  # else nothing was compared


def test_what_lies_far_back_is_left_to_git(repository: Repository) -> None:
    tree = repository.line("mktree", stdin=b"")
    oids = [repository.line("commit-tree", tree, "-m", "first")]
    stream = "".join(
        f"commit refs/heads/far\ncommitter A <a@b.c> {number} +0000\ndata 0\n"
        + (f"from {oids[0]}\n" if number == 0 else "")
        for number in range(_FAR + 1)
    )
    repository.git("fast-import", "--quiet", stdin=stream.encode())
    tip = repository.line("rev-parse", "far")

    assert line_between(repository, oids[0], tip) is None
    assert line_between(repository, repository.line("rev-parse", "far~3"), tip) is not None
    assert contains(repository, tip, oids[0])


def test_a_shallow_clone_is_left_to_git(repository: Repository, git: Git) -> None:
    git("commit", "--quiet", "--allow-empty", "-m", "more")
    start, tip = repository.line("rev-parse", "HEAD~1", "HEAD").split()
    assert line_between(repository, start, tip) is not None
    (repository.common_dir / "shallow").write_text(f"{tip}\n")

    assert line_between(repository, start, tip) is None
