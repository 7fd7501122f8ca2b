from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from gitexp.errors import ExitCode, GitexpError
from gitexp.importing.from_sacred import found
from gitexp.importing.jsonpickle_values import restored

from tests.importing.tool_stores import COMMIT, keys_and_readers, read_all, sacred_run
from tests.workshop import Gitexp

NOTES = """\
note: 'digits-1': its commit 7a82e5c254 is not in this repository
note: 'digits-2': 'metrics.json' is not whole, or not JSON
"""
NO_STORE = """\
error: there is no run of Sacred in 'empty'
hint: Name the folder that `FileStorageObserver` was given: each run is a folder in it.
"""


def test_a_run_comes_value_by_value(tmp_path: Path) -> None:
    sacred_run(tmp_path)

    runs, refused = read_all(found, tmp_path)

    run = runs["digits-1"]
    assert not refused
    assert run.params == {
        "lr": 0.2,
        "betas": [0.9, 0.99],
        "net": {"depth": 3, "wide": True},
        "note": None,
    }
    assert run.metrics == {"loss": 0.25, "odd": math.inf, "result": 0.5}
    loss, odd = run.curves
    assert (loss.steps, loss.values, loss.times) == ([0, 10, 20], [1, 0.5, 0.25], [0, 0.5, 1])
    assert odd.steps == [1, 2]
    assert math.isnan(odd.values[0])
    assert (run.started, run.ended) == (1_767_323_041, 1_767_323_043)  # UTC, as Sacred notes it
    assert (run.end, run.commit, run.message, run.host) == ("done", COMMIT, "wider", "tower")
    assert run.packages == ("numpy==2.4.6", "sacred==0.8.7")
    assert [(one.name, one.size) for one in run.artifacts] == [("model.txt", 7), ("data.csv", None)]
    assert run.artifacts[0].place == "1/model.txt"  # wherever the store lies: so it is one commit


def test_an_artifact_has_a_size_if_it_is_a_file_of_the_run(tmp_path: Path) -> None:
    """Its name comes with the store: a link, a way out, or too long for any disk."""
    folder = sacred_run(
        tmp_path, artifacts=["model.txt", "link", "../2", "/etc/hostname", "x" * 5000]
    )
    (folder / "link").symlink_to("/etc/hostname")
    (tmp_path / "2").write_text("beside")

    runs, refused = read_all(found, tmp_path)

    assert not refused
    assert [one.size for one in runs["digits-1"].artifacts[:5]] == [7, None, None, None, None]


@pytest.mark.parametrize(
    ("status", "end"),
    [
        ("FAILED", "failed"),
        ("RUNNING", "running"),
        ("INTERRUPTED", "interrupted"),
        ("X", "interrupted"),
    ],
)
def test_its_status_says_how_it_ended(tmp_path: Path, status: str, end: str) -> None:
    sacred_run(tmp_path, status=status)

    runs, _ = read_all(found, tmp_path)

    assert runs["digits-1"].end == end


def test_a_run_is_known_by_its_start_and_not_by_its_number(tmp_path: Path) -> None:
    sacred_run(tmp_path / "a", start_time="2026-01-02T03:04:05.000001")
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "1").rename(tmp_path / "b" / "7")
    sacred_run(tmp_path / "a", start_time="2026-01-02T03:04:05.000002")

    [first] = keys_and_readers(found, tmp_path / "b")
    [second] = keys_and_readers(found, tmp_path / "a")

    assert first.key != second.key
    (tmp_path / "b" / "7").rename(tmp_path / "a" / "8")
    assert [one.key for one in keys_and_readers(found, tmp_path / "a")] == [second.key, first.key]


def test_what_is_queued_is_no_run_and_what_is_half_written_is_told(tmp_path: Path) -> None:
    sacred_run(tmp_path, "1", status="QUEUED", start_time=None)
    cut = sacred_run(tmp_path, "2") / "run.json"
    cut.write_text(cut.read_text()[:200])
    sacred_run(tmp_path, "3")
    (sacred_run(tmp_path, "4") / "config.json").unlink()

    runs, refused = read_all(found, tmp_path)

    assert list(runs) == ["digits-3", "digits-4"]
    assert refused == {"2": "'run.json' is not whole, or not JSON"}
    assert runs["digits-4"].params == {}


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text('{"password": "hunter2"}')
    config = sacred_run(tmp_path / "runs") / "config.json"
    config.unlink()
    config.symlink_to(outside)

    [one] = keys_and_readers(found, tmp_path / "runs")

    with pytest.raises(GitexpError):
        one.read()


def test_objects_are_named_and_never_made() -> None:
    told = {
        "net": {"py/object": "os.system", "py/reduce": [{"py/function": "os.system"}, ["true"]]},
        "again": {"py/id": 3},
        "data": {"py/reduce": [{"py/type": "pathlib.PosixPath"}, {"py/tuple": ["/", "data"]}]},
        "accuracy": {"py/object": "numpy.float64", "dtype": "float64", "value": 0.5},
        "shape": {"py/tuple": [1, {"py/set": [2]}]},
    }

    values, lost = restored(told)

    assert values == {"data": "/data", "accuracy": 0.5, "shape": [1, [2]]}
    assert lost == ("net", "again")


def test_what_is_nested_too_deep_is_refused() -> None:
    value: object = 1
    for _ in range(200):
        value = {"a": value}

    with pytest.raises(GitexpError, match="too deep"):
        restored(value)


def test_import_brings_runs_once_and_names_what_it_cannot_read(
    gitexp: Gitexp, work_tree: Path
) -> None:
    sacred_run(work_tree / "store", "1")
    (sacred_run(work_tree / "store", "2") / "metrics.json").write_text('{"loss": {"st')

    first = gitexp("import", "sacred", "store")
    again = gitexp("import", "sacred", "store")

    assert first == (
        ExitCode.NO,
        "imported 1 run of Sacred; 1 run cannot be imported\n",
        NOTES,
    )
    assert again.out == "1 run is here already; 1 run cannot be imported\n"


def test_values_that_no_run_can_have_cost_that_run_alone(gitexp: Gitexp, work_tree: Path) -> None:
    store = work_tree / "store"
    sacred_run(store, "1", meta={"comment": "half of a pair: \ud800"})
    large = {"loss": {"steps": [0, 1], "values": [10**400, 1], "timestamps": []}}
    (sacred_run(store, "2") / "metrics.json").write_text(json.dumps(large))
    sacred_run(store, "3", experiment={"name": "x\nerror: forged"})

    ended = gitexp("import", "sacred", "store")

    assert ended.out == "imported 2 runs of Sacred; 1 run cannot be imported\n"
    assert "note: 'digits-2': it has values that no run can have (int too large" in ended.err
    assert "\nerror:" not in ended.err


def test_a_folder_without_runs_says_which_one_is_wanted(gitexp: Gitexp, work_tree: Path) -> None:
    (work_tree / "empty").mkdir()

    assert gitexp("import", "sacred", "empty") == (
        ExitCode.ERROR,
        "",
        NO_STORE,
    )
