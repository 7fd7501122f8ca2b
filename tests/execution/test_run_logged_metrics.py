"""Metrics in the formats and folders of frameworks, by real runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.execution.workshop import Sh, TheRun
from tests.workshop import Gitexp

LOGS = """\
d=$(printf 'logs/version_%s' {n}); mkdir -p $d
printf 'epoch,step,train_loss,val_loss\\n0,4,0.5,\\n0,9,,0.25\\n1,19,,{loss}\\n' > $d/metrics.csv
"""


@pytest.fixture
def project_files() -> dict[str, str]:
    """A project whose logger gives each run a folder of its own."""
    return {"gitexp.yaml": 'metrics: {metrics.csv: "logs/*/metrics.csv"}\n'}


def test_the_newest_table_that_the_run_wrote_counts_under_one_name(sh: Sh, the_run: TheRun) -> None:
    sh(LOGS.format(n=9, loss=0.4))

    old, new = (f"logs/version_{number}/metrics.csv" for number in (10, 11))
    later = f"until [ {new} -nt {old} ]; do {LOGS.format(n=11, loss=0.2)} done"
    told = sh(LOGS.format(n=10, loss=0.3) + later).err

    assert the_run().record.metrics == {
        "metrics.csv": {"train_loss": 0.5, "val_loss": 0.2, "epoch": 1, "step": 19}
    }
    assert "the last one counts, 'logs/version_11/metrics.csv'" in told
    assert "was not written, so" not in told


def test_the_best_row_is_that_of_the_policy(
    work_tree: Path, sh: Sh, the_run: TheRun, gitexp: Gitexp
) -> None:
    (work_tree / "gitexp.yaml").write_text(
        "metrics: {m.csv: {path: logs/*/metrics.csv, row: best}}\npolicy: {val_loss: {goal: min}}\n"
    )

    sh(LOGS.format(n=1, loss=0.4), "-n", "a")

    assert the_run().record.metrics["m.csv"]["val_loss"] == 0.25
    assert gitexp("diff", "a", "workspace", "--exit-code").code == 0


def test_a_folder_of_metrics_is_what_dvclive_keeps_there(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "gitexp.yaml").write_text("metrics: [dvclive/]\nplots: [dvclive/plots/]\n")

    told = sh(
        "mkdir -p dvclive/plots/metrics; echo '{\"loss\": 1}' > dvclive/metrics.json;"
        "echo '# Report' > dvclive/report.md; printf 'loss\\n1\\n' > dvclive/plots/loss.tsv;"
        "echo '[1]' > dvclive/plots/metrics/roc.json",
    ).err

    assert the_run().record.metrics == {"dvclive/metrics.json": {"loss": 1}}
    assert "no metrics from" not in told
    assert "was not written" not in told


def test_a_run_without_metrics_names_what_looks_like_some(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "gitexp.yaml").write_text("params: [parms.yaml]\n")
    (work_tree / "params.yaml").write_text("lr: 1\n")

    told = sh(LOGS.format(n=0, loss=0.4)).err

    assert the_run().record.metrics == {}
    assert (
        "note: 'logs/version_0/metrics.csv' looks like metrics: "
        '`metrics: {metrics.csv: "logs/*/metrics.csv"}` in gitexp.yaml records them\n'
    ) in told
    assert (
        "note: there is no 'parms.yaml', which `params:` in gitexp.yaml names; "
        "did you mean 'params.yaml'?\n"
    ) in told


def test_a_file_of_another_kind_is_named_with_those_that_are_read(work_tree: Path, sh: Sh) -> None:
    (work_tree / "gitexp.yaml").write_text("metrics: [m.txt]\n")

    told = sh("echo 1 > m.txt").err

    assert "warning: no metrics from 'm.txt': cannot read metrics from 'm.txt' (Metrics are" in told
    assert "`.csv`" in told
    assert "was not written" not in told
