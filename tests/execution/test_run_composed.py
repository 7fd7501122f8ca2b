"""Params that Hydra composes before a run, as DVC has it do."""

from __future__ import annotations

import subprocess
import sysconfig
import venv
from pathlib import Path

import pytest

from gitexp.data.dvc_project import initialise

from tests.execution.workshop import Runs, Sh, TheRun
from tests.workshop import Gitexp

WIDTH = "sed -n 's/.*width: //p' params.yaml > width.txt"


@pytest.fixture
def project_files() -> dict[str, str]:
    """A configuration with a group of models; the params are not there yet."""
    return {
        "gitexp.yaml": "hydra: true\n",
        "conf/config.yaml": (
            "defaults:\n  - model: small\n  - _self_\nseed: 1\nroot: ${oc.env:HOME}/data\n"
            "twice: ${model.width}\n"
        ),
        "conf/model/small.yaml": "width: 4\n",
        "conf/model/large.yaml": "width: 64\n",
    }


def test_an_override_picks_from_a_group_and_the_params_are_what_hydra_composes(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    sh(WIDTH, "-n", "a")
    small = the_run().record.params["params.yaml"]
    result = sh(WIDTH, "-n", "b", "-S", "model=large", "-S", "params.yaml:seed=2", "-S", "+new=x")

    expected = {"model": {"width": 64}, "seed": 2, "twice": 64, "new": "x"}
    assert result.code == 0
    assert small["model"] == {"width": 4}
    assert the_run().record.params["params.yaml"] == {
        **expected,
        "root": "${oc.env:HOME}/data",  # as it is written, and not what the variable says
    }
    assert the_run().text("width.txt") == "64\n"
    assert "width: 64" in (work_tree / "params.yaml").read_text()


def test_dvcs_configuration_counts_unless_ours_says_no(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "gitexp.yaml").unlink()
    initialise(work_tree)
    with (work_tree / ".dvc" / "config").open("a") as config:
        config.write("[hydra]\n    enabled = True\n")
    (work_tree / "params.yaml").write_text("# ours\nseed: 1\n")

    sh("true", "-S", "model=large")
    composed = the_run().record.params["params.yaml"]
    (work_tree / "gitexp.yaml").write_text("hydra: false\n")
    sh("true", "-S", "seed=5")

    assert composed["model"] == {"width": 64}
    assert the_run().record.params["params.yaml"] == {**composed, "seed": 5}


def test_after_a_failure_the_params_are_as_they_were(work_tree: Path, sh: Sh, runs: Runs) -> None:
    params = work_tree / "params.yaml"
    sh("exit 3", "-S", "model=large")
    assert not params.exists()

    params.write_text("seed: 0  # mine\n")
    sh("exit 3", "-S", "model=large")
    assert params.read_text() == "seed: 0  # mine\n"
    told = sh("echo 'seed: 9' > params.yaml; exit 3", "-S", "model=large").err

    assert params.read_text() == "seed: 9\n"
    assert "warning: 'params.yaml' was not put back (it was edited meanwhile); its old" in told
    assert [run.record.params["params.yaml"]["seed"] for run in runs()] == [1, 1, 1]


def test_a_rerun_keeps_what_was_composed(sh: Sh, the_run: TheRun, gitexp: Gitexp) -> None:
    sh(WIDTH, "-n", "a", "-S", "model=large")

    gitexp("rerun", "a")

    assert the_run().record.extra["rerun_of"]
    assert the_run().record.params["params.yaml"]["model"] == {"width": 64}
    assert the_run().text("width.txt") == "64\n"


@pytest.mark.parametrize(
    ("settings", "override", "said"),
    [
        ("hydra: true\n", "modell=large", "Hydra cannot compose 'params.yaml' from 'conf'"),
        ("hydra: true\n", "model=huge", "Hydra cannot compose 'params.yaml' from 'conf'"),
        ("hydra: {config_dir: nowhere}\n", "seed=1", "there is no folder 'nowhere'"),
        ("hydra: true\n", "hydra.searchpath=[pkg://x]", "'hydra.searchpath' leads elsewhere"),
        ("hydra: {config_name: none}\n", "seed=1", "Hydra cannot compose 'params.yaml'"),
    ],
)
def test_what_cannot_be_composed_is_said_before_the_command_starts(
    work_tree: Path, sh: Sh, runs: Runs, settings: str, override: str, said: str
) -> None:
    (work_tree / "gitexp.yaml").write_text(settings)

    result = sh("touch started", "-S", override)

    assert result.code == 125
    assert said in result.err
    assert "hint: " in result.err
    assert not (work_tree / "started").exists()
    assert runs() == []


def test_code_of_the_project_is_not_imported_and_links_out_of_it_are_not_followed(
    work_tree: Path, tmp_path: Path, sh: Sh, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = work_tree / "hydra_plugins" / "here" / "__init__.py"
    plugin.parent.mkdir(parents=True)
    plugin.write_text(f"open({str(tmp_path / 'imported')!r}, 'w')\n")
    with monkeypatch.context() as changed:
        changed.syspath_prepend(work_tree)
        plugins = sh("true")
    plugin.unlink()
    (tmp_path / "secret.yaml").write_text("password: x\n")
    (work_tree / "conf" / "model" / "secret.yaml").symlink_to(tmp_path / "secret.yaml")

    linked = sh("true", "-S", "model=secret")
    (work_tree / "conf" / "model" / "secret.yaml").unlink()
    (work_tree / "conf" / "model" / "up.yaml").write_text("defaults:\n  - /../../secret\n")
    above = sh("true", "-S", "model=up")

    assert "has plugins of Hydra, which are code of the project" in plugins.err
    assert not (tmp_path / "imported").exists()
    assert "'conf/model/secret.yaml' leads out of the project" in linked.err
    assert "leads out of 'conf'" in above.err


def test_plugins_that_are_installed_beside_gitexp_may_lie_in_the_project(
    work_tree: Path, the_run: TheRun
) -> None:
    environment = work_tree / ".venv"
    venv.create(environment, symlinks=True)
    site = next(environment.glob("lib/python*/site-packages"))
    (site / "hydra_plugins" / "ours").mkdir(parents=True)
    (site / "all.pth").write_text(
        f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
    )

    command = [str(environment / "bin/python"), "-m", "gitexp", "run", "-S", "model=large", "true"]
    ended = subprocess.run(command, cwd=work_tree, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr
    assert the_run().record.params["params.yaml"]["model"] == {"width": 64}


def test_neither_a_name_nor_an_override_leads_out_of_the_folder(
    work_tree: Path, tmp_path: Path, sh: Sh, runs: Runs
) -> None:
    (tmp_path / "outside.yaml").write_text("width: 9\n")
    (work_tree / "beside.yaml").write_text("width: 9\n")

    override = sh("true", "-S", "model=../../beside")
    (work_tree / "gitexp.yaml").write_text(f"hydra: {{config_name: {tmp_path / 'outside'}}}\n")
    name = sh("true")
    (work_tree / "gitexp.yaml").write_text("hydra: {config_name: ../beside}\n")
    above = sh("true")

    for result in (override, name, above):
        assert result.code == 125
        assert "leads out of 'conf': gitexp composes only what is there" in result.err
    assert runs() == []


@pytest.mark.parametrize("name", ["config", "config.yaml", "sub/config", "sub/config.yaml"])
def test_a_configuration_cannot_have_hydra_look_elsewhere_whatever_its_name(
    work_tree: Path, tmp_path: Path, sh: Sh, runs: Runs, name: str
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "far.yaml").write_text("a: 1\n")
    file = work_tree / "conf" / f"{name.removesuffix('.yaml')}.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"hydra: {{searchpath: ['{tmp_path / 'elsewhere'}']}}\ndefaults: [far]\n")
    (work_tree / "gitexp.yaml").write_text(f"hydra: {{config_name: {name}}}\n")

    result = sh("true")

    assert result.code == 125
    assert "error: 'hydra.searchpath' leads elsewhere: gitexp composes only what is in 'conf'" in (
        result.err
    )
    assert runs() == []


def test_a_folder_that_a_link_in_the_project_leads_to_is_checked_as_well(
    work_tree: Path, tmp_path: Path, sh: Sh
) -> None:
    (tmp_path / "outside.yaml").write_text("width: 9\n")
    (work_tree / "more").mkdir()
    (work_tree / "more" / "far.yaml").symlink_to(tmp_path / "outside.yaml")
    (work_tree / "more" / "near.yaml").write_text("width: 5\n")
    (work_tree / "conf" / "linked").symlink_to(work_tree / "more")

    near = sh("true", "-S", "+linked=near")
    far = sh("true", "-S", "+linked=far")

    assert near.code == 0
    assert "'conf/linked/far.yaml' leads out of the project" in far.err


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("config.yaml", "lr: [1\n", "'conf/config.yaml' is not valid YAML (line 2, column 1: "),
        ("model/small.yaml", "a: 1\n\tb: 2\n", "'conf/model/small.yaml' is not valid YAML (line 2"),
        ("model/small.yaml", "5\n", "'conf/model/small.yaml' is not valid YAML ("),
        ("config.yaml", "defaults: [{1: a}]\n", "Hydra cannot compose 'params.yaml'"),
    ],
)
def test_a_configuration_that_cannot_be_read_is_named_with_its_line(
    work_tree: Path, sh: Sh, file: str, content: str, said: str
) -> None:
    (work_tree / "conf" / file).write_text(content)

    result = sh("true")

    assert result.code == 125
    assert said in result.err
    assert "bug" not in result.err
