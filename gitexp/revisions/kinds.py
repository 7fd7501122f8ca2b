"""Files that are known by name and mode alone: links, submodules, pipelines, pointers."""

from __future__ import annotations

from collections.abc import Mapping

from gitexp.data.pipelines import PIPELINE_NAME
from gitexp.git.gathering import Kinds
from gitexp.git.tree_entries import of_kind
from gitexp.git.trees import LINK_MODE, SUBMODULE_MODE, Entries, Entry

_MODES = {"100644": "", "100755": "", LINK_MODE: "links", SUBMODULE_MODE: "modules"}
_ENDINGS = {"dvc": "pointers", "ipynb": "notebooks"}


class _ByName:
    """Sorts by what no setting changes."""

    key = "names-2"

    def sort(self, folder: str, files: Mapping[str, Entry]) -> Kinds:
        """Return the names of the files by their kinds."""
        found: dict[str, list[str]] = {}
        for name, entry in files.items():
            for kind in (_MODES.get(entry.mode, "odd"), _kind_of(name)):
                if kind:
                    found.setdefault(kind, []).append(name)
        parts = folder.split("/")
        if ".gitexp" in parts:
            found["ours"] = [*files]
        if parts[-1] == ".dvc" and "config" in files:
            found["roots"] = ["config"]
        return found


def _kind_of(name: str) -> str:
    if name == PIPELINE_NAME:
        return "pipelines"
    return _ENDINGS.get(name.rpartition(".")[2], "")


BY_NAME = _ByName()


def _named(entries: Entries, kind: str) -> list[str]:
    return of_kind(entries, BY_NAME, kind, "names")


def links_in(entries: Entries) -> list[str]:
    """Return the links."""
    return _named(entries, "links")


def modules_in(entries: Entries) -> list[str]:
    """Return the submodules, and other repositories inside this one."""
    return _named(entries, "modules")


def ours_in(entries: Entries) -> list[str]:
    """Return what lies in a `.gitexp` folder: records of runs."""
    return _named(entries, "ours")


def pipelines_in(entries: Entries) -> list[str]:
    """Return each `dvc.yaml`."""
    return _named(entries, "pipelines")


def pointers_in(entries: Entries) -> list[str]:
    """Return what is called like a pointer of DVC's."""
    return _named(entries, "pointers")


def dvc_configs_in(entries: Entries) -> list[str]:
    """Return the settings of each DVC project."""
    return _named(entries, "roots")


def notebooks_in(entries: Entries) -> list[str]:
    """Return the notebooks."""
    return _named(entries, "notebooks")


def oddly_written_in(entries: Entries) -> list[str]:
    """Return files whose mode is written as the index would not: by very old versions of git."""
    return _named(entries, "odd")
