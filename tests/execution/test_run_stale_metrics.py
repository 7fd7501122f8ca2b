"""What stood in a metrics file before a run that only added to it, and losses that are NaN."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.execution.workshop import Eventually, Sh, StartGitexp, TheRun
from tests.workshop import Git, Gitexp

MERGES = """\
import json, os, sys
file, new = sys.argv[1], json.loads(sys.argv[2])
os.makedirs(os.path.dirname(file), exist_ok=True)
old = json.load(open(file)) if os.path.exists(file) else {}
json.dump({**old, **new}, open(file, "w"))
"""
FILE = "out/all_results.json"


@pytest.fixture
def project_files() -> dict[str, str]:
    """A script that merges into its metrics file."""
    return {"merge.py": MERGES, "gitexp.yaml": f"metrics: [{FILE}]\n"}


def merge(sh: Sh, values: dict[str, object], *options: str) -> str:
    """Run the script, and return what gitexp says."""
    result = sh(f"python merge.py {FILE} '{json.dumps(values)}'", *options)
    assert result.code == 0
    return result.err


@pytest.mark.parametrize("kept", ["untracked", "tracked", "ignored", "copied"])
def test_values_of_an_earlier_run_are_named(
    work_tree: Path, sh: Sh, the_run: TheRun, git: Git, kept: str
) -> None:
    if kept == "ignored":
        (work_tree / ".gitignore").write_text("out/\n")
    merge(sh, {"train_loss": 0.5, "eval_loss": 0.6})
    if kept == "tracked":
        git("add", "--all")
        git("commit", "--quiet", "-m", "more")

    told = merge(sh, {"train_loss": 0.4}, *(["--temp"] if kept == "copied" else []))

    assert f"note: '{FILE}' had the same eval_loss before the run" in told
    assert the_run().record.metrics == {FILE: {"train_loss": 0.4, "eval_loss": 0.6}}


@pytest.mark.parametrize("kept", ["untracked", "ignored"])
def test_values_of_an_earlier_run_are_left_out_if_the_settings_say_so(
    work_tree: Path, sh: Sh, the_run: TheRun, gitexp: Gitexp, kept: str
) -> None:
    if kept == "ignored":
        (work_tree / ".gitignore").write_text("out/\n")
    (work_tree / "gitexp.yaml").write_text(f"metrics: {{{FILE}: {{stale: drop}}}}\n")
    merge(sh, {"train_loss": 0.5, "eval": {"loss": 0.6, "samples": 9}})

    told = merge(sh, {"train_loss": 0.4})

    assert the_run().record.metrics == {FILE: {"train_loss": 0.4}}
    assert "note: left out of the metrics" in told
    assert "eval.loss, eval.samples" in told
    assert json.loads(the_run().text(FILE))["eval"] == {"loss": 0.6, "samples": 9}
    checked = gitexp("check", "workspace").out
    assert f"the inputs are those of {the_run().record.name}" in checked


def test_values_are_left_out_where_nothing_in_the_file_is_new(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "gitexp.yaml").write_text("metrics: {'out/*.json': {stale: drop}}\n")
    values: dict[str, object] = {"train_loss": 0.5, "eval_loss": 0.6}
    merge(sh, values)

    told = merge(sh, values)

    assert the_run().record.metrics == {}
    assert "note: left out of the metrics" in told


def test_what_stands_in_a_part_that_the_run_wrote_is_of_this_run(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "gitexp.yaml").write_text(f"metrics: {{{FILE}: {{stale: drop}}}}\n")
    merge(sh, {"train_loss": 0.5, "epoch": 3.0, "eval_loss": 0.6})
    part = {"train_loss": 0.4, "epoch": 3.0}
    write = f"echo '{json.dumps(part)}' > out/train_results.json; cp {FILE} out/copy.json"

    told = sh(f"python merge.py {FILE} '{json.dumps(part)}'; {write}")

    assert the_run().record.metrics == {FILE: part}
    assert "as 'out/all_results.json' had them before: eval_loss\n" in told.err


def test_values_that_are_accepted_are_not_named(work_tree: Path, sh: Sh, the_run: TheRun) -> None:
    (work_tree / "gitexp.yaml").write_text("metrics: {'out/*.json': {stale: keep}}\n")
    merge(sh, {"train_loss": 0.5, "eval_loss": 0.6})

    told = merge(sh, {"train_loss": 0.4})

    assert "before the run" not in told
    assert the_run().record.metrics == {FILE: {"train_loss": 0.4, "eval_loss": 0.6}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"loss": 0.5, "epochs": 10, "model": "a"}, {"loss": 0.4, "epochs": 10, "model": "a"}),
        ({"loss": 0.5}, {"loss": 0.5}),
        ({"loss": 0.5, "time": 1.5, "old": 1}, {"loss": 0.5, "time": 1.6}),
    ],
    ids=["a count", "all the same", "written anew"],
)
def test_a_file_that_was_written_as_a_whole_is_not_suspected(
    sh: Sh, the_run: TheRun, before: dict[str, object], after: dict[str, object]
) -> None:
    line = "mkdir -p out; echo '{}' > {}"
    sh(line.format(json.dumps(before), FILE))
    told = sh(line.format(json.dumps(after), FILE)).err

    assert "before the run" not in told
    assert the_run().record.metrics == {FILE: after}


@pytest.mark.parametrize(
    ("losses", "norms", "is_told"),
    [
        ([0.0, 0], ["NaN", "NaN"], True),
        ([0.0, 0.1], ["NaN", "1.0"], False),
        ([0, 0], ["0.1"], False),
    ],
)
def test_a_loss_of_zero_with_gradients_that_are_nan_is_named(
    work_tree: Path, sh: Sh, losses: list[float], norms: list[str], is_told: bool
) -> None:
    steps = [f'{{"loss": {loss}, "step": 1}}' for loss in losses]
    steps += [f'{{"grad_norm": {norm}}}' for norm in norms]
    (work_tree / "state").write_text(f'{{"log_history": [{", ".join(steps)}]}}')

    result = sh("mkdir -p out/checkpoint-2; cp state out/checkpoint-2/trainer_state.json")

    words = "the loss is exactly 0 at every step in 'out/checkpoint-2/trainer_state.json'"
    assert (words in result.err) == is_told
    assert result.code == 0


def test_a_loss_of_zero_is_named_in_a_folder_that_git_ignores(work_tree: Path, sh: Sh) -> None:
    (work_tree / ".gitignore").write_text("/out/\n")
    state = '{"log_history": [{"loss": 0.0}, {"grad_norm": "NaN"}]}'
    folder = "out/checkpoint-2"
    line = f"mkdir -p {folder}; echo '{state}' > {folder}/trainer_state.json"

    beside_a_model = sh(f"{line}; echo w > {folder}/model.safetensors")
    of_an_earlier_run = sh(f"sleep 0.02; echo v > {folder}/model.safetensors")

    words = f"the loss is exactly 0 at every step in '{folder}/trainer_state.json'"
    assert words in beside_a_model.err
    assert words not in of_an_earlier_run.err


def test_a_loss_of_zero_is_named_in_a_folder_behind_a_pointer_too_if_it_is_of_this_run(
    work_tree: Path, sh: Sh
) -> None:
    (work_tree / "gitexp.yaml").write_text("track: [out/]\n")
    state = '{"log_history": [{"loss": 0.0}, {"grad_norm": "NaN"}]}'
    line = "mkdir -p out/checkpoint-2; echo '{}' > out/checkpoint-2/trainer_state.json"
    sh(line.format(state))

    again = sh(f"{line.format(state)}; echo 2 > out/other")
    another = sh("echo 3 > out/other")

    words = "the loss is exactly 0 at every step in 'out/checkpoint-2/trainer_state.json'"
    assert words in again.err
    assert words not in another.err


def test_values_of_an_earlier_run_are_left_out_of_a_run_that_was_cut_off(
    work_tree: Path, sh: Sh, gitexp: Gitexp, start_gitexp: StartGitexp, eventually: Eventually
) -> None:
    settings = f"metrics: {{{FILE}: {{stale: drop}}}}\n"
    (work_tree / "gitexp.yaml").write_text(settings)
    merge(sh, {"eval": {"loss": float("nan"), "f1": 0.25}})
    new = '{"train": {"loss": 2.0}}'
    line = f"python merge.py {FILE} '{new}'; touch ready; until [ -e end ]; do sleep 0.01; done"
    process = start_gitexp("run", "-n", "cut-off", "--", "sh", "-c", line)
    eventually((work_tree / "ready").exists)
    process.kill()
    process.wait()
    (work_tree / "end").touch()

    eventually(lambda: "recovered cut-off" in gitexp("ls").err)

    (shown,) = json.loads(gitexp("show", "cut-off", "--json").out.join("[]"))
    assert shown["metrics"] == {FILE: {"train": {"loss": 2.0}}}
