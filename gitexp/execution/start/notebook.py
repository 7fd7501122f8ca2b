"""A notebook as a command: run from its first cell to its last by papermill, with other params.

The notebook itself is not touched: what its cells print goes into another one beside it.
"""

from __future__ import annotations

import ast
import contextlib
import difflib
import importlib.util
import json
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from gitexp.errors import GitexpError
from gitexp.execution.command.process import CommandNotFound
from gitexp.model.command.params import command_params
from gitexp.model.command.special import NOTEBOOK
from gitexp.model.override import Override
from gitexp.model.values import Value, embeddable
from gitexp.project import Project

_EXECUTED = ".executed.ipynb"
_TAG = "parameters"
"""Of the cell that holds the params and what they are by default."""


def notebook_argv(project: Project, command: tuple[str, ...]) -> tuple[str, ...]:
    """Return how a notebook is run: `NAME.ipynb -S lr=0.1` becomes a call of papermill.

    Raises GitexpError for what cannot be run, and for a param that the notebook does not have.
    """
    name = command[0]
    file = project.repository.top / project.directory / name
    notebook = _read(file, name)
    cells = _cells_of(notebook)
    found = command_params(command)
    if found.left_out:
        raise GitexpError(
            f"'{found.left_out[0]}' sets no param of a notebook",
            hint=f"`gitexp run -- {name} -S lr=0.1` does; options of gitexp stand before `--`.",
        )
    _check_known(name, found.values, cells)
    executed = f"{name.removesuffix(NOTEBOOK)}{_EXECUTED}"
    params = ("-y", json.dumps(found.values)) if found.values else ()
    options = ("--log-output", "--no-progress-bar", *_kernel(notebook.get("metadata")))
    return *_papermill(), name, executed, *options, *params


def _kernel(metadata: object) -> Iterator[str]:
    """Yield what papermill has to be told of a notebook that was saved without a kernel.

    Of one in another language papermill says that it needs a kernel's name.
    """
    known = metadata if isinstance(metadata, dict) else {}
    spec, language = known.get("kernelspec"), known.get("language_info")
    spec, language = (one if isinstance(one, dict) else {} for one in (spec, language))
    told = spec.get("language") or language.get("name")
    if not spec.get("name") and told in (None, "", "python"):
        yield from ("--kernel", "python3")
        if not told:
            yield from ("--language", "python")


def notebook_defaults(project: Project, name: str) -> dict[str, Value]:
    """Return the plain values that the cell with the params sets; none of what cannot be read."""
    try:
        cells = _cells_of(_read(project.repository.top / project.directory / name, name))
    except GitexpError:
        return {}
    tagged = next((cell for cell in cells if _is_tagged(cell)), None)
    found: dict[str, Value] = {}
    for node in _statements(tagged) if tagged is not None else ():
        with contextlib.suppress(ValueError, TypeError, RecursionError, MemoryError):
            value = ast.literal_eval(node.value) if node.value is not None else ...
            if isinstance(value, str | int | float | list | None) and embeddable(value):
                found |= dict.fromkeys(_targets(node), value)
    return found


def shadowing_note(
    project: Project, command: tuple[str, ...], overrides: Iterable[Override]
) -> str | None:
    """Return what is said where a params file gets a value that the notebook sets itself."""
    name, given = command[0], command_params(command).values
    own = [one for one in notebook_defaults(project, name) if one not in given]
    for one in overrides:
        if one.file is None and one.name in own:
            return (
                f"note: `-S {one.text}` before `--` is for params files, and '{name}' sets "
                f"'{one.name}' itself: `gitexp run -- {name} -S {one.text}` sets that"
            )
    return None


def _read(file: Path, name: str) -> dict[str, Any]:
    try:
        content = json.loads(file.read_bytes())
    except FileNotFoundError:
        raise CommandNotFound(f"no notebook '{name}' here") from None
    except (OSError, ValueError, RecursionError) as error:
        raise GitexpError(f"'{name}' cannot be read as a notebook: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        raise GitexpError(
            f"'{name}' is not a notebook of today's format",
            hint=f"`jupyter nbconvert --to notebook --inplace {name}` makes it one.",
        )
    return content


def _cells_of(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if isinstance(cell, dict)]


def _check_known(name: str, params: dict[str, Any], cells: list[dict[str, Any]]) -> None:
    """Raise GitexpError for a param that the notebook would not use."""
    if not params:
        return
    tagged = next((cell for cell in cells if _is_tagged(cell)), None)
    if tagged is None:
        raise GitexpError(
            f"'{name}' has no cell with its params, so `-S` can set none",
            hint=f"Give the cell that sets them the tag `{_TAG}`.",
        )
    known = set(_names_set_in(tagged))
    for key in params if known else ():
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            listed = ", ".join(sorted(known))
            hint = f"Did you mean '{close[0]}'?" if close else f"It has {listed}."
            raise GitexpError(f"'{name}' has no param '{key}'", hint=hint)


def _is_tagged(cell: dict[str, Any]) -> bool:
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return isinstance(tags, list) and _TAG in tags


def _names_set_in(cell: dict[str, Any]) -> Iterator[str]:
    """Yield what a cell sets; nothing of one that is not plain Python."""
    for node in _statements(cell):
        yield from _targets(node)


def _statements(cell: dict[str, Any]) -> list[ast.Assign | ast.AnnAssign]:
    """Return the assignments of a cell."""
    source = cell.get("source")
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [node for node in body if isinstance(node, ast.Assign | ast.AnnAssign)]


def _targets(node: ast.Assign | ast.AnnAssign) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [one.id for one in targets if isinstance(one, ast.Name)]


def _papermill() -> tuple[str, ...]:
    """Return what runs a notebook: of the project's own environment, else of gitexp's."""
    found = shutil.which("papermill")
    if found is not None:
        return (found,)
    if importlib.util.find_spec("papermill") is not None:
        return sys.executable, "-m", "papermill"
    raise CommandNotFound(
        "there is no papermill to run a notebook with",
        hint="`pip install papermill ipykernel`, beside the packages that the notebook uses.",
    )
