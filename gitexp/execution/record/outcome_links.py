"""What links lead to, in what a command left behind."""

from __future__ import annotations

import stat
from collections.abc import Collection, Mapping

from msgspec.structs import replace

from gitexp.execution.record.seen import Seen
from gitexp.execution.stages import Outcome, Started
from gitexp.execution.work_tree.files import Signature
from gitexp.git.trees import is_below


def with_links(started: Started, seen: Seen, found: Outcome) -> Outcome:
    """Return an outcome with what links lead to, and with the repositories that were made."""
    now, outside = seen.now, _written_outside(started, seen.outside)
    links = (path for path in found.written if path in now and stat.S_ISLNK(now[path][4]))
    return replace(
        found,
        absent=_without_kept_links(seen, found.absent, found.written, outside),
        links=seen.links,
        relinked=tuple(links),
        outside=outside,
        repositories=seen.repositories,
    )


def with_moved_links(found: Outcome, seen: Seen) -> Outcome:
    """Return an outcome in which links that now lead to what the command wrote are written, too."""
    moved = {
        link
        for link in found.changed_meanwhile
        if (place := seen.links.inside.get(link))
        and any(is_below(place, path) for path in found.written)
    }
    return replace(
        found,
        written=tuple(sorted(moved.union(found.written))),
        existed=found.existed | moved,
        changed_meanwhile=tuple(path for path in found.changed_meanwhile if path not in moved),
    )


def _written_outside(started: Started, now: Mapping[str, Signature]) -> tuple[str, ...]:
    """Return what was written through links; of what is known since now, the time decides."""
    changed = []
    for path, found in now.items():
        before = started.outside.get(path)
        is_known = before is not None and before[3] == found[3]
        if before != found and (is_known or found[1] >= started.since):
            changed.append(path)
    return tuple(sorted(changed))


def _without_kept_links(
    seen: Seen, absent: Collection[str], written: Collection[str], outside: Collection[str]
) -> tuple[str, ...]:
    """Return what the run has not; a link goes only with values here that were not written."""
    gone = {link for link, place in seen.links.inside.items() if place not in written}
    gone = {link for link in gone if link not in outside}
    return tuple(
        path
        for path in absent
        if path in gone or path not in seen.now or not stat.S_ISLNK(seen.now[path][4])
    )
