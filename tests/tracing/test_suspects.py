"""Which commits can have moved a metric: against a look at every commit."""

from __future__ import annotations

import subprocess
from pathlib import Path

from gitexp.project import Project
from gitexp.tracing.suspects import suspects_between

from tests.tracing.histories import Made, Maker, write


def test_only_commits_that_change_an_input_can_have_done_it(tmp_path: Path) -> None:
    top = tmp_path / "top"
    subprocess.run(["git", "init", "--quiet", "--template=", top], check=True)
    histories = [Maker(seed).made(40) for seed in range(6)]
    named = write(top, histories)
    (top / "gitexp.yaml").write_text("metrics: [metrics.json, eval/metrics.json]\n")
    with Project.open(top) as project:
        for commits, oids in zip(histories, named, strict=True):
            found = suspects_between(project, oids[0], oids[-1])

            expected = {oids[at] for at in range(1, len(commits)) if _is_able(commits, at)}
            able = {oid for at, oid in enumerate(found.commits) if found.able >> at & 1}
            assert able == expected
            assert {*found.commits} == {*oids[1:]}
            for at, oid in enumerate(found.commits):
                before = {one for one in range(len(oids)) if found.reach[at] >> one & 1}
                assert {found.commits[one] for one in before} == {
                    oids[one] for one in _before(commits, oids.index(oid)) - {0}
                }


def _is_able(commits: list[Made], at: int) -> bool:
    return all(commits[at].code != commits[parent].code for parent in commits[at].parents)


def _before(commits: list[Made], at: int) -> set[int]:
    """Return a commit and all before it."""
    return {at}.union(*(_before(commits, parent) for parent in commits[at].parents))
