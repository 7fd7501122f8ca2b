"""What the page may change, if it was started so: tags, comments, and whether a run is hidden.

All of these are late facts: no commit of a run is touched, and each can be taken back.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

from gitexp.errors import GitexpError
from gitexp.mirroring import mirror_changed
from gitexp.model.names import check_tag
from gitexp.project import Project
from gitexp.store.facts import append
from gitexp.store.selectors import get_run
from gitexp.store.stored_run import StoredRun

SECRET = "secret"  # noqa: S105 - the name of a field
_MOST_BYTES = 65_536
_FORM = "application/x-www-form-urlencoded"

Change = Callable[[Project, str], None]
"""Does what a form asks for, to the run with an id."""


class Editing:
    """Reads forms that a page of ours has sent."""

    def __init__(self, token: str) -> None:
        self.secret = hmac.new(token.encode(), b"editing", hashlib.sha256).hexdigest()
        """What every form brings along: neither an address nor a cookie has it."""

    async def read(self, request: Request) -> Change:
        """Return what a form asks for; raises HTTPException if it is none of ours."""
        if request.headers.get("content-type", "").partition(";")[0].strip() != _FORM:
            raise HTTPException(415)
        content = b""
        async for part in request.stream():
            content += part
            if len(content) > _MOST_BYTES:
                raise HTTPException(413)
        form = dict(parse_qsl(content.decode(errors="replace"), keep_blank_values=True))
        if not secrets.compare_digest(form.get(SECRET, "").encode(), self.secret.encode()):
            raise HTTPException(403)
        return lambda project, run_id: _carry_out(project, run_id, form)


def _carry_out(project: Project, run_id: str, form: Mapping[str, str]) -> None:
    run = get_run(project.runs, run_id)
    text = form.get("text", "").replace("\r\n", "\n").strip()
    what = form.get("what", "")
    if what == "tag":
        _tag(project, run, text)
    elif what == "untag":
        if text in run.record.tags:
            append(project.repository, [(run, "untag", text)])
    elif what == "note":
        if not text:
            raise GitexpError("the comment is empty, and was not written")
        append(project.repository, [(run, "note", text)])
    elif what in ("rm", "restore"):
        _hide(project, run, what)
    else:
        raise GitexpError(f"the page cannot do '{what}'")


def _tag(project: Project, run: StoredRun, text: str) -> None:
    tags = list(dict.fromkeys(text.split()))
    if not tags:
        raise GitexpError("no tag to give")
    for tag in tags:
        check_tag(tag)
    there = run.record.tags
    append(project.repository, [(run, "tag", tag) for tag in tags if tag not in there])


def _hide(project: Project, run: StoredRun, what: str) -> None:
    if run.facts.removed != (what == "rm"):
        append(project.repository, [(run, what, None)])
        mirror_changed(project, [run], lambda _: None)
