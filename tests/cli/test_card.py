"""`gitexp card`: the card of a real version."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import gto.api
import pytest
import yaml

from gitexp.errors import ExitCode
from gitexp.project import Project
from gitexp.store.facts import append

from tests.cli.workshop import MODELLING, Clone
from tests.workshop import Git, Gitexp


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """A project whose runs write a model."""
    return MODELLING


@pytest.mark.usefixtures("two_runs")
def test_a_card_has_noise_and_what_was_found_out_later(gitexp: Gitexp, work_tree: Path) -> None:
    for seed in (2, 3):
        assert gitexp("run", "-n", f"again-{seed}", "-S", f"seed={seed}").code == 0
    with Project.open(work_tree) as project:
        [run] = project.runs.index.named("two", "")
        said = [
            (run, "evaluate", {"metrics": {"accuracy": 0.91}, "held_out": {}}),
            (run, "verify", {"result": "differs"}),
        ]
        append(project.repository, said)  # type: ignore[arg-type]
    gitexp("promote", "two", "digits", "--stage", "prod", "-m", "the best so far")

    card = gitexp("card", "digits#prod").out
    written = gitexp("card", "digits@0.0.1", "-o", "README.md")

    head, _, body = card.removeprefix("---\n").partition("\n---\n")
    assert body.startswith("\n# digits v0.0.1\n\n```text\nthe best so far\n```\n")
    assert "| accuracy | 1.0 | 1.0 ± 0 | 3 |" in body
    assert "| `held_out.accuracy` | 0.91 |" in body
    assert "git switch --detach digits@v0.0.1\npython train.py\n" in body
    assert yaml.safe_load(head)["model-index"][0]["results"][0]["metrics"][0]["type"] == "accuracy"
    assert "| result | differs |\n" in body
    assert "reasons" not in body
    assert written == (ExitCode.OK, "README.md\n", "")
    marked = card.replace("---\n", "---\n# made by gitexp\n", 1)
    assert (work_tree / "README.md").read_text() == marked


@pytest.mark.usefixtures("two_runs")
def test_in_a_clone_without_the_runs_a_card_says_what_it_lacks(
    gitexp: Gitexp, git: Git, work_tree: Path
) -> None:
    gitexp("promote", "one", "digits")
    git("clone", "--quiet", "--single-branch", ".", "../clone")

    here = gitexp("card", "digits")
    there = gitexp("-C", str(work_tree.parent / "clone"), "card", "digits")

    assert here.err == ""
    assert there.err == (
        "note: evaluations and verifications of run 'one' are not here; `gitexp pull` gets them\n"
    )
    assert there.out.partition("## Data")[0] == here.out.partition("## Data")[0]


@pytest.mark.usefixtures("two_runs")
def test_a_card_does_not_tell_who_may_clone(gitexp: Gitexp, git: Git) -> None:
    git("remote", "add", "origin", "https://ada:hunter2@example.com:8443/x/digits.git")
    gitexp("promote", "one", "digits")

    card = gitexp("card", "digits").out

    assert "git clone https://example.com:8443/x/digits.git again\n" in card
    assert "hunter2" not in card


@pytest.mark.usefixtures("two_runs", "store")
def test_a_clone_that_has_only_the_tags_says_what_it_lacks(gitexp: Gitexp, clone: Clone) -> None:
    gitexp("promote", "two", "digits", "--push")
    assert gitexp("models").err == ""
    other = clone("other")

    lacking = [gitexp(*typed, cwd=other) for typed in (("card", "digits"), ("models",))]
    gitexp("pull", cwd=other)
    having = [gitexp(*typed, cwd=other) for typed in (("card", "digits"), ("models",))]

    said = (
        "note: evaluations and verifications of run 'two' are not here; `gitexp pull` gets them\n"
    )
    assert [(one.code, one.err) for one in lacking] == [(ExitCode.OK, said)] * 2
    assert [(one.code, one.err) for one in having] == [(ExitCode.OK, "")] * 2


def test_there_is_no_card_of_what_is_not_a_run(gitexp: Gitexp, work_tree: Path) -> None:
    (work_tree / "artifacts.yaml").write_text("digits: {path: train.py}\n")
    gto.api.register(str(work_tree), "digits", "HEAD")

    assert gitexp("card", "digits").err.startswith("error: nothing says which file 'digits' v0.0.1")
    assert gitexp("card", "nothing").err.startswith("error: no model 'nothing'\n")
