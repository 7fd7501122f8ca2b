"""What a command does not import is there for whoever asks for it later."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LOOK = """
import sys
from gitexp.cli.main import main
code = main(["ls"])
loaded = "typing_extensions" in sys.modules
import typing_extensions
print(code, loaded, typing_extensions.Required is not None)
"""


def test_typing_extensions_is_not_imported_and_can_be(work_tree: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=work_tree, capture_output=True, text=True, check=True
    )

    assert found.stdout.splitlines()[-1] == "0 False True"
