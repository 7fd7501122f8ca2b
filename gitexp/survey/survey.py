"""What a project holds, and the settings that fit it, each with its reason."""

from __future__ import annotations

import contextlib
import json
import os
import posixpath
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from gitexp.data.pipelines import PIPELINE_NAME, read_pipeline
from gitexp.errors import GitexpError
from gitexp.git.repository import Repository
from gitexp.metrics.likeness import likeliest, pattern_of
from gitexp.model.documents.reading import is_editable
from gitexp.model.patterns import is_pattern
from gitexp.settings.config import DEFAULT_TRACK
from gitexp.settings.parsing import parse_config
from gitexp.survey.beside import shared_folders
from gitexp.survey.configurations import Configuration, configurations
from gitexp.survey.frameworks import places_of, trackers_of
from gitexp.survey.hydra_configs import hydra_places
from gitexp.survey.places import Place
from gitexp.survey.programs import (
    interpreter_of,
    is_clear,
    is_code_of_project,
    reached,
    trainers,
    words_of,
)
from gitexp.survey.sources import Source, read_source

_MOST_SOURCES = 300
_LARGEST = 300_000
_PARAMS = re.compile(r"(params|hparams|hyper_?params|config|train_config|settings)\.[a-z]+")
_DEFAULTS = {"params": "params.yaml", "metrics": "metrics.json"}
_LOGGERS = frozenset({"dvclive", "mlflow", "optuna", "tensorboard", "tensorboardX", "wandb"})
_LOGS = ("log", "summary", "autolog", "GitexpCallback", "GitexpLogger")
_SHOWN = 4
_PLAIN = re.compile(r"[A-Za-z_][\w-]*[./][\w./-]*")
_PLAIN_COMMAND = re.compile(r"[A-Za-z_][\w./-]*( [\w./-]+)+")
_UP = ".."


class Setting(Struct, frozen=True):
    """A line of `gitexp.yaml`, or a few, and why it is there."""

    key: str
    text: str
    """As YAML, with the key."""
    why: str


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
    places = [one for one in found if _is_inside(one.pattern)]
    settings = [
        *_command(programs, files, has_stages=has_stages),
        *_configured(configs, files),
        *_params(root, files, sources, places),
        *_metrics(files, sources, places, has_stages=has_stages),
        *_track(root, repository, places),
        *_shared(root, repository, sources),
        *_capture(sources),
    ]
    settings = [one for one in settings if _is_readable(one)]
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


def _command(
    programs: Sequence[Source], files: Sequence[str], *, has_stages: bool
) -> Iterator[Setting]:
    if has_stages or not programs or not is_clear(programs) or programs[0].required:
        return
    words = _quoted(shlex.join(words_of(programs[0], files)), _PLAIN_COMMAND)
    flags = f", and takes {_listed(programs[0].options)}" if programs[0].options else ""
    why = f"{programs[0].path} is the program that trains{flags}."
    yield Setting("command", f"command: {words}", why)


def _configured(configs: Sequence[Configuration], files: Sequence[str]) -> Iterator[Setting]:
    if len(configs) == 1 and not configs[0].needed:
        words = shlex.join([*interpreter_of(files), *configs[0].words])
        yield Setting("command", f"command: {json.dumps(words)}", f"{configs[0].why}.")


def _params(
    root: Path, files: Sequence[str], sources: Sequence[Source], places: Iterable[Place]
) -> Iterator[Setting]:
    found: dict[str, str] = {}
    composed = any(one.flags == "hydra" for one in sources)
    for path in filter(_may_be_params, files):
        readers = [one.path for one in sources if _names(one, path)]
        readers.sort(key=lambda one: posixpath.dirname(one) != posixpath.dirname(path))
        if path in _DEFAULTS.values() or (readers and not composed):
            found[path] = f"{path} is read by {readers[0]}" if readers else f"{path} is there"
    for place in places:
        if place.kind == "params":
            found.setdefault(place.pattern, place.why)
    if not [path for path in found if path != _DEFAULTS["params"]]:
        return
    if (root / _DEFAULTS["params"]).is_file():
        found.setdefault(_DEFAULTS["params"], f"{_DEFAULTS['params']} is there")
    listed = ", ".join(map(_quoted, found))
    yield Setting("params", f"params: [{listed}]", f"{'; '.join(dict.fromkeys(found.values()))}.")


def _may_be_params(path: str) -> bool:
    called_so = _PARAMS.fullmatch(posixpath.basename(path)) is not None
    return path == "params.py" or (called_so and is_editable(path))


def _names(source: Source, path: str) -> bool:
    """Return whether a source names a file, by its path or its name alone, or imports it."""
    name = posixpath.basename(path)
    imported = path.endswith(".py") and path.removesuffix(".py") in source.imports
    return imported or any(one in (path, name, f"./{path}") for one in source.files)


def _metrics(
    files: Sequence[str],
    sources: Sequence[Source],
    places: Iterable[Place],
    *,
    has_stages: bool,
) -> Iterator[Setting]:
    if has_stages:
        return
    found: dict[str, Place] = {}
    for source in sources:
        placed = source.placed
        path = likeliest(one for one in source.files if _is_inside(placed.get(one, one)))
        if path is not None:
            place = _placed(source, path)
            found.setdefault(place.pattern, place)
    for place in places:
        if place.kind == "metrics":
            found.setdefault(place.pattern, place)
    if not found and (path := likeliest(files)) is not None:
        pattern = pattern_of(path)
        name = posixpath.basename(path) if is_pattern(pattern) else ""
        found[pattern] = Place("metrics", name, pattern, f"{path} looks like metrics")
    if not found or list(found) == [_DEFAULTS["metrics"]]:
        return
    reasons = dict.fromkeys(one.why for one in found.values())
    yield Setting("metrics", _metrics_text(found), f"{'; '.join(reasons)}.")


def _track(root: Path, repository: Repository, places: Iterable[Place]) -> Iterator[Setting]:
    """Yield what has models recorded that lie where git ignores everything."""
    for place in places:
        folder = posixpath.dirname(re.split(r"[*?[]", place.pattern)[0])
        inside = f"{repository.relative(root / folder)}/model" if folder else ""
        if inside and repository.attempt("check-ignore", "-q", "--", inside).returncode == 0:
            listed = ", ".join(json.dumps(one) for one in DEFAULT_TRACK)
            why = f"git ignores {folder}, where runs put what they write, models too."
            yield Setting("track", f"track: [{listed}]", why)
            return


def _shared(root: Path, repository: Repository, sources: Iterable[Source]) -> Iterator[Setting]:
    found = shared_folders(root, repository.top, sources)
    if found:
        listed = ", ".join(json.dumps(folder) for folder in found)
        reasons = [f"{path} imports {name}" for name, path in found.values()]
        why = f"{'; '.join(reasons)}, from outside of this folder."
        yield Setting("shared", f"shared: [{listed}]", why)


def _capture(sources: Sequence[Source]) -> Iterator[Setting]:
    found: dict[str, str] = {}
    for source in sources:
        for tracker in trackers_of(source):
            found.setdefault(tracker, f"{source.path} logs with {tracker}")
    if found:
        yield Setting(
            "capture",
            f"capture: [{', '.join(found)}]",
            f"{'; '.join(found.values())}: what it logs is recorded.",
        )


def _placed(source: Source, path: str) -> Place:
    """Return where a program puts a file that it names, wherever the folder is."""
    pattern = source.placed.get(path, path)
    if not is_pattern(pattern):
        return Place("metrics", "", pattern, f"{source.path} names {pattern}")
    name = posixpath.basename(path)
    why = f"{source.path} writes {name} into a folder that it makes up"
    return Place("metrics", "" if is_pattern(name) else name, pattern, why)


def _metrics_text(found: Mapping[str, Place]) -> str:
    if not any(is_pattern(one.pattern) or one.stale for one in found.values()):
        return f"metrics: [{', '.join(map(_quoted, found))}]"
    lines, taken = ["metrics:"], set[str]()
    for one in found.values():
        if not one.name or one.name in taken:
            lines.append(f"  {_quoted(one.pattern)}: {{}}")
        elif one.stale:
            path = _quoted(one.pattern)
            lines.append(f"  {_quoted(one.name)}: {{path: {path}, stale: {one.stale}}}")
        else:
            lines.append(f"  {_quoted(one.name)}: {_quoted(one.pattern)}")
        taken.add(one.name)
    return "\n".join(lines)


def _quoted(text: str, plain: re.Pattern[str] = _PLAIN) -> str:
    """Return a text as YAML, which is what JSON has for what can be printed."""
    return text if plain.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _is_inside(path: str) -> bool:
    """Return whether a path in a source is one of the project, and no more than a path."""
    return bool(path) and path.isprintable() and not path.startswith("/") and _UP not in path


def _is_readable(one: Setting) -> bool:
    """Return whether a setting says what it means, and that alone: it is made of others' texts."""
    try:
        return one.why.isprintable() and bool(parse_config(one.text.encode()))
    except GitexpError:
        return False


def _notes(files: Sequence[str], programs: Sequence[Source]) -> Iterator[str]:
    if len(programs) > 1 and not is_clear(programs):
        names = _listed([one.path for one in programs])
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


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
