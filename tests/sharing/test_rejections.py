"""The likely rule behind what hosts say when they refuse a push, in their own words."""

from __future__ import annotations

import pytest

from gitexp.sharing.rejections import why_rejected

GITHUB = "remote: error: GH013: Repository rule violations found for refs/heads/experiments."


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ([GITHUB, "remote: - Commits must have verified signatures."], "signed commits"),
        ([GITHUB, "remote: - This branch must not contain merge commits."], "a linear history"),
        (
            [GITHUB, "remote: - GITHUB PUSH PROTECTION", "remote: - Push cannot contain secrets"],
            "no secrets in what is pushed",
        ),
        ([GITHUB, "remote: - Changes must be made through a pull request."], "a protected branch"),
        (
            ["remote: error: File a.bin is 120.00 MB; this exceeds GitHub's file size limit"],
            "a limit to the size of files",
        ),
        (
            ["remote: GitLab: You are not allowed to push code to protected branches."],
            "a protected branch",
        ),
        (["remote: GitLab: Commit must be signed with a GPG key"], "signed commits"),
        (
            ["remote: GitLab: Commit message does not follow the pattern '^[A-Z]+-'"],
            "a form of commit messages or authors",
        ),
        (["remote: GitLab: Branch name 'experiments' does not follow"], "a form of branch names"),
        (["remote: assigned elsewhere", "pre-receive hook declined"], "a hook of its own"),
    ],
)
def test_the_rule_is_named(said: list[str], rule: str) -> None:
    error = why_rejected("origin", said)

    first, *quoted = str(error).splitlines()
    assert first == f"'origin' rejects the runs, probably by its rule of {rule}; it says:"
    assert [line.strip() for line in quoted] == said
    assert error.hint


def test_a_rule_that_cannot_be_told_is_not_guessed() -> None:
    error = why_rejected("origin", ["remote:", "remote: no"])

    assert str(error) == "'origin' rejects the runs; it says:\n  remote: no"
    assert "`remote_branch: NAME`" in str(error.hint)
