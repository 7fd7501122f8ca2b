"""The README's session, run in a shell as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"

SET_UP = """\
git init --quiet --initial-branch=main .
git commit --quiet --allow-empty -m start
gitexp init --template sklearn
python prepare_data.py
gitexp track data/breast_cancer.csv
git add --all
git commit --quiet -m "a random forest"
"""


def shell(line: str, cwd: Path) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ended = subprocess.run(
        ["bash", "-e", "-c", line],
        cwd=cwd,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout.decode()
    return ended.stdout.decode()


def shape(text: str) -> str:
    """Return the text without what differs from run to run: names, oids, numbers, spacing."""
    text = re.sub(r"[a-z]+-[a-z]+-[0-9a-z]{2}\b", "NAME", text)
    text = re.sub(r"\b[0-9a-f]{7}\b", "OID", text)
    text = re.sub(r"(\d+ min )?[+-]?\d+(\.\d+)?( s| min)?", "N", text)
    text = re.sub(r"~ within tolerance|better|worse", "MARK", text)
    return re.sub(r"[ \t]+", " ", text).strip()


def test_the_session_is_what_happens(tmp_path: Path) -> None:
    block = README.read_text().partition("<!-- session -->")[2].partition("<!-- end -->")[0]
    steps = block.strip().removeprefix("```console").removesuffix("```").strip().split("\n\n$ ")
    project = tmp_path / "forest"
    project.mkdir()
    shell(SET_UP, project)

    for step in steps:
        command, _, expected = step.removeprefix("$ ").partition("\n")
        assert shape(shell(command, project)) == shape(expected), command
