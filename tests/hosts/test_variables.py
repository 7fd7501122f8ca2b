from __future__ import annotations

import json
from pathlib import Path

import pytest

from gitexp.errors import GitexpError
from gitexp.hosts.host import PullRequest
from gitexp.hosts.variables import (
    github_token,
    gitlab_token,
    needed_pull_request,
    pull_request_of,
)

GITLAB = {
    "GITLAB_CI": "true",
    "CI_API_V4_URL": "https://git.example/api/v4/",
    "CI_PROJECT_ID": "9",
    "CI_MERGE_REQUEST_IID": "3",
    "CI_MERGE_REQUEST_PROJECT_ID": "7",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "9",
    "CI_SERVER_TLS_CA_FILE": "/ca.pem",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "topic",
    "CI_COMMIT_SHA": "c" * 40,
    "CI_JOB_URL": "https://git.example/job/1",
}


def github(event: Path, **more: str) -> dict[str, str]:
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REPOSITORY": "ada/work",
        **more,
    }


def test_github_tells_the_pull_request_in_its_event(tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    sides = {"head": {"sha": "a" * 40, "ref": "topic"}, "base": {"ref": "main"}}
    event.write_text(json.dumps({"pull_request": {"number": 3, **sides}}))

    found = pull_request_of(github(event))

    api = "https://api.github.com"
    assert found == PullRequest(
        "github", api, "ada/work", 3, "main", "a" * 40, "topic", "ada/work", None
    )


def test_gitlab_tells_the_merge_request_of_a_fork() -> None:
    assert pull_request_of(GITLAB) == PullRequest(
        host="gitlab",
        api="https://git.example/api/v4",
        repository="7",
        number=3,
        base="main",
        head="c" * 40,
        head_label="topic",
        head_repository="9",
        run_url="https://git.example/job/1",
        ca_file="/ca.pem",
    )


def test_a_forks_own_copy_of_the_branch_is_not_asked() -> None:
    fork = {**GITLAB, "CI_MERGE_REQUEST_DIFF_BASE_SHA": "e" * 40}
    own = {**fork, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "7"}

    assert [getattr(pull_request_of(one), "base", None) for one in (fork, own)] == [
        "e" * 40,
        "main",
    ]


def test_gitlab_tells_the_commit_behind_a_merged_result() -> None:
    found = pull_request_of({**GITLAB, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "d" * 40})

    assert found is not None
    assert found.head == "d" * 40


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push"},
        {"GITLAB_CI": "true", "CI_COMMIT_SHA": "c" * 40},
    ],
)
def test_where_there_is_no_pull_request_none_is_told(variables: dict[str, str]) -> None:
    assert pull_request_of(variables) is None
    with pytest.raises(GitexpError, match="there is no pull request"):
        needed_pull_request(variables, "github")


def test_a_push_is_told_with_what_was_there_before(tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"before": "b" * 40}))
    push = github(event, GITHUB_EVENT_NAME="push", GITHUB_SHA="a" * 40, GITHUB_REF_NAME="topic")
    branch = {**GITLAB, "CI_COMMIT_BRANCH": "topic", "CI_COMMIT_BEFORE_SHA": "0" * 40}
    del branch["CI_MERGE_REQUEST_IID"]

    one, other = needed_pull_request(push, "github"), needed_pull_request(branch, "gitlab")

    assert (one.number, one.base, one.head, one.head_label) == (None, "b" * 40, "a" * 40, "topic")
    assert (one.is_push, other.is_push) == (True, True)
    assert not needed_pull_request({**push, "GITHUB_REF_TYPE": "tag"}, "github").is_push
    assert (other.number, other.base, other.head) == (None, None, "c" * 40)
    assert pull_request_of(push) is None
    assert pull_request_of(branch) is None


def test_a_merge_queue_is_told_with_the_commit_that_it_is_merged_into(tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    group = {
        "head_sha": "a" * 40,
        "head_ref": "refs/heads/gh-readonly-queue/main/pr-3-x",
        "base_sha": "b" * 40,
        "base_ref": "refs/heads/main",
    }
    event.write_text(json.dumps({"action": "checks_requested", "merge_group": group}))
    variables = github(event, GITHUB_EVENT_NAME="merge_group", GITHUB_SHA="a" * 40)

    found = needed_pull_request(variables, "github")

    assert (found.number, found.base, found.head) == (None, "b" * 40, "a" * 40)
    assert (found.head_label, found.is_push) == ("gh-readonly-queue/main/pr-3-x", False)
    event.write_text("{}")
    with pytest.raises(GitexpError, match="says nothing about a merge group"):
        pull_request_of(variables)


@pytest.mark.parametrize(
    ("variable", "name"),
    [("GITEA_ACTIONS", "Gitea Actions"), ("BITBUCKET_BUILD_NUMBER", "Bitbucket Pipelines")],
)
def test_other_hosts_are_told_so(tmp_path: Path, variable: str, name: str) -> None:
    """Gitea's has GitHub's variables as well, and an API that answers other questions."""
    with pytest.raises(GitexpError, match=f"^this is {name}, .* GitHub and GitLab alone$"):
        needed_pull_request(github(tmp_path, **{variable: "true"}), "github")


@pytest.mark.parametrize("content", [None, "{", "[]", "{}", '{"pull_request": {"number": "x"}}'])
def test_an_event_that_says_nothing_is_an_error(tmp_path: Path, content: str | None) -> None:
    event = tmp_path / "event.json"
    if content is not None:
        event.write_text(content)

    with pytest.raises(GitexpError, match="event"):
        pull_request_of(github(event))


def test_variables_that_lack_something_are_an_error() -> None:
    lacking = {name: value for name, value in GITLAB.items() if name != "CI_COMMIT_SHA"}

    with pytest.raises(GitexpError, match="'CI_COMMIT_SHA'"):
        pull_request_of(lacking)


def test_a_token_that_may_write_notes_comes_before_the_jobs_own() -> None:
    assert gitlab_token({"GITLAB_TOKEN": "a", "CI_JOB_TOKEN": "b"}) == ("PRIVATE-TOKEN", "a")
    assert gitlab_token({"GITLAB_TOKEN": "", "CI_JOB_TOKEN": "b"}) == ("JOB-TOKEN", "b")
    assert gitlab_token({}) is None
    assert github_token({"GITHUB_TOKEN": "", "GH_TOKEN": "c"}) == "c"
    assert github_token({}) is None
