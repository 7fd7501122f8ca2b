"""How a command ends, what it wrote by then, and what is recorded of both."""

from __future__ import annotations

import json
import math
import os
import pty
import re
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Protocol

import pytest

from gitexp.execution import tidying
from gitexp.execution.command import child

from tests.execution.workshop import (
    BehindPointer,
    Eventually,
    Leftovers,
    Runs,
    Sh,
    StartGitexp,
    TheRun,
)
from tests.workshop import DEADLINE, Git, Gitexp


class PutInGit(Protocol):
    """Write files and commit them: `put_in_git(**{"metrics.json": "{}"})`."""

    def __call__(self, **files: str) -> None: ...


TIME_LIMITS = ("0.3", "10", "100")
"""Tried one after the other until a command has come so far that it can be put to the test."""
WAITING = """
import pathlib, time
pathlib.Path("metrics.json").write_text('{"loss": 1}')
pathlib.Path("started").touch()
time.sleep(1000)
"""
"""Not a line of shell: dash forgets a SIGINT that comes between two of its commands."""


@pytest.fixture
def put_in_git(work_tree: Path, git: Git) -> PutInGit:
    """Write files and commit them: `put_in_git(**{"metrics.json": "{}"})`."""

    def commit(**files: str) -> None:
        for name, content in files.items():
            (work_tree / name).write_text(content)
        git("add", "--all", "--force")
        git("commit", "--quiet", "-m", "more")

    return commit


# Metrics


@pytest.mark.parametrize("kept", ["tracked", "untracked", "ignored"])
@pytest.mark.parametrize("command", ["true", "exit 3"])
def test_metrics_of_an_earlier_run_are_not_this_runs(
    work_tree: Path, sh: Sh, the_run: TheRun, put_in_git: PutInGit, kept: str, command: str
) -> None:
    (work_tree / "gitexp.yaml").write_text("plots: [curve.csv]\n")
    if kept == "ignored":
        (work_tree / ".gitignore").write_text("metrics.json\ncurve.csv\n")
    sh("echo '{\"loss\": 1}' > metrics.json; echo 1 > curve.csv")
    first = the_run()
    if kept == "tracked":
        put_in_git()

    result = sh(command)

    run = the_run()
    assert first.record.metrics == {"metrics.json": {"loss": 1}}
    assert {"metrics.json", "curve.csv"} <= first.entries.keys()
    assert run.record.metrics == {}
    assert run.entries.keys().isdisjoint({"metrics.json", "curve.csv"})
    assert run.record.outputs == ()
    assert ("'metrics.json' was not written" in result.err) == (command == "true")
    assert (work_tree / "metrics.json").read_text() == '{"loss": 1}\n'


@pytest.mark.parametrize("kept", ["tracked", "untracked", "ignored"])
@pytest.mark.parametrize("how", ["python same.py", "cp -p metrics.json new; mv new metrics.json"])
def test_metrics_that_are_written_again_byte_for_byte_are_this_runs(
    work_tree: Path, sh: Sh, the_run: TheRun, put_in_git: PutInGit, kept: str, how: str
) -> None:
    (work_tree / "same.py").write_text("open('metrics.json', 'w').write('{\"loss\": 1}')\n")
    (work_tree / "metrics.json").write_text('{"loss": 1}')
    if kept == "ignored":
        (work_tree / ".gitignore").write_text("metrics.json\n")
    if kept == "tracked":
        put_in_git()

    sh(how)

    assert the_run().record.metrics == {"metrics.json": {"loss": 1}}
    assert the_run().text("metrics.json") == '{"loss": 1}'
    assert the_run().record.outputs == ("metrics.json",)


def test_metrics_written_with_the_time_of_the_old_ones_are_this_runs(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "metrics.json").write_text('{"loss": 1}')

    sh("touch -r metrics.json t; printf '{\"loss\": 2}' > metrics.json; touch -r t metrics.json")

    assert the_run().record.metrics == {"metrics.json": {"loss": 2}}


@pytest.mark.parametrize("kept", ["tracked", "untracked"])
def test_a_command_that_removes_its_own_metrics_file_has_none(
    work_tree: Path, sh: Sh, the_run: TheRun, put_in_git: PutInGit, kept: str
) -> None:
    (work_tree / "metrics.json").write_text('{"loss": 1}')
    if kept == "tracked":
        put_in_git()

    result = sh("rm metrics.json")

    assert result.code == 0
    assert the_run().record.metrics == {}
    assert "metrics.json" not in the_run().entries
    assert not (work_tree / "metrics.json").exists()


def test_metrics_written_before_a_failure_are_recorded(sh: Sh, the_run: TheRun) -> None:
    sh("echo '{\"loss\": 1}' > metrics.json; exit 3")

    assert the_run().record.metrics == {"metrics.json": {"loss": 1}}


def test_not_a_number_and_infinities_are_values(sh: Sh, the_run: TheRun) -> None:
    result = sh('echo \'{"a": NaN, "b": [Infinity, -Infinity], "c": 1e999}\' > metrics.json')

    metrics = the_run().record.metrics["metrics.json"]
    strict = json.loads(the_run().text(".gitexp/run.json"), parse_constant=lambda _: 1 / 0)
    assert result.code == 0, result.err
    assert isinstance(metrics["a"], float)
    assert math.isnan(metrics["a"])
    assert (metrics["b"], metrics["c"]) == ([math.inf, -math.inf], math.inf)
    assert strict["metrics"]["metrics.json"]["a"] == {"$float": "nan"}
    assert "a nan" in the_run().subject.lower()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{not json", "not valid JSON"),
        ("[1, 2]", "a list, not a mapping"),
        ("3.5", "not a mapping"),
        ("\\377\\376", "not UTF-8"),
        ("[" * 100_000, "nested too deep"),
    ],
    ids=["invalid", "list", "number", "bytes", "deep"],
)
def test_a_metrics_file_that_is_none_costs_a_warning_and_not_the_run(
    work_tree: Path, sh: Sh, the_run: TheRun, content: str, why: str
) -> None:
    (work_tree / "content").write_text(content)

    result = sh('printf "$(cat content)" > metrics.json')

    assert result.code == 0, result.err
    assert "warning: no metrics from 'metrics.json'" in result.err
    assert why in result.err
    assert the_run().record.metrics == {}
    assert the_run().record.outputs == ("metrics.json",)
    assert the_run().blob("metrics.json") == (work_tree / "metrics.json").read_bytes()


def test_a_metrics_file_that_is_no_file_costs_no_run(sh: Sh, the_run: TheRun) -> None:
    result = sh("mkdir metrics.json; echo 1 > metrics.json/a; mkfifo pipe; ln -s loop loop")

    assert result.code == 0, result.err
    assert the_run().record.metrics == {}
    assert the_run().record.outputs == ("loop", "metrics.json/a")


def test_metrics_of_more_than_a_megabyte_and_long_lists_stay_outputs(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "gitexp.yaml").write_text("metrics: [metrics.json, big.json]\n")
    (work_tree / "write.py").write_text(
        "import json\n"
        "json.dump({'loss': 1, 'curve': list(range(101))}, open('metrics.json', 'w'))\n"
        "json.dump({str(n): 'x' * 100 for n in range(10000)}, open('big.json', 'w'))\n"
    )

    result = sh("python write.py")

    assert the_run().record.metrics == {"metrics.json": {"loss": 1}}
    assert the_run().record.outputs == ("big.json", "metrics.json")
    assert json.loads(the_run().text("metrics.json"))["curve"][100] == 100
    assert "'big.json' is larger than 1 MB" in result.err
    assert "lists of more than 100 values stay in 'metrics.json' alone: curve" in result.err


def test_metrics_under_another_name_are_those_of_the_file_that_was_written(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    settings = 'metrics: {metrics.json: "outputs/*/metrics.json"}\n'
    (work_tree / "gitexp.yaml").write_text(settings)
    sh("mkdir -p outputs/1; echo '{\"loss\": 1}' > outputs/1/metrics.json")

    sh("mkdir -p outputs/2; echo '{\"loss\": 2}' > outputs/2/metrics.json")
    second = the_run()
    result = sh("true")

    assert second.record.metrics == {"metrics.json": {"loss": 2}}
    assert "outputs/1/metrics.json" not in second.entries
    assert second.subject.endswith("loss 2 (+1)")
    assert the_run().record.metrics == {}
    assert "'metrics.json' was not written" in result.err


def test_several_metrics_files_of_all_kinds_are_recorded_by_their_names(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "gitexp.yaml").write_text("metrics: [m.json, m.toml, 'eval/*.yaml']\n")

    sh(
        "mkdir eval; echo '{\"a\": {\"b\": 1}}' > m.json; echo 'c = 2' > m.toml;"
        "echo 'd: 1e-3' > eval/x.yaml; echo 'e: 5' > eval/y.yaml"
    )

    assert the_run().record.metrics == {
        "eval/x.yaml": {"d": 0.001},
        "eval/y.yaml": {"e": 5},
        "m.json": {"a": {"b": 1}},
        "m.toml": {"c": 2},
    }


# How a command ends


@pytest.mark.parametrize(
    ("line", "code", "recorded", "subject"),
    [
        ("true", 0, ("done", 0, None, None), r"\S+: done in [\d.]+ s"),
        ("exit 3", 3, ("failed", 3, None, None), r"\S+: failed with exit code 3 after [\d.]+ s"),
        ("exit 125", 125, ("failed", 125, None, None), r"\S+: failed with exit code 125 after .*"),
        (
            "kill -9 $$",
            137,
            ("failed", None, "SIGKILL", None),
            r"\S+: failed with SIGKILL after [\d.]+ s",
        ),
        (
            "kill -40 $$",
            128 + 40,
            ("failed", None, "SIGRTMIN+6", None),
            r"\S+: failed with SIGRTMIN\+6 after .*",
        ),
        ("no-such-program", 127, ("failed", 127, None, None), r"\S+: failed with exit code 127 .*"),
    ],
    ids=["done", "code", "125", "killed", "real-time-signal", "shell"],
)
def test_the_end_of_a_command_is_recorded_and_passed_on(
    work_tree: Path,
    sh: Sh,
    the_run: TheRun,
    leftovers: Leftovers,
    line: str,
    code: int,
    recorded: tuple[object, ...],
    subject: str,
) -> None:
    result = sh(f"echo 1 > out.txt; {line}", "-S", "rate=0.7", "-n", "first", "-m", "Why: not")

    run = the_run()
    exit_ = run.record.exit
    restored = (work_tree / "params.yaml").read_text() == "rate: 0.1\nseed: 1\n"
    assert result.code == code, result.err
    assert (run.record.status, exit_.code, exit_.signal, exit_.reason) == recorded
    assert re.fullmatch(subject, run.subject)
    assert restored == (recorded[0] != "done")
    assert run.record.params == {"params.yaml": {"rate": 0.7, "seed": 1}}
    assert run.text("params.yaml") == "rate: 0.7\nseed: 1\n"
    assert run.record.outputs == ("out.txt",)
    assert 0 <= run.record.duration < 120
    assert (run.record.resources.peak_memory or 0) > 100_000
    assert leftovers() == []


@pytest.mark.parametrize(
    ("program", "code", "says"),
    [
        ("no-such-program", 127, "command 'no-such-program' not found"),
        ("./no-such-program", 127, "command './no-such-program' not found"),
        ("train.py", 127, "`gitexp run -- python train.py`"),
        ("./train.py", 126, "`chmod +x ./train.py`"),
        ("./folder", 126, "'./folder' cannot be run"),
        ("./unfounded", 127, "unfounded"),
        ("./binary", 126, "binary"),
    ],
)
def test_a_command_that_cannot_be_run_leaves_nothing(
    work_tree: Path,
    gitexp: Gitexp,
    runs: Runs,
    leftovers: Leftovers,
    program: str,
    code: int,
    says: str,
) -> None:
    (work_tree / "folder").mkdir()
    for name, content in (
        ("unfounded", "#!/no/such/interpreter\n"),
        ("binary", "\x7fELF nonsense"),
    ):
        (work_tree / name).write_text(content)
        (work_tree / name).chmod(0o755)

    result = gitexp("run", "-S", "rate=0.7", "--", program)

    assert result.code == code, result.err
    assert says in result.err
    assert runs() == []
    assert leftovers() == []
    assert (work_tree / "params.yaml").read_text() == "rate: 0.1\nseed: 1\n"


def test_a_command_that_takes_too_long_is_recorded_as_interrupted(
    work_tree: Path, sh: Sh, the_run: TheRun, leftovers: Leftovers
) -> None:
    for limit in TIME_LIMITS:
        result = sh("echo 1 > out.txt; exec sleep 1000", "--timeout", limit, "-S", "rate=0.7")
        if (work_tree / "out.txt").exists():
            break
    else:
        pytest.fail("the command never wrote anything")

    run = the_run()
    assert result.code == 124
    assert (run.record.status, run.record.exit.reason) == ("interrupted", "timeout")
    assert re.fullmatch(r"\S+: timed out after [\d.]+ s", run.subject)
    assert run.record.outputs == ("out.txt",)
    assert 0.3 <= run.record.duration < 120
    assert (work_tree / "params.yaml").read_text() == "rate: 0.1\nseed: 1\n"
    assert leftovers() == []


@pytest.mark.parametrize(
    ("signum", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
    ids=["SIGINT", "SIGTERM", "SIGHUP"],
)
def test_a_signal_to_gitexp_ends_the_command_and_the_run_is_recorded(
    work_tree: Path,
    start_gitexp: StartGitexp,
    eventually: Eventually,
    the_run: TheRun,
    leftovers: Leftovers,
    signum: int,
    code: int,
) -> None:
    process = start_gitexp("run", "-S", "rate=0.7", "--", "python", "-c", WAITING)
    eventually((work_tree / "started").exists)

    process.send_signal(signum)

    run_code = process.wait(DEADLINE)
    run = the_run()
    assert run_code == code
    assert (run.record.status, run.record.exit.reason) == ("interrupted", "signal")
    assert run.record.exit.signal == signal.Signals(signum).name
    assert re.fullmatch(r"\S+: interrupted after [\d.]+ s", run.subject)
    assert run.record.metrics == {"metrics.json": {"loss": 1}}
    assert (work_tree / "params.yaml").read_text() == "rate: 0.1\nseed: 1\n"
    assert leftovers() == []


@pytest.mark.parametrize("signum", [signal.SIGUSR1, signal.SIGUSR2], ids=["SIGUSR1", "SIGUSR2"])
def test_a_good_end_soon_after_a_signal_that_may_be_a_warning_is_noted(
    work_tree: Path,
    start_gitexp: StartGitexp,
    eventually: Eventually,
    the_run: TheRun,
    tmp_path: Path,
    signum: int,
) -> None:
    line = "import signal, sys; "
    line += f"signal.signal({int(signum)}, lambda *_: sys.exit(0)){WAITING}"
    process = start_gitexp("run", "--", "python", "-c", line)
    eventually((work_tree / "started").exists)

    process.send_signal(signum)

    assert process.wait(DEADLINE) == 0
    said = (tmp_path / "gitexp-0.err").read_text()
    name = signal.Signals(signum).name
    assert re.search(rf"note: the command was sent {name} \d+ s before it ended", said)
    assert the_run().record.status == "done"


def test_a_command_that_ends_well_when_its_time_is_over_was_interrupted(
    sh: Sh, gitexp: Gitexp, the_run: TheRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "start", partial(child.start, grace=DEADLINE))
    line = 'trap \'echo "{\\"loss\\": 0.1}" > metrics.json; exit 0\' TERM; '
    line += f"touch {tmp_path}/heeds; sleep 1000 & wait"

    for limit in TIME_LIMITS:
        ended = sh(line, "--timeout", limit)
        if (tmp_path / "heeds").exists():
            break
    else:
        pytest.fail("the command never set its trap")
    best = gitexp("best", "loss")

    record = the_run().record
    assert ended.code == 124
    assert (record.status, record.exit.code, record.exit.reason) == ("interrupted", 0, "timeout")
    assert record.metrics == {"metrics.json": {"loss": 0.1}}
    assert (best.code, best.out) == (2, "")


def test_ctrl_c_in_a_terminal_reaches_the_command_once_and_the_run_is_recorded(
    work_tree: Path, eventually: Eventually, the_run: TheRun, leftovers: Leftovers
) -> None:
    (work_tree / "train.py").write_text(
        "import pathlib, time\n"
        "try:\n"
        "    pathlib.Path('started').touch()\n"
        "    time.sleep(1000)\n"
        "except KeyboardInterrupt:\n"
        "    time.sleep(0.2)\n"
        "    pathlib.Path('metrics.json').write_text('{\"epoch\": 3}')\n"
        "    raise SystemExit(5)\n"
    )
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(
            sys.executable, [sys.executable, "-m", "gitexp", "run", "--", "python", "train.py"]
        )
    try:
        eventually((work_tree / "started").exists)
        os.write(terminal, b"\x03")
        eventually(lambda: _has_closed(terminal))
    finally:
        _, status = os.waitpid(pid, 0)
        os.close(terminal)

    run = the_run()
    assert os.waitstatus_to_exitcode(status) == 5
    assert (run.record.status, run.record.exit.code) == ("interrupted", 5)
    assert run.record.exit.reason == "signal"
    assert run.record.metrics == {"metrics.json": {"epoch": 3}}
    assert leftovers() == []


def _has_closed(terminal: int) -> bool:
    try:
        return not os.read(terminal, 4096)
    except OSError:
        return True


def test_an_impatient_ctrl_c_while_it_is_recorded_does_not_lose_the_run(
    work_tree: Path,
    start_gitexp: StartGitexp,
    eventually: Eventually,
    the_run: TheRun,
    leftovers: Leftovers,
) -> None:
    line = "head -c 30000000 /dev/urandom > model.pt; touch ended"
    process = start_gitexp("run", "--", "sh", "-c", line)
    eventually((work_tree / "ended").exists)
    recorded = work_tree / ".git" / "refs" / "heads" / "experiments"

    while not recorded.exists() and process.poll() is None:
        process.send_signal(signal.SIGTERM)
        time.sleep(0.005)

    # The last one may come when everything is done, and ends an ordinary process.
    assert process.wait(DEADLINE) in {0, 143, -signal.SIGTERM}
    assert [pointer.path for pointer in the_run().record.pointers] == ["model.pt"]
    assert leftovers() == []


@pytest.mark.usefixtures("work_tree")
def test_a_ctrl_c_while_the_rest_is_tidied_up_changes_nothing(
    sh: Sh, the_run: TheRun, leftovers: Leftovers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(tidying, "start_maintenance", interrupted)
    monkeypatch.setattr(tidying, "keep_log", interrupted)

    result = sh("echo '{\"loss\": 1}' > metrics.json", "-n", "one")

    assert (result.code, "one: loss 1" in result.err) == (0, True), result.err
    assert the_run().record.status == "done"
    assert leftovers() == []


def test_a_command_that_takes_the_signal_and_exits_with_0_is_interrupted_and_never_the_best(
    work_tree: Path,
    start_gitexp: StartGitexp,
    eventually: Eventually,
    the_run: TheRun,
    sh: Sh,
    gitexp: Gitexp,
) -> None:
    sh("echo '{\"accuracy\": 0.5}' > metrics.json", "-n", "whole")
    line = "trap 'exit 0' TERM; echo '{\"accuracy\": 0.9}' > metrics.json; touch started; "
    line += "while :; do sleep 0.05; done"
    process = start_gitexp("run", "-n", "cut", "-S", "rate=0.7", "--", "sh", "-c", line)
    eventually((work_tree / "started").exists)

    process.send_signal(signal.SIGTERM)

    assert process.wait(DEADLINE) == 0
    run = the_run()
    assert (run.record.status, run.record.exit.reason) == ("interrupted", "signal")
    assert run.record.metrics == {"metrics.json": {"accuracy": 0.9}}
    assert (work_tree / "params.yaml").read_text() == "rate: 0.1\nseed: 1\n"
    best = gitexp("best", "accuracy", "--sort-order", "desc").out
    assert "whole" in best
    assert "cut" not in best


# Params files afterwards


def test_after_a_failure_the_users_edits_of_a_params_file_stay_and_the_override_goes(
    work_tree: Path, sh: Sh, the_run: TheRun, leftovers: Leftovers
) -> None:
    (work_tree / "params.yaml").write_text("rate: 0.1  # low\nseed: 1\n")
    (work_tree / "params.yaml").chmod(0o640)

    sh(
        "sed -i 's/seed: 1/seed: 2/' params.yaml; echo 'new: 3' >> params.yaml; exit 3",
        "-S",
        "rate=0.7",
    )

    assert (work_tree / "params.yaml").read_text() == "rate: 0.1  # low\nseed: 2\nnew: 3\n"
    assert the_run().text("params.yaml") == "rate: 0.7  # low\nseed: 1\n"
    assert the_run().record.changed_meanwhile == ("params.yaml",)
    assert (work_tree / "params.yaml").stat().st_mode & 0o777 == 0o640
    assert leftovers() == []


def test_after_a_failure_added_and_removed_params_are_as_before(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    sh("exit 3", "-S", "+new.deep=[1,2]", "-S", "~seed", "-S", "rate=1e-5")

    assert the_run().record.params == {"params.yaml": {"rate": 1e-5, "new": {"deep": [1, 2]}}}
    assert (work_tree / "params.yaml").read_text() == "rate: 0.1\nseed: 1\n"


def test_a_params_file_that_cannot_be_put_back_has_its_old_copy_named(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    result = sh("echo 'not: [a mapping' > params.yaml; exit 3", "-S", "rate=0.7")

    place = re.search(r"its old copy is '(.+)'", result.err)
    assert result.code == 3
    assert the_run().record.status == "failed"
    assert (work_tree / "params.yaml").read_text() == "not: [a mapping\n"
    assert place, result.err
    assert Path(place[1]).read_text() == "rate: 0.1\nseed: 1\n"


def test_a_params_file_that_the_command_removed_has_its_old_copy_named(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    result = sh("rm params.yaml; exit 3", "-S", "rate=0.7")

    place = re.search(r"its old copy is '(.+)'", result.err)
    assert result.code == 3
    assert the_run().record.changed_meanwhile == ("params.yaml",)
    if not (work_tree / "params.yaml").exists():
        assert place, result.err
        assert Path(place[1]).read_text() == "rate: 0.1\nseed: 1\n"


def test_the_last_lines_are_the_name_and_the_change_and_json_is_the_record(
    work_tree: Path, gitexp: Gitexp, the_run: TheRun
) -> None:
    (work_tree / "gitexp.yaml").write_text("policy: {loss: {goal: min}}\n")
    gitexp("run", "-n", "one", "--", "sh", "-c", 'echo \'{"z": 1, "loss": 0.5}\' > metrics.json')

    line = 'echo shown; echo \'{"z": 1, "loss": 0.25}\' > metrics.json'
    result = gitexp("run", "--json", "-n", "two", "--", "sh", "-c", line)

    assert result.out.encode() == the_run().blob(".gitexp/run.json")
    assert result.err == "shown\ntwo: loss 0.25 (-0.25), z 1 (0)\n"
    assert the_run().subject == "two: loss 0.25 (-0.25), z 1 (0)"
    assert the_run().text(".gitexp/output.log") == "shown\n"


def test_a_run_inside_a_run_only_executes_its_command(
    work_tree: Path, sh: Sh, runs: Runs, leftovers: Leftovers
) -> None:
    result = sh(f"{sys.executable} -m gitexp run -- sh -c 'echo inner > out.txt; exit 4'")

    assert result.code == 4, result.err
    assert [run.record.outputs for run in runs()] == [("out.txt",)]
    assert (work_tree / "out.txt").read_text() == "inner\n"
    assert leftovers() == []


@pytest.mark.parametrize("variable", ["RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK"])
def test_a_rank_above_zero_only_executes_its_command(
    work_tree: Path,
    start_gitexp: StartGitexp,
    sh: Sh,
    runs: Runs,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    monkeypatch.setenv(variable, "1")
    second = start_gitexp("run", "--", "sh", "-c", "echo rank > rank.txt; exit 4").wait()
    monkeypatch.setenv(variable, "0")
    first = sh("exit 5").code

    assert (second, first) == (4, 5)
    assert (work_tree / "rank.txt").exists()
    assert [run.record.exit.code for run in runs()] == [5]


def test_what_an_earlier_run_wrote_and_this_one_writes_again_is_an_output(
    sh: Sh, runs: Runs
) -> None:
    for score in (1, 2):
        sh(f"mkdir -p out; echo {score} > out/scores.json")

    assert [run.text("out/scores.json") for run in runs()] == ["2\n", "1\n"]
    assert [run.record.changed_meanwhile for run in runs()] == [(), ()]


def test_a_reader_that_is_gone_costs_neither_the_run_nor_its_status(
    work_tree: Path, runs: Runs
) -> None:
    line = f"{sys.executable} -m gitexp run -- sh -c 'sleep 0.3; echo w > m.joblib; exit 3' 2>&1"

    ended = subprocess.run(
        ["bash", "-c", f'{line} | true; exit "${{PIPESTATUS[0]}}"'], cwd=work_tree, check=False
    )

    assert ended.returncode == 3
    assert [pointer.path for pointer in runs()[0].record.pointers] == ["m.joblib"]


@pytest.mark.parametrize(
    "content",
    [
        '{"a\\u0000b": 1}',
        '{"\\ud800": 1}',
        '{"a": ' * 600 + "1" + "}" * 600,
        '{"a": 1' + "0" * 400 + "}",
        '{"a\\nGitexp-Run: x": 1}',
    ],
    ids=["nul", "surrogate", "deep", "huge", "line"],
)
def test_nothing_in_a_metrics_file_can_cost_the_run(
    work_tree: Path, gitexp: Gitexp, runs: Runs, content: str
) -> None:
    (work_tree / "hostile.json").write_text(content)

    first = gitexp("run", "-n", "one", "--", "cp", "hostile.json", "metrics.json")
    again = gitexp("run", "-n", "two", "--", "sh", "-c", "echo '{\"a\": NaN}' > metrics.json")

    assert (first.code, again.code) == (0, 0), first.err + again.err
    assert [run.record.name for run in runs()] == ["two", "one"]
    assert gitexp("ls").code == 0


def test_a_value_that_the_user_chose_meanwhile_stays_after_a_failed_run(
    work_tree: Path, sh: Sh
) -> None:
    sh("echo 'rate: 0.3  # mine' > params.yaml; exit 1", "-S", "rate=0.7")

    assert (work_tree / "params.yaml").read_text() == "rate: 0.3  # mine\n"


def test_an_edit_made_while_waiting_is_not_lost(
    work_tree: Path, start_gitexp: StartGitexp, eventually: Eventually, runs: Runs
) -> None:
    line = "touch begun; while [ ! -e end ]; do sleep 0.02; done"
    first = start_gitexp("run", "--", "sh", "-c", line)
    eventually((work_tree / "begun").exists)
    second = start_gitexp("run", "--wait", "-S", "rate=0.7", "--", "true")
    eventually(lambda: "waiting" in (work_tree.parent / "gitexp-1.err").read_text())

    (work_tree / "params.yaml").write_text("rate: 0.1\nseed: 42\n")
    (work_tree / "end").touch()

    assert (first.wait(), second.wait()) == (0, 0)
    assert (work_tree / "params.yaml").read_text() == "rate: 0.7\nseed: 42\n"
    assert runs()[0].record.params["params.yaml"] == {"rate": 0.7, "seed": 42}


def test_data_that_was_stale_and_then_written_again_is_recorded_once(
    work_tree: Path, sh: Sh, the_run: TheRun, behind_pointer: BehindPointer, git: Git
) -> None:
    (work_tree / "d.csv").write_text("0\n")
    behind_pointer("d.csv")
    git("add", "--all")
    git("commit", "--quiet", "-m", "data")
    (work_tree / "d.csv").write_text("1\n")

    sh("sleep 1; echo 2 > d.csv")

    [pointer] = the_run().record.pointers
    assert f"md5: {pointer.md5}" in the_run().text("d.csv.dvc")
    cached = work_tree / ".dvc/cache/files/md5" / pointer.md5[:2] / pointer.md5[2:]
    assert cached.read_text() == "2\n"


def test_half_a_token_does_not_stand_where_the_log_is_cut(sh: Sh, the_run: TheRun) -> None:
    token = "ghp_" + "a1B2" * 9

    start, rest = token[:4], token[4:]
    sh(f"t={start}; printf '%16370s%s%s\\n' x $t {rest}; seq 30000")

    assert "ghp_a1" not in the_run().text(".gitexp/output.log")


def test_a_file_written_again_as_it_was_has_not_changed(
    work_tree: Path, sh: Sh, the_run: TheRun, git: Git
) -> None:
    """DVCLive has DVC write every edited file back; git's filters are taken into account."""
    (work_tree / ".gitattributes").write_text("*.csv text eol=crlf\n")
    (work_tree / "a.csv").write_bytes(b"1\r\n")
    (work_tree / "run.sh").write_text("echo\n")
    (work_tree / "newest").symlink_to("a.csv")
    git("add", "--all")
    git("commit", "--quiet", "-m", "more")
    again = (
        "for f in a.csv params.yaml run.sh; do cp $f x; rm $f; mv x $f; done; ln -sfn a.csv newest"
    )

    same = sh(again, "-S", "rate=0.7")
    first = the_run()
    sh(f"{again}; echo 2 >> a.csv; chmod +x run.sh; ln -sfn run.sh newest; rm params.yaml")

    assert first.record.changed_meanwhile == ()
    assert "changed while the command ran" not in same.err
    assert the_run().record.changed_meanwhile == ("a.csv", "newest", "params.yaml", "run.sh")
