from __future__ import annotations

import math
from pathlib import Path, PurePosixPath

import pytest

from gitexp.errors import GitexpError
from gitexp.importing.event_folders import runs_below
from gitexp.importing.foreign import NoStore
from gitexp.importing.from_tensorboard import found

from tests.importing.tool_stores import keys_and_readers, read_all
from tests.metrics.tracker_stores import write_events, write_tensor


def test_runs_come_value_by_value(tmp_path: Path) -> None:
    write_events(tmp_path / "a" / "one", {"loss/train": [1.0, 0.5, math.nan, math.inf]})
    write_events(tmp_path / "two", {"loss": [2.0]}, {"lr": 0.25, "depth": 3, "name": "adam"})

    runs, refused = read_all(found, tmp_path)

    assert not refused
    [curve] = runs["a/one"].curves
    assert (curve.key, curve.steps) == ("loss/train", [0, 1, 2, 3])
    assert curve.values[:2] == [1.0, 0.5]
    assert math.isnan(curve.values[2])
    assert runs["a/one"].metrics == {"loss/train": math.inf}
    assert runs["two"].params == {"lr": 0.25, "depth": 3, "name": "adam"}
    assert (runs["two"].metrics, runs["two"].end) == ({"loss": 2.0}, "done")
    assert runs["two"].started is not None


def test_halves_and_folders_inside_of_a_run_are_parts_of_it(tmp_path: Path) -> None:
    write_events(tmp_path / "keras" / "train", {"loss": [2.0, 1.0]})
    write_events(tmp_path / "keras" / "validation", {"loss": [4.0, 3.0]})
    write_events(tmp_path / "torch", {"loss": [8.0, 7.0]})
    write_events(tmp_path / "torch" / "both_a", {"both": [6.0, 5.0]})
    write_events(tmp_path / "torch" / "1796009308.25", {"hparam/acc": [0.5]}, {"lr": 0.25})

    runs, _ = read_all(found, tmp_path)

    assert {name: run.metrics for name, run in runs.items()} == {
        "keras": {"train/loss": 1.0, "validation/loss": 3.0},
        "torch": {"loss": 7.0, "both_a/both": 5.0, "hparam/acc": 0.5},
    }
    assert runs["torch"].params == {"lr": 0.25}


def test_several_calls_of_add_hparams_are_trials_each_a_run(tmp_path: Path) -> None:
    write_events(tmp_path / "search", {})
    for lr in (0.25, 0.5):
        write_events(tmp_path / "search" / str(lr), {"acc": [lr]}, {"lr": lr})

    runs, _ = read_all(found, tmp_path)

    assert {name: run.params for name, run in runs.items()} == {
        "search": {},
        "search/0.25": {"lr": 0.25},
        "search/0.5": {"lr": 0.5},
    }


def test_of_the_place_itself_only_what_its_own_process_wrote_is_a_part(tmp_path: Path) -> None:
    for name in ("1796009308.tower.17.0", "a/1796009308.tower.17.1", "b/1796009400.tower.99.0"):
        file = tmp_path / f"{name.rpartition('/')[0]}" / f"events.out.tfevents.{Path(name).name}"
        file.parent.mkdir(exist_ok=True)
        file.touch()
    top, a, b = (PurePosixPath(one) for one in (".", "a", "b"))

    assert runs_below(tmp_path) == {top: [top, a], b: [b]}


def test_a_run_is_known_wherever_its_folder_is_moved(tmp_path: Path) -> None:
    write_events(tmp_path / "logs" / "one", {"loss": [1.0]})
    write_events(tmp_path / "logs" / "two", {"loss": [1.0]})
    keys = [one.key for one in keys_and_readers(found, tmp_path / "logs")]

    (tmp_path / "kept").mkdir()
    (tmp_path / "logs" / "two").rename(tmp_path / "kept" / "renamed")
    moved = [one.key for one in keys_and_readers(found, tmp_path / "kept")]

    assert moved == keys[1:]
    assert len(set(keys)) == 2


def test_what_is_cut_off_is_told_and_what_is_before_it_comes(tmp_path: Path) -> None:
    cut = write_events(tmp_path / "cut", {"loss": [2.0, 1.0, 0.5]})
    cut.write_bytes(cut.read_bytes()[:-5])
    flipped = write_events(tmp_path / "flipped", {"loss": [2.0, 1.0, 0.5]})
    content = bytearray(flipped.read_bytes())
    content[-6] ^= 255
    flipped.write_bytes(content)
    write_events(tmp_path / "empty", {}).write_bytes(b"")

    runs, refused = read_all(found, tmp_path)

    assert {name: run.metrics for name, run in runs.items()} == {
        "cut": {"loss": 1.0},
        "flipped": {"loss": 1.0},
    }
    assert all("damaged or not whole" in run.problems[0] for run in runs.values())
    assert refused == {"empty": "no event file in it has a whole record"}


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = write_events(tmp_path / "outside", {"loss": [1.0]})
    write_events(tmp_path / "logs" / "one", {"loss": [1.0]})
    (tmp_path / "logs" / "linked").symlink_to(outside.parent)
    (tmp_path / "logs" / "one" / outside.name.replace("out", "other")).symlink_to(outside)

    [one] = keys_and_readers(found, tmp_path / "logs")

    with pytest.raises(GitexpError, match="links are not followed"):
        one.read()


def test_no_tensor_is_made_of_the_size_that_it_names(tmp_path: Path) -> None:
    """A hundred bytes may name a terabyte, which TensorBoard would fill with one value."""
    write_tensor(tmp_path / "one", "large", 1.0, [2**40])
    write_tensor(tmp_path / "one", "single", 0.5, [1, 1])

    runs, refused = read_all(found, tmp_path)

    assert not refused
    assert runs["one"].metrics == {"single": 0.5}
    assert "large" in runs["one"].problems[0]


def test_a_folder_without_event_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoStore, match="no event file") as refused:
        found(str(tmp_path), Path())

    assert "--logdir" in str(refused.value.hint)
