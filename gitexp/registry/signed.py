"""Whether the versions of models that are in use are signed by somebody whom git trusts."""

from __future__ import annotations

from collections.abc import Iterator

from gitexp.checking.signed import findings_of
from gitexp.project import Project
from gitexp.registry.events import read_events
from gitexp.registry.state import Model, Version, read_models
from gitexp.review.checks import Finding


def promoted_findings(project: Project) -> Iterator[Finding]:
    """Yield it for the run behind each version that holds a stage, and each latest version."""
    models = read_models(read_events(project.repository)).values()
    named = {
        f"{one.model} {one.name}": one.commit
        for model in models
        if model.is_active
        for one in _in_use(model)
    }
    yield from findings_of(project, list(named.items()))


def _in_use(model: Model) -> Iterator[Version]:
    yield from model.stages.values()
    if model.latest is not None:
        yield model.latest
