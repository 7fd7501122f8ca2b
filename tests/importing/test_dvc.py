from __future__ import annotations

from pathlib import Path

import pytest

from gitexp.importing.dvc import carry_out, plan_import
from gitexp.importing.record import imported_id
from gitexp.model.record import DataPointer, RunRecord
from gitexp.project import Project
from gitexp.store.branch import BranchUnusable

from tests.importing.workshop import Experiment
from tests.workshop import Git, Gitexp


def brought(project: Project) -> dict[str, RunRecord]:
    """Import what there is and return all runs by name."""
    carry_out(project, plan_import(project))
    return {run.name: run.record for run in project.runs.newest()}


def test_an_experiment_becomes_a_run_that_keeps_its_tree(
    project: Project, experiment: Experiment, git: Git
) -> None:
    oid = experiment("quick-fox", message="is it faster?")

    record = brought(project)["quick-fox"]

    assert record.baseline == git("rev-parse", "HEAD").strip()
    assert record.metrics == {"metrics.json": {"accuracy": 0.9}}
    assert record.params == {"params.yaml": {"lr": 0.1, "seed": 1}}
    assert (record.message, record.user, record.command) == ("is it faster?", "Ada", ())
    assert git("diff", "--name-only", oid, "experiments") == ".gitexp/run.json\n"
    assert git("log", "-1", "--format=%an %ad", "experiments") == git(
        "log", "-1", "--format=%an %ad", oid
    )


def test_importing_again_changes_nothing(
    project: Project, experiment: Experiment, git: Git
) -> None:
    experiment("one")
    brought(project)
    tip = git("rev-parse", "experiments")

    plan = plan_import(project)

    assert (plan.new, plan.known) == ((), ("one",))
    assert carry_out(project, plan) == {}
    assert git("rev-parse", "experiments") == tip


def test_what_was_purged_does_not_come_back(
    project: Project, experiment: Experiment, gitexp: Gitexp
) -> None:
    experiment("one")
    experiment("two")
    brought(project)
    gitexp("purge", "--force", "one")

    plan = plan_import(project)

    assert (plan.new, plan.known, plan.purged) == ((), ("two",), ("one",))
    told = gitexp("import", "dvc").out
    assert told == "1 experiment is already a run; 1 experiment was purged, and stays out\n"


def test_what_comes_later_is_added_to_what_is_there(
    project: Project, experiment: Experiment
) -> None:
    experiment("one")
    brought(project)
    experiment("two")

    assert set(brought(project)) == {"one", "two"}


def test_two_clones_that_import_make_the_same_commits(
    project: Project, experiment: Experiment, git: Git, tmp_path: Path
) -> None:
    experiment("one")
    experiment("two", {"metrics.json": "{}"})
    git("clone", "--quiet", ".", tmp_path / "clone")
    git("fetch", "--quiet", "origin", "refs/exps/*:refs/exps/*", cwd=tmp_path / "clone")

    brought(project)
    with Project.open(tmp_path / "clone") as clone:
        brought(clone)

    here = git("rev-parse", "experiments")
    assert git("rev-parse", "experiments", cwd=tmp_path / "clone") == here


def test_runs_that_another_process_has_imported_meanwhile_come_once(
    project: Project, experiment: Experiment
) -> None:
    experiment("one")
    mine = plan_import(project)
    with Project.open(project.root) as other:
        carry_out(other, plan_import(other))

    assert carry_out(project, mine) == {}
    assert len(project.runs.newest()) == 1


def test_nothing_of_the_user_is_touched(
    project: Project, experiment: Experiment, git: Git, work_tree: Path
) -> None:
    experiment("one")
    (work_tree / "params.yaml").write_text("lr: 9\n")
    git("add", "params.yaml")
    (work_tree / "new.txt").write_text("mine\n")

    def state() -> list[str]:
        asked = ("status --porcelain", "rev-parse HEAD", "for-each-ref refs/exps", "stash list")
        return [git(*words.split()) for words in asked]

    before = state()

    brought(project)

    assert state() == before
    assert git("for-each-ref", "refs/gitexp") == ""


def test_what_dvc_keeps_for_itself_is_no_experiment(
    project: Project, experiment: Experiment, git: Git
) -> None:
    oid = experiment("one")
    for ref in ("stash", "exec/EXEC_HEAD", "apply/ORIG_HEAD", "celery/stash", "temp/abc"):
        git("update-ref", f"refs/exps/{ref}", oid)

    assert [one.experiment.name for one in plan_import(project).new] == ["one"]


def test_what_gitexp_shows_to_dvc_is_no_experiment(
    project: Project, experiment: Experiment
) -> None:
    experiment("mirrored", message="mirrored: accuracy 0.9\n\nGitexp-From-Run: 0123456789\n")

    assert plan_import(project).new == ()


def test_checkpoints_are_runs_of_their_own(project: Project, experiment: Experiment) -> None:
    first = experiment("long", {"metrics.json": '{"step": 1}'})
    second = experiment("long", {"metrics.json": '{"step": 2}'}, parent=first)
    experiment("long", {"metrics.json": '{"step": 3}'}, parent=second)

    found = brought(project)

    assert {name: record.metrics["metrics.json"]["step"] for name, record in found.items()} == {
        "long-checkpoint-1": 1,
        "long-checkpoint-2": 2,
        "long": 3,
    }


def test_checkpoints_of_one_second_stay_in_their_order(
    project: Project, experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1750000000 +0000")
    parent = None
    for step in range(4):
        parent = experiment("long", {"metrics.json": f'{{"step": {step}}}'}, parent=parent)

    found = brought(project)

    assert {name: record.ended for name, record in found.items()} == {
        "long-checkpoint-1": "2025-06-15T15:06:40.000Z",
        "long-checkpoint-2": "2025-06-15T15:06:40.001Z",
        "long-checkpoint-3": "2025-06-15T15:06:40.002Z",
        "long": "2025-06-15T15:06:40.003Z",
    }
    assert next(iter(found)) == "long"


def test_a_renamed_experiment_is_one_run(
    project: Project, experiment: Experiment, git: Git
) -> None:
    oid = experiment("old")
    base = git("rev-parse", "HEAD").strip()
    git("update-ref", f"refs/exps/{base[:2]}/{base[2:]}/new", oid)

    assert len(plan_import(project).new) == 1


def test_taken_names_get_a_number_and_are_listed(
    project: Project, experiment: Experiment, git: Git
) -> None:
    git("branch", "wide")
    first = experiment("wide")
    experiment("latest", {"metrics.json": "{}"})

    found = {one.experiment.name: one for one in plan_import(project).new}

    assert found["wide"].record.id == imported_id(first)
    assert found["wide"].record.name == "wide-2"
    assert found["wide"].problems == ("is called 'wide-2' here: 'wide' is taken",)
    short = f"exp-{found['latest'].experiment.oid[:7]}"
    assert found["latest"].record.name == short
    assert found["latest"].problems == (f"is called '{short}' here: no run can be called 'latest'",)


def test_one_name_on_two_baselines_is_told_apart(
    project: Project, experiment: Experiment, git: Git
) -> None:
    experiment("same", {"metrics.json": '{"accuracy": 1}'})
    git("commit", "--quiet", "--allow-empty", "-m", "another baseline")
    experiment("same", {"metrics.json": '{"accuracy": 2}'})

    assert set(brought(project)) == {"same", "same-2"}


PIPELINE = """\
stages:
  train:
    cmd: python train.py
    deps: [raw.csv]
    outs: [model.bin]
    metrics:
    - scores.json
"""
LOCK = """\
schema: '2.0'
stages:
  train:
    cmd: python train.py
    deps:
    - {path: raw.csv, hash: md5, md5: 0123456789abcdef0123456789abcdef, size: 7}
    outs:
    - {path: model.bin, hash: md5, md5: 11111111111111111111111111111111, size: 3}
    - {path: scores.json, hash: md5, md5: 22222222222222222222222222222222, size: 4}
"""


def test_the_command_and_the_pointers_are_those_of_the_stage(
    project: Project, experiment: Experiment
) -> None:
    experiment("piped", {"dvc.yaml": PIPELINE, "dvc.lock": LOCK})

    record = brought(project)["piped"]

    assert record.command == ("python train.py",)
    assert record.pointers == (
        DataPointer("model.bin", "1" * 32, 3, role="output"),
        DataPointer("raw.csv", "0123456789abcdef0123456789abcdef", 7),
        DataPointer("scores.json", "2" * 32, 4, role="output"),
    )
    assert record.outputs == ("model.bin", "scores.json")


def test_several_stages_are_the_pipeline(project: Project, experiment: Experiment) -> None:
    lock = LOCK + "  plot:\n    cmd: [python plot.py, ls]\n"
    experiment("piped", {"dvc.yaml": PIPELINE, "dvc.lock": lock})

    assert brought(project)["piped"].command == ("dvc", "repro")


def test_metrics_come_from_the_cache_and_are_listed_where_it_lacks_them(
    project: Project, experiment: Experiment, work_tree: Path
) -> None:
    experiment("piped", {"dvc.yaml": PIPELINE, "dvc.lock": LOCK})

    [without] = plan_import(project).new
    place = work_tree / ".dvc" / "cache" / "files" / "md5" / "22" / ("2" * 30)
    place.parent.mkdir(parents=True)
    place.write_text('{"auc": 0.5}')
    [found] = plan_import(project).new

    assert without.record.metrics == {}
    assert without.problems == ("'scores.json' is neither in git nor in the DVC cache",)
    assert found.record.metrics == {"scores.json": {"auc": 0.5}}
    assert found.problems == ()


def test_what_cannot_be_read_is_listed_and_the_rest_comes(
    project: Project, experiment: Experiment
) -> None:
    experiment(
        "odd",
        {
            "metrics.json": "{",
            "dvc.yaml": "metrics: [metrics.json]\nparams: [more.py, bad.py]\n",
            "more.py": "lr = 1\n",
            "bad.py": "lr = = 1",
            "bad.dvc": "outs: {",
        },
    )

    [one] = plan_import(project).new

    no_name = "expecting property name enclosed in double quotes"
    assert one.record.params == {"params.yaml": {"lr": 0.1, "seed": 1}, "more.py": {"lr": 1}}
    assert one.problems == (
        "'bad.dvc' line 2 is not valid YAML",
        "'bad.py' is not valid Python (line 1: invalid syntax)",
        f"'metrics.json' is not valid JSON (line 1, column 2: {no_name})",
    )


def test_templates_are_resolved_by_dvc(project: Project, experiment: Experiment) -> None:
    pipeline = """\
vars: [settings.yaml]
stages:
  train:
    cmd: python train.py ${name}
    metrics:
    - ${name}.json: {cache: false}
"""
    files = {"dvc.yaml": pipeline, "settings.yaml": "name: wide\n", "wide.json": '{"loss": 0.5}'}
    experiment("templated", files)

    record = brought(project)["templated"]

    assert record.metrics == {"wide.json": {"loss": 0.5}}
    assert record.params == {
        "params.yaml": {"lr": 0.1, "seed": 1},
        "settings.yaml": {"name": "wide"},
    }


def test_only_tracked_params_of_other_files_are_taken(
    project: Project, experiment: Experiment
) -> None:
    pipeline = "stages: {a: {cmd: x, params: [{conf.json: [net.width, gone]}, seed]}}\n"
    experiment("some", {"dvc.yaml": pipeline, "conf.json": '{"net": {"width": 3, "depth": 4}}'})

    assert brought(project)["some"].params == {
        "conf.json": {"net": {"width": 3}},
        "params.yaml": {"lr": 0.1, "seed": 1},
    }


def test_an_experiment_without_the_folder_of_the_project_is_refused(
    experiment: Experiment, work_tree: Path
) -> None:
    experiment("elsewhere")
    (work_tree / "sub").mkdir()
    (work_tree / "sub" / "gitexp.yaml").write_text("")

    with Project.open(work_tree / "sub") as project:
        plan = plan_import(project)

    assert [(one.name, one.reason) for one in plan.refused] == [
        ("elsewhere", "there is no folder 'sub' in it")
    ]


def test_a_project_in_a_folder_has_its_own_files(experiment: Experiment, work_tree: Path) -> None:
    files = {
        "sub/dvc.yaml": "metrics: [m.json]\nparams: [p.yaml]\n",
        "sub/m.json": '{"loss": 1}',
        "sub/p.yaml": "depth: 2\n",
    }
    experiment("inside", files)
    (work_tree / "sub").mkdir()
    (work_tree / "sub" / "gitexp.yaml").write_text("")

    with Project.open(work_tree / "sub") as project:
        record = brought(project)["inside"]

    assert (record.metrics, record.params) == ({"m.json": {"loss": 1}}, {"p.yaml": {"depth": 2}})
    assert record.project == "sub"


def test_a_baseline_that_is_not_there_is_listed(project: Project, git: Git) -> None:
    oid = git("commit-tree", "HEAD^{tree}", "-m", "dvc: commit experiment 1").strip()
    git("update-ref", f"refs/exps/ab/{'c' * 38}/lost", oid)

    [one] = plan_import(project).new

    assert one.problems == (f"its baseline ab{'c' * 8} is not in this repository",)
    assert one.record.baseline == "ab" + "c" * 38


def test_a_branch_that_is_checked_out_takes_nothing(
    project: Project, experiment: Experiment, git: Git
) -> None:
    experiment("one")
    brought(project)
    experiment("two", {"metrics.json": "{}"})
    git("switch", "--quiet", "experiments")

    with pytest.raises(BranchUnusable):
        carry_out(project, plan_import(project))


def test_imported_runs_are_compared_with_their_baseline(
    project: Project, experiment: Experiment, git: Git, work_tree: Path
) -> None:
    (work_tree / "metrics.json").write_text('{"accuracy": 0.8}')
    git("add", "--all")
    git("commit", "--quiet", "-m", "a baseline with metrics")
    experiment("one")

    brought(project)

    subject = git("log", "-1", "--format=%s", "experiments").strip()
    assert subject == "one: accuracy 0.9 (+0.1)"


def test_the_same_inputs_have_the_oid_that_a_run_would_have(
    project: Project, experiment: Experiment
) -> None:
    experiment("one")
    experiment("two", {"metrics.json": '{"accuracy": 0.7}'})
    experiment("three", {"params.yaml": "lr: 0.2\n"})

    found = {name: record.inputs.oid for name, record in brought(project).items()}

    assert found["one"] == found["two"] != found["three"]


def test_dvc_that_cannot_read_its_pipeline_is_listed(
    project: Project, experiment: Experiment
) -> None:
    experiment("broken", {"dvc.yaml": "vars: [gone.yaml]\nstages: {a: {cmd: '${nothing}'}}\n"})

    [one] = plan_import(project).new

    assert any("gone.yaml" in problem for problem in one.problems)
