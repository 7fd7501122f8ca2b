"""`gitexp deprecate`: what is no longer to be used."""

from __future__ import annotations

import json
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
def test_a_deprecated_version_is_not_given_again(gitexp: Gitexp) -> None:
    gitexp("promote", "one", "digits", "--stage", "prod")

    gone = gitexp("deprecate", "digits", "--version", "0.0.1")
    again = gitexp("promote", "one", "digits")
    after = gitexp("promote", "two", "digits")

    assert gone == (ExitCode.OK, "deprecated digits v0.0.1\n", "")
    assert again.err == (
        "error: run 'one' was 'digits' v0.0.1, which is deprecated\n"
        "hint: `git tag -d 'digits@v0.0.1!'` takes that back.\n"
    )
    assert after.out == "digits v0.0.2: model.joblib of two\n"
    assert gitexp("models", "get", "digits@0.0.1").err.startswith(
        "error: 'digits' v0.0.1 is deprecated\n"
    )
    assert gitexp("models", "get", "digits#prod").err.startswith(
        "error: no version of 'digits' holds 'prod'\n"
    )


@pytest.mark.usefixtures("two_runs", "store")
def test_the_hint_takes_back_what_was_pushed(gitexp: Gitexp, git: Git, hub: Path) -> None:
    gitexp("promote", "one", "digits", "--push")
    gitexp("deprecate", "digits", "--version", "0.0.1", "--push")

    again = gitexp("promote", "one", "digits")
    git("tag", "-d", "digits@v0.0.1!")
    git("push", "origin", "--delete", "digits@v0.0.1!")

    assert again.err.endswith(
        "hint: `git tag -d 'digits@v0.0.1!'` takes that back."
        " If it was pushed, `git push origin --delete 'digits@v0.0.1!'` does so for everybody.\n"
    )
    assert git("tag", cwd=hub) == "digits@v0.0.1\n"
    assert gitexp("models", "get", "digits@0.0.1", "-o", "-").out == "model 0.1"


@pytest.mark.usefixtures("two_runs")
def test_a_deprecated_model_comes_back_with_its_next_version(gitexp: Gitexp) -> None:
    gitexp("promote", "one", "digits")
    gitexp("deprecate", "digits")
    hidden = json.loads(gitexp("models", "--json").out)
    twice = gitexp("deprecate", "digits")
    gitexp("promote", "two", "digits")
    shown = json.loads(gitexp("models", "--json").out)
    again = gitexp("deprecate", "digits")

    assert hidden == []
    assert twice.err == "error: 'digits' is deprecated already\n"
    assert [one["version"] for one in shown] == ["v0.0.2"]
    assert again.code == ExitCode.OK
    assert gto.api.show(str(Path.cwd())) == {}
