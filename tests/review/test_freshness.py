from __future__ import annotations

from collections.abc import Iterable

import pytest

from gitexp.review.freshness import Freshness, sorted_out

FILES = ("metrics.json",)


@pytest.mark.parametrize(
    ("freshness", "words"),
    [
        (Freshness(FILES, "otter"), "metrics.json: the inputs are those of otter"),
        (Freshness(FILES, None), "metrics.json: no recorded run has these metrics"),
        (Freshness(FILES, "otter", paths=("train.py",)), "train.py changed after otter"),
        (Freshness(FILES, "otter", params=("lr",)), "param lr changed after otter"),
        (
            Freshness(FILES, "otter", paths=("a.py",), data=("data/x",), params=("lr", "n")),
            "a.py, data/x and params lr, n changed after otter",
        ),
        (
            Freshness(FILES, "otter", paths=("a.py", "b.py", "c.py")),
            "a.py, b.py and 1 more file changed after otter",
        ),
        (
            Freshness(FILES, "otter", paths=("a.py", "b.py", "c.py"), data=("d",)),
            "a.py, b.py and 2 more files changed after otter",
        ),
    ],
)
def test_what_is_said(freshness: Freshness, words: str) -> None:
    assert freshness.words == words


@pytest.mark.parametrize(
    ("freshness", "advice"),
    [
        (Freshness(FILES, "otter", paths=("train.py",)), "run again"),
        (Freshness(FILES, "otter", params=("lr",)), "run again"),
        (Freshness(FILES, "otter", paths=("NOTES.md", "train.py")), "run again"),
        (Freshness(FILES, "otter", paths=("NOTES.md",), data=("data/x",)), "run again"),
        (
            Freshness(FILES, "otter", paths=("Makefile", "a.md"), new=("Makefile",)),
            "run again, or list under `not_inputs` what does not decide results",
        ),
    ],
)
def test_files_that_a_run_did_without_may_be_no_inputs(freshness: Freshness, advice: str) -> None:
    assert freshness.advice == advice


def test_metrics_of_no_run_are_not_fresh() -> None:
    assert not Freshness(FILES, None).fresh
    assert Freshness(FILES, "otter", extra=("notes.txt",)).fresh


def sort(differing: dict[str, tuple[str | None, str | None]]) -> tuple[list[str], list[str]]:
    def was_tracked(paths: Iterable[str]) -> list[str]:
        return [path for path in paths if path.startswith("tracked")]

    return sorted_out(
        differing,
        is_input=lambda path: not path.startswith("out"),
        is_same=lambda path, old, new: path.endswith(".ipynb") and old[0] == new[0],
        was_tracked=was_tracked,
    )


def test_inputs_that_changed_came_or_were_deleted_make_metrics_stale() -> None:
    found = sort({"z.py": ("1", "2"), "new.py": (None, "1"), "tracked.py": ("1", None)})

    assert found == (["new.py", "tracked.py", "z.py"], [])


def test_outputs_and_versions_that_come_to_the_same_do_not() -> None:
    assert sort({"out.txt": ("1", "2"), "a.ipynb": ("a1", "a2")}) == ([], [])
    assert sort({"a.ipynb": ("a1", "b1")}) == (["a.ipynb"], [])


def test_untracked_files_that_only_the_run_has_are_extra() -> None:
    assert sort({"notes.txt": ("1", None), "a.py": ("1", "2")}) == (["a.py"], ["notes.txt"])
