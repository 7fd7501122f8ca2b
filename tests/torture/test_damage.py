"""A little of `python -m tests.torture.damage`, which damages 200 files of each kind."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from gitexp.git.repository import Repository
from gitexp.store.journal import BEGUN, Journal
from gitexp.store.own import own_folder

from tests.torture.damaged.kinds import KINDS, damage
from tests.workshop import Git, Gitexp


@pytest.fixture
def sound(work_tree: Path, gitexp: Gitexp) -> Path:
    """A project with a run that has a tag; return the folder around it."""
    assert gitexp("run", "-n", "one").code == 0
    assert gitexp("tag", "one", "best").code == 0
    assert [run["tags"] for run in json.loads(gitexp("ls", "--json").out)] == [["best"]]
    return work_tree.parent


def test_what_is_damaged_is_made_anew_or_told_of(sound: Path, gitexp: Gitexp, git: Git) -> None:
    clean = gitexp("ls", "--json").out
    head = git("rev-parse", "refs/notes/gitexp").strip()

    for number, name in enumerate(("search index", "what was seen before")):
        damage(sound, KINDS[name], Random(number))
        assert gitexp("ls", "--json") == (0, clean, "")

    notes = sound / "work" / ".git" / "refs" / "notes" / "gitexp"
    notes.write_text(f"x{head[1:]}\n")
    code, _, err = gitexp("ls", "--json")
    assert code == 2
    assert err == (
        "error: git cannot read the ref 'refs/notes/gitexp'\n"
        f"hint: `git update-ref refs/notes/gitexp {head}` has it end where its log says it ended.\n"
    )
    assert "git cannot read the ref" in " ".join(gitexp("doctor").out.split())
    notes.unlink()  # what git itself makes of such a ref
    git("update-ref", "refs/notes/gitexp", head)
    assert gitexp("ls", "--json").out == clean


def test_a_note_that_git_cannot_read_is_not_written_anew(
    sound: Path, gitexp: Gitexp, git: Git
) -> None:
    oid = git("rev-parse", "refs/notes/gitexp:" + git("notes", "--ref=gitexp", "list").split()[1])
    (sound / "work" / ".git" / "objects" / oid[:2] / oid[2:].strip()).unlink()

    code, _, err = gitexp("note", "one", "-m", "again")

    assert code == 2
    assert "git cannot read the note on" in err
    assert "hint: `git fsck --full` names what is damaged." in err


def test_a_run_whose_record_git_cannot_read_is_listed_all_the_same(
    sound: Path, gitexp: Gitexp, git: Git
) -> None:
    oid = git("rev-parse", "experiments:.gitexp/run.json").strip()
    (sound / "work" / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    for path in (sound / "work" / ".git" / "gitexp").glob("index.sqlite*"):
        path.unlink()

    (listed,) = json.loads(gitexp("ls", "--json").out)

    assert "git cannot read its run.json" in json.dumps(listed)


def test_the_pieces_of_a_run_stay_where_its_entry_is_empty(repository: Repository) -> None:
    own = own_folder(repository)
    for run_id in ("begun", "unbegun"):
        (own.runs / run_id).mkdir(parents=True)
        own.journal.mkdir(exist_ok=True)
        (own.journal / f"{run_id}.json").touch()
    (own.runs / "begun" / BEGUN).write_text("{}")

    Journal(repository).clear_beginnings()

    assert [path.name for path in own.runs.iterdir()] == ["begun"]
    assert [path.name for path in own.journal.iterdir()] == ["begun.json"]
