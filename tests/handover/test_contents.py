"""What a path is, as far as its name tells."""

from __future__ import annotations

import pytest

from gitexp.revisions.by_name import is_pointer, is_record, is_setup


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("model.pt.dvc", {"pointer"}),
        ("a/dvc.lock", {"pointer"}),
        (".dvc/config", {"setup"}),
        ("sub/.dvcignore", {"setup"}),
        ("sub/.gitexp/run.json", {"record"}),
        (".gitexp", set()),
        ("dvc.yaml", set()),
        ("train.py", set()),
    ],
)
def test_pointers_setup_and_record_are_told_by_their_names(path: str, kinds: set[str]) -> None:
    asked = {"pointer": is_pointer, "setup": is_setup, "record": is_record}

    assert {kind for kind, claim in asked.items() if claim(path)} == kinds
