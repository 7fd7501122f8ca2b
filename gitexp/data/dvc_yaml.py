"""What a `dvc.yaml` says about paths, as far as that takes neither DVC nor templates.

`gitexp.data.stages` asks DVC itself, which takes a third of a second.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import Any

from gitexp.data.pipelines import Pipeline, is_readable
from gitexp.model.paths import TopPath

_KINDS = ("outs", "metrics", "plots")
_DEFAULT_PARAMS = "params.yaml"


def read_pipeline(content: bytes, yaml_path: str) -> Pipeline:
    """Return what a `dvc.yaml` says without its templates; nothing if it is not a pipeline."""
    document = _document(content)
    folder = posixpath.dirname(yaml_path)
    pipeline = _top_level(document, folder, templated=b"${" in content)
    for stage in _stages(document):
        pipeline |= _stage(stage, folder)
    return pipeline


def read_pipelines(contents: Iterable[tuple[str, bytes | None]]) -> Pipeline:
    """Return what several `dvc.yaml`, given by path, say together; None says nothing."""
    pipeline = Pipeline()
    for yaml_path, content in contents:
        if content is not None:
            pipeline |= read_pipeline(content, yaml_path)
    return pipeline


def read_tracked_params(content: bytes, yaml_path: str) -> dict[str, tuple[str, ...]] | None:
    """Return which params a `dvc.yaml` tracks: dotted names by file, none for all of a file.

    None if only DVC can tell: there are templates, or patterns in place of names.
    """
    document = _document(content)
    holders = [document, *_stages(document)]
    if any("vars" in holder or "${" in str(holder.get("params")) for holder in holders):
        return None
    folder, found = posixpath.dirname(yaml_path), dict[str, list[str]]()
    whole = set(_joined(folder, _names(document.get("params"))))
    for stage in holders[1:]:
        base = posixpath.join(folder, str(stage.get("wdir") or ""))
        for file, names in _tracked(stage):
            [path] = _joined(base, [file])
            found.setdefault(path, []).extend(names)
            if not names:
                whole.add(path)
    tracked = {path: () if path in whole else tuple(names) for path, names in found.items()}
    if any(letter in name for names in tracked.values() for name in names for letter in "*?["):
        return None
    return {**dict.fromkeys(sorted(whole), ()), **tracked}


def _tracked(stage: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield the file and the names of each entry; no names mean all of the file."""
    for entry in _list(stage.get("params")):
        if isinstance(entry, dict):
            for path, names in entry.items():
                yield str(path), [str(name) for name in _list(names)]
        else:
            yield _DEFAULT_PARAMS, [str(entry)]


def _document(content: bytes) -> dict[str, Any]:
    import yaml  # noqa: PLC0415 - 10 ms, where there is a pipeline

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    if b"&" in content and b"*" in content and _is_a_bomb(content):
        return {}
    try:
        document = yaml.load(content, Loader=loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _is_a_bomb(content: bytes) -> bool:
    """Return whether aliases make much more of a document than it says."""
    from gitexp.model.documents.yaml_nodes import (  # noqa: PLC0415 - 10 ms, where there are aliases
        expands,
    )

    return expands(content.decode(errors="replace"))


def _stages(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the stages, of those that are made by `foreach` or `matrix` the pattern."""
    stages = document.get("stages")
    for stage in (stages if isinstance(stages, dict) else {}).values():
        body = stage.get("do", stage) if isinstance(stage, dict) else None
        if isinstance(body, dict):
            yield body


def metrics_and_plots(
    metrics: object, plots: object, folder: str
) -> tuple[frozenset[TopPath], frozenset[TopPath]]:
    """Return the files that the top level of a `dvc.yaml` names, templates already resolved."""
    found = _joined(folder, _names(metrics)), _joined(folder, _plot_files(plots))
    return frozenset(found[0]), frozenset(found[1])


def _top_level(document: dict[str, Any], folder: str, *, templated: bool) -> Pipeline:
    metrics, plots = metrics_and_plots(document.get("metrics"), document.get("plots"), folder)
    unasked = [_DEFAULT_PARAMS] if templated else []  # DVC reads it then
    names = [*_names(document.get("params")), *_files_of_vars(document), *unasked]
    params = _joined(folder, names)
    return _without_templates(Pipeline(params=tuple(params), metrics=metrics, plots=plots))


def _stage(stage: dict[str, Any], folder: str) -> Pipeline:
    base = posixpath.join(folder, str(stage.get("wdir") or ""))
    found: dict[str, set[str]] = {kind: set() for kind in (*_KINDS, "cached")}
    for kind in _KINDS:
        for path, options in _entries(stage.get(kind)):
            found[kind].add(path)
            if options.get("cache", True):
                found["cached"].add(path)
    paths = {kind: frozenset(_joined(base, sorted(names))) for kind, names in found.items()}
    params = [
        path if isinstance(entry, dict) else _DEFAULT_PARAMS
        for entry in _list(stage.get("params"))
        for path in (entry if isinstance(entry, dict) else [_DEFAULT_PARAMS])
    ]
    return _without_templates(
        Pipeline(
            params=tuple(_joined(base, [*params, *_files_of_vars(stage)])),
            metrics=paths["metrics"],
            plots=paths["plots"],
            outs=paths["outs"] | paths["metrics"] | paths["plots"],
            cached=paths["cached"],
        )
    )


def _without_templates(found: Pipeline) -> Pipeline:
    def plain(paths: Iterable[TopPath]) -> list[TopPath]:
        return [path for path in paths if "${" not in path]

    paths = (found.metrics, found.plots, found.outs, found.cached, found.params)
    return Pipeline(
        params=tuple(path for path in plain(found.params) if is_readable(path)),
        unread_params=tuple(path for path in plain(found.params) if not is_readable(path)),
        metrics=frozenset(plain(found.metrics)),
        plots=frozenset(plain(found.plots)),
        outs=frozenset(plain(found.outs)),
        cached=frozenset(plain(found.cached)),
        is_whole=all(len(plain(some)) == len(some) for some in paths),
    )


def _files_of_vars(holder: dict[str, Any]) -> list[str]:
    """Return the files of `vars: [file, 'file:key,key', {name: value}]`."""
    return [text.partition(":")[0] for text in _names(holder.get("vars"))]


def _plot_files(plots: object) -> Iterator[str]:
    """Yield files from `[file, {file: options}, {title: {y: {file: column}}}]`."""
    for name, options in _entries(plots):
        files = [path for axis in ("x", "y") for path in _keys(options.get(axis))]
        yield from files or [name]


def _keys(value: object) -> list[str]:
    return [key for key in value if isinstance(key, str)] if isinstance(value, dict) else []


def _entries(value: object) -> Iterator[tuple[str, dict[str, Any]]]:
    for entry in [value] if isinstance(value, dict) else _list(value):
        items = entry.items() if isinstance(entry, dict) else [(entry, None)]
        for path, options in items:
            yield str(path), options if isinstance(options, dict) else {}


def _names(value: object) -> list[str]:
    found = [value] if isinstance(value, str) else _list(value)
    return [name for name in found if isinstance(name, str)]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _joined(folder: str, names: Iterable[str]) -> list[TopPath]:
    return [TopPath(posixpath.normpath(posixpath.join(folder, name))) for name in names]
