"""Files that git ignores: only those that the configuration names are looked at."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct, field

from gitexp.execution.work_tree.files import Signature, is_environment, signatures, walk
from gitexp.execution.work_tree.links import find_links
from gitexp.execution.work_tree.settled import PassedOver
from gitexp.execution.work_tree.untracked import Untracked
from gitexp.git.index import PrivateIndex
from gitexp.git.trees import is_below
from gitexp.model.paths import TopPath
from gitexp.model.patterns import Patterns
from gitexp.project import Project
from gitexp.revisions.roles import Declared


class Ignored(Struct, frozen=True):
    """Ignored files, by their signatures."""

    named: Mapping[str, Signature]
    """Those that `metrics`, `track` and the like name: recorded as others are."""
    models: Mapping[str, Signature]
    """Those that look like models, and are not recorded just for that."""
    outs: Mapping[str, Signature] = field(default_factory=dict)
    """What stages of a pipeline wrote before, whether git ignores it or not."""
    links: tuple[str, ...] = ()
    """Those of them that are links."""


def watch_ignored(
    project: Project, index: PrivateIndex, links: Iterable[str], untracked: Untracked
) -> Ignored:
    """Look at the ignored files of a project, but those in folders that are settled.

    What one of its `links` leads to counts as what the link is called.
    """
    return watch_listed(project, list_ignored(project, index, untracked), links)


def watch_listed(project: Project, listed: Iterable[str], links: Iterable[str]) -> Ignored:
    """Look at the ignored files of a project, which git has listed before."""
    listed = list(listed)
    top = project.repository.top
    files = (path for path in listed if not path.endswith("/"))
    ours = tuple(path for path in files if os.path.islink(f"{top}/{path}"))  # noqa: PTH114 - of many
    leads = find_links(project, {*links, *ours}).inside
    declared = Declared(project).through(leads)
    patterns = declared.although_ignored
    paths = list(_linked(declared, leads, top, listed))
    for path in listed:
        if not path.endswith("/"):
            paths.append(path)
        elif patterns.reaches_below(project.name(TopPath(path))) and not is_environment(top / path):
            paths += walk(top, path)
    names = {path: declared.called(path) for path in paths}
    named = [
        path
        for path, called in names.items()
        if any(patterns.match(project.name(TopPath(one))) for one in called)
    ]
    models = Patterns(() if project.config.tracks_ignored else project.config.track)
    others = [
        path for path in set(paths).difference(named) if models.match(project.name(TopPath(path)))
    ]
    return Ignored(signatures(top, named), signatures(top, others), links=ours)


def _linked(
    declared: Declared, links: Mapping[str, str], top: Path, ignored: Iterable[str]
) -> Iterator[str]:
    """Yield the ignored files that links lead to which are called like an output."""
    places = [path.rstrip("/") for path in ignored]
    for link, place in links.items():
        if not any(is_below(one, place) for one in places):
            continue
        if not (top / place).is_dir():
            yield place
        elif declared.although_ignored.reaches_below(declared.name(link)):
            yield from walk(top, place)


def list_ignored(project: Project, index: PrivateIndex, untracked: Untracked) -> list[str]:
    """Return what git ignores in a project; a folder that it ignores as a whole ends in '/'."""
    options = ("--ignored", "--exclude-standard", "--directory")
    below = [project.folder]
    over = PassedOver(project.repository.top, untracked.settled, project.recorded_folders(), ())
    listed = over.without(index.untracked(*options, *over.options, below=below).paths)
    paths = (*listed, *filter(lambda path: project.holds(TopPath(path)), untracked.beside))
    return [path for path in paths if ".dvc" not in path.split("/")]
