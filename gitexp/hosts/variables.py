"""What CI says about the pull request it runs for, in the variables that each host documents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.hosts.host import HostName, PullRequest

JOBS_OWN = "JOB-TOKEN"
"""The header of the token that GitLab gives each job, which may do little."""
_WHERE: Mapping[HostName, tuple[str, str]] = {
    "github": ("GitHub Actions", "`pull_request`, `push` or `merge_group`"),
    "gitlab": ("GitLab CI", "a merge request or a branch"),
}
"""What CI is called, and what it has to run for."""
_OTHERS = {
    "FORGEJO_ACTIONS": "Forgejo Actions",
    "GITEA_ACTIONS": "Gitea Actions",
    "BITBUCKET_BUILD_NUMBER": "Bitbucket Pipelines",
}
"""CI of hosts whose API is another one; the first two set GitHub's variables as well."""
_EVENTS = ("pull_request", "pull_request_target")
_QUEUE = "merge_group"
"""GitHub's event for what a merge queue is about to merge."""


def pull_request_of(variables: Mapping[str, str]) -> PullRequest | None:
    """Return the pull request that CI runs for, or those of a merge queue.

    None if it runs for none, or this is not CI.
    """
    event = variables.get("GITHUB_EVENT_NAME") if _is_github(variables) else None
    if event in _EVENTS:
        return _of_github(variables)
    if event == _QUEUE:
        return _of_queue(variables)
    if variables.get("GITLAB_CI") == "true" and "CI_MERGE_REQUEST_IID" in variables:
        return _of_gitlab(variables)
    return None


def needed_pull_request(variables: Mapping[str, str], host: HostName) -> PullRequest:
    """Return the pull request, or the push; raise if CI of that host runs for neither."""
    if other := next((name for one, name in _OTHERS.items() if one in variables), None):
        raise GitexpError(
            f"this is {other}, and gitexp can post to GitHub and GitLab alone",
            hint="Leave out `--post`: the exit code is the answer, and `--md` prints the comment.",
        )
    found = pull_request_of(variables) or _push_of(variables)
    if found is None or found.host != host:
        where, events = _WHERE[host]
        raise GitexpError(
            f"there is no pull request of {where} to post to",
            hint=f"Run it where {where} runs for {events}, or leave out `--post`.",
        )
    return found


def _push_of(variables: Mapping[str, str]) -> PullRequest | None:
    """Return the push of a branch that CI runs for, if it runs for one."""
    is_push = variables.get("GITHUB_EVENT_NAME") == "push" and "GITHUB_SHA" in variables
    if _is_github(variables) and is_push:
        event = _event(variables)
        before = event.get("before") if isinstance(event, dict) else None
        where = variables.get("GITHUB_REPOSITORY", ""), variables["GITHUB_SHA"]
        name = variables.get("GITHUB_REF_NAME", "")
        is_branch = variables.get("GITHUB_REF_TYPE", "branch") == "branch"
        pushed = _github(variables, where, None, _there(before), name)
        return replace(pushed, is_push=is_branch)
    if variables.get("GITLAB_CI") == "true" and "CI_COMMIT_BRANCH" in variables:
        return PullRequest(
            host="gitlab",
            api=variables.get("CI_API_V4_URL", "").rstrip("/"),
            repository=variables.get("CI_PROJECT_ID", ""),
            number=None,
            base=_there(variables.get("CI_COMMIT_BEFORE_SHA")),
            head=variables.get("CI_COMMIT_SHA", ""),
            head_label=variables["CI_COMMIT_BRANCH"],
            head_repository=variables.get("CI_PROJECT_ID", ""),
            run_url=variables.get("CI_JOB_URL"),
            is_push=True,
            ca_file=variables.get("CI_SERVER_TLS_CA_FILE") or None,
        )
    return None


def _is_github(variables: Mapping[str, str]) -> bool:
    return variables.get("GITHUB_ACTIONS") == "true"


def _there(oid: object) -> str | None:
    """Return where a branch was before a push; hosts write zeros if there was none."""
    return oid if isinstance(oid, str) and oid.strip("0") else None


def github_token(variables: Mapping[str, str]) -> str | None:
    """Return the token that a workflow has handed on."""
    return variables.get("GITHUB_TOKEN") or variables.get("GH_TOKEN") or None


def gitlab_token(variables: Mapping[str, str]) -> tuple[str, str] | None:
    """Return a token and the header it goes into: one that may comment before the job's own."""
    if token := variables.get("GITLAB_TOKEN"):
        return "PRIVATE-TOKEN", token
    if token := variables.get("CI_JOB_TOKEN"):
        return JOBS_OWN, token
    return None


def _of_github(variables: Mapping[str, str]) -> PullRequest:
    event = _event(variables)
    try:
        pull = event["pull_request"]
        number, head, base = int(pull["number"]), pull["head"], pull["base"]
        oid, label, target = str(head["sha"]), str(head["ref"]), str(base["ref"])
        repository = variables["GITHUB_REPOSITORY"]
    except (KeyError, TypeError, ValueError) as lack:
        raise GitexpError(f"GitHub's event says nothing about a pull request: {lack}") from lack
    return _github(variables, (repository, oid), number, target, label)


def _of_queue(variables: Mapping[str, str]) -> PullRequest:
    """Return what a merge queue is about to merge, and into what.

    The base is a commit, not a branch: it may be what is before this in the queue.
    """
    event = _event(variables)
    try:
        group = event["merge_group"]
        oid, label, base = str(group["head_sha"]), str(group["head_ref"]), str(group["base_sha"])
        where = variables["GITHUB_REPOSITORY"], oid
    except (KeyError, TypeError) as lack:
        raise GitexpError(f"GitHub's event says nothing about a merge group: {lack}") from lack
    return _github(variables, where, None, base, label.removeprefix("refs/heads/"))


def _github(
    variables: Mapping[str, str],
    where: tuple[str, str],
    number: int | None,
    base: str | None,
    label: str,
) -> PullRequest:
    repository, head = where
    server, run = variables.get("GITHUB_SERVER_URL"), variables.get("GITHUB_RUN_ID")
    return PullRequest(
        host="github",
        api=variables.get("GITHUB_API_URL", "https://api.github.com").rstrip("/"),
        repository=repository,
        number=number,
        base=base,
        head=head,
        head_label=label,
        head_repository=repository,
        run_url=f"{server}/{repository}/actions/runs/{run}" if server and run else None,
    )


def _event(variables: Mapping[str, str]) -> Any:
    path = variables.get("GITHUB_EVENT_PATH", "")
    try:
        return json.loads(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        raise GitexpError(f"cannot read GitHub's event '{path}': {error}") from error


def _of_gitlab(variables: Mapping[str, str]) -> PullRequest:
    try:
        return PullRequest(
            host="gitlab",
            api=variables["CI_API_V4_URL"].rstrip("/"),
            # A fork's pipeline runs in the fork; the merge request is where it is to be merged.
            repository=variables.get("CI_MERGE_REQUEST_PROJECT_ID") or variables["CI_PROJECT_ID"],
            number=int(variables["CI_MERGE_REQUEST_IID"]),
            base=_base_of_gitlab(variables),
            # If results are merged before they are tested, CI_COMMIT_SHA is the merge.
            head=variables.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or variables["CI_COMMIT_SHA"],
            head_label=variables["CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"],
            head_repository=variables.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID")
            or variables["CI_PROJECT_ID"],
            run_url=variables.get("CI_JOB_URL"),
            ca_file=variables.get("CI_SERVER_TLS_CA_FILE") or None,
        )
    except (KeyError, ValueError) as lack:
        raise GitexpError(f"GitLab's variables say nothing about a merge request: {lack}") from lack


def _base_of_gitlab(variables: Mapping[str, str]) -> str:
    """Return the branch; a fork's own copy of it may be old, so there the merge base itself."""
    target = variables.get("CI_MERGE_REQUEST_PROJECT_ID")
    fork = variables.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID") != target
    merge_base = variables.get("CI_MERGE_REQUEST_DIFF_BASE_SHA") if fork else None
    return merge_base or variables["CI_MERGE_REQUEST_TARGET_BRANCH_NAME"]
