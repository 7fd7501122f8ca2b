"""`gitexp verify`: whether a run gives the same again, and why not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gitexp.errors import ExitCode, RunExitCode

from tests import workshop
from tests.cli.test_env import make_wheel
from tests.workshop import DEADLINE, DVC, Git, Gitexp, Outcome, write

LEARN = """\
import gzip, json, pickle, time
from pathlib import Path

values = dict(line.split(": ") for line in Path("params.yaml").read_text().splitlines())
rate = float(values["rate"])
with open("model.pkl.gz", "wb") as file:
    moment = time.time_ns() // 1_000_000 % 2**31
    file.write(gzip.compress(pickle.dumps({"weights": [rate] * 100}), mtime=moment))
Path("notes.txt").write_text("rate " + values["rate"])
Path("metrics.json").write_text(json.dumps({"accuracy": 0.9, "loss": rate}))
"""
"""The header of gzip holds the time, here a finer one, so that no two files are equal."""
CHANCE = """\
import json, random
from pathlib import Path

Path("metrics.json").write_text(json.dumps({"accuracy": 0.9 + random.random() / 1000}))
"""


@pytest.fixture
def project_files() -> Mapping[str, str]:
    return {
        **workshop.PROJECT,
        **DVC,
        "train.py": LEARN,
        "chance.py": CHANCE,
        "gitexp.yaml": 'command: python train.py\ntrack: ["*.gz"]\n',
    }


@pytest.fixture
def made(gitexp: Gitexp, work_tree: Path) -> Path:
    code, _, err = gitexp("run", "-n", "first")
    assert code == 0, err
    return work_tree


def answer_of(result: Outcome) -> Any:
    return json.loads(result.out)


def shown(gitexp: Gitexp, name: str) -> Any:
    return json.loads(gitexp("show", name, "--json").out)


def refused(result: Outcome, said: str) -> None:
    assert result.code == ExitCode.ERROR, result.err
    assert said in result.err
    assert "hint: " in result.err
    assert "Traceback" not in result.err


def test_a_run_that_gives_the_same_is_reproduced(gitexp: Gitexp, made: Path, git: Git) -> None:
    runs = git("rev-parse", "experiments")
    status = git("status", "--porcelain")

    code, out, err = gitexp("verify", "first")

    assert code == ExitCode.OK, err
    assert out == (
        "first\n"
        "\n"
        "Metrics\n"
        "  accuracy   0.9 → 0.9   equal\n"
        "  loss       0.1 → 0.1   equal\n"
        "Outputs\n"
        "  model.pkl.gz   equal in content\n"
        "  notes.txt      equal\n"
        "first: reproduced\n"
    )
    assert git("rev-parse", "experiments") == runs
    assert git("status", "--porcelain") == status
    assert git("for-each-ref", "refs/gitexp") == ""
    assert list((made / ".git" / "gitexp" / "runs").iterdir()) == []


def test_the_outs_of_a_pipeline_are_compared_by_what_they_hold(
    gitexp: Gitexp, work_tree: Path
) -> None:
    """The hash in `dvc.lock` is another one then, and is no result."""
    out = "    outs: [model.pkl.gz]\n    metrics: [metrics.json: {cache: false}]\n"
    stage = f"stages:\n  train:\n    cmd: python train.py\n    deps: [train.py]\n{out}"
    (work_tree / "dvc.yaml").write_text(stage)
    assert gitexp("run", "-n", "piped", "--", "dvc", "repro").code == 0

    answer = answer_of(gitexp("verify", "piped", "--json"))

    assert answer["result"] == "reproduced"
    assert answer["outputs"] == {"model.pkl.gz": "equal in content", "notes.txt": "equal"}


def test_the_answer_is_a_late_fact(gitexp: Gitexp, made: Path) -> None:
    assert made.is_dir()
    assert gitexp("run", "-n", "second", "--", "true").code == 0
    assert gitexp("verify", "first").code == 0

    verified = shown(gitexp, "first")["verified"]
    assert verified["result"] == "reproduced"
    assert verified["metrics"] == {"accuracy": "equal", "loss": "equal"}
    assert verified["outputs"] == {"model.pkl.gz": "equal in content", "notes.txt": "equal"}
    assert verified["by"] is None
    assert verified["who"] == "Ada <ada@example.com>"
    assert verified["on"]["host"] == os.uname().nodename
    assert "verified" not in shown(gitexp, "second")
    how = "reproduced (metrics equal, outputs equal in content), by Ada on "
    assert how in gitexp("show", "first").out
    assert gitexp("ls").out.splitlines()[0].endswith("   verified")
    found = json.loads(gitexp("ls", "--json", "--where", "verified = reproduced").out)
    assert [run["name"] for run in found] == ["first"]
    assert [run["verified"]["result"] for run in found] == ["reproduced"]
    none = json.loads(gitexp("ls", "--json", "--where", "verified is null").out)
    assert [run["name"] for run in none] == ["second"]


def test_what_differs_is_named(gitexp: Gitexp, work_tree: Path) -> None:
    write(work_tree, {"params.yaml": "rate: 0.1\n", "no_seed.py": CHANCE})
    assert gitexp("run", "-n", "chance", "--", "python", "no_seed.py").code == 0

    result = gitexp("verify", "chance", "--json")

    assert result.code == ExitCode.NO
    answer = answer_of(result)
    assert answer["result"] == "differs"
    assert answer["metrics"] == {"accuracy": "differs"}
    assert answer["reasons"] == [
        "no param is called a seed: the command may draw other random numbers each time"
    ]
    assert "no param is called a seed" in gitexp("show", "chance").out


def test_a_metric_may_be_off_by_what_is_tolerated(gitexp: Gitexp, work_tree: Path) -> None:
    assert gitexp("run", "-n", "chance", "--", "python", "chance.py").code == 0

    one = gitexp("verify", "chance", "--tolerance", "accuracy=0.01", "--json")
    every = gitexp("verify", "chance", "--tolerance", "0.01", "--json")
    (work_tree / "gitexp.yaml").write_text("policy:\n  accuracy: {goal: max, tolerance: 0.01}\n")
    by_policy = gitexp("verify", "chance", "--json")

    for result in (one, every, by_policy):
        assert result.code == ExitCode.OK
        assert answer_of(result)["metrics"] == {"accuracy": "within tolerance"}
        assert answer_of(result)["result"] == "within tolerance"
    refused(gitexp("verify", "chance", "--tolerance", "accuracy=much"), "error: ")


def test_reruns_that_differ_among_themselves_say_so(gitexp: Gitexp, work_tree: Path) -> None:
    assert work_tree.is_dir()
    assert gitexp("run", "-n", "chance", "--", "python", "chance.py").code == 0
    assert gitexp("run", "-n", "first").code == 0

    alone = answer_of(gitexp("verify", "chance", "--json"))
    chance = answer_of(gitexp("verify", "chance", "--repeat", "2", "--json"))

    [reason] = alone["reasons"]
    assert reason.startswith("nothing that gitexp records was different the second time; ")
    assert chance["reruns"] == 2
    assert (
        "two reruns differ from each other, in 'accuracy': "
        "the command does not give the same each time"
    ) in chance["reasons"]


def test_packages_that_differ_are_named(
    gitexp: Gitexp, work_tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        work_tree,
        {
            "train.py": "import json, learnlib\nfrom pathlib import Path\n"
            'Path("metrics.json").write_text(json.dumps({"accuracy": learnlib.score}))\n'
        },
    )
    for version, score in (("1.0", 0.5), ("2.0", 0.6)):
        write(
            tmp_path / version,
            {
                "learnlib.py": f"score = {score}\n",
                f"learnlib-{version}.dist-info/METADATA": f"Name: learnlib\nVersion: {version}\n",
            },
        )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "1.0"))
    assert gitexp("run", "-n", "first").code == 0
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "2.0"))

    answer = answer_of(gitexp("verify", "first", "--json"))

    assert answer["result"] == "differs"
    assert answer["reasons"][0] == "other packages: learnlib 1.0 → 2.0"


def test_a_file_that_git_ignores_is_named_with_the_way_out(gitexp: Gitexp, work_tree: Path) -> None:
    write(work_tree, {".gitignore": "words.txt\n", "words.txt": "a\n"})
    command = ("sh", "-c", "cat words.txt > out.txt")
    assert gitexp("run", "-n", "reader", "--", *command).code == 0

    result = gitexp("verify", "reader", "--json")
    copied = gitexp("verify", "reader", "--copy", "words.txt")

    assert result.code == ExitCode.NO
    answer = answer_of(result)
    assert answer["result"] == "failed"
    assert answer["reasons"][:2] == [
        "the command ended with exit code 1",
        (
            "the command reads 'words.txt', which is here but not in the run, because git "
            "ignores it: `--copy words.txt` brings it along, `gitexp track words.txt` records "
            "it from now on"
        ),
    ]
    assert copied.code == ExitCode.OK


def test_a_log_may_hold_words_of_any_length(gitexp: Gitexp, work_tree: Path) -> None:
    write(work_tree, {".gitignore": "words.txt\n", "words.txt": "a\n"})
    program = (
        "print('x' * 60_000 + ': and ' + 'y' * 300 + ': No such file or directory', flush=True);"
        "open('words.txt')"
    )
    assert gitexp("run", "-n", "reader", "--", "python", "-c", program).code == 0

    begun = time.process_time()
    answer = answer_of(gitexp("verify", "reader", "--json"))

    assert answer["reasons"][1] == f"the command reads '{'y' * 300}', which is not in the run"
    assert "--copy words.txt" in answer["reasons"][2]
    assert time.process_time() - begun < 30


def test_an_absolute_path_outside_is_named(gitexp: Gitexp, work_tree: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("0.1\n")
    assert work_tree.is_dir()
    assert gitexp("run", "-n", "reader", "--", "cp", outside, "copied.txt").code == 0
    outside.write_text("0.2\n")
    answer = answer_of(gitexp("verify", "reader", "--json"))

    assert answer["outputs"] == {"copied.txt": "different"}
    assert (
        f"the command names '{outside}', which is outside of the run: what it holds is not recorded"
    ) in answer["reasons"]


def test_a_model_with_another_weight_is_different(
    gitexp: Gitexp, work_tree: Path, tmp_path: Path
) -> None:
    count = tmp_path / "count"
    with (work_tree / "train.py").open("a") as file:
        file.write(
            f"again = Path({str(count)!r}).exists()\nPath({str(count)!r}).touch()\n"
            "with open('model.pkl.gz', 'wb') as file:\n"
            "    weights = [rate] * 99 + [rate + 1e-9 * again]\n"
            "    file.write(gzip.compress(pickle.dumps({'weights': weights})))\n"
        )
    assert gitexp("run", "-n", "first").code == 0

    answer = answer_of(gitexp("verify", "first", "--json"))

    assert answer["outputs"]["model.pkl.gz"] == "different"
    assert "'model.pkl.gz' differs: 'weights' holds other values" in answer["reasons"]


def test_reruns_are_recorded_if_that_is_asked_for(gitexp: Gitexp, made: Path) -> None:
    assert made.is_dir()

    answer = answer_of(gitexp("verify", "first", "--record", "--json"))

    latest = shown(gitexp, "latest")
    assert latest["id"] == answer["by"]
    assert latest["rerun_of"] == shown(gitexp, "first")["id"]


def test_a_run_that_left_nothing_is_not_called_reproduced(gitexp: Gitexp, made: Path) -> None:
    assert made.is_dir()
    assert gitexp("run", "-n", "idle", "--", "true").code == 0

    ended = gitexp("verify", "idle")

    words = "idle\n\nidle: it ran again, but there is nothing to compare: no metrics, no outputs\n"
    assert (ended.code, ended.out) == (ExitCode.NO, words)
    assert shown(gitexp, "idle")["verified"]["result"] == "nothing to compare"


def test_what_cannot_be_verified_is_refused_before_anything_is_started(
    gitexp: Gitexp, made: Path, git: Git
) -> None:
    assert gitexp("run", "-n", "bad", "--", "false").code == 1
    assert gitexp("save", "-n", "saved").code == 0
    notes = git("for-each-ref", "refs/notes")

    refused(gitexp("verify", "bad"), "error: run 'bad' did not end well (failed)")
    refused(gitexp("verify", "saved"), "error: run 'saved' has no command to run again")
    refused(gitexp("verify", "nothing"), "error: no run 'nothing'")
    refused(gitexp("verify", "HEAD"), "error: 'HEAD' is a commit, but not a run")
    for path in sorted((made / ".dvc" / "cache").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    refused(gitexp("verify", "first"), "error: 'model.pkl.gz', which run 'first' wrote, is gone")
    assert git("for-each-ref", "refs/notes") == notes
    by_hash = gitexp("verify", "first", "--by-hash", "--json")
    assert answer_of(by_hash)["outputs"]["model.pkl.gz"] == "unknown"


def test_a_run_of_a_newer_format_is_refused(gitexp: Gitexp, made: Path, git: Git) -> None:
    content = git("show", "experiments:.gitexp/run.json").replace('"version": 1', '"version": 9')
    (made / "newer.json").write_text(content)
    oid = git("hash-object", "-w", "newer.json").strip()
    tree = git("ls-tree", "experiments:.gitexp").replace(
        git("rev-parse", "experiments:.gitexp/run.json").strip(), oid
    )
    (made / "tree").write_text(tree)
    inner = workshop.shell("git mktree < tree", made).strip()
    whole = git("ls-tree", "experiments").replace(
        git("rev-parse", "experiments:.gitexp").strip(), inner
    )
    (made / "tree").write_text(whole)
    outer = workshop.shell("git mktree < tree", made).strip()
    (made / "message").write_text(git("log", "-1", "--format=%B", "experiments"))
    commit = git("commit-tree", outer, "-p", "experiments~1", "-F", "message").strip()
    git("update-ref", "refs/heads/experiments", commit)

    refused(gitexp("verify", "first"), "error: run 'first' cannot be read: needs gitexp")
    assert "'first' cannot be read: needs gitexp" in gitexp("rerun", "first").err


def test_a_rerun_that_is_cut_off_is_no_answer(
    gitexp: Gitexp, work_tree: Path, tmp_path: Path
) -> None:
    slow = tmp_path / "slow"
    line = f"echo 1 > out.txt; [ ! -e {slow} ] || sleep 60"
    assert gitexp("run", "-n", "waits", "--", "sh", "-c", line).code == 0
    assert work_tree.is_dir()
    assert gitexp("verify", "waits").code == ExitCode.OK
    slow.touch()

    cut_off = gitexp("verify", "waits", "--timeout", "1")

    assert (cut_off.code, cut_off.out) == (RunExitCode.TIMED_OUT, "")
    assert cut_off.err.endswith(
        "error: the rerun of 'waits' was interrupted, so nothing is kept of it\n"
    )
    assert json.loads(gitexp("show", "waits", "--json").out)["verified"]["result"] == "reproduced"


def test_a_verification_that_is_killed_leaves_nothing(
    gitexp: Gitexp, work_tree: Path, tmp_path: Path, git: Git
) -> None:
    """Its rerun is no run: there is nothing to recover."""
    go, began = tmp_path / "go", tmp_path / "began"
    go.touch()
    line = f"touch {began}; while [ ! -e {go} ]; do sleep 0.05; done; echo 1 > out.txt"
    assert gitexp("run", "-n", "waits", "--", "sh", "-c", line).code == 0
    go.unlink()
    began.unlink()
    before = git("for-each-ref")
    process = subprocess.Popen(
        [sys.executable, "-m", "gitexp", "verify", "waits"],
        cwd=work_tree,
        stderr=subprocess.DEVNULL,
    )
    while not began.exists():
        assert process.poll() is None
        time.sleep(0.05)
    process.kill()
    process.wait()
    go.touch()

    listed: list[dict[str, object]] = []
    deadline = time.monotonic() + DEADLINE
    while list((work_tree / ".git" / "gitexp" / "journal").iterdir()):
        assert time.monotonic() < deadline
        listed = json.loads(gitexp("ls", "--json").out)
        time.sleep(0.05)

    assert [run["name"] for run in listed] == ["waits"]
    assert git("for-each-ref") == before


LEARN_BY_LIBRARY = """\
import json, learnlib
from pathlib import Path

Path("metrics.json").write_text(json.dumps({"accuracy": float(learnlib.VERSION)}))
"""


def test_the_environment_of_a_run_is_made_again(
    gitexp: Gitexp, work_tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    used = tmp_path / "used"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", used], check=True)
    (packages,) = used.glob("lib/python*/site-packages")

    def install(version: str) -> None:
        for old in packages.glob("learnlib*"):
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        with zipfile.ZipFile(make_wheel(tmp_path / "wheels", "learnlib", version)) as wheel:
            wheel.extractall(packages)

    install("1.0")
    (work_tree / "train.py").write_text(LEARN_BY_LIBRARY)
    monkeypatch.setenv("PATH", f"{used / 'bin'}:/usr/bin:/bin")
    assert gitexp("run", "-n", "first").code == 0
    install("2.0")

    now = gitexp("verify", "first", "--json")
    then = gitexp("verify", "first", "--env", "--json")
    again = gitexp("rerun", "first", "--env", "-n", "again")

    assert now.code == ExitCode.NO
    assert answer_of(now)["reasons"][0] == "other packages: learnlib 1.0 → 2.0"
    assert then.code == ExitCode.OK, then.err
    assert answer_of(then)["metrics"] == {"accuracy": "equal"}
    assert again.code == 0, again.err
    assert shown(gitexp, "again")["metrics"]["metrics.json"] == {"accuracy": 1.0}
    assert shown(gitexp, "again")["command"] == shown(gitexp, "first")["command"]


def test_other_settings_of_threads_are_named(
    gitexp: Gitexp, work_tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = "int(os.environ['OMP_NUM_THREADS'])"
    line = f"import json, os; json.dump({{'t': {number}}}, open('metrics.json', 'w'))"
    assert work_tree.is_dir()
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert gitexp("run", "-n", "first", "--", "python", "-c", line).code == 0
    monkeypatch.setenv("OMP_NUM_THREADS", "2")

    answer = answer_of(gitexp("verify", "first", "--json"))

    assert answer["reasons"][0] == (
        "other settings of threads or determinism: OMP_NUM_THREADS 1 → 2"
    )
