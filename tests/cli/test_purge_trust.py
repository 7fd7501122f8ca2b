"""Purges of others: obeyed if a trusted signer has signed them, or after a question."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gitexp.git.repository import Repository
from gitexp.store.branch import root_oid
from gitexp.store.own import own_folder

from tests.cli.workshop import Clone, Run, Typed
from tests.signing import new_key, sign_with, signing_key, trust
from tests.workshop import Git, Gitexp, git_ended, only_once

ASKED = (
    "a purge in the name of Ada, which nobody has signed whom git trusts here,"
    " takes 1 run ('leaky') out of this clone"
)
HINT = (
    "hint: `gitexp pull --accept-purges` takes that out here as well, `--refuse-purges` keeps it"
    " for good. Ask whoever it was, if you do not know.\n"
)


def names(place: Path) -> list[str]:
    """List the runs on the branch of a clone, each once."""
    ended = git_ended("log", "--reverse", "--format=%s", "experiments", cwd=place)
    lines = [line.partition(":")[0] for line in ended.stdout.splitlines() if ":" in line]
    return list(dict.fromkeys(lines))


@pytest.fixture
def other(run: Run, work_tree: Path, gitexp: Gitexp, hub: Path, clone: Clone) -> Path:
    """A clone that has pulled the three runs which the work tree has pushed."""
    assert hub.exists()

    def make() -> None:
        for name in ("clean", "leaky", "later"):
            run(name)

    only_once("three runs", work_tree, make)
    assert gitexp("push").code == 0
    place = clone("other")
    assert gitexp("-C", place, "pull").code == 0
    return place


def test_what_nobody_trusted_has_signed_waits_for_an_answer(
    other: Path, work_tree: Path, hub: Path, gitexp: Gitexp, git: Git, run: Run, clone: Clone
) -> None:
    third = clone("third")
    assert gitexp("-C", third, "pull").code == 0
    run("mine", other)
    before = git("rev-parse", "experiments", cwd=other)
    purged = gitexp("purge", "leaky", "--force")
    assert gitexp("push").code == 0

    pulled, pushed = (gitexp("-C", other, command) for command in ("pull", "push"))

    assert "hint: It is not signed, so other clones ask before they do the same" in purged.err
    assert pulled == pushed == (2, "", f"error: {ASKED}: nothing was done\n{HINT}")
    assert git("rev-parse", "experiments", cwd=other) == before
    accepted = gitexp("-C", other, "pull", "--accept-purges")
    assert (accepted.code, names(other)) == (0, ["clean", "later", "mine"])
    assert "note: Ada purged 1 run; it is gone from this clone as well\n" in accepted.err
    assert gitexp("-C", other, "push").code == 0  # once is enough
    assert names(hub) == ["clean", "later", "mine"]
    assert gitexp("pull").code == 0  # one's own purge needs no answer
    assert names(work_tree) == ["clean", "later", "mine"]
    assert gitexp("-C", third, "pull", "--refuse-purges").code == 0
    assert gitexp("-C", third, "push")[::2] == (0, "")  # what was refused is not asked again
    listed = json.loads(gitexp("-C", third, "ls", "--json").out)
    assert sorted(one["name"] for one in listed) == ["clean", "later", "leaky", "mine"]
    assert "leaky" in names(hub)
    assert gitexp("-C", third, "pull", "--accept-purges").code == 0
    assert sorted(names(third)) == ["clean", "later", "mine"]


def test_a_terminal_is_asked(other: Path, gitexp: Gitexp, typed: Typed) -> None:
    assert gitexp("purge", "leaky", "--force").code == 0
    assert gitexp("push").code == 0

    command = ("gitexp", "-C", str(other), "pull")
    code, shown = typed(command, {"Do the same here? [y/N]: ": "y\n"})

    assert (code, names(other)) == (0, ["clean", "later"])
    assert "takes 1 run ('leaky') out of this clone" in " ".join(shown.split())


def use_again(gitexp: Gitexp, git: Git) -> None:
    """Push a list with the id of a signed one that names all runs."""
    root = root_oid("sha1")
    note = git("notes", "--ref=gitexp", "show", root)
    values = json.loads(note)
    values["value"]["runs"] += [one["id"] for one in json.loads(gitexp("ls", "--json").out)]
    forged = f"{note}{json.dumps(values, separators=(',', ':'))}\n"
    git("notes", "--ref=gitexp", "add", "-f", "-m", forged, root)
    git("push", "--quiet", "origin", "refs/notes/gitexp")


def merge_and_pass_off(gitexp: Gitexp, git: Git, work_tree: Path, key: Path) -> None:
    """Have somebody trusted merge a file and words, and push that as notes which purge a run."""
    [run_id] = [
        one["id"] for one in json.loads(gitexp("ls", "--json").out) if one["name"] == "later"
    ]
    roots = git("rev-list", "--max-parents=0", "HEAD").split()
    value = {"runs": [run_id], "paths": [], "dead": [], "roots": roots}
    head = {"time": "2026-01-02T03:04:05.000Z", "id": "f" * 16, "run": "", "op": "purge"}
    (work_tree / root_oid("sha1")).write_text(json.dumps({**head, "value": value}) + "\n")
    git("add", root_oid("sha1"))
    git("commit", "--quiet", f"-S{key}", "-m", f"A fine change\n\nGitexp-Purge: {'f' * 16}")
    git("update-ref", "refs/notes/gitexp", "HEAD")
    git("push", "--quiet", "--force", "origin", "refs/notes/gitexp")


def test_a_list_of_a_trusted_signer_is_obeyed_and_no_other(
    other: Path, work_tree: Path, tmp_path: Path, clone: Clone, gitexp: Gitexp, git: Git
) -> None:
    """Nor is it where the history is another one, as if it were copied; nor what changes it."""
    fresh, third = clone("fresh"), clone("third")
    assert gitexp("-C", third, "pull").code == 0
    ada, eve = new_key(tmp_path, "ada"), new_key(tmp_path, "eve")
    sign_with(work_tree, ada)
    trust(other, tmp_path / "of-other", ada)
    trust(third, tmp_path / "of-third", eve)
    assert gitexp("purge", "leaky", "--force").code == 0
    assert gitexp("push").code == 0

    signed = gitexp("-C", other, "pull")
    unknown = gitexp("-C", third, "pull")
    new = gitexp("-C", fresh, "pull")

    assert (signed.code, names(other)) == (0, ["clean", "later"])
    assert (unknown.code, names(third)) == (2, ["clean", "leaky", "later"])
    assert (new.code, new.err, names(fresh)) == (0, "", ["clean", "later"])
    trust(third, tmp_path / "of-third", eve, ada)
    git("checkout", "--quiet", "--orphan", "elsewhere", cwd=third)
    git("commit", "--quiet", "-m", "another history", cwd=third)
    assert gitexp("-C", third, "push").code == 2
    git("checkout", "--quiet", "main", cwd=third)
    assert gitexp("-C", third, "push").code == 0
    assert names(third) == ["clean", "later"]

    use_again(gitexp, git)
    found = gitexp("-C", other, "pull")

    assert (found.code, names(other)) == (2, ["clean", "later"])
    assert "takes 2 runs ('clean', 'later') out of this clone" in found.err or (
        "takes 2 runs ('later', 'clean') out of this clone" in found.err
    )

    merge_and_pass_off(gitexp, git, work_tree, ada)
    merged = gitexp("-C", other, "pull")

    assert (merged.code, names(other)) == (2, ["clean", "later"])
    assert "takes 1 run ('later') out of this clone" in merged.err


def test_it_is_told_which_runs_are_no_longer_signed_and_how_they_are_again(
    other: Path, work_tree: Path, tmp_path: Path, gitexp: Gitexp, git: Git, run: Run
) -> None:
    signing_key(tmp_path, work_tree)
    trust(other, tmp_path / "of-other", tmp_path / "ada")
    run("mine")
    assert gitexp("push").code == 0
    assert gitexp("-C", other, "pull").code == 0

    purged = gitexp("purge", "leaky", "--force")
    assert gitexp("push").code == 0
    pulled = gitexp("-C", other, "pull")

    assert "1 run would no longer be signed: 'mine'.\n" in purged.out
    assert "note: 1 run is no longer signed: the purge has given its commit a new id" in pulled.err
    again = re.search(r"`(git tag -s -m) TEXT (signed/mine \w+)` signs 'mine' again", purged.err)
    assert again is not None
    assert gitexp("verify-signatures", "mine", "--require")[::2] == (1, "")
    git(*again[1].split()[1:], "again", *again[2].split())
    assert gitexp("verify-signatures", "mine", "--require").code == 0


def test_what_an_older_gitexp_has_carried_out_stays_so(
    other: Path, gitexp: Gitexp, hub: Path, git: Git, clone: Clone
) -> None:
    sleeper = clone("sleeper")
    git("branch", "--quiet", "experiments", "origin/experiments", cwd=sleeper)
    assert gitexp("purge", "leaky", "--force").code == 0
    assert gitexp("push").code == 0
    git("config", "gitexp.acceptPurges", "true", cwd=other)
    assert gitexp("-C", other, "pull").code == 0
    git("config", "--unset", "gitexp.acceptPurges", cwd=other)
    with Repository.open(other) as repository:
        place = own_folder(repository).purged
    state = json.loads(place.read_text())
    older = {name: state[name] for name in ("tip", "left", "content")}
    older["purges"] = [key.partition(":")[0] for key in state["purges"]]
    place.write_text(json.dumps(older))

    git("push", "--quiet", "--force", "origin", "experiments", cwd=sleeper)
    found = gitexp("-C", other, "push")

    assert (found.code, names(hub)) == (0, ["clean", "later"])
    assert "took out of origin/experiments what was purged" in found.out
