"""What the stages of a `dvc.yaml` say they write."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_KINDS = ("outs", "metrics", "plots")


def stage_outputs(content: bytes, yaml_path: str) -> set[str]:
    """Return the outputs of all stages that DVC caches, relative to where `yaml_path` is.

    Outputs with `cache: false` belong to git. Names with a template in them are left out,
    for only DVC resolves those; a file that is no pipeline has no outputs.
    """
    try:
        document = yaml.load(content, Loader=_Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError:
        return set()
    stages = document.get("stages") if isinstance(document, dict) else None
    found = set()
    for stage in (stages or {}).values():
        if isinstance(stage, dict):
            found |= set(_outputs(stage.get("do", stage), posixpath.dirname(yaml_path)))
    return found


def _outputs(stage: Mapping[str, Any], folder: str) -> Iterator[str]:
    base = posixpath.join(folder, str(stage.get("wdir") or ""))
    for kind in _KINDS:
        for entry in stage.get(kind) or []:
            options = entry if isinstance(entry, dict) else {entry: {}}
            for path, known in options.items():
                cached = (known or {}).get("cache", True) if isinstance(known, dict) else True
                if cached and "${" not in f"{base}{path}":
                    yield posixpath.normpath(posixpath.join(base, str(path)))
