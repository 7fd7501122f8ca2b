"""`gitexp story`: the lab notebook."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.workshop import Git, Gitexp, commit_all


def settled(text: str) -> str:
    """Put fixed words for oids and dates."""
    text = re.sub(r"\b[0-9a-f]{10}\b", "OID", text)
    return re.sub(r"\b20\d\d-\d\d-\d\d\b", "DATE", text)


@pytest.fixture
def told(work_tree: Path, git: Git, gitexp: Gitexp) -> Path:
    """A project with a baseline, two tries with a word, one of them merged by a pull request."""
    gitexp("run", "-n", "first")
    commit_all(work_tree, "baseline")
    gitexp("run", "-n", "scratch", "-S", "rate=0.15")
    git("checkout", "--quiet", ".")
    better = ("-m", "a higher rate helps\n\nsee the paper", "--expect", "accuracy > baseline")
    for seed in (1, 2):
        gitexp("run", "-n", f"better-{seed}", "-S", "rate=0.2", "-S", f"seed={seed}", *better)
        git("checkout", "--quiet", ".")
    gitexp("run", "-n", "worse", "-S", "rate=0.05", "--expect", "accuracy > best")
    git("checkout", "--quiet", ".")
    gitexp("branch", "better-2", "topic")
    git("merge", "--quiet", "--no-ff", "topic", "-m", "Merge pull request #12 from ada/topic")
    return work_tree


@pytest.mark.usefixtures("told")
def test_a_story_has_what_was_supposed_and_what_came_of_it(gitexp: Gitexp) -> None:
    code, out, err = gitexp("story")

    assert (code, err) == (0, "")
    assert settled(out).partition("\n")[2] == STORY


@pytest.mark.usefixtures("told")
def test_a_story_may_be_of_some_runs(gitexp: Gitexp) -> None:
    told = gitexp("story", "--where", "hypothesis = refuted").out

    assert "## `accuracy > best`" in told
    assert "2 repeats: better-1" not in told


def test_a_subject_of_git_is_no_option_of_git(told: Path, git: Git, gitexp: Gitexp) -> None:
    run = git("log", "-1", "--format=%(trailers:key=Gitexp-Run,valueonly)", "experiments").strip()
    message = f"a\x1e--output={told}/written b\n\nGitexp-From-Run: {run}"
    git("commit", "--quiet", "--allow-empty", "-m", message)

    code, out, _ = gitexp("story")

    assert code == 0
    assert "--output=" in out
    assert not [path.name for path in told.iterdir() if path.name.startswith("written")]


@pytest.mark.usefixtures("told")
def test_a_page_loads_and_runs_nothing(gitexp: Gitexp) -> None:
    gitexp("run", "-m", "<script>alert(1)</script> [x](javascript:y) ![i](http://h/i)")

    page = gitexp("story", "--html").out

    assert page.startswith("<!doctype html>")
    assert "<script" not in page
    assert "<img" not in page
    assert "<a " not in page
    assert "default-src 'none'" in page
    assert "<strong>refuted</strong>" in page


def test_repeats_share_a_chapter_whatever_was_committed_between(
    work_tree: Path, gitexp: Gitexp
) -> None:
    gitexp("run", "--temp", "-n", "a", "-S", "seed=1", "-m", "once more")
    (work_tree / "README.md").write_text("what was found\n")
    commit_all(work_tree, "a word on it")
    gitexp("run", "--temp", "-n", "b", "-S", "seed=2", "-m", "once more")
    (work_tree / "train.py").write_text((work_tree / "train.py").read_text() + "# other code\n")
    commit_all(work_tree, "other code")
    gitexp("run", "--temp", "-n", "c", "-S", "seed=3", "-m", "once more")

    out = gitexp("story").out

    assert "2 repeats: a, b;" in out
    assert "Run c;" in out


def test_without_a_word_there_is_no_story(work_tree: Path, gitexp: Gitexp) -> None:
    del work_tree
    gitexp("run")

    assert "*1 run without a word*\n\nNo run says" in gitexp("story").out


STORY = """
*2 runs without a word*

## a higher rate helps

> see the paper

Expected `accuracy > baseline`: **confirmed** (baseline had accuracy 0.95, from run first).

DATE, on `OID` (baseline).

| metric | old | new | change | % |  |
| --- | --: | --: | --: | --: | --- |
| accuracy | 0.95 | 1.0 | +0.05 | +5.3 % | better |
| loss | 0.4 | 0.3 | -0.1 | -25.0 % | better |

| param | old | new |
| --- | --: | --: |
| rate | 0.1 | 0.2 |

Over 2 repeats: accuracy 1.0 ± 0, loss 0.3 ± 0.

2 repeats: better-1, better-2; commit `OID`.

Merged with `#12` in `OID`: `Merge pull request #12 from ada/topic`.

## `accuracy > best`

Expected `accuracy > best`: **refuted** (`best:accuracy` had accuracy 1.0, from run better-1).

DATE, on `OID` (baseline).

| metric | old | new | change | % |  |
| --- | --: | --: | --: | --: | --- |
| accuracy | 0.95 | 0.925 | -0.025 | -2.6 % | worse |
| loss | 0.4 | 0.45 | +0.05 | +12.5 % | worse |

| param | old | new |
| --- | --: | --: |
| rate | 0.1 | 0.05 |

Run worse; commit `OID`.
"""
