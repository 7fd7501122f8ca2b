"""Files that git ignores: only those that the configuration names are looked at."""

from __future__ import annotations

from gitexp.execution.files import Signature, is_environment, signatures, walk
from gitexp.git.index import PrivateIndex
from gitexp.model.patterns import Patterns
from gitexp.project import Project


def watch_ignored(project: Project, index: PrivateIndex) -> dict[str, Signature]:
    """Return the signatures of the ignored files that `metrics`, `track` and the like name."""
    patterns = ignored_patterns(project)
    top = project.repository.top
    paths: list[str] = []
    for path in _listed(project, index):
        if not path.endswith("/"):
            paths.append(path)
        elif patterns.reaches_below(project.name(path)) and not is_environment(top / path):
            paths += walk(top, path)
    return signatures(top, (path for path in paths if patterns.match(project.name(path))))


def ignored_models(project: Project, index: PrivateIndex) -> dict[str, Signature]:
    """Return the signatures of ignored files that look like models, and are not recorded for it."""
    if project.config.tracks_ignored:
        return {}
    models = Patterns(project.config.track)
    paths = [path for path in _listed(project, index) if not path.endswith("/")]
    named = [path for path in paths if models.match(project.name(path))]
    return signatures(project.repository.top, named)


def _listed(project: Project, index: PrivateIndex) -> list[str]:
    options = ("--ignored", "--exclude-standard", "--directory")
    listed = index.untracked(*options, below=[project.folder])
    return [path for path in listed if ".dvc" not in path.split("/")]


def ignored_patterns(project: Project) -> Patterns:
    """Return the patterns that count for ignored files too."""
    config = project.config
    metrics = [*config.metrics, *config.renamed_metrics.values(), *config.plots]
    lines = [*Patterns.anchored(metrics).lines, *config.outputs]
    return Patterns([*lines, *config.track] if config.tracks_ignored else lines)
