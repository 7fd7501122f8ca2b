"""Stores of MLflow and W&B as these write them, made without either."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MLFLOW_TABLES = """
CREATE TABLE experiments (experiment_id INTEGER NOT NULL, name VARCHAR(256) NOT NULL);
CREATE TABLE runs (run_uuid VARCHAR(32) NOT NULL, name VARCHAR(250), status VARCHAR(9),
    start_time BIGINT, lifecycle_stage VARCHAR(20), artifact_uri VARCHAR(200),
    experiment_id INTEGER);
CREATE TABLE metrics (key VARCHAR(250), value FLOAT, timestamp BIGINT, run_uuid VARCHAR(32),
    step BIGINT, is_nan BOOLEAN);
CREATE TABLE latest_metrics (key VARCHAR(250), value FLOAT, timestamp BIGINT, step BIGINT,
    is_nan BOOLEAN, run_uuid VARCHAR(32));
CREATE TABLE params (key VARCHAR(250), value VARCHAR(8000), run_uuid VARCHAR(32));
CREATE TABLE tags (key VARCHAR(250), value VARCHAR(8000), run_uuid VARCHAR(32));
CREATE TABLE logged_models (model_id VARCHAR(36), name VARCHAR(500), artifact_location
    VARCHAR(1000), creation_timestamp_ms BIGINT, source_run_id VARCHAR(32));
INSERT INTO experiments VALUES (0, 'Default'), (1, 'iris');
"""
"""Of MLflow 3.17, as far as they are read."""


def wandb_bytes(*records: bytes) -> bytes:
    """Return a file of W&B's that holds records, those in parts that cross a block."""
    content = bytearray(b":W&B\xe1\xbe\x00")
    for record in records:
        rest, is_first = record, True
        while is_first or rest:
            left = 32768 - len(content) % 32768
            if left < 7:
                content += bytes(left)
                continue
            part, rest = rest[: left - 7], rest[left - 7 :]
            kind = (1 if is_first else 4) if not rest else (2 if is_first else 3)
            checksum = zlib.crc32(part, zlib.crc32(bytes([kind])))
            content += struct.pack("<IHB", checksum, len(part), kind) + part
            is_first = False
    return bytes(content)


def field(number: int, value: bytes | str | int) -> bytes:
    """Return a field of a protobuf message."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    content = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    found = b""
    while value > 0x7F:
        found += bytes([value & 0x7F | 0x80])
        value >>= 7
    return found + bytes([value])


def items(values: Mapping[str, object], key: int = 1) -> bytes:
    """Return what updates a configuration, or a step of the history; a dot is a level."""
    found = b""
    for name, value in values.items():
        nested = b"".join(field(2, one) for one in name.split("."))
        names = field(key, name) if "." not in name else nested
        found += field(1, names + field(16, json.dumps(value)))
    return found


def wandb_run(name: str = "first", **config: object) -> bytes:
    """Return the record of a run with two tags."""
    message = field(1, "abc12345") + field(3, "iris") + field(4, items(config)) + field(8, name)
    message += field(10, "base") + field(10, "x") + field(17, field(1, 1_800_000_000))
    return field(1, 2) + field(17, message)


def history(**values: object) -> bytes:
    """Return the record of a step."""
    return field(2, items(values, key=2))


def summary(values: Mapping[str, object]) -> bytes:
    """Return a record that sets values of the summary."""
    return field(3, items(values))


def artifact(name: str, kind: str, *files: tuple[str, str]) -> bytes:
    """Return the record of an artifact with files, each with its hash in base 64."""
    contents = b"".join(field(4, field(1, path) + field(2, digest)) for path, digest in files)
    said = field(4, kind) + field(5, name) + field(6, "d1ge5t") + field(12, contents)
    return field(8, said)


def mlruns(root: Path, files: Mapping[str, str]) -> Path:
    """Make a folder of MLflow's from the texts of its files."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def write_events(
    folder: Path, points: Mapping[str, list[float]], hparams: Mapping[str, object] | None = None
) -> Path:
    """Write what TensorBoard's own writer makes of some curves, and of params."""
    from tensorboard.compat.proto.event_pb2 import Event  # noqa: PLC0415 - 300 ms, of few tests
    from tensorboard.compat.proto.summary_pb2 import Summary  # noqa: PLC0415 - 300 ms, of few tests
    from tensorboard.summary.writer.event_file_writer import EventFileWriter  # noqa: PLC0415 - 300 ms, of few tests

    writer = EventFileWriter(str(folder))
    if hparams is not None:
        writer.add_event(Event(summary=Summary(value=[_session(hparams)])))
    for tag, values in points.items():
        for step, value in enumerate(values):
            one = Summary.Value(tag=tag, simple_value=value)
            writer.add_event(Event(step=step, summary=Summary(value=[one])))
    writer.close()
    return next(folder.iterdir())


def write_tensor(folder: Path, tag: str, value: float, shape: list[int]) -> None:
    """Write a tensor that has this value everywhere, as TensorBoard writes it: once."""
    from tensorboard.compat.proto.event_pb2 import Event  # noqa: PLC0415 - 300 ms, of few tests
    from tensorboard.compat.proto.summary_pb2 import Summary  # noqa: PLC0415 - 300 ms, of few tests
    from tensorboard.compat.proto.tensor_pb2 import TensorProto  # noqa: PLC0415 - 300 ms, of few tests
    from tensorboard.summary.writer.event_file_writer import EventFileWriter  # noqa: PLC0415 - 300 ms, of few tests

    tensor = TensorProto(dtype=1, float_val=[value])
    for size in shape:
        tensor.tensor_shape.dim.add().size = size
    writer = EventFileWriter(str(folder), filename_suffix=tag)
    writer.add_event(Event(summary=Summary(value=[Summary.Value(tag=tag, tensor=tensor)])))
    writer.close()


def _session(hparams: Mapping[str, object]) -> Any:
    from tensorboard.compat.proto import summary_pb2  # noqa: PLC0415 - 300 ms, of one test
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData  # noqa: PLC0415 - as above

    said = HParamsPluginData()
    for name, value in hparams.items():
        if isinstance(value, bool):
            said.session_start_info.hparams[name].bool_value = value
        elif isinstance(value, str):
            said.session_start_info.hparams[name].string_value = value
        else:
            said.session_start_info.hparams[name].number_value = value
    plugin = summary_pb2.SummaryMetadata.PluginData(
        plugin_name="hparams", content=said.SerializeToString()
    )
    metadata = summary_pb2.SummaryMetadata(plugin_data=plugin)
    return summary_pb2.Summary.Value(tag="_hparams_/session_start_info", metadata=metadata)
