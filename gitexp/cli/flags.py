"""Flags of the program that is run, named where `-S` is taken for one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.model.command.text import command_text
from gitexp.model.override import UnknownParam
from gitexp.project import Project

_LARGEST = 1_000_000


def with_flag(project: Project, unknown: UnknownParam, command: Sequence[str]) -> GitexpError:
    """Return the error with the flag in its hint that the program takes by the name of the param.

    The source is read, and never run.
    """
    asked = unknown.override
    words = list(command or project.config.command)
    flag = _flag_of(project, words, asked.key[-1]) if asked.has_value else None
    if flag is None:
        return unknown
    value = asked.text.partition("=")[2]
    typed = command_text((*words, flag, value))
    hint = f"The program takes `{flag}`: `gitexp run -- {typed}`. {unknown.hint or ''}"
    return GitexpError(str(unknown), hint.strip())


def _flag_of(project: Project, words: Sequence[str], name: str) -> str | None:
    script = next((word for word in words[:3] if word.endswith(".py")), None)
    if script is None:
        return None
    from gitexp.survey.sources import read_source  # noqa: PLC0415 - 10 ms, where something is wrong

    file = Path(project.repository.top, project.directory, script)
    try:
        if file.stat().st_size > _LARGEST:
            return None
        source = read_source(file.read_text(encoding="utf-8", errors="replace"), script)
    except OSError:
        return None
    options = source.options if source is not None else ()
    return next((one for one in options if _bare(one) == _bare(name)), None)


def _bare(name: str) -> str:
    """Return a name as it is the same for flags and params.

    >>> _bare("--batch-size"), _bare("batch_size")
    ('batch-size', 'batch-size')
    """
    return name.lstrip("-").replace("_", "-")
