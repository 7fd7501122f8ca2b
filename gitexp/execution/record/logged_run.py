"""What the record says of the run that a tracker has, beside its values."""

from __future__ import annotations

import posixpath
from urllib.parse import unquote, urlsplit, urlunsplit

from gitexp.execution.record.outputs import Outputs
from gitexp.execution.stages import Started
from gitexp.git.trees import is_below
from gitexp.metrics.logged import Logged, LoggedModel
from gitexp.model.paths import ProjectPath, TopPath


def described(started: Started, outputs: Outputs, logged: Logged, title: str) -> dict[str, object]:
    """Return what the record says of a tracker's run, beside its values.

    A model that lies in the project and that the run does not have is named in a note.
    """
    models = [_model(started, outputs, one) for one in logged.models]
    for one in models:
        if "path" in one and not _is_held(started, outputs, one["path"]):
            started.tell(
                f"note: the model '{one['name']}' that was logged with {title} is not in the run: "
                f"git ignores '{one['path']}'; take that out of .gitignore, or name it under "
                "`track` in gitexp.yaml"
            )
    found: dict[str, object] = {
        "run": logged.run,
        "name": logged.name,
        "group": logged.group,
        "tags": dict(logged.tags),
        "models": models,
    }
    return {key: value for key, value in found.items() if value}


def _model(started: Started, outputs: Outputs, model: LoggedModel) -> dict[str, str]:
    """Return a model by reference: a path in the project that the run has, or an address."""
    found = {"name": model.name, "id": model.id, **_reference(started, outputs, model)}
    return {key: value for key, value in found.items() if value}


def _is_held(started: Started, outputs: Outputs, name: str) -> bool:
    """Return whether git or a pointer holds a file of a model, a folder mostly."""
    path = started.project.path(ProjectPath(name))
    return any(is_below(path, one) or is_below(one, path) for one in outputs.recorded)


def _reference(started: Started, outputs: Outputs, model: LoggedModel) -> dict[str, str]:
    project = started.project
    if model.md5:
        same = (one.path for one in outputs.stored.pointers if one.md5 == model.md5)
        path = next(same, None)
        return {"md5": model.md5} if path is None else {"path": project.name(TopPath(path))}
    try:
        parts = urlsplit(model.place)
    except ValueError:  # no address: a bracket where a host would be
        return {}
    if parts.scheme not in ("", "file"):
        bare = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="")
        return {"address": urlunsplit(bare)}
    place = unquote(parts.path) if parts.scheme else model.place
    if not place:
        return {}
    place = posixpath.normpath(
        posixpath.join(str(project.repository.top / project.directory), place)
    )
    top = f"{project.repository.top}/"
    if place.startswith(top) and project.holds(TopPath(place.removeprefix(top))):
        return {"path": project.name(TopPath(place.removeprefix(top)))}
    return {"address": place}
