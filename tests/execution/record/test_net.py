"""Whatever fails between the end of a command and its commit, the run is recorded."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from tests.execution.workshop import BehindPointer, Leftovers, Sh, TheRun
from tests.workshop import Git, dvc

FAILING = """\
import sys
from importlib import import_module
where, name, kind = sys.argv.pop(1).split(":")
def fail(*_, **__):
    if kind == "OSError":
        raise OSError(28, "No space left on device")
    raise ZeroDivisionError("a bug")
owner = import_module(where.partition("/")[0])
owner = getattr(owner, where.partition("/")[2]) if "/" in where else owner
getattr(owner, name)  # a step that was moved would fail nobody
setattr(owner, name, fail)
from gitexp.cli.main import main
sys.exit(main())
"""
"""gitexp, one step of which fails."""

RECORD = "gitexp.execution.record"
STEPS = [
    f"{RECORD}.conclude:put_onto_disk",
    f"{RECORD}.conclude:keep_ended",
    f"{RECORD}.conclude:keep_outcome",
    f"{RECORD}.surroundings:_seen",
    f"{RECORD}.learned:inputs_of",
    f"{RECORD}.pipeline:_stages",
    f"{RECORD}.outcome:reproduced",
    f"{RECORD}.outcome:find_outcome",
    f"{RECORD}.seen:list_untracked",
    f"{RECORD}.seen:watch_ignored",
    f"{RECORD}.outcome:earlier_outputs",
    "gitexp.pointers.chosen:behind_pointers",
    "gitexp.pointers.models:store_outputs",
    f"{RECORD}.outputs:without_secrets",
    f"{RECORD}.outputs/RunTree:add",
    "gitexp.revisions.roles:parse_metrics",
    f"{RECORD}.commit:metrics_before",
    f"{RECORD}.commit:mirror",
    f"{RECORD}.commit:unwritten_data",
    f"{RECORD}.folder:check_record",
    f"{RECORD}.folder:_excerpt",
    "gitexp.pointers.models:_set_up_dvc",
    "gitexp.pointers.models:replace_content",
    "gitexp.pointers.door/DataCache:store",
    "gitexp.cli.ending:last_line",
    "gitexp.execution.tidying:keep_log",
]
SILENT = (
    "conclude:put_onto_disk",
    "outcome:earlier_outputs",
    "pipeline:_stages",
    "tidying:keep_log",
)
"""Those that a run of a moment does not come to, or that mean nothing once it is recorded."""

LOOKED = "until [ -e .git/gitexp/runs/*/running.json ]; do sleep 0.05; done"
"""Waits until gitexp has looked at the command, as it does each second."""

LINE = "echo w > model.joblib; echo '{\"loss\": 0.5}' > metrics.json; echo 1 > new.txt; exit 3"


@pytest.mark.parametrize(
    ("step", "kind"),
    [*((step, "bug") for step in STEPS), *((step, "OSError") for step in STEPS[::4])],
)
def test_a_step_that_fails_is_named_and_the_run_recorded(
    work_tree: Path, the_run: TheRun, step: str, kind: str
) -> None:
    command = [sys.executable, "-c", FAILING, f"{step}:{kind}", "run", "--", "sh", "-c", LINE]

    ended = subprocess.run(command, cwd=work_tree, capture_output=True, text=True, check=False)

    assert ended.returncode == 3, ended.stderr
    record = the_run().record
    assert (record.status, record.exit.code) == ("failed", 3)
    assert "Traceback" not in ended.stderr
    if not step.endswith(SILENT):
        assert "warning: " in ended.stderr
        if kind == "bug":
            assert "ZeroDivisionError: a bug" in ended.stderr


def test_a_date_in_what_dvc_reads_stops_nothing(work_tree: Path, sh: Sh, the_run: TheRun) -> None:
    (work_tree / "params.yaml").write_text("rate: 0.1\nday: 2024-01-02\nout: metrics.json\n")
    stage = 'stages:\n  fit:\n    cmd: "true"\n    metrics: ["${out}": {cache: false}]\n'
    (work_tree / "dvc.yaml").write_text(stage)
    dvc("init", "-q", "--subdir", cwd=work_tree)

    ended = sh("echo '{\"loss\": 1}' > metrics.json; touch dvc.lock")

    assert ended.code == 0
    assert "warning: DVC cannot read the pipeline: Unsupported value of type 'date'" in ended.err
    assert the_run().record.metrics == {"metrics.json": {"loss": 1}}


def test_a_model_whose_pointer_would_have_too_long_a_name_is_left_out_and_named(
    sh: Sh, the_run: TheRun
) -> None:
    name, fits = "m" * 247 + ".joblib", "n" * 244 + ".joblib"

    ended = sh(f"echo 1 > {name}; echo 2 > {fits}; echo '{{\"loss\": 1}}' > metrics.json")

    assert ended.code == 0
    assert f"warning: '{name}' is not recorded: [Errno {errno.ENAMETOOLONG}]" in ended.err
    record = the_run().record
    assert record.left_out == (name,)
    assert [pointer.path for pointer in record.pointers] == [fits]
    assert record.metrics == {"metrics.json": {"loss": 1}}


def test_a_rewritten_model_that_cannot_be_stored_leaves_no_pointer_to_the_one_before(
    work_tree: Path, behind_pointer: BehindPointer, git: Git, sh: Sh, the_run: TheRun
) -> None:
    (work_tree / "model.joblib").write_text("old")
    behind_pointer("model.joblib")
    git("add", "-A")
    git("commit", "-qm", "a model")

    ended = sh("rm model.joblib; mkfifo model.joblib")

    assert ended.code == 0
    assert "warning: 'model.joblib' is not recorded" in ended.err
    assert "model.joblib.dvc" not in the_run().entries
    assert the_run().record.left_out == ("model.joblib",)


@pytest.mark.parametrize("tracked", ["file", "link"])
def test_a_tracked_file_may_become_a_folder(
    work_tree: Path, git: Git, sh: Sh, the_run: TheRun, tracked: str
) -> None:
    (work_tree / "run1").mkdir()
    (work_tree / "run1" / "x").touch()
    if tracked == "link":
        (work_tree / "latest").symlink_to("run1")
    else:
        (work_tree / "latest").touch()
    git("add", "-A")
    git("commit", "-qm", "latest")

    sh("rm latest; mkdir -p latest/a; echo w > latest/a/m.joblib; echo 1 > latest/b.txt")

    run = the_run()
    assert run.record.outputs == ("latest/a/m.joblib", "latest/b.txt")
    assert "latest/a/m.joblib.dvc" in run.entries
    assert "latest" not in run.entries
    assert run.record.changed_meanwhile == ()


def test_a_tracked_folder_may_become_a_file(
    work_tree: Path, git: Git, sh: Sh, the_run: TheRun
) -> None:
    for name in ("results", "m.joblib"):
        (work_tree / name).mkdir()
        (work_tree / name / "x").write_text("old")
    git("add", "-A")
    git("commit", "-qm", "folders")

    sh("rm -r results m.joblib; echo 1 > results; echo w > m.joblib")

    run = the_run()
    assert run.record.outputs == ("m.joblib", "results")
    assert run.text("results") == "1\n"
    assert {"m.joblib.dvc", "results"} <= set(run.entries)
    assert not {"m.joblib/x", "results/x"} & set(run.entries)


def test_a_model_beside_which_nothing_can_be_written_is_in_the_run_alone(
    sh: Sh, the_run: TheRun
) -> None:
    ended = sh("mkdir -p out/m.joblib.dvc out/.gitignore; echo w > out/m.joblib")

    assert ended.code == 0
    assert "warning: 'out/m.joblib.dvc' is in the run alone, it cannot be written" in ended.err
    record = the_run().record
    assert [pointer.path for pointer in record.pointers] == ["out/m.joblib"]
    assert record.left_out == ()


def test_a_folder_that_git_cannot_open_is_named_and_the_rest_recorded(
    sh: Sh, the_run: TheRun
) -> None:
    """Its path is longer than the system takes."""
    deep = "i=0; cd out; while [ $i -lt 20 ]; do mkdir $n && cd -P $n; i=$((i+1)); done; echo 1 > x"
    line = f"mkdir out; echo 1 > out/y; n=$(printf '%0240d' 0); {deep}"

    ended = sh(line)

    assert ended.code == 0, ended.err
    assert "warning: not all new files are recorded: could not open directory 'out/0" in ended.err
    assert "out/y" in the_run().record.outputs


def test_a_run_is_recorded_though_gitexps_own_folder_was_removed_meanwhile(
    work_tree: Path, sh: Sh, the_run: TheRun, leftovers: Leftovers
) -> None:
    (work_tree / "notes.txt").write_text("mine")

    remove = "until rm -rf .git/gitexp; do :; done"  # gitexp writes there, once a second
    ended = sh(
        f"{LOOKED}; {remove}; echo w > m.joblib; echo '{{\"loss\": 1}}' > metrics.json; exit 3"
    )

    assert ended.code == 3, ended.err
    assert "was removed while the command ran: its output is lost" in ended.err
    run = the_run()
    assert run.record.metrics == {"metrics.json": {"loss": 1}}
    assert run.record.outputs == ("m.joblib", "metrics.json")
    assert run.text("notes.txt") == "mine"
    assert leftovers() == []


def test_a_git_directory_that_is_gone_is_called_so(work_tree: Path, sh: Sh) -> None:
    ended = sh(f"{LOOKED}; until rm -rf .git; do :; done; git init -q")

    assert ended.code == 125
    assert f"what '{work_tree / '.git'}' held of run " in ended.err
    assert "recovered by another process" not in ended.err
