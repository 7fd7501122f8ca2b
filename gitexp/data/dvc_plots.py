"""What `plots:` in a DVC project define at some revs, read and filled in by DVC itself."""

from __future__ import annotations

import base64
import contextlib
import copy
import io
import logging
import posixpath
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from gitexp.data.cache import preload
from gitexp.data.dvc_project import import_dvc
from gitexp.data.dvc_repo import open_repo
from gitexp.errors import GitexpError

_HEAD = "data:image;base64,"


class DvcImage(Struct, frozen=True):
    """A picture among the plots, at one rev."""

    rev: str
    path: str
    content: bytes


class DvcPlot(Struct, frozen=True):
    """One plot over all revs."""

    name: str
    title: str
    template: str
    """Of DVC, or the name of a file."""
    x: str
    y: str
    """The fields that are drawn."""
    rows: tuple[Mapping[str, Any], ...] = ()
    """The points, as DVC makes them: with `rev`, and `filename` and `field` of y."""
    spec: Mapping[str, Any] | None = None
    """The filled template; None for pictures, and if it cannot be filled."""
    images: tuple[DvcImage, ...] = ()
    problem: str = ""


def ask_plots(
    root: Path, revs: Mapping[str, str], below: str = ""
) -> tuple[list[DvcPlot], list[str]]:
    """Return the plots, and what could not be read; some 0.1 s a rev.

    `revs` has what revs are called, by rev; `workspace` is one. Only those count that are defined
    `below` a folder, as seen from the root. Raises GitexpError if DVC fails.
    """
    preload()
    exceptions = import_dvc("dvc.exceptions")
    match = import_dvc("dvc.render.match")
    logging.getLogger("dvc").setLevel(logging.CRITICAL)  # its problems are returned as values
    try:
        with open_repo(root) as opened, _silence():
            found = opened.plots.show(revs=[*revs])
            for one in found.values():
                _keep(one, f"/{below}".rstrip("/"), opened.dvcfs.getcwd())
            named = {revs.get(rev, rev): one for rev, one in found.items()}
            matched = match.match_defs_renderers(named, templates_dir=opened.plots.templates_dir)
    except (exceptions.DvcException, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise GitexpError(f"DVC cannot read the plots: {reason}") from error
    except Exception as error:
        if not type(error).__module__.startswith(("dvc", "scmrepo")):
            raise
        raise GitexpError(f"DVC cannot draw the plots: {error}") from error
    return [_plot(one.renderer) for one in matched], list(_problems(matched))


def _keep(found: Any, below: str, here: str) -> None:
    """Leave out what is defined elsewhere: in other files, or under no file, by other outputs.

    DVC names both as seen from `here`; that and `below` begin with a slash, which is the root.
    """

    def is_kept(name: str) -> bool:
        return posixpath.normpath(posixpath.join(here, name)).startswith(f"{below}/")

    definitions = found.get("definitions", {}).get("data", {})
    outputs = definitions.get("", {}).get("data", {})
    for plot in [one for one in outputs if not is_kept(one)]:
        del outputs[plot]
    for file in [one for one in definitions if one and not is_kept(one)]:
        del definitions[file]


@contextlib.contextmanager
def _silence() -> Any:
    """Keep DVC's progress and its warnings from the terminal."""
    with contextlib.redirect_stderr(io.StringIO()):
        yield


def _plot(renderer: Any) -> DvcPlot:
    rows = copy.deepcopy(renderer.datapoints)  # to fill the template changes them
    known = renderer.properties
    name = str(renderer.name)
    if renderer.TYPE == "image":
        return DvcPlot(name, name, "image", "", "", images=tuple(map(_image, rows)))
    title, template = str(known.get("title") or name), str(renderer.template.name)
    told = DvcPlot(name, title, template, str(known.get("x")), str(known.get("y")), tuple(rows))
    try:
        spec = renderer.get_filled_template()
    except Exception as error:  # noqa: BLE001 - templates are anybody's: any of their faults is one of theirs
        return _with(told, None, f"'{name}' cannot be drawn by its template: {error}")
    return _with(told, spec or None, "")


def _with(plot: DvcPlot, spec: Mapping[str, Any] | None, problem: str) -> DvcPlot:
    return DvcPlot(
        *(plot.name, plot.title, plot.template, plot.x, plot.y, plot.rows),
        spec=spec,
        problem=problem,
    )


def _image(row: Mapping[str, Any]) -> DvcImage:
    source = str(row["src"])
    content = base64.b64decode(source.removeprefix(_HEAD)) if source.startswith(_HEAD) else b""
    return DvcImage(str(row["rev"]), str(row["filename"]), content)


def _problems(matched: Sequence[Any]) -> Any:
    for one in matched:
        for rev, error in one.definition_errors.items():
            yield f"{rev}: '{one.renderer.name}': {error}"
        for rev, sources in one.source_errors.items():
            for path, error in sources.items():
                if not isinstance(error, FileNotFoundError) or not one.renderer.datapoints:
                    yield f"{rev}: DVC cannot read '{path}' for '{one.renderer.name}'"
