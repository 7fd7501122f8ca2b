"""What earlier runs left in the work tree: no part of a run that does not read it."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest

from tests.execution.workshop import Kept, Runs, Sh
from tests.workshop import Gitexp

tells = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what is opened")

FIT = """\
import os, sys

out, seed = sys.argv[2], sys.argv[4]
os.makedirs(f"{out}/{seed}")
with open(f"{out}/{seed}/log.csv", "w") as log:
    log.write(f"epoch,loss\\n0,1.{seed}\\n1,0.{seed}\\n")
with open(f"{out}/{seed}/model.pt", "w") as model:
    model.write(seed)
"""
TRAIN = "mkdir -p runs/{0}; echo {0} > runs/{0}/hparams.yaml; echo {0} > runs/{0}/model.pt"


def outputs_in(run: Kept) -> list[str]:
    """Return what the tree of a run has below `runs/`."""
    return sorted(path for path in run.entries if path.startswith("runs/"))


def own(number: int) -> list[str]:
    """Return what one run wrote there, models behind pointers."""
    return [f"runs/{number}/{name}" for name in (".gitignore", "hparams.yaml", "model.pt.dvc")]


def test_a_run_has_its_own_folder_and_not_those_of_the_runs_before(
    sh: Sh, runs: Runs, gitexp: Gitexp
) -> None:
    said = [sh(TRAIN.format(number)).err for number in (1, 2, 3)]

    third, second, first = runs()
    assert [outputs_in(run) for run in (first, second, third)] == [own(1), own(2), own(3)]
    assert [one.path for one in third.record.pointers] == ["runs/3/model.pt"]
    assert "runs/" not in said[1] + said[2]
    assert not third.record.left_out
    assert third.record.inputs.oid == first.record.inputs.oid
    assert gitexp("diff", third.record.name, "--exit-code").code == 0


@tells
def test_what_a_run_read_is_an_input_with_the_run_that_wrote_it(
    work_tree: Path, sh: Sh, runs: Runs, gitexp: Gitexp
) -> None:
    for number in (1, 2):
        sh(TRAIN.format(number), "-n", f"r{number}")

    sh("cat runs/$((1))/* > out.txt", "-n", "reader")

    reader, _, first = runs()
    assert outputs_in(reader) == own(1)
    assert reader.record.read == {"runs/1/hparams.yaml": first.record.id}
    assert [(one.path, one.role) for one in reader.record.pointers] == [
        ("runs/1/model.pt", "input")
    ]
    shown = gitexp("show", "reader").out
    assert "runs/1/hparams.yaml" in shown
    assert shown.count("written by 'r1'") == 2
    told = json.loads(gitexp("show", "reader", "--json").out)
    assert told["read"] == {"runs/1/hparams.yaml": first.record.id}

    (work_tree / "runs/1/hparams.yaml").write_text("edited\n")
    sh("cat runs/$((1))/hparams.yaml > out.txt")

    after = runs()[0]
    assert after.text("runs/1/hparams.yaml") == "edited\n"
    assert after.record.read == {"runs/1/hparams.yaml": ""}


def test_what_a_command_names_is_an_input_unless_it_is_where_all_runs_write(
    sh: Sh, runs: Runs
) -> None:
    for number in (1, 2):
        sh(TRAIN.format(number))

    sh("ls runs/1 > list.txt")
    sh("ls runs > list.txt")
    sh("ls runs/2/model.pt > list.txt")

    model, everything, folder = runs()[:3]
    assert outputs_in(folder) == own(1)
    assert folder.record.read.keys() == {"runs/1/hparams.yaml"}
    assert outputs_in(everything) == []
    assert outputs_in(model) == own(2)[:1] + own(2)[2:]
    assert [one.path for one in model.record.pointers] == ["runs/2/model.pt"]


def test_what_is_written_over_is_an_output_as_before(sh: Sh, runs: Runs) -> None:
    sh("echo 1 > last.pt; echo 1 > log.txt; echo 1 > kept.txt")

    sh("echo 2 > last.pt; echo 2 >> log.txt")

    again = runs()[0]
    assert again.record.outputs == ("last.pt", "log.txt")
    assert again.record.overwritten == ("last.pt",)
    assert again.text("log.txt") == "1\n2\n"
    assert "kept.txt" not in again.entries


def test_files_of_a_person_are_part_of_every_run(work_tree: Path, sh: Sh, runs: Runs) -> None:
    sh("mkdir out; echo 1 > out/a.txt")
    (work_tree / "out/mine.txt").write_text("mine\n")

    sh("true")

    assert [path for path in runs()[0].entries if path.startswith("out/")] == ["out/mine.txt"]


@tells
def test_a_module_that_a_run_made_is_read_even_if_python_has_compiled_it(
    sh: Sh, runs: Runs
) -> None:
    sh("echo 'a = 1' > made.py")

    for _ in range(2):  # the second time, Python opens only what it has compiled
        sh("echo 'import made' > /dev/null; python -c 'exec(\"import m\" + \"ade\")'")

    assert ["made.py" in run.entries for run in runs()[:2]] == [True, True]


def test_repeats_that_put_each_a_folder_into_one_that_is_named_have_nothing_of_one_another(
    work_tree: Path, runs: Runs, gitexp: Gitexp
) -> None:
    settings = 'metrics: {log.csv: {path: "exps/*/log.csv", row: best}}\n'
    (work_tree / "gitexp.yaml").write_text(f"{settings}policy: {{loss: {{goal: min}}}}\n")
    (work_tree / "fit.py").write_text(FIT)
    (work_tree / "params.yaml").write_text("rate: 1\n")  # the seed is a flag

    words = ("--repeat", "3", "-n", "own", "--", "python", "fit.py", "--out", "exps", "--seed", "0")
    ended = gitexp("run", *words)
    gitexp("run", "-n", "reader", "--", "ls", "exps/0")

    assert "does not count" not in ended.err
    assert "was not written" not in ended.err
    assert ended.err.splitlines()[-1].endswith("(n = 3)")
    reader, *ours = runs()
    for number, run in zip((2, 1, 0), ours, strict=True):
        names = (".gitignore", "log.csv", "model.pt.dvc")
        found = [path for path in run.entries if path.startswith("exps/")]
        assert sorted(found) == [f"exps/{number}/{name}" for name in names]
        assert [one.role for one in run.record.pointers] == ["output"]
    assert [one.path for one in reader.record.pointers] == ["exps/0/model.pt"]


@tells
def test_the_points_of_a_sweep_find_what_runs_made_and_have_of_it_what_they_read(
    sh: Sh, runs: Runs, gitexp: Gitexp
) -> None:
    for number in (1, 2):
        sh(TRAIN.format(number))
    sh("echo 1 > features.csv")
    sh("echo 1 > unread.csv")

    point = "cat feat*.csv > out.txt; mkdir -p runs/{n}; echo {n} > runs/{n}/hparams.yaml"
    ended = gitexp("sweep", "n=7,8", "--", "sh", "-c", point)

    assert ended.code == 0, ended.err
    for run, number in zip(runs()[:2], (8, 7), strict=True):
        assert outputs_in(run) == [f"runs/{number}/hparams.yaml"]
        assert {"features.csv", "unread.csv"} & run.entries.keys() == {"features.csv"}


def test_what_is_saved_has_no_folder_of_an_earlier_run_but_what_was_written_there_since(
    work_tree: Path, sh: Sh, runs: Runs, gitexp: Gitexp
) -> None:
    for number in (1, 2, 3):
        sh(TRAIN.format(number))
    sh("echo 1 > features.csv")
    (work_tree / "mine.txt").write_text("mine\n")
    first = gitexp("save")
    later = time.time() + 10
    os.utime(work_tree / "runs/1/model.pt", (later, later))
    second = gitexp("save")

    assert (first.code, second.code) == (0, 0)
    after, before = runs()[:2]
    assert outputs_in(before) == []
    assert {"features.csv", "mine.txt"} <= before.entries.keys()
    assert before.record.pointers == ()
    assert outputs_in(after) == own(1)
    assert [one.path for one in after.record.pointers] == ["runs/1/model.pt"]
