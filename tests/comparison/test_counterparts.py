"""Files of two runs that stand for each other, though each run has folders of its own."""

from __future__ import annotations

import pytest

from gitexp.comparison.counterparts import counterparts, shown_move


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
