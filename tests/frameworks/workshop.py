"""The pages "Use it with …" as projects: their files, what is typed there, and what comes of it."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.workshop import commit_all, git, make_repository, sealed

TOP = Path(__file__).parent.parent.parent
PAGES = TOP / "docs" / "how-to"
VENVS = Path(os.environ.get("GITEXP_FRAMEWORKS", TOP / ".frameworks"))
"""Where the environments of the frameworks are, and stay: torch alone takes a minute."""
MOST_BYTES = 20_000
"""What a run may add to git."""

_PROJECT = re.compile(r"^<!-- project: ([\w-]+) -->\n", re.MULTILINE)
_FILE = re.compile(r"^`([\w./-]+)`:\n\n(`{3,})\w*\n(.*?)^\2$", re.MULTILINE | re.DOTALL)
SESSION = re.compile(r"^<!-- session -->\n```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_VARIES = re.compile(
    r"\b[0-9a-f]{8}\b|(?<!md)[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?(?: [kMG]?B\b)?|[-+]?(?:inf|nan)"
)
_MOVES = re.compile(r"\{[^}\n]* → [^}\n]*\}")
"""Folders that are called after a time, a host or an id."""
_SIZES = re.compile(r"(?: # → #| # md5 # → # changed)$")
"""Models of one size are shown by their hashes; whether they are is chance."""


class Project(NamedTuple):
    """What a page says of one project."""

    name: str
    files: dict[str, str]
    session: str


class Ended(NamedTuple):
    """What a session printed, and where it was."""

    printed: str
    top: Path


class Measured(NamedTuple):
    """A row of the table: what two runs with a changed param came to."""

    params: str
    metrics: str
    models: str
    lines: int
    size: int
    diff: str

    @property
    def is_complete(self) -> bool:
        """Return whether nothing is missing, and nothing had to be written by hand."""
        said = (self.params, self.metrics, self.models, self.diff)
        return not any(one.startswith("no") for one in said) and self.size <= MOST_BYTES


def projects_of(page: Path) -> Iterator[Project]:
    """Yield the projects of a page."""
    _, *parts = _PROJECT.split(page.read_text())
    for name, text in zip(parts[::2], parts[1::2], strict=True):
        files = {path: content for path, _, content in _FILE.findall(text)}
        [session] = SESSION.findall(text)
        yield Project(name, files, session)


def environment(name: str, packages: str) -> Path:
    """Return the folder of programs of a virtual environment; make it if it is not there."""
    folder = VENVS / name
    done = folder / "installed.txt"
    if not done.is_file() or done.read_text() != packages:
        venv.create(folder, with_pip=True)
        python = str(folder / "bin" / "python")
        installing = [python, "-m", "pip", "install", "--quiet", "--upgrade", *packages.split()]
        subprocess.run(installing, check=True)
        done.write_text(packages)
    return folder / "bin"


def follow(project: Project, folder: Path, programs: Path | None, source: Path = TOP) -> Ended:
    """Make the project below `folder` and type what its page does, with the gitexp of `source`."""
    env = _environ(folder, programs, source)
    top = make_repository(folder / project.name, project.files)
    printed = []
    for command in commands_of(project.session):
        ended = subprocess.run(
            ["bash", "-c", command], cwd=top, env=env, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, (command, ended.stdout, ended.stderr)
        said = _without_own_output(command, ended.stderr + ended.stdout)
        printed.append(f"$ {command}\n{said}")
        if command.startswith("gitexp init"):
            commit_all(top, "set gitexp up")
    return Ended("".join(printed), top)


def _environ(folder: Path, programs: Path | None, source: Path) -> dict[str, str]:
    ours = folder / "bin"
    ours.mkdir()
    start = (
        f"import sys; sys.path.insert(0, {str(source)!r}); import gitexp.cli.main as m; m.entry()"
    )
    words = shlex.join([sys.executable, "-c", start])
    (ours / "gitexp").write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    (ours / "gitexp").chmod(0o755)
    env = sealed(folder / "home")
    env.pop("PYTEST_CURRENT_TEST", None)  # Ultralytics writes elsewhere where it sees that
    path = [str(ours), *([str(programs)] if programs else []), env["PATH"]]
    return {**env, "PATH": os.pathsep.join(path), "COLUMNS": "100", "PYTHONHASHSEED": "0"}


def commands_of(session: str) -> list[str]:
    """Return what is typed."""
    joined = session.replace("\\\n>", "\\\n")
    return re.findall(r"^\$ (.+(?:(?<=\\)\n.+)*)$", joined, re.MULTILINE)


def _without_own_output(command: str, printed: str) -> str:
    """Return what gitexp printed, with dots for what the command that it ran did."""
    lines = [line for line in printed.splitlines() if line]
    if command.startswith("gitexp init"):
        kept = [line for line in lines if line.startswith(("found", "note", "        "))]
        return "".join(f"{line}\n" for line in ["…", *kept])
    if not command.startswith("gitexp"):
        return "…\n" if lines else ""
    if not command.startswith("gitexp run"):
        return printed
    name = re.findall(r"-n (\S+)", command)[0]
    ours = [line for line in lines if re.match(rf"{name}: |note: |warning: ", line)]
    return "".join(f"{line}\n" for line in (["…"] if len(ours) < len(lines) else []) + ours)


def alike(printed: str) -> list[str]:
    """Return what a session prints without what differs from one machine to the next."""
    without_moves = _MOVES.sub("{}", printed)
    found = [" ".join(_VARIES.sub("#", line).split()) for line in without_moves.splitlines()]
    return [_SIZES.sub(" #", line) for line in found]


def measured(project: Project, top: Path, changed: frozenset[str], wanted: str) -> Measured:
    """Return what the last two runs of a project came to.

    `changed` are the params that differ, `wanted` is the metric that a person looks for.
    """
    records = [_record(top, f"experiments{at}") for at in ("~1", "")]
    differing = _differing(top, records)
    params = _names(differing["params"])
    metrics = _names(differing["metrics"])
    pointers = [
        [one for one in record["pointers"] if one["role"] == "output"] for record in records
    ]
    in_git = [path for path in _added(top) if _is_binary(top, path)]
    models = str(len(pointers[1])) if all(pointers) and not in_git else f"no: {in_git or 'none'}"
    noise = _noise(differing, changed)
    return Measured(
        params=_said(changed, params),
        metrics=_said({wanted}, metrics),
        models=models,
        lines=_lines(project.files.get("gitexp.yaml", "")),
        size=_grown(top),
        diff=f"no: {', '.join(noise)}" if noise else "yes",
    )


def _record(top: Path, rev: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(git("show", f"{rev}:.gitexp/run.json", cwd=top))
    return found


def _differing(top: Path, records: list[dict[str, Any]]) -> dict[str, Any]:
    start = [
        str(top.parent / "bin" / "gitexp"),
        "diff",
        *(one["name"] for one in records),
        "--json",
    ]
    asked = subprocess.run(start, cwd=top, capture_output=True, text=True, check=False)
    assert asked.returncode == 0, asked.stderr
    found: dict[str, Any] = json.loads(asked.stdout)
    return found


def _names(files: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Return the values that both sides have and in which they differ."""
    return {
        name
        for values in files.values()
        for name, one in values.items()
        if one["old"] is not None and one["new"] is not None
    }


def _said(wanted: set[str] | frozenset[str], found: set[str]) -> str:
    missing = sorted(wanted - found)
    return f"no: {', '.join(missing)}" if missing else ", ".join(sorted(wanted))


def _noise(differing: Mapping[str, Any], changed: frozenset[str]) -> list[str]:
    """Return what a diff says besides the param that was changed and what came of it."""
    others = {name for values in differing["params"].values() for name in values} - changed
    data = [path for path, one in differing["data"].items() if None in (one["old"], one["new"])]
    files = differing["outputs"]
    lonely = [path for path, one in files.items() if one["status"] in ("added", "deleted")]
    lost = [
        name
        for values in differing["metrics"].values()
        for name, one in values.items()
        if None in (one["old"], one["new"])
    ]
    return [*sorted(others), *lost, *data, *lonely, *differing["code"], *differing["environment"]]


def _added(top: Path) -> list[str]:
    """Return the files of the last run that the commit before it did not have."""
    names = git("diff", "--name-only", "-z", "--no-renames", "HEAD", "experiments", cwd=top)
    return [one for one in names.split("\0") if one and not one.startswith(".gitexp/")]


def _is_binary(top: Path, path: str) -> bool:
    numbers = git("diff", "--numstat", "HEAD", "experiments", "--", path, cwd=top)
    return numbers.startswith("-\t-\t")


def _lines(settings: str) -> int:
    return sum(1 for line in settings.splitlines() if line and not line.startswith("#"))


def _grown(top: Path) -> int:
    """Return the bytes of the objects that the last run added, as git has compressed them."""
    listed = git("rev-list", "--objects", "experiments", "^experiments~1", cwd=top)
    oids = "".join(f"{line.split()[0]}\n" for line in listed.splitlines())
    asked = subprocess.run(
        ["git", "cat-file", "--batch-check=%(objectsize:disk)"],
        cwd=top,
        input=oids,
        capture_output=True,
        text=True,
        check=True,
    )
    return sum(map(int, asked.stdout.split()))
