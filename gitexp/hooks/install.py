"""Our hooks put where git looks for them, and removed without a trace."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.git.repository import Repository
from gitexp.hooks.names import HOOKS, OTHERS, HookState, State
from gitexp.hooks.places import KEPT, SETTING, Places, find_places, redirect_folder
from gitexp.hooks.shim import is_frameworks, is_shim, shim_text


def hook_states(repository: Repository) -> list[HookState]:
    """Return how each of our hooks stands."""
    places = find_places(repository)
    return [_state(repository, places, name) for name in HOOKS]


def install_hooks(repository: Repository, names: Iterable[str]) -> None:
    """Install hooks, chained after what is there; those already installed are written again."""
    places = find_places(repository)
    if places.of_work_tree is not None:
        raise GitexpError(
            f"'{SETTING}' is set for this work tree alone, to '{places.of_work_tree}'",
            hint=f"Move it with `git config --worktree --unset {SETTING}` and "
            f"`git config {SETTING} {shlex.quote(places.of_work_tree)}`, and try again.",
        )
    with _told(places.folder):
        places.folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            path = places.path(name)
            if _is_overwritten(places, name):
                _check_same(path, places.earlier(name))
            elif places.others is None and os.path.lexists(path) and not is_shim(path):
                path.rename(places.earlier(name))
            _write(path, _text(places, name))
        if places.others is not None:
            _redirect(repository, places)


def uninstall_hooks(repository: Repository, names: Iterable[str]) -> list[str]:
    """Remove hooks and put back what was in their place; return which were there."""
    places, ours = find_places(repository), redirect_folder(repository)
    gone = []
    with _told(places.folder):
        for name in names:
            path, unused = places.path(name), ours / name
            if _is_ours(path):
                _take_away(places, name, path)
                gone.append(name)
            elif _is_ours(unused):  # git was told to look elsewhere since
                unused.unlink()
                gone.append(name)
        if not any(_is_ours(ours / name) for name in HOOKS):
            _lead_back(repository, places)
    return gone


def _take_away(places: Places, name: str, path: Path) -> None:
    if places.is_redirected:
        _write(path, _passing_on(places, name))
        return
    path.unlink()
    if os.path.lexists(places.earlier(name)):
        places.earlier(name).rename(path)


def kept_aside(repository: Repository) -> list[Path]:
    """Return what was there before a hook of ours that something else has overwritten since."""
    places = find_places(repository)
    return [places.earlier(name) for name in HOOKS if _is_overwritten(places, name)]


def _is_overwritten(places: Places, name: str) -> bool:
    path = places.path(name)
    there = places.others is None and os.path.lexists(path) and not is_shim(path)
    return there and os.path.lexists(places.earlier(name))


def _check_same(path: Path, earlier: Path) -> None:
    """Raise unless both are the same, as when a tool has installed its hook again."""
    if path.is_file() and earlier.is_file() and path.read_bytes() == earlier.read_bytes():
        return
    new, first = shlex.quote(str(path)), shlex.quote(str(earlier))
    raise GitexpError(
        f"'{path}' has overwritten our hook; what was there before us is still kept "
        f"as '{earlier.name}'",
        hint=f"`rm {first}` if the new one should run from now on, "
        f"`mv {first} {new}` if the first one should; then try again.",
    )


def _redirect(repository: Repository, places: Places) -> None:
    """Have git look into our folder, from which everything is passed on."""
    for name in _passed_on(repository, places):
        path = places.folder / name
        if not is_shim(path):
            _write(path, _passing_on(places, name))
    if places.has_moved or not places.is_redirected:
        if places.own_setting is not None:
            repository.git("config", "--local", KEPT, places.own_setting)
        repository.git("config", "--local", SETTING, str(places.folder))
        repository.forget_config()


def _lead_back(repository: Repository, places: Places) -> None:
    """Have git look where it looked before; if it does already, as husky has it, clear up."""
    folder = redirect_folder(repository)
    own = places.own_setting
    if places.is_redirected:
        change = ("--unset", SETTING) if own is None else (SETTING, own)
        repository.git("config", "--local", *change)
    repository.attempt("config", "--local", "--unset", KEPT)
    repository.forget_config()
    for path in folder.glob("*"):
        if is_shim(path):
            path.unlink()
    with contextlib.suppress(OSError):  # not empty: somebody put something there
        folder.rmdir()
        folder.parent.rmdir()


def _passed_on(repository: Repository, places: Places) -> Iterator[str]:
    others = repository.top / Path(places.others or "").expanduser()
    present = sorted(path.name for path in others.iterdir()) if others.is_dir() else []
    yield from dict.fromkeys((*HOOKS, *OTHERS, *(name for name in present if _is_hook(name))))


def _is_hook(name: str) -> bool:
    return name.islower() and name.replace("-", "").isalpha() and "-" in name


def _text(places: Places, name: str) -> str:
    return shim_text(name, sys.executable, earlier=_theirs(places, name))


def _passing_on(places: Places, name: str) -> str:
    return shim_text(name, sys.executable, ours=False, earlier=_theirs(places, name))


def _theirs(places: Places, name: str) -> str:
    """Return where the other folder has a hook, seen from where git calls it, or nothing."""
    if places.others is None:
        return ""
    return os.path.join(os.path.expanduser(places.others), name)  # noqa: PTH111, PTH118 - relative


def _is_ours(path: Path) -> bool:
    return is_shim(path) and b"\nours='yes'\n" in path.read_bytes()


def _state(repository: Repository, places: Places, name: str) -> HookState:
    path = places.path(name)
    found = _is_ours(path) and (places.others is None or places.is_redirected)
    state: State = "not installed"
    if found:
        is_current = path.read_text(encoding="utf-8") == _text(places, name)
        state = "installed" if is_current and not places.has_moved else "outdated"
    elif _is_overwritten(places, name):
        state = "overwritten"
    return HookState(name, state, _chained(repository, places, name, found=found))


def _chained(repository: Repository, places: Places, name: str, *, found: bool) -> str | None:
    top = places.folder / name
    if is_frameworks(top):
        return "the pre-commit framework"
    if places.others is not None:
        other = repository.top / _theirs(places, name)
        return str(_theirs(places, name)) if other.is_file() else None
    there = places.earlier(name) if found else top
    return str(there.relative_to(places.folder.parent)) if there.is_file() else None


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.gitexp-{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    temporary.chmod(0o755)
    temporary.replace(path)


@contextlib.contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise GitexpError(f"cannot write hooks in '{folder}': {error.strerror}") from error
