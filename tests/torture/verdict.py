"""What must hold of a run in which a call failed, against one in which none did."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.torture.faulty import NAME, Ended
from tests.torture.scenarios import Ground, record_of
from tests.torture.warm import Warm

_OF_EACH_RUN = ("id", "oid", "name", "started", "ended", "resources", "system", "message")
_MAY_LACK = ("metrics", "outputs", "pointers", "environment", "python", "user", "host", "platform")
_MAY_HAVE_MORE = ("left_out",)


@dataclass(frozen=True)
class Seen:
    """A run as git holds it."""

    record: Mapping[str, Any]
    tree: Mapping[str, str]
    """Mode and oid by path, without `.gitexp/`."""
    log: str


@dataclass(frozen=True)
class Verdict:
    """What became of a run, and what is wrong with that."""

    how: str
    wrong: tuple[str, ...]
    said: str


def look(project: Path) -> Seen | None:
    """Return the run, read with git alone."""
    record = record_of(project, NAME)
    if record is None:
        return None
    listed = _git(project, "ls-tree", "-r", "-z", "--full-tree", str(record["oid"]))
    tree = {}
    for line in listed.split("\0")[:-1]:
        head, _, path = line.partition("\t")
        if not path.startswith(".gitexp/"):
            tree[path] = head
    return Seen(record, tree, _git(project, "show", f"{record['oid']}:.gitexp/output.log"))


def judge(ground: Ground, ended: Ended, clean: Seen, warm: Warm) -> Verdict:
    """Let the next gitexp command do its work, and compare with the run without a fault."""
    project = ended.project
    at_once = look(project)
    out, err = (project.with_name(f"{project.name}.faults") / name for name in ("listed", "said"))
    code = warm.start(["ls", "--json"], project, ground.env, out, err).wait()
    said = ended.said + err.read_text()
    seen = at_once or look(project)
    if seen is None:
        return Verdict("lost", ("the run is not recorded", f"ls: {code}"), said)
    warned = "warning: " in said
    wrong = [*_statuses(ground, ended, at_once), *_differences(project, seen, clean, warned=warned)]
    wrong += _data(project, seen, warned=warned)
    wrong += _listed(out.read_text(), code, seen)
    if "Traceback" in said:
        wrong.append("a traceback")
    fsck = _git(project, "fsck", "--strict", "--no-dangling")
    wrong += [f"fsck: {line}" for line in fsck.splitlines()]
    wrong += [f"left: {name}" for name in _left(project)]
    how = "recorded by the next command" if at_once is None else "recorded at once"
    is_less = any(seen.record.get(key) != clean.record.get(key) for key in _MAY_LACK)
    if is_less or seen.tree != clean.tree:
        how += ", with a warning"
    return Verdict(how, tuple(wrong), said)


def _statuses(ground: Ground, ended: Ended, at_once: Seen | None) -> Iterator[str]:
    """Yield what is wrong with the exit status: it is the command's if the run was recorded."""
    wanted = ground.scenario.status
    if at_once is not None and ended.status != wanted:
        yield f"exit status {ended.status}, not {wanted}"
    if at_once is None and ended.status not in (wanted, 125):
        yield f"exit status {ended.status}, not {wanted}, nor 125"


def _differences(project: Path, seen: Seen, clean: Seen, *, warned: bool) -> Iterator[str]:
    """Yield what is not as it should be; what is missing may be, if a warning says so."""
    yield from _in_record(seen, clean, warned=warned)
    yield from _in_tree(project, seen, clean, warned=warned)
    if sorted(seen.log.split()) != sorted(clean.log.split()) and not warned:
        yield f"the output is {seen.log!r}, not {clean.log!r}, in silence"


def _in_record(seen: Seen, clean: Seen, *, warned: bool) -> Iterator[str]:
    for key in sorted({*seen.record, *clean.record}.difference(_OF_EACH_RUN)):
        found, wanted = seen.record.get(key), clean.record.get(key)
        if key == "pointers":
            found = [one for one in found or () if not _is_of_before(one, seen)]
        if found == wanted:
            continue
        if key in _MAY_LACK and _is_part(found, wanted):
            if not warned:
                yield f"{key} lacks something, in silence"
        elif not (key in _MAY_HAVE_MORE and _is_part(wanted, found)):
            yield f"{key} is {json.dumps(found)}, not {json.dumps(wanted)}"


def _in_tree(project: Path, seen: Seen, clean: Seen, *, warned: bool) -> Iterator[str]:
    for path in sorted({*seen.tree, *clean.tree}):
        found, wanted = seen.tree.get(path), clean.tree.get(path)
        if found is None and not warned:
            yield f"'{path}' is missing, in silence"
        elif found not in (None, wanted) and not (warned and _is_plain(project, path, str(found))):
            yield f"'{path}' is {found}, not {wanted}"


def _is_plain(project: Path, path: str, head: str) -> bool:
    """Return whether a `.gitignore` is as in HEAD, for there is no pointer to add a line for."""
    listed = _git(project, "ls-tree", "HEAD", "--", path)
    return path.endswith(".gitignore") and listed.partition("\t")[0] == head


def _is_of_before(pointer: Mapping[str, Any], seen: Seen) -> bool:
    """Return whether a pointer says what was there before what could not be recorded."""
    return pointer["role"] == "input" and pointer["path"] in seen.record["left_out"]


def _is_part(found: object, whole: object) -> bool:
    """Return whether a value has nothing that another one has not."""
    if not found:
        return True
    if isinstance(found, dict) and isinstance(whole, dict):
        return all(key in whole and _is_part(one, whole[key]) for key, one in found.items())
    if isinstance(found, list) and isinstance(whole, list):
        return all(one in whole for one in found)
    return found == whole


def _data(project: Path, seen: Seen, *, warned: bool) -> Iterator[str]:
    """Yield each pointer whose data is not in the cache, or is something else."""
    for pointer in seen.record.get("pointers", ()):
        md5 = pointer["md5"]
        place = project / ".dvc" / "cache" / "files" / "md5" / md5[:2] / md5[2:]
        if not place.is_file():
            if not warned:
                yield f"no data of '{pointer['path']}', in silence"
        elif hashlib.md5(place.read_bytes()).hexdigest() != md5:
            yield f"wrong data of '{pointer['path']}'"


def _listed(text: str, code: int, seen: Seen) -> Iterator[str]:
    if code != 0:
        yield f"ls exits with {code}"
        return
    runs = [one for one in json.loads(text) if one["name"] == NAME]
    if len(runs) != 1:
        yield f"ls lists the run {len(runs)} times"
    elif runs[0].get("metrics") != seen.record.get("metrics"):
        yield "ls has other metrics"


def _left(project: Path) -> list[str]:
    """Return what is left of a run that is recorded."""
    private = project / ".git" / "gitexp"
    paths = [*(private / "journal").glob("*"), *(private / "runs").glob("*")]
    refs = _git(project, "for-each-ref", "--format=%(refname)", "refs/gitexp/").split()
    return [*(path.name for path in paths), *refs]


def _git(project: Path, *args: str) -> str:
    ended = subprocess.run(["git", *args], cwd=project, capture_output=True, text=True, check=False)
    return ended.stdout + (ended.stderr if args[0] == "fsck" else "")
