"""What the settings say of all files of a tree, asked folder by folder.

The patterns tell of a folder which of its names they may match; only those files are asked about
one by one, and a folder that has not changed since the last time is not opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import to_builtins

from gitexp.git.gathering import Kinds
from gitexp.git.tree_entries import of_kind
from gitexp.git.trees import Entries, Entry, is_below
from gitexp.metrics.reading import is_tracker_name
from gitexp.model.pattern_folders import Within
from gitexp.model.values import digest, dumps
from gitexp.project import Project
from gitexp.revisions.deciding import is_never_input, may_decide
from gitexp.revisions.roles import Declared

_VERSION = 1
"""Of what is said below: what was found by another one is not used."""


class _ByRole:
    """Sorts by what is declared."""

    def __init__(self, project: Project, declared: Declared) -> None:
        self._declared = declared
        self._folder = project.folder
        self._lines = declared.pattern_lines
        pipeline = declared.pipeline
        self._places = frozenset(
            {
                *(pipeline.metrics | pipeline.plots | pipeline.outs),
                *declared.held_out,
                *(f"{path}.dvc" for path in declared.held_out),
                *declared.links.values(),
            }
        )
        """Whatever lies in one of these may have a role without its name saying so."""
        known = (_VERSION, project.folder, self._lines, declared.held_out, pipeline)
        settings = to_builtins((*known, dict(declared.links)), order="sorted")
        self.key = digest(dumps(settings))

    def sort(self, folder: str, files: Mapping[str, Entry]) -> Kinds:
        """Return the names of the files by what they are: outputs, fresh or absent, no inputs."""
        found: dict[str, list[str]] = {}
        start, declared = f"{folder}/" if folder else "", self._declared
        for name in self._asked(folder, files):
            path = f"{start}{name}"
            if declared.is_output(path):
                found.setdefault("outputs", []).append(name)
                if declared.is_fresh_or_absent(path):
                    found.setdefault("fresh", []).append(name)
            if not may_decide(path, declared, ()):
                found.setdefault("no-inputs", []).append(name)
        return found

    def _asked(self, folder: str, names: Iterable[str]) -> Iterable[str]:
        """Return the names about which the folder alone does not decide."""
        if is_never_input(folder, "") or any(is_below(place, folder) for place in self._places):
            return names
        inner = folder[len(self._folder) :].removeprefix("/")
        lines = self._lines if is_below(self._folder, folder) else ()
        within = Within(lines, inner)
        if within.is_all:
            return names
        here = {path.rpartition("/")[2] for path in self._places if _folder_of(path) == folder}
        return [
            name
            for name in names
            if name in here
            or is_never_input("", name)
            or is_tracker_name(name)
            or within.may_match(name)
        ]


def _folder_of(path: str) -> str:
    return path.rpartition("/")[0]


def _in_role(project: Project, declared: Declared, entries: Entries, role: str) -> list[str]:
    return of_kind(entries, _ByRole(project, declared), role, "roles")


def outputs_in(project: Project, declared: Declared, entries: Entries) -> list[str]:
    """Return the files that are declared to be written by the command."""
    return _in_role(project, declared, entries, "outputs")


def fresh_or_absent_in(project: Project, declared: Declared, entries: Entries) -> list[str]:
    """Return the files that count only if a run wrote them."""
    return _in_role(project, declared, entries, "fresh")


def no_inputs_in(project: Project, declared: Declared, entries: Entries) -> list[str]:
    """Return the files that are no inputs, whatever a pointer among them points to."""
    return _in_role(project, declared, entries, "no-inputs")
