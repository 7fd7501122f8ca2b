"""Files that git ignores: only those that the configuration names are looked at."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from gitexp.execution.work_tree.files import Signature, is_environment, signatures, walk
from gitexp.git.index import PrivateIndex
from gitexp.model.paths import TopPath
from gitexp.model.patterns import Patterns
from gitexp.project import Project
from gitexp.revisions.roles import Declared


class Ignored(Struct, frozen=True):
    """Ignored files, by their signatures."""

    named: Mapping[str, Signature]
    """Those that `metrics`, `track` and the like name: recorded as others are."""
    models: Mapping[str, Signature]
    """Those that look like models, and are not recorded just for that."""
    outs: Mapping[str, Signature] = field(default_factory=dict)
    """What stages of a pipeline wrote before, whether git ignores it or not."""


def watch_ignored(project: Project, index: PrivateIndex) -> Ignored:
    """Look at the ignored files of a project."""
    patterns = Declared(project).although_ignored
    top = project.repository.top
    paths: list[str] = []
    for path in _listed(project, index):
        if not path.endswith("/"):
            paths.append(path)
        elif patterns.reaches_below(project.name(TopPath(path))) and not is_environment(top / path):
            paths += walk(top, path)
    named = [path for path in paths if patterns.match(project.name(TopPath(path)))]
    models = Patterns(() if project.config.tracks_ignored else project.config.track)
    others = [
        path for path in set(paths).difference(named) if models.match(project.name(TopPath(path)))
    ]
    return Ignored(signatures(top, named), signatures(top, others))


def _listed(project: Project, index: PrivateIndex) -> list[str]:
    options = ("--ignored", "--exclude-standard", "--directory")
    listed = index.untracked(*options, below=[project.folder])
    return [path for path in listed.paths if ".dvc" not in path.split("/")]
