"""Models and data of a run: behind pointers that DVC takes for its own."""

from __future__ import annotations

import hashlib
import logging
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any, Protocol

import pytest

from gitexp.data.dvc_project import initialise

from tests.execution.workshop import BehindPointer, Runs, Sh, TheRun
from tests.workshop import Git


class Dvc(Protocol):
    """Ask DVC itself: `dvc("status")`."""

    def __call__(self, command: str, cwd: Path = ..., **options: Any) -> Any: ...


@pytest.fixture
def dvc(work_tree: Path) -> Dvc:
    """Ask DVC itself: `dvc("status")`, in process, for its start takes a second."""

    def run(command: str, cwd: Path = work_tree, **options: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # DVC's own business
            from dvc.repo import Repo  # noqa: PLC0415 - half a second, and with warnings

            logging.getLogger("dvc").handlers.clear()  # their streams are an earlier test's
            with Repo(str(cwd)) as repo:
                return getattr(repo, command)(**options)

    return run


def md5(content: str) -> str:
    """Return the hash that DVC names a content by."""
    return hashlib.md5(content.encode(), usedforsecurity=False).hexdigest()


def md5_line(content: str) -> str:
    """Return how a pointer names a content."""
    return f"md5: {md5(content)}\n"


def test_a_model_goes_behind_a_pointer_that_dvc_can_push_pull_and_check_out(
    work_tree: Path, tmp_path: Path, sh: Sh, the_run: TheRun, git: Git, dvc: Dvc
) -> None:
    result = sh("echo weights > model.joblib; mkdir deep; echo 2 > 'deep/é m.pt'")

    run = the_run()
    clone = tmp_path / "clone"
    git("clone", "--quiet", "--branch", "experiments", work_tree, clone)
    for top in (work_tree, clone):
        remote = f"[core]\nremote = store\n['remote \"store\"']\nurl = {tmp_path / 'store'}\n"
        (top / ".dvc" / "config.local").write_text(remote)
    assert result.code == 0
    assert run.text("model.joblib.dvc") == (
        "outs:\n- " + md5_line("weights\n") + "  size: 8\n  hash: md5\n  path: model.joblib\n"
    )
    assert run.entries.keys().isdisjoint({"model.joblib", "deep/é m.pt"})
    assert (run.text(".gitignore"), run.text("deep/.gitignore")) == ("/model.joblib\n", "/é m.pt\n")
    assert [(p.path, p.role, p.size) for p in run.record.pointers] == [
        ("deep/é m.pt", "output", 2),
        ("model.joblib", "output", 8),
    ]
    assert dvc("status") == {}
    assert dvc("push") == 2
    dvc("pull", cwd=clone)
    assert (clone / "model.joblib").read_text() == "weights\n"
    assert (clone / "deep" / "é m.pt").read_text() == "2\n"


def test_dvc_gc_of_all_commits_keeps_the_models_of_every_run(
    work_tree: Path, sh: Sh, runs: Runs, dvc: Dvc
) -> None:
    for number in (1, 2, 3):
        sh(f"echo {number} > model.joblib; mkdir -p plots.pt; echo {number} > plots.pt/a")
    cache = work_tree / ".dvc" / "cache" / "files"
    before = sorted(path for path in cache.rglob("*") if path.is_file())

    dvc("gc", all_commits=True)

    pointers = {pointer.md5 for run in runs() for pointer in run.record.pointers}
    assert len(pointers) == 6
    assert sorted(path for path in cache.rglob("*") if path.is_file()) == before
    assert dvc("status") == {}


def test_models_large_files_and_folders_go_behind_pointers_and_dvc_is_content(
    work_tree: Path, sh: Sh, the_run: TheRun, dvc: Dvc
) -> None:
    (work_tree / "gitexp.yaml").write_text("track: ['*.pt', checkpoints/]\nmax_file_size: 1KB\n")

    result = sh(
        "mkdir -p checkpoints/a; echo 1 > checkpoints/a/1.txt; echo 2 > checkpoints/2.txt;"
        "head -c 2000 /dev/zero > large.bin; echo 3 > small.bin; echo 4 > m.pt;"
        "mkdir many; for n in $(seq 1001); do echo $n > many/$n; done"
    )

    run = the_run()
    assert result.code == 0, result.err
    assert [(p.path, p.size, p.nfiles) for p in run.record.pointers] == [
        ("checkpoints", 4, 2),
        ("large.bin", 2000, None),
        ("m.pt", 2, None),
        ("many", 3898, 1001),
    ]
    assert sorted(path for path in run.files() if not path.startswith(".")) == [
        "checkpoints.dvc",
        "gitexp.yaml",
        "large.bin.dvc",
        "m.pt.dvc",
        "many.dvc",
        "params.yaml",
        "small.bin",
        "train.py",
    ]
    assert run.record.outputs == ("checkpoints", "large.bin", "m.pt", "many", "small.bin")
    assert dvc("status") == {}


def test_a_model_in_a_new_folder_of_very_many_files_has_no_pointer_of_its_own(
    sh: Sh, the_run: TheRun, dvc: Dvc
) -> None:
    result = sh("mkdir many; echo m > many/m.pt; for n in $(seq 1001); do echo $n > many/$n; done")

    assert result.code == 0, result.err
    assert [p.path for p in the_run().record.pointers] in (["many"], ["many/m.pt"])
    assert dvc("status") == {}


def test_metrics_in_a_new_folder_of_very_many_files_are_recorded(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "gitexp.yaml").write_text("metrics: [out/metrics.json]\n")

    sh(
        "mkdir out; for n in $(seq 1001); do echo $n > out/$n; done;"
        "echo '{\"loss\": 1}' > out/metrics.json"
    )

    assert the_run().record.metrics == {"out/metrics.json": {"loss": 1}}


def test_a_model_whose_pointer_was_deleted_is_named_with_the_line_that_it_left(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    sh("echo 1 > model.joblib")
    (work_tree / "model.joblib.dvc").unlink()

    again = sh("echo 2 > model.joblib")
    (work_tree / ".gitignore").unlink()
    sh("echo 3 > model.joblib")

    words = "a pointer that is gone may have left '/model.joblib' in '.gitignore'; without that"
    assert words in again.err
    assert "model.joblib.dvc" in the_run().entries


def test_a_model_that_git_tracks_stays_in_git(
    work_tree: Path, git: Git, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "model.joblib").write_text("old\n")
    git("add", "--all")
    git("commit", "--quiet", "-m", "model")

    sh("echo new > model.joblib")

    run = the_run()
    assert run.text("model.joblib") == "new\n"
    assert run.record.pointers == ()
    assert run.record.overwritten == ("model.joblib",)
    assert not (work_tree / "model.joblib.dvc").exists()


def test_a_model_written_into_a_folder_that_dvc_tracks_belongs_to_that_folder(
    work_tree: Path, behind_pointer: BehindPointer, git: Git, sh: Sh, the_run: TheRun, dvc: Dvc
) -> None:
    (work_tree / "data").mkdir()
    (work_tree / "data" / "1.csv").write_text("1\n")
    behind_pointer("data")
    git("add", "--all")
    git("commit", "--quiet", "-m", "data")

    sh("echo weights > data/model.joblib")

    run = the_run()
    assert [(p.path, p.nfiles, p.role, p.changed) for p in run.record.pointers] == [
        ("data", 2, "output", True)
    ]
    assert run.text("data.dvc") == (work_tree / "data.dvc").read_text()
    assert not (work_tree / "data" / "model.joblib.dvc").exists()
    assert run.record.overwritten == ("data",)
    assert dvc("status") == {}


def test_a_model_that_is_rewritten_refreshes_its_pointer_and_is_named_as_overwritten(
    work_tree: Path, sh: Sh, runs: Runs, dvc: Dvc
) -> None:
    sh("echo 1 > model.joblib; echo 1 > same.joblib; echo 1 > kept.joblib")
    sh("echo 2 > model.joblib; echo 1 > same.joblib")

    second, first = runs()
    assert md5_line("1\n") in first.text("model.joblib.dvc")
    assert md5_line("2\n") in second.text("model.joblib.dvc")
    assert second.text("model.joblib.dvc") == (work_tree / "model.joblib.dvc").read_text()
    assert second.record.overwritten == ("model.joblib", "same.joblib")
    assert [(p.path, p.role) for p in second.record.pointers] == [
        ("model.joblib", "output"),
        ("same.joblib", "output"),
    ]
    assert dvc("status") == {}


def test_a_model_removed_by_the_command_leaves_the_run_recorded(
    work_tree: Path, sh: Sh, runs: Runs
) -> None:
    sh("echo 1 > model.joblib")

    result = sh("rm model.joblib")

    assert result.code == 0, result.err
    assert len(runs()) == 2
    assert (work_tree / "model.joblib.dvc").exists()


def test_a_model_that_git_ignores_is_named_and_with_a_track_setting_recorded(
    work_tree: Path, sh: Sh, runs: Runs, git: Git
) -> None:
    (work_tree / ".gitignore").write_text("*.joblib\n")

    unconfigured = sh("echo 1 > model.joblib")
    (work_tree / "gitexp.yaml").write_text("track: ['*.joblib']\n")
    configured = sh("echo 2 > model.joblib")

    second, first = runs()
    assert first.record.pointers == ()
    assert "'model.joblib'" in unconfigured.err, "4.7: a model that is ignored is named in a note"
    assert configured.code == 0
    assert [(p.path, p.role) for p in second.record.pointers] == [("model.joblib", "output")]
    assert (work_tree / ".gitignore").read_text() == "*.joblib\n"
    assert git("status", "--porcelain", "model.joblib.dvc") == "?? model.joblib.dvc\n"


def test_a_model_that_the_command_puts_behind_a_pointer_itself_is_one_of_the_run(
    work_tree: Path, sh: Sh, runs: Runs, dvc: Dvc
) -> None:
    """DVCLive does this when it logs an artifact: `dvc add` has git ignore the model."""
    initialise(work_tree)
    add = f"{sys.executable} -m dvc add --quiet model.pkl"

    results = [sh(f"echo {number} > model.pkl && {add}") for number in (1, 2)]

    second, first = runs()
    assert [(one.code, "not recorded" in one.err) for one in results] == [(0, False)] * 2
    assert [
        [(p.path, p.md5, p.role, p.changed) for p in run.record.pointers] for run in (first, second)
    ] == [
        [("model.pkl", md5("1\n"), "output", False)],
        [("model.pkl", md5("2\n"), "output", False)],
    ]
    assert first.record.outputs == ("model.pkl",)
    assert (first.record.overwritten, second.record.overwritten) == ((), ("model.pkl",))
    assert md5_line("1\n") in first.text("model.pkl.dvc")
    assert first.text(".gitignore") == "/model.pkl\n"
    assert dvc("status") == {}


def test_data_that_the_command_adds_under_a_name_of_its_own_gets_no_second_pointer(
    work_tree: Path, sh: Sh, runs: Runs, dvc: Dvc
) -> None:
    initialise(work_tree)
    pointer = "outs:\\n- md5: %s\\n  size: 2\\n  hash: md5\\n  path: ../model.pkl\\n"

    made = sh(
        f"mkdir kept; echo 1 > model.pkl; printf '{pointer % md5('1' + chr(10))}' > kept/best.dvc"
    )
    again = sh("echo 2 > model.pkl")

    second, first = runs()
    assert (made.code, again.code) == (0, 0), made.err + again.err
    for run, content in ((first, "1\n"), (second, "2\n")):
        assert [path for path in run.entries if path.endswith(".dvc")] == ["kept/best.dvc"]
        assert md5_line(content) in run.text("kept/best.dvc")
        assert [(p.path, p.md5, p.role) for p in run.record.pointers] == [
            ("model.pkl", md5(content), "output")
        ]
    assert not (work_tree / "model.pkl.dvc").exists()
    assert dvc("status") == {}


def test_a_pointer_that_the_command_made_wrong_costs_a_warning(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    initialise(work_tree)

    result = sh(
        "printf 'outs: [' > broken.dvc; printf 'outs:\\n- path: ../x\\n  md5: a\\n' > out.dvc"
    )

    assert result.code == 0
    assert "warning: 'broken.dvc' line 2 is not valid YAML\n" in result.err
    assert "warning: the data of 'out.dvc' is left alone, '../x': git takes no such path\n" in (
        result.err
    )
    assert the_run().record.pointers == ()
    assert {"broken.dvc", "out.dvc"} <= the_run().entries.keys()


def test_data_edited_before_the_run_is_recorded_as_it_was_read(
    work_tree: Path, behind_pointer: BehindPointer, git: Git, sh: Sh, the_run: TheRun, dvc: Dvc
) -> None:
    (work_tree / "data.csv").write_text("1\n")
    behind_pointer("data.csv")
    described = (work_tree / "data.csv.dvc").read_text() + "desc: # kept\n"
    (work_tree / "data.csv.dvc").write_text(described.replace("desc: # kept\n", "# kept\n"))
    git("add", "--all")
    git("commit", "--quiet", "-m", "data")
    (work_tree / "data.csv").write_text("1\n2\n")

    result = sh("cat data.csv")

    run = the_run()
    pointer = (work_tree / "data.csv.dvc").read_text()
    assert run.text("data.csv.dvc") == pointer
    assert md5_line("1\n2\n") in pointer
    assert "# kept" in pointer
    assert "'data.csv.dvc' was out of date" in result.err
    assert [(p.path, p.md5, p.role, p.changed) for p in run.record.pointers] == [
        ("data.csv", md5("1\n2\n"), "input", False)
    ]
    assert run.record.overwritten == ()
    assert dvc("status") == {}


def test_data_that_changes_while_it_is_read_is_marked(
    work_tree: Path, behind_pointer: BehindPointer, git: Git, sh: Sh, the_run: TheRun, dvc: Dvc
) -> None:
    (work_tree / "data.csv").write_text("1\n")
    behind_pointer("data.csv")
    git("add", "--all")
    git("commit", "--quiet", "-m", "data")

    sh("echo 2 >> data.csv")

    run = the_run()
    assert [(p.path, p.md5, p.changed) for p in run.record.pointers] == [
        ("data.csv", md5("1\n2\n"), True)
    ]
    assert run.record.overwritten == ("data.csv",)
    assert run.text("data.csv.dvc") == (work_tree / "data.csv.dvc").read_text()
    assert dvc("status") == {}


def test_data_that_is_not_here_is_recorded_as_its_pointer_says(
    work_tree: Path, behind_pointer: BehindPointer, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "data.csv").write_text("1\n")
    behind_pointer("data.csv")
    (work_tree / "data.csv").unlink()

    result = sh("true")

    assert result.code == 0
    assert [(p.path, p.md5, p.role) for p in the_run().record.pointers] == [
        ("data.csv", md5("1\n"), "input")
    ]


def test_a_pointer_that_is_none_costs_a_warning(work_tree: Path, sh: Sh, the_run: TheRun) -> None:
    (work_tree / "broken.dvc").write_text("<<<<<<< ours\nouts: [\n")
    (work_tree / "list.dvc").write_text("- 1\n")
    (work_tree / "odd.dvc").write_bytes(b"\xff\xfe")

    result = sh("echo 1 > m.pt")

    assert result.code == 0, result.err
    assert "'broken.dvc'" in result.err
    assert {"broken.dvc", "list.dvc", "m.pt.dvc", "odd.dvc"} <= the_run().entries.keys()


@pytest.mark.parametrize(
    "name", [b"new\nline.pt", b"caf\xe9.pt", b"star*[a].pt", b"#hash.pt", b"end .pt", b"-m.pt"]
)
def test_no_name_of_a_model_costs_the_run(
    work_tree: Path, sh: Sh, the_run: TheRun, name: bytes
) -> None:
    (work_tree / "write.py").write_text(f"open({name!r}, 'w').write('weights')\n")

    result = sh("python write.py; echo '{\"loss\": 1}' > metrics.json")

    assert result.code == 0, result.err
    assert the_run().record.metrics == {"metrics.json": {"loss": 1}}
    assert os.fsdecode(name) not in the_run().entries


@pytest.mark.parametrize("settings", ["{}\n", "track: ['*.pkl']\n"], ids=["default", "track"])
def test_an_output_of_a_dvc_pipeline_gets_no_second_pointer(
    work_tree: Path, git: Git, sh: Sh, the_run: TheRun, dvc: Dvc, settings: str
) -> None:
    initialise(work_tree)
    (work_tree / "gitexp.yaml").write_text(settings)
    (work_tree / "dvc.yaml").write_text(
        "stages:\n  train:\n    cmd: cp params.yaml model.pkl\n    outs: [model.pkl]\n"
    )
    (work_tree / ".gitignore").write_text("/model.pkl\n")  # as `dvc repro` leaves it
    git("add", "--all")
    git("commit", "--quiet", "-m", "pipeline")

    result = sh("cp params.yaml model.pkl")

    assert result.code == 0, result.err
    assert not (work_tree / "model.pkl.dvc").exists()
    assert the_run().record.status == "done"
    dvc("status")  # it refuses to go on where two outputs overlap


def test_a_model_that_is_a_link_leaves_the_run_recorded(sh: Sh, the_run: TheRun) -> None:
    result = sh("echo w > epoch-3.pt; ln -s epoch-3.pt last.pt; ln -s nowhere gone.pt")

    assert result.code == 0, result.err
    assert "epoch-3.pt" in [p.path for p in the_run().record.pointers]


def test_a_cache_that_cannot_be_written_costs_a_warning_and_not_the_run(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    sh("echo 1 > first.pt")
    cache = work_tree / ".dvc" / "cache"
    subprocess.run(["rm", "-r", cache], check=True)
    cache.write_text("a file where a folder should be\n")

    result = sh("echo 2 > second.pt")

    assert result.code == 0, result.err
    assert "'second.pt' has no data behind it" in result.err
    assert md5_line("2\n") in the_run().text("second.pt.dvc")


def test_an_edit_of_gitignore_during_the_run_is_kept(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / ".gitignore").write_text("*.tmp\n")

    sh("echo '*.bak' >> .gitignore; echo w > m.pt")

    assert (work_tree / ".gitignore").read_text() == "*.tmp\n*.bak\n/m.pt\n"
    assert the_run().text(".gitignore") == "*.tmp\n/m.pt\n"
