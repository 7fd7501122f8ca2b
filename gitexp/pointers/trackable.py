"""Whether a path can go behind a DVC pointer, looked at before anything is written."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from msgspec import Struct

from gitexp.data.ignore import with_ignored
from gitexp.data.listing import NEVER_DATA, list_names
from gitexp.data.pointers import Pointer, parse_dvc_file, parse_dvc_lock, stage_folders
from gitexp.errors import GitexpError
from gitexp.git.repository import Repository
from gitexp.git.trees import is_below
from gitexp.pointers.roots import new_root_of
from gitexp.project import Project
from gitexp.revisions.secret_names import is_secret_path
from gitexp.settings.config import CONFIG_NAME

_OWN_FILES = (".dvcignore", ".gitignore", CONFIG_NAME, "dvc.lock", "dvc.yaml")


class Place(Struct, frozen=True):
    """A path that is to go behind a pointer."""

    path: str
    """From the top of the repository, as git spells it."""
    shown: str
    """As it was typed."""


def check_places(project: Project, paths: Sequence[Path]) -> list[Place]:
    """Return where the paths lie; raise GitexpError if one cannot go behind a pointer."""
    found = {place.path: place for place in (_place(project, path) for path in paths)}
    places = list(found.values())
    repository = project.repository
    known = list(known_pointers(repository))
    for place in places:
        root = new_root_of(project, place.path)
        _check_kind(repository.top, place, root)
        _check_others(place, places)
        _check_pointers(place, known)
        _check_git(repository, place)
        inner = (repository.top / place.path).relative_to(root).as_posix()
        _check_secrets(place, inner, list_names(root, inner))
    return places


def _place(project: Project, path: Path) -> Place:
    top = project.repository.top
    absolute = Path(os.path.normpath(top / project.directory / path))
    lies = absolute.parent.resolve() / absolute.name  # a link itself may stand for its file
    if not lies.is_relative_to(top):
        raise GitexpError(
            f"'{path}' lies outside the repository", hint="Move or copy it into the project first."
        )
    if not os.path.lexists(lies):
        raise GitexpError(f"there is no '{path}'")
    return Place(project.repository.relative(lies), str(path))


def _check_kind(top: Path, place: Place, root: Path) -> None:
    lies, name = top / place.path, PurePosixPath(place.path).name
    if root.is_relative_to(lies):
        raise GitexpError(
            f"'{place.shown}' holds the project itself", hint="Name the data inside it."
        )
    if not lies.is_relative_to(root):
        raise GitexpError(
            f"'{place.shown}' lies outside the project in '{root}'",
            hint="Use `gitexp -C DIR track` with a DIR that holds it.",
        )
    if set(lies.relative_to(root).parts) & set(NEVER_DATA):
        raise GitexpError(f"'{place.shown}' belongs to git or DVC, and is not data")
    inner = _inner_project(lies, root)
    if inner is not None:
        raise GitexpError(
            f"'{place.shown}' lies in '{inner}', which is a repository or project of its own",
            hint=f"Use `gitexp -C {shlex.quote(str(inner))} track`.",
        )
    if name.endswith(".dvc") and lies.is_file():
        data = shlex.quote(place.shown.removesuffix(".dvc"))
        raise GitexpError(
            f"'{place.shown}' is a pointer itself", hint=f"Name the data: `gitexp track {data}`."
        )
    if name in _OWN_FILES:
        raise GitexpError(f"'{place.shown}' is not data; it belongs in git")
    with_ignored(None, name)  # raises for a name that cannot stand in a .gitignore


def _inner_project(lies: Path, root: Path) -> Path | None:
    """Return the folder between a path and the root that git or DVC takes for another project."""
    for folder in lies.parents:
        if folder == root:
            break
        if (folder / ".git").exists() or (folder / ".dvc").is_dir():
            return folder
    return None


def _check_others(place: Place, places: Sequence[Place]) -> None:
    for other in places:
        if other is not place and is_below(other.path, place.path):
            raise GitexpError(
                f"'{place.shown}' lies in '{other.shown}'", hint="Track one of the two."
            )


def known_pointers(repository: Repository) -> Iterator[tuple[str, Pointer]]:
    """Yield the outputs that DVC knows in the work tree, each with the file that says so."""
    specs = (":(top,glob)**/*.dvc", ":(top,glob)**/dvc.lock")
    listed = repository.git("ls-files", "-co", "--exclude-standard", "-z", "--", *specs)
    for path in dict.fromkeys(os.fsdecode(name) for name in listed.split(b"\0")[:-1]):
        file = repository.top / path
        if not file.is_file():
            continue
        if path.endswith(".dvc"):
            yield from ((path, pointer) for pointer in parse_dvc_file(file.read_bytes(), path))
        else:
            stages = parse_dvc_lock(file.read_bytes(), path, _stage_folders(file))
            yield from ((path, pointer) for pointer, role in stages if role == "out")


def _stage_folders(lock: Path) -> Mapping[str, str | None]:
    stages = lock.with_name("dvc.yaml")
    return stage_folders(stages.read_bytes(), str(stages)) if stages.is_file() else {}


def _check_pointers(place: Place, known: Sequence[tuple[str, Pointer]]) -> None:
    for file, pointer in known:
        if file == f"{place.path}.dvc" and pointer.path == place.path:
            continue  # tracked before: the pointer is brought up to date
        if is_below(pointer.path, place.path):
            raise GitexpError(
                f"'{place.shown}' is already held by '{file}', which points to '{pointer.path}'",
                hint=f"Run `dvc commit {shlex.quote(file)}` to bring that up to date.",
            )
        if is_below(place.path, pointer.path):
            raise GitexpError(
                f"'{place.shown}' holds '{pointer.path}', which '{file}' points to",
                hint=f"Run `dvc remove {shlex.quote(file)}` first, or track what lies beside it.",
            )


def _check_secrets(place: Place, inner: str, names: Iterable[str]) -> None:
    """Raise GitexpError if a file in a folder has the name of a secret, which DVC takes along.

    A file that was named itself is meant.
    """
    secret = next((name for name in names if name and is_secret_path(name)), None)
    if secret is not None:
        line = shlex.quote(f"/{inner}/{secret}")
        raise GitexpError(
            f"'{place.shown}' holds '{secret}', which has the name of a secret",
            hint=f"`echo {line} >> .dvcignore`, in the folder that has `.dvc`, keeps it out of "
            f"DVC's cache; if it is none, `dvc add {shlex.quote(place.shown)}` takes it along.",
        )


def _check_git(repository: Repository, place: Place) -> None:
    if repository.git("ls-files", "-z", "--", f":(top,literal){place.path}"):
        shown = shlex.quote(place.shown)
        raise GitexpError(
            f"'{place.shown}' is tracked by git",
            hint=f"`git rm -r --cached {shown}` takes it out of git and leaves it where it is; "
            "then track it again, and commit both.",
        )
    pointer = f"{place.path}.dvc"
    if repository.attempt("check-ignore", "-q", "--", pointer).returncode == 0:
        shown = shlex.quote(f"{place.shown}.dvc")
        raise GitexpError(
            f"the pointer '{place.shown}.dvc' would be ignored by git",
            hint=f"`git check-ignore -v {shown}` names the rule: remove it, since tracking "
            "makes one for the data alone.",
        )
