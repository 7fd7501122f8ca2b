"""Which program of a project trains, and how it is started."""

from __future__ import annotations

import posixpath
import re
import shutil
from collections.abc import Container, Iterable, Sequence

from gitexp.survey.sources import Source

_NAMES = {"train": 6, "main": 3, "run": 3, "fit": 3, "experiment": 3, "finetune": 4}
_NEVER = re.compile(
    r"(^|/)(tests?|docs?|examples?|notebooks?|scripts/dev)/|(^|/)(setup|conftest|noxfile|test_\w*)\.py$"
)
_RARELY = re.compile(
    r"(eval|test|predict|infer|prepare|preprocess|make_|generate|convert|data|download|plot|export"
    r"|serve|app|utils?)"
)
LEARNING = frozenset(
    "catboost jax keras lightgbm lightning pytorch_lightning sklearn spacy statsmodels"
    " tensorflow torch transformers trl ultralytics xgboost".split()
)
"""Packages that train something."""


def is_code_of_project(path: str) -> bool:
    """Return whether a source may train: it is neither a test nor what builds the project."""
    return path.endswith(".py") and not _NEVER.search(path)


def trainers(sources: Iterable[Source]) -> list[Source]:
    """Return the programs, the one first that most likely trains.

    Those that look alike are all first: then nobody can tell.
    """
    ranked = [(_score(one), one) for one in sources if one.is_program]
    return [one for score, one in sorted(ranked, key=lambda pair: -pair[0]) if score > 0]


def is_clear(programs: Sequence[Source]) -> bool:
    """Return whether one program stands out."""
    return len(programs) == 1 or (
        len(programs) > 1 and _score(programs[0]) - _score(programs[1]) > 1
    )


def reached(program: Source, sources: Sequence[Source]) -> list[Source]:
    """Return a program with the sources of the project that it may import, those too."""
    found, todo = {program.path: program}, [program]
    while todo:
        one = todo.pop()
        for other in sources:
            if other.path not in found and _may_import(one, other):
                found[other.path] = other
                todo.append(other)
    return list(found.values())


def _may_import(one: Source, other: Source) -> bool:
    inside = other.path.removeprefix("src/").removesuffix(".py")
    near = posixpath.dirname(one.path)
    beside = other.path.removesuffix(".py").removeprefix(f"{near}/" if near else "")
    names = {inside.split("/")[0], beside.split("/")[0]}
    is_relative = one.is_relative and other.path.startswith(f"{near}/")
    return is_relative or not names.isdisjoint(one.imports)


def _score(source: Source) -> int:
    stem = posixpath.basename(source.path).removesuffix(".py").lower()
    by_name = max((points for name, points in _NAMES.items() if name in stem), default=0)
    learns = 3 if LEARNING & source.imports else 0
    rarely = 5 if _RARELY.search(stem) else 0
    return 1 + by_name + learns + bool(source.flags) - rarely - min(source.path.count("/"), 2)


def words_of(source: Source, files: Container[str]) -> list[str]:
    """Return the command that starts a program, without its flags."""
    start = interpreter_of(files)
    folder = posixpath.dirname(source.path)
    in_src = source.path.removeprefix("src/")
    if in_src != source.path and "/" in in_src and in_src.partition("/")[0] in source.imports:
        is_installed = any(name in files for name in ("pyproject.toml", "setup.py", "setup.cfg"))
        where = [] if is_installed else ["env", "PYTHONPATH=src"]
        return [*where, *start, "-m", in_src.removesuffix(".py").replace("/", ".")]
    package = source.path.partition("/")[0]
    of_package = package in source.imports and f"{package}/__init__.py" in files
    if (source.is_relative or of_package) and folder:
        inside = source.path.removeprefix("src/") if source.path.startswith("src/") else source.path
        return [*start, "-m", inside.removesuffix(".py").replace("/", ".")]
    return [*start, source.path]


def interpreter_of(files: Container[str]) -> list[str]:
    """Return the words that start Python here."""
    start = ["uv", "run"] if "uv.lock" in files and shutil.which("uv") else []
    return [*start, "python" if shutil.which("python") else "python3"]
