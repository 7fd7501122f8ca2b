"""What of a file decides a result: whether it counts at all, and of a notebook its cells."""

from __future__ import annotations

from collections.abc import Mapping

from gitexp.data.pointers import Pointer
from gitexp.model.values import Value, dumps, loads
from gitexp.revisions.roles import Declared

_NAMES = frozenset({".dvcignore", ".gitattributes", ".gitignore", "dvc.lock", "gitexp.yaml"})
_FOLDERS = frozenset({".dvc", ".gitexp"})


def may_decide(path: str, declared: Declared, pointers: tuple[Pointer, ...]) -> bool:
    """Return whether a path counts as an input, unless an earlier run wrote it.

    `pointers` is what it points to, if it is a `.dvc` file.
    """
    return not (
        is_never_input(*_split(path))
        or declared.is_output(path)
        or declared.is_no_input(path)
        or points_at_outputs(pointers, declared)
        or declared.is_held_out(path.removesuffix(".dvc"))
    )


def is_never_input(folder: str, name: str) -> bool:
    """Return whether a file decides nothing whatever the settings say: it is DVC's, or ours."""
    return name in _NAMES or not _FOLDERS.isdisjoint(folder.split("/"))


def _split(path: str) -> tuple[str, str]:
    folder, _, name = path.rpartition("/")
    return folder, name


def points_at_outputs(pointers: tuple[Pointer, ...], declared: Declared) -> bool:
    """Return whether all that a `.dvc` file points to is written by runs."""
    return bool(pointers) and all(declared.is_output(pointer.path) for pointer in pointers)


def without_outputs(content: bytes) -> bytes | None:
    """Return a notebook's cells without outputs and counts; None if it is not a notebook.

    The format is nbformat's, version 4.
    """
    try:
        notebook = loads(content)
    except ValueError:
        return None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        return None
    kept = [[cell.get("cell_type"), _source(cell)] for cell in cells if isinstance(cell, dict)]
    return dumps(kept).encode()


def _source(cell: Mapping[str, Value]) -> Value:
    source = cell.get("source")
    return "".join(map(str, source)) if isinstance(source, list) else source
