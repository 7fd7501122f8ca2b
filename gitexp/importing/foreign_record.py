"""The record of a run that another tool made."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from msgspec import Struct, to_builtins

from gitexp.errors import GitexpError
from gitexp.importing.foreign import ForeignRun, Found, foreign_id
from gitexp.importing.foreign_curves import Curves
from gitexp.model.names import check_tag
from gitexp.model.record import (
    LARGEST_METRICS,
    Exit,
    Inputs,
    RunRecord,
    Status,
    time_text,
)
from gitexp.model.text import harmless
from gitexp.model.values import Value, dumps, without_long_lists
from gitexp.project import Project
from gitexp.version import __version__

_LAST_YEAR = 2200
"""No run is later; a time in milliseconds that is taken for seconds would be."""
_NUL = str.maketrans({"\0": "?"})


class Made(Struct, frozen=True):
    """A record, and what of the run could not be mapped."""

    record: RunRecord
    problems: tuple[str, ...]


def foreign_record(
    project: Project,
    tool: str,
    found: Found,
    run: ForeignRun,
    name: str,
    curves: Curves,
    *,
    has_code: bool,
) -> Made:
    """Return the record of a run; what the tool does not keep is absent, not made up.

    What decided its result is not known: a tool that notes the commit does not note what was
    edited since. So the run never passes for one of what is here now.
    """
    problems = [*run.problems, *curves.problems]
    started, ended = _times(run, problems)
    tags, words = _tags(run, problems)
    record = RunRecord(
        id=found.id or foreign_id(tool, found.key),
        name=name,
        status=_status(run),
        exit=_exit(run),
        command=tuple(map(_text, run.command)),
        baseline=run.commit or "",
        inputs=Inputs(""),
        started=started,
        ended=ended,
        gitexp=__version__,
        message=_text(run.message).strip(),
        project=project.folder,
        directory=project.folder,
        outputs=tuple(one.path for one in curves.pointers),
        host=run.host,
        user=run.user if project.config.record_user else None,
        python=run.python,
        platform=run.platform,
        params=_document(tool, "params", run.params, problems),
        metrics=_document(tool, "metrics", run.metrics, problems),
        series=curves.summaries,
        pointers=(*run.pointers, *curves.pointers),
        tags=tags,
        extra=_extra(tool, found, run, words, problems, has_code=has_code),
    )
    return Made(record, tuple(problems))


def _text(text: str) -> str:
    """Return a text as a commit and a command can have it: without NUL, and in UTF-8."""
    return text.translate(_NUL).encode(errors="replace").decode()


def _status(run: ForeignRun) -> Status:
    return "interrupted" if run.end == "running" else run.end


def _exit(run: ForeignRun) -> Exit:
    if run.end == "done":
        return Exit(run.exit_code or 0)
    lost = "lost" if run.end == "running" else None
    return Exit(run.exit_code, run.signal, run.reason or lost)


def _times(run: ForeignRun, problems: list[str]) -> tuple[str, str]:
    known = [one for one in map(_moment, (run.started, run.ended)) if one is not None]
    if not known:
        problems.append("nothing says when it was: 1970 stands for that")
        known = [datetime.fromtimestamp(0, timezone.utc)]
    if run.end != "running" and (_moment(run.ended) is None):
        problems.append("nothing says when it ended: its duration is 0")
    return time_text(known[0]), time_text(max(known[0], known[-1]))


def _moment(seconds: float | None) -> datetime | None:
    if seconds is None:
        return None
    with contextlib.suppress(ValueError, OverflowError, OSError):  # NaN, or of no calendar
        found = datetime.fromtimestamp(seconds, timezone.utc)
        return found if 1970 <= found.year < _LAST_YEAR else None  # noqa: PLR2004 - where time begins
    return None


def _tags(run: ForeignRun, problems: list[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the tags that can be some of ours, and all that the tool has."""
    ours: dict[str, None] = {}
    for tag in run.tags:
        with contextlib.suppress(GitexpError):
            check_tag(tag)
            ours[tag] = None
    others = [tag for tag in run.tags if tag not in ours]
    for tag in others:
        close = "-".join(tag.replace(",", " ").split()).lstrip("-")
        with contextlib.suppress(GitexpError):
            check_tag(close)
            ours[close] = None
            problems.append(f"the tag '{harmless(tag)}' is called '{close}' here")
    return tuple(ours), {**dict.fromkeys(others, ""), **run.labels}


def _document(
    tool: str, what: str, values: Mapping[str, Value], problems: list[str]
) -> dict[str, dict[str, Value]]:
    kept, dropped = without_long_lists(values)
    if dropped:
        listed = ", ".join(map(harmless, dropped[:3]))
        more = f" and {len(dropped) - 3} more" if len(dropped) > 3 else ""  # noqa: PLR2004 - as above
        problems.append(f"lists of more than 100 values are no {what} here: {listed}{more}")
    sizes = {name: len(dumps(one)) for name, one in kept.items()}
    total = sum(sizes.values()) + sum(len(name) + 4 for name in sizes)
    for name in sorted(sizes, key=lambda one: -sizes[one]):
        if total <= LARGEST_METRICS:
            break
        total -= sizes[name] + len(name) + 4
        del kept[name]
        problems.append(f"the {what} are larger than 1 MB: '{harmless(name)}' is left out")
    return {tool: kept} if kept else {}


def _extra(
    tool: str,
    found: Found,
    run: ForeignRun,
    words: Mapping[str, str],
    problems: list[str],
    *,
    has_code: bool,
) -> dict[str, Any]:
    """Return what the record says of where the run is from, beside its values."""
    said: dict[str, Any] = {
        "from": tool,
        "run": found.key,
        "name": run.name,
        "group": run.group,
        "tags": dict(words),
        "parent": foreign_id(tool, run.parent) if run.parent else "",
        "artifacts": [to_builtins(one) for one in run.artifacts],
        "more": dict(run.extra),
    }
    kept = {name: value for name, value in said.items() if value}
    if not has_code:
        kept["code"] = False
    while len(dumps(kept)) > LARGEST_METRICS:
        largest = max(kept, key=lambda name: len(dumps(kept[name])))
        del kept[largest]
        problems.append(f"its {largest} are larger than 1 MB, and left out")
    return {"imported": kept}
