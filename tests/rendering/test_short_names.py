from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gitexp.rendering.short_names import short_names

NAMES = st.lists(st.text("ab./", min_size=1, max_size=9), max_size=6, unique=True)


@given(NAMES)
def test_short_names_are_told_apart_and_never_longer(names: list[str]) -> None:
    short = short_names(names)

    assert len(set(short)) == len(names)
    assert all(len(one) <= len(name) for one, name in zip(short, names, strict=True))


def test_parts_in_the_middle_go_where_nothing_needs_them() -> None:
    names = [f"{split}.per_class.class_{at}.recall" for split in ("train", "val") for at in (1, 2)]

    assert short_names([*names, "train.recall"]) == [
        *["train…class_1.recall", "train…class_2.recall"],
        *["val…class_1.recall", "val…class_2.recall"],
        "train.recall",
    ]
