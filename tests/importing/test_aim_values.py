from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitexp.errors import GitexpError
from gitexp.importing.aim_values import LIST, OBJECT, key_of, path_of, tree_of, value_of
from gitexp.importing.foreign import NoStore
from gitexp.importing.from_aim import found

PARTS = st.text(st.characters(codec="utf-8"), min_size=1) | st.integers(-(2**63), 2**63 - 1)


@settings(max_examples=40)
@given(st.lists(PARTS).map(tuple))
def test_a_path_is_what_its_key_says(path: tuple[str | int, ...]) -> None:
    assert path_of(key_of(*path)) == path


@settings(max_examples=40)
@given(st.binary(max_size=40))
def test_damaged_bytes_are_values_or_refused(content: bytes) -> None:
    for read in (path_of, value_of):
        try:
            read(content)
        except ValueError:
            continue


def test_numbers_of_a_list_are_in_order_and_what_is_not_plain_is_named() -> None:
    items = [(("l",), LIST), *((("l", at), at) for at in (10, 9, 2)), (("l", 11), OBJECT)]

    assert tree_of(items) == ({"l": [2, 9, 10]}, ["l"])


def test_what_is_nested_too_deep_is_refused() -> None:
    with pytest.raises(GitexpError, match="too deep"):
        tree_of([(("a",) * 200, 1)])


def test_a_folder_without_a_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoStore, match="no store of Aim's") as refused:
        found(None, tmp_path)

    assert "`.aim`" in str(refused.value.hint)


@pytest.mark.skipif(importlib.util.find_spec("aimrocks") is not None, reason="it is installed")
def test_without_the_library_that_reads_it_the_extra_is_named(tmp_path: Path) -> None:
    (tmp_path / ".aim" / "meta" / "chunks" / "4c473814a43545748a0bf67b").mkdir(parents=True)

    with pytest.raises(GitexpError, match="aimrocks") as refused:
        found(None, tmp_path)

    assert "pip install aimrocks" in str(refused.value.hint)
