"""Runs that wrote into folders of their own, compared."""

from __future__ import annotations

from gitexp.comparison.changes import CodeChange, DataChange, Side
from gitexp.comparison.diff import diff_sides
from gitexp.comparison.moved import joined_moves
from gitexp.model.policy import Policy
from gitexp.model.record import DataPointer

HYDRA = "outputs/2026-11-29/{}/{}"


def run(label: str, files: tuple[str, ...], models: dict[str, str]) -> Side:
    pointers = {path: DataPointer(path, md5, 5, None, "output") for path, md5 in models.items()}
    return Side(label, {}, {}, pointers, None, (*files, *models), command=("train",))


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

    alone = list(joined_moves(same, moved))
    beside = list(joined_moves([same[0], other], moved))

    assert alone == same
    assert [(one.path, one.status) for one in beside] == [("logs/2/b.txt", "modified")]
