"""`gitexp verify-signatures`: who has signed which run."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.cli.workshop import Run
from tests.signing import new_key, signing_key
from tests.workshop import Git, Gitexp, only_once


@pytest.fixture
def signed(work_tree: Path, run: Run, git: Git, tmp_path: Path) -> Path:
    """A run that Ada signed, one that nobody did, and one of Eve's, whom nobody trusts."""
    key = signing_key(tmp_path, work_tree)

    def make() -> None:
        run("by-ada")
        git("config", "commit.gpgSign", "false")
        run("bare")
        git("config", "commit.gpgSign", "true")
        git("config", "user.signingKey", new_key(tmp_path, "eve"))
        run("by-eve")

    only_once("signed runs", work_tree, make)
    for name, value in (("gpg.ssh.allowedSignersFile", "signers"), ("user.signingKey", "ada")):
        git("config", name, tmp_path / value)  # what is made only once lies elsewhere
    return key


def test_each_state_is_said_in_plain_words(signed: Path, gitexp: Gitexp) -> None:
    assert signed.exists()

    code, out, err = gitexp("verify-signatures", "--all")
    as_json = json.loads(gitexp("verify-signatures", "--all", "--json").out)
    as_csv = list(csv.DictReader(gitexp("verify-signatures", "--all", "--csv").out.splitlines()))
    markdown = gitexp("verify-signatures", "bare", "--md")

    ada, _, eve = (one["key"] for one in as_json)
    assert (code, err) == (0, "")
    assert out == (
        f"run      signature                               key\n"
        f"by-ada   good, by ada@example.com                {ada}\n"
        f"bare     none\n"
        f"by-eve   right, but nobody here trusts the key   {eve}\n"
        f"3 runs: 1 good, 1 untrusted, 1 not signed\n"
    )
    assert [(one["name"], one["state"], one["signer"]) for one in as_json] == [
        ("by-ada", "good", "ada@example.com"),
        ("bare", "none", None),
        ("by-eve", "untrusted", None),
    ]
    assert [one["key"] for one in as_csv] == [one["key"] or "" for one in as_json]
    assert markdown.out == "| run | signature | key |\n| --- | --- | --- |\n| bare | none |  |\n"


def test_what_is_required_decides_the_exit_code(signed: Path, gitexp: Gitexp, git: Git) -> None:
    assert signed.exists()

    def codes(*wanted: str) -> list[int]:
        return [gitexp("verify-signatures", *wanted, *more).code for more in ((), ("--require",))]

    assert codes("by-ada") == [0, 0]
    assert codes("bare") == codes("by-eve") == codes("--all") == [0, 1]
    assert codes("..by-ada") == [0, 0]
    assert codes("by-ada..") == codes("by-ada..bare") == [0, 1]
    listed = json.loads(gitexp("verify-signatures", "by-ada..by-eve", "latest", "--json").out)
    assert [one["name"] for one in listed] == ["bare", "by-eve"]
    for name, commit in (("first", "experiments~1"), ("second", "experiments")):
        git("tag", "-s", "-m", "signed later", name, commit)
    assert codes("bare") == [0, 0]
    assert codes("by-eve") == [0, 1]  # the signature that it has counts
    commit = git("cat-file", "commit", "experiments~2").replace("by-ada:", "by-eva:")
    (signed.parent / "forged").write_text(commit)
    forged = git("hash-object", "-t", "commit", "-w", signed.parent / "forged").strip()
    assert codes(forged) == [1, 1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name runs, or a range of them, or give --all"),
        (("one", "--all"), "name runs, or a range of them, or give --all"),
        (("nobody",), "no run 'nobody'"),
        (("nobody..",), "no run or commit 'nobody'"),
        (("main..",), "'main' holds things other than runs"),
        (("--", "--output=x.."), "no run or commit '--output=x'"),
        (("--all",), "there are no runs yet"),
    ],
)
def test_what_cannot_be_meant_is_told(
    work_tree: Path, gitexp: Gitexp, words: tuple[str, ...], said: str
) -> None:
    assert work_tree.exists()

    code, out, err = gitexp("verify-signatures", *words)

    assert (code, out) == (2, "")
    assert said in err
