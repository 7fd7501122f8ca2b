"""A little of `python -m tests.torture.crowd`, which has 64 writers and 16 clones."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_several_that_write_and_push_at_once_lose_nothing(tmp_path: Path) -> None:
    words = ("--rounds", "1", "--writers", "9", "--clones", "2")
    command = [sys.executable, "-m", "tests.torture.crowd", *words]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    env["TMPDIR"] = str(tmp_path)

    ended = subprocess.run(
        command, cwd=Path(__file__).parents[2], env=env, capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout + ended.stderr
    assert ended.stdout.count(" 0 wrong") == 2
