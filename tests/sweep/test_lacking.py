"""A metric that no run has: said after the first run, and the end of the sweep after three."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from gitexp.sweep.lacking import hint

from tests.workshop import Gitexp

TRAIN = ("--", "sh", "fit.sh")


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """A project whose training takes no longer than a shell."""
    fit = 'read name rate < params.yaml\necho "{\\"loss\\": $rate, \\"f1\\": 1}" > metrics.json\n'
    return {"fit.sh": fit, "params.yaml": "rate: 0\n"}


@pytest.mark.usefixtures("work_tree")
def test_a_misspelt_metric_is_said_at_once_and_ends_the_sweep(gitexp: Gitexp) -> None:
    there = "no run has a number 'los'. The metrics are `loss`, `f1`. Did you mean `loss`?"
    words = ("--minimize", "los", "-n", "scan")
    code, out, err = gitexp("sweep", "rate=1,2,3,4,5", *words, *TRAIN)

    assert code == 1
    assert err.count("warning: no run has a number 'los' to minimize. The metrics are") == 1
    assert "no further run is started: the first 3 runs that are done have no number 'los'" in err
    assert out.splitlines() == [
        "scan: 3 of 5 done",
        there,
        "next: gitexp ls --where 'sweep = \"scan\"'",
    ]
    code, _, err = gitexp("sweep", "--resume", "scan")
    assert (code, "none of 3 runs has a number 'los'" in err) == (2, True)

    code, _, err = gitexp("sweep", "rate=6", "--minimize", "los", "-n", "again", *TRAIN)
    assert (code, "Did you mean 'loss'?" in err) == (2, True)
    code, out, _ = gitexp("sweep", "rate=6", "--minimize", "speed", "-n", "short", *TRAIN)
    assert code == 1
    assert "no run has a number 'speed'. The metrics are `loss`, `f1`." in out


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], "There are no metrics: `metrics` in gitexp.yaml says which files have them."),
        (["accuracy"], "The only metric is `accuracy`."),
        (
            ["a:los", "b:los", "f1"],
            "The metrics are `a:los`, `b:los`, `f1`. Did you mean `a:los` or `b:los`?",
        ),
    ],
)
def test_the_hint_names_what_there_is(names: list[str], expected: str) -> None:
    assert hint("los", names) == expected
