from __future__ import annotations

import pytest

from gitexp.errors import GitexpError
from gitexp.model.documents.edit import edit_document


def test_only_what_was_asked_for_may_change() -> None:
    with pytest.raises(GitexpError, match=r"setting 'a' in 'p.yaml' would also change 'b'"):
        edit_document(b"a: 1\nb: 2\n", "p.yaml", {"a": 5, "b": 6}, [("a",)])


def test_what_is_right_already_keeps_its_bytes() -> None:
    content = b"\xef\xbb\xbfa: 1e-3  # odd\r\nb: [ 1,2 ]"

    assert edit_document(content, "p.yaml", {"a": 0.001, "b": [1, 2]}, [("a",)]) == content


@pytest.mark.parametrize("name", ["p.yaml", "p.json"])
def test_many_changes_are_made_in_one_go(name: str) -> None:
    content = b'{"a": 1, "b": [1, 2, 3], "c": {"d": 1}}\n'

    after = edit_document(
        content,
        name,
        {"a": 2, "b": [5, 6], "c": {"e": 1}},
        [("a",), ("b",), ("c",)],
    )

    assert after.split(b"e")[0].startswith(b'{"a": 2, "b": [5, 6], "c": {')
