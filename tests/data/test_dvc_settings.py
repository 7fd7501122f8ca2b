"""DVC's configuration, read as DVC reads it and without starting it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitexp.data.dvc_project import initialise
from gitexp.data.dvc_settings import read_settings

from tests.workshop import dvc, git


def test_what_dvc_writes_is_read_and_the_private_file_has_the_last_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_NO_ANALYTICS")
    git("init", "--quiet")
    initialise(tmp_path)
    for words in (
        "remote add -d shared s3://bucket/x",
        "remote add --local -d mine /somewhere",
        "cache dir ../big",
        "config core.analytics true",
    ):
        dvc("--quiet", *words.split())

    settings = read_settings(tmp_path)

    assert settings.remote == "mine"
    assert settings.remotes == {"mine", "shared"}
    assert settings.cache == tmp_path.parent / "big"
    assert settings.analytics
    assert settings.cache_is_chosen


def test_without_a_word_in_any_file_dvc_does_as_it_always_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".dvc").mkdir()
    monkeypatch.delenv("DVC_NO_ANALYTICS")

    settings = read_settings(tmp_path)

    assert (settings.remote, settings.remotes, settings.analytics) == (None, frozenset(), True)
    assert settings.cache == tmp_path / ".dvc" / "cache"
    assert not settings.cache_is_chosen
