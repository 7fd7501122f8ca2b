"""`gitexp run`: its options, what it prints and what it returns."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any, Protocol

import pytest

from gitexp.errors import ExitCode, RunExitCode

from tests.cli.workshop import Screen
from tests.workshop import Git, Gitexp, NewRepository


class ShowRecord(Protocol):
    """Return the record of the newest run on the branch, or of another rev."""

    def __call__(self, rev: str = "experiments", folder: str = "") -> Any: ...


class Refused(Protocol):
    """Run gitexp, see that it refuses with 125, prints and records nothing; return its stderr."""

    def __call__(self, *args: str, code: int = RunExitCode.REFUSED) -> str: ...


UNWRITTEN = "note: 'metrics.json' was not written, so the run has no metrics from it\n"


def masked(text: str) -> str:
    """Put fixed words for what chance and the clock decide: generated names, durations."""
    text = re.sub(r"\b[a-z]+-[a-z]+-[0-9a-z]{2}\b", "NAME", text)
    return re.sub(r"\b(\d+ min )?\d+(\.\d)? s\b", "N s", text)


def settled(found: tuple[int, str, str]) -> tuple[int, str, str]:
    """Return what a call did with durations and generated names masked."""
    code, out, err = found
    return code, masked(out), masked(err)


def everything_below(folder: Path) -> dict[str, bytes | None]:
    """Return each path with its content."""
    paths = sorted(folder.rglob("*"))
    return {str(path): path.read_bytes() if path.is_file() else None for path in paths}


@pytest.fixture
def shown(git: Git) -> ShowRecord:
    """Return the record of the newest run on the branch, or of another rev."""

    def read(rev: str = "experiments", folder: str = "") -> Any:
        return json.loads(git("show", f"{rev}:{folder}.gitexp/run.json"))

    return read


@pytest.fixture
def refused(git: Git, gitexp: Gitexp) -> Refused:
    """Run gitexp, see that it refuses with 125, prints and records nothing; return its stderr."""

    def run(*args: str, code: int = RunExitCode.REFUSED) -> str:
        before = git("for-each-ref")
        found = gitexp("run", *args)

        assert found[:2] == (code, "")
        assert git("for-each-ref") == before
        return found[2]

    return run


@pytest.mark.usefixtures("work_tree")
def test_run_shows_the_output_of_the_command_and_tells_how_it_went(gitexp: Gitexp) -> None:
    assert gitexp("run", "-n", "first", "python", "train.py") == (
        ExitCode.OK,
        "trained with rate 0.1\n",
        "first: accuracy 0.95, loss 0.4\n",
    )


def test_run_makes_one_commit_on_a_branch_of_its_own(
    work_tree: Path, gitexp: Gitexp, git: Git
) -> None:
    head = git("rev-parse", "HEAD").strip()

    gitexp("run", "-n", "first", "-m", "does it learn?\n\nFixes: nothing", "python", "train.py")

    message = git("log", "-1", "--format=%B", "experiments")
    assert re.sub(r"(Run: |v2:)\w+", r"\1…", message.strip()) == dedent(f"""\
        first: accuracy 0.95, loss 0.4

        does it learn?

         Fixes: nothing

        Gitexp-Run: …
        Gitexp-Name: first
        Gitexp-Status: done
        Gitexp-Baseline: {head}
        Gitexp-Inputs: v2:…
        Gitexp-Command: python train.py
        Gitexp-Version: 0.1.0""")
    assert git("log", "--format=%s", "experiments").splitlines() == [
        "first: accuracy 0.95, loss 0.4",
        "The runs recorded by gitexp begin here",
    ]
    tree = git("ls-tree", "-r", "--name-only", "experiments").splitlines()
    assert tree == [
        ".gitexp/environment.txt",
        ".gitexp/output.log",
        ".gitexp/run.json",
        ".gitignore",
        "gitexp.yaml",
        "metrics.json",
        "params.yaml",
        "train.py",
    ]
    assert git("show", "experiments:.gitexp/output.log") == "trained with rate 0.1\n"
    assert git("rev-parse", "HEAD").strip() == head
    assert git("status", "--porcelain") == "?? metrics.json\n"
    assert sorted(path.name for path in work_tree.iterdir() if path.name != ".git") == [
        ".gitignore",
        "gitexp.yaml",
        "metrics.json",
        "params.yaml",
        "train.py",
    ]


@pytest.mark.usefixtures("work_tree")
def test_the_change_is_told_from_the_run_before(gitexp: Gitexp) -> None:
    gitexp("run")

    assert gitexp("run", "-n", "second", "-S", "rate=0.2") == (
        ExitCode.OK,
        "trained with rate 0.2\n",
        "second: accuracy 1.0 (+0.05), loss 0.3 (-0.1)\n",
    )


def test_a_rule_that_is_a_slip_for_a_metric_is_said_where_it_matters(
    work_tree: Path, gitexp: Gitexp
) -> None:
    settings = work_tree / "gitexp.yaml"
    settings.write_text("command: python train.py\npolicy: {acuracy: {goal: max}}\n")

    ended = gitexp("run", "-n", "first").err

    assert ended.splitlines()[1:] == [
        "note: policy: no metric is called 'acuracy'; did you mean 'accuracy'?"
    ]
    assert gitexp("best", "accuracy").err == (
        "error: nothing says whether a high or a low 'accuracy' is better\n"
        "hint: `policy:` in gitexp.yaml calls it 'acuracy': mend that.\n"
    )


def test_without_a_command_that_of_the_configuration_is_run(
    work_tree: Path, gitexp: Gitexp, shown: ShowRecord
) -> None:
    (work_tree / "gitexp.yaml").write_text("command: [sh, -c, 'echo $0 $1', a b, c]\n")

    found = settled(gitexp("run", "-n", "listed"))

    assert found == (ExitCode.OK, "a b c\n", f"listed: done in N s\n{UNWRITTEN}")
    assert shown()["command"] == ["sh", "-c", "echo $0 $1", "a b", "c"]


def test_without_any_command_there_is_nothing_to_run(work_tree: Path, refused: Refused) -> None:
    (work_tree / "gitexp.yaml").unlink()

    assert refused() == dedent("""\
        error: no command to run
        hint: Give one after `--`: `-- python train.py`, or set `command:` in gitexp.yaml.
    """)


def test_a_pipeline_without_stages_gives_nothing_to_run(work_tree: Path, refused: Refused) -> None:
    (work_tree / "gitexp.yaml").unlink()
    (work_tree / "dvc.yaml").write_text("metrics:\n- dvclive/metrics.json\n")

    assert refused() == dedent("""\
        error: no command to run, and 'dvc.yaml' has no stages
        hint: Give one after `--`: `-- python train.py`, or set `command:` in gitexp.yaml.
    """)


def test_a_pipeline_is_not_read_through_a_link_out_of_the_repository(
    work_tree: Path, tmp_path: Path, refused: Refused
) -> None:
    (work_tree / "gitexp.yaml").unlink()
    (tmp_path / "other.yaml").write_text("stages: {a: {cmd: echo}}\n")
    (work_tree / "dvc.yaml").symlink_to(tmp_path / "other.yaml")

    said = refused()

    place = tmp_path / "other.yaml"
    assert said.startswith(f"error: 'dvc.yaml' is a link to '{place}', outside of the repository")


@pytest.mark.usefixtures("work_tree")
def test_one_quoted_command_goes_to_the_shell(gitexp: Gitexp, shown: ShowRecord) -> None:
    code, out, err = settled(gitexp("run", "-n", "piped", "echo one two | tr a-z A-Z; exit 4"))

    assert (code, out) == (4, "ONE TWO\n")
    assert err == "piped: failed with exit code 4 after N s\n"
    assert shown()["command"] == ["echo one two | tr a-z A-Z; exit 4"]


@pytest.mark.usefixtures("work_tree")
@pytest.mark.parametrize("dashes", [[], ["--"]])
def test_options_after_the_command_are_the_commands(
    gitexp: Gitexp, shown: ShowRecord, dashes: list[str]
) -> None:
    words = ["echo", "--json", "-n", "3", "-S", "rate=5", "--help", "--", "-C", "x"]

    code, out, _ = gitexp("run", "-n", "mine", *dashes, *words)

    assert (code, out) == (ExitCode.OK, "--json -n 3 -S rate=5 --help -- -C x\n")
    assert (shown()["name"], shown()["command"]) == ("mine", words)
    assert shown()["params"]["params.yaml"]["rate"] == 0.1


@pytest.mark.usefixtures("work_tree")
def test_an_option_that_there_is_not_is_no_command(refused: Refused) -> None:
    assert refused("--dryrun", "python", "train.py") == dedent("""\
        error: no such option '--dryrun'. Did you mean '--dry-run'?
        hint: `gitexp run --help` says more.
    """)


@pytest.mark.usefixtures("work_tree")
@pytest.mark.parametrize(
    ("script", "code", "told"),
    [
        ("exit 3", 3, "failed with exit code 3"),
        ("exit 124", 124, "failed with exit code 124"),
        ("exit 255", 255, "failed with exit code 255"),
        ("kill -KILL $$", 137, "failed with SIGKILL"),
        ("kill -TERM $$", 143, "failed with SIGTERM"),
        ("kill -INT $$", 130, "failed with SIGINT"),
    ],
)
def test_run_returns_the_status_of_its_command(
    gitexp: Gitexp, script: str, code: int, told: str
) -> None:
    assert settled(gitexp("run", "-n", "bad", "sh", "-c", script)) == (
        code,
        "",
        f"bad: {told} after N s\n",
    )


@pytest.mark.usefixtures("work_tree")
def test_a_command_that_takes_too_long_is_stopped(gitexp: Gitexp, shown: ShowRecord) -> None:
    code, out, err = gitexp("run", "-n", "slow", "--timeout", "0.3s", "sh", "-c", "sleep 60")

    assert (code, out, masked(err)) == (RunExitCode.TIMED_OUT, "", "slow: timed out after N s\n")
    assert shown()["status"] == "interrupted"
    assert shown()["exit"] == {"code": None, "signal": "SIGTERM", "reason": "timeout"}


@pytest.mark.usefixtures("work_tree")
@pytest.mark.parametrize("time", ["", "soon", "-1", "0", "1y", "nan", "inf", "1e3"])
def test_a_timeout_that_is_no_time_is_refused(refused: Refused, time: str) -> None:
    assert refused("--timeout", time, "true").splitlines()[0] == (
        "error: invalid value for '--timeout': give a time such as 90, 90s, 15m or 2h"
    )


@pytest.mark.usefixtures("work_tree")
def test_a_command_that_is_not_there_is_refused(refused: Refused) -> None:
    assert refused("nosuch", code=RunExitCode.NOT_FOUND) == dedent("""\
        error: command 'nosuch' not found
        hint: It is not on PATH; words of a shell's own need `sh -c '…'`.
    """)


@pytest.mark.usefixtures("work_tree")
def test_a_script_without_its_interpreter_is_told_how_to_be_run(
    refused: Refused,
) -> None:
    assert refused("train.py", code=RunExitCode.NOT_FOUND) == dedent("""\
        error: command 'train.py' not found
        hint: Run it through its interpreter, as in `gitexp run -- python train.py`.
    """)
    assert refused("./train.py", code=RunExitCode.NOT_EXECUTABLE) == dedent("""\
        error: './train.py' cannot be run
        hint: Make it executable with `chmod +x ./train.py`.
    """)


def test_a_script_whose_interpreter_is_missing_is_refused(
    work_tree: Path, refused: Refused
) -> None:
    script = work_tree / "go.py"
    script.write_text("#!/nosuch/python\n")
    script.chmod(0o755)

    assert refused("./go.py", code=RunExitCode.NOT_FOUND) == dedent("""\
        error: no command './go.py'
        hint: Its first line names something that is not there; see `head -1 ./go.py`.
    """)


def test_overrides_are_set_for_the_run_and_stay_after_success(
    work_tree: Path, gitexp: Gitexp, shown: ShowRecord
) -> None:
    (work_tree / "params.yaml").write_text("rate: 0.1  # kept\nseed: 1\n")

    options = ("-S", "rate=2e-1", "-S", "params.yaml:seed=7")
    found = gitexp("run", "-n", "faster", *options, "true")

    assert settled(found) == (ExitCode.OK, "", f"faster: done in N s\n{UNWRITTEN}")
    assert shown()["params"] == {"params.yaml": {"rate": 0.2, "seed": 7}}
    assert (work_tree / "params.yaml").read_text() == "rate: 0.2  # kept\nseed: 7\n"


@pytest.mark.parametrize("script", ["exit 1", "kill -KILL $$"])
def test_overrides_are_undone_after_failure(
    work_tree: Path, gitexp: Gitexp, git: Git, script: str
) -> None:
    before = (work_tree / "params.yaml").read_bytes()

    gitexp("run", "-S", "rate=0.2", "-S", "+depth=3", "sh", "-c", script)

    assert (work_tree / "params.yaml").read_bytes() == before
    assert git("show", "experiments:params.yaml") == "rate: 0.2\nseed: 1\ndepth: 3\n"


@pytest.mark.usefixtures("work_tree")
@pytest.mark.parametrize(
    ("override", "told"),
    [
        (
            "rte=3",
            """\
            error: no key 'rte' in 'params.yaml'
            hint: Did you mean `rate`? To add a key, write `+rte=3`.
            """,
        ),
        (
            "rate",
            """\
            error: the override 'rate' has no value
            hint: Write an override as `key=value`, or `~key` to delete the key.
            """,
        ),
        (
            "+rate=3",
            """\
            error: 'rate' is already in 'params.yaml'
            hint: To change it, write `rate=3`.
            """,
        ),
        (
            "other.yaml:rate=3",
            """\
            error: 'other.yaml' is not one of the params files
            hint: The params files are `params.yaml`.
            """,
        ),
        (
            "~depth",
            """\
            error: no key 'depth' in 'params.yaml'
            hint: There are `rate`, `seed`.
            """,
        ),
    ],
)
def test_bad_overrides_are_refused_before_the_start(
    refused: Refused, git: Git, override: str, told: str
) -> None:
    assert refused("-S", override) == dedent(told)
    assert git("status", "--porcelain") == ""


@pytest.mark.usefixtures("work_tree")
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("taken", "error: a run named 'taken' exists"),
        ("main", "error: 'main' is the name of a branch"),
        ("v1", "error: 'v1' is the name of a tag"),
        ("latest", "error: 'latest' is a reserved word"),
        ("best", "error: 'best' is a reserved word"),
        ("workspace", "error: 'workspace' is a reserved word"),
        ("HEAD", "error: 'HEAD' is a reserved word"),
        ("experiments", "error: 'experiments' is the name of a branch"),
        ("a b", "error: 'a b' is not a valid name for a run"),
        ("a..b", "error: 'a..b' is not a valid name for a run"),
        ("--json", "error: '--json' is not a valid name for a run"),
        ("a\nb", "error: 'a\nb' is not a valid name for a run"),
        ("ü", "error: 'ü' is not a valid name for a run"),
        ("", "error: '' is not a valid name for a run"),
        ("a" * 101, f"error: '{'a' * 101}' is not a valid name for a run"),
    ],
)
def test_names_that_are_taken_or_cannot_be_typed_are_refused(
    gitexp: Gitexp, git: Git, refused: Refused, name: str, told: str
) -> None:
    git("tag", "v1")
    gitexp("run", "-n", "taken", "true")

    err = refused("-n", name, "touch", "ran")

    assert err.startswith(f"{told}\nhint: ")
    assert not Path("ran").exists()


@pytest.mark.usefixtures("work_tree")
def test_a_taken_name_is_told_what_to_do(gitexp: Gitexp, refused: Refused) -> None:
    gitexp("run", "-n", "taken", "true")

    assert refused("-n", "taken", "true") == dedent("""\
        error: a run named 'taken' exists
        hint: Choose another name; without `-n` gitexp makes one up.
    """)


@pytest.mark.usefixtures("work_tree")
def test_a_run_without_a_name_gets_one(gitexp: Gitexp, shown: ShowRecord) -> None:
    code, _, err = gitexp("run")

    name = shown()["name"]
    assert code == ExitCode.OK
    assert re.fullmatch(r"[a-z]+-[a-z]+-[0-9a-z]{2}", name)
    assert name.endswith(shown()["id"][:2])
    assert err == f"{name}: accuracy 0.95, loss 0.4\n"


@pytest.mark.parametrize("recorded_before", [False, True])
def test_a_dry_run_says_what_would_be_run_and_writes_nothing(
    work_tree: Path, gitexp: Gitexp, git: Git, *, recorded_before: bool
) -> None:
    if recorded_before:
        gitexp("run")
    head = git("rev-parse", "HEAD").strip()
    before = everything_below(work_tree)

    found = gitexp("run", "--dry-run", "-n", "maybe", "-S", "rate=3", "-S", "+depth=1")

    assert found == (
        ExitCode.OK,
        dedent(f"""\
            run       maybe
            command   python train.py
            baseline  {head}
            override  rate=3
            override  +depth=1
        """),
        "",
    )
    assert everything_below(work_tree) == before


@pytest.mark.usefixtures("work_tree")
def test_a_dry_run_refuses_what_a_run_would_refuse(refused: Refused) -> None:
    assert "no key 'rte'" in refused("--dry-run", "-S", "rte=1")
    assert "not found" in refused("--dry-run", "nosuch", code=RunExitCode.NOT_FOUND)


@pytest.mark.usefixtures("work_tree")
def test_json_leaves_stdout_to_the_record(gitexp: Gitexp, shown: ShowRecord) -> None:
    command = "echo out; echo err >&2; sh -c 'echo x'"
    code, out, err = gitexp("run", "--json", "-n", "told", "-m", "why", command)

    assert code == ExitCode.OK
    assert masked(err) == f"out\nerr\nx\ntold: done in N s\n{UNWRITTEN}"
    record = json.loads(out)
    assert record == shown()
    assert {key: record[key] for key in ("version", "name", "message", "status", "exit")} == {
        "version": 1,
        "name": "told",
        "message": "why",
        "status": "done",
        "exit": {"code": 0, "signal": None, "reason": None},
    }


@pytest.mark.usefixtures("work_tree")
def test_json_of_a_failed_run_is_its_record_too(gitexp: Gitexp) -> None:
    code, out, _ = gitexp("run", "--json", "false")

    assert code == 1
    assert json.loads(out)["status"] == "failed"


@pytest.mark.usefixtures("work_tree")
def test_json_of_a_refused_run_is_nothing(refused: Refused) -> None:
    assert refused("--json", "-n", "HEAD", "true").startswith("error: ")


def test_params_of_the_command_line_are_recorded_where_there_is_no_file(
    new_repository: NewRepository,
    gitexp: Gitexp,
    shown: ShowRecord,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(new_repository("bare", {"a.txt": "a"}))

    words = ["true", "--lr", "0.1", "--fast", "depth=4", "--name=a b", "--lr=1e-3"]
    code, out, err = settled(gitexp("run", "-n", "line", *words))

    assert (code, out, err) == (ExitCode.OK, "", f"line: done in N s\n{UNWRITTEN}")
    assert shown()["params"] == {
        "command": {"lr": [0.1, 0.001], "fast": True, "depth": 4, "name": "a b"}
    }


@pytest.mark.usefixtures("work_tree")
def test_a_param_that_cannot_be_told_is_left_out_with_a_note(
    gitexp: Gitexp, shown: ShowRecord
) -> None:
    line = "true --lr $LR --epochs 3 --names a b --more $MORE -vv; echo done > /dev/null"
    code, _, err = gitexp("run", line)

    assert code == ExitCode.OK
    assert shown()["params"]["command"] == {"epochs": 3}
    assert "note: `--lr $LR`, `--names a`, `--more $MORE`, ... are not recorded as params" in err


@pytest.mark.usefixtures("work_tree")
def test_params_of_the_command_line_are_recorded_beside_those_of_a_file(
    gitexp: Gitexp, shown: ShowRecord
) -> None:
    gitexp("run", "true", "--lr", "0.1")

    assert shown()["params"] == {
        "params.yaml": {"rate": 0.1, "seed": 1},
        "command": {"lr": 0.1},
    }


def test_without_a_git_identity_the_command_is_not_started(
    work_tree: Path, git: Git, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("config", "user.useConfigOnly", "true")
    (Path(os.environ["HOME"]) / ".gitconfig").unlink()
    for name in ("EMAIL", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL"):
        monkeypatch.delenv(name, raising=False)

    assert gitexp("run", "touch", "ran") == (
        RunExitCode.REFUSED,
        "",
        dedent("""\
            error: git does not know your name and email address, which every run carries
            hint: Run `git config --global user.name "Your Name"` and `git config --global \
user.email you@example.com`.
        """),
    )
    assert not (work_tree / "ran").exists()


def test_outside_a_repository_there_is_nothing_to_record_on(
    tmp_path: Path, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    monkeypatch.chdir(plain)

    assert gitexp("run", "true") == (
        RunExitCode.REFUSED,
        "",
        f"error: '{plain}' is not in a git repository\nhint: Make one with `git init`.\n",
    )


def test_a_bare_repository_has_nothing_to_run_in(
    tmp_path: Path, git: Git, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("init", "--quiet", "--bare", tmp_path / "bare.git")
    monkeypatch.chdir(tmp_path / "bare.git")

    assert gitexp("run", "true") == (
        RunExitCode.REFUSED,
        "",
        (
            "error: '.' is a bare repository, with no work tree to run in\n"
            "hint: Clone it with `git clone` and run gitexp in the clone.\n"
        ),
    )


def test_before_the_first_commit_there_is_no_baseline(
    new_repository: NewRepository,
    refused: Refused,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(new_repository("new"))

    assert refused("true") == dedent("""\
        error: there is no commit yet for a run to start from
        hint: Make one with `git commit --allow-empty -m start`.
    """)


@pytest.mark.usefixtures("work_tree")
def test_a_detached_head_will_do(gitexp: Gitexp, git: Git, shown: ShowRecord) -> None:
    head = git("rev-parse", "HEAD").strip()
    git("switch", "--quiet", "--detach")

    code, _, _ = gitexp("run")

    assert code == ExitCode.OK
    assert shown()["baseline"] == head
    assert git("rev-parse", "--abbrev-ref", "HEAD").strip() == "HEAD"


@pytest.mark.usefixtures("work_tree")
def test_the_experiments_branch_must_not_be_checked_out(
    gitexp: Gitexp, git: Git, refused: Refused
) -> None:
    gitexp("run", "true")
    git("switch", "--quiet", "experiments")
    top = git("rev-parse", "--show-toplevel").strip()

    assert refused("true") == dedent(f"""\
        error: branch 'experiments', where runs are recorded, is checked out in '{top}'
        hint: Go back to your own branch with `git switch -`.
    """)


@pytest.mark.parametrize(
    ("config", "told"),
    [
        (
            "command: ls\nmetrcs: [a.json]\n",
            """\
            error: gitexp.yaml, line 2: unknown setting 'metrcs'
            hint: Did you mean 'metrics'?
            """,
        ),
        (
            "policy:\n  loss:\n    goal: lower\n",
            "error: gitexp.yaml, line 3: 'policy.loss.goal' must be max or min\n",
        ),
        ("command: [python\n", "error: 'gitexp.yaml' is not valid YAML (line 2, column 1: "),
    ],
)
def test_a_configuration_that_is_wrong_is_refused_with_its_line(
    work_tree: Path, refused: Refused, config: str, told: str
) -> None:
    (work_tree / "gitexp.yaml").write_text(config)

    assert refused("touch", "ran").startswith(dedent(told))
    assert not (work_tree / "ran").exists()


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ("rate: [0.1\n", "error: 'params.yaml' is not valid YAML (line 2, column 1: "),
        ("- 0.1\n", "error: 'params.yaml' holds a list, not a mapping\n"),
        ("0.1\n", "error: 'params.yaml' holds a single value, not a mapping\n"),
        ("rate: \xe9\n", "error: 'params.yaml' is not UTF-8 (line 1)\n"),
    ],
)
@pytest.mark.parametrize("options", [[], ["-S", "rate=1"], ["--dry-run"]])
def test_params_that_cannot_be_read_are_refused_before_the_start(
    work_tree: Path, refused: Refused, params: str, told: str, options: list[str]
) -> None:
    (work_tree / "params.yaml").write_bytes(params.encode("latin-1"))

    assert refused(*options, "touch", "ran").startswith(told)
    assert not (work_tree / "ran").exists()


@pytest.mark.parametrize(
    ("metrics", "told"),
    [
        ("{", "is not valid JSON"),
        ("[1]", "holds a list, not a mapping"),
    ],
)
def test_metrics_that_cannot_be_read_cost_the_metrics_and_not_the_run(
    work_tree: Path, gitexp: Gitexp, shown: ShowRecord, metrics: str, told: str
) -> None:
    code, _, err = gitexp("run", "-n", "odd", f"printf '%s' '{metrics}' > metrics.json")

    assert code == ExitCode.OK
    assert f"'metrics.json' {told}" in err
    assert shown()["metrics"] == {}
    assert shown()["outputs"] == ["metrics.json"]
    assert (work_tree / "metrics.json").read_text() == metrics


def test_nan_is_a_metric(work_tree: Path, gitexp: Gitexp, git: Git) -> None:
    script = work_tree / "nan.py"
    script.write_text("open('metrics.json', 'w').write('{\"loss\": NaN, \"top\": -Infinity}')\n")

    assert gitexp("run", "-n", "nan", "python", "nan.py") == (
        ExitCode.OK,
        "",
        "nan: loss nan, top -inf\n",
    )
    found = json.loads(git("show", "experiments:.gitexp/run.json"))["metrics"]["metrics.json"]
    assert found == {"loss": {"$float": "nan"}, "top": {"$float": "-inf"}}


def test_dash_c_runs_in_another_directory(
    work_tree: Path, tmp_path: Path, gitexp: Gitexp, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    code, out, _ = gitexp("-C", work_tree, "run", "-n", "there", "pwd")

    assert (code, Path(out.strip())) == (ExitCode.OK, work_tree.resolve())
    assert git("log", "-1", "--format=%s", "experiments", cwd=work_tree).startswith("there: ")


def test_from_a_subfolder_the_command_runs_there_and_all_is_recorded(
    work_tree: Path, gitexp: Gitexp, shown: ShowRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work_tree / "sub").mkdir()
    monkeypatch.chdir(work_tree / "sub")

    code, out, err = gitexp("run", "-n", "below", "sh", "-c", "cd .. && python train.py && pwd")

    assert (code, err) == (ExitCode.OK, "below: accuracy 0.95, loss 0.4\n")
    assert out.splitlines()[0] == "trained with rate 0.1"
    monkeypatch.chdir(work_tree)
    record = shown()
    assert (record["project"], record["directory"]) == ("", "sub")
    assert record["outputs"] == ["metrics.json"]


def test_a_project_in_a_subfolder_is_recorded_by_its_own_names(
    new_repository: NewRepository,
    gitexp: Gitexp,
    git: Git,
    shown: ShowRecord,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = {"nets/gitexp.yaml": "{}\n", "nets/params.yaml": "rate: 1\n", "other.py": "a\n"}
    top = new_repository("mono", files)
    monkeypatch.chdir(top / "nets")

    command = "echo '{\"f1\": 0.5}' > metrics.json"
    assert gitexp("run", "-n", "net", "-S", "rate=2", command) == (
        ExitCode.OK,
        "",
        "net: f1 0.5\n",
    )

    record = shown(folder="nets/")
    assert (record["project"], record["directory"]) == ("nets", "nets")
    assert record["params"] == {"params.yaml": {"rate": 2}}
    assert record["outputs"] == ["metrics.json"]
    assert git("ls-tree", "-r", "--name-only", "--full-tree", "experiments").splitlines() == [
        "nets/.gitexp/environment.txt",
        "nets/.gitexp/output.log",
        "nets/.gitexp/run.json",
        "nets/gitexp.yaml",
        "nets/metrics.json",
        "nets/params.yaml",
        "other.py",
    ]
    assert [one["name"] for one in json.loads(gitexp("ls", "--json")[1])] == ["net"]
    monkeypatch.chdir(top)
    elsewhere = "note: runs of other projects in this repository: nets\n"
    assert gitexp("ls") == (ExitCode.OK, "No runs.\n", elsewhere)


@pytest.mark.parametrize("folder", ["mein Ordner ü", 'it\'s "so"', "a\\b", "$HOME; -x"])
def test_paths_may_hold_any_character(
    new_repository: NewRepository,
    gitexp: Gitexp,
    shown: ShowRecord,
    monkeypatch: pytest.MonkeyPatch,
    folder: str,
) -> None:
    files: Mapping[str, str] = {f"{folder}/gitexp.yaml": "{}\n", f"{folder}/a b.py": "a\n"}
    top = new_repository(f"top {folder}", files)
    monkeypatch.chdir(top / folder)
    odd = 'größe "1"\n.txt'

    code, out, _ = gitexp("run", "-n", "odd", "touch", odd)

    assert (code, out) == (ExitCode.OK, "")
    record = shown(folder=f"{folder}/")
    assert (record["project"], record["outputs"]) == (folder, [odd])
    assert gitexp("diff", "odd")[1].startswith("odd → workspace: no differences")


def test_what_the_command_left_ambiguous_is_noted(
    work_tree: Path, gitexp: Gitexp, shown: ShowRecord
) -> None:
    found = gitexp("run", "-n", "edits", "echo '{}' > metrics.json; echo '# more' >> train.py")

    assert settled(found) == (
        ExitCode.OK,
        "",
        (
            "edits: done in N s\n"
            "note: 'train.py' changed while the command ran; the run holds it as at the start "
            "(name it under `outputs:` if the command writes it)\n"
        ),
    )
    assert shown()["changed_meanwhile"] == ["train.py"]
    assert (work_tree / "train.py").read_text().endswith("# more\n")


def test_a_token_on_the_command_line_is_refused(
    work_tree: Path, refused: Refused, gitexp: Gitexp
) -> None:
    token = "ghp_" + "abcdefghijklmnopqrstuvwxyz0123456789"

    err = refused("touch", "ran", "--token", token)

    assert token not in err
    assert "--allow-secrets" in err
    assert not (work_tree / "ran").exists()
    assert gitexp("run", "--allow-secrets", "echo", token)[:2] == (ExitCode.OK, f"{token}\n")


@pytest.mark.usefixtures("work_tree")
def test_the_child_knows_its_run_and_not_our_git_variables(
    gitexp: Gitexp, git: Git, shown: ShowRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")

    _, out, _ = gitexp("run", "-n", "child", "sh", "-c", "env | grep -E '^(GITEXP|GIT_LIT)'")

    head, run_id = git("rev-parse", "HEAD").strip(), shown()["id"]
    folder = git("rev-parse", "--absolute-git-dir").strip()
    assert sorted(out.splitlines()) == [
        f"GITEXP_BASELINE={head}",
        f"GITEXP_LOG_DIR={folder}/gitexp/runs/{run_id}/logged",
        f"GITEXP_RUN_ID={run_id}",
        "GITEXP_RUN_NAME=child",
    ]


@pytest.mark.usefixtures("work_tree")
def test_a_run_inside_a_run_only_executes_the_command(gitexp: Gitexp, git: Git) -> None:
    inner = "python -m gitexp run -n inner -S rate=0.2 python train.py"

    assert gitexp("run", "-n", "outer", inner) == (
        ExitCode.OK,
        "trained with rate 0.1\n",
        (
            "note: 'inner' is not recorded by itself: it is part of run 'outer'\n"
            "outer: accuracy 0.95, loss 0.4\n"
        ),
    )
    assert git("log", "--format=%s", "experiments").splitlines() == [
        "outer: accuracy 0.95, loss 0.4",
        "The runs recorded by gitexp begin here",
    ]


def test_run_names_the_model_that_an_earlier_run_left_and_this_one_only_read(
    work_tree: Path, gitexp: Gitexp, git: Git
) -> None:
    gitexp("run", "-n", "good", "sh", "-c", "echo 1 > model.pt; echo 2 > other.pt")

    unwritten = gitexp("run", "-n", "bad", "sh", "-c", "cat model.pt > other.pt")
    again = gitexp("run", "-n", "again", "sh", "-c", "echo 4 > model.pt; echo 4 > other.pt")
    failed = gitexp("run", "-n", "failed", "false")
    (work_tree / "model.pt").write_text("mine")
    edited = gitexp("run", "-n", "edited", "sh", "-c", "echo 5 > other.pt")
    git("add", "--force", "model.pt.dvc", "other.pt.dvc")
    tracked = gitexp("run", "-n", "tracked", "true")

    assert masked(unwritten[2]) == (
        "bad: done in N s\n"
        + UNWRITTEN
        + "note: 'model.pt' was not written; the run has it as an input, left by 'good'\n"
    )
    for others in (again, failed, edited, tracked):
        assert "left it" not in others[2]
    assert "written by 'good'" in gitexp("show", "bad")[1]


@pytest.mark.usefixtures("work_tree")
def test_run_names_no_more_than_a_few_of_the_models_that_it_read(gitexp: Gitexp) -> None:
    gitexp("run", "-n", "many", "sh", "-c", "for n in 1 2 3 4 5; do echo $n > $n.pt; done")

    reads = "cat 1.pt 2.pt 3.pt 4.pt 5.pt"
    _, _, err = gitexp("run", "-n", "none", "--temp", "--", *reads.split())

    assert err.count("left by 'many'") == 3
    assert err.endswith("note: nor were 2 others; `gitexp show none` lists them\n")


WRITE_AND_FAIL = "echo '{\"loss\": 1}' > metrics.json; exit 3"
MISMATCH = "note: params are back as they were; 'metrics.json' in the work tree is of '{}'\n"


@pytest.mark.usefixtures("work_tree")
def test_run_says_when_params_were_put_back_beside_the_metrics_of_a_run_that_failed(
    gitexp: Gitexp,
) -> None:
    halfway = gitexp("run", "-n", "halfway", "-S", "rate=0.7", "sh", "-c", WRITE_AND_FAIL)
    unset = gitexp("run", "-n", "unset", "sh", "-c", WRITE_AND_FAIL)
    unwritten = gitexp("run", "-n", "unwritten", "-S", "rate=0.7", "false")
    copied = gitexp("run", "-n", "copied", "--temp", "-S", "rate=0.7", "sh", "-c", WRITE_AND_FAIL)
    done = gitexp("run", "-n", "done", "-S", "rate=0.7", "python", "train.py")

    assert masked(halfway[2]) == (
        "halfway: failed with exit code 3 after N s\n" + MISMATCH.format("halfway")
    )
    for others in (unset, unwritten, copied, done):
        assert "params are back" not in others[2]


@pytest.mark.usefixtures("work_tree")
def test_of_overrides_of_one_key_the_last_counts_and_a_note_says_so(
    gitexp: Gitexp, shown: ShowRecord
) -> None:
    twice = gitexp("run", "-n", "twice", "-S", "rate=0.2", "-S", "seed=2", "-S", "rate=0.3", "true")
    alike = gitexp("run", "-n", "alike", "-S", "rate=0.4", "-S", "rate=0.4", "true")

    assert twice[2].startswith("note: 'rate' is set more than once: the last counts, 'rate=0.3'\n")
    assert shown("experiments~1")["params"] == {"params.yaml": {"rate": 0.3, "seed": 2}}
    assert "more than once" not in alike[2]


def test_a_flag_is_named_where_an_override_is_taken_for_one(
    work_tree: Path, gitexp: Gitexp
) -> None:
    (work_tree / "fit.py").write_text(
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--batch-size')\n"
    )
    command = ("--", "python", "fit.py", "--fast")

    named = gitexp("run", "-S", "train.batch_size=8", *command)
    other = gitexp("run", "-S", "depth=8", *command)

    assert (named.code, other.code) == (125, 125)
    flag = "The program takes `--batch-size`: `gitexp run -- python fit.py --fast --batch-size 8`."
    assert f"hint: {flag} There are " in named.err
    assert "To add a key, write `+train.batch_size=8`." in named.err
    assert "The program takes" not in other.err


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (("trein.py",), "command 'trein.py' not found", "`gitexp run -- python train.py`"),
        (("python", "-u", "trein.py"), "no file 'trein.py'", "'train.py'"),
        (("python", "./trein.py"), "no file './trein.py'", "'./train.py'"),
    ],
)
@pytest.mark.usefixtures("work_tree")
def test_a_misspelt_script_is_told_before_anything_starts(
    gitexp: Gitexp, words: tuple[str, ...], message: str, hint: str
) -> None:
    assert gitexp("run", "--", *words) == (
        127,
        "",
        f"error: {message}\nhint: Did you mean {hint}?\n",
    )
    assert gitexp("ls").out == "No runs.\n"


def test_a_person_is_told_once_that_params_stay(work_tree: Path) -> None:
    leader, follower = os.openpty()
    command = [sys.executable, "-m", "gitexp", "run", "-S", "rate=0.2"]
    subprocess.run(command, cwd=work_tree, stderr=follower, check=True)
    os.close(follower)
    shown = Screen(leader).whole()
    os.close(leader)

    assert shown.endswith(
        "note: what was set stays in params.yaml: `git restore params.yaml` takes it back, and "
        "runs of `--temp` leave the work tree as it is\r\n"
    )
    assert (work_tree / ".git/gitexp/told-of-params").exists()
