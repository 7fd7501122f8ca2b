"""The pages as a program that a web server runs: addresses, and what is done for each."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from urllib.parse import unquote_to_bytes

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from gitexp.errors import GitexpError
from gitexp.project import Project
from gitexp.store.selectors import UnknownRun
from gitexp.ui import assets
from gitexp.ui.access import Guard
from gitexp.ui.editing import Editing
from gitexp.ui.page import Asked, Page, ServedLinks
from gitexp.ui.pages.all import PAGES, SLOW, MakePage
from gitexp.ui.pages.code import code_page
from gitexp.ui.pages.files import file_of_run
from gitexp.ui.pages.live import live_series
from gitexp.ui.pages.runs import runs_page
from gitexp.ui.pages.series import series_data
from gitexp.ui.patience import limited
from gitexp.ui.reader import Reader
from gitexp.ui.templating import html

Endpoint = Callable[[Request], Awaitable[Response]]
_PATIENCE = 2.0
"""Seconds that the patterns of a question may take: everybody else waits meanwhile."""


def make_app(
    directory: Path, token: str, *, ticket: str | None = None, editing: bool = False
) -> ASGIApp:
    """Return the program that serves the project around a directory to whoever has the token.

    A ticket is as good as the token, for one time.
    """
    readers = Reader(directory), Reader(directory)
    site = _Site(*readers, Editing(token) if editing else None, directory.resolve().name)
    routes = [Route("/", site.start), Route("/assets/{name}", site.asset)]
    for name, make in PAGES.items():
        endpoint = site.page(make, slow=name in SLOW)
        routes += [Route(f"/{name}", endpoint), Route(f"/{name}/{{name:path}}", endpoint)]
    routes += [
        Route("/code", site.page(code_page, slow=True)),
        Route("/series", site.series),
        Route("/file/{run}/{path:path}", site.file),
        Route("/change/{run}", site.change, methods=["POST"]),
    ]
    app = Starlette(
        routes=routes,
        exception_handlers={GitexpError: site.refused, HTTPException: site.missing},
        lifespan=site.lifespan,
    )
    return Guard(app, token, ticket)


class _Site:
    """What answers, with the project behind it."""

    def __init__(
        self, reader: Reader, patient: Reader, editing: Editing | None, folder: str
    ) -> None:
        self._reader = reader
        self._patient = patient
        """For what asks git or all runs, so that nobody else waits for that."""
        self._editing = editing
        self._folder = folder
        self._links = ServedLinks(assets.versions())

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Make the first page before anybody asks for it, and close the project in the end."""
        with contextlib.suppress(GitexpError):  # what is wrong is said on each page
            await self._reader.ask(
                lambda project: self._shown(project, runs_page(project, Asked()))
            )
        yield
        self._reader.close()
        self._patient.close()

    async def start(self, _: Request) -> Response:
        """Lead to the runs."""
        return RedirectResponse(self._links.to("runs"), 303)

    async def asset(self, request: Request) -> Response:
        """Serve a file of ours, which never changes under its address."""
        name = request.path_params["name"]
        content = assets.contents().get(name)
        if content is None:
            raise HTTPException(404)
        kind = assets.KINDS[Path(name).suffix]
        kept = {"Cache-Control": "private, max-age=31536000, immutable"}
        return Response(content, media_type=kind, headers=kept)  # 0.1 s less than by a thread

    def page(self, make: MakePage, *, slow: bool = False) -> Endpoint:
        """Return what answers with a page, or with what changes of it."""

        reader = self._patient if slow else self._reader

        async def endpoint(request: Request) -> Response:
            asked = self._asked(request)
            part = "x-part" in request.headers

            def answer(project: Project) -> Response:
                with limited(_PATIENCE):
                    made = make(project, asked)
                return self._shown(project, made, part=part)

            return await reader.ask(answer)

        return endpoint

    async def series(self, request: Request) -> Response:
        """Answer with the points of curves."""
        asked = self._asked(request)
        make = live_series if asked.first("live") else series_data
        data = await self._reader.ask(lambda project: make(project, asked))
        return Response(data, media_type="application/json")

    async def file(self, request: Request) -> Response:
        """Answer with a file that a run holds: a picture as one, all else to be kept."""
        name, path = request.path_params["run"], _path_of_file(request)
        found = await self._reader.ask(lambda project: file_of_run(project, name, path))
        return Response(found.content, media_type=found.kind, headers=dict(found.headers))

    async def change(self, request: Request) -> Response:
        """Say something of a run, and lead back to it."""
        if self._editing is None:
            raise HTTPException(403)
        change = await self._editing.read(request)
        run_id = request.path_params["run"]
        await self._reader.ask(lambda project: change(project, run_id))
        return RedirectResponse(self._links.to("run", run_id), 303)

    async def refused(self, _: Request, error: Exception) -> Response:
        """Answer with what the user can fix."""
        status = 404 if isinstance(error, UnknownRun) else 400
        return await self._said(Page("error.html", "Not possible", {"problem": error}, status))

    async def missing(self, _: Request, error: Exception) -> Response:
        """Answer to an address that there is not, or to what is not allowed."""
        assert isinstance(error, HTTPException)
        is_gone = error.status_code == 404  # noqa: PLR2004
        problem = GitexpError("there is no such page" if is_gone else error.detail)
        title = "Not found" if is_gone else "Not allowed"
        return await self._said(Page("error.html", title, {"problem": problem}, error.status_code))

    async def _said(self, page: Page) -> Response:
        """Show what went wrong, even if it is that the project cannot be opened."""
        try:
            name = await self._reader.ask(lambda project: project.title)
        except GitexpError:
            name = self._folder
        return HTMLResponse(html(page, self._links, project=name), page.status)

    def _asked(self, request: Request) -> Asked:
        query = tuple(request.query_params.multi_items())
        name = request.path_params.get("name", "")
        return Asked(name, query, self._editing is not None)

    def _shown(self, project: Project, page: Page, *, part: bool = False) -> Response:
        secret = self._editing.secret if self._editing is not None else ""
        content = html(page, self._links, project=project.title, editing=secret, part=part)
        return HTMLResponse(content, page.status)


def _path_of_file(request: Request) -> str:
    """Return the path behind `/file/RUN/`, whatever bytes it is made of."""
    whole = unquote_to_bytes(request.scope["raw_path"]).decode(errors="surrogateescape")
    return whole.split("/", 3)[-1]
