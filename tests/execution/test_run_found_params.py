"""Params that patterns find, those of a file that `-S` names, and one value under two names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.execution.workshop import Sh, TheRun
from tests.workshop import Git, Gitexp

HYDRA = "d=outputs/day/{at}/.hydra; mkdir -p $d; echo 'lr: {lr}' > $d/config.yaml"


@pytest.fixture
def project_files() -> dict[str, str]:
    """A project whose program keeps what it was given, in a folder for each run."""
    return {
        "gitexp.yaml": 'params: ["outputs/*/*/.hydra/config.yaml"]\n',
        "conf/config.yaml": "lr: 0.5  # the rate\n",
    }


@pytest.mark.parametrize("ignored", [False, True])
def test_the_file_that_a_pattern_finds_goes_by_the_pattern(
    work_tree: Path, sh: Sh, the_run: TheRun, gitexp: Gitexp, *, ignored: bool
) -> None:
    if ignored:
        (work_tree / ".gitignore").write_text("outputs/\n")
    sh(HYDRA.format(at="09-00", lr=0.1), "-n", "a")
    sh(HYDRA.format(at="10-00", lr=0.2), "-n", "b")

    assert the_run().record.params == {"outputs/.hydra/config.yaml": {"lr": 0.2}}
    assert "  lr   0.1 → 0.2" in gitexp("diff", "a", "b").out
    sh("true", "-n", "c")
    assert the_run().record.params == {}


def test_a_pattern_can_be_given_a_name_and_also_finds_what_is_tracked(
    work_tree: Path, sh: Sh, the_run: TheRun, git: Git, gitexp: Gitexp
) -> None:
    (work_tree / "gitexp.yaml").write_text("params: {base: conf/config.y*ml}\n")
    git("add", "--all")
    git("commit", "--quiet", "-m", "settings")

    sh("true", "-n", "a", "-S", "lr=0.7")

    assert the_run().record.params == {"base": {"lr": 0.7}}
    assert (work_tree / "conf" / "config.yaml").read_text() == "lr: 0.7  # the rate\n"
    assert gitexp("diff", "a", "workspace", "--exit-code").code == 0


def test_a_file_that_an_override_names_is_a_params_file_of_that_run(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    refused = sh("true", "-S", "conf/../../config.yaml:lr=1")
    failed = sh("exit 3", "-S", "conf/config.yaml:lr=0.9")

    assert "there is no params file to set 'lr' in" in refused.err
    assert failed.code == 3
    assert the_run().record.params == {"conf/config.yaml": {"lr": 0.9}}
    assert (work_tree / "conf" / "config.yaml").read_text() == "lr: 0.5  # the rate\n"


def test_one_value_under_two_names_is_one_column(gitexp: Gitexp, work_tree: Path) -> None:
    script = HYDRA.format(at="$1", lr="${2#lr=}").replace("'", '"')
    (work_tree / "train.sh").write_text(script)
    for at, rate in (("09-00", "0.1"), ("10-00", "0.2")):
        gitexp("run", "-n", f"r{rate}", "--", "bash", "train.sh", at, f"lr={rate}")

    head, *rows = gitexp("ls").out.splitlines()

    assert head.split().count("lr") == 1
    assert ":" not in head
    assert [row.split()[-1] for row in rows] == ["0.2", "0.1"]
