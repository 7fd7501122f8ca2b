"""The curves that callbacks log are the histories that the libraries have themselves.

Left out unless asked for, as the pages are: `pytest -m frameworks`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gitexp.project import Project
from gitexp.revisions.series import series_of_run
from gitexp.store.selectors import find_run

from tests.frameworks.kinds import PACKAGES
from tests.frameworks.trainings import TRAININGS
from tests.frameworks.workshop import TOP, environment
from tests.workshop import Gitexp, NewRepository


@pytest.mark.frameworks
@pytest.mark.parametrize("name", TRAININGS)
def test_the_curve_in_the_run_is_the_librarys_own_history(
    name: str, new_repository: NewRepository, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = TRAININGS[name]
    programs = environment(training.environment, PACKAGES[training.environment])
    top = new_repository("work", {"train.py": training.script})
    monkeypatch.setenv("PYTHONPATH", str(TOP))
    monkeypatch.chdir(top)

    ended = gitexp("run", "-n", "a", "--", programs / "python", "train.py")

    assert ended.code == 0, ended.out + ended.err
    assert "gitexp: warning" not in ended.err
    with Project.open(Path()) as project:
        run = find_run(project.runs, "a")
        assert run is not None
        found = series_of_run(project, run)
        params = run.record.params.get("logged", {})
    history = json.loads(Path("history.json").read_text())
    assert history
    for key, values in history.items():
        assert found[key].steps == [step for step, _ in values], key
        assert found[key].values == pytest.approx([value for _, value in values], rel=1e-7), key
    assert training.params <= params.keys()
