"""What a command logs with gitexp itself, in its run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gitexp.data.dvc_project import initialise
from gitexp.project import Project
from gitexp.revisions.series import series_of_run
from gitexp.series.series import Series
from gitexp.store.selectors import find_run

from tests.execution.workshop import Eventually, Leftovers, Runs, StartGitexp, TheRun
from tests.workshop import DEADLINE, Git, Gitexp

TRAIN = """\
import json, pathlib, sys
import gitexp
gitexp.param(depth=3)
for step in range(int(sys.argv[1])):
    gitexp.log({"loss": 1 / (step + 1), "val/acc": step / 10, "val/f1": 0.5})
gitexp.summary["best"] = "text"
gitexp.summary["val/f1"] = 0.75
gitexp.figure("confusion", b"\\x89PNG picture")
pathlib.Path("metrics.json").write_text(json.dumps({"loss": 7}))
"""


@pytest.fixture
def project_files() -> dict[str, str]:
    """A training that logs."""
    return {"train.py": TRAIN, ".gitignore": "weights/\n"}


def _series(work_tree: Path, name: str) -> dict[str, Series]:
    with Project.open(work_tree) as project:
        run = find_run(project.runs, name)
        assert run is not None
        return series_of_run(project, run)


def _blob(git: Git, path: str) -> str:
    return git("cat-file", "blob", f"experiments:.gitexp/{path}")


def test_curves_are_in_the_commit_and_what_they_came_to_in_the_record(
    work_tree: Path, gitexp: Gitexp, the_run: TheRun, git: Git
) -> None:
    told = gitexp("run", "-n", "a", "--", "python", "train.py", "3").err

    record = the_run().record
    assert record.params["logged"] == {"depth": 3}
    assert record.metrics == {  # of `loss`, the file counts
        "metrics.json": {"loss": 7},
        "logged": {"val/acc": 0.2, "val/f1": 0.75, "best": "text"},
    }
    assert record.series["loss"] == {
        "count": 3,
        "step": 2,
        "last": 1 / 3,
        "min": 1 / 3,
        "max": 1.0,
        "min_step": 2,
        "max_step": 0,
    }
    assert record.figures == {"confusion": "confusion.png"}
    assert _blob(git, "figures/confusion.png").endswith("PNG picture")
    table = [line.split("\t") for line in _blob(git, "series/val.tsv").splitlines()]
    assert [[row[0], *row[2:]] for row in table] == [
        ["step", "val/acc", "val/f1"],
        *(["0", "0", "0.5"], ["1", "0.1", "0.5"], ["2", "0.2", "0.5"]),
    ]
    assert _series(work_tree, "a")["loss"].values == [1, 0.5, 1 / 3]
    assert "warning" not in told


def test_a_param_that_is_logged_otherwise_than_its_file_has_it_is_recorded_and_said(
    work_tree: Path, gitexp: Gitexp, the_run: TheRun
) -> None:
    (work_tree / "params.yaml").write_text("lr: 0.1\nmodel: {depth: 3}\n")
    (work_tree / "other.py").write_text(
        "import gitexp\ngitexp.param({'lr': 0.05, 'model': {'depth': 3, 'width': 8}})\n"
    )

    told = gitexp("run", "-n", "a", "--", "python", "other.py").err

    assert the_run().record.params == {
        "params.yaml": {"lr": 0.1, "model": {"depth": 3}},
        "logged": {"lr": 0.05, "model": {"width": 8}},
    }
    assert "'lr' is 0.05, but 0.1 in 'params.yaml' (both are recorded: `logged:lr`" in told
    assert "a " in gitexp("ls", "--where", "logged:lr = 0.05").out


def test_long_curves_are_thinned_in_git_and_whole_behind_a_pointer(
    work_tree: Path, gitexp: Gitexp, the_run: TheRun
) -> None:
    (work_tree / "gitexp.yaml").write_text("series: {max: 10kB}\n")

    told = gitexp("run", "-n", "a", "--", "python", "train.py", "1000").err

    run = the_run()
    assert "thinned in git" in told
    assert [one.path for one in run.record.pointers if one.role == "output"] == [
        *("logged/series/metrics.tsv", "logged/series/val.tsv")
    ]
    assert run.record.series["loss"]["count"] == 1000
    series = _series(work_tree, "a")
    assert 100 < len(series["loss"].steps) < 600
    assert (series["loss"].steps[0], series["loss"].last) == (0, 1 / 1000)
    assert not (work_tree / "logged").exists()
    whole = gitexp("get", "a", "logged/series/metrics.tsv", "-o", work_tree / "whole.tsv")
    assert whole.code == 0, whole.err
    assert len((work_tree / "whole.tsv").read_text().splitlines()) == 1001


@pytest.mark.parametrize("name", ["logged", "logged.dvc"])
def test_long_curves_take_the_place_of_no_file(
    work_tree: Path, gitexp: Gitexp, the_run: TheRun, git: Git, name: str
) -> None:
    (work_tree / "gitexp.yaml").write_text("series: {max: 1kB}\n")
    (work_tree / name).write_text("outs: []\n")

    told = gitexp("run", "-n", "a", "--", "python", "train.py", "100").err

    assert f"note: '{name}' is a file of the project: long curves stay in git whole" in told
    assert git("cat-file", "blob", f"experiments:{name}") == "outs: []\n"
    assert the_run().record.pointers == ()
    assert len(_series(work_tree, "a")["loss"].steps) == 100


def test_an_artifact_is_behind_a_pointer_even_if_git_ignores_it(
    work_tree: Path, gitexp: Gitexp, the_run: TheRun
) -> None:
    (work_tree / "save.py").write_text(
        "import gitexp, pathlib\n"
        "pathlib.Path('weights').mkdir(exist_ok=True)\n"
        "pathlib.Path('weights/a.bin').write_bytes(b'weights')\n"
        "gitexp.artifact('weights/a.bin')\n"
        "gitexp.artifact('/etc/hostname')\n"
        "gitexp.artifact('.git/config')\n"
        "gitexp.artifact('none')\n"
        "gitexp.artifact('a\\0b')\n"
        "gitexp.log({'loss': 0.5, 'large': 10**400})\n"
    )

    told = gitexp("run", "--", "python", "save.py").err

    assert [one.path for one in the_run().record.pointers] == ["weights/a.bin"]
    assert "weights/a.bin.dvc" in the_run().entries
    assert "note: artifact '/etc/hostname' lies outside of the repository: not recorded" in told
    assert "'.git/config'" in told
    assert "note: artifact 'none' is not there: not recorded" in told
    assert "note: an artifact has a NUL in its path: not recorded" in told
    assert the_run().record.metrics["logged"] == {"loss": 0.5}
    assert the_run().record.artifacts == ("weights/a.bin",)


def test_runs_that_write_an_artifact_again_repeat_one_another(
    work_tree: Path, gitexp: Gitexp
) -> None:
    (work_tree / "save.py").write_text(
        "import gitexp, os, pathlib\n"
        "pathlib.Path('a.bin').write_bytes(os.urandom(9))\n"
        "gitexp.artifact('a.bin')\n"
        "gitexp.log({'loss': 0.5})\n"
    )

    told = gitexp("run", "--repeat", "2", "-n", "a", "--", "python", "save.py")

    assert told.err.endswith("a: loss 0.5 ± 0 (n = 2)\n")
    assert "does not count as a repeat" not in told.err


@pytest.mark.parametrize("options", [(), ("--temp",)])
def test_what_was_logged_before_gitexp_was_killed_is_recovered(
    work_tree: Path,
    gitexp: Gitexp,
    start_gitexp: StartGitexp,
    eventually: Eventually,
    runs: Runs,
    leftovers: Leftovers,
    options: tuple[str, ...],
) -> None:
    (work_tree / "forever.py").write_text(
        "import gitexp, os, signal\n"
        "for step in range(100):\n"
        "    gitexp.log({'loss': step})\n"
        "os.kill(os.getppid(), signal.SIGKILL)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )

    start_gitexp("run", *options, "--", "python", "forever.py").wait(DEADLINE)
    eventually(lambda: "recovered" in gitexp("ls").err)  # as soon as the script has ended, too

    [run] = runs()
    assert run.record.series["loss"]["last"] == 99
    assert leftovers() == []


ALONE = """\
import os, sys
import gitexp
with gitexp.start("solo", message="why", params={"lr": 0.1}) as run:
    assert run.name == "solo"
    run.log({"loss": 1})
    run.log({"loss": 0.5})
    open("out.txt", "w").write("made")
    if sys.argv[1:] == ["raise"]:
        raise ValueError("no")
    if sys.argv[1:] == ["kill"]:
        for file in os.scandir(os.environ["GITEXP_LOG_DIR"]):
            os.utime(file, (file.stat().st_mtime + 60,) * 2)
        os.kill(os.getpid(), 9)
gitexp.log({"loss": 0})
"""


@pytest.mark.parametrize(
    ("how", "status"), [("", "done"), ("raise", "failed"), ("kill", "interrupted")]
)
def test_a_script_makes_a_run_by_itself(
    work_tree: Path, gitexp: Gitexp, runs: Runs, leftovers: Leftovers, how: str, status: str
) -> None:
    (work_tree / "alone.py").write_text(ALONE)

    ended = subprocess.run(
        ["python", "alone.py", *how.split()], capture_output=True, text=True, check=False
    )
    gitexp("ls")

    [run] = runs()
    record = run.record
    assert (record.name, record.status, record.message) == ("solo", status, "why"), ended.stderr
    assert record.command == ("python", "alone.py", *how.split())
    assert record.params["logged"] == {"lr": 0.1}
    assert record.series["loss"]["last"] == 0.5
    assert record.outputs == ("out.txt",)
    assert (record.duration > 55) is (how == "kill")
    assert record.environment in (sys.executable, f"{Path(sys.executable).parent}/python")
    assert record.notes[0].startswith("begun by the command itself with `gitexp.start()`")
    assert "alone.py" in run.entries
    assert leftovers() == []
    assert gitexp("plot", "HEAD", "loss").err == (
        "error: 'HEAD' has no curves\nhint: The last run with some is 'solo': give its name.\n"
    )


@pytest.mark.parametrize(
    ("outside", "directory", "command"),
    [
        (False, "", ("bin/python", "-u", "sub/moved.py")),
        (True, "sub", ("../bin/python", "-u", "moved.py")),
    ],
)
def test_a_script_that_goes_into_another_folder_first_is_recorded_as_it_can_be_started_again(
    work_tree: Path, runs: Runs, outside: bool, directory: str, command: tuple[str, ...]
) -> None:
    (work_tree / "bin").mkdir()
    (work_tree / "bin" / "python").symlink_to(sys.executable)
    (work_tree / "sub").mkdir()
    script = "import os, gitexp\nos.chdir(os.path.dirname(__file__))\n"
    (work_tree / "sub" / "moved.py").write_text(f"{script}with gitexp.start('moved'): pass\n")
    place = work_tree.parent if outside else work_tree
    above = f"{work_tree.name}/" if outside else ""

    ended = subprocess.run(
        [f"{above}bin/python", "-u", f"{above}sub/moved.py"],
        cwd=place,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    [run] = runs()
    assert (run.record.directory, run.record.command) == (directory, command)


def test_a_run_that_ends_with_its_process_by_ctrl_c_is_interrupted(the_run: TheRun) -> None:
    script = r"import gitexp; gitexp.start('solo', message='\udcff'); raise KeyboardInterrupt"

    argv = [sys.executable, "-c", script]
    subprocess.run(argv, capture_output=True, check=False)

    record = the_run().record
    assert (record.status, record.exit.signal) == ("interrupted", "SIGINT")


def test_a_script_that_is_started_again_has_a_run_with_a_number(
    work_tree: Path, gitexp: Gitexp, runs: Runs, git: Git
) -> None:
    (work_tree / "alone.py").write_text("import gitexp\nwith gitexp.start('solo'): pass\n")
    gitexp("run", "-n", "solo", "--", "true")
    git("branch", "solo-2")

    ended = subprocess.run(["python", "alone.py"], capture_output=True, text=True, check=False)

    assert runs()[0].record.name == "solo-3", ended.stderr
    told = "warning: the name 'solo' is taken: this run is 'solo-3'"
    assert [line for line in ended.stderr.splitlines() if "warning" in line] == [told]


def test_starting_inside_of_a_run_is_that_run(work_tree: Path, gitexp: Gitexp, runs: Runs) -> None:
    (work_tree / "alone.py").write_text(ALONE.replace('run.name == "solo"', 'run.name == "outer"'))

    gitexp("run", "-n", "outer", "--", "python", "alone.py")

    [run] = runs()
    assert (run.record.name, run.record.status) == ("outer", "done")
    assert run.record.series["loss"]["last"] == 0
    assert run.record.params["logged"] == {"lr": 0.1}


def test_what_cannot_start_says_so_before_the_training(
    work_tree: Path,
) -> None:
    script = "import gitexp; gitexp.start('a..b')"

    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert ended.returncode == 1
    assert "gitexp.errors.GitexpError: " in ended.stderr
    assert "a..b" in ended.stderr
    is_shown = sys.version_info >= (3, 11)
    assert ("letters" in ended.stderr.splitlines()[-1]) is is_shown
    assert not (work_tree / ".git" / "gitexp" / "runs").exists()


def test_dvc_plots_reads_the_tables(work_tree: Path, gitexp: Gitexp, runs: Runs, git: Git) -> None:
    initialise(work_tree)
    git("add", ".dvc", ".dvcignore")
    git("commit", "-qm", "dvc")
    for name, steps in (("a", "3"), ("b", "2")):
        gitexp("run", "-n", name, "--", "python", "train.py", steps)
    new, old = (run.oid for run in runs())
    table = ".gitexp/series/val.tsv"
    asked = ("plots", "diff", old, new, "--targets", table, "-x", "step", "-y", "val/acc", "--json")

    ended = subprocess.run(
        [sys.executable, "-m", "dvc", *asked], capture_output=True, text=True, check=False
    )

    [plot] = json.loads(ended.stdout)["data"][table]
    points = plot["content"]["data"]["values"]
    assert [(one["rev"] == old, one["step"], one["val/acc"]) for one in points] == [
        *((True, "0", "0"), (True, "1", "0.1"), (True, "2", "0.2")),
        *((False, "0", "0"), (False, "1", "0.1")),
    ]
