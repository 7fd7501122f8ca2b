"""Where the benchmarks work: a sealed environment, the programs, and repositories made for them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Rounds

_SEALED = ("GIT_", "GITEXP_", "DVC_", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")


class ProgramFailed(Exception):
    """A program that was to be timed exited non-zero: its time means nothing."""


class PeerMissing(Exception):
    """The peer of a row is not installed."""


@dataclass(frozen=True)
class Workshop:
    """A temporary directory, the rounds to take, and the programs that are compared."""

    folder: Path
    rounds: Rounds
    gitexp: str
    dvc: str | None
    datalad: str | None
    mlflow: str | None
    hydra: str
    """A Python, which may have Hydra's launcher for joblib."""
    before: str | None = None
    """An earlier build of gitexp."""
    loggers: str | None = None
    """A Python that has trackers which log."""

    @classmethod
    def open(
        cls,
        folder: Path,
        rounds: Rounds,
        *,
        datalad: str | None = None,
        mlflow: str | None = None,
        hydra: str | None = None,
        before: str | None = None,
        loggers: str | None = None,
    ) -> Workshop:
        """Find the programs."""
        gitexp = find_program("gitexp")
        if gitexp is None:
            raise PeerMissing("gitexp is not installed")
        peers = (datalad or find_program("datalad"), mlflow or find_program("mlflow"))
        own = (gitexp, find_program("dvc"))
        return cls(folder, rounds, *own, *peers, hydra or sys.executable, before, loggers)

    def peer(self, name: str) -> str:
        """Return the path of a peer, or raise PeerMissing."""
        known = {"dvc": self.dvc, "datalad": self.datalad, "mlflow": self.mlflow}
        others = {"hydra": self.hydra, "before": self.before, "loggers": self.loggers}
        found = {**known, **others}[name]
        if found is None:
            missing = {
                "before": "`--before` names no earlier build",
                "loggers": "`--loggers` names no Python",
            }.get(name)
            raise PeerMissing(missing or f"{name} is not installed")
        return found

    def repository(self, name: str, files: Mapping[str, str]) -> Path:
        """Make a git repository with one commit that holds the files."""
        place = self.folder / name
        place.mkdir()
        run("git", "init", "--quiet", cwd=place)
        for path, text in files.items():
            (place / path).write_text(text)
        commit_all(place)
        return place


def find_program(name: str) -> str | None:
    """Return a program of this Python's own environment, else one on the PATH."""
    own = Path(sys.executable).with_name(name)
    return str(own) if own.exists() else shutil.which(name)


def seal(home: Path) -> None:
    """Cut this process and its children off from settings, caches and hooks of the user.

    Python may cache what it compiles: pip did so for the peers when it installed them, and
    gitexp's own modules would else be compiled at every start.
    """
    for name in [name for name in os.environ if name.startswith(_SEALED)]:
        del os.environ[name]
    home.mkdir()
    (home / ".gitconfig").write_text(
        "[user]\n\tname = Ada\n\temail = ada@example.com\n[init]\n\tdefaultBranch = main\n"
    )
    os.environ.update(
        HOME=str(home),
        XDG_CONFIG_HOME=str(home / ".config"),
        XDG_CACHE_HOME=str(home / ".cache"),
        GIT_CONFIG_NOSYSTEM="1",
        GIT_TERMINAL_PROMPT="0",
        DVC_NO_ANALYTICS="1",
        DVC_SITE_CACHE_DIR=str(home / "dvc-site"),
    )


def run(*argv: str, cwd: Path, stdin: bytes = b"", path: Path | None = None) -> bytes:
    """Run a program and return its stdout; raise ProgramFailed if it exits non-zero.

    `path` is a folder in which it finds its own programs first.
    """
    env = {**os.environ, "PATH": f"{path}{os.pathsep}{os.environ['PATH']}"} if path else None
    ended = subprocess.run(argv, cwd=cwd, input=stdin, env=env, capture_output=True, check=False)
    if ended.returncode != 0:
        said = ended.stderr.decode(errors="replace").strip()
        raise ProgramFailed(f"'{' '.join(argv)}' exited with {ended.returncode}: {said[-600:]}")
    return ended.stdout


def commit_all(place: Path) -> None:
    """Commit the work tree as it is."""
    run("git", "add", "--all", cwd=place)
    run("git", "commit", "--quiet", "--allow-empty", "-m", "a step", cwd=place)


def initialise_dvc(place: Path, dvc: str) -> None:
    """Set DVC up and commit it; it does not ask for updates, which would count against it."""
    run(dvc, "init", "--quiet", cwd=place)
    run(dvc, "config", "core.check_update", "false", cwd=place)
    commit_all(place)
