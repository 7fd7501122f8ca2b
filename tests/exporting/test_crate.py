"""An RO-Crate: each thing that it speaks of is in it, and says what the run's record says."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.exporting.crate import METADATA, About, Exported, described
from gitexp.exporting.crate_files import write_crate
from gitexp.model.record import DataPointer, Exit

from tests.exporting.test_frame import RUN

ABOUT = About(
    "digits", "https://example.org/digits.git", "https://example.org/license", "2026-01-03"
)
FILES = {"params.yaml": b"lr: 0.1\n", "out/m ä.json": b"{}", ".gitexp/run.json": b"{}"}
DONE = replace(
    RUN,
    user="Ada",
    params={"params.yaml": {"lr": 0.1, "on": True, "layers": [1, 2]}},
    metrics={"out/m ä.json": {"loss": math.nan, "val": {"f1": 0.5}}},
    pointers=(
        DataPointer("data/train", "1" * 32 + ".dir", 10, 2),
        DataPointer("model.pkl", "2" * 32, None, None, "output"),
    ),
)
FAILED = replace(
    DONE, id="2" * 10, name="two", status="failed", exit=Exit(3), params={}, metrics={}, user=None
)


def graph(runs: list[Exported]) -> dict[str, Any]:
    """Return the entities by what they are called."""
    entities: Any = described(runs, ABOUT)["@graph"]
    found = {one["@id"]: one for one in entities}
    assert len(found) == len(entities), "no two have one name"
    return found


def references(value: object) -> list[str]:
    """Return all that a value refers to."""
    if isinstance(value, dict):
        return [value["@id"]] if set(value) == {"@id"} else []
    return [one for part in value for one in references(part)] if isinstance(value, list) else []


def test_each_reference_leads_to_an_entity() -> None:
    found = graph([Exported("a" * 40, DONE, FILES), Exported("b" * 40, FAILED)])
    outside = {"https://w3id.org/ro/crate/1.1", "https://w3id.org/ro/wfrun/process/0.5"}

    for entity in found.values():
        for value in entity.values():
            assert set(references(value)) <= found.keys() | outside


def test_an_action_says_what_went_in_what_came_out_and_how_it_ended() -> None:
    found = graph([Exported("a" * 40, DONE, FILES), Exported("b" * 40, FAILED)])

    done, failed = found[f"#run-{DONE.id}"], found[f"#run-{FAILED.id}"]
    read = [found[one["@id"]]["name"] for one in done["object"]]
    made = [found[one["@id"]]["name"] for one in done["result"]]
    assert sorted(read) == [".gitexp/run.json", "data/train", "layers", "lr", "on", "params.yaml"]
    assert sorted(made) == ["loss", "model.pkl", "out/m ä.json", "val.f1"]
    assert done["startTime"] == "2026-01-02T03:04:05.678+00:00"
    assert done["actionStatus"].endswith("/CompletedActionStatus")
    assert found[done["agent"]["@id"]]["name"] == "Ada"
    assert failed["actionStatus"].endswith("/FailedActionStatus")
    assert failed["error"] == "exit status 3"
    assert found[done["instrument"]["@id"]]["softwareVersion"] == DONE.baseline


def test_values_are_as_json_has_them() -> None:
    found = graph([Exported("a" * 40, DONE)])

    values = {
        one["name"]: one["value"] for one in found.values() if one["@type"] == "PropertyValue"
    }
    assert values == {"lr": 0.1, "on": True, "layers": "[1,2]", "loss": "nan", "val.f1": 0.5}


def test_the_files_lie_where_the_metadata_says(tmp_path: Path) -> None:
    assert write_crate([Exported("a" * 40, DONE, FILES)], tmp_path, ABOUT) == 1

    said = json.loads((tmp_path / METADATA).read_text())
    files = [one for one in said["@graph"] if one["@type"] == "File"]
    assert {one["name"]: int(one["contentSize"]) for one in files} == {
        name: len(content) for name, content in FILES.items()
    }
    assert (tmp_path / "runs" / DONE.id / "params.yaml").read_bytes() == b"lr: 0.1\n"
    assert (tmp_path / "runs" / DONE.id / "out" / "m ä.json").read_bytes() == b"{}"


def test_names_that_are_no_text_are_spelled_out(tmp_path: Path) -> None:
    params = {"a\udcff.yaml": {"\ud800": "\udcff"}}
    odd = replace(DONE, params=params, metrics={}, pointers=(), user="\udcff")

    write_crate([Exported("a" * 40, odd, {"a\udcff.yaml": b"lr: 1\n"})], tmp_path, ABOUT)

    said = json.loads((tmp_path / METADATA).read_text())
    assert {f"runs/{odd.id}/a%FF.yaml", f"#params-{odd.id}-%5Cud800", "#person-%FF"} <= {
        one["@id"] for one in said["@graph"]
    }


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    for name, below in (("a", ""), ("b", "out")):
        link = tmp_path / name / "runs" / DONE.id / below
        link.parent.mkdir(parents=True)
        link.symlink_to(outside)

        with pytest.raises(GitexpError, match="is a link, or behind one"):
            write_crate([Exported("a" * 40, DONE, FILES)], tmp_path / name, ABOUT)

    assert not list(outside.iterdir())
