from __future__ import annotations

import pytest

from gitexp.errors import GitexpError
from gitexp.model.names import ID_LENGTH, RESERVED, check_name, generated_name, new_id


def test_ids_are_of_one_length_and_never_alike() -> None:
    ids = {new_id() for _ in range(1000)}

    assert len(ids) == 1000
    assert {len(run_id) for run_id in ids} == {ID_LENGTH}
    assert not set("".join(ids)) & set("ilouILOU-")


def test_generated_names_are_valid_and_end_in_the_start_of_the_id() -> None:
    for _ in range(200):
        run_id = new_id()
        name = generated_name(run_id)

        check_name(name)
        assert name.count("-") == 2
        assert name.endswith(f"-{run_id[:2]}")


@pytest.mark.parametrize("name", ["a", "7", "lr-0.1", "v1.2.3_final", "a+b", "x" * 100, "Best"])
def test_names_that_can_be_typed_are_fine(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "-n", ".a", "a.", "a..b", "a b", "a/b", "a\n", "é", "a:b", "a~1", "a^", "@", "x" * 101],
)
def test_names_that_cannot_be_typed_as_selectors_are_refused(name: str) -> None:
    with pytest.raises(GitexpError, match="is not a valid name") as refused:
        check_name(name)

    assert refused.value.hint


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_reserved_words_are_refused(name: str) -> None:
    with pytest.raises(GitexpError, match="reserved word"):
        check_name(name)
