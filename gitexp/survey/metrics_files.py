"""The setting of metrics: which files the programs of a project write them into."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence

from gitexp.metrics.likeness import likeliest, pattern_of
from gitexp.model.patterns import is_pattern
from gitexp.survey.places import Place, is_inside
from gitexp.survey.proposals import Setting
from gitexp.survey.sources import Source
from gitexp.survey.wording import quoted

_DEFAULT = "metrics.json"


def metrics_setting(
    files: Sequence[str],
    sources: Sequence[Source],
    places: Iterable[Place],
    *,
    has_stages: bool,
) -> Iterator[Setting]:
    """Yield the files that programs write metrics into."""
    if has_stages:
        return
    found: dict[str, Place] = {}
    for source in sources:
        placed = source.placed
        path = likeliest(one for one in source.files if is_inside(placed.get(one, one)))
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
    if not found or list(found) == [_DEFAULT]:
        return
    reasons = dict.fromkeys(one.why for one in found.values())
    yield Setting("metrics", _metrics_text(found), f"{'; '.join(reasons)}.")


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
        return f"metrics: [{', '.join(map(quoted, found))}]"
    lines, taken = ["metrics:"], set[str]()
    for one in found.values():
        if not one.name or one.name in taken:
            lines.append(f"  {quoted(one.pattern)}: {{}}")
        elif one.stale:
            path = quoted(one.pattern)
            lines.append(f"  {quoted(one.name)}: {{path: {path}, stale: {one.stale}}}")
        else:
            lines.append(f"  {quoted(one.name)}: {quoted(one.pattern)}")
        taken.add(one.name)
    return "\n".join(lines)
