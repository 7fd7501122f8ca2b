"""Tables of predictions that lie behind DVC pointers are drawn like those in git."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.workshop import DVC, Git, Gitexp, make_repository

FILES = {
    **DVC,
    "train.py": (
        "import pathlib\n"
        "table = 'actual,predicted\\ncat,cat\\ncat,dog\\ndog,dog\\n'\n"
        "pathlib.Path('classes.csv').write_text(table)\n"
        "pathlib.Path('tables').mkdir(exist_ok=True)\n"
        "pathlib.Path('tables/more.csv').write_text(table + 'dog,cat\\n')\n"
    ),
    "gitexp.yaml": "command: python train.py\ntrack: [classes.csv, tables]\n",
}


def test_tables_behind_pointers_are_drawn(
    gitexp: Gitexp, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = make_repository(tmp_path / "work", FILES)
    monkeypatch.chdir(top)
    said = gitexp("run", "-n", "first")
    assert said.code == 0, said.err
    git("add", "-A")
    git("commit", "-qm", "pointers")

    def counts(rev: str, file: str) -> object:
        code, out, err = gitexp("plot", rev, "--kind", "confusion", "--file", file, "--json")
        assert code == 0, err
        return json.loads(out)[0]["counts"]

    assert counts("workspace", "classes.csv") == [[1, 1], [0, 1]]
    Path("classes.csv").unlink()
    shutil.rmtree("tables")
    for rev in ("first", "HEAD", "workspace"):
        assert counts(rev, "classes.csv") == [[1, 1], [0, 1]], rev
        assert counts(rev, "tables/more.csv") == [[1, 1], [1, 1]], rev
    shutil.rmtree(".dvc/cache")
    code, _, err = gitexp("plot", "first", "--kind", "confusion", "--file", "classes.csv")
    assert code == 2
    assert err.startswith("error: the data of 'classes.csv' is missing (md5 ")
