"""Blobs and commits, written beside the user's own."""

from __future__ import annotations

import stat
import time
from pathlib import Path

import pytest

from gitexp.errors import GitexpError
from gitexp.git import signing
from gitexp.git.commits import check_identity, write_blobs, write_commit
from gitexp.git.repository import Repository
from gitexp.git.signing import wants_signature

from tests.signing import new_key, sign_with
from tests.workshop import Git, has_ended

ASKED = "who-was-asked"
"""Holds the process of a signer that never answers."""


def test_blobs_are_written_as_they_are_whatever_filters_there_are(
    repository: Repository, work_tree: Path, tmp_path: Path, git: Git
) -> None:
    (work_tree / ".gitattributes").write_text("* text eol=crlf ident\n")
    git("config", "core.autocrlf", "true")
    contents = [b"a\r\nb\n$Id$\n", b"", b"\0\xff" * 1000, b"a\r\nb\n$Id$\n"]

    oids = write_blobs(repository, contents, tmp_path)

    assert [repository.objects.blob(oid) for oid in oids] == contents
    assert write_blobs(repository, [], tmp_path) == []
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("blob")] == []


def test_a_commit_has_tree_parents_and_message_and_moves_nothing(
    repository: Repository, git: Git
) -> None:
    head = git("rev-parse", "HEAD").strip()
    tree = git("rev-parse", "HEAD^{tree}").strip()
    message = "subject é\n\n# not a comment\n\nA-Trailer: x\n"

    oid, warning = write_commit(repository, tree=tree, parents=[head, head], message=message)

    assert warning is None
    assert git("log", "-1", "--format=%T %P|%an <%ae>|%cn", oid) == (
        f"{tree} {head}|Ada <ada@example.com>|Ada\n"
    )
    assert repository.line("cat-file", "commit", oid).endswith(message.strip())
    assert git("rev-parse", "HEAD").strip() == head
    assert git("for-each-ref", "--format=%(refname)") == "refs/heads/main\n"


@pytest.mark.parametrize(("value", "expected"), [("true", True), ("1", True), ("off", False)])
def test_commits_are_signed_where_the_user_says_so(
    repository: Repository, git: Git, value: str, expected: bool
) -> None:
    git("config", "commit.gpgSign", value)

    assert wants_signature(repository) == expected


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo broken pinentry >&2; exit 2", "not signed: "),
        (f"echo $$ > {ASKED}; exec sleep 600", "did not answer in 0"),
    ],
    ids=["failing", "silent"],
)
def test_a_signer_that_does_not_sign_costs_a_warning(
    repository: Repository,
    tmp_path: Path,
    git: Git,
    monkeypatch: pytest.MonkeyPatch,
    script: str,
    why: str,
) -> None:
    monkeypatch.setattr(signing, "SIGNER_TIMEOUT", 0.3)
    monkeypatch.setattr(signing, "PATIENCE_LEFT", 0.2)
    signer = tmp_path / "signer"
    signer.write_text(f"#!/bin/sh\n{script}\n")
    signer.chmod(signer.stat().st_mode | stat.S_IXUSR)
    git("config", "commit.gpgSign", "true")
    git("config", "gpg.program", signer)
    tree = git("rev-parse", "HEAD^{tree}").strip()

    oid, warning = write_commit(repository, tree=tree, parents=[], message="unsigned\n")

    assert warning is not None
    assert "the run's commit is not signed" in warning
    assert why in warning
    assert f"; `git tag -s NAME {oid[:10]}` signs it later" in warning
    assert git("log", "-1", "--format=%s %G?", oid) == "unsigned N\n"
    asked = repository.top / ASKED
    assert not asked.exists() or has_ended(int(asked.read_text()))
    begun = time.monotonic()
    monkeypatch.setattr(signing, "SIGNER_TIMEOUT", 600)
    _, again = write_commit(repository, tree=tree, parents=[oid], message="unsigned\n")
    assert why in (again or "")  # a silent one is not waited for as long the next time
    assert time.monotonic() - begun < 300


@pytest.mark.parametrize("case", ["passphrase", "agent gone", "key missing"])
def test_a_key_that_cannot_be_used_costs_the_signature_alone(
    repository: Repository, tmp_path: Path, git: Git, case: str
) -> None:
    key = new_key(tmp_path, "locked", passphrase="secret" if case == "passphrase" else "")
    sign_with(repository.top, key)
    if case == "agent gone":
        git("config", "user.signingKey", f"key::{key.with_suffix('.pub').read_text().strip()}")
    if case == "key missing":
        key.unlink()
        key.with_suffix(".pub").unlink()
    tree = git("rev-parse", "HEAD^{tree}").strip()

    oid, warning = write_commit(repository, tree=tree, parents=[], message="unsigned\n")

    assert warning is not None
    assert warning.startswith("the run's commit is not signed: ")
    assert git("log", "-1", "--format=%s %G?", oid) == "unsigned N\n"


def test_a_commit_in_anothers_name_is_not_signed_with_the_users_key(
    repository: Repository, git: Git
) -> None:
    git("config", "commit.gpgSign", "true")
    git("config", "gpg.program", "false")
    tree = git("rev-parse", "HEAD^{tree}").strip()
    identity = {
        f"GIT_{role}_{part}": value
        for role in ("AUTHOR", "COMMITTER")
        for part, value in (("NAME", "gitexp"), ("EMAIL", "x@y"), ("DATE", "@0 +0000"))
    }

    oid, warning = write_commit(repository, tree=tree, parents=[], message="x", identity=identity)

    assert warning is None
    assert git("log", "-1", "--format=%an %ae %ct", oid) == "gitexp x@y 0\n"


def test_a_missing_identity_is_told_with_the_commands_that_mend_it(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_identity(repository)
    (tmp_path / "home" / ".gitconfig").write_text("[user]\n\tuseConfigOnly = true\n")
    with Repository.open(repository.top) as anonymous:
        with pytest.raises(GitexpError, match="does not know your name") as got:
            check_identity(anonymous)
        assert "git config --global user.email" in (got.value.hint or "")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@example.com")

    with Repository.open(repository.top) as named:
        check_identity(named)
