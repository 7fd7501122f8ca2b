"""A promotion that was given before: which tags already say what it asks for."""

from __future__ import annotations

from gitexp.project import Project
from gitexp.registry.events import read_events
from gitexp.registry.grammar import Bump, precedence, with_v
from gitexp.registry.promotion import Wish, full_name
from gitexp.registry.state import Version, read_models
from gitexp.store.stored_run import StoredRun


def tags_there(project: Project, run: StoredRun, wish: Wish) -> list[str]:
    """Return the tags by which a run is the version and holds the stage that are wished.

    Empty if there is something to write, or if the run is another version than that.
    """
    model = read_models(read_events(project.repository)).get(full_name(project, wish.name))
    version = model.at(run.oid) if model is not None else None
    if model is None or version is None or not version.is_active:
        return []
    if not _is_wished(version, wish):
        return []
    if not wish.stage:
        return [version.registration.tag]
    if model.stages.get(wish.stage) != version:
        return []
    held = (one.tag for one in version.assignments() if one.what.stage == wish.stage)
    return [version.registration.tag, *held]


def _is_wished(version: Version, wish: Wish) -> bool:
    if wish.version is not None:
        return with_v(wish.version) == version.name
    return wish.bump is None or _may_come_of(version.name, wish.bump)


def _may_come_of(version: str, bump: Bump) -> bool:
    """Return whether counting on gives such a version: 1.2.0 is never a new major one."""
    known = precedence(version)
    if known is None:
        return False
    _, minor, patch = known[0]
    return {"major": minor == patch == 0, "minor": patch == 0, "patch": True}[bump]
