"""Which Python a command runs under, guessed from its words without running them.

Everything here is a guess at what a shell and a launcher will do, so several programs
are named, the most likely first, and whoever asks takes the first that is a Python.
"""

from __future__ import annotations

import itertools
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from gitexp.model.lazy_pattern import lazy_pattern

_PYTHON = lazy_pattern(r"(?:python|pypy)[\d.]*t?")
_ASSIGNMENT = lazy_pattern(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)

_WRAPPERS = frozenset(
    "caffeinate chrt command env exec ionice mpiexec mpirun nice nohup numactl setsid srun"
    " stdbuf sudo taskset time timeout unbuffer xvfb-run".split()
)
_SHELLS = frozenset(("bash", "dash", "ksh", "sh", "zsh"))
_PROJECT_RUNNERS = frozenset(("hatch", "pdm", "pipenv", "pixi", "poetry", "rye", "uv"))
_CONDA_RUNNERS = frozenset(("conda", "mamba", "micromamba"))
_ORCHESTRATORS = frozenset(("doit", "dvc", "gitexp", "inv", "invoke", "snakemake"))
"""Console scripts that start other commands: their own Python says nothing about those."""


def is_python(path: str | Path) -> bool:
    """Return whether a program is a Python by its name.

    >>> [is_python(path) for path in ("/usr/bin/python3.13t", "pypy3", "python-config", "bash")]
    [True, True, False, False]
    """
    return _PYTHON.fullmatch(Path(path).name) is not None


def interpreters(argv: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> Iterator[Path]:
    """Yield the programs that may be the Python of a command, the most likely first.

    After what the words name comes the active environment, and last gitexp's own Python.
    """
    place = _Place(cwd, env)
    yield from _named_by(list(argv), place)
    yield from place.active()
    if sys.executable:
        yield Path(sys.executable)


def named_interpreters(argv: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> Iterator[Path]:
    """Yield only the programs that the words themselves name: nothing that another one chooses."""
    yield from _named_by(list(argv), _Place(cwd, env, guesses=False))


class _Place(Struct, frozen=True):
    """Where a command starts: what its relative paths and bare names mean."""

    cwd: Path
    env: Mapping[str, str]
    guesses: bool = True
    """Whether what is likely counts, too."""

    def at(self, folder: str) -> _Place:
        return _Place(self.cwd / folder, self.env, self.guesses)

    def having(self, **variables: str) -> _Place:
        return _Place(self.cwd, {**self.env, **variables}, self.guesses)

    def activated(self, script: str) -> _Place:
        """Return this place after `source SCRIPT`, the script being a venv's `activate`."""
        folder = (self.cwd / script).parent
        path = os.pathsep.join((str(folder), self.env.get("PATH", os.defpath)))
        return self.having(PATH=path, VIRTUAL_ENV=str(folder.parent))

    def find(self, word: str) -> Path | None:
        if os.sep in word:
            found = shutil.which(self.cwd / word)
        else:
            folders = self.env.get("PATH", os.defpath).split(os.pathsep)
            path = os.pathsep.join(str(self.cwd / folder) for folder in folders)
            found = shutil.which(word, path=path)
        return Path(found) if found else None

    def on_path(self, *names: str) -> Iterator[Path]:
        yield from filter(None, map(self.find, names))

    def active(self) -> Iterator[Path]:
        if not self.guesses:
            return
        for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
            if prefix := self.env.get(variable):
                yield self.cwd / prefix / "bin" / "python"
        yield from self.on_path("python", "python3")


def _named_by(words: list[str], place: _Place) -> Iterator[Path]:
    if not words:
        return
    name = Path(words[0]).name
    if assignment := _ASSIGNMENT.fullmatch(words[0]):
        yield from _named_by(words[1:], place.having(**{assignment[1]: assignment[2]}))
    elif name in _WRAPPERS:
        yield from _after_wrapper(words[1:], place)
    elif name in _SHELLS:
        yield from _in_shell(words[1:], place)
    elif name in _ORCHESTRATORS:
        yield from place.on_path("python", "python3") if place.guesses else ()
    elif "run" in words[1:] and name in _PROJECT_RUNNERS | _CONDA_RUNNERS:
        yield from _in_managed(name, words[1:], place)
    elif path := place.find(words[0]):
        yield from (path,) if is_python(path) else _in_script(path, place)


def _after_wrapper(words: list[str], place: _Place) -> Iterator[Path]:
    """Skip the wrapper's own options: its command begins with the first word that can be run.

    So no list of each wrapper's options is needed: the 5 of `nice -n 5` is not a program.
    """
    for index, word in enumerate(words):
        if assignment := _ASSIGNMENT.fullmatch(word):
            place = place.having(**{assignment[1]: assignment[2]})
        elif not word.startswith("-") and (word in _WRAPPERS or place.find(word)):
            yield from _named_by(words[index:], place)
            return


def _in_shell(words: list[str], place: _Place) -> Iterator[Path]:
    """Follow `-c TEXT` up to the first simple command that names a Python."""
    options = [word for word in words if re.fullmatch(r"-[a-z]*c[a-z]*", word)]
    text = words[words.index(options[0]) + 1 :][:1] if options else []
    for command in _simple_commands("".join(text)):
        match command:
            case ["cd", folder]:
                place = place.at(folder)
            case ["." | "source", script] if Path(script).name == "activate":
                place = place.activated(script)
            case ["export", *settings]:
                found = filter(None, map(_ASSIGNMENT.fullmatch, settings))
                place = place.having(**{setting[1]: setting[2] for setting in found})
            case _:
                yield from _named_by(command, place)
    yield from place.active()


def _simple_commands(text: str) -> list[list[str]]:
    """Split shell text at its operators; give up if only a shell could go on.

    >>> _simple_commands("cd src && LR=1 python 'my train.py' | tee log")
    [['cd', 'src'], ['LR=1', 'python', 'my train.py'], ['tee', 'log']]
    """
    lexer = shlex.shlex(text, posix=True, punctuation_chars=";&|()\n")
    lexer.whitespace = " \t\r"
    lexer.whitespace_split = True
    commands: list[list[str]] = [[]]
    try:
        for token in lexer:
            if set(token) <= set(";&|()\n"):
                commands.append([])
            else:
                commands[-1].append(token)
    except ValueError:  # a quote that is never closed
        pass
    return [command for command in commands if command]


def _in_managed(runner: str, words: list[str], place: _Place) -> Iterator[Path]:
    if runner in _PROJECT_RUNNERS:
        if not place.guesses:
            return
        folder = place.env.get("UV_PROJECT_ENVIRONMENT", ".venv")
        for parent in (place.cwd, *place.cwd.parents):
            yield parent / folder / "bin" / "python"
        return
    for option, value in itertools.pairwise(words):
        if option in ("-p", "--prefix"):
            yield place.cwd / value / "bin" / "python"
        elif option in ("-n", "--name") and (conda := place.env.get("CONDA_EXE")):
            yield Path(conda).parent.parent / "envs" / value / "bin" / "python"


def _in_script(path: Path, place: _Place) -> Iterator[Path]:
    """Read a console script's first lines, in each of the forms that installers write."""
    try:
        with path.open("rb") as file:
            head = file.read(4096).decode(errors="replace")
    except OSError:
        return
    first, _, rest = head.partition("\n")
    words = first[2:].split() if first.startswith("#!") else []
    if not words:
        return
    if is_python(words[0]):
        yield Path(words[0])
    elif Path(words[0]).name == "env":
        yield from place.on_path(*[word for word in words[1:] if is_python(word)][:1])
    elif rest.startswith("'''exec' "):
        yield from _after_exec(rest.partition("\n")[0], path)


def _after_exec(line: str, script: Path) -> Iterator[Path]:
    """Read `'''exec' /long/path/python "$0" "$@"`, written if `#!` would be too long.

    In a relocatable environment the path is worked out from the script's own place.
    """
    try:
        program = shlex.split(line)[1]
    except (ValueError, IndexError):
        program = ""
    yield Path(program) if is_python(program) else script.parent / "python"
