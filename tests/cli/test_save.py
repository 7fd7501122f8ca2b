"""`gitexp save`: what it prints."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest

from gitexp.errors import ExitCode

from tests.workshop import Gitexp


def test_save_says_what_the_run_holds(work_tree: Path, gitexp: Gitexp) -> None:
    (work_tree / "metrics.json").write_text('{"accuracy": 0.9, "loss": 0.1}')

    assert gitexp("save", "-n", "first") == (ExitCode.OK, "", "first: accuracy 0.9, loss 0.1\n")


@pytest.mark.usefixtures("work_tree")
def test_save_without_metrics_says_so(gitexp: Gitexp) -> None:
    assert gitexp("save", "-n", "first") == (ExitCode.OK, "", "first: recorded without metrics\n")


def test_save_prints_the_record_as_json(work_tree: Path, gitexp: Gitexp) -> None:
    (work_tree / "metrics.json").write_text('{"accuracy": 0.9}')

    code, out, _ = gitexp("save", "-m", "by hand", "--json")

    record = json.loads(out)
    assert code == ExitCode.OK
    assert (record["message"], record["command"]) == ("by hand", [])
    assert record["metrics"] == {"metrics.json": {"accuracy": 0.9}}


@pytest.mark.usefixtures("work_tree")
def test_save_refuses_a_name_that_is_taken(gitexp: Gitexp) -> None:
    gitexp("save", "-n", "first")

    assert gitexp("save", "-n", "first") == (
        ExitCode.ERROR,
        "",
        dedent("""\
            error: a run named 'first' exists
            hint: Choose another name; without `-n` gitexp makes one up.
        """),
    )


@pytest.mark.usefixtures("work_tree")
def test_a_saved_run_is_listed_and_shown_without_a_command(gitexp: Gitexp) -> None:
    gitexp("save", "-n", "first")

    code, out, err = gitexp("show", "first")

    assert (code, err) == (ExitCode.OK, "")
    assert "command" not in out
    assert "first" in gitexp("ls")[1]


HALFWAY = """
from pathlib import Path
Path("metrics.json").write_text('{"loss": 0.5}')
raise SystemExit(3)
"""


def test_save_warns_of_metrics_that_a_failed_run_with_other_params_left(
    work_tree: Path, gitexp: Gitexp
) -> None:
    (work_tree / "halfway.py").write_text(HALFWAY)
    gitexp("run", "-n", "halfway", "-S", "rate=0.7", "python", "halfway.py", "--rate=3")
    gitexp("run", "-n", "broken", "false")  # which leaves them as they are

    saved = gitexp("save", "-n", "pair")
    (work_tree / "params.yaml").write_text("rate: 0.7\nseed: 1\n")
    same_params = gitexp("save", "-n", "matching")
    (work_tree / "params.yaml").write_text("rate: 0.1\nseed: 1\n")
    (work_tree / "metrics.json").write_text('{"loss": 0.25}')
    other_metrics = gitexp("save", "-n", "other")

    warning = "warning: the metrics are those of 'halfway', which failed with other params\n"
    assert saved == (ExitCode.OK, "", f"{warning}pair: loss 0.5\n")
    assert same_params[2] == "matching: loss 0.5 (0.0)\n"
    assert "warning" not in other_metrics[2]
