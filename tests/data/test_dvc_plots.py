"""Which of a repository's plots are those of a project in a folder of it."""

from __future__ import annotations

import pytest

from gitexp.data.dvc_plots import _keep


@pytest.mark.parametrize(
    ("here", "names"),
    [
        ("/", ("a/dvc.yaml", "b/dvc.yaml", "a/x.csv", "b/y.csv")),
        ("/a", ("dvc.yaml", "../b/dvc.yaml", "x.csv", "../b/y.csv")),
        ("/b", ("../a/dvc.yaml", "dvc.yaml", "../a/x.csv", "y.csv")),
    ],
)
def test_plots_of_other_folders_are_left_out_wherever_dvc_looks_from(
    here: str, names: tuple[str, ...]
) -> None:
    ours, others, plot, other = names
    found = {"definitions": {"data": {ours: 1, others: 2, "": {"data": {plot: {}, other: {}}}}}}

    _keep(found, "/a", here)

    assert found == {"definitions": {"data": {ours: 1, "": {"data": {plot: {}}}}}}


def test_of_a_project_at_the_top_all_plots_are_kept() -> None:
    found = {"definitions": {"data": {"dvc.yaml": 1, "b/dvc.yaml": 2}}}

    _keep(found, "", "/")

    assert list(found["definitions"]["data"]) == ["dvc.yaml", "b/dvc.yaml"]
