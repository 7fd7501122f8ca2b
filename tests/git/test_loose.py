"""Objects that we write ourselves are those that git would have written."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from gitexp.git.commits import write_blobs, write_commit
from gitexp.git.loose import write_loose
from gitexp.git.repository import Repository

from tests.workshop import Git

OURS = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "gitexp"), ("EMAIL", "gitexp@localhost"))
}


@pytest.fixture
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commit at the time that it is: a date from the environment is left to git."""
    for name in [name for name in os.environ if name.startswith(("GIT_AUTHOR", "GIT_COMMITTER"))]:
        monkeypatch.delenv(name)


def asked(*_: object, **__: object) -> None:
    raise AssertionError("git was asked")


@pytest.mark.parametrize(
    "content", [b"", b"text\n", b"\0\xff" * 100_000], ids=["empty", "text", "large"]
)
def test_a_blob_is_the_file_that_git_writes(
    repository: Repository, tmp_path: Path, git: Git, content: bytes
) -> None:
    other = tmp_path / "other"
    git("init", "--quiet", other)
    (tmp_path / "content").write_bytes(content)
    oid = git("hash-object", "-w", tmp_path / "content", cwd=other).strip()
    name = Path(".git", "objects", oid[:2], oid[2:])

    ours = write_loose(repository, "blob", content)
    again = write_loose(repository, "blob", content)

    assert ours == again == oid
    assert (repository.top / name).read_bytes() == (other / name).read_bytes()
    assert (repository.top / name).stat().st_mode == (other / name).stat().st_mode
    assert git("fsck", "--strict", "--no-dangling") == ""
    assert [path.name for path in (repository.top / name.parent).iterdir()] == [oid[2:]]


@pytest.mark.usefixtures("_now")
@pytest.mark.parametrize("identity", [None, OURS])
def test_a_commit_is_the_one_that_git_writes(
    repository: Repository,
    git: Git,
    monkeypatch: pytest.MonkeyPatch,
    identity: dict[str, str] | None,
) -> None:
    git("config", "user.name", "Ada Müller")
    head, tree = git("rev-parse", "HEAD", "HEAD^{tree}").split()
    message = "subject é\n\nbody\n\nA-Trailer: x\n"
    with monkeypatch.context() as alone:
        assert repository.config
        alone.setattr(Repository, "attempt", asked)
        oid, _ = write_commit(
            repository, tree=tree, parents=[head], message=message, identity=identity
        )

    date = git("log", "-1", "--format=%ad", "--date=raw", oid).strip()
    env = {**os.environ, **(identity or {}), "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    command = ["git", "commit-tree", tree, "-p", head]
    theirs = subprocess.run(command, input=message.encode(), env=env, capture_output=True)  # noqa: PLW1510
    assert theirs.stdout.decode().strip() == oid
    assert git("fsck", "--strict", "--no-dangling") == ""


@pytest.mark.usefixtures("_now")
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("user.name", "Ada, "),
        ("user.name", "A <d> a"),
        ("user.email", "<ada@example.com>"),
        ("author.name", "Bea"),
        ("committer.email", "bea@example.com"),
    ],
)
def test_an_unusual_identity_is_left_to_git(
    repository: Repository, git: Git, setting: str, value: str
) -> None:
    git("config", setting, value)
    tree = git("rev-parse", "HEAD^{tree}").strip()

    oid, _ = write_commit(repository, tree=tree, parents=(), message="m\n")

    form = "--format=%an <%ae> %cn <%ce>"
    expected = git("commit-tree", tree, "-m", "m").strip()
    assert git("log", "-1", form, oid) == git("log", "-1", form, expected)


@pytest.mark.usefixtures("_now")
def test_a_message_that_is_no_text_is_left_to_git(repository: Repository, git: Git) -> None:
    tree = git("rev-parse", "HEAD^{tree}").strip()

    oid, _ = write_commit(repository, tree=tree, parents=(), message="caf\udce9\n")

    assert git("log", "-1", "--format=%s", oid) == "café\n"


@pytest.mark.parametrize("setting", ["core.sharedRepository=group", "core.fsync=all"])
def test_what_git_is_set_up_to_do_with_objects_is_left_to_git(
    repository: Repository, tmp_path: Path, git: Git, setting: str
) -> None:
    git("config", *setting.split("="))

    assert write_loose(repository, "blob", b"content") is None
    [oid] = write_blobs(repository, [b"content"], tmp_path)
    assert repository.objects.blob(oid) == b"content"


def test_a_folder_that_cannot_be_written_is_left_to_git_to_complain_of(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "link", full)

    assert write_loose(repository, "blob", b"content") is None
