"""Files that settings name, found among those that are there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from gitexp.metrics.reading import is_summary
from gitexp.model.paths import ProjectPath
from gitexp.model.patterns import Patterns, in_order, is_pattern, name_by


def matching(patterns: Iterable[str], names: list[ProjectPath]) -> list[ProjectPath]:
    """Return the names that patterns stand for; what is no pattern stands for itself."""
    found = []
    for pattern in patterns:
        if is_pattern(pattern):
            spec = Patterns.anchored([pattern])
            found += sorted((name for name in names if spec.match(name)), key=in_order)
        else:
            found.append(ProjectPath(pattern))
    return found


def with_folders(wanted: Iterable[ProjectPath], names: list[ProjectPath]) -> list[ProjectPath]:
    """Return the metrics files that are wanted, those of a folder in its place."""
    known, found = set(names), list[ProjectPath]()
    for name in wanted:
        start = f"{name.rstrip('/')}/"
        below = (one for one in names if one.startswith(start)) if name not in known else ()
        inside = [one for one in below if is_summary(one[len(start) :])]
        found += inside or [name]
    return found


def names_of_found(patterns: Mapping[str, str], names: Iterable[str]) -> dict[ProjectPath, str]:
    """Return what files are called that patterns find, by path.

    That is the name the settings give, or that of the pattern; if several files would have it,
    each keeps its own.
    """
    found: dict[ProjectPath, str] = {}
    listed = list(names) if patterns else []
    for pattern, name in patterns.items():
        spec = Patterns.anchored([pattern])
        for one in sorted(filter(spec.match, listed), key=in_order):
            found[ProjectPath(one)] = name or name_by(pattern, one)
    times = Counter(found.values())
    return {path: name if times[name] == 1 else path for path, name in found.items()}
