"""What a command logs with a tracker, read from the store that it writes: `capture`."""

from __future__ import annotations

import gzip
import json
import sqlite3
from pathlib import Path

import pytest

from gitexp.execution.capture.places import events_below
from gitexp.store.own import OwnFolder

from tests.execution.workshop import Sh, TheRun
from tests.metrics.tracker_stores import (
    MLFLOW_TABLES,
    artifact,
    history,
    mlruns,
    wandb_bytes,
    wandb_run,
    write_events,
)
from tests.workshop import Git, Gitexp

LATER = 4_000_000_000_000
"""When runs began that a command makes, in milliseconds."""
MLFLOW = f"""{MLFLOW_TABLES}
INSERT INTO runs VALUES ('r1', 'brisk-owl', 'FINISHED', {LATER}, 'active', '/m/r1', 1);
INSERT INTO params VALUES ('lr', '{{lr}}', 'r1');
INSERT INTO latest_metrics VALUES ('loss', {{loss}}, 1, 7, 0, 'r1');
INSERT INTO tags VALUES ('stage', 'dev', 'r1');
INSERT INTO logged_models VALUES ('m-1', 'net', '{{top}}/mlruns/m-1/artifacts', 1, 'r1'),
    ('m-2', 'far', 's3://user:secret@bucket/m-2?X-Signature=1', 2, 'r1'),
    ('m-3', 'odd', 's3://[bucket/m-3', 3, 'r1');
"""
OFFERED = "cp '{store}' \"${{MLFLOW_TRACKING_URI#sqlite:///}}\""
RUN_FILE = wandb_bytes(
    wandb_run(lr=0.1, many=[0] * 101),
    history(_step=4, acc=0.5),
    artifact("net", "model", ("net.pt", "KiHsDHn5o4mIowDDYnuSfg==")),
)


@pytest.fixture
def project_files() -> dict[str, str]:
    """A project that captures all trackers."""
    return {"gitexp.yaml": "capture: [mlflow, wandb, tensorboard]\n", ".gitignore": "mlruns/\n"}


@pytest.fixture(autouse=True)
def unnamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the developer's environment says of trackers."""
    for name in ("MLFLOW_TRACKING_URI", "WANDB_MODE", "WANDB_DIR", "WANDB_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def database(file: Path, top: Path, *, lr: float = 0.1, loss: float = 0.5) -> Path:
    made = sqlite3.connect(file)
    made.executescript(MLFLOW.format(lr=lr, loss=loss, top=top))
    made.close()
    return file


def test_a_store_of_the_runs_own_is_offered_to_mlflow_and_read(
    tmp_path: Path, work_tree: Path, sh: Sh, the_run: TheRun, gitexp: Gitexp, git: Git
) -> None:
    store = database(tmp_path / "store.db", work_tree)

    told = sh(OFFERED.format(store=store), "-n", "a").err

    record = the_run().record
    assert told == (
        "note: the model 'net' that was logged with MLflow is not in the run: git ignores "
        "'mlruns/m-1/artifacts'; take that out of .gitignore, or name it under `track` in "
        "gitexp.yaml\na: loss 0.5, step 7\n"
    )
    assert record.params["mlflow"] == {"lr": 0.1}
    assert record.metrics == {"mlflow": {"loss": 0.5, "step": 7}}
    assert record.extra["trackers"] == {
        "mlflow": {
            "run": "r1",
            "name": "brisk-owl",
            "group": "iris",
            "tags": {"stage": "dev"},
            "models": [
                {"name": "net", "id": "m-1", "path": "mlruns/m-1/artifacts"},
                {"name": "far", "id": "m-2", "address": "s3://bucket/m-2"},
                {"name": "odd", "id": "m-3"},
            ],
        }
    }
    assert git("status", "--porcelain", "--ignored") == ""
    kept = OwnFolder(work_tree / ".git").trackers / record.id
    assert gzip.decompress((kept / "mlflow.db.gz").read_bytes()) == store.read_bytes()
    shown = gitexp("show", "a").out
    assert "  mlflow          brisk-owl (r1) in iris\n" in shown
    assert "  mlflow tags     stage=dev\n" in shown
    assert "  mlflow models   net: mlruns/m-1/artifacts, far: s3://bucket/m-2, odd\n" in shown


def test_params_that_were_logged_do_not_make_another_experiment(
    tmp_path: Path, work_tree: Path, sh: Sh, gitexp: Gitexp
) -> None:
    line = OFFERED.format(store=database(tmp_path / "store.db", work_tree))
    sh(line, "-n", "a")

    again = sh(line, "--needed")
    removed = (gitexp("rm", "a").code, gitexp("gc", "--force").out)

    assert again.err.startswith("not needed: a run with these inputs and this command is known")
    assert removed[0] == 0
    assert "what 1 run logged with trackers" in removed[1]
    assert not list(OwnFolder(work_tree / ".git").trackers.iterdir())


def test_a_store_that_is_there_is_gone_on_with_and_only_its_new_runs_count(
    tmp_path: Path, work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    """A folder of MLflow's that git ignores, and W&B's, which was told to log elsewhere."""
    files = {"0/meta.yaml": "name: iris\n", "0/old/meta.yaml": "start_time: 1000\n"}
    root = mlruns(work_tree / "mlruns", files)
    files = {"meta.yaml": f"start_time: {LATER}\n", "metrics/loss": "1 0.25 3\n"}
    mlruns(tmp_path / "new", files)
    (tmp_path / "new.wandb").write_bytes(RUN_FILE)

    told = sh(
        f"test -z $MLFLOW_TRACKING_URI && cp -r '{tmp_path}/new' mlruns/0/new && "
        f"mkdir -p elsewhere/wandb/offline-run-1 && printf hello > net.pt && "
        f"cp '{tmp_path}/new.wandb' elsewhere/wandb/offline-run-1/run-1.wandb",
        "-n",
        "a",
    ).err

    record = the_run().record
    assert root.is_dir()
    assert record.metrics == {"mlflow": {"loss": 0.25, "step": 3}, "wandb": {"acc": 0.5, "step": 4}}
    assert record.params["wandb"] == {"lr": 0.1}
    assert "note: lists of more than 100 values stay with W&B alone: many\n" in told
    [model] = record.extra["trackers"]["wandb"]["models"]
    assert model == {"name": "net", "id": "d1ge5t", "md5": "2a21ec0c79f9a38988a300c3627b927e"}


def test_a_run_of_wandb_is_offline_and_of_several_the_last_one_counts(
    tmp_path: Path, sh: Sh, the_run: TheRun
) -> None:
    (tmp_path / "new.wandb").write_bytes(RUN_FILE[:-5])  # as of a program that was killed
    place = '"$WANDB_DIR/wandb/$WANDB_MODE-run-{0}"'
    line = f"mkdir -p {place} && cp '{tmp_path}/new.wandb' {place}/run-{{0}}.wandb"

    told = sh(f"{line.format(1)}; {line.format(2)}; exit 3", "-n", "a").err

    assert "note: the command made 2 runs of W&B; the last one counts, 'first'\n" in told
    record = the_run().record
    assert (record.status, record.metrics) == ("failed", {"wandb": {"acc": 0.5, "step": 4}})
    assert record.extra["trackers"]["wandb"]["tags"] == {"base": "", "x": ""}


def test_event_files_are_joined_wherever_they_lie_and_have_their_params(
    tmp_path: Path, work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    """Also in a folder that git ignores; `add_hparams` makes one more, named by the time."""
    (work_tree / ".gitignore").write_text("runs/\n")
    write_events(tmp_path / "made/now/train", {"loss": [0.5, 0.25]})
    write_events(tmp_path / "made/now/val", {"loss": [0.75]})
    params = {"lr": 0.5, "units": 32, "name": "adam", "warm": True}
    write_events(tmp_path / "made/now/1795974816.19", {"hparam/f1": [0.5]}, params)
    write_events(work_tree / "runs/before", {"old": [1.0]})

    line = f"cp -r '{tmp_path}/made/now' runs/now; ln -s nowhere events.out.tfevents.1"
    told = sh(line, "-n", "a").err

    record = the_run().record
    assert record.metrics == {
        "tensorboard": {"train/loss": 0.25, "val/loss": 0.75, "hparam/f1": 0.5, "step": 1}
    }
    assert record.params["tensorboard"] == {**params, "units": 32}
    why = "'events.out.tfevents.1' is not a file"
    assert f"warning: an event file is not read: {why}\n" in told


def test_a_folder_with_very_many_entries_is_not_looked_through_to_its_end(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "events.out.tfevents.1").touch()

    part, whole = (events_below(tmp_path / "runs", most) for most in (4, 100))

    assert (len(part[0]), part[1]) == (1, False)
    assert (len(whole[0]), whole[1]) == (3, True)


def test_a_store_behind_a_link_that_a_commit_may_have_brought_is_not_read(
    tmp_path: Path, work_tree: Path, sh: Sh, the_run: TheRun, git: Git
) -> None:
    files = {"0/meta.yaml": "name: iris\n", "0/r/meta.yaml": f"start_time: {LATER}\n"}
    away = mlruns(tmp_path / "others", {**files, "0/r/params/key": "theirs"})
    (work_tree / ".gitignore").write_text("mlruns\n")
    (work_tree / "mlruns").symlink_to(away)

    sh(f"touch '{away}/0/r'", "-n", "ignored")
    ours = the_run().record.params
    git("add", "-f", "mlruns")
    sh(f"touch '{away}/0/r'", "-n", "tracked")

    assert ours["mlflow"] == {"key": "theirs"}
    assert "mlflow" not in the_run().record.params


def test_a_store_that_cannot_be_read_costs_its_values_alone(sh: Sh, the_run: TheRun) -> None:
    told = sh('echo no database > "${MLFLOW_TRACKING_URI#sqlite:///}"; echo 1 > out.txt').err

    assert "warning: a store of a tracker is not read: '" in told
    assert the_run().record.status == "done"
    assert the_run().record.outputs == ("out.txt",)


def test_a_run_that_logs_with_a_tracker_unasked_gives_the_line(
    tmp_path: Path, work_tree: Path, sh: Sh
) -> None:
    (work_tree / "gitexp.yaml").unlink()
    store = database(tmp_path / "store.db", work_tree)

    told = sh(f"cp '{store}' mlflow.db", "-n", "a").err

    note = "note: 'mlflow.db' is of a tracker: `capture: [mlflow]` in gitexp.yaml records what it"
    assert f"{note} has\n" in told


def test_a_review_and_a_check_see_what_was_logged_in_the_run_with_these_inputs(
    tmp_path: Path, work_tree: Path, sh: Sh, gitexp: Gitexp, git: Git
) -> None:
    policy = "policy: {loss: {goal: min, max: 0.9, max_drop: 0.1}}\n"
    (work_tree / "gitexp.yaml").write_text(f"capture: [mlflow]\n{policy}")
    (work_tree / "params.yaml").write_text("lr: 1\n")
    git("add", ".")
    git("commit", "-qm", "settings")
    line = OFFERED.format(store=f"{tmp_path}/'$(cut -c5- params.yaml)'.db")
    for lr, loss in ((1, 0.5), (2, 0.7)):
        database(tmp_path / f"{lr}.db", work_tree, lr=lr, loss=loss)

    sh(line, "-n", "base")
    alone = gitexp("check")
    sh(line, "-n", "worse", "-S", "lr=2")
    git("commit", "-qam", "lr 2")
    review = gitexp("review", "HEAD~1", "HEAD")
    (work_tree / "params.yaml").write_text("lr: 3\n")
    unknown = gitexp("check", "workspace")
    git("commit", "-qam", "lr 3", "-m", "Gitexp-From-Run: " + latest(gitexp))
    stale = gitexp("check")

    assert "ok   freshness   mlflow: the inputs are those of base\n" in alone.out
    assert (alone.code, review.code) == (0, 1)
    assert "loss   0.5 → 0.7   +0.2   +40.0 %   worse" in review.out
    assert "wrong: loss rose by 0.2, more than the 0.1 allowed" in review.out
    assert "ok   mlflow: the inputs are those of worse" in review.out
    assert "what `capture` names (mlflow) stands in no file, and no run is known" in unknown.out
    assert stale.code == 1
    assert "wrong   freshness   param lr changed after worse; run again" in stale.out


def latest(gitexp: Gitexp) -> str:
    """Return the id of the newest run."""
    return str(json.loads(gitexp("show", "latest", "--json").out)["id"])
