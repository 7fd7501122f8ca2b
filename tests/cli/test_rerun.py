"""`gitexp rerun`: a run again, from what its commit holds and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest
from msgspec.structs import replace

from gitexp.errors import ExitCode, RunExitCode
from gitexp.project import Project
from gitexp.rerunning.original import read_original
from gitexp.rerunning.script import script_of
from gitexp.store.selectors import get_run
from gitexp.store.stored_run import StoredRun

from tests import workshop
from tests.cli.workshop import Clone
from tests.workshop import DVC, Git, Gitexp, commit_all, write

LEARN = """\
import json
from pathlib import Path

values = dict(line.split(": ") for line in Path("params.yaml").read_text().splitlines())
numbers = [float(line) for line in Path("data.csv").read_text().split()]
known = Path("model.bin").exists() or Path("metrics.json").exists()
assert not known, "what an earlier run wrote is there"
Path("model.bin").write_bytes(bytes(int(number) for number in numbers) * 1000)
score = sum(numbers) * float(values["rate"])
Path("metrics.json").write_text(json.dumps({"score": score}) + "\\n")
"""


@pytest.fixture
def project_files() -> Mapping[str, str]:
    return {
        **workshop.PROJECT,
        **DVC,
        "train.py": LEARN,
        "gitexp.yaml": 'command: python train.py\ntrack: ["*.bin"]\n',
    }


class Read(Protocol):
    """Return the run that a selector names."""

    def __call__(self, name: str, place: Path = ...) -> StoredRun: ...


@pytest.fixture
def read(work_tree: Path) -> Read:
    def found(name: str, place: Path = work_tree) -> StoredRun:
        with Project.open(place) as project:
            return get_run(project.runs, name)

    return found


@pytest.fixture
def made(gitexp: Gitexp, work_tree: Path) -> Path:
    """Record `first`, with data behind a pointer and uncommitted code."""

    def make() -> None:
        (work_tree / "data.csv").write_text("1\n2\n")
        assert gitexp("track", "data.csv").code == 0
        with (work_tree / "train.py").open("a") as file:
            file.write("print('edited, not committed')\n")
        code, _, err = gitexp("run", "-n", "first")
        assert code == 0, err

    workshop.only_once("first", work_tree, make)
    return work_tree


def record_of(result: workshop.Outcome) -> Any:
    assert result.code == 0, result.err
    return json.loads(result.out)


def state(top: Path) -> dict[str, bytes]:
    files = (path for path in top.rglob("*") if path.is_file())
    return {
        path.relative_to(top).as_posix(): path.read_bytes()
        for path in files
        if {".git", "cache", "tmp"}.isdisjoint(path.relative_to(top).parts)
    }


def test_a_run_is_run_again_from_its_commit_alone(gitexp: Gitexp, made: Path, read: Read) -> None:
    (made / "train.py").write_text("raise SystemExit('other code')\n")
    (made / "params.yaml").write_text("rate: 9\n")
    (made / "data.csv").unlink()
    before = state(made)
    assert "train.py" in before

    result = gitexp("rerun", "first", "-n", "again")

    assert result.code == ExitCode.OK, result.err
    assert result.out == "edited, not committed\n"
    first, again = read("first").record, read("again").record
    assert again.inputs == first.inputs
    assert again.metrics == first.metrics
    assert again.params == first.params
    assert again.command == first.command
    assert again.baseline == first.baseline
    assert again.outputs == first.outputs
    assert again.pointers == first.pointers
    assert again.extra == {"rerun_of": first.id}
    assert again.message == "rerun of first"
    assert state(made) == before


def test_a_rerun_can_be_run_again_as_well(gitexp: Gitexp, made: Path, read: Read) -> None:
    assert made.is_dir()
    assert gitexp("rerun", "first", "-n", "again").code == 0

    assert gitexp("rerun", "again", "-n", "third").code == 0

    assert read("third").record.inputs == read("first").record.inputs
    assert read("third").record.extra == {"rerun_of": read("again").id}


def test_params_can_be_set_for_a_rerun(gitexp: Gitexp, made: Path, read: Read) -> None:
    assert made.is_dir()

    result = gitexp("rerun", "first", "-S", "rate=0.5", "-n", "higher", "-m", "does it help?")

    assert result.code == 0, result.err
    assert read("higher").record.metrics == {"metrics.json": {"score": 1.5}}
    assert read("higher").record.params["params.yaml"] == {"rate": 0.5, "seed": 1}
    assert read("higher").record.message == "does it help?"

    again = gitexp("rerun", "first", "-S", "rate=0.5", "-n", "twice")
    assert "twice: score 1.5 (+1.2 from first)\n" in again.err  # not from the last run


def test_onto_takes_the_code_of_a_rev_and_the_params_of_the_run(
    gitexp: Gitexp, made: Path, read: Read, git: Git
) -> None:
    git("checkout", "--quiet", "-b", "other")
    (made / "train.py").write_text(LEARN.replace("sum(", "-sum("))
    (made / "params.yaml").write_text("rate: 9\nseed: 9\n")
    git("add", "data.csv.dvc", ".gitignore", "train.py", "params.yaml")
    git("commit", "--quiet", "-m", "other code")
    head = git("rev-parse", "HEAD").strip()

    result = gitexp("rerun", "first", "--onto", "other", "-n", "moved")

    assert result.code == 0, result.err
    moved = read("moved").record
    assert moved.baseline == head
    assert moved.params["params.yaml"] == {"rate": 0.1, "seed": 1}
    assert moved.metrics["metrics.json"]["score"] == pytest.approx(-0.3)
    assert moved.message == f"rerun of first onto other ({head[:10]})"


def test_ranges_and_queries_name_several_runs(gitexp: Gitexp, made: Path) -> None:
    for name, rate in (("second", 0.2), ("third", 0.3)):
        for written in ("metrics.json", "model.bin", "model.bin.dvc"):
            (made / written).unlink(missing_ok=True)
        assert gitexp("run", "-n", name, "-S", f"rate={rate}").code == 0

    ranged = gitexp("rerun", "first..third", "--dry-run")
    asked = gitexp("rerun", "--where", "rate < 0.25", "--dry-run")
    empty = gitexp("rerun", "third..first")

    def rerun_of(out: str) -> list[str]:
        return [line.split()[2] for line in out.splitlines() if line.startswith("rerun of")]

    assert rerun_of(ranged.out) == ["second", "third"]
    assert rerun_of(asked.out) == ["first", "second"]
    assert empty.code == RunExitCode.REFUSED
    assert "error: 'third..first' has no runs" in empty.err
    assert gitexp("rerun", "first..third").code == 0
    told = json.loads(gitexp("ls", "--json").out)
    assert [run.get("rerun_of") for run in told].count(None) == 3


def test_json_prints_a_record_for_each(gitexp: Gitexp, made: Path, read: Read) -> None:
    assert made.is_dir()

    record = record_of(gitexp("rerun", "first", "--json"))

    assert record["rerun_of"] == read("first").id


def test_show_names_the_run_that_was_rerun_of(gitexp: Gitexp, made: Path, read: Read) -> None:
    assert made.is_dir()
    assert gitexp("rerun", "first", "-n", "again").code == 0

    shown = gitexp("show", "again").out

    assert f"first ({read('first').id})" in shown


def test_the_exit_code_is_that_of_the_command(gitexp: Gitexp, work_tree: Path) -> None:
    assert work_tree.is_dir()
    assert gitexp("run", "-n", "bad", "--", "sh", "-c", "exit 7").code == 7

    assert gitexp("rerun", "bad").code == 7


def test_a_clone_gets_the_data_from_the_remote(
    gitexp: Gitexp, work_tree: Path, store: Path, clone: Clone, read: Read, git: Git
) -> None:
    (work_tree / "data.csv").write_text("1\n2\n")
    assert gitexp("track", "data.csv").code == 0
    commit_all(work_tree, "not pushed")
    assert gitexp("run", "-n", "first").code == 0
    assert gitexp("push").code == 0
    assert store.is_dir()
    place = clone("theirs")
    assert gitexp("pull", cwd=place).code == 0

    result = gitexp("rerun", "first", "-n", "again", cwd=place)

    assert result.code == 0, result.err
    assert "the baseline of run 'first' is not here" in result.err
    first, again = read("first").record, read("again", place).record
    assert again.inputs.oid == first.inputs.oid
    assert again.metrics == first.metrics
    assert git("status", "--porcelain", cwd=place) == ""


def test_the_script_needs_no_gitexp(
    gitexp: Gitexp, work_tree: Path, store: Path, clone: Clone, tmp_path: Path, read: Read
) -> None:
    (work_tree / "data.csv").write_text("1\n2\n")
    assert gitexp("track", "data.csv").code == 0
    assert gitexp("run", "-n", "first").code == 0
    assert gitexp("push").code == 0
    assert store.is_dir()
    printed = gitexp("rerun", "first", "--script")
    assert printed.code == 0, printed.err
    place, bin_ = clone("theirs"), tmp_path / "bin"
    bin_.mkdir()
    for name, what in (("python", ""), ("dvc", " -m dvc")):
        (bin_ / name).write_text(f'#!/bin/sh\nexec {sys.executable}{what} "$@"\n')
        (bin_ / name).chmod(0o755)
    script = tmp_path / "again.sh"
    script.write_text(printed.out)

    ended = subprocess.run(
        ["sh", script, tmp_path / "again"],
        cwd=place,
        env={**os.environ, "PATH": f"{bin_}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    metrics = json.loads((tmp_path / "again" / "metrics.json").read_text())
    assert metrics == read("first").record.metrics["metrics.json"]
    assert not (tmp_path / "again" / ".gitexp").exists()


def test_a_name_that_somebody_else_wrote_is_no_part_of_the_script(
    made: Path, read: Read, tmp_path: Path
) -> None:
    with Project.open(made) as project:
        original = read_original(project, read("first"))
        record = replace(original.record, name="it's\ntouch written $(touch written)}")
        script = tmp_path / "again.sh"
        script.write_text(script_of(project, replace(original, record=record)))

    ended = subprocess.run(["sh", script], cwd=made, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr
    assert not list(made.glob("**/written"))
    assert len(list(made.glob("it's*-again"))) == 1


def test_the_script_takes_names_as_they_are(gitexp: Gitexp, work_tree: Path) -> None:
    settings = "command: sh train.sh\nmetrics: []\noutputs: ['out?1?.txt']\n"
    line = "cat out1.txt > 'out[1].txt'\n"
    write(work_tree, {"gitexp.yaml": settings, "train.sh": line})
    write(work_tree, {"out[1].txt": "before\n", "out1.txt": "committed\n"})
    commit_all(work_tree)
    write(work_tree, {"out1.txt": "edited\n"})
    assert gitexp("run", "-n", "first").code == 0
    script = gitexp("rerun", "first", "--script").out

    subprocess.run(["sh", "-c", script, "again", "../again"], cwd=work_tree, check=True)

    assert (work_tree.parent / "again" / "out[1].txt").read_text() == "edited\n"


def test_the_stages_of_a_pipeline_are_really_run_again(
    gitexp: Gitexp, made: Path, read: Read
) -> None:
    stages = "stages:\n  a:\n    cmd: sh count.sh\n    deps: [count.sh]\n    outs: [a.txt]\n"
    counter = made.parent / "counter"
    write(made, {"dvc.yaml": stages, "count.sh": f"echo 1 >> {counter}\necho 5 > a.txt\n"})
    assert gitexp("run", "-n", "piped", "--", "dvc", "repro").code == 0

    result = gitexp("rerun", "piped", "-n", "again")

    assert result.code == 0, result.err
    assert counter.read_text() == "1\n1\n"
    assert read("again").record.inputs.oid == read("piped").record.inputs.oid
    assert read("again").record.command == ("dvc", "repro")


def test_a_file_that_git_ignores_can_be_copied(gitexp: Gitexp, work_tree: Path) -> None:
    write(work_tree, {"secret.txt": "7\n", ".gitignore": "secret.txt\n"})
    assert gitexp("run", "-n", "reader", "--", "cat", "secret.txt").code == 0

    without = gitexp("rerun", "reader")
    brought = gitexp("rerun", "reader", "--copy", "secret.txt")

    assert without.code == 1
    assert brought.code == 0, brought.err
    assert brought.out == "7\n"


def refused(result: workshop.Outcome, said: str) -> None:
    assert result.code == RunExitCode.REFUSED, result.err
    assert said in result.err
    assert "hint: " in result.err
    assert "Traceback" not in result.err


def test_what_cannot_be_run_again_is_refused_before_anything_is_started(
    gitexp: Gitexp, made: Path
) -> None:
    assert gitexp("save", "-n", "saved").code == 0
    refused(gitexp("rerun", "saved"), "error: run 'saved' has no command to run again")
    refused(gitexp("rerun", "first", "--onto", "nowhere"), "error: no rev 'nowhere'")
    refused(gitexp("rerun", "nothing"), "error: no run 'nothing'")
    refused(gitexp("rerun"), "error: which runs should be run again?")
    refused(gitexp("rerun", "first", "--where", "rate > 0"), "error: which runs")
    refused(gitexp("rerun", "first", "-S", "rat=1"), "error: ")
    refused(gitexp("rerun", "first", "-n", "first"), "error: a run named 'first' exists")
    refused(gitexp("rerun", "first", "saved", "-n", "x"), "error: one name for 2 runs")
    refused(gitexp("rerun", "--where", "rate > 50"), "error: no run matches rate > 50")
    assert made.is_dir()
    assert len(json.loads(gitexp("ls", "--json").out)) == 2


def test_data_that_is_gone_is_named(gitexp: Gitexp, made: Path) -> None:
    for path in sorted((made / ".dvc" / "cache").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()

    gone = gitexp("rerun", "first")
    without = gitexp("verify", "first", "--incomplete", "--by-hash")

    refused(gone, "error: the data of 'data.csv' is missing (md5 ")
    assert gone.err.endswith("`--incomplete` goes on without it.\n")
    assert "note: the data of 'data.csv' is missing (md5 " in without.err
    assert without.out.endswith("first: not reproduced: the command failed\n")


def test_a_run_that_left_something_out_is_refused_unless_that_is_copied(
    gitexp: Gitexp, work_tree: Path
) -> None:
    (work_tree / "gitexp.yaml").write_text("max_file_size: 1kB\n")
    (work_tree / "big.txt").write_text("x" * 5000)
    assert gitexp("run", "-n", "big", "--", "wc", "-c", "big.txt").code == 0

    refused(gitexp("rerun", "big"), "error: run 'big' is not whole: it left out 'big.txt'")
    assert gitexp("rerun", "big", "--copy", "big.txt").code == 0
    assert gitexp("rerun", "big", "--incomplete").code == 1


@pytest.fixture
def strangers_run(work_tree: Path, git: Git, gitexp: Gitexp) -> Any:
    """Record a run, then replace its commit by one with other files or another record."""

    def make(links: Mapping[str, str], **fields: Any) -> str:
        assert gitexp("run", "-n", "strange", "--", "true").code == 0
        index = work_tree.parent / "index"
        env = {**os.environ, "GIT_INDEX_FILE": str(index)}

        def plumb(*args: str, stdin: str = "") -> str:
            return subprocess.run(
                ["git", *args], input=stdin, env=env, capture_output=True, text=True, check=True
            ).stdout.strip()

        plumb("read-tree", "experiments")
        for path, target in links.items():
            oid = plumb("hash-object", "-w", "--stdin", stdin=target)
            plumb("rm", "-rq", "--cached", "--ignore-unmatch", path)
            plumb("update-index", "--add", "--cacheinfo", f"120000,{oid},{path}")
        record = json.loads(git("show", "experiments:.gitexp/run.json"))
        oid = plumb("hash-object", "-w", "--stdin", stdin=json.dumps({**record, **fields}))
        plumb("update-index", "--cacheinfo", f"100644,{oid},.gitexp/run.json")
        message = git("log", "-1", "--format=%B", "experiments")
        tree = plumb("write-tree")
        commit = plumb("commit-tree", tree, "-p", "experiments~1", stdin=message)
        git("update-ref", "refs/heads/experiments", commit)
        return "strange"

    return make


def test_a_link_of_a_stranger_leads_nothing_of_ours_outside(
    gitexp: Gitexp, work_tree: Path, strangers_run: Any, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    write(outside, {"params.yaml": "rate: 1\n"})
    links = {".dvc": str(outside)}

    refused(
        gitexp("rerun", strangers_run(links)), "error: run 'strange' cannot be run again: '.dvc'"
    )

    assert work_tree.is_dir()
    assert state(outside) == {"params.yaml": b"rate: 1\n"}


def test_params_are_not_written_through_a_link(
    gitexp: Gitexp, work_tree: Path, strangers_run: Any, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    write(outside, {"params.yaml": "rate: 1\n"})
    assert work_tree.is_dir()
    run = strangers_run({"params.yaml": str(outside / "params.yaml")})

    result = gitexp("rerun", run, "-S", "rate=2")

    assert result.code == RunExitCode.REFUSED
    assert "no value can be set in 'params.yaml': 'params.yaml' is a link to" in result.err
    assert (outside / "params.yaml").read_text() == "rate: 1\n"


def test_nothing_is_copied_through_a_link(
    gitexp: Gitexp, work_tree: Path, strangers_run: Any, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    write(work_tree, {"cache/mine.txt": "mine\n", ".gitignore": "cache/\n"})
    run = strangers_run({"cache": str(tmp_path / "outside")})

    result = gitexp("rerun", run, "--copy", "cache/mine.txt")

    assert result.code == RunExitCode.REFUSED
    assert "'cache' is a link that came with the run" in result.err
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_command_does_not_start_outside_of_the_repository(
    gitexp: Gitexp, work_tree: Path, strangers_run: Any
) -> None:
    assert work_tree.is_dir()
    run = strangers_run({}, directory="../..")

    result = gitexp("rerun", run)

    assert result.code == RunExitCode.REFUSED
    assert "it ran in '../..', which is outside of the repository" in result.err
