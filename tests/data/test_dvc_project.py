"""DVC projects: their root, cache and state, judged by DVC itself."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gitexp.data.dvc_project import (
    find_root,
    initialise,
    open_project,
    share_cache,
    state_folder,
)
from gitexp.errors import GitexpError

from tests.data.workshop import Dvc
from tests.workshop import git

ASK_DVC = "from dvc.repo import Repo; r = Repo(); print(r.cache.local.path, r.site_cache_dir)"


def ask_dvc(root: Path) -> list[str]:
    answer = subprocess.run(
        [sys.executable, "-c", ASK_DVC], cwd=root, capture_output=True, text=True, check=True
    )
    return answer.stdout.split()


def test_a_project_begins_as_dvc_init_leaves_it(tmp_path: Path, plain: Path, dvc: Dvc) -> None:
    theirs = tmp_path / "theirs"
    git("init", "--quiet", theirs)

    initialise(plain)
    dvc(theirs, ["init", "--quiet"], ["config", "core.analytics", "false"])

    names = [".dvc/.gitignore", ".dvc/config", ".dvcignore", ".dvc/tmp/btime"]
    assert [(plain / name).read_bytes() for name in names] == [
        (theirs / name).read_bytes() for name in names
    ]
    assert git("ls-files", cwd=plain) == ""


def test_initialising_twice_changes_nothing(plain: Path) -> None:
    first = initialise(plain)
    (plain / ".dvc" / "config").write_text("[core]\n    autostage = true\n")

    second = initialise(plain)

    assert [str(path.relative_to(plain)) for path in first] == [
        ".dvc/.gitignore",
        ".dvc/config",
        ".dvcignore",
    ]
    assert second == ()
    assert "autostage" in (plain / ".dvc" / "config").read_text()


def test_a_file_in_the_way_of_the_project_is_an_error(plain: Path) -> None:
    (plain / ".dvc").touch()

    with pytest.raises(GitexpError, match="cannot set up DVC"):
        initialise(plain)


def test_dvc_works_in_a_sub_folder_that_we_set_up(plain: Path, dvc: Dvc) -> None:
    sub = plain / "sub"
    sub.mkdir()
    initialise(sub)
    (sub / "data").write_text("data")

    _, status = dvc(sub, ["add", "--quiet", "data"], ["status"])

    assert status.strip() == "Data and pipelines are up to date."
    assert (sub / "data.dvc").exists()


def test_the_nearest_root_is_found_up_to_the_top(tmp_path: Path) -> None:
    top = tmp_path / "top"
    deep = top / "sub" / "deep"
    deep.mkdir(parents=True)
    (tmp_path / ".dvc").mkdir()

    assert find_root(deep, top) is None
    (top / ".dvc").mkdir()
    assert find_root(deep, top) == top
    (top / "sub" / ".dvc").mkdir()
    assert find_root(deep, top) == top / "sub"


def test_cache_and_state_are_where_dvc_has_them(project: Path) -> None:
    found = open_project(project)

    assert [str(found.cache), str(state_folder(found))] == ask_dvc(project)


def test_a_linked_work_tree_keeps_its_database_when_it_is_cleared(
    plain: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    git("commit", "--quiet", "--allow-empty", "-m", "a step", cwd=plain)
    git("worktree", "add", "--quiet", "--detach", copy, cwd=plain)
    initialise(copy)
    first = state_folder(open_project(copy))

    shutil.rmtree(copy / ".dvc" / "tmp")

    assert first is not None
    assert state_folder(open_project(copy)) == first
    assert ask_dvc(copy)[1] == str(first)


def test_a_configured_cache_is_respected_without_touching_the_streams(
    project: Path, tmp_path: Path
) -> None:
    (project / ".dvc" / "config").write_text("[cache]\n    dir = ../../big\n    shared = group\n")
    (project / ".dvc" / "config.local").write_text("[Cache]\n    type = 'symlink,copy'\n")
    (tmp_path / "big" / "files" / "md5").mkdir(parents=True)
    streams = sys.stdout, sys.stderr

    found = open_project(project)

    assert [str(found.cache), str(state_folder(found))] == ask_dvc(project)
    assert found.cache == tmp_path / "big" / "files" / "md5"
    assert found.link_types == ("symlink", "copy")
    assert found.shared
    assert (sys.stdout, sys.stderr) == streams


def test_the_users_configuration_counts(project: Path, tmp_path: Path) -> None:
    config = tmp_path / "home" / ".config" / "dvc" / "config"
    config.parent.mkdir(parents=True)
    config.write_text(f"[cache]\n    dir = {tmp_path}/mine\n[core]\n    analytics = false\n")

    assert open_project(project).cache == tmp_path / "mine" / "files" / "md5"


def test_a_configuration_that_dvc_refuses_is_an_error(project: Path) -> None:
    (project / ".dvc" / "config").write_text("[cache]\n    type = magic\n")

    with pytest.raises(GitexpError, match="DVC cannot read its configuration"):
        open_project(project)


def test_no_configuration_of_a_cache_means_that_dvc_is_not_imported(project: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from gitexp.data.dvc_project import open_project;"
        f"open_project(Path({str(project)!r})); print('dvc' in sys.modules)"
    )

    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)

    assert answer.stdout == b"False\n"


def test_without_a_place_for_the_state_there_is_none(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("DVC_SITE_CACHE_DIR", str(tmp_path / "file"))

    assert state_folder(open_project(project)) is None


def test_a_copy_shares_the_cache_whatever_letters_the_path_has(tmp_path: Path) -> None:
    root, copy = tmp_path / "große Daten", tmp_path / "copy"
    for place in (root, copy):
        place.mkdir()
        initialise(place)
    (root / ".dvc" / "config.local").write_text("[core]\n    remote = größer\n", encoding="utf-8")

    share_cache(open_project(root), copy)

    shared = (copy / ".dvc" / "config.local").read_text(encoding="utf-8")
    assert f"dir = {root}/.dvc/cache" in shared
    assert "remote = größer" in shared
    assert open_project(copy).cache == open_project(root).cache
