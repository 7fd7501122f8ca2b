"""Secrets in the names of what was logged: they would stand in tables and names of files."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from gitexp.execution.secrets.finding import Finding, find_secrets, mask_secrets
from gitexp.execution.stages import Started
from gitexp.series.logged import Logged
from gitexp.series.series import Series


def with_masked_names(started: Started, logged: Logged) -> Logged:
    """Return what was logged with secrets masked in the keys of curves, and no picture named so.

    The record has both as well, and they have to agree.
    """
    found = _in_names([*logged.series, *logged.figures, *logged.figures.values()])
    if not found or started.plan.request.allow_secrets:
        return logged
    kinds = ", ".join(sorted({one.kind for one in found}))
    started.tell(f"warning: secrets are masked in the names of what was logged: {kinds}")
    series: dict[str, Series] = {}
    for key, one in logged.series.items():
        name = _masked(key)
        while name in series:  # both were all secret
            name += "*"
        series[name] = replace(one, key=name)
    figures = {name: file for name, file in logged.figures.items() if not _in_names([name, file])}
    return replace(logged, series=series, figures=figures)


def _in_names(names: Iterable[str]) -> list[Finding]:
    return find_secrets([("", "\n".join(names).encode(errors="backslashreplace"))])


def _masked(name: str) -> str:
    if not _in_names([name]):
        return name
    masked, _ = mask_secrets(name.encode(errors="backslashreplace"))
    return masked.decode()
