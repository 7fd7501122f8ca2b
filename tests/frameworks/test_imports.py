"""Stores that the real tools wrote at their newest versions, imported and held value by value.

Left out unless asked for, as the pages are: `pytest -m frameworks`. The exporter of Neptune is in
no registry: GITEXP_NEPTUNE_EXPORTER names a checkout of it (https://github.com/neptune-ai/neptune-exporter).
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitexp.errors import ExitCode
from gitexp.model.record import RunRecord
from gitexp.project import Project
from gitexp.revisions.series import series_of_run
from gitexp.store.selectors import find_run

from tests.frameworks import stores
from tests.frameworks.workshop import environment
from tests.importing.tool_stores import guild_run, sacred_run
from tests.workshop import Gitexp

pytestmark = pytest.mark.frameworks

ENVIRONMENTS = {
    "sacred": "sacred numpy",
    "tensorboard": "tensorboardX",
    "aim": "aim",
    "guild": "guildai",
    "neptune": "neptune<2 neptune-query<2 pandas pyarrow<22 rich<14 click",
}
EXPORTER = os.environ.get("GITEXP_NEPTUNE_EXPORTER")  # tests themselves see no such variable
INF = math.inf
NAN = math.nan


def run_with(tool: str, script: str, **variables: str) -> None:
    """Run a script in the environment of a tool, in the current folder."""
    programs = environment(f"imports-{tool}", ENVIRONMENTS[tool])
    Path("make.py").write_text(script)
    env = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", **variables}
    ended = subprocess.run(
        ["python", "make.py"], env=env, capture_output=True, text=True, check=False
    )
    assert ended.returncode in (0, 1), ended.stderr


@pytest.fixture
def imported(gitexp: Gitexp, work_tree: Path) -> Any:
    """Import from a folder, twice; `imported(TOOL)` returns what the first one said."""

    def make(tool: str, *options: str, store: str = "store") -> str:
        assert work_tree == Path.cwd()
        first = gitexp("import", tool, store, *options)
        again = gitexp("import", tool, store, *options)
        assert first.code == ExitCode.OK, first.err
        assert " here already" in again.out
        assert "imported" not in again.out
        return first.out

    return make


def record_and_curves(name: str) -> tuple[RunRecord, dict[str, tuple[list[Any], list[float]]]]:
    """Return a run, and steps and values of its curves."""
    with Project.open(Path()) as project:
        run = find_run(project.runs, name)
        assert run is not None
        found = series_of_run(project, run)
        return run.record, {key: (one.steps, one.values) for key, one in found.items()}


def same_curves(
    found: Mapping[str, tuple[list[Any], list[float]]],
    wanted: Mapping[str, tuple[list[Any], list[float]]],
) -> None:
    """Assert that steps and values are the same, NaN as well."""
    same(
        *(
            {key: (one, list(map(float, two))) for key, (one, two) in curves.items()}
            for curves in (found, wanted)
        )
    )


def same(found: Any, wanted: Mapping[str, Any]) -> None:
    """Assert that values are the same, NaN as well."""
    assert repr(dict(sorted(found.items()))) == repr(dict(sorted(wanted.items())))


def test_sacred(imported: Any) -> None:
    run_with("sacred", stores.SACRED)

    assert imported("sacred") == "imported 2 runs of Sacred\n"

    record, curves = record_and_curves("digits-1")
    seed = record.params["sacred"].pop("seed")
    assert isinstance(seed, int)
    same(
        record.params["sacred"],
        {
            "betas": [0.9, 0.999],
            "fails": False,
            "lr": 0.2,
            "note": None,
            "optimizer": {"eps": 1e-08, "name": "adam"},
            "wide": True,
        },
    )
    same(
        record.metrics["sacred"],
        {"info": {"best": {"step": 3}}, "odd": INF, "result": 0.5, "train.loss": 0.05},
    )
    same_curves(
        curves,
        {"odd": ([1, 2], [NAN, INF]), "train.loss": ([0, 10, 20, 30], [0.2, 0.1, 0.2 / 3, 0.05])},
    )
    assert (record.status, record.message) == ("done", "wider")
    assert record_and_curves("digits-2")[0].status == "failed"


def test_the_stores_of_sacred_in_the_tests_are_laid_out_as_real_ones(work_tree: Path) -> None:
    run_with("sacred", stores.SACRED)
    ours = sacred_run(work_tree / "ours")

    for name in ("run", "metrics"):
        made, real = (
            dict(_names(json.loads((folder / f"{name}.json").read_text())))
            for folder in (ours, work_tree / "store" / "1")
        )
        made.pop("odd", None)
        loss = {key.replace("train.loss", "loss") for key in real}
        assert {key for key in made if not key.startswith("meta.config")} <= loss


def _names(value: object, above: str = "") -> Iterator[tuple[str, type]]:
    """Yield the dotted names in nested values, with their types."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _names(one, f"{above}.{key}" if above else key)
    else:
        yield above, type(value)


def test_tensorboard(imported: Any) -> None:
    run_with("tensorboard", stores.TENSORBOARD)

    assert imported("tensorboard") == "imported 2 runs of TensorBoard\n"

    record, curves = record_and_curves("lr0.25")
    same(record.params["tensorboard"], {"depth": 3, "lr": 0.25, "name": "adam"})
    third = 0.0833333358168602  # of 32 bits, as TensorBoard has it
    same(record.metrics["tensorboard"], {"hparam/acc": 0.75, "loss/train": 0.0625, "odd": INF})
    same_curves(
        curves,
        {"loss/train": ([0, 1, 2, 3], [0.25, 0.125, third, 0.0625]), "odd": ([0, 1], [NAN, INF])},
    )
    assert record_and_curves("lr0.5")[0].params["tensorboard"]["lr"] == 0.5


def test_aim(imported: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rocks = environment("imports-aimrocks", "aimrocks").parent
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    monkeypatch.setattr(sys, "path", [*sys.path, str(rocks / "lib" / version / "site-packages")])
    Path("store").mkdir()
    run_with("aim", stores.AIM)
    before = _contents(Path("store"))

    said = imported("aim")

    assert said.startswith("imported 2 runs of Aim; 1 run is left out, without an end")
    assert _contents(Path("store")) == before
    record, curves = record_and_curves("one")
    same(
        record.params["aim"],
        {
            "hparams": {"betas": [0.9, 0.999], "lr": 0.1, "net": {"wide": True}, "note": None},
            "seed": 7,
        },
    )
    same(record.metrics["aim"], {"count": 3, "odd": INF, "train/loss": 0.25})
    same_curves(
        curves,
        {
            "count": ([0, 1, 2, 3], [0, 1, 2, 3]),
            "odd": ([1, 2], [NAN, INF]),
            "train/loss": ([0, 10, 20, 30], [1.0, 0.5, 1 / 3, 0.25]),
        },
    )
    assert (record.status, record.message, record.tags) == ("done", "wider", ("base",))
    assert "env_variables" not in repr(record)
    assert imported("aim", "--unfinished").startswith("imported 1 run of Aim")
    assert record_and_curves("killed")[0].status == "interrupted"


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(one): one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}


def test_guild(imported: Any, work_tree: Path) -> None:
    home = work_tree.parent / "guild"  # Guild copies what is in the project
    home.mkdir()
    (work_tree / "guild.yml").write_text(stores.GUILD_FILE)
    (work_tree / "train.py").write_text(stores.GUILD)
    run_with("guild", stores.GUILD_CALLS, GUILD_HOME=str(home))

    assert imported("guild", store="../guild") == "imported 2 runs of Guild\n"

    record, curves = record_and_curves("wide-one")
    same(
        record.params["guild"],
        {"depth": 3, "fails": False, "lr": 0.2, "name": "adam", "wide": True},
    )
    third = 0.3333333432674408  # of 32 bits, as TensorBoard has it
    same(record.metrics["guild"], {"loss": 0.25})
    same_curves(curves, {"loss": ([0, 1, 2, 3], [1.0, 0.5, third, 0.25])})
    assert (record.status, record.tags) == ("done", ("base", "quick"))
    failed, _ = record_and_curves("bad")
    assert (failed.status, failed.exit.code) == ("failed", 3)


def test_the_stores_of_guild_in_the_tests_are_laid_out_as_real_ones(
    imported: Any, work_tree: Path
) -> None:
    test_guild(imported, work_tree)
    ours = guild_run(work_tree / "ours", "a" * 32) / ".guild"

    [real, *_] = (
        one
        for one in (work_tree.parent / "guild" / "runs").iterdir()
        if (one / ".guild/attrs/stopped").exists()
    )

    for one in sorted((ours / "attrs").iterdir()):
        made, found = (
            yaml.safe_load(file.read_text()) for file in (one, real / ".guild/attrs" / one.name)
        )
        assert type(made) is type(found), one.name
    assert len((real / ".guild" / "opref").read_text().split()) == 4
    assert all(
        line.split()[0] in "sd" for line in (real / ".guild" / "manifest").read_text().splitlines()
    )


@pytest.mark.skipif(
    EXPORTER is None, reason="GITEXP_NEPTUNE_EXPORTER names no checkout of neptune-exporter"
)
def test_neptune_export(imported: Any) -> None:
    run_with("neptune", stores.NEPTUNE, PYTHONPATH=f"{EXPORTER}/src")

    assert imported("neptune-export") == "imported 2 runs of Neptune\n"

    record, curves = record_and_curves("wide")
    same(
        record.params["neptune-export"]["params"],
        {
            "depth": 3,
            "lr": 0.1,
            "name": "adam",
            "sets": ["b", "a"],
            "when": "2025-01-01T12:00:00+00:00",
            "wide": True,
        },
    )
    same(record.metrics["neptune-export"], {"loss": 0.25, "odd": INF})
    same_curves(curves, {"loss": ([0, 1, 2.5], [1.0, 0.5, 0.25]), "odd": ([1, 2], [NAN, INF])})
    assert (record.status, record.message, record.tags) == ("done", "wider", ("base", "quick"))
    other, _ = record_and_curves("narrow")
    assert other.status == "failed"
    same(other.params["neptune-export"], {"only": {"here": 7}, "params": {"lr": 0.2}})
