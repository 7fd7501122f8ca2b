"""What a store of another tool, which may come from anybody, can make an import do."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from gitexp.errors import ExitCode
from gitexp.importing import from_mlflow, from_neptune, from_wandb
from gitexp.importing.foreign import Found, Unreadable
from gitexp.importing.wandb_records import names_in
from gitexp.importing.wandb_run import read_files

from tests.importing.tool_stores import NEPTUNE, neptune_part, sacred_run
from tests.metrics.tracker_stores import (
    artifact,
    field,
    history,
    mlruns,
    summary,
    wandb_bytes,
    wandb_run,
)
from tests.workshop import Git, Gitexp

Reader = Callable[[str, Path], Iterable[Found | Unreadable]]
SECRET = "hunter2"
RECORDS = (
    wandb_run(lr=0.1, net={"depth": 2}),
    history(_step=0, loss=0.9, acc=0.1, _timestamp=1.5),
    summary({"loss": 0.9}),
    artifact("net", "model", ("model.bin", "OYUz1IER6fZksfZMsQxLYw==")),
    field(18, field(1, 0) + field(2, 7)),
)


def _wandb(place: Path, outside: Path) -> None:
    whole, linked, other = (place / f"run-20260101_00000{at}-a{at}" for at in (1, 2, 3))
    for folder in (whole, linked):
        (folder / "files").mkdir(parents=True)
    other.mkdir()
    (other / "files").symlink_to(outside.parent)
    (outside.parent / "config.yaml").write_text(f"lr: {SECRET}\n")
    (whole / "run-a1.wandb").write_bytes(wandb_bytes(*RECORDS))
    (whole / "files" / "requirements.txt").symlink_to(outside)
    (whole / "files" / "linked.txt").symlink_to(outside)
    for name in ("wandb-summary.json", "config.yaml"):
        (linked / "files" / name).symlink_to(outside)


def _mlflow(place: Path, outside: Path) -> None:
    meta = "run_id: {}\nstatus: 3\nstart_time: 2000\nend_time: 3000\nlifecycle_stage: active\n"
    files = {"0/meta.yaml": "experiment_id: '0'\nname: x\n", "0/r1/meta.yaml": meta.format("r1")}
    mlruns(place, {**files, "0/r1/params/lr": "0.1", "0/r1/metrics/loss": "1 0.5 0\n"})
    (place / "0/r1/params/key").symlink_to(outside)
    (place / "0/r1/tags").symlink_to(outside.parent)
    (place / "0/r2").symlink_to(place / "0/r1")
    (place / "1").symlink_to(place / "0")


def _neptune(place: Path, outside: Path) -> None:
    neptune_part(place / "data/ada/one_part_0.parquet", "one", NEPTUNE)
    other = neptune_part(outside.parent / "two_part_0.parquet", "two", NEPTUNE)
    (place / "data/ada" / other.name).symlink_to(other)
    (place / "data/linked").symlink_to(outside.parent)


@pytest.mark.parametrize(
    ("make", "reader", "runs"),
    [
        (_wandb, from_wandb.found, 1),
        (_mlflow, from_mlflow.found, 1),
        (_neptune, from_neptune.found, 1),
    ],
)
def test_no_link_in_a_store_is_followed(
    tmp_path: Path, make: Callable[[Path, Path], None], reader: Reader, runs: int
) -> None:
    outside = tmp_path / "outside" / "secret.txt"
    outside.parent.mkdir()
    outside.write_text(f"lr: {SECRET}\npassword=={SECRET}\n")
    make(tmp_path / "store", outside)

    found = [*reader(str(tmp_path / "store"), Path())]

    read = [one.read() for one in found if isinstance(one, Found)]
    assert len(read) == runs
    assert SECRET not in repr((found, read))
    assert "linked" not in repr(read)


def test_no_byte_of_a_record_of_wandbs_makes_a_reader_stumble() -> None:
    """Lengths that lie, kinds that are none, JSON that is cut: what is before them counts."""
    chance = random.Random(17)
    for _ in range(400):
        records = [bytearray(one) for one in RECORDS]
        for _ in range(chance.randrange(1, 4)):
            one = chance.choice(records)
            at = chance.randrange(len(one))
            one[at : at + chance.randrange(2)] = bytes([chance.choice((0, 1, 127, 255, 44, 57))])
        content = wandb_bytes(*map(bytes, records))
        names_in(content)
        read_files([content, content[: chance.randrange(len(content))]])


def test_an_import_writes_into_its_own_folder_alone_and_over_no_other_run(
    gitexp: Gitexp, git: Git, work_tree: Path
) -> None:
    curve = {"steps": [0, 1], "values": [1, 0.5], "timestamps": []}
    odd = ("../../evil/loss", "/etc/x/loss", ".git/hooks/x", "a\tb\nc/loss", "C:\\x/loss", "/", "")
    folder = sacred_run(work_tree / "store", "1", experiment={"name": "../../HEAD"})
    (folder / "metrics.json").write_text(json.dumps(dict.fromkeys(odd, curve)))

    first = gitexp("import", "sacred", "store")

    assert first.code == ExitCode.OK, first.err
    changed = git("ls-tree", "-r", "--name-only", "experiments", cwd=work_tree).splitlines()
    assert changed
    assert all(path.startswith(".gitexp/") and ".." not in path for path in changed)
    assert not (work_tree.parent / "evil").exists()
    assert git("fsck", "--full", "--strict", "--no-dangling", cwd=work_tree) == ""
    assert gitexp("ls", "--json").out.count('"HEAD-1"') == 1
