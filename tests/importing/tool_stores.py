"""Stores as Sacred, Guild AI and neptune-exporter write them, made without any of these.

`tests/frameworks/test_imports.py` holds their layout against what the tools themselves write.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from gitexp.importing.foreign import ForeignRun, Found, Unreadable

COMMIT = "7a82e5c254bd458041ce2177e56696e825305c53"


def read_all(
    found: Callable[[str, Path], Iterator[Found | Unreadable]], place: Path
) -> tuple[dict[str, ForeignRun], dict[str, str]]:
    """Return the runs that a reader finds by their labels, and why others cannot be read."""
    runs: dict[str, ForeignRun] = {}
    refused: dict[str, str] = {}
    for one in found(str(place), Path()):
        if isinstance(one, Unreadable):
            refused[one.label] = one.reason
        else:
            runs[one.label] = one.read()
    return runs, refused


def keys_and_readers(
    found: Callable[[str, Path], Iterator[Found | Unreadable]], place: Path
) -> list[Found]:
    """Return the runs that a reader finds, none of them read yet."""
    return [one for one in found(str(place), Path()) if isinstance(one, Found)]


def sacred_run(store: Path, number: str = "1", **changed: Any) -> Path:
    """Make a run as Sacred 0.8.7 leaves it; `changed` are fields of `run.json`."""
    folder = store / number
    folder.mkdir(parents=True)
    began = datetime(2026, 1, 2, 3, 4, int(number))  # noqa: DTZ001 - in UTC, which Sacred does not say
    run = {
        "artifacts": ["model.txt"],
        "command": "main",
        "experiment": {
            "base_dir": "/home/ada/digits",
            "dependencies": ["numpy==2.4.6", "sacred==0.8.7"],
            "mainfile": "train.py",
            "name": "digits",
            "repositories": [{"commit": COMMIT, "dirty": False, "url": "git://digits"}],
            "sources": [["train.py", "_sources/train_2c97627760b96a2dcac4c35a73912e33.py"]],
        },
        "heartbeat": (began + timedelta(seconds=2)).isoformat(),
        "host": {
            "ENV": {},
            "cpu": "one",
            "hostname": "tower",
            "os": ["Linux", "Linux-6.1-x86_64"],
            "python_version": "3.11.7",
        },
        "meta": {"command": "main", "comment": "wider", "config_updates": {"lr": 0.2}},
        "resources": [["/home/ada/data.csv", "_resources/data_f69f5b72bc79a92dc70c63c9aa14.csv"]],
        "result": 0.5,
        "start_time": began.isoformat(timespec="microseconds"),
        "status": "COMPLETED",
        "stop_time": (began + timedelta(seconds=2)).isoformat(),
    }
    config = {"lr": 0.2, "betas": [0.9, 0.99], "net": {"depth": 3, "wide": True}, "note": None}
    times = [(began + timedelta(seconds=step / 2)).isoformat() for step in range(4)]
    metrics = {
        "loss": {"steps": [0, 10, 20], "timestamps": times[:3], "values": [1.0, 0.5, 0.25]},
        "odd": {"steps": [1, 2], "timestamps": times[:2], "values": [float("nan"), float("inf")]},
    }
    for name, value in (("run", run | changed), ("config", config), ("metrics", metrics)):
        (folder / f"{name}.json").write_text(json.dumps(value, sort_keys=True, indent=2))
    (folder / "model.txt").write_text("weights")
    (folder / "cout.txt").write_text("hello\n")
    return folder


def guild_run(home: Path, run: str, **changed: Any) -> Path:
    """Make a run as Guild AI 0.9 leaves it, without event files; `changed` are attributes."""
    own = home / "runs" / run / ".guild"
    (own / "attrs").mkdir(parents=True)
    attributes = {
        "cmd": ["python3", "-um", "guild.op_main", "train", "--", "--lr", "0.2"],
        "deps": {},
        "env": {"TOKEN": "not for anybody"},
        "exit_status": 0,
        "flags": {"lr": 0.2, "depth": 3, "name": "1e-3", "wide": True},
        "host": "tower",
        "id": run,
        "initialized": 1_767_323_045_000_000,
        "label": "lr=0.2 depth=3",
        "pip_freeze": ["numpy==2.4.6"],
        "platform": {"python_version": "3.11.7 (main)", "uname": "Linux tower 6.1 "},
        "random_seed": 17,
        "run_params": {"label": None},
        "started": 1_767_323_046_000_000,
        "stopped": 1_767_323_047_500_000,
        "sourcecode_digest": "58accd8ede0641e8ae6162112278c512",
        "tags": ["base", "quick"],
        "user": "ada",
        "vcs_commit": f"git:{COMMIT}",
    }
    for name, value in (attributes | changed).items():
        (own / "attrs" / name).write_text(yaml.safe_dump(value))
    (own / "opref").write_text("guildfile:/home/ada/guild.yml e35671c8 digits train")
    digest = "2fbdd1b4fa7011d804f484d0bd32bff7f526d812"
    (own / "manifest").write_text(f"s train.py {digest} train.py\nd data.csv - file:data.csv\n")
    (own.parent / "model.txt").write_text("weights")
    return own.parent


_MOMENT = datetime(2025, 1, 1, 12, tzinfo=timezone.utc)
NEPTUNE: Mapping[str, tuple[str, object]] = {
    "params/lr": ("float", 0.1),
    "params/depth": ("int", 3),
    "params/net/wide": ("bool", True),
    "params/name": ("string", "adam"),
    "params/when": ("datetime", _MOMENT),
    "only/in/others": ("int", None),
    "sys/id": ("string", "DIG-1"),
    "sys/name": ("string", "wide"),
    "sys/owner": ("string", "ada"),
    "sys/hostname": ("string", "tower"),
    "sys/description": ("string", "wider"),
    "sys/creation_time": ("datetime", _MOMENT),
    "sys/running_time": ("float", 90.0),
    "sys/failed": ("bool", False),
    "sys/tags": ("string_set", ["quick", "base"]),
    "files/model": ("file", {"path": "runs/one/files/model"}),
    "monitoring/stdout": ("string_series", "hello"),
}
_COLUMNS = {"file": "file_value", "float_series": "float_value", "string_series": "string_value"}


def neptune_part(file: Path, run: str, values: Mapping[str, tuple[str, object]]) -> Path:
    """Write a part of a run as neptune-exporter 0.1 does, with two curves in two steps each."""
    import pyarrow as pa  # noqa: PLC0415 - 100 ms, of few tests
    from pyarrow import parquet  # noqa: PLC0415 - as above

    moment = pa.timestamp("ms", tz="UTC")
    schema = pa.schema(
        [
            *((name, pa.string()) for name in ("project_id", "run_id")),
            *((f"attribute_{name}", pa.string()) for name in ("path", "type")),
            ("step", pa.decimal128(18, 6)),
            ("timestamp", moment),
            ("int_value", pa.int64()),
            ("float_value", pa.float64()),
            ("string_value", pa.string()),
            ("bool_value", pa.bool_()),
            ("datetime_value", moment),
            ("string_set_value", pa.list_(pa.string())),
            ("file_value", pa.struct([("path", pa.string())])),
        ]
    )
    start = {"project_id": "ada/digits", "run_id": run}
    rows = [
        {**start, "attribute_path": path, "attribute_type": kind}
        | {_COLUMNS.get(kind, f"{kind}_value"): value}
        for path, (kind, value) in values.items()
    ]
    for path, points in (("loss", ((0, 1.0), (2.5, 0.5))), ("odd", ((1, None), (2, float("inf"))))):
        rows += [
            {**start, "attribute_path": path, "attribute_type": "float_series"}
            | {"step": Decimal(step), "timestamp": _MOMENT + timedelta(seconds=step)}
            | {"float_value": value}
            for step, value in points
        ]
    file.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.Table.from_pylist(rows, schema=schema), file, compression="snappy")
    return file
