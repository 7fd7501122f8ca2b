"""Git's own three-way merge of the text of files, and how it marks conflicts."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.git.place import clean_environment


def merged_text(base: Path, ours: Path, theirs: Path) -> bytes:
    """Return the merged text, which is that of ours if both sides changed the same lines."""
    command = ["git", "merge-file", "-p", "--ours", str(ours), str(base), str(theirs)]
    ended = subprocess.run(
        command, capture_output=True, check=False, env=clean_environment(os.environ)
    )
    if ended.returncode != 0:
        raise GitexpError("the files cannot be merged as text")
    return ended.stdout


def conflict_style() -> str:
    """Return `merge.conflictStyle` of the repository for which git has called us."""
    command = ["git", "config", "--get", "merge.conflictStyle"]
    return subprocess.run(command, capture_output=True, check=False).stdout.decode().strip()
