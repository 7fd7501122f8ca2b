"""`gitexp demo`: the tour, made of commands that a person would type."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from gitexp.errors import GitexpError
from gitexp.git.commits import check_identity
from gitexp.git.place import clean_environment
from gitexp.git.repository import Repository

_PLAIN = re.compile(r"[\w@%+=:,./-][\w@%+=:,./~-]*")
"""A word that a person would not quote; unlike `shlex`, with a `~` that is not at its start."""

NEEDED = ("sklearn", "joblib", "numpy", "yaml")

START = (
    ("git", "commit", "--quiet", "--allow-empty", "-m", "start"),
    ("gitexp", "init", "--template", "sklearn"),
    ("python", "prepare_data.py"),
    ("gitexp", "track", "data/breast_cancer.csv"),
    ("git", "add", "--all"),
    ("git", "commit", "--quiet", "-m", "a random forest"),
)

RUNS = (
    ("gitexp", "run", "-m", "first try"),
    ("gitexp", "run", "-S", "forest.trees=100", "-m", "more trees"),
    ("gitexp", "run", "-S", "forest.trees=150", "-m", "even more"),
)

COMPARISON = (
    ("gitexp", "ls"),
    ("gitexp", "diff", "experiments~1", "experiments"),
    ("gitexp", "show", "latest"),
)

FURTHER = """\
Each run is a commit on the branch 'experiments'; your own branch is as you left it.
Try next:
{ready}  cd {directory}
  git log --oneline experiments
  git diff experiments~1 experiments -- params.yaml metrics.json
  gitexp run -S forest.max_depth=8 -m "do deeper trees help?"{python}
  gitexp ls
"""


@click.command()
@click.argument(
    "directory", default="gitexp-demo", type=click.Path(path_type=Path), metavar="[DIR]"
)
def demo(directory: Path) -> None:
    """Make a small project in DIR (gitexp-demo) and show what gitexp does with it.

    Every command is printed before it runs. Nothing outside DIR is touched: to start
    again, delete it.
    """
    directory = click.get_current_context().find_root().params["directory"] / directory
    _check_libraries()
    _check_empty(directory)
    tour = _Tour(directory)
    tour.run("git", "init", "--quiet", "-b", "main", str(directory), inside=False)
    tour.enter()
    runs = [(*command, *_explicit_python()) for command in RUNS]
    for command in (*START, *runs, *COMPARISON):
        tour.run(*command)
    python = f" {shlex.join(_explicit_python())}" if _explicit_python() else ""
    place = shlex.quote(str(directory))
    further = FURTHER.format(directory=place, ready=_ready(), python=python)
    click.echo(f"\n{further}", nl=False)


def _check_libraries() -> None:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise GitexpError(
            f"the demo trains with scikit-learn, and '{missing[0]}' is not installed",
            hint="Install it with `pip install 'scikit-learn>=1.4'`.",
        )


def _check_empty(directory: Path) -> None:
    if os.path.lexists(directory) and not directory.is_dir():
        raise GitexpError(f"'{directory}' is not a folder", hint="Name another: `gitexp demo DIR`.")
    if directory.is_dir() and any(directory.iterdir()):
        raise GitexpError(
            f"'{directory}' is not empty",
            hint="Delete it to start again, or name another folder: `gitexp demo DIR`.",
        )


class _Tour:
    """Commands, echoed and then run in one folder."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._env = _environment()

    def enter(self) -> None:
        """Go into the new repository, and give it an author if git knows of none."""
        _echo(("cd", str(self._directory)))
        with Repository.open(self._directory) as repository:
            try:
                check_identity(repository)
            except GitexpError:
                click.echo("\n# git does not know your name yet: a name for this repository alone")
                self.run("git", "config", "user.name", "gitexp demo")
                self.run("git", "config", "user.email", "demo@example.com")

    def run(self, *command: str, inside: bool = True) -> None:
        """Echo a command and run it; raise GitexpError if it fails."""
        _echo(command)
        ended = subprocess.run(
            _started(command),
            cwd=self._directory if inside else None,
            env=self._env,
            check=False,
        )
        if ended.returncode != 0:
            raise GitexpError(
                f"'{shlex.join(command)}' exited with {ended.returncode}",
                hint=f"What was made so far is in '{self._directory}'.",
            )


def _echo(command: Sequence[str]) -> None:
    words = [word if _PLAIN.fullmatch(word) else shlex.quote(word) for word in command]
    click.secho(f"\n$ {' '.join(words)}", bold=True)
    sys.stdout.flush()


def _started(command: Sequence[str]) -> list[str]:
    """Return how this very Python runs a command, wherever it is installed."""
    name, *args = command
    known = {"python": [sys.executable], "gitexp": [sys.executable, "-m", "gitexp"]}
    return [*known.get(name, [name]), *args]


def _explicit_python() -> tuple[str, ...]:
    """Return the command to run if this Python goes by another name than `python`."""
    own = Path(sys.executable)
    return () if own.with_name("python").exists() else ("--", own.name, "train.py")


def _ready() -> str:
    """Return what has to be typed before `gitexp` and `python` are those of this demo."""
    own = Path(sys.executable).parent
    names = ("gitexp", Path(sys.executable).name)
    if all(shutil.which(name) == str(own / name) for name in names):
        return ""
    if (own / "activate").is_file():
        return f"  . {shlex.quote(str(own / 'activate'))}\n"
    return f"  export PATH={shlex.quote(str(own))}:$PATH\n"


def _environment() -> Mapping[str, str]:
    """Return an environment in which `python` is this one, in no repository, run or pager."""
    env = clean_environment(os.environ)
    own = str(Path(sys.executable).parent)
    env = {name: value for name, value in env.items() if not name.startswith("GITEXP_RUN_")}
    path = os.pathsep.join([own, env.get("PATH", os.defpath)])
    return {**env, "PATH": path, "GITEXP_PAGER": ""}
