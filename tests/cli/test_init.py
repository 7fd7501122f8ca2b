"""`gitexp init`: what it writes, what it leaves alone, and what it refuses."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest
import yaml
from msgspec.structs import replace

from gitexp.cli.templates import default_config, template_names
from gitexp.errors import ExitCode
from gitexp.model.policy import Policy
from gitexp.settings import parsing
from gitexp.settings.config import Config
from gitexp.settings.parsing import parse_config

from tests.workshop import Git, Gitexp, NewRepository

MADE = """\
made    gitexp.yaml
made    .dvc/
made    .dvcignore
made    .gitattributes
"""

NEXT = """\
found   command: train.py is the program that trains.

Next:
  git add gitexp.yaml .dvc .dvcignore .gitattributes
  git commit -m "set gitexp up"
  gitexp run
"""


@pytest.fixture
def project_files() -> Mapping[str, str]:
    """One file, and nothing of gitexp."""
    return {"train.py": "sum([1])\n"}


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_init_says_what_it_made_and_what_to_do_next(gitexp: Gitexp, work_tree: Path) -> None:
    outcome = gitexp("init")

    assert outcome == (ExitCode.OK, MADE, NEXT)
    found = "# Found: train.py is the program that trains.\ncommand: python train.py\n"
    assert (work_tree / "gitexp.yaml").read_text() == default_config().decode().replace(
        "#command: python train.py\n", found
    )
    assert (work_tree / ".dvc" / "config").read_text() == "[core]\n    analytics = false\n"


@pytest.mark.usefixtures("work_tree")
def test_init_stages_and_commits_nothing(gitexp: Gitexp, git: Git) -> None:
    head = git("rev-parse", "HEAD")

    gitexp("init")

    assert git("rev-parse", "HEAD") == head
    assert git("for-each-ref", "--format=%(refname)") == "refs/heads/main\n"
    assert git("status", "--porcelain") == (
        "?? .dvc/\n?? .dvcignore\n?? .gitattributes\n?? gitexp.yaml\n"
    )


def test_repeating_init_changes_nothing_and_says_what_exists(
    gitexp: Gitexp, work_tree: Path
) -> None:
    gitexp("init")
    (work_tree / "gitexp.yaml").write_text("command: ./mine\n")
    before = contents(work_tree)

    outcome = gitexp("init")

    assert outcome[:2] == (
        ExitCode.OK,
        "exists  gitexp.yaml\nexists  .dvc/\nexists  .gitattributes\n",
    )
    assert contents(work_tree) == before


def test_init_adds_to_the_attributes_that_are_there(gitexp: Gitexp, work_tree: Path) -> None:
    (work_tree / ".gitattributes").write_text("*.png binary\n")

    assert "edited  .gitattributes\n" in gitexp("init")[1]
    assert (work_tree / ".gitattributes").read_text().startswith("*.png binary\n# >>> gitexp")


def test_every_setting_is_written_down_with_its_default() -> None:
    settings = re.sub(r"^#(?! \S)", "", default_config().decode(), flags=re.MULTILINE)

    read = parse_config(settings.encode())

    assert read.command == ("python train.py",)
    assert read.evaluate == ("python evaluate.py",)
    assert read.policy.rules
    # Of these there is no default, or it matters that they are written down.
    assert read.remote_branch == read.branch
    plain = replace(
        read,
        command=(),
        evaluate=(),
        policy=Policy(),
        tracks_ignored=False,
        names_params=False,
        hydra=None,
        names_hydra=False,
        remote_branch=None,
        mirror=None,
        promotion=None,
        sweeps=None,
    )
    assert plain == Config()
    assert (read.promote, read.sweep) == (Config().promote, Config().sweep)
    for name in parsing._SETTINGS:
        assert re.search(rf"^{name}:", settings, flags=re.MULTILINE)


def test_where_nothing_is_found_the_settings_say_nothing_yet(
    gitexp: Gitexp, work_tree: Path
) -> None:
    (work_tree / "train.py").write_text("VALUE = 1\n")

    gitexp("init")

    assert parse_config((work_tree / "gitexp.yaml").read_bytes()) == Config()


def test_init_makes_a_subfolder_a_project_of_its_own(gitexp: Gitexp, work_tree: Path) -> None:
    (work_tree / "vision").mkdir()

    outcome = gitexp("-C", "vision", "init")

    assert outcome[:2] == (ExitCode.OK, MADE)
    assert (work_tree / "vision" / "gitexp.yaml").is_file()
    assert (work_tree / "vision" / ".dvc" / "config").is_file()
    assert not (work_tree / ".dvc").exists()


def test_init_in_a_subfolder_uses_the_dvc_above(gitexp: Gitexp, work_tree: Path) -> None:
    (work_tree / "vision").mkdir()
    gitexp("init")

    outcome = gitexp("-C", "vision", "init")

    assert outcome[:2] == (
        ExitCode.OK,
        "made    gitexp.yaml\nexists  ../.dvc/\nmade    .gitattributes\n",
    )
    assert not (work_tree / "vision" / ".dvc").exists()


def test_init_copies_a_starter_project_and_says_how_it_goes_on(
    gitexp: Gitexp, work_tree: Path
) -> None:
    (work_tree / "train.py").unlink()

    code, out, err = gitexp("init", "--template", "sklearn")

    assert code == ExitCode.OK
    assert "made    train.py\n" in out
    assert "made    .gitignore\n" in out
    assert "\n  gitexp track data/breast_cancer.csv " in err
    assert parse_config((work_tree / "gitexp.yaml").read_bytes()).command == ("python train.py",)


def test_a_starter_project_may_follow_on_a_plain_init(gitexp: Gitexp, work_tree: Path) -> None:
    (work_tree / "train.py").unlink()
    gitexp("init")

    assert gitexp("init", "--template", "sklearn")[0] == ExitCode.OK
    before = contents(work_tree)
    code, out, _ = gitexp("init", "--template", "sklearn")

    assert code == ExitCode.OK
    assert "made" not in out
    assert contents(work_tree) == before


def test_a_starter_project_overwrites_nothing(gitexp: Gitexp, work_tree: Path) -> None:
    (work_tree / "gitexp.yaml").write_text("command: ./mine\n")
    before = contents(work_tree)

    outcome = gitexp("init", "--template", "sklearn")

    assert outcome == (
        ExitCode.ERROR,
        "",
        dedent("""\
            error: the template would overwrite 'gitexp.yaml', 'train.py'
            hint: Move what is there out of the way, or start in a folder without it.
        """),
    )
    assert contents(work_tree) == before


def test_an_unknown_template_is_answered_with_the_known_ones(
    gitexp: Gitexp, work_tree: Path
) -> None:
    assert gitexp("init", "--template", "sklern") == (
        ExitCode.ERROR,
        "",
        "error: no template 'sklern'\nhint: Did you mean 'sklearn'? There is 'sklearn'.\n",
    )
    assert list(contents(work_tree)) == ["train.py"]


@pytest.mark.parametrize("name", template_names())
def test_a_starter_project_has_valid_settings_and_steps(
    gitexp: Gitexp, new_repository: NewRepository, git: Git, name: str
) -> None:
    top = new_repository("empty")
    git("commit", "--allow-empty", "-m", "start", cwd=top)

    code, _, err = gitexp("-C", top, "init", "--template", name)

    assert code == ExitCode.OK
    assert parse_config((top / "gitexp.yaml").read_bytes()).policy.rules
    assert "  gitexp run" in err


def test_init_works_before_the_first_commit(
    gitexp: Gitexp, new_repository: NewRepository, git: Git
) -> None:
    top = new_repository("unborn")

    code, _, err = gitexp("-C", top, "init")

    assert code == ExitCode.OK
    steps = err.partition("Next:\n")[2].splitlines()
    assert [step.split()[1] for step in steps] == ["add", "commit", "run"]
    for step in steps[:2]:
        git(*shlex.split(step)[1:], cwd=top)
    assert gitexp("-C", top, "run", "--", "true")[0] == ExitCode.OK


def test_where_there_is_a_pipeline_the_next_step_runs_it(gitexp: Gitexp, work_tree: Path) -> None:
    (work_tree / "dvc.yaml").write_text("stages: {}\n")

    assert gitexp("init")[2].endswith("  gitexp run\n")


def test_init_outside_a_repository_names_git_init(gitexp: Gitexp, tmp_path: Path) -> None:
    outcome = gitexp("-C", tmp_path, "init")

    assert outcome == (
        ExitCode.ERROR,
        "",
        f"error: '{tmp_path}' is not in a git repository\nhint: Make one with `git init`.\n",
    )


def test_init_in_a_bare_repository_is_refused(gitexp: Gitexp, git: Git, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    git("init", "--quiet", "--bare", bare)

    code, out, err = gitexp("-C", bare, "init")

    assert (code, out) == (ExitCode.ERROR, "")
    assert err.startswith(f"error: '{bare}' is a bare repository, with no work tree to run in\n")


def test_a_folder_that_cannot_be_written_is_an_error(gitexp: Gitexp, work_tree: Path) -> None:
    (work_tree / "vision").mkdir()
    (work_tree / "vision" / ".dvc").touch()

    code, _, err = gitexp("-C", "vision", "init")

    assert code == ExitCode.ERROR
    assert "cannot set up DVC" in err


CI_MADE = f"""{MADE}made    .github/workflows/gitexp.yml
"""


def test_init_installs_what_ci_runs_and_overwrites_nothing(work_tree: Path, gitexp: Gitexp) -> None:
    assert gitexp("init", "--ci", "github")[:2] == (ExitCode.OK, CI_MADE)
    installed = work_tree / ".github/workflows/gitexp.yml"
    assert "run: gitexp review --post github\n" in installed.read_text()
    assert 'working-directory: "."\n' in installed.read_text()
    installed.write_text("mine\n")

    again = gitexp("init", "--ci", "github")[1]
    assert again.endswith("exists  .github/workflows/gitexp.yml\n")
    assert installed.read_text() == "mine\n"


def test_init_beside_a_gitlab_ci_file_says_what_to_add(work_tree: Path, gitexp: Gitexp) -> None:
    (work_tree / ".gitlab-ci.yml").write_text("include: []\n")

    code, out, err = gitexp("init", "--ci", "gitlab")

    assert (code, out) == (ExitCode.OK, f"{MADE}made    .gitlab/gitexp.yml\n")
    assert "  add '- local: /.gitlab/gitexp.yml' under 'include:' in .gitlab-ci.yml\n" in err
    assert " .gitlab/gitexp.yml .gitlab-ci.yml\n" in err
    assert (work_tree / ".gitlab-ci.yml").read_text() == "include: []\n"


def test_each_project_of_a_repository_has_ci_of_its_own(work_tree: Path, gitexp: Gitexp) -> None:
    folder = work_tree / "models" / "it's a"
    folder.mkdir(parents=True)
    (folder / "gitexp.yaml").write_text("branch: trials\n")

    assert gitexp("-C", folder, "init", "--ci", "gitlab")[0] == ExitCode.OK
    assert gitexp("-C", folder, "init", "--ci", "github")[0] == ExitCode.OK

    made = yaml.safe_load((work_tree / ".gitlab/gitexp-models-it-s-a.yml").read_text())
    workflow = yaml.safe_load(
        (work_tree / ".github/workflows/gitexp-models-it-s-a.yml").read_text()
    )
    main = yaml.safe_load((work_tree / ".gitlab-ci.yml").read_text())
    job = made["gitexp-models-it-s-a"]
    assert shlex.split(job["script"][0]) == ["cd", "models/it's a"]
    review = workflow["jobs"]["review"]
    assert review["defaults"]["run"]["working-directory"] == "models/it's a"
    assert (workflow["name"], review["name"]) == ("gitexp-models-it-s-a", "review (models/it's a)")
    assert workflow["concurrency"]["group"] == "gitexp-models-it-s-a-${{ github.ref }}"
    assert main == {"include": [{"local": "/.gitlab/gitexp-models-it-s-a.yml"}]}
    events = workflow[True]  # YAML's word for `on`
    assert list(events) == ["pull_request", "merge_group", "push"]
    assert events["push"] == {"branches-ignore": ["trials", "gh-readonly-queue/**"]}
    ignored = '$CI_COMMIT_BRANCH == "trials" || $CI_OPEN_MERGE_REQUESTS'
    assert job["rules"][1] == {"if": ignored, "when": "never"}


@pytest.mark.parametrize(
    ("host", "place"), [("github", ".github/workflows"), ("gitlab", ".gitlab")]
)
def test_projects_in_folders_with_names_alike_have_a_file_each(
    work_tree: Path, gitexp: Gitexp, host: str, place: str
) -> None:
    for folder in ("a-b", "a/b"):
        (work_tree / folder).mkdir(parents=True)
        assert gitexp("-C", folder, "init", "--ci", host)[0] == ExitCode.OK
        repeated = gitexp("-C", folder, "init", "--ci", host)[1]
        assert f"made    {os.path.relpath(place, folder)}" not in repeated

    texts = [path.read_text() for path in (work_tree / place).iterdir()]
    assert sorted("a/b" in text for text in texts) == [False, True]


CI_NEXT = """
Next:
  set GITEXP in .github/workflows/gitexp.yml to where CI gets gitexp from
  git add .github/workflows/gitexp.yml
  git commit -m "have CI review metrics"
"""


def test_in_a_project_with_runs_what_is_next_is_to_commit_what_was_made(
    work_tree: Path, gitexp: Gitexp, git: Git
) -> None:
    gitexp("init")
    (work_tree / "gitexp.yaml").write_text("command: python train.py\n")
    assert gitexp("init")[2] == NEXT.partition("\n")[2]  # nothing of it is in git yet
    git("add", "gitexp.yaml", ".dvc", ".dvcignore", ".gitattributes")
    assert gitexp("init")[2] == "\nNext:\n  gitexp run\n"
    git("commit", "--quiet", "-m", "set up")
    gitexp("run")

    assert gitexp("init", "--ci", "github")[2] == CI_NEXT
    git("add", ".github")
    assert gitexp("init", "--ci", "github")[2] == ""
    git("rm", "--quiet", ".gitattributes")
    said = '\nNext:\n  git add .gitattributes\n  git commit -m "set gitexp up"\n'
    assert gitexp("init")[2] == said


def install_step(top: Path) -> tuple[str, str]:
    workflow = yaml.safe_load((top / ".github/workflows/gitexp.yml").read_text())
    [step] = [one for one in workflow["jobs"]["review"]["steps"] if "pip" in one.get("run", "")]
    return workflow["env"]["GITEXP"], step["run"]


def test_ci_installs_no_gitexp_that_nobody_has_named(work_tree: Path, gitexp: Gitexp) -> None:
    gitexp("init", "--ci", "github")

    source, step = install_step(work_tree)
    ended = subprocess.run(
        ["sh", "-c", step], env={"GITEXP": source}, capture_output=True, text=True, check=False
    )
    assert source == ""
    assert ended.returncode != 0
    assert "GITEXP: is empty - say above where gitexp comes from" in ended.stderr


@pytest.mark.parametrize(
    ("url", "more", "source"),
    [
        ("https://code.example/gitexp", {}, "gitexp @ git+https://code.example/gitexp@1a2b"),
        (
            "https://code.example/tools",
            {"subdirectory": "gitexp"},
            "gitexp @ git+https://code.example/tools@1a2b#subdirectory=gitexp",
        ),
        ("ssh://git@code.example/gitexp", {}, ""),
        ("file:///home/ada/gitexp", {}, ""),
    ],
    ids=["https", "below", "ssh", "file"],
)
def test_ci_installs_the_gitexp_that_came_from_git_where_it_can_get_it(
    work_tree: Path,
    gitexp: Gitexp,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    more: dict[str, str],
    source: str,
) -> None:
    info = tmp_path / "site" / "gitexp-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: gitexp\nVersion: 0.1.0\n")
    commit = {"vcs": "git", "commit_id": "1a2b"}
    (info / "direct_url.json").write_text(json.dumps({"url": url, "vcs_info": commit, **more}))
    monkeypatch.syspath_prepend(info.parent)

    err = gitexp("init", "--ci", "github")[2]

    assert install_step(work_tree)[0] == source
    assert ("GITEXP" in err) is (not source)


def test_a_dry_run_prints_what_fits_and_writes_nothing(gitexp: Gitexp, work_tree: Path) -> None:
    before = contents(work_tree)

    outcome = gitexp("init", "--dry-run")

    assert outcome == (
        ExitCode.OK,
        "# train.py is the program that trains.\ncommand: python train.py\n# Next: gitexp run\n",
        "",
    )
    assert contents(work_tree) == before


def test_a_run_without_settings_says_once_what_init_would_find(
    gitexp: Gitexp, work_tree: Path
) -> None:
    (work_tree / "train.py").write_text(
        "import os\nif 0:\n    import keras\n    keras.callbacks.CSVLogger('h.csv')\nos.getcwd()\n"
    )

    told = [gitexp("run", "--", sys.executable, "train.py").err for _ in range(2)]

    hint = "hint: `gitexp init` finds where this project has its metrics, and records them."
    assert [hint in one for one in told] == [True, False]
