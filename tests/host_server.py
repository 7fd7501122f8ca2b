"""What GitHub and GitLab answer about one pull request, without the network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Request:
    """One request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass
class Trouble:
    """An answer that a request gets in place of its own, so many times."""

    method: str
    path: str
    """What the path ends with."""
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = 1
    after: bool = False
    """Whether the request is carried out all the same, and only its answer is lost."""
    message: str = "trouble"


@dataclass
class HostServer:
    """What GitHub and GitLab do with comments and statuses, on loopback."""

    url: str = ""
    server: Any = None
    account: str = "github-actions[bot]"
    """Who the token is; GitHub does not tell a workflow's own."""
    page: int = 2
    comments: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[Any] = field(default_factory=list)
    open: list[dict[str, Any]] = field(default_factory=list)
    """The pull requests that are open for the branch that is asked for."""
    requests: list[Request] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    before: Callable[[Request], None] = lambda _: None
    """Is called before each request is answered."""

    def trouble(self, method: str, path: str, status: int, **more: Any) -> None:
        """Have requests go wrong."""
        self.troubles.append(Trouble(method, path, status, **more))

    def write(self, body: str, author: str) -> dict[str, Any]:
        """Write a comment as somebody."""
        number = len(self.comments) + 1 + 100
        known = {"login": author, "username": author}
        comment = {
            "id": number,
            "body": body,
            "user": known,
            "author": known,
            "system": False,
            "html_url": f"{self.url}/comment/{number}",
        }
        self.comments.append(comment)
        return comment

    def of(self, method: str) -> list[str]:
        """Return the paths that were asked by a method."""
        return [one.path for one in self.requests if one.method == method]

    def answer(self, request: Request) -> tuple[int, Mapping[str, str], Any]:
        """Return status, headers and body."""
        self.requests.append(request)
        self.before(request)
        trouble = self._trouble(request)
        if trouble is None and urlsplit(request.path).path.endswith(("/pulls", "/merge_requests")):
            return 200, {}, self.open
        if trouble is None:
            return self._answer(request)
        if trouble.after:
            self._answer(request)
        return trouble.status, trouble.headers, {"message": trouble.message}

    def _trouble(self, request: Request) -> Trouble | None:
        path = urlsplit(request.path).path
        for one in self.troubles:
            if one.times and one.method == request.method and path.endswith(one.path):
                one.times -= 1
                return one
        return None

    def _answer(self, request: Request) -> tuple[int, Mapping[str, str], Any]:
        parts = urlsplit(request.path)
        *_, place, last = parts.path.split("/")
        if last in ("user", "graphql"):
            return self._account(last)
        if last in ("comments", "notes") and request.method == "POST":
            return 201, {}, self.write(request.body["body"], self.account)
        if last in ("comments", "notes"):
            return self._page(parts.path, int(parse_qs(parts.query).get("page", ["1"])[0]))
        if place == "statuses":
            self.statuses.append({"sha": last, **request.body})
            return 201, {}, {}
        for one in self.comments:
            if place in ("comments", "notes") and str(one["id"]) == last:
                one["body"] = request.body["body"]
                return 200, {}, one
        return 404, {}, {"message": "Not Found"}

    def _account(self, asked: str) -> tuple[int, Mapping[str, str], Any]:
        if asked == "graphql":
            return 200, {}, {"data": {"viewer": {"login": self.account}}}
        if self.account.endswith("[bot]"):
            return 403, {}, {"message": "Resource not accessible by integration"}
        return 200, {}, {"login": self.account, "username": self.account}

    def _page(self, path: str, number: int) -> tuple[int, Mapping[str, str], Any]:
        start = (number - 1) * self.page
        more = start + self.page < len(self.comments)
        link = {"Link": f'<{self.url}{path}?page={number + 1}>; rel="next"'} if more else {}
        return 200, link, self.comments[start : start + self.page]
