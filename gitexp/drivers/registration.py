"""The drivers in a repository: lines in `.gitattributes`, and what git's configuration says."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from gitexp.data.replacing import refuse_link
from gitexp.drivers.commands import diff_command, merge_command, unnumbered
from gitexp.drivers.listed import LOCK
from gitexp.git.attributes import attribute_line, with_block, without_block
from gitexp.git.repository import Repository
from gitexp.model.documents.reading import is_editable
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.revisions.roles import Declared

ATTRIBUTES = ".gitattributes"
_DVC = "merge=dvc"
_ATTRIBUTE = "diff=gitexp merge=gitexp"
_TEXTCONV = "diff.gitexp.textconv"
_KEPT_LINES = "refs/notes/textconv/gitexp"
"""Where git keeps what the diff driver has shown."""
_SECTIONS = ("diff.gitexp", "merge.gitexp", "merge.gitexp-ancestors")


def driver_settings(python: str) -> Mapping[str, str]:
    """Return what git's configuration has to say for the drivers to be called."""
    return {
        _TEXTCONV: diff_command(python),
        "diff.gitexp.cachetextconv": "true",  # so `git log -p` starts one process a blob, once
        "merge.gitexp.name": "params, metrics and pointers by their keys",
        "merge.gitexp.driver": merge_command(python),
        "merge.gitexp.recursive": "gitexp-ancestors",
        "merge.gitexp-ancestors.name": "common ancestors of branches that were merged both ways",
        "merge.gitexp-ancestors.driver": merge_command(python, "ancestor"),
    }


def attribute_lines(project: Project, *, merged_by_dvc: bool = False) -> list[str]:
    """Return the lines that name the project's params, metrics and pointers.

    If the user has chosen DVC's own merge driver for pointers, which joins lists of files
    to which both sides added some, they keep it.
    """
    named = Declared(project, project.pipeline).value_names
    merged = filter(is_editable, dict.fromkeys(named))
    inside = [name for name in merged if not name.startswith("../")]
    of_dvc = "diff=gitexp" if merged_by_dvc else _ATTRIBUTE
    pointers = [f"*.dvc {of_dvc}", f"{LOCK} {_ATTRIBUTE}"]
    return [*(attribute_line(name, _ATTRIBUTE) for name in inside), *pointers]


def register(project: Project) -> bool:
    """Have git call the drivers; return whether anything had to be written."""
    path = project.root / ATTRIBUTES
    refuse_link(path, ATTRIBUTES)
    configured = configure(project.repository)
    text = _read(path)
    wanted = with_block(text, attribute_lines(project, merged_by_dvc=_DVC in text))
    if wanted != text:
        _write(path, wanted)
    return configured or wanted != text


def configure(repository: Repository) -> bool:
    """Write the settings that are not as they should be into the repository's configuration."""
    changed = _differing(repository)
    for key, value in changed.items():
        repository.git("config", "--local", key, value)
    if changed:
        forget_lines(repository)
    repository.forget_config()
    return bool(changed)


def forget_lines(repository: Repository) -> None:
    """Have git render files again: it may have kept what another driver printed."""
    repository.git("update-ref", "-d", _KEPT_LINES)


def unregister(project: Project) -> bool:
    """Remove what `register` wrote, committed or not; return whether there was anything.

    Git's configuration serves all projects of the repository, and goes with the last of them.
    """
    repository, path = project.repository, project.root / ATTRIBUTES
    others = (one for one in _with_block(repository) if one != path)
    configured = not any(others) and _deconfigure(repository)
    return _take_block(path) or configured


def unregister_clone(repository: Repository) -> tuple[bool, list[TopPath]]:
    """Remove what was written in this clone alone, whichever project it is about.

    Return whether there was anything, and the files whose lines are committed. Those stay:
    they are the team's, and do nothing if git is not configured.
    """
    has_gone = _deconfigure(repository)
    committed = []
    for path in _with_block(repository):
        name = repository.relative(path)
        known = repository.objects.blob(f"HEAD:{name}") or b""
        if _has_block(known.decode(errors="surrogateescape")):
            committed.append(name)
        else:
            has_gone = _take_block(path) or has_gone
    return has_gone, committed


def _deconfigure(repository: Repository) -> bool:
    known = [s for s in _SECTIONS if any(key.startswith(f"{s}.") for key in repository.config)]
    for section in known:
        repository.attempt("config", "--local", "--remove-section", section)
    if known:
        forget_lines(repository)
    repository.forget_config()
    return bool(known)


def _take_block(path: Path) -> bool:
    text = _read(path)
    kept = without_block(text)
    if kept != text and not kept:
        path.unlink()
    elif kept != text:
        _write(path, kept)
    return kept != text


def is_registered(project: Project) -> bool:
    """Return whether git is set up to call the drivers for this project."""
    known = project.repository.config
    return "merge.gitexp.driver" in known and _has_block(_read(project.root / ATTRIBUTES))


def is_current(project: Project) -> bool:
    """Return whether git's configuration is what this gitexp would write."""
    return not _differing(project.repository)


def _differing(repository: Repository) -> Mapping[str, str]:
    """Return the settings that git's configuration does not have as they should be."""
    known = dict(repository.config)
    settings = driver_settings(sys.executable)
    if unnumbered(known.get(_TEXTCONV, "")) == unnumbered(settings[_TEXTCONV]):
        known[_TEXTCONV] = settings[_TEXTCONV]
    return {key: value for key, value in settings.items() if known.get(key) != value}


def _with_block(repository: Repository) -> list[Path]:
    """Return the `.gitattributes` that have lines for projects of the repository."""
    options = ("-z", "--cached", "--others", "--exclude-standard")
    listed = repository.git("ls-files", *options, "--", f":(top,glob)**/{ATTRIBUTES}")
    names = dict.fromkeys(os.fsdecode(name) for name in listed.split(b"\0") if name)
    return [path for path in map(repository.top.joinpath, names) if _has_block(_read(path))]


def _has_block(text: str) -> bool:
    return without_block(text) != text


def _read(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        return file.read()


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.gitexp-{os.getpid()}")
    temporary.write_bytes(text.encode(errors="surrogateescape"))
    if path.exists():
        temporary.chmod(path.stat().st_mode)
    temporary.replace(path)
