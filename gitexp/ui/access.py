"""Who may ask: the one browser that was given the token, and only from pages of ours.

Whatever else runs on this machine, or on a page in another tab, gets 403 and nothing else.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gitexp.ui import assets

TOKEN = "token"  # noqa: S105 - what it is called, not what it is
"""The name of the token in the first address."""

_LOOPBACK = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{1,5})?", re.IGNORECASE)
"""What a browser may call this machine; any port, for `ssh -L` may have put another one before."""

POLICY = (
    "default-src 'none'; script-src 'self'; img-src 'self'; connect-src 'self';"
    f" style-src 'self' '{assets.digest_of_style()}';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # with no-referrer, forms of ours would have no origin
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
"""Of every answer, but for what an answer says itself."""


def new_token() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_urlsafe(32)


class Guard:
    """Lets through whoever has the token, and gives every answer its headers."""

    def __init__(self, app: ASGIApp, token: str, ticket: str | None = None) -> None:
        self._app = app
        self._token = token
        self._ticket = ticket
        """What lets in once in place of the token.

        A browser is told its address on its command line, which others on the machine can read.
        """
        self._is_spent = False
        self._cookie = f"gitexp-{hashlib.sha256(token.encode()).hexdigest()[:8]}"
        """Of its own for each server: browsers share cookies among the ports of a machine."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # nothing here speaks WebSocket
            await send({"type": "websocket.close", "code": 1008})
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        answer = self._refusal(scope) or self._welcome(scope)
        await (answer or self._app)(scope, receive, with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        """Return the answer to a request that does not come from a page of ours."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not _LOOPBACK.fullmatch(hosts[0]):
            return _refused("this page is served on loopback alone")
        origins = headers.getlist("origin")
        if any(origin.lower() != f"http://{hosts[0].lower()}" for origin in origins):
            return _refused("another origin has asked")
        if scope["method"] not in ("GET", "HEAD") and len(origins) != 1:
            return _refused("a change has to come from the page itself")
        return None

    def _welcome(self, scope: Scope) -> Response | None:
        """Return the answer to the first address, or to one without the token; None for ours."""
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = [value for name, value in query if name == TOKEN]
        if given and scope["method"] == "GET" and self._lets_in(given[0]):
            rest = urlencode([pair for pair in query if pair[0] != TOKEN])
            path = "/" + scope["path"].lstrip("/")  # two slashes would lead to another host
            answer = RedirectResponse(f"{path}?{rest}" if rest else path, 303)
            answer.set_cookie(self._cookie, self._token, httponly=True, samesite="strict")
            return answer
        if any(map(self._is_token, _cookies(scope, self._cookie))):
            return None
        if given and self._is_ticket(given[0]):
            return _refused(
                "this address was good for one time, and somebody has used it: "
                "open the one that `gitexp ui` has printed"
            )
        return _refused(
            "open the address that `gitexp ui` has printed, with its token; each start has another"
        )

    def _lets_in(self, text: str) -> bool:
        if not self._is_ticket(text):
            return self._is_token(text)
        is_first, self._is_spent = not self._is_spent, True
        return is_first

    def _is_ticket(self, text: str) -> bool:
        ticket = self._ticket
        return ticket is not None and secrets.compare_digest(text.encode(), ticket.encode())

    def _is_token(self, text: str) -> bool:
        return secrets.compare_digest(text.encode(), self._token.encode())


def _cookies(scope: Scope, name: str) -> Iterator[str]:
    for header in Headers(scope=scope).getlist("cookie"):
        try:
            found = SimpleCookie(header).get(name)
        except CookieError:
            continue
        if found is not None:
            yield found.value


def _refused(why: str) -> Response:
    return PlainTextResponse(f"403: {why}\n", 403)
