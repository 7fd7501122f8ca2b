"""What a project holds, and the settings that fit it, each with its reason."""

from __future__ import annotations

import contextlib
import os
import posixpath
import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from gitexp.data.dvc_yaml import read_pipeline
from gitexp.data.pipelines import PIPELINE_NAME
from gitexp.git.repository import Repository
from gitexp.metrics.likeness import likeliest
from gitexp.survey.configurations import Configuration, configurations
from gitexp.survey.frameworks import places_of
from gitexp.survey.hydra_configs import hydra_places
from gitexp.survey.metrics_files import metrics_setting
from gitexp.survey.places import Place, is_inside
from gitexp.survey.programs import (
    interpreter_of,
    is_clear,
    is_code_of_project,
    reached,
    trainers,
    words_of,
)
from gitexp.survey.proposals import (
    Setting,
    capture_setting,
    command_setting,
    configured_command,
    is_readable,
    params_setting,
    shared_setting,
    track_setting,
)
from gitexp.survey.sources import Source, read_source
from gitexp.survey.wording import listed_names

_MOST_SOURCES = 300
_LARGEST = 300_000
_LOGGERS = frozenset({"dvclive", "mlflow", "optuna", "tensorboard", "tensorboardX", "wandb"})
_LOGS = ("log", "summary", "autolog", "GitexpCallback", "GitexpLogger")


class Survey(Struct, frozen=True):
    """What was found."""

    settings: tuple[Setting, ...]
    notes: tuple[str, ...]
    """What a person should know, and no setting says."""
    command: str
    """The next command to type."""


def survey(root: Path, repository: Repository) -> Survey:
    """Look at the files of a project; nothing of it is run."""
    files = _files(root, repository)
    sources = [one for one in _sources(root, files) if one is not None]
    programs = trainers(sources)
    has_stages = _has_stages(root)
    sources = reached(programs[0], sources) if is_clear(programs) else sources
    configs = [] if has_stages or programs else [*configurations(root, files)]
    found: list[Place] = []
    for one in sources if not has_stages else ():
        found += [*places_of(one), *hydra_places(one, files, lambda path: _content(root / path))]
    found += [one.place for one in configs[:1]]
    places = [one for one in found if is_inside(one.pattern)]
    settings = [
        *command_setting(programs, files, has_stages=has_stages),
        *configured_command(configs, files),
        *params_setting(root, files, sources, places),
        *metrics_setting(files, sources, places, has_stages=has_stages),
        *track_setting(root, repository, places),
        *shared_setting(root, repository, sources),
        *capture_setting(sources),
    ]
    settings = [one for one in settings if is_readable(one)]
    return Survey(
        tuple(settings),
        (*_notes(files, programs), *_without_metrics(settings, programs, sources)),
        _next(settings, programs, configs, files, has_stages=has_stages),
    )


def _files(root: Path, repository: Repository) -> list[str]:
    """Return the files of the project that git does not ignore, by their path in it."""
    folder = root.relative_to(repository.top).as_posix()
    place = ":/" if folder == "." else f":(top,literal){folder}"
    listed = repository.git("ls-files", "-co", "--exclude-standard", "-z", "--", place)
    start = "" if folder == "." else f"{folder}/"
    names = {os.fsdecode(name).removeprefix(start) for name in listed.split(b"\0")[:-1]}
    return sorted(name for name in names if name.isprintable() and (root / name).is_file())


def _sources(root: Path, files: Iterable[str]) -> Iterator[Source | None]:
    paths = [path for path in files if is_code_of_project(path)][:_MOST_SOURCES]
    for path in paths:
        with contextlib.suppress(OSError):  # it may have gone meanwhile, or is not to be read
            file = root / path
            if file.stat().st_size <= _LARGEST:
                yield read_source(file.read_text(encoding="utf-8", errors="replace"), path)


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes() if file.stat().st_size <= _LARGEST else None
    except OSError:
        return None


def _has_stages(root: Path) -> bool:
    try:
        found = read_pipeline((root / PIPELINE_NAME).read_bytes(), PIPELINE_NAME)
    except OSError:
        return False  # there is none, whether or not git has one
    return bool(found.outs or found.metrics) or not found.is_whole


def _notes(files: Sequence[str], programs: Sequence[Source]) -> Iterator[str]:
    if len(programs) > 1 and not is_clear(programs):
        names = listed_names([one.path for one in programs])
        yield f"several programs may train, so `command` is not set: {names}"
        folders = sorted({posixpath.dirname(one.path) for one in programs})
        if len(folders) == len(programs) and folders[0].isprintable():
            first = shlex.quote(folders[0])
            yield f"a project for each has its own settings and runs: `gitexp -C {first} init`"
    notebooks = [path for path in files if path.endswith(".ipynb")]
    if notebooks and not programs:
        yield f"{notebooks[0]} is a notebook: `gitexp run -- {notebooks[0]}`"


def _without_metrics(
    settings: Iterable[Setting], programs: Sequence[Source], sources: Sequence[Source]
) -> Iterator[str]:
    """Yield what to do where a program only prints its results."""
    known = any(one.key == "metrics" for one in settings) or any(
        likeliest(one.files) is not None or not _LOGGERS.isdisjoint(one.imports) or _logs(one)
        for one in sources
    )
    printed = is_clear(programs) and programs[0].called("print", "info", "echo")
    if printed and not known and programs[0].path.isprintable():
        line = '`json.dump({"accuracy": accuracy}, open("metrics.json", "w"))`'
        yield f"{programs[0].path} names no file of metrics: {line} in it has numbers recorded"


def _logs(source: Source) -> bool:
    """Return whether a program logs with gitexp, which needs no file of metrics."""
    return "gitexp" in source.imports and bool(source.called(*_LOGS))


def _next(
    settings: Iterable[Setting],
    programs: Sequence[Source],
    configs: Sequence[Configuration],
    files: Sequence[str],
    *,
    has_stages: bool,
) -> str:
    if has_stages or any(one.key == "command" for one in settings):
        return "gitexp run"
    if not programs and not configs:
        return "gitexp run -- python train.py"
    required = programs[0].required if programs else configs[0].needed
    words = (
        words_of(programs[0], files) if programs else [*interpreter_of(files), *configs[0].words]
    )
    needed = [f"{one} {one.strip('-').upper()}" if one[0] == "-" else one
              for one in required if one.isprintable()]  # fmt: skip
    return " ".join(["gitexp run --", shlex.join(words), *needed])
