from __future__ import annotations

import ssl
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from gitexp.hosts import client, posting
from gitexp.hosts.github import GitHub
from gitexp.hosts.gitlab import GitLab
from gitexp.hosts.host import Host, HostFailed, HostName, PullRequest
from gitexp.hosts.posting import Message, Posted, post
from gitexp.hosts.pushes import with_open_base

from tests.host_server import HostServer

MARK = "<!-- gitexp:review . -->"
HEAD = "a" * 40
MESSAGE = Message(MARK, f"{MARK}\nall is well\n", "gitexp", "passed", "passed: all 2 are kept")
GITHUB = "/repos/ada/work"
GITLAB = "/projects/7"


class Called:
    """Seconds that were waited, and what was told."""

    def __init__(self) -> None:
        self.waited: list[float] = []
        self.told: list[str] = []


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_BACKOFF", 0)
    monkeypatch.setattr(posting, "_PAUSE", 0)


@pytest.fixture
def called() -> Called:
    return Called()


@pytest.fixture
def github(host_server: HostServer, called: Called) -> Host:
    return GitHub(pull("github", host_server.url), "s3cret", called.waited.append)


@pytest.fixture
def gitlab(host_server: HostServer, called: Called) -> Host:
    host_server.account = "ada"
    token = ("PRIVATE-TOKEN", "s3cret")
    return GitLab(pull("gitlab", host_server.url), token, called.waited.append)


def pull(host: HostName, url: str) -> PullRequest:
    repository = "ada/work" if host == "github" else "7"
    fork = repository if host == "github" else "9"
    return PullRequest(
        host, url, repository, 3, "main", HEAD, "topic", fork, "https://ci.example/1"
    )


def test_github_gets_a_comment_and_a_status(
    github: Host, host_server: HostServer, called: Called
) -> None:
    posted = post(github, MESSAGE, called.told.append)

    assert posted == Posted(f"{host_server.url}/comment/101", status=True)
    assert [(one.method, one.path) for one in host_server.requests] == [
        ("GET", "/user"),
        ("POST", "/graphql"),
        ("GET", f"{GITHUB}/issues/3/comments?per_page=100"),
        ("POST", f"{GITHUB}/issues/3/comments"),
        ("POST", f"{GITHUB}/statuses/{HEAD}"),
    ]
    assert host_server.requests[3].body == {"body": MESSAGE.body}
    assert host_server.statuses == [
        {
            "sha": HEAD,
            "state": "success",
            "context": "gitexp",
            "description": "passed: all 2 are kept",
            "target_url": "https://ci.example/1",
        }
    ]
    for request in host_server.requests:
        assert request.headers["Authorization"] == "Bearer s3cret"
        assert request.headers["X-GitHub-Api-Version"] == "2022-11-28"
        assert request.headers["Accept"] == "application/vnd.github+json"
        assert request.headers["User-Agent"].startswith("gitexp/")
    assert called.told == []


def test_gitlab_gets_a_note_and_a_status(gitlab: Host, host_server: HostServer) -> None:
    posted = post(gitlab, MESSAGE, print)

    assert posted == Posted("merge request !3, note 101", status=True)
    assert [(one.method, one.path) for one in host_server.requests] == [
        ("GET", "/user"),
        ("GET", f"{GITLAB}/merge_requests/3/notes?per_page=100&sort=asc"),
        ("POST", f"{GITLAB}/merge_requests/3/notes"),
        ("POST", f"/projects/9/statuses/{HEAD}"),
    ]
    assert host_server.statuses[0]["state"] == "success"
    assert host_server.statuses[0]["name"] == "gitexp"
    assert all(one.headers["PRIVATE-TOKEN"] == "s3cret" for one in host_server.requests)


@pytest.mark.parametrize("name", ["github", "gitlab"])
def test_the_own_comment_is_found_on_any_page_and_written_anew(
    name: str, host_server: HostServer, request: pytest.FixtureRequest
) -> None:
    host = request.getfixturevalue(name)
    for number in range(5):
        host_server.write(f"talk {number}", "bob")
    own = host_server.write(f"{MARK}\r\nof yesterday", host_server.account)

    post(host, MESSAGE, print)

    assert own["body"] == MESSAGE.body
    assert len(host_server.comments) == 6
    assert len([path for path in host_server.of("GET") if "page=" in path]) == 3


def test_the_account_of_an_app_is_asked_for(github: Host, host_server: HostServer) -> None:
    host_server.account = "reviewer[bot]"
    own = host_server.write(f"{MARK}\nof yesterday", "reviewer[bot]")

    post(github, MESSAGE, print)

    assert (len(host_server.comments), own["body"]) == (1, MESSAGE.body)


def test_a_token_that_may_ask_nothing_is_taken_for_the_workflows_own(
    github: Host, host_server: HostServer
) -> None:
    host_server.trouble("POST", "/graphql", 403)
    own = host_server.write(f"{MARK}\nof yesterday", "github-actions[bot]")

    post(github, MESSAGE, print)

    assert (len(host_server.comments), own["body"]) == (1, MESSAGE.body)


def test_comments_of_others_are_never_written(github: Host, host_server: HostServer) -> None:
    theirs = host_server.write(f"{MARK}\nquoted by bob", "bob")
    other = host_server.write("<!-- gitexp:review models/a -->\nanother", host_server.account)
    quoting = host_server.write(f"see {MARK}", host_server.account)

    post(github, MESSAGE, print)

    assert [one["body"] for one in (theirs, other, quoting)] == [
        f"{MARK}\nquoted by bob",
        "<!-- gitexp:review models/a -->\nanother",
        f"see {MARK}",
    ]
    assert host_server.comments[3]["body"] == MESSAGE.body


def test_a_comment_deleted_meanwhile_is_made_anew(github: Host, host_server: HostServer) -> None:
    host_server.write(f"{MARK}\nof yesterday", host_server.account)

    def delete(request: Any) -> None:
        if request.method == "PATCH":
            host_server.comments.clear()

    host_server.before = delete

    post(github, MESSAGE, print)

    assert [one["body"] for one in host_server.comments] == [MESSAGE.body]


@pytest.mark.parametrize("after", [False, True])
def test_a_failure_of_the_host_leaves_one_comment(
    github: Host, host_server: HostServer, after: bool
) -> None:
    host_server.trouble("POST", "/comments", 500, after=after)

    posted = post(github, MESSAGE, print)

    assert posted.comment is not None
    assert [one["body"] for one in host_server.comments] == [MESSAGE.body]


def test_reading_is_tried_again(github: Host, host_server: HostServer) -> None:
    host_server.trouble("GET", "/comments", 502)

    post(github, MESSAGE, print)

    assert len(host_server.comments) == 1


def test_a_status_is_tried_again_and_set_although_the_comment_failed(
    github: Host, host_server: HostServer, called: Called
) -> None:
    host_server.trouble("POST", "/comments", 500, times=9)
    host_server.trouble("POST", HEAD, 502, times=2)

    assert post(github, MESSAGE, called.told.append) == Posted(None, status=True)

    assert "/comments' was answered with 500" in called.told[0]
    assert [one["state"] for one in host_server.statuses] == ["success"]


def test_a_limit_that_says_no_number_is_waited_for(
    github: Host, host_server: HostServer, called: Called
) -> None:
    message = "You have exceeded a secondary rate limit. Please wait a few minutes."
    host_server.trouble("POST", "/comments", 403, message=message)

    post(github, MESSAGE, print)

    assert (len(host_server.comments), called.waited) == (1, [60])


def test_a_job_of_gitlab_without_a_token_says_which_one_to_set(
    host_server: HostServer, called: Called
) -> None:
    host_server.trouble("GET", "/user", 401, message="401 Unauthorized")

    host = GitLab(pull("gitlab", host_server.url), ("JOB-TOKEN", "s3cret"), called.waited.append)
    posted = post(host, MESSAGE, called.told.append)

    assert posted == Posted(None, status=True)
    assert called.told == [
        (
            "note: the comment was not written: GITLAB_TOKEN is not set, "
            "and a job's own token may not write notes"
        )
    ]


def test_a_host_that_keeps_failing_is_a_warning(
    github: Host, host_server: HostServer, called: Called
) -> None:
    host_server.trouble("POST", "/comments", 500, times=9)

    post(github, MESSAGE, called.told.append)

    failed = f"'POST {GITHUB}/issues/3/comments' was answered with 500: trouble"
    assert called.told == [f"warning: the comment was not written: {failed}"]
    assert host_server.of("POST").count(f"{GITHUB}/issues/3/comments") == 3


@pytest.mark.parametrize(
    ("status", "headers", "least", "most"),
    [
        (429, lambda: {"Retry-After": "7"}, 7, 7),
        (403, lambda: {"Retry-After": "3"}, 3, 3),
        (429, dict, 1, 1),
        (429, lambda: {"RateLimit-Remaining": "0", "RateLimit-Reset": "5"}, 1, 1),
    ],
)
def test_rate_limits_are_waited_for(
    github: Host,
    host_server: HostServer,
    called: Called,
    status: int,
    headers: Callable[[], dict[str, str]],
    least: float,
    most: float,
) -> None:
    host_server.trouble("POST", "/comments", status, headers=headers())

    post(github, MESSAGE, print)

    assert len(host_server.comments) == 1
    assert len(called.waited) == 1
    assert least <= called.waited[0] <= most


def test_a_limit_that_ends_at_some_time_is_waited_for_until_then(
    github: Host, host_server: HostServer, called: Called
) -> None:
    reset = int(time.time()) + 100
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}
    host_server.trouble("POST", "/comments", 403, headers=headers)

    begun = time.time()
    post(github, MESSAGE, print)
    ended = time.time()

    [waited] = called.waited
    assert max(0.0, reset - ended) <= waited - 1 <= reset - begun


def test_a_limit_that_lasts_an_hour_is_told_with_what_to_do(
    github: Host, host_server: HostServer, called: Called
) -> None:
    host_server.trouble("GET", "/comments", 429, headers={"Retry-After": "3600"}, times=9)

    post(github, MESSAGE, called.told.append)

    assert called.told[0].endswith("asks to be called again in 3600 s")
    assert called.told[1] == "hint: Run the job again later."


def test_a_token_that_only_reads_is_told_and_is_no_error(
    github: Host, host_server: HostServer, called: Called
) -> None:
    message = "Resource not accessible by integration"
    limits = {"X-RateLimit-Remaining": "4999"}
    host_server.trouble("POST", "/comments", 403, headers=limits, message=message)
    host_server.trouble("POST", HEAD, 403, headers=limits, message=message)

    posted = post(github, MESSAGE, called.told.append)

    assert posted == Posted(None, status=False)
    assert called.waited == []
    answered = f"was answered with 403: {message}"
    assert called.told == [
        f"note: the comment was not written: 'POST {GITHUB}/issues/3/comments' {answered}",
        f"note: the status was not set: 'POST {GITHUB}/statuses/{HEAD}' {answered}",
    ]


@pytest.mark.parametrize("name", ["github", "gitlab"])
def test_without_a_token_nobody_is_asked(
    host_server: HostServer, called: Called, name: HostName
) -> None:
    made = GitHub if name == "github" else GitLab

    posted = post(made(pull(name, host_server.url), None), MESSAGE, called.told.append)

    assert (posted, host_server.requests) == (Posted(None, status=False), [])
    assert called.told == [
        f"note: the comment was not written: {name.upper()}_TOKEN is not set",
        f"note: the status was not set: {name.upper()}_TOKEN is not set",
    ]


def merge_request(target: str, source: int) -> dict[str, Any]:
    """What GitLab lists of one that leads into project 7."""
    return {"target_branch": target, "source_project_id": source, "target_project_id": 7}


def test_a_forks_branch_of_the_same_name_is_another_one(
    gitlab: Host, host_server: HostServer, called: Called
) -> None:
    push = replace(pull("gitlab", host_server.url), number=None, base="b" * 40, is_push=True)
    host_server.open = [merge_request("main", 99), merge_request("next", 7)]
    assert with_open_base(push, gitlab, called.told.append).base == "next"
    host_server.open = [merge_request("main", 99)]
    assert with_open_base(push, gitlab, called.told.append) == push


@pytest.mark.parametrize(
    ("name", "listed", "asked"),
    [
        ("github", {"base": {"ref": "main"}}, f"{GITHUB}/pulls?state=open&head=ada%3Atopic"),
        ("gitlab", merge_request("main", 7), f"{GITLAB}/merge_requests?state=opened&"),
    ],
)
def test_a_push_is_compared_with_what_its_pull_request_is_for(
    name: HostName,
    listed: dict[str, Any],
    asked: str,
    host_server: HostServer,
    called: Called,
    request: pytest.FixtureRequest,
) -> None:
    host = request.getfixturevalue(name)
    push = replace(pull(name, host_server.url), number=None, base="b" * 40, is_push=True)

    alone = with_open_base(push, host, called.told.append)
    host_server.open = [listed]
    known = with_open_base(push, host, called.told.append)

    assert (alone, known.base, known.is_push) == (push, "main", False)
    assert host_server.requests[-1].path.startswith(asked)
    assert called.told == ["note: 'topic' has a pull request, so this compares with 'main'"]


def test_a_token_that_may_not_list_pull_requests_is_told(
    github: Host, host_server: HostServer, called: Called
) -> None:
    push = replace(pull("github", host_server.url), is_push=True)
    host_server.trouble("GET", "/pulls", 403, message="Resource not accessible by integration")
    jobs_own = GitLab(push, ("JOB-TOKEN", "s3cret"), called.waited.append)

    for host in (github, jobs_own, GitHub(push, None)):
        assert with_open_base(push, host, called.told.append) == push

    unknown = "note: it is not known whether 'topic' has a pull request: "
    answered = "was answered with 403: Resource not accessible by integration"
    assert called.told == [
        f"{unknown}'GET {GITHUB}/pulls' {answered}",
        f"{unknown}GITLAB_TOKEN is not set, and a job's own token may not list merge requests",
        f"{unknown}GITHUB_TOKEN is not set",
    ]


@pytest.mark.parametrize(
    ("header", "why"), [("Link", "redirects elsewhere"), ("Location", "answered with 302")]
)
def test_the_token_goes_to_no_other_place(
    github: Host,
    host_server: HostServer,
    called: Called,
    monkeypatch: pytest.MonkeyPatch,
    header: str,
    why: str,
) -> None:
    elsewhere = "http://localhost:1/steal"
    if header == "Location":
        host_server.trouble("GET", "/comments", 302, headers={"Location": elsewhere}, times=9)
    else:
        next_page = {"Link": f'<{elsewhere}>; rel="next"'}
        monkeypatch.setattr(host_server, "_page", lambda *_: (200, next_page, []))

    post(github, MESSAGE, called.told.append)

    assert why in called.told[0]


def test_the_pages_of_a_host_behind_a_proxy_come_from_its_own_address(
    gitlab: Host, host_server: HostServer
) -> None:
    for number in range(2):
        host_server.write(f"talk {number}", "bob")
    own = host_server.write(f"{MARK}\nof yesterday", "ada")
    known, host_server.url = host_server.url, "http://127.0.0.1:1"

    post(gitlab, MESSAGE, print)

    assert known != host_server.url
    assert (len(host_server.comments), own["body"]) == (3, MESSAGE.body)


def test_a_netrc_file_does_not_replace_the_token(github: Host, host_server: HostServer) -> None:
    netrc = Path.home() / ".netrc"
    netrc.write_text("machine 127.0.0.1 login bob password theirs\n")
    netrc.chmod(0o600)

    post(github, MESSAGE, print)

    assert {one.headers["Authorization"] for one in host_server.requests} == {"Bearer s3cret"}


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and a certificate for 127.0.0.1 that no system knows."""
    place = tmp_path / "own.pem"
    subject = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    command = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject)
    out = ("-keyout", str(place), "-out", str(tmp_path / "own.crt"))
    subprocess.run([*command, *out], check=True, capture_output=True)
    with place.open("ab") as file:
        file.write((tmp_path / "own.crt").read_bytes())
    return place


def test_a_gitlab_of_ones_own_is_known_by_its_certificate(
    host_server: HostServer, certificate: Path
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = host_server.server
    server.socket = context.wrap_socket(server.socket, server_side=True)
    known = replace(
        pull("gitlab", host_server.url.replace("http:", "https:")), ca_file=str(certificate)
    )
    host_server.account = "ada"

    posted = post(GitLab(known, ("PRIVATE-TOKEN", "s3cret")), MESSAGE, print)
    with pytest.raises(HostFailed, match="SSLError"):
        GitLab(replace(known, ca_file=None), None).create("text")

    assert posted.comment is not None


def test_long_words_are_cut_to_what_a_status_holds(github: Host, host_server: HostServer) -> None:
    github.set_status("gitexp", "failed", "x" * 500)

    assert host_server.statuses[0]["state"] == "failure"
    assert len(host_server.statuses[0]["description"]) == 140


def test_a_host_that_is_not_there_is_an_error() -> None:
    host = GitHub(pull("github", "http://127.0.0.1:9"), "s3cret")

    with pytest.raises(HostFailed, match=r"cannot reach .* ConnectionError"):
        host.create("text")


@pytest.mark.parametrize("answer", [None, [], {}, {"login": None}, [1], [{"id": 1}], "text"])
def test_an_answer_that_makes_no_sense_is_a_warning(
    github: Host,
    host_server: HostServer,
    called: Called,
    monkeypatch: pytest.MonkeyPatch,
    answer: object,
) -> None:
    monkeypatch.setattr(host_server, "_answer", lambda _: (200, {}, answer))

    assert post(github, MESSAGE, called.told.append).comment is None

    assert called.told[0].startswith("warning: the comment was not written: ")
