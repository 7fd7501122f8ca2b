"""DVC projects in folders of their own: each file belongs to the nearest one around it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from gitexp.data.dvc_project import initialise

from tests.execution.workshop import BehindPointer, Runs, Sh, TheRun
from tests.workshop import DVC, Gitexp, commit_all

DVC_YAML = "metrics: [scores]\nplots:\n  - plots/metrics: {x: step}\n"
IMPORTED = """\
frozen: true
deps:
- path: a.txt
  repo:
    url: https://example.org/data
    rev_lock: 0123456789012345678901234567890123456789
outs:
- md5: {md5}
  size: 2
  hash: md5
  path: b.txt
"""


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """A repository whose DVC project is in a folder."""
    return {"README.md": "# models\n", **{f"ml/{path}": text for path, text in DVC.items()}}


def cached(root: Path) -> list[str]:
    """Return the objects in a cache."""
    place = root / ".dvc/cache/files/md5"
    return sorted(path.relative_to(place).as_posix() for path in place.glob("*/*"))


def test_a_model_goes_into_the_dvc_project_around_it(
    work_tree: Path, sh: Sh, the_run: TheRun, gitexp: Gitexp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(work_tree / "ml")

    assert "DVC was set up" not in sh("echo 1 > model.pt", "-n", "one").err

    run = the_run()
    assert [one.path for one in run.record.pointers] == ["ml/model.pt"]
    assert "ml/model.pt.dvc" in run.entries
    assert not (work_tree / ".dvc").exists()
    assert len(cached(work_tree / "ml")) == 1

    (work_tree / "ml/model.pt").unlink()
    assert gitexp("get", "one", "model.pt").code == 0
    assert (work_tree / "ml/model.pt").read_text() == "1\n"
    assert gitexp("doctor").out.count("DVC is not set up here") == 0


def test_what_lies_outside_of_it_goes_into_another(
    work_tree: Path, sh: Sh, the_run: TheRun
) -> None:
    sh("echo 1 > ml/a.pt; echo 2 > b.pt")

    assert [one.path for one in the_run().record.pointers] == ["b.pt", "ml/a.pt"]
    assert len(cached(work_tree)) == len(cached(work_tree / "ml")) == 1
    assert sh("cat ml/a.pt b.pt", "--temp").code == 0


def test_folders_of_metrics_and_plots_are_results(work_tree: Path, sh: Sh, runs: Runs) -> None:
    write = "mkdir -p scores plots/metrics; echo '{{\"f1\": {0}}}' > scores/test.json; "
    write += "printf 'step\\tf1\\n0\\t{0}\\n' > plots/metrics/f1.tsv"
    (work_tree / "dvc.yaml").write_text(DVC_YAML)
    sh(write.format(1))
    commit_all(work_tree)

    sh(write.format(2))

    after = runs()[0]
    assert after.record.metrics == {"scores/test.json": {"f1": 2}}
    assert after.text("plots/metrics/f1.tsv").endswith("0\t2\n")
    assert after.subject.endswith("f1 2 (+1)")

    sh("true")

    idle = runs()[0]
    assert "plots/metrics/f1.tsv" not in idle.entries
    assert "scores/test.json" not in idle.entries


def test_the_cache_is_never_taken_for_the_project_s_files(
    work_tree: Path, sh: Sh, runs: Runs
) -> None:
    sh("echo 1 > model.pt")
    for name in (".gitignore", ".dvc/.gitignore", ".dvc/config", "model.pt.dvc"):
        (work_tree / name).unlink()  # as `git stash -u` does

    sh("echo 2 > other.pt")

    run = runs()[0]
    assert [path for path in run.entries if path.startswith(".dvc/")] == [
        ".dvc/.gitignore",
        ".dvc/config",
    ]
    assert "model.pt" not in run.entries
    assert (work_tree / ".dvc/.gitignore").read_text() == "/config.local\n/tmp\n/cache\n"


def test_imported_data_that_was_edited_is_data_of_the_run(
    work_tree: Path, sh: Sh, the_run: TheRun, behind_pointer: BehindPointer
) -> None:
    initialise(work_tree)
    (work_tree / "b.txt").write_text("a\n")
    behind_pointer("b.txt")
    imported = IMPORTED.format(md5="60b725f10c9c85c70d97880dfe8191b3")
    (work_tree / "b.txt.dvc").write_text(imported)
    commit_all(work_tree)
    (work_tree / "b.txt").unlink()
    (work_tree / "b.txt").write_text("edited\n")

    said = sh("cat b.txt").err

    assert (
        "note: 'b.txt' was imported and has been edited: the run has it as data of its own" in said
    )
    assert (work_tree / "b.txt.dvc").read_text() == imported
    assert "deps" not in the_run().text("b.txt.dvc")
    assert the_run().record.pointers[0].md5 in the_run().text("b.txt.dvc")
