"""`gitexp show`: one run whole, in every format, by every way to name it."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from textwrap import dedent
from typing import Any, Protocol

import pytest

from gitexp.errors import ExitCode
from gitexp.git.repository import Repository
from gitexp.model.record import DataPointer, Exit, Inputs, Resources, RunRecord
from gitexp.model.record_json import to_json

from tests.recorded import put_run
from tests.workshop import Git, Gitexp


class Record(Protocol):
    """Put a run of the code at HEAD onto the branch and return its commit: `record(**fields)`."""

    def __call__(self, log: str = ..., version: int = 1, **fields: object) -> str: ...


LOG = "".join(f"line {number}\n" for number in range(1, 26))


@pytest.fixture
def record(repository: Repository, tmp_path: Path) -> Record:
    """Put a run of the code at HEAD onto the branch and return its commit: `record(**fields)`."""

    def put(log: str = LOG, version: int = 1, **fields: object) -> str:
        known: dict[str, object] = {
            "id": "aaaaaaaaaa",
            "name": "deep",
            "status": "done",
            "exit": Exit(0),
            "command": ("python", "train.py", "--note", "a b"),
            "baseline": repository.objects.commit("HEAD"),
            "inputs": Inputs("c" * 40),
            "started": "2025-01-02T03:04:05.000Z",
            "ended": "2025-01-02T03:05:20.000Z",
            "gitexp": "0.1.0",
            "message": "is deeper better?",
            "host": "lab",
            "user": "ada",
            "python": "3.11.7",
            "platform": "Linux-6.1-x86_64",
            "environment": "/opt/venv/bin/python",
            "resources": Resources(200.0, 1_500_000_000),
            "params": {"params.yaml": {"rate": 0.2, "seed": 1, "depth": 4}},
            "metrics": {"metrics.json": {"loss": 0.104, "accuracy": 0.961}},
            "pointers": (
                DataPointer("model.pt", "b" * 32, 2_300_000, role="output"),
                DataPointer("images", "a" * 32 + ".dir", 1_200_000, 10),
            ),
            "outputs": ("metrics.json", "model.pt"),
        }
        run = RunRecord(**{**known, **fields})  # type: ignore[arg-type]  # tests name real fields
        files = {
            ".gitexp/environment.txt": b"click==8.1\nnumpy==2.0\n",
            ".gitexp/output.log": log.encode(),
        }
        content = to_json(run).replace(b"1", b"%d" % version, 1)
        return put_run(repository, run, tmp_path, content=content, files=files)

    return put


def test_show_shows_a_run_whole(record: Record, git: Git, gitexp: Gitexp) -> None:
    oid = record()
    head = git("rev-parse", "HEAD").strip()

    assert gitexp("show", "deep") == (
        ExitCode.OK,
        dedent(f"""\
            deep

            Run
              status        done
              message       is deeper better?
              command       python train.py --note 'a b'
              started       2025-01-02 03:04:05 UTC (2025-01-02)
              duration      1 min 15 s
              used          3 min 20 s of CPU, 1.5 GB of memory
              commit        {oid}
              id            aaaaaaaaaa
              baseline      {head}
              inputs        v2:{"c" * 40}
              user          ada on lab
              python        3.11.7, Linux-6.1-x86_64
              environment   /opt/venv/bin/python, 2 packages
            Metrics (metrics.json)
              accuracy   0.961   added
              loss       0.104   added
            Params (params.yaml)
              rate    0.2, was 0.1   +0.1
              seed      1
              depth     4                   added
            Data and models
              images     input    1.2 MB   10 files   {"a" * 32}.dir
              model.pt   output   2.3 MB              {"b" * 32}
            Log
        """)
        + "".join(f"  line {number}\n" for number in range(6, 26)),
        "",
    )


def test_metrics_are_compared_with_those_of_the_baseline(
    work_tree: Path, git: Git, record: Record, gitexp: Gitexp
) -> None:
    (work_tree / "metrics.json").write_text('{"loss": 0.115, "accuracy": 0.961, "auc": 1}')
    git("add", "metrics.json")
    git("commit", "--quiet", "-m", "results")
    record()

    _, out, _ = gitexp("show", "deep")

    assert (
        dedent("""\
        Metrics (metrics.json)
          accuracy   0.961
          loss       0.104, was 0.115   -0.011   -9.6 %   better
          auc            –, was 1                         removed
        Params""")
        in out
    )


def test_a_baseline_that_is_gone_costs_the_comparison_alone(record: Record, gitexp: Gitexp) -> None:
    record(baseline="d" * 40)

    code, out, err = gitexp("show", "deep")

    assert (code, err) == (ExitCode.OK, "")
    assert "  rate    0.2\n" in out


def test_a_baseline_whose_files_cannot_be_read_costs_the_comparison_alone(
    work_tree: Path, git: Git, record: Record, gitexp: Gitexp
) -> None:
    (work_tree / "metrics.json").write_text("{")
    git("add", "metrics.json")
    git("commit", "--quiet", "-m", "broken")
    record()

    code, out, _ = gitexp("show", "deep")

    assert code == ExitCode.OK
    assert "  accuracy   0.961" in out


def test_a_baseline_whose_settings_cannot_be_read_is_read_by_those_of_today(
    work_tree: Path, git: Git, record: Record, gitexp: Gitexp
) -> None:
    (work_tree / "metrics.json").write_text('{"loss": 0.115}')
    (work_tree / "gitexp.yaml").write_text("metrics: {metrics.json: {row: best}}\n")
    git("add", "--all")
    git("commit", "--quiet", "-m", "a goal is missing")
    record()
    (work_tree / "gitexp.yaml").write_text("policy: {loss: {goal: min}}\n")

    _, out, err = gitexp("show", "deep")

    assert err == ""
    assert "  loss       0.104, was 0.115   -0.011" in out


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"status": "failed", "exit": Exit(3)}, "failed (3)"),
        ({"status": "failed", "exit": Exit(None, "SIGSEGV")}, "failed (SIGSEGV)"),
        ({"status": "interrupted", "exit": Exit(None, "SIGTERM", "timeout")}, "timed out"),
        ({"status": "interrupted", "exit": Exit(None, "SIGINT", "signal")}, "interrupted"),
    ],
)
def test_a_run_that_did_not_succeed_says_so(
    record: Record, gitexp: Gitexp, fields: dict[str, Any], status: str
) -> None:
    record(metrics={}, **fields)

    _, out, _ = gitexp("show", "deep")

    assert out.splitlines()[3] == f"  status        {status}"
    assert "Metrics" not in out


def test_what_changed_meanwhile_is_listed(record: Record, gitexp: Gitexp) -> None:
    record(changed_meanwhile=("train.py",), overwritten=("last.pt",), left_out=("a\nb",))

    _, out, _ = gitexp("show", "deep")

    assert (
        dedent("""\
        Changed meanwhile
          train.py
        Overwritten
          last.pt
        Left out
          a\\nb
        Log
    """)
        in out
    )


def test_a_long_message_has_a_section_of_its_own(record: Record, gitexp: Gitexp) -> None:
    record(message="why\n\nbecause\n")

    _, out, _ = gitexp("show", "deep")

    assert "Message\n  why\n\n  because\nMetrics" in out
    assert "  message  " not in out


def test_the_log_is_harmless_to_a_terminal(record: Record, gitexp: Gitexp) -> None:
    record(log="\x1b]0;title\x07red\tx\nno line end")

    _, out, _ = gitexp("show", "deep")

    assert out.endswith("Log\n  \\x1b]0;title\\x07red   x\n  no line end\n")


def test_a_run_without_output_has_no_log(record: Record, gitexp: Gitexp) -> None:
    record(log="")

    assert "Log" not in gitexp("show", "deep")[1]


@pytest.mark.parametrize(
    "selector",
    [
        "deep",
        "de",
        "aaaaaaaaaa",
        "aa",
        "latest",
        "latest~0",
        "experiments",
        "refs/heads/experiments",
    ],
)
def test_a_run_goes_by_many_names(record: Record, gitexp: Gitexp, selector: str) -> None:
    oid = record()

    code, out, err = gitexp("show", selector, "--json")

    assert (code, err) == (ExitCode.OK, "")
    assert json.loads(out)["oid"] == oid


def test_a_run_goes_by_the_start_of_its_commit(record: Record, gitexp: Gitexp) -> None:
    oid = record()

    assert gitexp("show", oid[:8])[1].splitlines()[0] == "deep"


def test_json_is_the_record_with_its_packages_and_log(record: Record, gitexp: Gitexp) -> None:
    oid = record()

    found = json.loads(gitexp("show", "deep", "--json")[1])

    assert (found["oid"], found["version"], found["name"]) == (oid, 1, "deep")
    assert found["packages"] == {"python": "3.11.7", "click": "8.1", "numpy": "2.0"}
    assert found["log"].splitlines() == [f"line {number}" for number in range(6, 26)]
    assert found["params"] == {"params.yaml": {"rate": 0.2, "seed": 1, "depth": 4}}


def test_csv_has_a_line_for_each_value(record: Record, gitexp: Gitexp) -> None:
    oid = record()

    rows = list(csv.reader(io.StringIO(gitexp("show", "deep", "--csv")[1])))

    assert rows[:3] == [
        ["section", "file", "name", "value"],
        ["run", "", "oid", oid],
        ["run", "", "version", "1"],
    ]
    assert rows[-14:] == [
        ["metrics", "metrics.json", "loss", "0.104"],
        ["metrics", "metrics.json", "accuracy", "0.961"],
        ["params", "params.yaml", "rate", "0.2"],
        ["params", "params.yaml", "seed", "1"],
        ["params", "params.yaml", "depth", "4"],
        ["data", "model.pt", "md5", "b" * 32],
        ["data", "model.pt", "size", "2300000"],
        ["data", "model.pt", "role", "output"],
        ["data", "model.pt", "changed", "false"],
        ["data", "images", "md5", f"{'a' * 32}.dir"],
        ["data", "images", "size", "1200000"],
        ["data", "images", "nfiles", "10"],
        ["data", "images", "role", "input"],
        ["data", "images", "changed", "false"],
    ]


def test_markdown(record: Record, gitexp: Gitexp) -> None:
    record(message="@all see #1", log="```\n")

    _, out, _ = gitexp("show", "deep", "--md")

    assert out.startswith("### deep\n\n**Run**\n\n| fact | value |\n| --- | --- |\n")
    assert "| message | `@all see #1` |" in out
    assert "| rate | 0.2 | 0.1 | +0.1 |" in out
    assert out.endswith("**Log**\n\n````text\n```\n````\n")


def test_an_unknown_run_is_answered_with_the_close_name(record: Record, gitexp: Gitexp) -> None:
    record()

    assert gitexp("show", "depe") == (
        ExitCode.ERROR,
        "",
        "error: no run 'depe'\nhint: Did you mean 'deep'? `gitexp ls` lists all runs.\n",
    )


def test_a_commit_that_is_no_run_cannot_be_shown(record: Record, gitexp: Gitexp) -> None:
    record()

    assert gitexp("show", "HEAD") == (
        ExitCode.ERROR,
        "",
        (
            "error: 'HEAD' is a commit, but not a run\n"
            "hint: `gitexp diff HEAD` compares any commits; `gitexp ls` lists all runs.\n"
        ),
    )


def test_a_start_that_several_runs_have_is_refused(record: Record, gitexp: Gitexp) -> None:
    record()
    record(id="bbbbbbbbbb", name="deeper", ended="2025-01-03T03:04:05.000Z")

    assert gitexp("show", "dee") == (
        ExitCode.ERROR,
        "",
        (
            "error: 'dee' may be any of 2 runs: deeper (bbbbbbbbbb, Ada, 2025-01-02 03:04 UTC), "
            "deep (aaaaaaaaaa, Ada, 2025-01-02 03:04 UTC)\n"
            "hint: Give the id, or more of the name.\n"
        ),
    )
    assert gitexp("show", "deep")[1].splitlines()[0] == "deep"


def test_two_runs_of_one_name_are_told_apart_by_id_author_and_time(
    record: Record, gitexp: Gitexp
) -> None:
    record()
    record(id="bbbbbbbbbb", started="2025-01-02T03:05:10.000Z")

    code, out, err = gitexp("show", "deep")

    assert (code, out) == (ExitCode.ERROR, "")
    assert err == (
        "error: 'deep' may be any of 2 runs: deep (bbbbbbbbbb, Ada, 2025-01-02 03:05 UTC), "
        "deep (aaaaaaaaaa, Ada, 2025-01-02 03:04 UTC)\n"
        "hint: Give the id, or more of the name.\n"
    )


@pytest.mark.usefixtures("work_tree")
@pytest.mark.parametrize("selector", ["--help", "--output=x", "-h", "--format=json"])
def test_a_run_that_looks_like_an_option_is_no_option(
    work_tree: Path, gitexp: Gitexp, selector: str
) -> None:
    before = sorted(work_tree.iterdir())

    assert gitexp("show", "--", selector) == (
        ExitCode.ERROR,
        "",
        f"error: no run '{selector}'\nhint: `gitexp ls` lists all runs.\n",
    )
    assert sorted(work_tree.iterdir()) == before


@pytest.mark.usefixtures("work_tree")
def test_show_without_a_run_shows_the_latest(record: Record, gitexp: Gitexp) -> None:
    none = gitexp("show")
    record(name="first")

    shown = gitexp("show")

    assert none == (
        ExitCode.ERROR,
        "",
        "error: there are no runs yet\nhint: Make one with `gitexp run`.\n",
    )
    assert shown[1].startswith("first\n")


def test_a_run_of_a_newer_gitexp_says_what_it_needs(record: Record, gitexp: Gitexp) -> None:
    record(version=2, gitexp="9.0")

    assert gitexp("show", "deep") == (
        ExitCode.ERROR,
        "",
        (
            "error: run 'deep' cannot be read: needs gitexp ≥ 9.0\n"
            "hint: Upgrade gitexp to read this run.\n"
        ),
    )


def test_a_real_run_is_shown(work_tree: Path, gitexp: Gitexp, git: Git) -> None:
    (work_tree / "params.yaml").write_text("rate: 0.3\nseed: 1\n")
    gitexp("run", "-n", "real", "python", "train.py")

    code, out, err = gitexp("show", "real")

    facts = r"^  (started|duration|used|id|user|python|environment|machine) .*$"
    shown = re.sub(facts, r"  \1 …", out, flags=re.MULTILINE)
    shown = re.sub(r"^  variables .*\n", "", shown, flags=re.MULTILINE)
    oid, head = git("rev-parse", "experiments", "HEAD").split()
    inputs = json.loads(git("show", "experiments:.gitexp/run.json"))["inputs"]["oid"]
    assert (code, err) == (ExitCode.OK, "")
    assert (
        shown.splitlines()
        == dedent(f"""\
        real

        Run
          status        done
          command       python train.py
          started …
          duration …
          used …
          commit        {oid}
          id …
          baseline      {head}
          inputs        v2:{inputs}
          user …
          python …
          environment …
          machine …
        Metrics (metrics.json)
          accuracy   1.05   added
          loss        0.2   added
        Params (params.yaml)
          rate   0.3, was 0.1   +0.2
          seed     1
        Log
          trained with rate 0.3
    """).splitlines()
    )
