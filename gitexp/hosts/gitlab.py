"""GitLab: notes of merge requests and statuses of commits, by version 4 of its API."""

from __future__ import annotations

import time
from collections.abc import Sequence
from urllib.parse import quote

from gitexp.hosts.client import Client, Wait, told
from gitexp.hosts.host import Comment, HostRefused, PullRequest, State
from gitexp.hosts.variables import JOBS_OWN

_STATES: dict[State, str] = {"passed": "success", "failed": "failed", "error": "failed"}
_UNSET = "GITLAB_TOKEN is not set"
_MAY_NOT = f"{_UNSET}, and a job's own token may not write notes"
_CANNOT_LIST = f"{_UNSET}, and a job's own token may not list merge requests"
_DESCRIPTION = 255
"""The most characters of a status."""


class GitLab:
    """One merge request on GitLab."""

    limit = 1_000_000

    def __init__(
        self, pull: PullRequest, token: tuple[str, str] | None, wait: Wait = time.sleep
    ) -> None:
        self._pull = pull
        self._header = token[0] if token else None
        self._notes = f"{_project(pull.repository)}/merge_requests/{pull.number}/notes"
        headers = dict([token] if token else [])
        self._client = Client(pull.api, headers, wait, pull.ca_file)

    def open_base(self) -> str | None:
        """Return the branch that an open merge request of this branch is for.

        A fork's branch of the same name is another one.
        """
        if self._header in (None, JOBS_OWN):
            raise HostRefused(_CANNOT_LIST if self._header else _UNSET)
        source = quote(self._pull.head_label, safe="")
        place = f"{_project(self._pull.repository)}/merge_requests"
        listed = self._client.pages(f"{place}?state=opened&source_branch={source}&per_page=100")
        for one in listed:
            if told(one, "source_project_id") == told(one, "target_project_id"):
                return str(told(one, "target_branch"))
        return None

    def own_account(self) -> str:
        """Return the user name that the token's notes stand under."""
        if self._header in (None, JOBS_OWN):
            raise HostRefused(_MAY_NOT if self._header else _UNSET)
        return str(told(self._client.get("/user"), "username"))

    def comments(self) -> Sequence[Comment]:
        """Return the notes, those of the system left out."""
        listed = self._client.pages(f"{self._notes}?per_page=100&sort=asc")
        return [
            Comment(
                int(told(one, "id")),
                str(told(one, "author", "username")),
                str(told(one, "body") or ""),
            )
            for one in listed
            if not told(one, "system")
        ]

    def create(self, body: str) -> str:
        """Write a note."""
        return self._address(self._client.send("POST", self._notes, {"body": body}))

    def update(self, comment: Comment, body: str) -> str:
        """Rewrite a note."""
        path = f"{self._notes}/{comment.id}"
        return self._address(self._client.send("PUT", path, {"body": body}))

    def set_status(self, context: str, state: State, description: str) -> None:
        """Set the status of the last commit of the change."""
        if self._header is None:
            raise HostRefused(_UNSET)
        values: dict[str, object] = {
            "state": _STATES[state],
            "name": context,
            "description": description[:_DESCRIPTION],
        }
        if self._pull.run_url:
            values["target_url"] = self._pull.run_url
        path = f"{_project(self._pull.head_repository)}/statuses/{self._pull.head}"
        self._client.send("POST", path, values)

    def _address(self, note: object) -> str:
        return f"merge request !{self._pull.number}, note {told(note, 'id')}"


def _project(number: str) -> str:
    return f"/projects/{quote(number, safe='')}"
