"""Packages put into an environment by uv, else by pip."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.execution.rebuild.pythons import ask_python
from gitexp.execution.rebuild.tools import ToolFailed, find_tool, run_tool
from gitexp.model.packages import Package, package_lines


def make_venv(python: Path, folder: Path) -> Path:
    """Make a virtual environment of a Python and return the Python in it."""
    if find_tool("uv"):
        run_tool(["uv", "venv", "--quiet", "--no-project", "--python", python, folder])
    else:
        run_tool([python, "-m", "venv", "--without-pip", folder])  # which takes 5 s
    return folder / "bin" / "python"


def installer() -> str:
    """Return what installs packages here: uv, else pip."""
    return "uv" if find_tool("uv") else "pip"


def install(python: Path, packages: Sequence[Package], *, cwd: Path) -> None:
    """Install exactly these packages, without what they depend on: that is among them.

    Raises GitexpError with the installer's last lines.
    """
    if not packages:
        return
    with tempfile.TemporaryDirectory(prefix="gitexp-") as scratch:
        file = Path(scratch, "requirements.txt")
        file.write_text("".join(f"{line}\n" for line in package_lines(packages)), encoding="utf-8")
        try:
            _install(python, file, cwd)
        except ToolFailed as error:
            raise GitexpError(str(error), _hint(packages)) from error


def _install(python: Path, file: Path, cwd: Path) -> None:
    words = ("install", "--no-deps", "-r", str(file))
    if find_tool("uv"):
        run_tool(["uv", "pip", *words, "--python", python], cwd=cwd)
        return
    run_tool([*_pip_for(python), *words], cwd=cwd)


def _pip_for(python: Path) -> tuple[str | Path, ...]:
    """Return the words of a pip that installs into an environment: its own, or its base's."""
    asked = ask_python(python)
    base = asked[1] if asked else python
    for words in ((python, "-m", "pip"), (base, "-m", "pip", "--python", python)):
        try:
            run_tool([*words, "--version"])
        except ToolFailed:  # there is none, or one from before 22.3, which knows no `--python`
            continue
        return words
    run_tool([python, "-m", "ensurepip"])
    return python, "-m", "pip"


def _hint(packages: Sequence[Package]) -> str:
    local = [one for one in packages if one.is_local]
    if local:
        return (
            f"'{local[0].name}=={local[0].version}' is a local version; the index that has it is "
            "named by `PIP_EXTRA_INDEX_URL`, for uv by `UV_INDEX`."
        )
    return "`gitexp env RUN` prints the requirements, to be edited and installed by hand."
