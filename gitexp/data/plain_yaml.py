"""YAML that DVC writes, as strings, lists and mappings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitexp.errors import GitexpError


def load_plain(content: bytes, source: str) -> object:
    """Return YAML as strings, lists and mappings; raises GitexpError for what is not YAML."""
    import yaml  # noqa: PLC0415 - 10 ms, where there are pointers

    # Without a schema every scalar is a string, as paths and hashes have to be: `1e5`, `007`.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        return yaml.load(content, Loader=loader)  # noqa: S506 - makes strings, lists and dicts only
    except RecursionError as exc:
        raise GitexpError(f"'{source}' nests too deep", "Look at who wrote it.") from exc
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        place = f"'{source}' line {mark.line + 1}" if mark else f"'{source}'"
        raise GitexpError(
            f"{place} is not valid YAML",
            "If it holds conflict markers, resolve them first; `dvc add` writes it again.",
        ) from exc


def as_mapping(value: object, source: str) -> dict[str, Any]:
    """Return a mapping, empty for what is not there; raises GitexpError for anything else."""
    if value in (None, ""):
        return {}
    if not isinstance(value, dict):
        raise malformed(source)
    return value


def text_in(mapping: Mapping[str, Any], key: str) -> str:
    """Return a text of a mapping, empty if it has none."""
    value = mapping.get(key, "")
    return value if isinstance(value, str) else ""


def number_in(mapping: Mapping[str, Any], key: str, source: str) -> int | None:
    """Return a number of a mapping; raises GitexpError for a text that is none."""
    text = text_in(mapping, key)
    try:
        return int(text) if text else None
    except ValueError as exc:
        raise malformed(source) from exc


def malformed(source: str) -> GitexpError:
    """Return what to say of a file that only DVC should write."""
    return GitexpError(
        f"'{source}' is not what DVC writes", "Run `dvc status` to see what DVC says about it."
    )
