"""Ignored files that the configuration names: the only ones that are looked at."""

from __future__ import annotations

from gitexp.execution.files import Signature, is_environment, signatures, walk
from gitexp.git.index import PrivateIndex
from gitexp.model.patterns import Patterns
from gitexp.project import Project


def watch_ignored(project: Project, index: PrivateIndex) -> dict[str, Signature]:
    """Return the signatures of the ignored files that `metrics`, `track` and the like name."""
    patterns = ignored_patterns(project)
    top = project.repository.top
    listed = index.untracked(
        "--ignored", "--exclude-standard", "--directory", below=[project.folder]
    )
    paths: list[str] = []
    for path in listed:
        if not path.endswith("/"):
            paths.append(path)
        elif _is_worth_a_walk(path) and not is_environment(top / path):
            paths += walk(top, path)
    return signatures(top, (path for path in paths if patterns.match(project.name(path))))


def _is_worth_a_walk(folder: str) -> bool:
    name = folder.rstrip("/").rpartition("/")[2]
    return not (folder.startswith(".dvc/") or "/.dvc/" in folder or name == "__pycache__")


def ignored_patterns(project: Project) -> Patterns:
    """Return the patterns that count for ignored files too."""
    config = project.config
    metrics = [*config.metrics, *config.renamed_metrics.values(), *config.plots]
    lines = [*Patterns.anchored(metrics).lines, *config.outputs]
    return Patterns([*lines, *config.track] if config.tracks_ignored else lines)
