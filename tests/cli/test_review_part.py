"""A review in a shallow clone, with as few runs as it takes, against one with all of them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from gitexp.git.fast_import import NewCommit
from gitexp.git.repository import Repository
from gitexp.model.message import message_text
from gitexp.model.policy import Policy
from gitexp.model.record_json import to_json
from gitexp.pull_requests import part
from gitexp.store.batch import append_all
from gitexp.store.lookup import message_of
from gitexp.store.reading import runs_between

from tests.cli.workshop import Clone
from tests.workshop import Git, Gitexp

SETTINGS = "command: python train.py\npolicy:\n  accuracy: {goal: max, max_drop: 0.01}\n"
ADA = b"Ada <ada@example.com> 1767323045 +0000"
FILLERS = 16
EVERYTHING = 1_000_000
LOOKED = "note: looking older runs up in the table of 'origin'\n"
MESSAGES = "note: fetching the messages of"


@pytest.fixture
def origin(work_tree: Path, hub: Path, git: Git, gitexp: Gitexp) -> Path:
    """A remote whose branches 'good', 'stale' and 'hand' have results of runs made long ago."""
    (work_tree / "gitexp.yaml").write_text(SETTINGS)
    git("commit", "--quiet", "-am", "a policy")
    for name in ("base", "base-again"):
        gitexp("run", "-n", name)
    git("add", "--all")
    git("commit", "--quiet", "-m", "what base made")
    git("checkout", "--quiet", "-b", "good")
    for name in ("better", "better-again"):
        gitexp("run", "-S", "rate=0.2", "-n", name)
    git("commit", "--quiet", "-am", "what better made")
    git("checkout", "--quiet", "-b", "stale")
    (work_tree / "train.py").write_text((work_tree / "train.py").read_text() + "# more\n")
    git("commit", "--quiet", "-am", "more code")
    git("checkout", "--quiet", "-b", "hand", "good")
    (work_tree / "metrics.json").write_text('{"accuracy": 0.99, "loss": 0.0}')
    git("commit", "--quiet", "-am", "better by hand")
    fill(work_tree)
    git("push", "--quiet", "origin", "main", "good", "stale", "hand")
    assert gitexp("push").code == 0
    return hub


def fill(top: Path) -> None:
    """Record many runs that have nothing to do with the others."""
    with Repository.open(top) as repository:
        tip = repository.objects.commit("experiments")
        assert tip is not None
        *_, last = runs_between(repository, None, tip)
        tree = repository.line("rev-parse", f"{tip}^{{tree}}")
        commits = {}
        for number in range(FILLERS):
            record = replace(
                last.own_record(),
                id=f"filler{number:04}",
                name=f"filler-{number}",
                baseline="0" * 40,
                inputs=replace(last.record.inputs, oid=f"{number:040}"),
                params={"params.yaml": {"rate": 7 + number}},
                metrics={"metrics.json": {"accuracy": number / 100, "loss": 7.0}},
            )
            files = {".gitexp/run.json": to_json(record)}
            text = message_text(record, Policy(), {})
            commits[record.id] = NewCommit(tree, files, text, ADA, ADA)
        append_all(repository, "experiments", commits, seen=tip)


def test_a_part_of_the_runs_answers_as_all_of_them_do(
    origin: Path, clone: Clone, git: Git, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("config", "uploadpack.allowFilter", "true", cwd=origin)
    all_of = 2 + 2 + FILLERS
    told: dict[tuple[str, int, int], str] = {}
    for branch in ("good", "stale", "hand"):
        answers = []
        for newest, first in ((EVERYTHING, 1), (all_of, 1), (4, all_of), (4, 6)):
            monkeypatch.setattr(part, "NEWEST", newest)
            monkeypatch.setattr(part, "FIRST_COMMITS", first)
            place = clone(f"{branch}-{newest}-{first}", "--depth=1", f"--branch={branch}")
            config = (place / ".git" / "config").read_text()
            code, out, err = gitexp("-C", place, "review", "main", "--json")
            answers.append((code, json.loads(out)))
            told[branch, newest, first] = err
            was_whole = branch == "hand" or newest == EVERYTHING
            there = git("for-each-ref", "refs/heads/experiments", cwd=place)
            assert bool(there) == was_whole
            assert (place / ".git" / "config").read_text() == config
            git("fsck", "--strict", "--no-dangling", cwd=place)
        assert answers == answers[:1] * len(answers)
        assert answers[0][0] == (0 if branch == "good" else 1)
    fetched = "note: fetched the newest 4 runs from 'origin'; `gitexp pull` fetches all\n"
    messages = "note: fetching the messages of {} runs from 'origin' to find older ones\n"
    assert fetched in told["good", 4, 6]
    assert messages.format(6) + messages.format("all") in told["good", 4, 6]
    assert messages.format(all_of) in told["good", 4, all_of]
    assert messages.format("all") not in told["good", 4, all_of]
    assert "messages" not in told["good", all_of, 1]


def test_a_remote_that_sends_no_commits_alone_is_asked_for_everything(
    origin: Path, clone: Clone, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert origin.exists()
    monkeypatch.setattr(part, "NEWEST", 4)
    place = clone("shallow", "--depth=1", "--branch=good")

    code, out, err = gitexp("-C", place, "review", "main")

    assert code == 0
    assert "  ok   metrics.json: the inputs are those of better" in out
    assert "note: 'origin' cannot send commits without their files\n" in err
    assert "note: fetched the experiments branch from 'origin': 20 runs\n" in err


LOOKUP = "refs/gitexp/lookup"


@pytest.fixture
def with_table(
    origin: Path, git: Git, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], tuple[list[object], str]]:
    """A remote with a table as far as the last run but one; returns what reviews a clone."""
    git("config", "uploadpack.allowFilter", "true", cwd=origin)
    monkeypatch.setattr("gitexp.sharing.push._LOOKS_AFTER", "")
    monkeypatch.setattr("gitexp.sharing.lookup.NEW", 5)
    monkeypatch.setattr(part, "NEWEST", 4)
    gitexp("run", "-n", "newest", "--", "true")
    pushed = gitexp("push")
    assert pushed.code == 0
    told = "note: sending 'origin' a table of 22 commits, by which reviews find older runs\n"
    assert told in pushed.err
    gitexp("run", "-n", "newer", "--", "true")
    assert "table" not in gitexp("push").err
    assert git("for-each-ref", LOOKUP) == ""
    clone = partial(git, "clone", "--quiet", "--depth=1", "--branch=good", f"file://{origin}")

    def review(name: str) -> tuple[list[object], str]:
        place = origin.parent / name
        clone(str(place))
        config = (place / ".git" / "config").read_text()
        code, out, err = gitexp("-C", place, "review", "main", "--json")
        assert (place / ".git" / "config").read_text() == config
        git("fsck", "--strict", "--no-dangling", cwd=place)
        return [code, json.loads(out)], err

    return review


def test_a_table_of_the_remote_leads_to_what_the_messages_lead_to(
    origin: Path, with_table: Callable[[str], tuple[list[object], str]], git: Git
) -> None:
    answer, said = with_table("by-table")
    assert LOOKED in said
    assert MESSAGES not in said
    git("update-ref", "-d", LOOKUP, cwd=origin)

    walked, said = with_table("without")

    assert LOOKED not in said
    assert MESSAGES in said
    assert walked == answer


def test_a_table_that_is_wrong_or_of_another_branch_takes_nothing_away(
    origin: Path, with_table: Callable[[str], tuple[list[object], str]], git: Git
) -> None:
    answer, _ = with_table("by-table")
    tip, table = git("rev-parse", "experiments~1", f"{LOOKUP}^{{tree}}", cwd=origin).split()
    wrong = {
        "empty": (message_of(tip, 22), "experiments^{tree}"),
        "of-files": (message_of(tip, 22), _leading_to_files(origin, table, git)),
        "of-another": (message_of("a" * 40, 22), table),
        "no-table": ("a commit\n", table),
    }
    for name, (message, tree) in wrong.items():
        oid = git("commit-tree", tree, "-m", message, cwd=origin).strip()
        git("update-ref", LOOKUP, oid, cwd=origin)

        walked, said = with_table(name)

        assert (LOOKED in said) == (name in ("empty", "of-files"))
        assert MESSAGES in said
        assert walked == answer


def _leading_to_files(origin: Path, table: str, git: Git) -> str:
    """Return a table with the keys of another, whose places are all those of one file."""

    def tree(*entries: str) -> str:
        asked, lines = ["git", "mktree"], "".join(f"{one}\n" for one in entries)
        made = subprocess.run(
            asked, cwd=origin, input=lines, capture_output=True, text=True, check=True
        )
        return made.stdout.strip()

    file, keys = git("rev-parse", "main:train.py", f"{table}:keys", cwd=origin).split()
    order = origin.parent / "order"
    order.write_bytes(bytes.fromhex(file) * 22)
    blob = git("hash-object", "-w", order, cwd=origin).strip()
    places = tree(f"100644 blob {blob}\t000000")
    return tree(f"040000 tree {keys}\tkeys", f"040000 tree {places}\torder")


def test_a_push_ends_well_where_no_table_can_be_made(
    work_tree: Path, hub: Path, git: Git, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hub.exists()
    monkeypatch.setattr("gitexp.sharing.push._LOOKS_AFTER", "")
    monkeypatch.setattr("gitexp.sharing.lookup.NEW", 1)
    gitexp("run", "-n", "some", "--", "true")
    gitexp("tag", "some", "good")

    with monkeypatch.context() as patched:
        patched.setattr("tempfile.tempdir", str(work_tree / "full"))
        code, _, err = gitexp("push")

    assert code == 0
    assert "note: the table of runs was not sent: " in err
    assert git("rev-parse", "refs/notes/gitexp", cwd=hub) == git("rev-parse", "refs/notes/gitexp")
