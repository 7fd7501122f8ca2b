"""Documents that were read before."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from gitexp.errors import GitexpError
from gitexp.model.documents.reading import parse_document
from gitexp.model.values import Value
from gitexp.store import documents
from gitexp.store.documents import KnownDocuments

TEXT = b"rate: 1e-3\nlayers: [1, 2]\nname: 'off'\nlimit: .inf\nnone:\ndeep: {yes: true}\n"


def parsed(file: Path, content: bytes, path: str) -> dict[str, Value]:
    """Parse as a run does, which keeps what it read."""
    known = KnownDocuments(file)
    values = known.parse(content, path)
    known.keep()
    return values


def refused(*_: object) -> None:
    raise AssertionError("it was parsed again")


def test_a_text_that_was_read_is_not_parsed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = parsed(tmp_path / "documents.json", TEXT, "params.yaml")
    monkeypatch.setattr(documents, "parse_document", refused)

    again = KnownDocuments(tmp_path / "documents.json").parse(TEXT, "params.yaml")

    assert again == first == parse_document(TEXT, "params.yaml")
    assert again["limit"] == math.inf


@pytest.mark.parametrize("content", [TEXT, "name: é\n".encode(), b"a: 1\n" + b"#" * 30_000])
def test_a_draft_is_parsed_once_and_kept_when_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    known = KnownDocuments(tmp_path / "documents.json")
    known.parse(b"rate: 1\n", "params.yaml")
    known.keep()
    before = (tmp_path / "documents.json").read_bytes()

    draft = known.draft(content, "params.yaml")
    known.keep()

    assert (tmp_path / "documents.json").read_bytes() == before
    monkeypatch.setattr(documents, "parse_document", refused)
    assert known.draft(b"rate: 1\n", "params.yaml") == {"rate": 1}
    assert known.parse(content, "params.yaml") == draft


def test_any_other_text_is_parsed(tmp_path: Path) -> None:
    parsed(tmp_path / "documents.json", TEXT, "params.yaml")

    assert (
        KnownDocuments(tmp_path / "documents.json").parse(TEXT + b"b: 1\n", "params.yaml")["b"] == 1
    )
    assert KnownDocuments(tmp_path / "documents.json").parse(b"rate: 2\n", "params.yaml") == {
        "rate": 2
    }
    assert KnownDocuments(tmp_path / "documents.json").parse(TEXT, "other.yaml")["rate"] == 0.001
    assert KnownDocuments(tmp_path / "documents.json").parse(
        "name: é\n".encode(), "other.yaml"
    ) == {"name": "é"}


def test_versions_of_one_file_are_kept_side_by_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "documents.json"
    parsed(file, b"rate: 1\n", "params.yaml")
    parsed(file, b"rate: 2\n", "params.yaml")

    monkeypatch.setattr(documents, "parse_document", refused)

    assert parsed(file, b"rate: 1\n", "params.yaml") == {"rate": 1}
    assert parsed(file, b"rate: 2\n", "params.yaml") == {"rate": 2}


def test_a_text_that_is_wrong_is_told_every_time(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(GitexpError, match="not valid YAML"):
            KnownDocuments(tmp_path / "documents.json").parse(b"a: [", "params.yaml")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": "0", "documents": {}}', "null"])
def test_what_is_kept_may_be_damaged_or_of_another_version(tmp_path: Path, content: str) -> None:
    (tmp_path / "documents.json").write_text(content)

    assert parsed(tmp_path / "documents.json", b"a: 1\n", "params.yaml") == {"a": 1}
    [kept] = json.loads((tmp_path / "documents.json").read_text())["documents"]
    assert kept.startswith("params.yaml@")


def test_without_a_folder_nothing_is_kept(tmp_path: Path) -> None:
    place = tmp_path / "missing" / "documents.json"

    assert parsed(place, b"a: 1\n", "params.yaml") == {"a": 1}
    assert not place.parent.exists()


def test_nothing_is_written_by_those_who_only_read(tmp_path: Path) -> None:
    KnownDocuments(tmp_path / "documents.json").parse(TEXT, "params.yaml")

    assert not (tmp_path / "documents.json").exists()
