"""What the stages of pipelines wrote before this run."""

from __future__ import annotations

from collections.abc import Iterable

from gitexp.data.pipelines import lock_of
from gitexp.data.pointers import parse_dvc_lock, stage_folders
from gitexp.errors import GitexpError
from gitexp.execution.work_tree.files import Signature, is_regular, signatures
from gitexp.project import Project
from gitexp.revisions.pipeline_files import pipeline_files
from gitexp.revisions.roles import Declared


def outs_at_start(
    project: Project, declared: Declared, entries: Iterable[str]
) -> dict[str, Signature]:
    """Return the signatures of what stages wrote before: of the files that are known by now.

    If there are templates, only `dvc.lock` knows the files.
    """
    pipeline, top = declared.pipeline, project.repository.top
    paths: set[str] = set(pipeline.metrics | pipeline.plots)
    for path in [] if pipeline.is_whole else pipeline_files(project, entries):
        lock, stages = top / lock_of(path), top / path
        try:
            folders = stage_folders(stages.read_bytes(), path)
            locked = parse_dvc_lock(lock.read_bytes(), path, folders)
        except (OSError, GitexpError):
            continue  # never reproduced; or DVC will say what is wrong with it
        paths.update(pointer.path for pointer, role in locked if role == "out")
    return {path: one for path, one in signatures(top, paths).items() if is_regular(one)}
