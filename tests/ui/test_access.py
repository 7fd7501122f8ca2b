"""Who gets an answer, and what stands above each."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitexp.ui.access import POLICY, new_token
from gitexp.ui.app import make_app

from tests.ui.workshop import HOST, TOKEN, Browser


def test_the_first_address_gives_a_cookie_and_leads_on_without_the_token(project: Path) -> None:
    with Browser(make_app(project, TOKEN)) as browser:
        found = browser.get(f"/runs?where=x&token={TOKEN}")

    assert (found.status, found.headers["location"]) == (303, "/runs?where=x")
    cookie = found.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "no-store" in found.headers["cache-control"]


def test_a_ticket_lets_in_once_and_gives_the_same_cookie(project: Path) -> None:
    with Browser(make_app(project, TOKEN, ticket="once")) as browser:
        first, second = browser.get("/runs?token=once"), browser.get("/runs?token=once")
        token = browser.get(f"/runs?token={TOKEN}")

    assert (first.status, second.status, token.status) == (303, 403, 303)
    assert first.headers["set-cookie"] == token.headers["set-cookie"]
    assert second.text == (
        "403: this address was good for one time, and somebody has used it: "
        "open the one that `gitexp ui` has printed\n"
    )


def test_nobody_is_led_to_another_host(project: Path) -> None:
    with Browser(make_app(project, TOKEN)) as browser:
        found = browser.get(f"//elsewhere.example/?token={TOKEN}")

    assert found.headers["location"] == "/elsewhere.example/"


@pytest.mark.parametrize(
    "target", ["/", "/runs", "/?token=wrong", "/assets/gitexp.css", "/nothing"]
)
def test_without_the_token_there_is_nothing(project: Path, target: str) -> None:
    with Browser(make_app(project, TOKEN)) as browser:
        found = browser.get(target)

    assert found.status == 403
    assert found.text == (
        "403: open the address that `gitexp ui` has printed, with its token; "
        "each start has another\n"
    )


@pytest.mark.parametrize(
    "host",
    [
        "elsewhere.example",
        "127.0.0.1.elsewhere.example",
        "127.0.0.1:80@elsewhere.example",
        "",
        "::1",
    ],
)
def test_a_forged_host_gets_403(browser: Browser, host: str) -> None:
    assert browser.get("/runs", host=host).status == 403


@pytest.mark.parametrize("host", ["localhost:9000", "127.0.0.1", "[::1]:8417", "LOCALHOST"])
def test_another_port_and_another_name_of_loopback_will_do(browser: Browser, host: str) -> None:
    assert browser.get("/live", host=host).status == 200


@pytest.mark.parametrize(
    "origin", ["http://elsewhere.example", "null", f"https://{HOST}", "http://127.0.0.1:9"]
)
def test_another_origin_gets_403(browser: Browser, origin: str) -> None:
    assert browser.get("/runs", origin=origin).status == 403
    assert browser.post("/change/x", {}, origin=origin).status == 403


def test_every_answer_says_what_it_may_do(browser: Browser) -> None:
    browser_without = Browser(browser._app)

    for found in (browser.get("/runs"), browser.get("/nothing"), browser_without.get("/")):
        assert found.headers["content-security-policy"] == POLICY
        assert found.headers["x-content-type-options"] == "nosniff"
        assert found.headers["x-frame-options"] == "DENY"
    assert "unsafe" not in POLICY


def test_tokens_are_long_and_never_the_same() -> None:
    assert len({new_token() for _ in range(100)}) == 100
    assert len(new_token()) >= 43
