"""Signatures, of which plain git must say the same."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from gitexp.git.repository import Repository
from gitexp.git.signatures import read_signatures, signatures_of, vouched_for

from tests.signing import new_key, sign_with, trust
from tests.workshop import Git, GitEnded

GPG_KEYS = """
gpg --batch --quiet --passphrase '' --quick-gen-key 'Ada <ada@example.com>' ed25519 sign never
gpg --batch --quiet --passphrase '' --quick-gen-key 'Rex <rex@example.com>' ed25519 sign never
gpg --batch --quiet --passphrase '' --faked-system-time 20240101T000000 \
    --quick-gen-key 'Eve <eve@example.com>' ed25519 sign 20240201T000000
"""


@pytest.fixture
def gpg(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A keyring with a key of Ada's, of Rex, and one of Eve's that is past its date."""
    if shutil.which("gpg") is None:
        pytest.skip("no gpg")
    home = Path(mkdtemp(prefix="gpg-", dir="/tmp"))  # its sockets need a short name
    monkeypatch.setenv("GNUPGHOME", str(home))
    subprocess.run(["sh", "-e", "-c", GPG_KEYS], check=True, capture_output=True)
    yield home
    subprocess.run(["gpgconf", "--kill", "all"], check=False)
    shutil.rmtree(home, ignore_errors=True)


def signed_by(repository: Repository, *key: str, env: dict[str, str] | None = None) -> str:
    """Write a commit that is signed with a key, or with none."""
    signing = [f"-S{one}" for one in key]
    return (
        repository.git(
            "commit-tree", "HEAD^{tree}", "-m", f"by {key}", *signing, stdin=b"", env=env
        )
        .decode()
        .strip()
    )


def forged(repository: Repository, oid: str) -> str:
    """Write a signed commit again with another message."""
    commit = repository.git("cat-file", "commit", oid).replace(b"\n\nby ", b"\n\nBy ")
    written = ("hash-object", "-t", "commit", "-w", "--stdin")
    return repository.git(*written, stdin=commit).decode().strip()


def signed_otherwise(repository: Repository, oid: str) -> str:
    """Write a signed commit again with a signature of a kind that git does not know."""
    commit = repository.git("cat-file", "commit", oid).replace(b"BEGIN SSH", b"BEGIN OTHER")
    written = ("hash-object", "-t", "commit", "-w", "--stdin")
    return repository.git(*written, stdin=commit).decode().strip()


def test_signatures_of_ssh_are_what_git_says(
    repository: Repository, tmp_path: Path, git: Git, git_ended: GitEnded
) -> None:
    ada, _, old = (new_key(tmp_path, name) for name in ("ada", "eve", "old"))
    sign_with(repository.top, ada)
    trust(repository.top, tmp_path / "signers", ada)
    with (tmp_path / "signers").open("a") as file:
        public = old.with_suffix(".pub").read_text()
        file.write(f'old@example.com valid-before="20240101" {public}')
    repository.forget_config()
    commits = {name: signed_by(repository, str(tmp_path / name)) for name in ("ada", "eve", "old")}
    commits |= {"forged": forged(repository, commits["ada"]), "none": signed_by(repository)}
    commits["of_nobody"] = forged(repository, commits["eve"])
    commits["other"] = signed_otherwise(repository, commits["ada"])

    found = read_signatures(repository, list(commits.values()))

    states = {name: found[oid].state for name, oid in commits.items()}
    assert states == {
        "ada": "good",
        "eve": "untrusted",
        "old": "expired",
        "forged": "bad",
        "none": "none",
        "of_nobody": "bad",
        "other": "unchecked",
    }
    assert found[commits["ada"]].signer == "ada@example.com"
    assert found[commits["eve"]].signer is None
    assert all((one.key or "SHA256:").startswith("SHA256:") for one in found.values())
    for name, oid in commits.items():
        assert (git_ended("verify-commit", oid).returncode == 0) == (states[name] == "good")
    git("config", "--unset", "gpg.ssh.allowedSignersFile")
    repository.forget_config()
    told = read_signatures(repository, list(commits.values()))
    assert told[commits["ada"]].state == told[commits["eve"]].state == "untrusted"
    assert told[commits["none"]].state == "none"
    git("config", "gpg.ssh.program", tmp_path / "gone")
    lacking = read_signatures(repository, [commits["ada"], commits["none"]])
    assert [one.state for one in lacking.values()] == ["unchecked", "none"]


def test_signatures_of_gpg_are_what_git_says(
    gpg: Path, repository: Repository, tmp_path: Path, git: Git, git_ended: GitEnded
) -> None:
    then = tmp_path / "then"
    then.write_text('#!/bin/sh\nexec gpg --faked-system-time 20240115T000000 "$@"\n')
    then.chmod(0o755)
    commits = {name: signed_by(repository, f"{name}@example.com") for name in ("ada", "rex")}
    git("config", "gpg.program", then)
    commits["eve"] = signed_by(repository, "eve@example.com")
    git("config", "--unset", "gpg.program")
    commits["forged"] = forged(repository, commits["ada"])
    revocation = next(
        path for path in (gpg / "openpgp-revocs.d").iterdir() if "Rex" in path.read_text()
    )
    text = revocation.read_text().replace(":-----BEGIN", "-----BEGIN")
    subprocess.run(["gpg", "--batch", "-q", "--import"], input=text.encode(), check=True)

    found = read_signatures(repository, list(commits.values()))

    assert {name: found[oid].state for name, oid in commits.items()} == {
        "ada": "good",
        "rex": "revoked",
        "eve": "expired",
        "forged": "bad",
    }
    assert found[commits["ada"]].signer == "Ada <ada@example.com>"
    git("config", "gpg.program", tmp_path / "gone")
    assert signatures_of(repository, [commits["ada"]])[commits["ada"]].state == "unchecked"
    git("config", "--unset", "gpg.program")
    assert len(found[commits["ada"]].key or "") == 40
    assert git_ended("verify-commit", commits["ada"]).returncode == 0
    assert git_ended("verify-commit", commits["forged"]).returncode == 1
    alone = {"GNUPGHOME": mkdtemp(prefix="gpg-", dir="/tmp")}
    with pytest.MonkeyPatch.context() as elsewhere:
        elsewhere.setenv("GNUPGHOME", alone["GNUPGHOME"])
        with Repository.open(repository.top) as without_keys:
            unknown = read_signatures(without_keys, [commits["ada"]])[commits["ada"]]
    assert unknown.state == "untrusted"
    shutil.rmtree(alone["GNUPGHOME"])


def test_a_level_of_trust_that_git_demands_is_demanded(
    gpg: Path, repository: Repository, git: Git, git_ended: GitEnded
) -> None:
    assert gpg.is_dir()
    oid = signed_by(repository, "ada@example.com")
    owner = "gpg --batch -q --export-ownertrust | sed s/:6:/:4:/ | gpg -q --import-ownertrust"
    subprocess.run(["sh", "-c", owner], check=True, capture_output=True)
    git("config", "gpg.minTrustLevel", "ultimate")
    repository.forget_config()

    [found] = read_signatures(repository, [oid]).values()

    assert (found.state, git_ended("verify-commit", oid).returncode) == ("untrusted", 1)


def test_a_signed_tag_of_somebody_trusted_vouches_for_a_commit(
    repository: Repository, tmp_path: Path, git: Git
) -> None:
    ada, eve = new_key(tmp_path, "ada"), new_key(tmp_path, "eve")
    sign_with(repository.top, ada)
    trust(repository.top, tmp_path / "signers", ada)
    repository.forget_config()
    bare = [signed_by(repository, env={"GIT_COMMITTER_DATE": f"@{at} +0000"}) for at in range(3)]
    git("tag", "-s", "-m", "later", "by-ada", bare[0])
    git("tag", "-s", "-m", "later", "-u", eve, "by-eve", bare[1])
    git("tag", "-m", "not signed", "pla\u2028in", bare[2])  # anybody can push such a name
    git("tag", "-s", "-m", "no longer to be used", "digits@v1.0.0!", bare[2])
    git("update-ref", "refs/tags/fine", git("rev-parse", "digits@v1.0.0!").strip())

    found = signatures_of(repository, bare)

    assert [found[oid].state for oid in bare] == ["good", "none", "none"]
    assert found[bare[0]].words == "good, by the tag 'by-ada'"
    assert vouched_for(repository, bare[1:]) == {}
    assert os.fspath(ada).endswith("ada")
