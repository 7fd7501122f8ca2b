"""The versions of models by what their files hold."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from gitexp.data.pointers import parse_dvc_file
from gitexp.errors import GitexpError
from gitexp.model.message import trailers
from gitexp.model.paths import ProjectPath
from gitexp.project import Project
from gitexp.registry.events import read_events
from gitexp.registry.grammar import Asked
from gitexp.registry.promotion import MD5_TRAILER
from gitexp.registry.source import source_of
from gitexp.registry.state import Model, Version, read_models


class Promoted(Struct, frozen=True):
    """A version that counts, and what its file holds."""

    version: Version
    md5: str
    """'' if nothing says it."""
    stages: tuple[str, ...]
    """Those that it holds."""
    is_deprecated: bool

    @property
    def name(self) -> str:
        """The version as a person names it: without one, a model's commit."""
        version = self.version
        return f"{version.model}@{version.name}" if version.is_registered else version.model


def promoted_versions(project: Project) -> list[Promoted]:
    """Return the versions of all models of the repository that count, the newest first."""
    models = read_models(read_events(project.repository))
    found = [one for model in models.values() for one in _versions(project, model)]
    return sorted(found, key=lambda one: one.version.registration.time, reverse=True)


def _versions(project: Project, model: Model) -> Iterator[Promoted]:
    for version in model.active:
        stages = tuple(sorted(name for name, one in model.stages.items() if one == version))
        yield Promoted(version, _md5(project, version), stages, not model.is_active)


def _md5(project: Project, version: Version) -> str:
    """Return what the newest tag that says it says; else what the commit points to."""
    said = (trailers(event.message).get(MD5_TRAILER) for event in reversed(version.events))
    md5 = next(filter(None, said), None)
    if md5:
        return md5
    try:
        source = source_of(project, Asked(version.model), version)
        if source.run is not None:
            pointers = (one for one in source.run.record.pointers if one.path == source.path)
            return next((one.md5 for one in pointers), "")
        file = source.project.path(ProjectPath(source.path))
        content = project.repository.objects.blob(f"{version.commit}:{file}.dvc")
        found = parse_dvc_file(content or b"", f"{file}.dvc")
        return found[0].md5 if found else ""
    except GitexpError:  # nobody knows which file it is
        return ""
