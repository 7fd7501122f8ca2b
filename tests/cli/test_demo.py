"""`gitexp demo`: one tour on a bare machine, and what holds in the repository that it makes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from gitexp.errors import ExitCode

from tests.workshop import Gitexp


@dataclass(frozen=True)
class Tour:
    """What a demo printed, and where it left its repository."""

    top: Path
    output: str
    env: dict[str, str]

    def run(self, *command: str | Path, cwd: Path | None = None, status: int = 0) -> str:
        """Run a command in the repository as its user would; return all that it prints."""
        ended = subprocess.run(
            command,
            cwd=cwd or self.top,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert ended.returncode == status, ended.stdout
        return ended.stdout

    def dvc(self, *args: str | Path, cwd: Path | None = None) -> str:
        return self.run(sys.executable, "-m", "dvc", *args, cwd=cwd)


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Tour:
    """Run the demo once, where git knows no name and the PATH holds no gitexp."""
    place = tmp_path_factory.mktemp("bare")
    env = {
        "HOME": str(place),
        "PATH": os.defpath,
        "GIT_CONFIG_NOSYSTEM": "1",
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(place / "dvc-site"),
    }
    bare = Tour(place / "tour", "", env)
    output = bare.run(sys.executable, "-m", "gitexp", "demo", "tour", cwd=place)
    return Tour(bare.top, output, env)


def test_the_tour_echoes_what_it_runs_in_the_order_of_a_day(tour: Tour) -> None:
    echoed = [line[2:] for line in tour.output.splitlines() if line.startswith("$ ")]

    assert echoed == [
        "git init --quiet -b main tour",
        "cd tour",
        "git config user.name 'gitexp demo'",
        "git config user.email demo@example.com",
        "git commit --quiet --allow-empty -m start",
        "gitexp init --template sklearn",
        "python prepare_data.py",
        "gitexp track data/breast_cancer.csv",
        "git add --all",
        "git commit --quiet -m 'a random forest'",
        "gitexp run -m 'first try'",
        "gitexp run -S forest.trees=100 -m 'more trees'",
        "gitexp run -S forest.trees=150 -m 'even more'",
        "gitexp ls",
        "gitexp diff experiments~1 experiments",
        "gitexp show latest",
    ]
    assert tour.output.index("$ gitexp ls") < tour.output.index("Try next:")


def test_what_to_try_next_works_as_it_is_pasted(tour: Tour, tmp_path: Path) -> None:
    """The PATH of the tour holds no gitexp, and a `python` without scikit-learn, if any."""
    pasted = tour.output.partition("Try next:\n")[2]
    assert pasted.splitlines()[0].split()[0] in {".", "export"}

    shutil.copytree(tour.top, tmp_path / "tour", symlinks=True)

    shown = tour.run("sh", "-ec", pasted, cwd=tmp_path)

    assert "max_depth" in shown


def test_each_command_of_the_tour_shows_its_result(tour: Tour) -> None:
    listed, compared, shown = tour.output.partition("$ gitexp ls")[2].split("$ gitexp")

    assert all(text in listed for text in ("trees", "accuracy", "loss", "100"))
    assert all(text in compared for text in ("forest.trees", "100", "150", "loss"))
    assert "even more" in shown


def test_the_repository_is_sound(tour: Tour) -> None:
    assert "error" not in tour.run("git", "fsck", "--full", "--strict")
    assert tour.dvc("status").strip() == "Data and pipelines are up to date."


def test_the_branch_of_the_user_holds_what_the_user_committed(tour: Tour) -> None:
    assert tour.run("git", "log", "--format=%s", "main") == "a random forest\nstart\n"
    refs = set(tour.run("git", "for-each-ref", "--format=%(refname)").split())
    shown_by_git = "refs/notes/textconv/gitexp"  # what `git diff` of another test was shown
    assert refs - {shown_by_git} == {"refs/heads/experiments", "refs/heads/main"}
    changed = tour.run("git", "status", "--porcelain").splitlines()
    assert changed == [
        " M .gitignore",
        " M params.yaml",
        "?? metrics.json",
        "?? model.joblib.dvc",
    ]


def test_the_experiments_branch_holds_nothing_but_runs(tour: Tour) -> None:
    names = tour.run(
        "git", "log", "--format=%(trailers:key=Gitexp-Name,valueonly,separator=%x2C)", "experiments"
    ).splitlines()
    oneline = tour.run("git", "log", "--oneline", "experiments").splitlines()

    assert len(oneline) == 4
    assert names[3] == ""
    for name, line in zip(names[:3], oneline[:3], strict=True):
        assert f" {name}: accuracy 0." in line


def test_git_refuses_to_merge_runs_into_main(tour: Tour) -> None:
    said = tour.run("git", "merge", "experiments", status=128)

    assert "refusing to merge unrelated histories" in said


def test_git_alone_shows_one_changed_value_and_its_effect(tour: Tour) -> None:
    patch = tour.run(
        "git", "diff", "-U0", "experiments~1", "experiments", "--", "params.yaml", "metrics.json"
    )

    lines = [line for line in patch.splitlines() if line[:1] in "+-" and line[:3] not in "+++---"]
    assert [line for line in lines if "trees" in line] == [
        "-forest.trees: 100",
        "+forest.trees: 150",
    ]
    assert any(line.startswith("+loss: ") for line in lines)


def test_dvc_alone_brings_the_first_model_back(tour: Tour, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    tour.run("git", "clone", "--quiet", tour.top, clone)
    tour.run("git", "checkout", "--quiet", "origin/experiments~2", cwd=clone)
    tour.dvc("cache", "dir", "--local", tour.top / ".dvc" / "cache", cwd=clone)

    tour.dvc("checkout", "--quiet", cwd=clone)

    script = "import joblib; print(joblib.load('model.joblib').n_estimators)"
    assert tour.run(sys.executable, "-c", script, cwd=clone) == "50\n"
    assert (clone / "data" / "breast_cancer.csv").is_file()


def test_a_folder_with_something_in_it_is_refused(gitexp: Gitexp, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").touch()

    assert gitexp("demo", "full") == (
        ExitCode.ERROR,
        "",
        dedent("""\
            error: 'full' is not empty
            hint: Delete it to start again, or name another folder: `gitexp demo DIR`.
        """),
    )
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["notes.txt"]


def test_without_scikit_learn_nothing_is_made(
    gitexp: Gitexp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)  # Python's own sign for "not there"

    assert gitexp("demo", "tour") == (
        ExitCode.ERROR,
        "",
        dedent("""\
            error: the demo trains with scikit-learn, and 'sklearn' is not installed
            hint: Install it with `pip install 'scikit-learn>=1.4'`.
        """),
    )
    assert not (tmp_path / "tour").exists()
