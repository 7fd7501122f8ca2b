"""A call of a sweep with an engine: what is asked of it first, and the process that uses it."""

from __future__ import annotations

from collections.abc import Callable

from gitexp.project import Project
from gitexp.sweep.call import Call
from gitexp.sweep.here import sweep_here
from gitexp.sweep.remote import worker as there
from gitexp.sweep.remote.address import engine_address
from gitexp.sweep.remote.coordinator import Coordinator
from gitexp.sweep.remote.kit import make_kit
from gitexp.sweep.remote.opening import open_engine
from gitexp.sweep.remote.versions import check_versions, versions_here
from gitexp.sweep.told import Told, heeded

Tell = Callable[[str], None]


def places_of(text: str) -> int:
    """Return how many runs an engine makes at once now.

    Raises GitexpError if it is not installed, does not answer, or has a worker of another version.
    """
    engine = open_engine(engine_address(text))
    try:
        check_versions(versions_here(), engine.everywhere(there.versions), optuna=False)
        return sum(one.places for one in engine.workers().values())
    finally:
        engine.close()


def coordinate(project: Project, sweep_id: str, call: Call, told: Told, tell: Tell) -> None:
    """Have the runs of a sweep made by the engine of a call, until none is left."""
    with heeded(told):
        home, sweep, _ = sweep_here(project, sweep_id)
        kit = make_kit(home, sweep)
        engine = open_engine(engine_address(call.options.engine or ""))
        try:
            with heeded(told):  # once more: Ray takes SIGTERM for itself
                Coordinator(home, sweep, call, kit, engine, told, tell).work()
        finally:
            engine.close()
