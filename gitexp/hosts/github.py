"""GitHub: comments of pull requests and statuses of commits, by version 2022-11-28 of its API.

Only the GraphQL API says who a token of an app is; a workflow's own token is one.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from urllib.parse import quote

from gitexp.hosts.client import Client, Wait, told
from gitexp.hosts.host import Comment, HostFailed, HostRefused, PullRequest, State

_STATES: dict[State, str] = {"passed": "success", "failed": "failure", "error": "error"}
_DESCRIPTION = 140
"""The most characters of a status."""
_ACTIONS = "github-actions[bot]"
"""Whose comments a workflow's own token writes."""
_UNSET = "GITHUB_TOKEN is not set"
_VIEWER = {"query": "query { viewer { login } }"}


class GitHub:
    """One pull request on GitHub."""

    limit = 65_536

    def __init__(self, pull: PullRequest, token: str | None, wait: Wait = time.sleep) -> None:
        headers = {
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
            **({"Authorization": f"Bearer {token}"} if token else {}),
        }
        self._pull = pull
        self._has_token = token is not None
        self._place = f"/repos/{pull.repository}"
        self._client = Client(pull.api, headers, wait)
        self._graphql = Client(pull.api.removesuffix("/v3"), headers, wait)

    def open_base(self) -> str | None:
        """Return the branch that an open pull request of this branch is for."""
        if not self._has_token:
            raise HostRefused(_UNSET)
        owner = self._pull.repository.partition("/")[0]
        head = quote(f"{owner}:{self._pull.head_label}", safe="")
        listed = self._client.get(f"{self._place}/pulls?state=open&head={head}")
        found = listed[0] if isinstance(listed, list) and listed else None
        return str(told(found, "base", "ref")) if found is not None else None

    def own_account(self) -> str:
        """Return the login that the token's comments stand under."""
        if not self._has_token:
            raise HostRefused(_UNSET)
        try:
            return str(told(self._client.get("/user"), "login"))
        except HostRefused:  # an app's token is not a user's
            pass
        try:
            answer = self._graphql.send("POST", "/graphql", _VIEWER)
            return str(told(answer, "data", "viewer", "login"))
        except HostFailed:
            return _ACTIONS

    def comments(self) -> Sequence[Comment]:
        """Return the comments of the conversation, not those on lines."""
        listed = self._client.pages(
            f"{self._place}/issues/{self._pull.number}/comments?per_page=100"
        )
        return [
            Comment(
                int(told(one, "id")),
                str(told(one, "user", "login")) if told(one, "user") else "",  # a ghost's
                str(told(one, "body") or ""),
            )
            for one in listed
        ]

    def create(self, body: str) -> str:
        """Write a comment."""
        path = f"{self._place}/issues/{self._pull.number}/comments"
        return str(told(self._client.send("POST", path, {"body": body}), "html_url"))

    def update(self, comment: Comment, body: str) -> str:
        """Rewrite a comment."""
        path = f"{self._place}/issues/comments/{comment.id}"
        return str(told(self._client.send("PATCH", path, {"body": body}), "html_url"))

    def set_status(self, context: str, state: State, description: str) -> None:
        """Set the status of the last commit of the change."""
        if not self._has_token:
            raise HostRefused(_UNSET)
        values: dict[str, object] = {
            "state": _STATES[state],
            "context": context,
            "description": description[:_DESCRIPTION],
        }
        if self._pull.run_url:
            values["target_url"] = self._pull.run_url
        self._client.send("POST", f"{self._place}/statuses/{self._pull.head}", values)
