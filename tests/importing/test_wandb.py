from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitexp.errors import ExitCode
from gitexp.importing.foreign import foreign_id
from gitexp.model.values import same
from gitexp.project import Project
from gitexp.revisions.series import series_of_run

from tests.importing.stored import STORES, check_wandb, records_of, said
from tests.workshop import Git, Gitexp

STORE = STORES / "wandb-0.31.0"
CONFIG = "lr: {value: 0.1, desc: null}\neps: {value: 1e-3}\n_base: {value: 1}\n_wandb: {}\n"
"""In YAML 1.1, which W&B writes: `1e-3` is a text."""


@pytest.fixture
def project(work_tree: Path) -> Iterator[Project]:
    """The project of the work tree."""
    with Project.open(work_tree) as opened:
        yield opened


def test_offline_runs_of_wandbs_come_value_by_value_and_once(
    gitexp: Gitexp, project: Project, git: Git
) -> None:
    first = gitexp("import", "wandb", STORE)
    tip = git("rev-parse", "experiments")
    again = gitexp("import", "wandb", STORE, "--json")

    assert first.out == "imported 3 runs of W&B\n"
    assert again.out.count('"known"') == 3
    assert git("rev-parse", "experiments") == tip
    check_wandb(project, said("wandb-0.31.0/said.json"))
    assert git("fsck", "--full", "--strict", "--no-dangling") == ""


def test_what_is_half_written_or_gone_keeps_no_other_run_away(
    gitexp: Gitexp, project: Project, tmp_path: Path
) -> None:
    known = said("wandb-0.31.0/said.json")
    store = shutil.copytree(STORE, tmp_path / "project" / "wandb")
    for one in store.glob("offline-run-*"):
        one.rename(one.with_name(one.name.removeprefix("offline-")))  # as those of online runs
    [cut] = store.glob(f"*-{known['first']['id']}/*.wandb")
    cut.write_bytes(cut.read_bytes()[:3000])  # before its end
    [empty] = store.glob(f"*-{known['failed']['id']}/*.wandb")
    empty.write_bytes(b"")
    (store / "latest-run").symlink_to(cut.parent)
    without = store / "run-20261130_040000-0nly"
    (without / "files").mkdir(parents=True)
    (without / "files" / "wandb-summary.json").write_text('{"loss": 0.5, "_timestamp": 1.8e9}')
    (without / "files" / "config.yaml").write_text(CONFIG)

    ended = gitexp("import", "wandb", tmp_path / "project", "--unfinished")

    assert ended.code == ExitCode.NO
    assert ended.out == "imported 3 runs of W&B; 1 run cannot be imported\n"
    assert f"'{empty.name}' is not a run of W&B's" in ended.err
    assert "its `.wandb` file is not there: no curves" in ended.err
    records = records_of(project)
    half = records[foreign_id("wandb", f"digits/{known['first']['id']}")]
    assert (half.status, half.exit.reason) == ("interrupted", "lost")
    [stored] = [one for one in project.runs.newest() if one.id == half.id]
    curve = series_of_run(project, stored)["loss"]
    assert same(curve.values, [1 / (at + 1) for at in range(len(curve.values))])
    alone = records[foreign_id("wandb", "/0nly")]
    assert (alone.params, alone.metrics) == (
        {"wandb": {"lr": 0.1, "eps": "1e-3", "_base": 1}},
        {"wandb": {"loss": 0.5}},
    )


def test_what_holds_no_runs_is_refused_with_a_hint(
    gitexp: Gitexp, work_tree: Path, tmp_path: Path
) -> None:
    del work_tree
    for place, message in ((tmp_path / "no", "there is no '"), (tmp_path, "has no runs of W&B's")):
        ended = gitexp("import", "wandb", place)
        assert ended.code == ExitCode.ERROR
        assert message in ended.err
        assert "\nhint: " in ended.err
