from __future__ import annotations

from pathlib import Path

from gitexp.git.fast_import import NewCommit, write_chain
from gitexp.git.repository import Repository
from gitexp.git.trees import tree_entries

from tests.signing import signing_key
from tests.workshop import Git

AUTHOR = "Bo Bär <bo@example.com> 1700000000 +0200".encode()
COMMITTER = b"Ada <ada@example.com> 1700000001 +0000"


def test_a_chain_has_the_trees_messages_and_people_that_were_asked_for(
    repository: Repository, work_tree: Path, git: Git
) -> None:
    parent = git("rev-parse", "HEAD", cwd=work_tree).strip()
    tree = git("rev-parse", "HEAD^{tree}", cwd=work_tree).strip()
    odd = 'a "b"\\/c\nd'

    oids = write_chain(
        repository,
        [
            NewCommit(tree, {odd: b"\0one\n"}, "first\n\nmore\n", AUTHOR, COMMITTER),
            NewCommit(tree, {"two": b""}, "second", AUTHOR, COMMITTER),
        ],
        parent=parent,
        ref="refs/scratch",
    )

    before = tree_entries(repository, tree)
    first, second = (tree_entries(repository, oid) for oid in oids)
    assert {path for path in first if path not in before} == {odd}
    assert {path for path in second if path not in before} == {"two"}
    assert before.items() <= first.items()
    assert repository.objects.blob(first[odd].oid) == b"\0one\n"
    commit = repository.objects.read(oids[0])
    assert commit is not None
    assert commit.content == b"tree %s\nparent %s\nauthor %s\ncommitter %s\n\nfirst\n\nmore\n" % (
        git("rev-parse", f"{oids[0]}^{{tree}}", cwd=work_tree).strip().encode(),
        parent.encode(),
        AUTHOR,
        COMMITTER,
    )
    parents = git("rev-list", "--first-parent", "refs/scratch", cwd=work_tree).split()
    assert parents[:3] == [oids[1], oids[0], parent]


def test_a_chain_is_signed_where_the_users_commits_are_until_the_signer_fails(
    repository: Repository, work_tree: Path, tmp_path: Path, git: Git
) -> None:
    signing_key(tmp_path, work_tree)
    parent = git("rev-parse", "HEAD").strip()
    tree = git("rev-parse", "HEAD^{tree}").strip()
    people = {"author": AUTHOR, "committer": COMMITTER}
    commits = [NewCommit(tree, {name: b"1"}, f"{name}\n", **people) for name in ("a", "b", "c")]
    said: list[str] = []

    signed = write_chain(repository, commits, parent=parent, ref="refs/scratch", tell=said.append)
    once = tmp_path / "once"
    once.write_text('#!/bin/sh\nrm "$0"\nexec ssh-keygen "$@"\n')
    once.chmod(0o755)
    git("config", "gpg.ssh.program", once)
    repository.forget_config()
    told: list[str] = []
    half = write_chain(repository, commits, parent=parent, ref="refs/half", tell=told.append)

    git("config", "--unset", "gpg.ssh.program")
    form = "--format=%G?%an <%ae> %at|%cn %ct|%s"
    wanted = ["Bo Bär <bo@example.com> 1700000000|Ada 1700000001"] * 3
    assert [line[1:-2] for line in git("log", "-3", form, "refs/scratch").splitlines()] == wanted
    assert git("log", "-3", "--format=%G? %s", "refs/scratch") == "G c\nG b\nG a\n"
    assert git("rev-list", "--reverse", f"{parent}..refs/scratch").split() == signed
    assert git("log", "-3", "--format=%G? %s", "refs/half") == "N c\nN b\nG a\n"
    assert git("rev-list", "--reverse", f"{parent}..refs/half").split() == half
    assert (said, len(told)) == ([], 1)
    assert told[0].startswith("warning: 2 runs are not signed: ")
