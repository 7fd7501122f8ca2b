"""A REST API over HTTP: retried if that is safe, at the pace that the host allows.

The token is sent to the API's own address and nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from gitexp.hosts.host import HostFailed, HostRefused, NotThere
from gitexp.version import __version__

_TIMEOUT = (10.0, 60.0)
"""Seconds until there is a connection, and until something comes."""
_LONGEST_WAIT = 120.0
"""Seconds that CI may sensibly wait for a rate limit to pass."""
_UNTOLD = 60.0
"""Seconds that GitHub wants to be left alone if it says no number."""
_ATTEMPTS = 4
_BACKOFF = 0.5
"""Seconds before the second repetition of what failed; each waits twice as long as the last."""
_PAGES = 100
_BEYOND_SUCCESS = 300
"""From here on, HTTP has redirections and failures."""
_TOO_MANY = 429
"""What HTTP answers to too many requests."""
_SAID = 200

Wait = Callable[[float], None]


class Client:
    """One API, with the headers that every request needs."""

    def __init__(
        self,
        api: str,
        headers: Mapping[str, str],
        wait: Wait = time.sleep,
        ca_file: str | None = None,
    ) -> None:
        self._api = api
        self._wait = wait
        self._ca_file = ca_file
        self._session = requests.Session()
        self._session.auth = _as_it_is  # else a netrc file would replace the token
        self._session.headers.update(
            {**headers, "User-Agent": f"gitexp/{__version__}", "Accept-Encoding": "gzip"}
        )
        # What only reads is safe to repeat. A comment that is posted twice stands there twice:
        # whoever posts looks first whether the failed request has left one.
        retry = Retry(
            total=_ATTEMPTS,
            backoff_factor=_BACKOFF,
            status_forcelist=(500, 502, 503, 504),
            allowed_methods=("GET",),
            raise_on_status=False,
            respect_retry_after_header=False,
        )
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=retry))

    def get(self, path: str) -> Any:
        """Return what is at a path."""
        return _decoded(self._request("GET", self._api + path, None))

    def pages(self, path: str) -> Iterator[Any]:
        """Yield the items of a list that comes page by page."""
        url: str | None = self._api + path
        for _ in range(_PAGES):
            if url is None:
                return
            response = self._request("GET", url, None)
            found = _decoded(response)
            if not isinstance(found, list):
                raise HostFailed(f"'{self._api}' answered with something other than a list")
            yield from found
            url = self._same_place(response.links.get("next", {}).get("url"))

    def send(self, method: str, path: str, body: Mapping[str, object]) -> Any:
        """Send a change and return the answer."""
        return _decoded(self._request(method, self._api + path, body))

    def _same_place(self, url: str | None) -> str | None:
        """Return the next page at the API's own address, whatever its proxy calls that."""
        if url is None:
            return None
        own, there = urlsplit(self._api), urlsplit(url)
        if there.hostname != own.hostname:
            raise HostFailed(f"'{self._api}' redirects elsewhere, where the token is not sent")
        return there._replace(scheme=own.scheme, netloc=own.netloc).geturl()

    def _request(
        self, method: str, url: str, body: Mapping[str, object] | None
    ) -> requests.Response:
        for attempt in range(_ATTEMPTS):
            try:
                response = self._session.request(
                    method,
                    url,
                    json=body,
                    timeout=_TIMEOUT,
                    allow_redirects=False,
                    verify=self._ca_file,  # of the session, it gives way to the environment
                )
            except requests.RequestException as error:
                raise HostFailed(f"cannot reach '{self._api}': {type(error).__name__}") from error
            wait = _limited(response)
            if wait is None:
                return self._checked(response)
            if attempt == _ATTEMPTS - 1 or wait > _LONGEST_WAIT:
                raise HostFailed(
                    f"'{self._api}' asks to be called again in {wait:.0f} s",
                    hint="Run the job again later.",
                )
            self._wait(wait)
        raise AssertionError  # the last attempt returns or raises

    def _checked(self, response: requests.Response) -> requests.Response:
        status = response.status_code
        if status < _BEYOND_SUCCESS:
            return response
        path = urlsplit(response.url).path
        what = f"'{response.request.method} {path}' was answered with {status}{_said(response)}"
        if status in (401, 403):
            raise HostRefused(what)
        if status in (404, 410):
            raise NotThere(what)
        raise HostFailed(what)


def told(answer: Any, *names: str) -> Any:
    """Return what an answer says under a name, or under one name in another."""
    for name in names:
        if not isinstance(answer, dict) or name not in answer:
            raise HostFailed(f"the host's answer has no '{'.'.join(names)}'")
        answer = answer[name]
    return answer


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _limited(response: requests.Response) -> float | None:
    """Return how many seconds to wait if a rate limit is why a request was refused.

    GitHub answers with 403 or 429 for it, GitLab with 429.
    """
    if response.status_code not in (403, _TOO_MANY):
        return None
    headers = response.headers
    after = _number(headers.get("Retry-After"))
    if after is not None:
        return after
    for prefix in ("X-RateLimit", "RateLimit"):
        if headers.get(f"{prefix}-Remaining") == "0":
            reset = _number(headers.get(f"{prefix}-Reset"))
            if reset is not None:
                return max(0.0, reset - time.time()) + 1
    if response.status_code == _TOO_MANY:
        return 1.0
    return _UNTOLD if "rate limit" in _said(response).lower() else None


def _number(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text is not None else None
    except ValueError:
        return None


def _decoded(response: requests.Response) -> Any:
    try:
        return response.json() if response.content else None
    except ValueError as error:
        raise HostFailed(f"the answer to '{response.url}' is not JSON") from error


def _said(response: requests.Response) -> str:
    """Return what the host says of it, on one line."""
    try:
        said = response.json()
        message = said.get("message") or said.get("error") if isinstance(said, dict) else None
    except ValueError:
        message = None
    text = " ".join(str(message).split())[:_SAID] if message else ""
    return f": {text}" if text else ""
