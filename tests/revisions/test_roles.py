from __future__ import annotations

from collections.abc import Iterator

import pytest

from gitexp.data.pipelines import Pipeline
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.revisions.pipeline_files import pipeline_of
from gitexp.revisions.roles import Declared

from tests.workshop import NewRepository

SETTINGS = """\
params: [params.yaml]
metrics: {metrics.json: metrics.json, all.json: results/*.json}
plots: [plots/]
outputs: ["*.log"]
track: ["*.pt"]
shared: [../shared]
"""


@pytest.fixture
def project(new_repository: NewRepository) -> Iterator[Project]:
    """The project in the folder 'a'."""
    with Project.open(new_repository("work", {"a/gitexp.yaml": SETTINGS}) / "a") as opened:
        yield opened


def test_what_lies_outside_of_the_project_is_not_what_its_settings_name(project: Project) -> None:
    declared = Declared(project, Pipeline(outs=frozenset({TopPath("shared/out")})))

    assert declared.is_params("a/params.yaml")
    assert not declared.is_params("params.yaml")
    assert declared.is_metric("a/metrics.json")
    assert not declared.is_metric("metrics.json")
    assert declared.recorded_name("a/results/1.json") == "all.json"
    assert declared.is_result("a/plots/x.svg")
    assert declared.is_result("shared/out/1.bin")
    assert not declared.is_result("shared/b.log")
    assert declared.is_model("a/m.pt")
    assert not declared.is_output("m.pt")


def test_patterns_stand_for_what_is_listed_and_names_for_themselves(project: Project) -> None:
    files = "a/results/1.json a/results/2.json results/3.json a/train.py"
    listed = map(TopPath, files.split())

    found = Declared(
        project, Pipeline(params=(TopPath("a/more.yaml"), TopPath("x.yaml")))
    ).values_among(listed)

    assert found.params == {"params.yaml": "params.yaml", "more.yaml": "more.yaml"}
    assert found.metrics == {"metrics.json": "metrics.json", "results/2.json": "all.json"}


def test_pipelines_of_other_projects_are_not_this_ones(project: Project) -> None:
    files = {
        "dvc.yaml": b"metrics: [top.json]\n",
        "a/dvc.yaml": b"metrics: [m.json]\n",
        "a/b/dvc.yaml": b"metrics: [m.json]\n",
        "a/c/dvc.yaml": None,
    }

    assert pipeline_of(project, files, files.get).metrics == {"a/m.json", "a/b/m.json"}
