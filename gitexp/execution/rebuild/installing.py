"""Packages put into an environment by uv, else by pip."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.execution.rebuild.tools import ToolFailed, find_tool, run_tool
from gitexp.model.packages import Package


def make_venv(python: Path, folder: Path) -> Path:
    """Make a virtual environment of a Python and return the Python in it."""
    if find_tool("uv"):
        run_tool(["uv", "venv", "--quiet", "--no-project", "--python", python, folder])
    else:
        run_tool([python, "-m", "venv", folder])
    return folder / "bin" / "python"


def install(python: Path, packages: Sequence[Package], *, cwd: Path) -> None:
    """Install exactly these packages, without what they depend on: that is among them.

    Raises GitexpError with the installer's last lines.
    """
    if not packages:
        return
    with tempfile.TemporaryDirectory(prefix="gitexp-") as scratch:
        file = Path(scratch, "requirements.txt")
        file.write_text("".join(f"{one.line}\n" for one in packages), encoding="utf-8")
        try:
            _install(python, file, cwd)
        except ToolFailed as error:
            raise GitexpError(str(error), _hint(packages)) from error


def _install(python: Path, file: Path, cwd: Path) -> None:
    words = ("install", "--no-deps", "-r", str(file))
    if find_tool("uv"):
        run_tool(["uv", "pip", *words, "--python", python], cwd=cwd)
        return
    try:
        run_tool([python, "-m", "pip", "--version"])
    except ToolFailed:
        run_tool([python, "-m", "ensurepip"])
    run_tool([python, "-m", "pip", *words], cwd=cwd)


def _hint(packages: Sequence[Package]) -> str:
    local = [one for one in packages if one.is_local]
    if local:
        return (
            f"'{local[0].name}=={local[0].version}' is a local version; the index that has it is "
            "named by `PIP_EXTRA_INDEX_URL`, for uv by `UV_INDEX`."
        )
    return "`gitexp env RUN` prints the requirements, to be edited and installed by hand."
