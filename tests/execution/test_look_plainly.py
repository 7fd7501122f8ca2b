"""What a run begins with, and what was written since, against a look at each file by itself.

Git's index is the memory of the start; here everything is found out the slow and plain way, too:
by the contents of all files, and by all their times.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitexp.execution.kept.written import keep_started, read_started
from gitexp.execution.record.seen import look_again
from gitexp.execution.stages import Plan, Request, Started
from gitexp.execution.start.look import look
from gitexp.execution.start.prepare import prepare
from gitexp.project import Project
from gitexp.store.own import own_folder

from tests.execution.plainly import (
    MODULE,
    Step,
    configs,
    do,
    edits,
    make,
    plain_entries,
    signatures_of,
    staging,
)
from tests.workshop import git

stories = st.tuples(
    configs,
    st.lists(st.one_of(edits, staging), max_size=5),
    st.lists(edits, max_size=3),
    st.lists(edits, max_size=4),
)


def _ignore(_: str) -> None:
    """Take notes and warnings."""


def _looked(project: Project, scratch: Path) -> Started:
    plan: Plan = prepare(project, Request(command=("true",)))
    scratch.mkdir()
    started = look(project, plan, scratch, _ignore)
    keep_started(started)
    return started


def _check(top: Path, scratch: Path, steps: list[Step]) -> None:
    """Look, let a command take some steps, and look again."""
    with Project.open(top) as project:
        own_folder(project.repository).made()
        started = _looked(project, scratch)
        assert dict(started.snapshot.entries) == dict(plain_entries(project, scratch))
        before = signatures_of(top, started.snapshot.entries)

        do(top, steps)

        kept = read_started(project, started.plan, scratch, _ignore)
        assert kept is not None
        after = signatures_of(top, before)
        expected = {path for path in before if before[path] != after[path]} - {MODULE}
        for one in (started, kept):
            seen = look_again(one)
            found = {path for path in before if seen.before.get(path) != seen.now.get(path)}
            assert found - {MODULE} == expected
            new = [path for path in seen.now if path not in seen.before and path not in before]
            assert set(new) <= set(git("ls-files", "-o", cwd=top).splitlines())


@settings(
    max_examples=3,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(stories, min_size=4, max_size=4))
def test_a_look_at_what_changed_is_a_look_at_everything(
    tmp_path: Path, several: list[tuple[str, list[Step], list[Step], list[Step]]]
) -> None:
    tops = [tmp_path / f"{time.monotonic_ns()}-{number}" for number, _ in enumerate(several)]
    for top, (config, first, _, last) in zip(tops, several, strict=True):
        make(top, config)
        do(top, first)
        _check(top, top.with_suffix(".1"), last)
    deadline = int(time.time()) + 1
    while time.time() < deadline:  # what is known of an index by then, counts
        time.sleep(0.01)
    for top, (_, _, second, last) in zip(tops, several, strict=True):
        _check(top, top.with_suffix(".2"), second)
        _check(top, top.with_suffix(".3"), last)
        shutil.rmtree(top)
