"""What is said of each thing in a graph: its name, and a few facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gitexp.lineage.graph import Node
from gitexp.lineage.links import Links
from gitexp.lineage.promoted import Promoted
from gitexp.lineage.sought import Sought
from gitexp.model.evaluation import Evaluation
from gitexp.model.numbers import counted, number_text, size_text
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.store.index.pointers import ReadPointer, RunNode

_DIGITS = 8
_DAY = len("2026-01-02")
_MOST_NUMBERS = 3


def run_key(run: int) -> str:
    """Return the key of the run at a position."""
    return f"run {run}"


def data_key(md5: str) -> str:
    """Return the key of data."""
    return f"data {md5}"


def model_key(one: Promoted) -> str:
    """Return the key of a version."""
    return f"model {one.version.model} {one.version.name} {one.version.commit}"


class Nodes:
    """The things in a graph, by their keys."""

    def __init__(
        self,
        project: Project,
        links: Links,
        promoted: Iterable[Promoted],
        runs: Mapping[int, RunNode],
    ) -> None:
        self._project = project
        self._links = links
        self._runs = runs
        self._versions: dict[str, list[str]] = {}
        for one in promoted:
            self._versions.setdefault(one.md5, []).append(one.name)
        self._in_full = len({one.project for one in runs.values()} | {project.folder}) > 1
        self.found: dict[str, Node] = {}

    def _place(self, folder: str, path: str) -> str:
        """Return a path as people here spell it: from the top where several projects are in it."""
        return f"{folder}/{path}" if self._in_full and folder else path

    def add_run(self, at: int) -> None:
        """Add a run."""
        run = self._runs.get(at)
        if run is None:  # the branch was joined with another just now
            self.found[run_key(at)] = Node(run_key(at), "run", "?")
            return
        about = [run.started[:_DAY], "" if run.status == "done" else run.status]
        about += ["removed"] if run.removed else []
        facts = {
            "id": run.id,
            "oid": run.oid,
            "name": run.name,
            "project": run.project,
            "status": run.status,
            "started": run.started,
            "removed": run.removed,
        }
        name = f"{run.name} ({run.project})" if self._in_full and run.project else run.name
        self.found[run_key(at)] = Node(
            run_key(at), "run", name, ", ".join(filter(None, about)), facts
        )

    def add_data(self, runs_by_md5: Mapping[str, Iterable[int]], sought: Sought) -> None:
        """Add data, each by the paths that the runs in the graph have it at."""
        for md5, runs in runs_by_md5.items():
            paths: dict[str, None] = {}
            pointer: ReadPointer | None = None
            for at in runs:
                for one in self._links.pointers.get(at, ()):
                    if one.md5 == md5:
                        pointer = one
                        folder = self._runs[at].project if at in self._runs else ""
                        paths[self._place(folder, one.path)] = None
            if sought.md5 == md5 and sought.path:
                path = TopPath(sought.path)
                paths = {path if self._in_full else self._project.name(path): None, **paths}
            self._add_data(md5, list(paths), pointer.size if pointer is not None else sought.size)

    def _add_data(self, md5: str, paths: list[str], size: int | None) -> None:
        key = data_key(md5)
        if key in self.found and not paths:
            return
        writers = len(self._links.writers(md5))
        versions = self._versions.get(md5, [])
        about = [
            md5[:_DIGITS],
            size_text(size) if size is not None else "",
            f"also {', '.join(paths[1:3])}" if len(paths) > 1 else "",
            f"written by {counted(writers, 'run')}" if writers > 1 else "",
            *versions[:2],
        ]
        facts = {
            "md5": md5,
            "paths": paths,
            "size": size,
            "written_by": writers,
            "versions": versions,
        }
        name = paths[0] if paths else md5
        shown = [one for one in about if one and one != name]
        self.found[key] = Node(key, "data", name, ", ".join(shown), facts)

    def add_held_out(self, md5: str, path: str, at: int) -> None:
        """Add data that a run was evaluated on."""
        run = self._runs.get(at)
        self._add_data(md5, [self._place(run.project if run is not None else "", path)], None)

    def add_model(self, one: Promoted) -> str:
        """Add a version; return its key."""
        version = one.version
        facts = {
            "model": version.model,
            "version": version.name,
            "commit": version.commit,
            "tag": version.registration.tag,
            "md5": one.md5,
            "stages": list(one.stages),
            "deprecated": one.is_deprecated,
        }
        about = "deprecated" if one.is_deprecated else ""
        self.found[model_key(one)] = Node(model_key(one), "model", one.name, about, facts)
        return model_key(one)

    def add_stage(self, one: Promoted, stage: str) -> str:
        """Add a stage that a version holds; return its key."""
        key = f"stage {one.version.model} {stage}"
        facts = {"model": one.version.model, "stage": stage}
        self.found[key] = Node(key, "stage", f"{one.version.model}#{stage}", "", facts)
        return key

    def add_evaluation(self, at: int, number: int, one: Evaluation) -> str:
        """Add an evaluation of a run; return its key."""
        key = f"evaluation {at} {number}"
        numbers = one.numbers
        told = [f"{name} {number_text(value)}" for name, value in numbers.items()][:_MOST_NUMBERS]
        run = self._runs.get(at)
        facts = {
            "run": run.id if run is not None else None,
            "time": one.time,
            "by": one.who,
            "metrics": numbers,
            "held_out": dict(one.held_out),
        }
        name = f"evaluation of {run.name}" if run is not None else "evaluation"
        about = ", ".join(filter(None, (one.time[:_DAY], *told)))
        self.found[key] = Node(key, "evaluation", name, about, facts)
        return key
