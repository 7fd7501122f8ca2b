"""`gitexp plot`, as far as it takes no library that the tests do not bring."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.workshop import Git, Gitexp

pytestmark = pytest.mark.usefixtures("drawn")


def points(gitexp: Gitexp, *args: str) -> list[dict[str, Any]]:
    code, out, err = gitexp("plot", *args, "--json")
    assert code == 0, err
    found = json.loads(out)
    assert isinstance(found, list)
    return found


def test_curves_of_two_runs_are_those_that_they_wrote(gitexp: Gitexp) -> None:
    [chart] = points(gitexp, "slow", "fast", "loss")

    assert chart["title"] == "val/loss"
    assert [(one["label"], one["x"], one["y"]) for one in chart["curves"]] == [
        (name, list(range(20)), [math.exp(-step * rate) + 0.01 for step in range(20)])
        for name, rate in (("slow", 0.1), ("fast", 0.5))
    ]


def test_the_terminal_has_the_curves_of_the_latest_run_as_wide_as_there_is_room(
    gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "50")

    code, out, err = gitexp("plot")

    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert lines[0] == "val/loss"
    assert lines[-1].startswith("fast-again   ")
    assert max(map(len, lines)) == 50


def test_repeats_are_one_curve_with_a_band(gitexp: Gitexp) -> None:
    [chart] = points(gitexp, "--where", "rate = 0.5", "loss", "--group", "--smooth", "0.5")
    [named] = points(gitexp, "fast-again", "slow", "loss", "--group")
    [newest] = points(gitexp, "--where", "rate > 0", "loss", "--group", "-N", "1")

    [curve] = chart["curves"]
    assert curve["label"] == "fast (n = 2)"
    assert [one["label"] for one in named["curves"]] == ["fast-again (n = 2)", "slow"]
    assert [one["label"] for one in newest["curves"]] == ["fast (n = 2)"]
    assert len(curve["low"]) == len(curve["high"]) == len(curve["raw"]) == 20
    assert chart["note"] == (
        "smoothed: exponential moving average of weight 0.5;"
        " mean of repeats ± one standard deviation"
    )


def test_final_values_are_drawn_of_all_runs(gitexp: Gitexp) -> None:
    [scatter] = points(gitexp, "size", "--x", "rate")
    [front] = points(gitexp, "loss", "size", "--kind", "pareto")
    [trend] = points(gitexp, "size", "--kind", "trend")
    [parallel] = points(gitexp, "--kind", "parallel", "loss")

    assert (scatter["x"], scatter["y"]) == ([0.1, 0.5, 0.5], [10.0, 50.0, 50.0])
    assert [front["labels"][at] for at in front["front"]] == ["slow", "fast"]
    assert [one["y"] for one in trend["curves"]] == [[10.0, 50.0, 50.0], [10.0] * 3]
    assert [axis["name"] for axis in parallel["axes"]] == ["rate", "seed", "loss"]


def test_a_table_of_predictions_is_a_matrix_for_each_run(gitexp: Gitexp) -> None:
    kind = ("--kind", "confusion", "--file", "plots/classes.csv")

    first, second = points(gitexp, "fast", "fast-again", *kind)

    assert (first["actual"], first["counts"]) == (["cat", "dog"], [[2, 2], [1, 2]])
    assert second["counts"] == [[2, 2], [2, 2]]


def test_pictures_go_by_their_paths_and_figures_by_their_names(gitexp: Gitexp) -> None:
    found = points(gitexp, "slow", "fast", "--kind", "images")

    assert [(one["title"], one["runs"]) for one in found] == [
        ("plots/pic.svg", ["slow", "fast"]),
        ("a <b> shape", ["slow", "fast"]),
    ]


def test_a_specification_is_written_without_the_library_that_draws_it(
    gitexp: Gitexp, tmp_path: Path
) -> None:
    path = tmp_path / "loss.vl.json"

    code, out, err = gitexp("plot", "slow", "-o", path)

    assert (code, out, err) == (0, "", f"note: '{path}' is written\n")
    assert json.loads(path.read_text())["title"] == {"text": "val/loss"}


def test_show_has_a_line_for_a_curve_in_a_file(gitexp: Gitexp) -> None:
    shown, found = gitexp("show", "fast"), json.loads(gitexp("show", "fast", "--json").out)

    [head, line] = shown.out.partition("Curves\n")[2].splitlines()[:2]
    assert head.split() == ["curve", "last", "lowest", "highest", "steps"]
    assert (line.split()[0], line.split()[-2:]) == ("val/loss", ["20", "█▅▃▂▂▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁"])
    assert found["curves"]["val/loss"]["count"] == 20


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["los"], "error: no run, rev or metric with a curve 'los'\nhint: Did you mean 'val/loss'"),
        (
            ["size"],
            "error: no run that is drawn has a curve of 'size'\nhint: `gitexp plot",
        ),
        (["slow", "-o", "a.bmp"], "error: nothing is drawn as '.bmp'\nhint: The name may end in"),
        (["slow", "-o", "metrics.json"], "error: nothing is drawn as '.json'\n"),
        (["--where", "rate > 9"], "error: no run matches\n"),
        (["latest~9"], "error: there are only 3 runs\n"),
        (["loss", "--kind", "pareto"], "error: a Pareto front is one of two metrics\n"),
        (["--kind", "scatter"], "error: no metric is named\n"),
        (["losss", "--x", "rate"], "error: no metric 'losss'\n"),
        (["HEAD"], "error: 'HEAD' has no curves\nhint: The last run with some is 'fast-again'"),
        (["--file", "plots/classes.csv"], "error: nothing says what 'plots/classes.csv' is drawn"),
        (["--kind", "roc"], "error: 'fast-again' has no 'roc.json'\nhint: `--file PATH` names"),
        (["--kind", "roc", "--file", "x.csv"], "error: 'fast-again' has no file 'x.csv'\n"),
        (["-o", "absent/a.vl.json"], "error: cannot write 'absent/a.vl.json': No such file"),
    ],
)
def test_what_cannot_be_drawn_is_said(gitexp: Gitexp, args: list[str], said: str) -> None:
    code, out, err = gitexp("plot", *args)

    assert (code, out) == (2, "")
    assert err.startswith(said)


def test_a_terminal_without_braille_is_told_so(drawn: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "gitexp", "plot"],
        cwd=drawn,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 2
    assert ended.stderr.startswith("error: charts are drawn in braille, which stdout cannot show")


def test_dvcs_plots_have_the_points_that_dvc_has(gitexp: Gitexp, git: Git) -> None:
    oids = git("rev-parse", "experiments~2", "experiments~1").split()
    asked = [sys.executable, "-m", "dvc", "plots", "diff", *oids, "--json"]
    ended = subprocess.run(asked, capture_output=True, check=True)
    names = dict(zip(oids, ("slow", "fast"), strict=True))

    ours = points(gitexp, "slow", "fast", "--kind", "dvc")

    theirs = json.loads(ended.stdout)["data"]
    rows = {one["title"]: one["rows"] for one in ours if one["kind"] == "dvc"}
    assert set(rows) == {"curves", "scatter", "plots/classes.csv", "bars"}
    for name, found in rows.items():
        [plot] = theirs[name]
        assert sorted_rows(found) == sorted_rows(
            [{**row, "rev": names[row["rev"]]} for row in plot["content"]["data"]["values"]]
        )
    assert [one["runs"] for one in ours if one["kind"] == "images"] == [["slow", "fast"]]


def sorted_rows(rows: list[Mapping[str, Any]]) -> list[str]:
    """Return the fields that hold data: to fill in a template, DVC drops those that never vary."""
    kept = ({k: v for k, v in row.items() if k not in ("filename", "field")} for row in rows)
    return sorted(json.dumps(row, sort_keys=True) for row in kept)


def test_a_table_that_would_have_curves_is_named_with_the_setting_that_reads_it(
    work_tree: Path, gitexp: Gitexp
) -> None:
    (work_tree / "train.sh").write_text("printf 'step,loss\\n0,1\\n1,0.5\\n' > log.csv\n")
    gitexp("run", "-n", "c1", "--", "sh", "train.sh")

    none = gitexp("plot", "c1")
    (work_tree / "gitexp.yaml").write_text("metrics: [log.csv]\n")
    drawn = gitexp("plot", "c1", "--json")

    assert none.err == (
        "error: 'c1' has no curves\n"
        "hint: Add 'log.csv' to `metrics:` in gitexp.yaml, and the curves in it are drawn.\n"
    )
    assert json.loads(drawn.out)[0]["curves"][0]["y"] == [1, 0.5]
