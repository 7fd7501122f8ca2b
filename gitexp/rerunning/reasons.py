"""Why a second time gave something else, as far as that can be known: phrases for people."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from gitexp.comparison.query.run_values import flat_values
from gitexp.model.machine import machine_parts
from gitexp.model.record import RunRecord
from gitexp.model.values import Value
from gitexp.project import Project
from gitexp.revisions.sides import environment_of
from gitexp.store.stored_run import StoredRun

_NAMED = 6
_SEED = re.compile(r"seed|random_state", re.IGNORECASE)
_NOT_FOUND = re.compile(
    r"""(?:No\ such\ file\ or\ directory:?|cannot\ open|can't\ open(?:\ file)?|not\ found:)
        \s*:?\s*(?:b?['"](?P<quoted>[^'"\n]+)['"])
      | (?<![^\s:'"])(?P<shell>[^\s:'"]+):\ No\ such\ file\ or\ directory""",
    re.VERBOSE,
)
_NETWORK = re.compile(
    r"Name or service not known|Temporary failure in name resolution|ConnectionError"
    r"|Could not resolve host|Network is unreachable|Max retries exceeded|URLError|"
    r"Connection refused"
)
_SYSTEM = ("/bin/", "/dev/", "/etc/", "/lib/", "/lib64/", "/proc/", "/sys/", "/usr/")


def reasons_between(project: Project, first: StoredRun, again: StoredRun) -> list[str]:
    """Return what was different about the second time, the likeliest first."""
    old = first.record
    return [
        *_around(project, first, again),
        *_inputs(old),
        *_paths(project, old),
        *_seeds(old),
    ]


def reasons_of_failure(project: Project, first: StoredRun, again: StoredRun) -> list[str]:
    """Return why a command that once ended well no longer does: from its output, and around it."""
    folder = f"{again.project}/" if again.project else ""
    log = project.repository.objects.blob(f"{again.oid}:{folder}.gitexp/output.log") or b""
    return [
        *_of_log(project, log.decode(errors="replace")),
        *_around(project, first, again),
        *_paths(project, first.record),
    ]


def _around(project: Project, first: StoredRun, again: StoredRun) -> Iterator[str]:
    yield from _packages(project, first, again)
    yield from _machine(first.record, again.record)
    yield from _settings(first.record, again.record)


def _packages(project: Project, first: StoredRun, again: StoredRun) -> Iterator[str]:
    old = environment_of(project, first.oid, first.record) or {}
    new = environment_of(project, again.oid, again.record) or {}
    if not old.keys() - {"python"} or not new.keys() - {"python"}:
        yield "the packages of one time are not recorded"
        return
    moved = [
        f"{name} {old.get(name, 'not installed')} → {new.get(name, 'not installed')}"
        for name in sorted({*old, *new} - {"python"})
        if old.get(name) != new.get(name)
    ]
    if moved:
        more = f" and {len(moved) - _NAMED} more" if len(moved) > _NAMED else ""
        yield f"other packages: {', '.join(moved[:_NAMED])}{more}"


def _machine(old: RunRecord, new: RunRecord) -> Iterator[str]:
    if old.python != new.python and old.python and new.python:
        yield f"another Python: {old.python} → {new.python}"
    if old.platform != new.platform and old.platform and new.platform:
        yield f"another platform: {old.platform} → {new.platform}"
    before, after = machine_parts(old) or {}, machine_parts(new) or {}
    for name in ("cpu", "cores", "gpu", "driver", "cuda"):
        if name in before and name in after and before[name] != after[name]:
            yield f"another {_WORDS.get(name, name)}: {before[name]} → {after[name]}"


_WORDS = {"cpu": "CPU", "cores": "number of cores", "gpu": "GPU", "cuda": "CUDA"}


def _settings(old: RunRecord, new: RunRecord) -> Iterator[str]:
    """Yield how threads and determinism were set, where that is recorded."""
    before, after = _variables(old), _variables(new)
    moved = [
        f"{name} {before.get(name, 'not set')} → {after.get(name, 'not set')}"
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]
    if moved:
        yield f"other settings of threads or determinism: {', '.join(moved)}"


def _variables(record: RunRecord) -> Mapping[str, str]:
    return record.machine.variables if record.machine is not None else {}


def _inputs(old: RunRecord) -> Iterator[str]:
    changed = [one.path for one in old.pointers if one.role == "input" and one.changed]
    if changed:
        yield f"'{changed[0]}' changed while the first run read it"
    if old.changed_meanwhile:
        yield f"'{old.changed_meanwhile[0]}' changed while the first run ran"
    if old.overwritten:
        yield (
            f"'{old.overwritten[0]}' was there when the first run began, perhaps not as it is "
            "recorded; if the command goes on from it, that may be the difference"
        )


def _paths(project: Project, old: RunRecord) -> Iterator[str]:
    """Yield the absolute paths that the command, or a param, names."""
    top = project.repository.top
    for text in _texts(old):
        for word in re.split(r"[\s=,:]+", text):
            if not word.startswith("/") or word.startswith(_SYSTEM) or not Path(word).name:
                continue
            if "bin" in Path(word).parts:  # a program, such as the Python of an environment
                continue
            inside = Path(word).is_relative_to(top)
            what = "your work tree, not the one of the rerun" if inside else "outside of the run"
            yield f"the command names '{word}', which is {what}: what it holds is not recorded"


def _texts(record: RunRecord) -> Iterator[str]:
    words = record.command
    yield from words if len(words) == 1 else words[1:]
    for value in flat_values(record.params).values():
        if isinstance(value, str):
            yield value


def _seeds(old: RunRecord) -> Iterator[str]:
    words = (word for text in old.command for word in text.split())
    given = [word for word in words if word.startswith("-") or "=" in word]  # a file is no setting
    names = [*flat_values(old.params), *given]
    if not any(_SEED.search(name) for name in names):
        yield "no param is called a seed: the command may draw other random numbers each time"


def _of_log(project: Project, log: str) -> list[str]:
    """Return what a command that failed says: files that are not there, no network."""
    found = []
    for match in _NOT_FOUND.finditer(log):
        path = match["quoted"] or match["shell"]
        found.append(_absent(project, path))
    if _NETWORK.search(log):
        found.append("the command asks the network, and what it gets there is not recorded")
    return list(dict.fromkeys(found))


def _absent(project: Project, path: str) -> str:
    if path.startswith("/"):
        return f"the command reads '{path}', which is outside of the run and not here"
    here = project.repository.top / project.directory
    if any(os.path.exists(folder / path) for folder in (here, project.root)):  # noqa: PTH110 - any text
        return (
            f"the command reads '{path}', which is here but not in the run, because git ignores "
            f"it: `--copy {path}` brings it along, `gitexp track {path}` records it from now on"
        )
    return f"the command reads '{path}', which is not in the run"


def between_reruns(answers: Iterable[tuple[Mapping[str, Value], Mapping[str, str]]]) -> str | None:
    """Return what differs among reruns themselves; each as its metrics and its outputs' hashes."""
    found = list(answers)
    for metrics, outputs in found[1:]:
        for old, new in ((found[0][0], metrics), (found[0][1], outputs)):
            odd = [name for name in old if repr(old[name]) != repr(new.get(name))]
            if odd:
                return (
                    f"two reruns differ from each other, in '{odd[0]}': "
                    "the command does not give the same each time"
                )
    return None
