"""How DVC is set up: its cache, its remote, and what it sends home."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from gitexp.data.dvc_settings import DvcSettings, cache_at, read_settings, sharing
from gitexp.doctor.finding import Finding
from gitexp.doctor.roots import dvc_roots
from gitexp.errors import GitexpError
from gitexp.project import Project


def examine_data(project: Project) -> Iterator[Finding]:
    """Look at DVC's configuration and cache, without starting DVC."""
    roots = dvc_roots(project)
    if not roots:
        yield Finding("ok", "data", "DVC is not set up here; the first model does it")
    for root in roots:
        where = f" (in '{project.repository.relative(root) or '.'}')" if len(roots) > 1 else ""
        for one in _examine(project, root):
            yield replace(one, text=f"{one.text}{where}")


def _examine(project: Project, root: Path) -> Iterator[Finding]:
    try:
        settings = read_settings(root)
    except GitexpError as error:
        yield Finding("wrong", "data", str(error), error.hint)
        return
    yield _cache(settings, _of_main(project, root))
    yield _remote(settings)
    yield _analytics(settings)


def _of_main(project: Project, root: Path) -> Path | None:
    """Return the cache that the main work tree has for the same project."""
    main = project.repository.in_main(root)
    try:
        cache = cache_at(main) if main is not None else None
    except GitexpError:  # for a doctor there
        return None
    return cache if cache is not None and cache.is_dir() else None


def _cache(settings: DvcSettings, main: Path | None) -> Finding:
    cache = settings.cache
    if main is not None and main != cache and not settings.cache_is_chosen:
        return Finding(
            "note",
            "cache",
            "this linked work tree does not use the main one's DVC cache",
            f"`{sharing(main)}` shares it.",
        )
    if not cache.exists():
        if settings.cache_is_chosen:
            return Finding(
                "note", "cache", f"'{cache}' is not there", "Is it on a disk that is not mounted?"
            )
        return Finding("ok", "cache", "nothing is in DVC's cache yet")
    if not os.access(cache, os.W_OK):
        return Finding("wrong", "cache", f"'{cache}' cannot be written", "See who owns it.")
    return Finding("ok", "cache", f"'{_short(cache, settings.root)}'")


def _remote(settings: DvcSettings) -> Finding:
    if settings.remote is None:
        hint = "`dvc remote add -d NAME URL` sets one up for `gitexp push`."
        return Finding("note", "remote", "no DVC remote is the default: data stays here", hint)
    if settings.remote not in settings.remotes:
        return Finding(
            "wrong",
            "remote",
            f"the default DVC remote '{settings.remote}' is not configured",
            f"`dvc remote add {settings.remote} URL`.",
        )
    if settings.remote in settings.versioned:
        return Finding(
            "note",
            "remote",
            f"the default DVC remote '{settings.remote}' is cloud-versioned: it has what "
            "`dvc push` sent of a commit, and takes no data of runs, which stays here",
            "`dvc remote add -d NAME URL` sets up an ordinary one beside it.",
        )
    return Finding("ok", "remote", f"'{settings.remote}' takes the data that `gitexp push` sends")


def _analytics(settings: DvcSettings) -> Finding:
    if settings.analytics:
        hint = "`dvc config core.analytics false` turns it off."
        return Finding("note", "analytics", "DVC sends usage data to its makers", hint)
    return Finding("ok", "analytics", "DVC sends nothing home")


def _short(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
