"""The pages as files, which need no server: for GitHub Pages, or for a colleague.

What an earlier export has written and this one has not is removed; nothing else is touched.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable
from pathlib import Path

from msgspec.structs import replace

from gitexp.data.replacing import replace_content
from gitexp.errors import GitexpError
from gitexp.project import Project
from gitexp.registry.events import read_events
from gitexp.registry.state import read_models
from gitexp.store.index.selection import Selection
from gitexp.store.index.sweeps import counted_sweeps
from gitexp.store.stored_run import StoredRun
from gitexp.store.wanted import query
from gitexp.ui import assets
from gitexp.ui.page import Asked, FileLinks, Page, Query
from gitexp.ui.pages.compare import compare_page
from gitexp.ui.pages.files import content_of, pictures_of
from gitexp.ui.pages.groups import groups_page
from gitexp.ui.pages.models import models_page
from gitexp.ui.pages.parallel import parallel_page
from gitexp.ui.pages.run import run_page
from gitexp.ui.pages.runs import runs_page
from gitexp.ui.pages.story import story_page
from gitexp.ui.pages.sweeps import sweeps_page
from gitexp.ui.templating import html

LISTED = ".gitexp-pages.json"
"""Names what an export has written."""
_FOLDERS = ("run", "files", "models", "sweeps", "assets")
_OURS = re.compile(rf"[a-z]+\.html|(?:{'|'.join(_FOLDERS)})/[A-Za-z0-9][A-Za-z0-9._-]*")
_ASSETS = (*assets.versions(), "uPlot.LICENSE")
_COMPARED = 10
_TWO = 2

Files = dict[tuple[str, str], str]
"""The path of each page by what links call it."""


def export(project: Project, folder: Path, *, where: str | None, limit: int | None) -> int:
    """Write the pages of runs into a folder; return how many pages there are.

    Raises GitexpError if the folder has something else in it.
    """
    before = _before(folder)
    is_new = not folder.exists()
    meant = query(project.runs, where, project=project.folder) if where is not None else None
    wanted = Selection(project.folder, where=meant, limit=limit, readable=True)
    runs = project.runs.index.select(wanted)
    asked = Asked(query=(("where", where),) if where is not None else (), most=limit)
    site = _Site(project, folder, asked, runs)
    if is_new:
        site.ignore()
    site.write_list(before | site.names)  # so that after an end in the middle it can be given again
    written = site.write()
    for name in before - written:
        if _OURS.fullmatch(name):
            with contextlib.suppress(OSError):
                _place(folder, name).unlink()
    site.write_list(written)
    return sum(name.endswith(".html") for name in written)


class _Site:
    """What is written, and where."""

    def __init__(self, project: Project, folder: Path, asked: Asked, runs: list[StoredRun]) -> None:
        self._project = project
        self._folder = folder
        self._asked = asked
        self._runs = runs
        self._models = list(read_models(read_events(project.repository)))
        found = project.runs.index.answer(lambda index: counted_sweeps(index, project.folder))
        self._sweeps = [one.id for one in found if one.id.isalnum() and one.id.isascii()]
        self._compared: Query = tuple(("run", run.id) for run in runs[:_COMPARED])
        self._pictures = {
            (run.id, path): f"files/{run.id}-{number}{Path(path).suffix.lower()}"
            for run in runs
            for number, path in enumerate(pictures_of(project, run))
        }
        self._files = self._named()

    def _named(self) -> Files:
        """Return the paths of all pages: a name that others chose is no part of one."""
        compared = [("compare", "")] if len(self._compared) >= _TWO else []
        alone = [("groups", ""), ("story", ""), ("sweeps", ""), ("parallel", ""), ("models", "")]
        return {
            ("runs", ""): "index.html",
            **{one: f"{one[0]}.html" for one in (*alone, *compared)},
            **{("run", run.id): f"run/{run.id}.html" for run in self._runs},
            **{("sweeps", one): f"sweeps/{one}.html" for one in self._sweeps},
            **{("models", one): f"models/{at}.html" for at, one in enumerate(self._models)},
            **{("file", f"{run}/{path}"): name for (run, path), name in self._pictures.items()},
        }

    @property
    def names(self) -> set[str]:
        """The paths of all that is written."""
        return {LISTED, ".nojekyll", *(f"assets/{name}" for name in _ASSETS), *self._files.values()}

    def write_list(self, names: Iterable[str]) -> None:
        """Say what is ours, for the next export."""
        self._put(LISTED, json.dumps(sorted(names)).encode())

    def write(self) -> set[str]:
        """Write everything; return the paths."""
        for name in _ASSETS:
            self._put(f"assets/{name}", (assets.FOLDER / name).read_bytes())
        self._put(".nojekyll", b"")
        for run in self._runs:
            for path in pictures_of(self._project, run):
                content = content_of(self._project, run, path) or b""
                self._put(self._pictures[run.id, path], content)
        for (page, name), path in self._files.items():
            if page != "file":
                self._put(path, self._html(self._page(page, name), path))
        return self.names

    def ignore(self) -> None:
        """Have git ignore the folder, and runs with it: see `.gitignore` in pytest's caches."""
        self._put(".gitignore", b"# Made by gitexp. To commit these pages, remove this file.\n*\n")

    def _page(self, page: str, name: str) -> Page:
        project, asked = self._project, replace(self._asked, name=name)
        if page == "runs":
            return runs_page(project, asked, size=max(1, len(self._runs)))
        if page == "compare":
            return compare_page(project, replace(asked, query=self._compared))
        make = {
            "run": run_page,
            "groups": groups_page,
            "story": story_page,
            "sweeps": sweeps_page,
            "parallel": parallel_page,
            "models": models_page,
        }[page]
        try:
            return make(project, asked)
        except GitexpError as problem:  # a sweep that is not here whole: the others are
            return Page("error.html", "Not possible", {"problem": problem})

    def _html(self, page: Page, path: str) -> bytes:
        return html(page, FileLinks(self._files, path), project=self._project.title)

    def _put(self, name: str, content: bytes) -> None:
        place = _place(self._folder, name)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            if place.is_symlink():
                place.unlink()
            replace_content(place, content)
        except OSError as error:
            raise GitexpError(f"cannot write '{place}': {error.strerror}") from error


def _place(folder: Path, name: str) -> Path:
    """Return where a file goes; a link in the folder leads nowhere else."""
    place = folder / name
    if place.parent != folder and place.parent.is_symlink():
        raise GitexpError(f"'{place.parent}' is a link", hint="Remove it, or name another folder.")
    return place


def _before(folder: Path) -> set[str]:
    """Return what an earlier export has written; raise GitexpError if others have written here."""
    try:
        there = {path.name for path in folder.iterdir()}
    except FileNotFoundError:
        return set()
    except OSError as error:
        raise GitexpError(f"cannot write into '{folder}': {error.strerror}") from error
    if not there:
        return set()
    try:
        listed = json.loads((folder / LISTED).read_bytes())
        return {name for name in listed if isinstance(name, str)}
    except (OSError, ValueError, TypeError):
        raise GitexpError(
            f"'{folder}' is not empty, and not an earlier export",
            hint="Name a new folder, or an empty one.",
        ) from None
