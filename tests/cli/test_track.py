"""`gitexp track`: data behind pointers as DVC itself puts it, and what is refused."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from textwrap import dedent

import pytest

from gitexp.errors import ExitCode

from tests.workshop import Git, Gitexp, NewRepository, dvc


@pytest.fixture
def data(work_tree: Path) -> Path:
    """A folder with two files of data in the work tree."""
    folder = work_tree / "data"
    folder.mkdir()
    (folder / "train.csv").write_text("x,y\n1,2\n")
    (folder / "test.csv").write_text("x,y\n3,4\n")
    return folder


def refused(gitexp: Gitexp, *args: str) -> list[str]:
    """Return the lines that say why, after seeing that nothing was printed or written."""
    code, out, err = gitexp("track", *args)

    assert (code, out) == (ExitCode.ERROR, "")
    assert not Path(f"{args[0]}.dvc").exists()
    return err.splitlines()


@pytest.mark.usefixtures("data")
def test_track_says_what_points_where_and_what_to_add(gitexp: Gitexp) -> None:
    assert gitexp("track", "data") == (
        ExitCode.OK,
        "data.dvc points to data (2 files, 16 B)\n",
        dedent("""\
            note: DVC was set up here (`.dvc/`, `.dvcignore`)

            Next:
              git add .dvc/.gitignore .dvc/config .dvcignore .gitignore data.dvc
        """),
    )


def test_track_leaves_what_dvc_add_would_leave(
    gitexp: Gitexp, work_tree: Path, data: Path, tmp_path: Path
) -> None:
    twin = tmp_path / "twin"
    shutil.copytree(work_tree, twin)

    code, _, _ = gitexp("track", "data/train.csv", "data/test.csv")
    dvc("init", "--quiet", cwd=twin)
    dvc("add", "--quiet", "data/train.csv", "data/test.csv", cwd=twin)

    assert code == ExitCode.OK
    for name in (".gitignore", "train.csv.dvc", "test.csv.dvc"):
        assert (data / name).read_bytes() == (twin / "data" / name).read_bytes()
    assert dvc("status", cwd=work_tree).strip() == "Data and pipelines are up to date."
    (data / "train.csv").unlink()
    dvc("checkout", "--quiet", cwd=work_tree)
    assert (data / "train.csv").read_text() == "x,y\n1,2\n"


@pytest.mark.usefixtures("data")
def test_track_stages_nothing(gitexp: Gitexp, git: Git) -> None:
    gitexp("track", "data")

    assert git("diff", "--cached", "--name-only") == ""
    assert git("ls-files", "data.dvc") == ""


def test_tracking_again_brings_the_pointer_up_to_date(gitexp: Gitexp, data: Path, git: Git) -> None:
    gitexp("track", "data")
    git("add", "--all")
    unchanged = gitexp("track", "data")
    (data / "more.csv").write_text("x,y\n5,6\n")

    changed = gitexp("track", "data")

    assert unchanged == (ExitCode.OK, "data.dvc points to data (2 files, 16 B)\n", "")
    assert changed == (
        ExitCode.OK,
        "data.dvc points to data (3 files, 24 B)\n",
        "\nNext:\n  git add data.dvc\n",
    )


def test_paths_are_those_of_the_directory_of_the_call(
    gitexp: Gitexp, work_tree: Path, data: Path
) -> None:
    code, out, err = gitexp("-C", data, "track", "train.csv")

    assert (code, out) == (ExitCode.OK, "train.csv.dvc points to train.csv (8 B)\n")
    assert "git add ../.dvc/.gitignore ../.dvc/config ../.dvcignore .gitignore" in err
    assert (work_tree / ".dvc").is_dir()


def test_the_dvc_of_a_project_in_a_subfolder_is_used(
    gitexp: Gitexp, data: Path, work_tree: Path
) -> None:
    gitexp("-C", "data", "init")

    code, _, _ = gitexp("-C", "data", "track", "train.csv")

    assert code == ExitCode.OK
    assert (data / ".dvc" / "cache").is_dir()
    assert not (work_tree / ".dvc").exists()


def test_a_run_after_track_records_the_data_as_an_input(gitexp: Gitexp, data: Path) -> None:
    gitexp("track", "data")
    (data / "train.csv").write_text("changed since\n")

    _, out, _ = gitexp("run", "--json")

    [pointer] = json.loads(out)["pointers"]
    assert (pointer["path"], pointer["role"]) == ("data", "input")


@pytest.mark.usefixtures("work_tree")
def test_what_git_tracks_has_to_leave_git_first(gitexp: Gitexp) -> None:
    assert refused(gitexp, "train.py") == [
        "error: 'train.py' is tracked by git",
        (
            "hint: `git rm -r --cached train.py` takes it out of git and leaves it where it is; "
            "then track it again, and commit both."
        ),
    ]


@pytest.mark.usefixtures("data")
def test_data_in_a_folder_with_a_pointer_is_refused(gitexp: Gitexp) -> None:
    gitexp("track", "data")

    assert refused(gitexp, "data/train.csv") == [
        "error: 'data/train.csv' is already held by 'data.dvc', which points to 'data'",
        "hint: Run `dvc commit data.dvc` to bring that up to date.",
    ]


@pytest.mark.usefixtures("data")
def test_a_folder_around_a_pointer_is_refused(gitexp: Gitexp) -> None:
    gitexp("track", "data/train.csv")

    assert refused(gitexp, "data") == [
        "error: 'data' holds 'data/train.csv', which 'data/train.csv.dvc' points to",
        "hint: Run `dvc remove data/train.csv.dvc` first, or track what lies beside it.",
    ]


def test_the_output_of_a_pipeline_is_refused(gitexp: Gitexp, work_tree: Path, data: Path) -> None:
    (work_tree / "dvc.yaml").write_text("stages:\n  get: {cmd: ./get, outs: [data/train.csv]}\n")
    (work_tree / "dvc.lock").write_text(
        "schema: '2.0'\nstages:\n  get:\n    cmd: ./get\n    outs:\n"
        "    - {path: data/train.csv, hash: md5, md5: abc, size: 8}\n"
    )

    assert "is already held by 'dvc.lock'" in refused(gitexp, "data/train.csv")[0]
    assert "'dvc.lock' points to" in refused(gitexp, "data")[0]
    assert data.is_dir()


def test_data_whose_pointer_git_would_ignore_is_refused(
    gitexp: Gitexp, work_tree: Path, data: Path
) -> None:
    (work_tree / ".gitignore").write_text("data/\n")

    why = refused(gitexp, str(data / "train.csv"))

    assert why == [
        f"error: the pointer '{data}/train.csv.dvc' would be ignored by git",
        (
            f"hint: `git check-ignore -v {data}/train.csv.dvc` names the rule: remove it, since "
            "tracking makes one for the data alone."
        ),
    ]
    assert gitexp("track", "data")[0] == ExitCode.OK


@pytest.mark.usefixtures("data")
def test_nothing_is_written_where_one_path_cannot_be_tracked(
    gitexp: Gitexp, work_tree: Path
) -> None:
    refused(gitexp, "data/train.csv", "data/missing.csv")

    assert not (work_tree / ".dvc").exists()
    assert not (work_tree / "data" / ".gitignore").exists()


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("missing", "error: there is no 'missing'"),
        ("..", "error: '..' lies outside the repository"),
        ("../elsewhere", "error: '../elsewhere' lies outside the repository"),
        ("out/there", "error: 'out/there' lies outside the repository"),
        (".", "error: '.' holds the project itself"),
        (".git", "error: '.git' belongs to git or DVC, and is not data"),
        (".dvc/config", "error: '.dvc/config' belongs to git or DVC, and is not data"),
        ("gitexp.yaml", "error: 'gitexp.yaml' is not data; it belongs in git"),
        ("old.csv.dvc", "error: 'old.csv.dvc' is a pointer itself"),
        ("pipe", "is neither a file nor a folder"),
        ("gone", "cannot read"),
        ("skipped.csv", "is ignored by '.dvcignore'"),
        ("clone/file", "clone', which is a repository or project of its own"),
    ],
)
def test_what_is_no_data_is_refused(
    gitexp: Gitexp, work_tree: Path, path: str, why: str, tmp_path: Path
) -> None:
    gitexp("init")
    (work_tree / ".dvcignore").write_text("skipped.csv\n")
    (work_tree / "skipped.csv").touch()
    (work_tree / "old.csv.dvc").write_text("outs:\n- {path: old.csv, md5: abc}\n")
    (work_tree / "clone" / ".git").mkdir(parents=True)
    (work_tree / "clone" / "file").touch()
    (work_tree / "gone").symlink_to("nowhere")
    (work_tree / "out").symlink_to(tmp_path)
    (tmp_path / "there").touch()
    os.mkfifo(work_tree / "pipe")

    assert why in refused(gitexp, path)[0]


@pytest.mark.usefixtures("data")
def test_a_folder_with_the_secrets_of_somebody_is_refused_until_dvcignore_names_them(
    gitexp: Gitexp, work_tree: Path
) -> None:
    (work_tree / "data/.env").write_text("KEY=1")

    refused = gitexp("track", "data")
    (work_tree / ".dvcignore").write_text("/data/.env\n")

    assert refused.code == 2
    assert "error: 'data' holds '.env', which has the name of a secret\n" in refused.err
    assert "`echo /data/.env >> .dvcignore`" in refused.err
    assert "data.dvc points to data (2 files" in gitexp("track", "data").out


@pytest.mark.usefixtures("data")
def test_a_path_inside_another_one_of_the_same_call_is_refused(gitexp: Gitexp) -> None:
    assert refused(gitexp, "data", "data/train.csv") == [
        "error: 'data/train.csv' lies in 'data'",
        "hint: Track one of the two.",
    ]


@pytest.mark.usefixtures("data")
def test_a_cache_that_cannot_be_written_leaves_no_pointer(gitexp: Gitexp, work_tree: Path) -> None:
    gitexp("init")
    (work_tree / ".dvc" / "cache").write_text("in the way")

    why = refused(gitexp, "data")

    assert why[0].startswith("error: cannot write to the DVC cache in ")
    assert why[1] == "hint: Make room, then `gitexp track data` again."
    assert "data" not in (work_tree / ".gitignore").read_text()


def test_tracking_needs_no_commit(gitexp: Gitexp, new_repository: NewRepository, git: Git) -> None:
    top = new_repository("unborn")
    (top / "odd name.csv").touch()

    code, out, err = gitexp("-C", top, "track", "odd name.csv")

    assert (code, out) == (ExitCode.OK, "odd name.csv.dvc points to odd name.csv (0 B)\n")
    assert err.endswith(" .gitignore 'odd name.csv.dvc'\n")
    assert git("check-ignore", "odd name.csv", cwd=top) == "odd name.csv\n"
