"""The metrics of a run, read from the same objects that are recorded."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Collection, Iterable, Iterator

from gitexp.errors import GitexpError
from gitexp.execution.record.net import attempt
from gitexp.execution.record.outputs import Outputs
from gitexp.execution.record.stale import without_stale
from gitexp.execution.stages import Outcome, Started
from gitexp.execution.work_tree.files import signatures
from gitexp.git.trees import LINK_MODE, Entry
from gitexp.metrics.reading import curve_prefix, is_events, largest, parse_metrics
from gitexp.model.paths import TopPath
from gitexp.model.patterns import in_order
from gitexp.model.values import Value, flatten, without_long_lists
from gitexp.project import Project
from gitexp.revisions.links import LedAway, file_behind

_MOST_PARTS = 20
"""Files beside a metrics file that are looked at for where its values come from."""

Document = dict[str, Value]
Tell = Callable[[str], None]


def metrics_of(started: Started, outcome: Outcome, outputs: Outputs) -> dict[str, Document]:
    """Return the metrics among the files that a run wrote; warn about a file that is not one.

    They are read from the blobs that were added, so that both say the same; what went
    behind a pointer with its folder, or lies outside of the repository, is read where it lies.
    A link stands for what it leads to, if the run wrote that.
    """
    project, declared, tell = started.project, started.declared, started.tell
    found: dict[str, Document] = {}
    paths = {*outputs.added, *outputs.pointed, *outputs.unkept, *outcome.outside}
    ours = oldest_first(project, filter(declared.is_metric, paths))
    curves = [path for path in ours if is_events(path)]
    for path in ours:
        name = declared.recorded_name(path)
        shown = project.name(TopPath(path))
        entry = outputs.added.get(path)
        if path in outcome.outside:
            read = functools.partial(_values_outside, started, path, outcome)
        elif entry is not None and entry.mode == LINK_MODE:
            _name_unwritten(outcome, path, paths, tell)
            continue
        else:
            read = functools.partial(_values, started, path, entry)
        values = attempt(tell, f"no metrics from '{shown}'", read, None)
        if values is None:
            continue
        if is_events(path):
            prefix = curve_prefix(path, curves)
            values = {f"{prefix}{tag}": value for tag, value in values.items()}
            values = {**found.get(name, {}), **values}  # each writer has a file of its own
        elif name in found:
            tell(f"note: '{name}' was written more than once; the last one counts, '{shown}'")
        parts = functools.partial(_beside, started, path, outputs)
        kept = without_stale(started, path, values, parts)
        if kept or not values:
            found[name] = kept
    return found


def _beside(started: Started, path: str, outputs: Outputs) -> Iterator[Document]:
    """Yield what else a run wrote into the folder of a document, if it is small and few."""
    folder, _, name = path.rpartition("/")
    ending = name[name.rfind(".") :]
    others = [one for one in outputs.added if one.rpartition("/")[0] == folder and one != path]
    for one in [one for one in others if one.endswith(ending)][:_MOST_PARTS]:
        content = content_of(started.project, one, outputs.added[one]) or b""
        if len(content) <= largest(path):
            with contextlib.suppress(GitexpError):  # then it is no document
                yield parse_metrics(content, one)


def oldest_first(project: Project, paths: Iterable[str]) -> list[str]:
    """Return files in the order in which they were last written: the newest has the last word."""
    known = list(paths)
    now = signatures(project.repository.top, known)
    times = {path: one[1] for path, one in now.items()}
    return sorted(known, key=lambda path: (times.get(path, 0), in_order(path)))


def _values_outside(started: Started, path: str, outcome: Outcome) -> Document | None:
    """Return the metrics outside of the repository; that file is not in the run, so say so."""
    name, tell = started.project.name(TopPath(path)), started.tell
    try:
        file = file_behind(started.project, path, ours=outcome.relinked)
    except LedAway as away:
        tell(f"note: {away}: the run has no metrics from it")
        return None
    if file is None:
        return None
    is_inner = file.is_relative_to(started.project.repository.top)
    where = "lies in a repository of its own" if is_inner else f"leads to '{file}'"
    tell(f"note: '{name}' {where}: its values are recorded, the file is not")
    return _read(started, path, file.read_bytes())


def _name_unwritten(outcome: Outcome, path: str, written: Collection[str], tell: Tell) -> None:
    """Say of a link that was made that what it leads to is not of this run."""
    place = outcome.links.inside.get(path) or outcome.links.outside.get(path)
    if place is None:
        tell(f"warning: no metrics from '{path}': the link leads nowhere")
    elif place not in written:
        tell(f"note: no metrics from '{path}': it leads to '{place}', which was not written")


def _values(started: Started, path: str, entry: Entry | None) -> Document | None:
    content = content_of(started.project, path, entry)
    return None if content is None else _read(started, path, content)


def content_of(project: Project, path: str, entry: Entry | None) -> bytes | None:
    """Return what a run wrote, from git if it is there, and else from where it lies."""
    if entry is not None:
        content = project.repository.objects.blob(entry.oid)
        if content is None:
            raise GitexpError(f"git cannot read {entry.oid}, which it has just written")
        return content
    try:
        return (project.repository.top / path).read_bytes()
    except OSError:
        return None


def _read(started: Started, path: str, content: bytes) -> Document | None:
    name, declared, tell = started.project.name(TopPath(path)), started.declared, started.tell
    most = largest(name)
    if len(content) > most:
        size = f"{most // 1_000_000} MB"
        tell(f"note: '{name}' is larger than {size}: recorded as an output, not as metrics")
        return None
    try:
        values, dropped = without_long_lists(declared.metrics_in(content, path, name))
    except GitexpError as error:
        hint = f" ({error.hint})" if error.hint else ""
        tell(f"warning: no metrics from '{name}': {error}{hint}")
        return None
    if dropped:
        tell(f"note: lists of more than 100 values stay in '{name}' alone: {', '.join(dropped)}")
    policy = started.project.config.policy
    if declared.row(path) == "best" and not any(map(policy.has_goal, flatten(values))):
        tell(f"note: no metric in '{name}' has a goal under `policy`, so its last row counts")
    return values
