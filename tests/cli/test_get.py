"""`gitexp get`: one file, folder or model of a run, copied to where it is wanted."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from gitexp.data.checkout import DataSource
from gitexp.data.pointers import Pointer
from gitexp.errors import ExitCode, GitexpError

from tests.workshop import Git, Gitexp, dvc, only_once

OUTPUTS = """
Path("model.joblib").write_bytes(bytes(range(256)) * 100)
Path("checkpoints/deep").mkdir(parents=True)
for name in ("1.txt", "deep/2.txt"):
    Path("checkpoints", name).write_text(name)
Path("plots").mkdir()
Path("plots/roc.csv").write_text("0,0\\n1,1\\n")
"""
MODEL = bytes(range(256)) * 100


@pytest.fixture
def made(gitexp: Gitexp, work_tree: Path) -> Path:
    """Record `made`, with a model, a folder behind a pointer, and a folder in git."""

    def make() -> None:
        with (work_tree / "train.py").open("a") as file:
            file.write(OUTPUTS)
        with (work_tree / "gitexp.yaml").open("a") as file:
            file.write('track: ["*.joblib", "checkpoints/"]\n')
        code, _, err = gitexp("run", "-n", "made", "-S", "rate=0.2")
        assert code == 0, err

    only_once("made", work_tree, make)
    return work_tree


def test_get_writes_a_model_under_another_name(gitexp: Gitexp, made: Path) -> None:
    assert gitexp("get", "made", "model.joblib", "-o", "best.joblib") == (
        ExitCode.OK,
        "best.joblib\n",
        "",
    )
    assert (made / "best.joblib").read_bytes() == MODEL
    assert (made / "best.joblib").stat().st_mode & 0o777 == 0o644


def test_get_refuses_to_overwrite_unless_forced(gitexp: Gitexp, made: Path) -> None:
    (made / "model.joblib").unlink()
    (made / "model.joblib").write_text("mine")

    refused = gitexp("get", "made", "model.joblib")
    kept = (made / "model.joblib").read_text()
    forced = gitexp("get", "made", "model.joblib", "--force")

    assert refused[0] == ExitCode.ERROR
    assert "model.joblib' already exists\n" in refused[2]
    assert kept == "mine"
    assert forced == (ExitCode.OK, "model.joblib\n", "")
    assert (made / "model.joblib").read_bytes() == MODEL


@pytest.mark.usefixtures("made")
def test_get_prints_a_file_to_stdout(gitexp: Gitexp) -> None:
    assert gitexp("get", "made", "params.yaml", "-o", "-") == (
        ExitCode.OK,
        "rate: 0.2\nseed: 1\n",
        "",
    )
    assert gitexp("get", "made", "checkpoints/deep/2.txt", "-o", "-")[1] == "deep/2.txt"
    assert gitexp("get", "made", ".gitexp/output.log", "-o", "-")[1].startswith("trained")


@pytest.mark.usefixtures("made")
def test_get_writes_folders_from_git_and_from_behind_pointers(
    gitexp: Gitexp, tmp_path: Path
) -> None:
    for name in ("checkpoints", "checkpoints/deep", "plots"):
        code, _, err = gitexp("get", "made", name, "-o", tmp_path / name.replace("/", "-"))
        assert (code, err) == (ExitCode.OK, "")

    written = {
        path.relative_to(tmp_path).as_posix()
        for folder in ("checkpoints", "checkpoints-deep", "plots")
        for path in (tmp_path / folder).rglob("*")
        if path.is_file()
    }
    assert written == {
        "checkpoints/1.txt",
        "checkpoints/deep/2.txt",
        "checkpoints-deep/2.txt",
        "plots/roc.csv",
    }
    assert not list(tmp_path.glob(".gitexp-*"))


def test_get_into_an_existing_folder_keeps_the_name(gitexp: Gitexp, made: Path) -> None:
    (made / "there").mkdir()

    assert gitexp("get", "made", "model.joblib", "-o", "there")[1] == "there/model.joblib\n"
    assert (made / "there" / "model.joblib").read_bytes() == MODEL


def test_an_unknown_path_is_answered_with_the_nearest(gitexp: Gitexp, made: Path) -> None:
    assert gitexp("get", "made", "modl.joblib") == (
        ExitCode.ERROR,
        "",
        "error: run 'made' has no file 'modl.joblib'\nhint: Did you mean 'model.joblib'?\n",
    )
    code, _, err = gitexp("get", "made", "checkpoints/3.txt")
    assert code == ExitCode.ERROR
    assert err == (
        "error: run 'made' has no file '3.txt' in 'checkpoints'\n"
        "hint: Did you mean 'checkpoints/1.txt'?\n"
    )
    assert not (made / "modl.joblib").exists()


@pytest.mark.parametrize("path", ["model.joblib", "checkpoints", "checkpoints/1.txt"])
def test_data_comes_from_the_remote_of_another_clone(
    gitexp: Gitexp, git: Git, made: Path, tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dvc("remote", "add", "--default", "store", str(tmp_path / "store"))
    dvc("push", "--quiet")
    git("add", ".dvc", ".dvcignore")
    git("commit", "--quiet", "-m", "dvc")
    git("clone", "--quiet", f"file://{made}", tmp_path / "clone")
    monkeypatch.chdir(tmp_path / "clone")
    git("branch", "experiments", "origin/experiments")

    code, _, err = gitexp("get", "made", path, "-o", "got")

    assert code == ExitCode.OK, err
    got = tmp_path / "clone" / "got"
    expected = made / path
    if expected.is_dir():
        assert (got / "deep" / "2.txt").read_text() == "deep/2.txt"
    else:
        assert got.read_bytes() == expected.read_bytes()
    fetched = [path for path in (tmp_path / "clone/.dvc/cache").rglob("*") if path.is_file()]
    assert len(fetched) == {"model.joblib": 1, "checkpoints": 3, "checkpoints/1.txt": 2}[path]


def test_data_that_is_nowhere_is_named_and_nothing_is_written(gitexp: Gitexp, made: Path) -> None:
    shutil.rmtree(made / ".dvc" / "cache" / "files")

    code, out, err = gitexp("get", "made", "model.joblib", "-o", "got")

    assert (code, out) == (ExitCode.ERROR, "")
    assert err.startswith("error: the data of 'model.joblib' is missing (md5 ")
    way = "name the one that it was sent to with `dvc remote add -d NAME URL`.\n"
    assert err.endswith(f"and no DVC remote is set up here: {way}")
    assert not (made / "got").exists()


def test_a_path_is_taken_from_where_one_is(
    gitexp: Gitexp, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(made / "plots")

    near = gitexp("get", "made", "roc.csv", "-o", "copy.csv")
    far = gitexp("get", "made", "params.yaml")

    assert near == (ExitCode.OK, "copy.csv\n", "")
    assert far == (ExitCode.OK, "params.yaml\n", "")
    assert (made / "plots" / "copy.csv").read_text() == "0,0\n1,1\n"
    assert (made / "plots" / "params.yaml").exists()


@pytest.mark.usefixtures("made")
def test_get_says_when_the_data_was_written_by_an_earlier_run(gitexp: Gitexp) -> None:
    gitexp("run", "-n", "evaluation", "cat", "model.joblib", "checkpoints/1.txt")

    assert gitexp("get", "evaluation", "model.joblib", "-o", "other.joblib") == (
        ExitCode.OK,
        "other.joblib\n",
        "note: 'model.joblib' is an input of this run, written by 'made'\n",
    )
    assert gitexp("get", "evaluation", "checkpoints/1.txt", "-o", "-")[2] == (
        "note: 'checkpoints' is an input of this run, written by 'made'\n"
    )
    assert gitexp("get", "made", "model.joblib", "-o", "own.joblib")[2] == ""


def test_a_folder_from_elsewhere_writes_nothing_outside(
    gitexp: Gitexp, made: Path, tmp_path: Path
) -> None:
    [manifest] = (made / ".dvc" / "cache" / "files" / "md5").glob("??/*.dir")
    files = json.loads(manifest.read_text())
    files[0]["relpath"] = "../../outside"
    manifest.chmod(0o644)
    manifest.write_text(json.dumps(files))
    (tmp_path / "in").mkdir()

    code, _, err = gitexp("get", "made", "checkpoints", "-o", tmp_path / "in" / "copy")

    assert code == ExitCode.ERROR
    assert "in the DVC cache was damaged" in err
    assert not list(tmp_path.rglob("outside"))


def test_a_folder_that_is_named_right_and_leads_outside_is_refused(made: Path) -> None:
    cache = made / ".dvc" / "cache" / "files" / "md5"
    [manifest] = cache.glob("??/*.dir")
    files = json.loads(manifest.read_text())
    files[0]["relpath"] = "../../outside"
    content = json.dumps(files).encode()
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    (cache / md5[:2]).mkdir(exist_ok=True)
    (cache / md5[:2] / f"{md5[2:]}.dir").write_bytes(content)
    pointer = Pointer("checkpoints", f"{md5}.dir", nfiles=len(files))

    with DataSource(made) as source:
        assert not source.is_sound(pointer)
        with pytest.raises(GitexpError, match="in the DVC cache is damaged"):
            source.members(pointer)
