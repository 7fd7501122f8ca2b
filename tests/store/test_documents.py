"""Documents that were read before."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from gitexp.errors import GitexpError
from gitexp.model.documents.reading import parse_document
from gitexp.model.values import Value
from gitexp.store import documents
from gitexp.store.documents import KnownDocuments
from gitexp.version import __version__

TEXT = b"rate: 1e-3\nlayers: [1, 2]\nname: 'off'\nlimit: .inf\nnone:\ndeep: {yes: true}\n"


KEY = '"params.yaml@e3231969"'


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
    first = parsed(tmp_path / "documents.txt", TEXT, "params.yaml")
    monkeypatch.setattr(documents, "parse_document", refused)

    again = KnownDocuments(tmp_path / "documents.txt").parse(TEXT, "params.yaml")

    assert again == first == parse_document(TEXT, "params.yaml")
    assert again["limit"] == math.inf


def test_what_a_disk_has_changed_is_not_believed(tmp_path: Path) -> None:
    file = tmp_path / "documents.txt"
    first = parsed(file, TEXT, "params.yaml")
    assert b'"rate": 0.001' in file.read_bytes()
    file.write_bytes(file.read_bytes().replace(b'"rate": 0.001', b'"rate": 0.003'))

    assert KnownDocuments(file).parse(TEXT, "params.yaml") == first


@pytest.mark.parametrize("content", [TEXT, "name: é\n".encode(), b"a: 1\n" + b"#" * 30_000])
def test_a_draft_is_parsed_once_and_kept_when_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    known = KnownDocuments(tmp_path / "documents.txt")
    known.parse(b"rate: 1\n", "params.yaml")
    known.keep()
    before = (tmp_path / "documents.txt").read_bytes()

    draft = known.draft(content, "params.yaml")
    known.keep()

    assert (tmp_path / "documents.txt").read_bytes() == before
    monkeypatch.setattr(documents, "parse_document", refused)
    assert known.draft(b"rate: 1\n", "params.yaml") == {"rate": 1}
    assert known.parse(content, "params.yaml") == draft


def test_any_other_text_is_parsed(tmp_path: Path) -> None:
    parsed(tmp_path / "documents.txt", TEXT, "params.yaml")

    assert (
        KnownDocuments(tmp_path / "documents.txt").parse(TEXT + b"b: 1\n", "params.yaml")["b"] == 1
    )
    assert KnownDocuments(tmp_path / "documents.txt").parse(b"rate: 2\n", "params.yaml") == {
        "rate": 2
    }
    assert KnownDocuments(tmp_path / "documents.txt").parse(TEXT, "other.yaml")["rate"] == 0.001
    assert KnownDocuments(tmp_path / "documents.txt").parse("name: é\n".encode(), "other.yaml") == {
        "name": "é"
    }


def test_versions_of_one_file_are_kept_side_by_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "documents.txt"
    parsed(file, b"rate: 1\n", "params.yaml")
    parsed(file, b"rate: 2\n", "params.yaml")

    monkeypatch.setattr(documents, "parse_document", refused)

    assert parsed(file, b"rate: 1\n", "params.yaml") == {"rate": 1}
    assert parsed(file, b"rate: 2\n", "params.yaml") == {"rate": 2}


def test_a_text_that_is_wrong_is_told_every_time(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(GitexpError, match="not valid YAML"):
            KnownDocuments(tmp_path / "documents.txt").parse(b"a: [", "params.yaml")


@pytest.mark.parametrize("content", ["", "\n", f"{__version__}\n{KEY}\t{{", f"0\n{KEY}\t{{}}\n"])
def test_what_is_kept_may_be_damaged_or_of_another_version(tmp_path: Path, content: str) -> None:
    (tmp_path / "documents.txt").write_text(content)

    assert parsed(tmp_path / "documents.txt", b"a: 1\n", "params.yaml") == {"a": 1}
    version, kept = (tmp_path / "documents.txt").read_text().splitlines()
    assert version == __version__
    assert kept.startswith(f"{KEY}\t")


def test_what_is_kept_stays_small_and_the_newest_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "documents.txt"
    for at in range(20):
        parsed(file, f"# {at}\n".encode() + b"#" * 18_000, f"{at}.yaml")

    monkeypatch.setattr(documents, "parse_document", refused)

    assert file.stat().st_size < 210_000
    assert parsed(file, b"# 19\n" + b"#" * 18_000, "19.yaml") == {}
    with pytest.raises(AssertionError, match="parsed again"):
        parsed(file, b"# 1\n" + b"#" * 18_000, "1.yaml")


def test_without_a_folder_nothing_is_kept(tmp_path: Path) -> None:
    place = tmp_path / "missing" / "documents.txt"

    assert parsed(place, b"a: 1\n", "params.yaml") == {"a": 1}
    assert not place.parent.exists()


def test_nothing_is_written_by_those_who_only_read(tmp_path: Path) -> None:
    KnownDocuments(tmp_path / "documents.txt").parse(TEXT, "params.yaml")

    assert not (tmp_path / "documents.txt").exists()
