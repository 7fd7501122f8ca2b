"""Where hosts show files of commits."""

from __future__ import annotations

from gitexp.pull_requests.pictures import raw_files


def test_each_host_has_its_own_place_for_files_of_commits() -> None:
    github = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_REPOSITORY": "ada/x",
    }
    gitlab = {"GITLAB_CI": "true", "CI_PROJECT_URL": "https://gitlab.example/ada/x"}

    assert raw_files(github) == "https://github.example/ada/x/raw"
    assert raw_files(gitlab) == "https://gitlab.example/ada/x/-/raw"
    assert raw_files({}) is None
