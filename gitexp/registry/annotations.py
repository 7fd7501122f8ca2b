"""What `dvc.yaml` and `artifacts.yaml` say of models: where the file of each lies."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from gitexp.data.pipelines import PIPELINE_NAME
from gitexp.data.plain_yaml import load_plain
from gitexp.git.repository import Repository
from gitexp.model.paths import TopPath

INDEX_NAME = "artifacts.yaml"
"""GTO's own file, at the top of a repository."""


def annotated_path(repository: Repository, commit: str, model: str) -> TopPath | None:
    """Return the path, from the top, that a commit annotates a model with.

    The `artifacts` of a `dvc.yaml` in a folder are about models named `folder:name`, those of
    `artifacts.yaml` are named in full.
    """
    folder, _, name = model.rpartition(":")
    in_folder = posixpath.normpath(posixpath.join(folder, PIPELINE_NAME))
    for path, key, start in _places(in_folder, model, name, folder):
        found = _path(_document(repository, f"{commit}:{path}", path), *key)
        if found is not None:
            return TopPath(posixpath.normpath(posixpath.join(start, found)))
    return None


def _places(
    pipeline: str, model: str, name: str, folder: str
) -> Iterator[tuple[str, tuple[str, ...], str]]:
    yield pipeline, ("artifacts", name), folder
    yield INDEX_NAME, (model,), ""


def _document(repository: Repository, spec: str, path: str) -> object:
    content = repository.objects.blob(spec)
    return load_plain(content, path) if content is not None else None


def _path(document: object, *keys: str) -> str | None:
    for key in (*keys, "path"):
        if not isinstance(document, Mapping):
            return None
        document = document.get(key)
    is_inside = isinstance(document, str) and document and "://" not in document
    return document if is_inside and isinstance(document, str) else None
