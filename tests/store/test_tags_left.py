"""Which tags of models are only here."""

from __future__ import annotations

from gitexp.git.repository import Repository
from gitexp.store.own import own_folder
from gitexp.store.tags_left import remember_tags, tags_left

from tests.workshop import Git


def test_a_tag_that_was_deleted_is_forgotten(repository: Repository, git: Git) -> None:
    """Else no push would ever be a plain one again."""
    for tag in ("digits@v0.0.1", "digits@v0.0.2"):
        git("tag", "--annotate", "-m", "a model", tag)
    remember_tags(repository, left=["digits@v0.0.1", "digits@v0.0.2"])
    git("tag", "--delete", "digits@v0.0.1")

    assert tags_left(repository) == ("digits@v0.0.2",)
    remember_tags(repository)
    assert own_folder(repository).tags_left.read_text() == "digits@v0.0.2\n"

    git("tag", "--delete", "digits@v0.0.2")
    remember_tags(repository)
    assert not own_folder(repository).tags_left.exists()
