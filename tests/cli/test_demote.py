"""`gitexp demote`: a stage is taken away, as GTO takes it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import gto.api
import pytest

from gitexp.errors import ExitCode

from tests.cli.workshop import MODELLING
from tests.workshop import Git, Gitexp


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """A project whose runs write a model."""
    return MODELLING


@pytest.mark.usefixtures("two_runs")
def test_demote_gives_a_stage_back_to_who_held_it_before(gitexp: Gitexp, git: Git) -> None:
    gitexp("promote", "one", "digits", "--stage", "prod")
    gitexp("promote", "two", "digits", "--stage", "prod")

    back = gitexp("demote", "digits", "--stage", "prod", "-m", "it was slow")
    empty = gitexp("demote", "digits", "--stage", "prod")
    none = gitexp("demote", "digits", "--stage", "prod")

    assert back == (
        ExitCode.OK,
        "digits v0.0.2 no longer holds prod\n",
        "note: digits v0.0.1 holds prod again, as before\n",
    )
    assert empty == (ExitCode.OK, "digits v0.0.1 no longer holds prod\n", "")
    assert none.err == (
        "error: no version of 'digits' holds 'prod'\n"
        "hint: `gitexp models history digits` lists what there is.\n"
    )
    assert "digits#prod!#3" in git("tag")
    assert gto.api.show(str(Path.cwd()))["digits"]["stage"] == {}
