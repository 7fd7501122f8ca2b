"""The door to git: which repository, which environment, which errors."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from gitexp.errors import GitexpError
from gitexp.git.failing import GitCommandFailed
from gitexp.git.place import NoRepository, ask_ahead, clean_environment, find_place
from gitexp.git.repository import Repository, make_bare

from tests.signing import signing_key
from tests.workshop import Git, has_ended


def test_a_repository_is_found_from_a_folder_inside_it(work_tree: Path) -> None:
    with Repository.open(work_tree / "conf") as found:
        assert found.top == work_tree
        assert found.git_dir == found.common_dir == work_tree / ".git"
        assert found.object_format == "sha1"
        assert found.relative(work_tree / "conf" / "params.yaml") == "conf/params.yaml"
        assert found.relative(work_tree) == ""


def test_a_linked_work_tree_has_its_own_git_directory_and_shares_the_common_one(
    work_tree: Path, tmp_path: Path, git: Git
) -> None:
    git("worktree", "add", "--quiet", tmp_path / "linked")

    with Repository.open(tmp_path / "linked") as found:
        assert found.top == tmp_path / "linked"
        assert found.git_dir == work_tree / ".git" / "worktrees" / "linked"
        assert found.common_dir == work_tree / ".git"
        assert found.line("rev-parse", "--abbrev-ref", "HEAD") == "linked"


def test_a_repository_reached_through_a_link_works(work_tree: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(work_tree)

    with Repository.open(tmp_path / "link" / "conf") as found:
        assert found.line("ls-files") == "conf/params.yaml\ntrain.py"


@pytest.mark.parametrize("name", ["new\nline", "ünï codé", "quote'\"", "-option", "end "])
def test_a_repository_may_have_any_name(tmp_path: Path, git: Git, name: str) -> None:
    git("init", "--quiet", tmp_path / name)

    with Repository.open(tmp_path / name) as found:
        assert found.top == tmp_path / name
        assert found.git("status", "--porcelain") == b""


def test_variables_that_name_another_repository_do_not_matter(
    work_tree: Path, tmp_path: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("init", "--quiet", tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(tmp_path / "other" / ".git" / "objects"))

    with Repository.open(work_tree) as found:
        assert found.top == work_tree
        assert found.line("ls-files") == "conf/params.yaml\ntrain.py"
        assert found.objects.blob("HEAD:train.py") == b"print('training')\n"


def test_the_environment_keeps_who_and_how_but_not_which_repository() -> None:
    kept = {
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "a.b",
        "GIT_SSH_COMMAND": "ssh -v",
        "HOME": "/home/ada",
    }
    dropped = {
        "GIT_DIR": "/x",
        "GIT_INDEX_FILE": "/x",
        "GIT_PREFIX": "x/",
        "GIT_WORK_TREE": "/x",
        "GIT_LITERAL_PATHSPECS": "1",
    }

    assert clean_environment({**kept, **dropped}) == kept


def test_a_failing_command_tells_what_git_said(repository: Repository) -> None:
    with pytest.raises(
        GitCommandFailed, match="'git cat-file -e nothing' exited with 128: "
    ) as got:
        repository.git("cat-file", "-e", "nothing")

    assert got.value.status == 128
    assert "Not a valid object name" in got.value.stderr


def test_an_attempt_returns_whatever_the_status_is(repository: Repository) -> None:
    assert repository.attempt("cat-file", "-e", "nothing").returncode == 128
    assert repository.attempt("rev-parse", "HEAD").returncode == 0


def test_an_attempt_that_takes_too_long_is_a_time_out(repository: Repository) -> None:
    asked = repository.top / "asked"
    wait = f"alias.wait=!echo $$ > {asked}.new; mv {asked}.new {asked}; exec sleep 60"

    with pytest.raises(TimeoutError, match=r"git did not end in 0\.3 s"):
        repository.attempt("-c", wait, "wait", timeout=0.3)

    assert not asked.exists() or has_ended(int(asked.read_text()))  # as a signer has to


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a repository to another user")
def test_a_repository_of_another_user_is_refused_with_the_way_out(work_tree: Path) -> None:
    for path in (work_tree, work_tree / ".git"):
        os.chown(path, 4321, 4321)

    with pytest.raises(NoRepository, match="dubious ownership") as caught:
        Repository.open(work_tree)

    assert "\n" not in str(caught.value)
    assert f"`git config --global --add safe.directory {work_tree}`" in str(caught.value.hint)


def test_no_hook_and_no_monitor_of_the_users_runs(
    repository: Repository, work_tree: Path, tmp_path: Path, git: Git
) -> None:
    for name in ("reference-transaction", "post-index-change", "query-watchman"):
        hook = work_tree / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
        hook.chmod(0o755)
    git("config", "core.fsmonitor", work_tree / ".git" / "hooks" / "query-watchman")

    repository.git("update-ref", "refs/heads/new", "HEAD")
    repository.git("add", "train.py")
    repository.git("status")

    assert not (tmp_path / "ran").exists()


def test_what_is_read_is_what_an_oid_says_and_nothing_else_beside_it(
    repository: Repository, work_tree: Path, tmp_path: Path, git: Git
) -> None:
    """Neither another object in its place, nor what a signer says of it."""
    signing_key(tmp_path, work_tree)
    git("commit", "--quiet", "--allow-empty", "-m", "signed")
    git("config", "log.showSignature", "true")
    git("replace", "HEAD", "HEAD~1")
    oid = git("rev-parse", "HEAD").strip()

    found = repository.objects.read(oid)

    assert found is not None
    assert found.content.endswith(b"\n\nsigned\n")
    assert repository.line("log", "-1", "--format=%H %s %G?", oid) == f"{oid} signed G"
    assert git("log", "-1", "--format=%s", oid) != "signed\n"


@pytest.mark.parametrize("name", ["lint", "lint.py", "my lint=1", "Ünï"])
def test_no_hook_that_stands_in_the_configuration_runs(
    repository: Repository, tmp_path: Path, git: Git, name: str
) -> None:
    git("config", f"hook.{name}.command", f"touch {tmp_path}/ran")
    for event in ("reference-transaction", "post-index-change"):  # of interest to git 2.54
        git("config", "--add", f"hook.{name}.event", event)
    (tmp_path / "ran").unlink(missing_ok=True)

    repository.git("update-ref", "refs/heads/new", "HEAD")
    repository.git("-c", "core.quotePath=false", "add", "train.py")
    repository.git("write-tree")

    assert not (tmp_path / "ran").exists()
    asked = repository.line("-c", "alias.ask=config --bool", "ask", f"hook.{name}.enabled")
    assert asked == "false"


def test_settings_that_git_cannot_read_are_told(repository: Repository) -> None:
    with (repository.git_dir / "config").open("a") as config:
        config.write("[not closed\n")

    with pytest.raises(GitexpError, match=r"^git cannot read its settings: .*bad config") as caught:
        _ = repository.config
    assert caught.value.hint == "`git config --list --show-origin` names the file."


def test_the_configuration_has_the_last_value_and_names_in_lower_case(
    repository: Repository, git: Git
) -> None:
    git("config", "--add", "Some.Key.Name", "first")
    git("config", "--add", "some.Key.name", "last\nline")
    with (repository.git_dir / "config").open("a") as config:
        config.write("[commit]\n\tgpgSign\n")

    assert repository.config["some.Key.name"] == "last\nline"
    assert repository.config["commit.gpgsign"] == "true"
    assert repository.config["user.name"] == "Ada"


@pytest.mark.parametrize(
    ("place", "says", "hint"),
    [
        ("plain", "is not in a git repository", "`git init`"),
        ("bare.git", "is a bare repository", "`git clone`"),
        ("work/.git", "inside a git directory", None),
        ("missing", "no directory", None),
    ],
)
@pytest.mark.usefixtures("work_tree")
def test_where_there_is_no_repository_the_error_says_what_to_do(
    tmp_path: Path, git: Git, place: str, says: str, hint: str | None
) -> None:
    (tmp_path / "plain").mkdir()
    git("init", "--quiet", "--bare", tmp_path / "bare.git")

    with pytest.raises(GitexpError, match=says) as got:
        Repository.open(tmp_path / place)

    assert hint is None or hint in (got.value.hint or "")


def test_without_git_the_error_says_so(work_tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(GitexpError, match="git is not installed"):
        Repository.open(work_tree)


def test_a_folder_that_is_removed_meanwhile_is_said_to_be_gone(
    work_tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, wrapper = work_tree / "short-lived", tmp_path / "git"
    place.mkdir()
    wrapper.write_text(f"#!/bin/sh\n'{shutil.which('git')}' \"$@\"\nrmdir '{place}'\n")
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(place)

    for _ in ("removed while git is at work", "removed before"):
        with pytest.raises(GitexpError, match="current directory is gone"):
            find_place(Path())


def test_a_broken_repository_is_told_in_gits_words(work_tree: Path) -> None:
    (work_tree / ".git" / "config").write_text("[core]\n\trepositoryformatversion = 99\n")

    with pytest.raises(NoRepository, match="99"):
        Repository.open(work_tree)


def test_what_was_asked_ahead_is_found_once(work_tree: Path) -> None:
    ask_ahead(work_tree)

    ahead, again = find_place(work_tree), find_place(work_tree)

    assert ahead.top == again.top == work_tree.resolve()
    assert (ahead.git_dir, ahead.common_dir) == (again.git_dir, again.common_dir)
    assert ahead.object_format == again.object_format


def test_a_repository_that_was_made_meanwhile_is_found(tmp_path: Path, git: Git) -> None:
    place = tmp_path / "late"
    place.mkdir()
    ask_ahead(place)
    ask_ahead(tmp_path / "missing")
    git("init", "--quiet", cwd=place)

    assert find_place(place).git_dir == place.resolve() / ".git"
    with pytest.raises(GitexpError, match="no directory"):
        find_place(tmp_path / "missing")


def test_a_configuration_that_was_asked_for_ahead_is_read_once(work_tree: Path, git: Git) -> None:
    ask_ahead(work_tree, config=True)
    repository = Repository.open(work_tree)
    git("config", "gitexp-test.late", "yes", cwd=work_tree)
    first = repository.config

    repository.forget_config()

    assert first["core.bare"] == repository.config["core.bare"] == "false"
    assert repository.config["gitexp-test.late"] == "yes"


def test_a_bare_repository_that_cannot_be_made_is_said_in_the_words_of_git(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()

    with pytest.raises(GitCommandFailed, match="taken"):
        make_bare(tmp_path / "taken", "sha1")
