from __future__ import annotations

import math
from pathlib import Path

import pytest

from gitexp.errors import GitexpError
from gitexp.importing.foreign import NoStore
from gitexp.importing.from_neptune import found

from tests.importing.tool_stores import NEPTUNE, keys_and_readers, neptune_part, read_all

PROJECT = "ada_digits-94ae7e5c5e752619"


def test_a_run_comes_value_by_value(tmp_path: Path) -> None:
    neptune_part(tmp_path / "data" / PROJECT / "one-a2a8_part_0.parquet", "one", NEPTUNE)
    model = tmp_path / "files" / PROJECT / "runs" / "one" / "files" / "model"
    model.parent.mkdir(parents=True)
    model.write_text("weights")

    runs, refused = read_all(found, tmp_path)

    run = runs["one"]
    assert not refused
    assert run.params == {
        "params": {
            "lr": 0.1,
            "depth": 3,
            "net": {"wide": True},
            "name": "adam",
            "when": "2025-01-01T12:00:00+00:00",
        }
    }
    assert run.metrics == {"loss": 0.5, "odd": math.inf}
    loss, odd = run.curves
    assert (loss.steps, loss.values, loss.times) == ([0, 2.5], [1.0, 0.5], [0, 2.5])
    assert math.isnan(odd.values[0])  # the exporter makes null of it
    assert (run.name, run.group, run.end) == ("wide", "ada/digits", "done")
    assert (run.started, run.ended) == (1_735_732_800, 1_735_732_890)
    assert (run.user, run.host, run.message) == ("ada", "tower", "wider")
    assert run.tags == ("base", "quick")
    [artifact] = run.artifacts
    assert (artifact.place, artifact.size) == ("runs/one/files/model", 7)
    assert run.problems == (
        "attributes of type 'string_series' stay in the export: monitoring/stdout",
    )


def test_models_of_the_registry_are_told(tmp_path: Path) -> None:
    data, models = tmp_path / "data" / "ada", tmp_path / "model_data" / "ada"
    neptune_part(data / "one_part_0.parquet", "one", NEPTUNE)
    for kind, name in (("models", "DIG-NET"), ("model_versions", "DIG-NET-1")):
        neptune_part(models / kind / f"{name}_part_0.parquet", name, NEPTUNE)
    said: list[str] = []

    assert len(list(found(str(tmp_path), Path(), said.append))) == 1
    (models / "model_versions" / "DIG-NET-1_part_0.parquet").unlink()
    assert len(list(found(str(tmp_path), Path(), said.append))) == 1

    assert said == [
        "note: 2 models of its registry stay in the export: DIG-NET, DIG-NET-1",
        "note: 1 model of its registry stays in the export: DIG-NET",
    ]


def test_all_parts_of_a_run_are_read(tmp_path: Path) -> None:
    for number in range(3):
        file = tmp_path / PROJECT / f"one-a2a8_part_{number}.parquet"
        neptune_part(file, "one", {f"part/{number}": ("int", number)})

    runs, _ = read_all(found, tmp_path)

    assert runs["one"].params == {"part": {"0": 0, "1": 1, "2": 2}}
    (tmp_path / PROJECT / "one-a2a8_part_1.parquet").unlink()
    [one] = keys_and_readers(found, tmp_path)
    with pytest.raises(GitexpError, match=r"_part_1\.parquet' is missing"):
        one.read()


def test_what_is_half_written_or_something_else_stops_no_other_run(tmp_path: Path) -> None:
    neptune_part(tmp_path / PROJECT / "one-a2a8_part_0.parquet", "one", NEPTUNE)
    neptune_part(tmp_path / PROJECT / "two-b2a8_part_0.parquet.tmp", "two", NEPTUNE)
    cut = neptune_part(tmp_path / PROJECT / "three-c2a8_part_0.parquet", "three", NEPTUNE)
    cut.write_bytes(cut.read_bytes()[:-100])

    runs, refused = read_all(found, tmp_path)

    assert list(runs) == ["one"]
    assert refused["two-b2a8"] == "its export was cut off: export it again"
    assert "is damaged or not whole" in refused["three-c2a8"]


def test_a_path_that_leads_out_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("weights")
    values = {"files/model": ("file", {"path": "../../secret"})}
    neptune_part(tmp_path / "data" / PROJECT / "one-a2a8_part_0.parquet", "one", values)

    runs, _ = read_all(found, tmp_path)

    assert [one.size for one in runs["one"].artifacts] == [None]


def test_a_folder_without_an_export_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoStore, match="no run of Neptune's"):
        found(str(tmp_path), Path())
