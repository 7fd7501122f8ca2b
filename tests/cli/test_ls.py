"""`gitexp ls`: which runs, in which order, in which columns and formats."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
from pathlib import Path
from textwrap import dedent

import pytest

from gitexp.errors import ExitCode
from gitexp.git.repository import Repository
from gitexp.model.record import Exit, Inputs, RunRecord
from gitexp.model.record_json import to_json

from tests.recorded import put_run
from tests.workshop import Git, Gitexp, NewRepository, only_once

BASELINE = "7234747d72255b87a83697ad64f536e08f86d6cc"


def run(name: str, run_id: str, day: int, **fields: object) -> RunRecord:
    """Make a run of five seconds on a day long ago, so that its date is shown."""
    known: dict[str, object] = {
        "id": run_id,
        "name": name,
        "status": "done",
        "exit": Exit(0),
        "command": ("python", "train.py"),
        "baseline": BASELINE,
        "inputs": Inputs("c" * 40),
        "started": f"2025-01-{day:02}T03:04:05.000Z",
        "ended": f"2025-01-{day:02}T03:04:10.000Z",
        "gitexp": "0.1.0",
        "python": "3.11.7",
    }
    return RunRecord(**{**known, **fields})  # type: ignore[arg-type]  # tests name real fields


def values(rate: float, accuracy: float | None = None, **more: object) -> dict[str, object]:
    """Return the params and metrics of a run."""
    params = {"params.yaml": {"train": {"rate": rate, "seed": 1}, "kind": "forest", **more}}
    metrics = {} if accuracy is None else {"metrics.json": {"loss": 0.5, "accuracy": accuracy}}
    return {"params": params, "metrics": metrics}


RUNS = (
    run("slow", "aaaaaaaaaa", 2, **values(0.1, 0.942), message="does it\nlearn?"),
    run("late", "bbbbbbbbbb", 9, **values(0.2, 0.96123456789)),
    run("bad", "cccccccccc", 4, **values(0.3), status="failed", exit=Exit(3)),
    run(
        "cut",
        "dddddddddd",
        5,
        **values(0.3, depth=4),
        status="interrupted",
        exit=Exit(None, "SIGTERM", "timeout"),
    ),
)
"""In the order in which they were recorded, which is not that in which they ended."""


@pytest.fixture
def recorded(repository: Repository, tmp_path: Path) -> list[str]:
    """A work tree with four runs; the oids of their commits."""
    return only_once(
        "recorded",
        Path(repository.top),
        lambda: [put_run(repository, one, tmp_path) for one in RUNS],
    )


def names(gitexp: Gitexp, *args: str) -> list[str]:
    code, out, err = gitexp("ls", "--json", *args)

    assert (code, err) == (ExitCode.OK, "")
    return [row["name"] for row in json.loads(out)]


@pytest.mark.usefixtures("recorded")
def test_ls_lists_the_runs_that_ended_last_first(gitexp: Gitexp) -> None:
    assert gitexp("ls") == (
        ExitCode.OK,
        dedent("""\
            name   status       started      duration   accuracy   loss   rate   depth   message
            late   done         2025-01-09        5 s   0.961235    0.5    0.2       –
            cut    timed out    2025-01-05        5 s   –           –      0.3       4
            bad    failed (3)   2025-01-04        5 s   –           –      0.3       –
            slow   done         2025-01-02        5 s   0.942       0.5    0.1       –   does it
        """),
        "",
    )


@pytest.mark.usefixtures("recorded")
def test_list_is_ls(gitexp: Gitexp) -> None:
    assert gitexp("list") == gitexp("ls")


@pytest.mark.usefixtures("recorded")
def test_limit_shows_the_newest(gitexp: Gitexp) -> None:
    assert names(gitexp, "-N", "2") == ["late", "cut"]
    assert names(gitexp, "--limit", "99") == ["late", "cut", "bad", "slow"]
    assert names(gitexp, "-N", "0") == ["late", "cut", "bad", "slow"]


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize("limit", ["-1", "many"])
def test_a_limit_that_is_no_number_of_runs_is_refused(gitexp: Gitexp, limit: str) -> None:
    code, out, err = gitexp("ls", "-N", limit)

    assert (code, out) == (ExitCode.ERROR, "")
    assert err.startswith("error: invalid value for '-N' / '--limit'")


@pytest.mark.usefixtures("recorded")
def test_all_columns_show_the_params_that_never_vary(gitexp: Gitexp) -> None:
    lines = gitexp("ls", "--all-columns")[1].splitlines()

    assert lines[0].split() == (
        "name status started duration accuracy loss rate seed kind depth message".split()
    )
    assert lines[1].split() == "late done 2025-01-09 5 s 0.961235 0.5 0.2 1 forest –".split()


@pytest.mark.usefixtures("recorded")
def test_drop_leaves_columns_out_and_keep_has_the_last_word(gitexp: Gitexp) -> None:
    assert gitexp("ls", "--drop", ".", "--keep", r"^train\.seed$|^accuracy$") == (
        ExitCode.OK,
        dedent("""\
            name   accuracy   seed
            late   0.961235      1
            cut    –             1
            bad    –             1
            slow   0.942         1
        """),
        "",
    )


@pytest.mark.usefixtures("recorded")
def test_what_is_kept_stands_alone_unless_another_option_says_what_goes(gitexp: Gitexp) -> None:
    alone, every = (
        gitexp("ls", "--keep", r"seed|^accuracy$", *more).out.splitlines()[0].split()
        for more in ((), ("--all-columns",))
    )

    assert alone == ["name", "status", "accuracy", "seed"]
    assert (
        every == "name status started duration accuracy loss rate seed kind depth message".split()
    )


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize("option", ["--keep", "--drop"])
def test_what_is_no_regular_expression_is_refused(gitexp: Gitexp, option: str) -> None:
    assert gitexp("ls", option, "[") == (
        ExitCode.ERROR,
        "",
        "error: '[' is not a regular expression: unterminated character set at position 0\n",
    )


def test_json_is_the_records_with_the_oids_of_their_commits(
    recorded: list[str], gitexp: Gitexp
) -> None:
    code, out, err = gitexp("ls", "--json")

    assert (code, err) == (ExitCode.OK, "")
    assert out.count("\n") == 1
    found = json.loads(out)
    by_name = dict(zip((one.name for one in RUNS), recorded, strict=True))
    assert {row["name"]: row["oid"] for row in found} == by_name
    assert found[1] == {"oid": by_name["cut"], **json.loads(to_json(RUNS[3])), "comments": []}


@pytest.mark.usefixtures("recorded")
def test_the_branch_reads_well_in_git_log(git: Git) -> None:
    assert git("log", "--format=%s", "experiments").splitlines() == [
        "cut: timed out after 5 s",
        "bad: failed with exit code 3 after 5 s",
        "late: loss 0.5, accuracy 0.961235",
        "slow: loss 0.5, accuracy 0.942",
        "The runs recorded by gitexp begin here",
    ]


@pytest.mark.usefixtures("recorded")
def test_csv_has_every_value_in_full_under_its_flat_name(gitexp: Gitexp) -> None:
    _, out, _ = gitexp("ls", "--csv", "-N", "1")

    [row] = csv.DictReader(io.StringIO(out))
    assert {name: row[name] for name in ("name", "id", "status", "command", "duration")} == {
        "name": "late",
        "id": "bbbbbbbbbb",
        "status": "done",
        "command": "python train.py",
        "duration": "5.0",
    }
    assert {name: text for name, text in row.items() if name.startswith(("metrics", "params"))} == {
        "metrics.loss": "0.5",
        "metrics.accuracy": "0.96123456789",
        "params.train.rate": "0.2",
        "params.train.seed": "1",
        "params.kind": "forest",
    }


@pytest.mark.usefixtures("recorded")
def test_markdown(gitexp: Gitexp) -> None:
    assert gitexp("ls", "--md", "-N", "2")[1] == dedent("""\
        | name | status | started | duration | accuracy | loss | rate | depth |
        | --- | --- | --- | --: | --: | --: | --: | --: |
        | late | done | 2025-01-09 03:04 UTC | 5 s | 0.961235 | 0.5 | 0.2 | – |
        | cut | timed out | 2025-01-05 03:04 UTC | 5 s | – | – | 0.3 | 4 |
    """)


@pytest.mark.usefixtures("work_tree")
@pytest.mark.parametrize(
    ("options", "told"), [([], "No runs.\n"), (["--json"], "[]\n"), (["--md"], "No runs.\n")]
)
def test_where_there_is_no_run_there_is_nothing_to_list(
    gitexp: Gitexp, options: list[str], told: str
) -> None:
    assert gitexp("ls", *options) == (ExitCode.OK, told, "")


@pytest.mark.usefixtures("work_tree")
def test_csv_of_no_runs_is_its_first_line(gitexp: Gitexp) -> None:
    _, out, _ = gitexp("ls", "--csv")

    assert out == "oid,id,name,status,started,ended,duration,command,message\n"


def test_before_the_first_commit_there_are_no_runs(
    new_repository: NewRepository, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(new_repository("new"))

    assert gitexp("ls") == (ExitCode.OK, "No runs.\n", "")


def test_ls_writes_nothing_where_there_is_no_run(work_tree: Path, gitexp: Gitexp) -> None:
    before = sorted(work_tree.rglob("*"))

    gitexp("ls")

    assert sorted(work_tree.rglob("*")) == before


@pytest.mark.usefixtures("recorded")
def test_ls_of_a_read_only_repository_needs_no_index_on_disk(
    work_tree: Path, gitexp: Gitexp
) -> None:
    shown = gitexp("ls")
    for name in ("index.sqlite", "index.sqlite-wal", "index.sqlite-shm"):
        (work_tree / ".git" / "gitexp" / name).unlink(missing_ok=True)
    subprocess.run(["chmod", "-R", "a-w", work_tree / ".git"], check=True)

    try:
        if os.access(work_tree / ".git", os.W_OK):  # root may write anywhere: take the place away
            (work_tree / ".git" / "gitexp" / "index.sqlite").mkdir()
        again = gitexp("ls")
    finally:
        subprocess.run(["chmod", "-R", "u+w", work_tree / ".git"], check=True)

    assert again == shown


@pytest.mark.usefixtures("recorded")
def test_an_index_that_is_broken_is_made_anew(work_tree: Path, gitexp: Gitexp) -> None:
    shown = gitexp("ls")
    (work_tree / ".git" / "gitexp" / "index.sqlite").write_bytes(b"no database" * 1000)

    assert gitexp("ls") == shown


def test_a_run_of_a_newer_gitexp_is_a_row_of_its_own(
    recorded: list[str], repository: Repository, gitexp: Gitexp, tmp_path: Path
) -> None:
    one = run("next", "eeeeeeeeee", 7)
    newer = to_json(one).replace(b'"version": 1', b'"version": 2', 1)
    newer = newer.replace(b'"0.1.0"', b'"9.0"')
    put = put_run(repository, one, tmp_path, content=newer)

    rows = json.loads(gitexp("ls", "--json")[1])
    lines = gitexp("ls", "--drop", "metrics|accuracy|loss|rate|depth|message")[1].splitlines()

    assert len(rows) == len(recorded) + 1
    assert {"oid": put, "error": "needs gitexp ≥ 9.0"} in rows
    assert any(line.startswith(f"{put[:10]}   needs gitexp ≥ 9.0") for line in lines)


@pytest.mark.usefixtures("recorded")
def test_what_is_no_run_is_passed_over(git: Git, gitexp: Gitexp) -> None:
    shown = gitexp("ls")
    message = "by hand\n\nGitexp-Run: zzzzzzzzzz\n"
    tree = git("rev-parse", "experiments^{tree}").strip()
    oid = git("commit-tree", tree, "-p", "experiments", "-m", message).strip()
    git("update-ref", "refs/heads/experiments", oid)

    assert gitexp("ls") == shown


def test_a_real_run_is_listed(work_tree: Path, gitexp: Gitexp) -> None:
    (work_tree / "gitexp.yaml").write_text("metrics: [m.json]\n")
    gitexp("run", "-n", "real", "echo '{\"f1\": 0.5}' > m.json")

    code, out, _ = gitexp("ls")

    lines = [line.split() for line in out.splitlines()]
    assert code == ExitCode.OK
    assert lines[0] == ["name", "started", "duration", "f1"]
    assert (lines[1][0], lines[1][-1]) == ("real", "0.5")
    assert re.search(r"\d (s|min) ago ", out)


def test_an_ordinary_branch_of_that_name_is_no_list_of_runs(
    work_tree: Path, git: Git, gitexp: Gitexp
) -> None:
    git("branch", "experiments")

    assert gitexp("-C", work_tree, "ls") == (
        ExitCode.ERROR,
        "",
        (
            "error: branch 'experiments' holds things other than runs\n"
            "hint: Name another one for the runs in gitexp.yaml, such as `branch: runs`.\n"
        ),
    )


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("accuracy > 0.95", ["late"]),
        ("metrics.accuracy <= 0.95 and train.rate = 0.1", ["slow"]),
        ("status != done", ["cut", "bad"]),
        ("params.depth is not null or name like 'l%'", ["late", "cut"]),
        ("started < 2025-01-05", ["bad", "slow"]),
        ("rate > 7", []),
    ],
)
def test_where_lists_the_runs_that_match(gitexp: Gitexp, query: str, found: list[str]) -> None:
    assert names(gitexp, "--where", query) == found


def test_an_expression_without_quotes_is_known_by_what_the_shell_left_of_it(
    gitexp: Gitexp,
) -> None:
    said = (
        "error: 'accuracy' alone is no condition\n"
        'hint: Quote the expression, as in `--where "accuracy > 0.9"`: without quotes the shell '
        "splits it, and takes `>` for itself.\n"
    )

    assert gitexp("ls", "--where", "accuracy") == (ExitCode.ERROR, "", said)
    assert gitexp("ls", "--where", "accuracy", "=", "0.9") == (ExitCode.ERROR, "", said)
    assert gitexp("best", "loss", "--where", "accuracy", "<").err == said


@pytest.mark.usefixtures("recorded")
def test_a_mistake_in_a_query_is_shown_with_its_place_and_the_close_name(gitexp: Gitexp) -> None:
    assert gitexp("ls", "--where", "acuracy > 0.9") == (
        ExitCode.ERROR,
        "",
        dedent("""\
            error: no metric, param or attribute 'acuracy'
              acuracy > 0.9
              ^^^^^^^
            hint: Did you mean 'accuracy'?
        """),
    )


@pytest.mark.usefixtures("recorded", "with_goals")
@pytest.mark.parametrize(
    ("options", "order"),
    [
        (["--sort-by", "accuracy"], ["late", "slow", "cut", "bad"]),
        (["--sort-by", "accuracy", "--sort-order", "asc"], ["slow", "late", "cut", "bad"]),
        (["--sort-by", "rate"], ["slow", "late", "cut", "bad"]),
        (["--sort-by", "depth", "--sort-order", "desc"], ["cut", "late", "bad", "slow"]),
        (["--sort-by", "name"], ["bad", "cut", "late", "slow"]),
        (["--sort-by", "started"], ["late", "cut", "bad", "slow"]),
        (["--sort-order", "asc"], ["slow", "bad", "cut", "late"]),
        (["--sort-by", "rate", "--where", "status != done", "-N", "1"], ["cut"]),
    ],
)
def test_runs_are_sorted_with_the_best_first_and_those_without_a_value_last(
    gitexp: Gitexp, options: list[str], order: list[str]
) -> None:
    assert names(gitexp, *options) == order


@pytest.fixture
def with_goals(work_tree: Path) -> None:
    """Have the policy say that a high accuracy is good."""
    (work_tree / "gitexp.yaml").write_text("policy: {accuracy: {goal: max}, loss: {goal: min}}\n")


@pytest.mark.usefixtures("recorded")
def test_what_runs_are_sorted_by_stands_beside_their_names(gitexp: Gitexp) -> None:
    assert gitexp("ls", "--sort-by", "depth", "--drop", "rate|duration|loss|message") == (
        ExitCode.OK,
        dedent("""\
            name   depth   status       started      accuracy
            cut        4   timed out    2025-01-05   –
            late       –   done         2025-01-09   0.961235
            bad        –   failed (3)   2025-01-04   –
            slow       –   done         2025-01-02   0.942
        """),
        "",
    )


@pytest.mark.usefixtures("recorded")
def test_a_column_that_no_run_has_is_answered_with_the_close_ones(gitexp: Gitexp) -> None:
    code, out, err = gitexp("ls", "--sort-by", "los")

    assert (code, out) == (ExitCode.ERROR, "")
    assert err.endswith("hint: Did you mean 'loss'?\n")


@pytest.mark.usefixtures("recorded")
def test_tags_have_no_order(gitexp: Gitexp) -> None:
    assert gitexp("ls", "--sort-by", "tag") == (
        ExitCode.ERROR,
        "",
        "error: runs cannot be sorted by 'tag'\nhint: A run may have several.\n",
    )


@pytest.mark.usefixtures("recorded")
def test_a_param_that_varies_among_all_runs_is_shown_for_the_first_ones_too(
    gitexp: Gitexp,
) -> None:
    lines = gitexp("ls", "-N", "1")[1].splitlines()

    assert lines[0].split() == "name started duration accuracy loss rate".split()


def test_all_projects_are_listed_with_their_folders(
    recorded: list[str], repository: Repository, gitexp: Gitexp, tmp_path: Path
) -> None:
    one = run("theirs", "eeeeeeeeee", 7, project="app")
    put_run(repository, one, tmp_path)

    shown = [line.split()[:3] for line in gitexp("ls", "--all-projects")[1].splitlines()]

    assert "theirs" not in names(gitexp)
    assert shown[0] == ["name", "status", "project"]
    assert ["theirs", "done", "app"] in shown
    assert len(shown) == 1 + len(recorded) + 1


def test_json_says_the_same_of_a_run_as_it_was_written_and_of_one_that_was_tagged_since(
    recorded: list[str], gitexp: Gitexp
) -> None:
    before = json.loads(gitexp("ls", "--json")[1])
    gitexp("tag", "slow", "kept")
    after = json.loads(gitexp("ls", "--json")[1])

    assert len(before) == len(recorded)
    assert after == [{**row, "tags": ["kept"]} if row["name"] == "slow" else row for row in before]


@pytest.mark.usefixtures("recorded")
def test_a_number_as_it_is_shown_is_answered_with_a_range(gitexp: Gitexp) -> None:
    code, out, err = gitexp("ls", "--where", "accuracy = 0.961235")
    assert (code, out) == (ExitCode.OK, "No runs.\n")
    asked = err.partition("`")[2].partition("`")[0]

    assert err.startswith(
        "hint: Numbers are shown rounded; ask for a range: `metrics.accuracy >= 0.96123"
    )
    assert gitexp("ls", "--where", asked)[1].count("\n") == 2
    assert gitexp("ls", "--where", "accuracy = 0.1234")[2] == ""
