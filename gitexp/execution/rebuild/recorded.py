"""The environment that a run recorded, and which of its packages can be installed again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.model.packages import CONDA, Package, conda_packages, parse_packages
from gitexp.project import Project
from gitexp.store.stored_run import StoredRun

_SHA256 = re.compile(r"(?:^|&)sha256=([0-9a-f]{64})(?:&|$)")


class Recorded(Struct, frozen=True):
    """What a run says of the environment that it ran in."""

    run: StoredRun
    python: str
    """The version, such as `3.11.7`."""
    packages: tuple[Package, ...]
    conda: tuple[str, ...]
    """`name=version=build` of what conda, mamba or pixi had installed."""

    @property
    def name(self) -> str:
        """The run's."""
        return self.run.record.name


def recorded_environment(project: Project, run: StoredRun) -> Recorded:
    """Return what a run recorded; raises GitexpError if that is nothing."""
    record = run.record
    folder = f"{record.project}/" if record.project else ""
    content = project.repository.objects.blob(f"{run.oid}:{folder}.gitexp/environment.txt")
    if content is None or not record.python:
        raise GitexpError(f"run '{record.name}' has no environment recorded", _why_none(run))
    lines = content.decode(errors="replace").splitlines()
    return Recorded(run, record.python, parse_packages(lines), conda_packages(lines))


def _why_none(run: StoredRun) -> str:
    if "imported" in run.record.extra:
        return "It was imported, and the tool that it comes from does not keep environments."
    if not run.record.command:
        return "It was recorded by `gitexp save`, which runs nothing; `gitexp run` records one."
    return "Its command used no Python, or none that could be seen."


def hindrance(project: Project, package: Package) -> str:
    """Return why a package cannot be installed again, on this machine; '' if it can."""
    if package.source.startswith("."):
        place = own_folder_of(project, package)
        if place is None:
            return "its path leads out of the repository"
        return "" if place.is_dir() or not package.editable else "its folder is not there any more"
    url = urlsplit(package.source)
    if url.scheme != "file":
        return ""
    path = Path(unquote(url.path))
    if not path.exists():
        return "a path that is not on this machine"
    expected = _SHA256.search(url.fragment)
    if expected and path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() != expected[1]:
        return "the file has changed since"
    return ""


def own_folder_of(project: Project, package: Package) -> Path | None:
    """Return the folder of the work tree that a path of the repository names, if it is in it."""
    top = project.repository.top.resolve()
    place = (project.root / unquote(package.source)).resolve()
    return place if place.is_relative_to(top) else None


def requirements_text(project: Project, recorded: Recorded) -> str:
    """Return a requirements file; what cannot be installed again stands in its comments."""
    return "".join(f"{line}\n" for line in _lines(project, recorded))


def _lines(project: Project, recorded: Recorded) -> Iterator[str]:
    record = recorded.run.record
    yield f"# environment of run '{record.name}' ({record.id})"
    yield f"# Python {recorded.python}" + (f", {record.platform}" if record.platform else "")
    if any(one.source.startswith(".") for one in recorded.packages):
        yield "# paths are from the project's folder"
    left = []
    for package in recorded.packages:
        why = hindrance(project, package)
        if why:
            left.append(f"#   {package.line}: {why}")
        elif package.is_local:
            yield f"{package.line}  # a local version: from an index of its own"
        else:
            yield package.line
    if left:
        yield "# cannot be installed again:"
        yield from left
    yield from (f"{CONDA}{one}" for one in recorded.conda)
