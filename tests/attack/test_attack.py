"""What a stranger's repository can make gitexp do: docs/explanation/security.md, line by line.

`python -m tests.attack.trace` does the same with programs, and says what was started.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from gitexp.cli.completion import complete_rev
from gitexp.cli.main import cli
from gitexp.cli.sections import COMMANDS, HIDDEN
from gitexp.data.dvc_project import open_project, state_folder
from gitexp.data.dvc_repo import open_repo
from gitexp.errors import GitexpError
from gitexp.git.repository import Repository
from gitexp.model.paths import TopPath
from gitexp.project import Project

from tests.attack import hostile
from tests.attack.calls import CALLS, NOT_CALLED, SLOW
from tests.workshop import DVC, Git, Gitexp, NewRepository, write

RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What a terminal acts upon, or what turns letters around."""
_NO_PRINT = {("ls", "--csv")}
"""What is for programs if it does not go to a terminal."""


def test_every_command_is_called_in_the_hostile_clone() -> None:
    assert {call[0] for call in CALLS} == {*COMMANDS, *HIDDEN} - NOT_CALLED


def test_a_hostile_clone_makes_nothing_happen(
    gitexp: Gitexp, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = hostile.build(tmp_path)
    work = tmp_path / "work"
    git("clone", "--quiet", places.hub, work)
    monkeypatch.chdir(work)
    monkeypatch.delenv("DVC_SITE_CACHE_DIR")
    before = _state(places.outside)

    with Path(os.devnull).open() as nobody:
        monkeypatch.setattr("sys.stdin", nobody)
        odd = [
            (call, what)
            for call in CALLS
            if call not in SLOW
            for what in _odd(call, *gitexp(*call), places=places)
        ]

    assert odd == []
    assert _state(places.outside) == before
    listed = git("cat-file", "--batch-all-objects", "--batch", "--unordered")
    assert hostile.SECRET not in listed
    assert not [
        one for one in (places.canary, work / "canary", tmp_path / "canary") if one.exists()
    ]


def test_no_module_of_a_clone_is_imported(git: Git, gitexp: Gitexp, tmp_path: Path) -> None:
    places = hostile.build(tmp_path)
    work = tmp_path / "work"
    git("clone", "--quiet", places.hub, work)
    assert gitexp("hooks", "install", cwd=work).code == 0

    ended = subprocess.run(["gitexp", "ls"], cwd=work, capture_output=True, check=False)
    git("commit", "--quiet", "--allow-empty", "-m", "work", cwd=work)
    git("log", "-p", "-1", "main~1", cwd=work)

    assert ended.returncode == 0
    assert not places.canary.exists()


def _odd(
    call: tuple[str, ...], code: int, out: str, err: str, *, places: hostile.Places
) -> Iterator[str]:
    """Yield what is wrong with how a call ended."""
    if code not in (0, 1, 2, 125) or "Traceback" in err:
        yield f"a bug: {err[-300:]}"
    if hostile.SECRET in out + err:
        yield "a secret"
    raw = RAW.search(err if call in _NO_PRINT else out + err)
    if raw is not None:
        yield f"printed raw: {raw[0]!r}"
    if places.canary.exists():
        yield "a canary"


def _state(folder: Path) -> dict[str, bytes]:
    return {str(one): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


@pytest.mark.parametrize("link", [".dvc", ".dvc/tmp", ".dvc/cache", ".dvc/cache/files/md5"])
def test_a_link_among_dvcs_own_files_is_refused(
    new_repository: NewRepository, git: Git, tmp_path: Path, link: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    top = new_repository("work", {} if link == ".dvc" else DVC)
    (top / link).parent.mkdir(parents=True, exist_ok=True)
    (top / link).symlink_to(outside)
    git("add", "--force", link, cwd=top)

    with pytest.raises(GitexpError, match=f"'{link}' is a link that a commit may have brought"):
        Project.open(top)

    git("rm", "--quiet", "--cached", link, cwd=top)
    (top / ".git/info/exclude").write_text(f"{link}\n")
    with Project.open(top) as project:
        assert project.root == top  # a person made it for this clone


def test_a_cache_outside_that_only_a_commit_names_is_not_made(
    new_repository: NewRepository, tmp_path: Path
) -> None:
    place = tmp_path / "elsewhere"
    top = new_repository("work", DVC)
    (top / ".dvc/config").write_text(f"[cache]\n    dir = {place}\n")

    with pytest.raises(GitexpError, match="is outside of the repository and is not a cache"):
        open_project(top, fetches=True)
    assert not place.exists()

    (top / ".dvc/config.local").write_text(f"[cache]\n    dir = {place}\n")
    assert open_project(top, fetches=True).cache == place / "files/md5"
    (top / ".dvc/config.local").unlink()
    (place / "00").mkdir(parents=True)
    assert open_project(top, fetches=True).cache == place / "files/md5"


def test_a_commit_does_not_say_where_dvc_keeps_its_databases(
    new_repository: NewRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DVC_SITE_CACHE_DIR")
    place = tmp_path / "elsewhere"
    top = new_repository("work", DVC)
    (top / ".dvc/config").write_text(f"[core]\n    site_cache_dir = {place}\n")

    open_repo(top).close()
    ours = state_folder(open_project(top))

    assert ours is not None
    assert not ours.is_relative_to(place)
    assert not place.exists()
    (top / ".dvc/config.local").write_text(f"[core]\n    site_cache_dir = {place}\n")
    assert open_project(top).site_cache == str(place)


@pytest.mark.parametrize(
    ("link", "words"),
    [(".github", ("--ci", "github")), (".gitlab", ("--ci", "gitlab")), (".gitattributes", ())],
)
def test_init_writes_and_reads_through_no_link(
    work_tree: Path, gitexp: Gitexp, tmp_path: Path, link: str, words: tuple[str, ...]
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    target = outside if words else outside / "file"
    (work_tree / link).symlink_to(target)
    if not words:
        target.write_text("mine\n")
    before = _state(outside)

    code, _, err = gitexp("init", "--yes", *words)

    assert (code, f"'{link}' is a link" in err) == (2, True)
    assert _state(outside) == before
    assert (work_tree / link).is_symlink()


def test_no_report_is_written_through_a_link(
    work_tree: Path, gitexp: Gitexp, tmp_path: Path
) -> None:
    (tmp_path / "mine.html").write_text("mine\n")
    (work_tree / "report.html").symlink_to(tmp_path / "mine.html")
    assert gitexp("save", "-n", "first").code == 0

    ended = gitexp("report", "first")

    assert (ended.code, "'report.html' is a link" in ended.err) == (2, True)
    assert (tmp_path / "mine.html").read_text() == "mine\n"


def test_nothing_is_written_where_a_link_of_a_commit_leads(
    work_tree: Path, gitexp: Gitexp, git: Git, tmp_path: Path
) -> None:
    """Into `.git`, it would make a hook of a run's file."""
    places = [tmp_path / "away", work_tree / ".git/hooks"]
    for link, place in zip(("out", "hooks"), places, strict=True):
        place.mkdir(exist_ok=True)
        (work_tree / link).symlink_to(place)
    write(work_tree, {"pre-commit": "#!/bin/sh\ntouch canary\n"})
    (work_tree / "pre-commit").chmod(0o755)
    assert gitexp("save", "-n", "first").code == 0
    git("add", "--all")
    before = [_state(place) for place in places]

    assert "'hooks' is a link" in gitexp("get", "first", "pre-commit", "-o", "hooks/").err
    for words in (
        ("get", "first", "pre-commit", "-o", work_tree / "out" / "new"),
        ("export", "csv", "-o", "out/runs.csv"),
        ("export", "croissant", "-o", "out/data"),
        ("export", "mlflow", "-o", "out/mlflow.db"),
        ("report", "-o", "out/report.html"),
        ("env", "first", "--create", "out/env"),
    ):
        ended = gitexp(*words)

        assert (words, ended.code) == (words, 2)
        assert "'out' is a link that a commit may have brought" in ended.err
    assert [_state(place) for place in places] == before
    (work_tree / "mine").symlink_to(tmp_path)
    (work_tree / ".git/info/exclude").write_text("mine\n")
    assert gitexp("export", "csv", "-o", "mine/runs.csv").code == 0


def test_a_bare_repository_in_a_commit_is_not_used(
    work_tree: Path, git: Git, gitexp: Gitexp, tmp_path: Path
) -> None:
    if tuple(map(int, re.findall(r"\d+", git("version"))[:2])) < (2, 38):
        pytest.skip("this git takes every bare repository")
    subprocess.run(["git", "init", "--quiet", "--bare", work_tree / "inner"], check=True)
    clean = (
        f'[core]\n\tbare = false\n\tworktree = ..\n[filter "x"]\n\tclean = touch {tmp_path}/ran\n'
    )
    (work_tree / "inner/config").write_text(clean)
    write(work_tree, {".gitattributes": "* filter=x\n"})

    ended = gitexp("save", cwd=work_tree / "inner")

    assert ended.code == 2
    assert "is a bare repository" in ended.err
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("path", ["../secret.yaml", "{}/secret.yaml"])
def test_settings_name_no_values_outside_of_the_repository(
    work_tree: Path, gitexp: Gitexp, tmp_path: Path, path: str
) -> None:
    (tmp_path / "secret.yaml").write_text("token: c0ffee\n")
    named = path.format(tmp_path)
    write(work_tree, {"gitexp.yaml": f"params: ['{named}']\nmetrics: ['{named}']\n"})

    ended = gitexp("diff", "HEAD", "workspace")

    assert "c0ffee" not in ended.out + ended.err
    assert "lies outside of the repository: no values are read from it" in ended.err


def test_values_are_not_set_outside_of_the_repository(
    work_tree: Path, gitexp: Gitexp, tmp_path: Path
) -> None:
    (tmp_path / "own.yaml").write_text("rate: 1\n")
    write(work_tree, {"gitexp.yaml": "params: [../own.yaml]\n"})

    ended = gitexp("run", "-S", "../own.yaml:rate=2", "--", "true")

    assert ended.code == 125
    assert (tmp_path / "own.yaml").read_text() == "rate: 1\n"


def test_a_name_that_no_run_can_have_is_passed_over(tmp_path: Path, git: Git) -> None:
    places = hostile.build(tmp_path)
    git("clone", "--quiet", places.hub, tmp_path / "work")
    git("branch", "--quiet", "experiments", "origin/experiments", cwd=tmp_path / "work")

    with Repository.open(tmp_path / "work") as repository:
        runs = [*Project(repository, TopPath(""), TopPath("")).runs.newest()]

    assert {run.id: run.name for run in runs if run.id in FORGED} == {one: one for one in FORGED}
    assert len({run.id for run in runs}) == len(runs)
    assert not [run for run in runs if run.id == "0000000007"]  # its record is another's


FORGED = {"0000000003", "0000000004", "0000000005"}
"""Runs whose names a terminal, an option and a shell would act upon."""


def test_a_question_of_an_assistant_that_never_ends_is_given_up(
    work_tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anyio = pytest.importorskip("anyio")
    from gitexp.assistants import calls  # noqa: PLC0415 - where its extra is
    from gitexp.assistants.tools import TOOLS  # noqa: PLC0415 - likewise

    monkeypatch.setattr(calls, "_LONGEST", 0.4)
    [tool] = [one for one in TOOLS if one.name == "sql"]
    endless = (
        "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n"
    )

    with pytest.raises(GitexpError, match=r"'sql' took longer than 0\.4 s"):
        anyio.run(calls.call, tool, {"statement": endless}, work_tree)


def test_no_shell_is_offered_a_word_that_it_acts_upon(
    work_tree: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    for tag in ("$(id)", "--output=x", "a;b", "a|b", "`id`", "v1.0", "naïve/tag"):
        git("update-ref", f"refs/tags/{tag}", "HEAD")
    monkeypatch.chdir(work_tree)

    with click.Context(cli, obj=None) as context:
        context.params = {"directory": Path()}
        offered = complete_rev(context, click.Argument(["rev"]), "")

    found = {one.value for one in offered}
    assert {"main", "v1.0", "naïve/tag"} <= found
    assert not [one for one in found if set(one) & set("$`;|()") or one.startswith("-")]
