"""`gitexp sweep` where Hydra composes the params: axes that pick from its groups."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gitexp.errors import ExitCode
from gitexp.sweep import covering

from tests.workshop import Gitexp, NewRepository, commit_all

FILES = {
    "gitexp.yaml": "hydra: true\ncommand: cp params.yaml out.yaml\nmetrics: [out.yaml]\n",
    "conf/config.yaml": "defaults:\n  - model: small\n  - _self_\nrate: 1\n",
    "conf/model/small.yaml": "width: 4\n",
    "conf/model/large.yaml": "width: 64\n",
}


@pytest.fixture
def project(new_repository: NewRepository, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = new_repository("work", FILES)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def fates(gitexp: Gitexp) -> Callable[[], list[str]]:
    """Return what is to become of each point of a sweep over groups and values."""

    def planned() -> list[str]:
        ended = gitexp("sweep", "--dry-run", "--json", "model=small,large", "model.width=64,8")
        assert ended.code == ExitCode.OK, ended.err
        return [run["what"] for run in json.loads(ended.out)["runs"]]

    return planned


def test_a_run_with_what_hydra_composes_for_a_point_covers_it(
    project: Path,
    gitexp: Gitexp,
    fates: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (project / "params.yaml").write_text("model:\n  width: 4\nrate: 1\n")
    commit_all(project, "params")

    assert fates() == ["to run"] * 4
    assert gitexp("run", "--temp", "-S", "model=large").code == ExitCode.OK
    assert fates() == ["covered", "to run", "covered", "to run"]  # they compose the same
    monkeypatch.setattr(covering, "_MOST_COMPOSED", 3)
    assert fates() == ["to run"] * 4  # a plan is there in seconds, however many points it has


def test_params_that_git_does_not_have_cover_no_point_by_chance(
    project: Path, gitexp: Gitexp, fates: Callable[[], list[str]]
) -> None:
    assert gitexp("run", "-S", "model=large", "-S", "model.width=1").code == ExitCode.OK
    assert (project / "params.yaml").is_file()
    assert gitexp("run", "-S", "model=large", "-S", "model.width=2").code == ExitCode.OK

    assert fates() == ["to run"] * 4


@pytest.mark.usefixtures("project")
def test_the_runs_of_a_sweep_have_what_hydra_composes(gitexp: Gitexp) -> None:
    swept = gitexp("sweep", "model=small,large", "+new=1,2", "-n", "s")

    listed = json.loads(gitexp("ls", "--json").out)
    params = [run["params"]["params.yaml"] for run in listed]
    assert swept.code == ExitCode.OK, swept.err
    assert sorted((one["model"]["width"], one["new"]) for one in params) == [
        (4, 1),
        (4, 2),
        (64, 1),
        (64, 2),
    ]


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["modell=a,b"], "Hydra cannot compose 'params.yaml' from 'conf'"),
        (["rate=1,2", "-S", "rate=3"], "'rate' and '-S rate=3' both set 'rate'"),
    ],
)
def test_what_hydra_does_not_take_is_said_before_a_run(
    gitexp: Gitexp, words: list[str], said: str
) -> None:
    ended = gitexp("sweep", *words, "--dry-run")

    assert ended.code == ExitCode.ERROR
    assert said in ended.err
