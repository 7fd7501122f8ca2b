"""`gitexp export`: what is written, and what is refused."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from gitexp.errors import ExitCode

from tests.workshop import Git, Gitexp

pytestmark = pytest.mark.usefixtures("two_runs")


def test_csv_is_that_of_ls(gitexp: Gitexp, tmp_path: Path) -> None:
    _, listed, _ = gitexp("ls", "--csv")

    assert gitexp("export", "csv") == (ExitCode.OK, listed, "")
    assert gitexp("export", "csv", "-o", tmp_path / "r.csv").out == (
        f"wrote 2 runs to '{tmp_path}/r.csv'\n"
    )
    assert (tmp_path / "r.csv").read_text() == listed


def test_a_file_that_the_next_run_would_take_along_is_named(
    gitexp: Gitexp, git: Git, work_tree: Path
) -> None:
    note = "note: the next run takes 'runs.csv' along as an input unless git ignores it\n"
    csv = ("export", "csv", "-o", "runs.csv")

    assert gitexp(*csv).err == note
    git("add", "runs.csv")
    assert gitexp(*csv).err == ""
    git("rm", "--quiet", "--cached", "runs.csv")
    (work_tree / ".git" / "info" / "exclude").write_text("*.csv\n")
    assert gitexp(*csv).err == ""
    assert gitexp("export", "csv", "-o", ".git/[runs].txt").err == ""


def test_runs_are_named_or_match(gitexp: Gitexp) -> None:
    _, named, _ = gitexp("export", "csv", "one", "one")
    _, matching, _ = gitexp("export", "csv", "--where", "name = 'two'")
    nothing = gitexp("export", "csv", "--where", "name = 'three'")
    both = gitexp("export", "csv", "one", "--where", "name = 'two'")

    assert [line.split(",")[2] for line in named.splitlines()] == ["name", "one"]
    assert [line.split(",")[2] for line in matching.splitlines()] == ["name", "two"]
    assert nothing == (
        ExitCode.ERROR,
        "",
        "error: no run matches\nhint: `gitexp ls` lists all runs.\n",
    )
    assert both.err.startswith("error: runs are named or match\n")


def test_a_croissant_describes_the_table_that_lies_beside_it(
    gitexp: Gitexp, tmp_path: Path
) -> None:
    folder = tmp_path / "new" / "folder"

    code, _, err = gitexp("export", "croissant", "-o", folder)
    again = gitexp("export", "croissant", "-o", folder)

    assert (code, err, again.code) == (ExitCode.OK, "", ExitCode.OK)
    said = json.loads((folder / "croissant.json").read_text())
    table = (folder / "runs.csv").read_bytes()
    assert said["distribution"][0]["sha256"] == hashlib.sha256(table).hexdigest()
    fields = [one["source"]["extract"]["column"] for one in said["recordSet"][0]["field"]]
    assert fields == table.decode().splitlines()[0].split(",")
    types = {one["name"]: one["dataType"] for one in said["recordSet"][0]["field"]}
    assert types["runs/started"] == "sc:DateTime"
    assert types["runs/metrics.accuracy"] in ("sc:Float", "sc:Integer")
    assert (folder / ".gitignore").read_text() == "*\n"


def test_a_folder_with_other_files_is_left_alone(gitexp: Gitexp, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "thesis.tex").touch()

    for name in ("croissant", "ro-crate"):
        code, _, err = gitexp("export", name, "-o", folder)

        assert code == ExitCode.ERROR
        assert err == (
            f"error: '{folder}' has other files, such as 'thesis.tex'\nhint: Name another folder.\n"
        )
    assert [path.name for path in folder.iterdir()] == ["thesis.tex"]


def test_a_crate_has_the_files_of_each_run_from_its_commit(gitexp: Gitexp, tmp_path: Path) -> None:
    folder = tmp_path / "crate"

    assert gitexp("export", "ro-crate", "one", "-o", folder).code == ExitCode.OK

    said = json.loads((folder / "ro-crate-metadata.json").read_text())
    names = sorted(one["name"] for one in said["@graph"] if one["@type"] == "File")
    assert {"metrics.json", ".gitexp/run.json"} <= set(names)
    records = list(folder.glob("runs/*/.gitexp/run.json"))
    assert [json.loads(path.read_text())["name"] for path in records] == ["one"]


def test_a_crate_that_is_written_anew_loses_the_files_of_runs_that_are_not_in_it(
    gitexp: Gitexp, tmp_path: Path
) -> None:
    folder = tmp_path / "crate"
    gitexp("export", "ro-crate", "-o", folder)
    [mine, *_] = (folder / "runs").iterdir()
    (mine / "notes.txt").write_text("mine")
    metadata = folder / "ro-crate-metadata.json"
    outside = folder.parent / "outside"
    outside.write_text("theirs")
    said = json.loads(metadata.read_text())
    said["@graph"] += [{"@id": f"runs/{up}outside", "@type": "File"} for up in ("../../", "/")]
    metadata.write_text(json.dumps(said))
    one = json.loads(gitexp("show", "one", "--json").out)["id"]

    assert gitexp("export", "ro-crate", "one", "-o", folder).code == ExitCode.OK

    left = {path.relative_to(folder / "runs").parts[0] for path in folder.glob("runs/**/*.json")}
    assert left == {one}
    assert (mine / "notes.txt").read_text() == "mine"
    assert outside.read_text() == "theirs"


@pytest.mark.parametrize(
    ("kind", "name", "meant"),
    [
        ("parquet", "r.csv", "csv"),
        ("duckdb", "r.parquet", "parquet"),
        ("csv", "r.duckdb", "duckdb"),
    ],
)
def test_a_name_that_says_another_format_is_refused(
    gitexp: Gitexp, tmp_path: Path, kind: str, name: str, meant: str
) -> None:
    target = tmp_path / name

    said = (
        f"error: '{name}' is no name for {kind}\nhint: Give it another ending,"
        f" or write that: `gitexp export {meant} -o {target}`.\n"
    )

    assert gitexp("export", kind, "-o", target) == (ExitCode.ERROR, "", said)
    assert not target.exists()


def test_what_cannot_be_written_is_said(gitexp: Gitexp, tmp_path: Path) -> None:
    target = tmp_path / "missing" / "r.csv"

    code, _, err = gitexp("export", "csv", "-o", target)

    assert (code, err) == (
        ExitCode.ERROR,
        f"error: '{target}' cannot be written: No such file or directory\n",
    )
