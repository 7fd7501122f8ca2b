"""Files of two runs that stand for each other, though each run has folders of its own."""

from __future__ import annotations

import pytest

from gitexp.comparison.counterparts import counterparts, shown_move
from gitexp.comparison.diff import CodeChange, DataChange, Side, _joined, diff_sides
from gitexp.model.policy import Policy
from gitexp.model.record import DataPointer

HYDRA = "outputs/2026-11-29/{}/{}"


def run(label: str, files: tuple[str, ...], models: dict[str, str]) -> Side:
    pointers = {path: DataPointer(path, md5, 5, None, "output") for path, md5 in models.items()}
    return Side(label, {}, {}, pointers, None, (*files, *models), command=("train",))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (["runs/version_0/a.csv"], ["runs/version_1/a.csv"], True),
        (["out/2026-11-28/23-59-59/a.csv"], ["out/2026-11-29/00-00-01/a.csv"], True),
        (["runs/train/a.csv"], ["runs/train2/a.csv"], True),
        (["wandb/run-1-x7/a.csv"], ["wandb/run-2-q9/a.csv"], True),
        (["w/run-x7/a.csv", "w/run-x7/x.db"], ["w/run-q9/a.csv", "w/run-q9/q.db"], True),
        (["out/checkpoint-8.pt"], ["out/checkpoint-16.pt"], True),
        (["runs/a/events.out.1.host.7"], ["runs/a/events.out.2.host.9"], True),
        (["a.csv"], ["b.csv"], False),
        (["cats/a.csv"], ["dogs/b.csv"], False),
        (["a/1.csv", "a/2.csv"], ["a/3.csv", "a/4.csv"], False),
        (["runs/1/a.csv", "runs/2/a.csv"], ["runs/3/a.csv"], False),
        (["a/b"], ["a"], False),
    ],
)
def test_what_differs_in_numbers_or_stands_alone_has_a_counterpart(
    old: list[str], new: list[str], expected: bool
) -> None:
    assert counterparts(old, new) == (dict(zip(new, old, strict=True)) if expected else {})


def test_paths_of_any_depth_have_counterparts() -> None:
    deep = "/".join("a" * 5000)

    assert counterparts([f"1/{deep}"], [f"2/{deep}"]) == {f"2/{deep}": f"1/{deep}"}


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("a/1/c", "a/2/c", "a/{1 → 2}/c"),
        ("1/b", "2/b", "{1 → 2}/b"),
        ("a/b1", "a/b2", "a/{b1 → b2}"),
        ("a/1/b/1/c", "a/2/b/2/c", "a/{1/b/1 → 2/b/2}/c"),
        ("a/a/b", "a/b", "a/{a/b → b}"),
    ],
)
def test_a_move_is_shown_as_git_does(old: str, new: str, shown: str) -> None:
    assert shown_move(old, new) == shown


def test_runs_with_folders_of_their_own_differ_in_what_the_folders_hold() -> None:
    old_files, new_files = (
        tuple(
            HYDRA.format(time, name) for name in ("same.txt", "log.txt", "small.yaml", "gone.txt")
        )
        for time in ("10-00-00", "11-00-00")
    )
    models = [HYDRA.format(time, "m.pkl") for time in ("10-00-00", "11-00-00")]
    old = run("a", old_files, {models[0]: "1", "kept": "1"})
    new = run("b", new_files[:3], {models[1]: "2", "kept": "1"})
    told = (  # as git has it, which knows nothing of runs
        CodeChange(new_files[0], "renamed", 0, 0, old_files[0]),
        CodeChange(new_files[1], "renamed", 1, 1, old_files[2]),
        CodeChange(old_files[1], "deleted", 0, 1),
        CodeChange(new_files[2], "added", 1, 0),
        CodeChange(old_files[3], "deleted", 0, 1),
    )

    found = diff_sides(old, new, (), Policy(), told)

    assert found.data == (
        DataChange(models[1], old.pointers[models[0]], new.pointers[models[1]], models[0]),
    )
    assert found.outputs == (
        CodeChange(old_files[3], "deleted", 0, 1),
        CodeChange(new_files[1], "modified", None, None, old_files[1]),
        CodeChange(new_files[2], "modified", None, None, old_files[2]),
    )


def test_equal_models_in_folders_of_their_own_do_not_differ() -> None:
    old, new = (run(one, (), {f"out/v{one}/m.pkl": "1"}) for one in "12")

    assert not diff_sides(old, new, (), Policy())


def test_commits_that_are_no_runs_differ_in_their_paths() -> None:
    old, new = (Side(one, {}, {}, {f"v{one}": DataPointer(f"v{one}", "1")}, None) for one in "12")

    assert [one.path for one in diff_sides(old, new, (), Policy()).data] == ["v1", "v2"]


def test_a_folder_that_differs_in_its_name_alone_is_listed() -> None:
    moved = {"logs/2/a.txt": "logs/1/a.txt", "logs/2/b.txt": "logs/1/b.txt"}
    same = [CodeChange(new, "renamed", 0, 0, old) for new, old in moved.items()]
    other = CodeChange("logs/2/b.txt", "renamed", 1, 1, "logs/1/b.txt")

    alone = list(_joined(same, moved))
    beside = list(_joined([same[0], other], moved))

    assert alone == same
    assert [(one.path, one.status) for one in beside] == [("logs/2/b.txt", "modified")]
