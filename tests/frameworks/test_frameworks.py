"""What the pages "Use it with …" say, held against real frameworks at their newest versions.

Most of it is left out unless asked for: `pytest -m frameworks` installs the frameworks below
`.frameworks`, or where GITEXP_FRAMEWORKS says, and takes as long as they do.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.frameworks.kinds import KINDS, PACKAGES
from tests.frameworks.workshop import (
    TOP,
    Project,
    alike,
    commands_of,
    environment,
    follow,
    measured,
    projects_of,
)


def project_of(name: str) -> Project:
    [project] = [one for one in projects_of(KINDS[name].page) if one.name == name]
    return project


@pytest.mark.parametrize("name", KINDS)
def test_a_page_has_a_project_with_two_runs_and_their_difference(name: str) -> None:
    project = project_of(name)

    words = [command.split()[:2] for command in commands_of(project.session)]
    started = words.index(["gitexp", "init"])
    assert words[started:] == [["gitexp", one] for one in ("init", "run", "run", "diff")]
    assert "gitexp.yaml" not in project.files


def test_the_table_has_a_row_for_each_project() -> None:
    page = (TOP / "docs" / "reference" / "frameworks.md").read_text()

    titles = re.findall(r"^\| \[([^\]]+)\]\(", page, re.MULTILINE)
    assert sorted(titles) == sorted(kind.title for kind in KINDS.values())


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.frameworks) for name in KINDS]
)
def test_a_framework_is_recorded_whole_without_a_line_by_hand(name: str, tmp_path: Path) -> None:
    kind, project = KINDS[name], project_of(name)
    programs = environment(kind.environment, PACKAGES[kind.environment])

    ended = follow(project, tmp_path, programs)

    found = measured(project, ended.top, kind.changed, kind.wanted)
    assert found.is_complete, found
    assert alike(ended.printed) == alike(project.session)
