"""The file of a run that is its model, and whether its data can be had."""

from __future__ import annotations

import hashlib

from msgspec import Struct

from gitexp.checking.data import find_data
from gitexp.data.pointers import Pointer
from gitexp.errors import GitexpError
from gitexp.handover.contents import RunContents, read_contents
from gitexp.handover.get_plan import GetPlan, plan_get
from gitexp.model.paths import TopPath
from gitexp.project import Project
from gitexp.registry.annotations import annotated_path
from gitexp.registry.demands import listed
from gitexp.store.stored_run import StoredRun


class ModelFile(Struct, frozen=True):
    """A file or folder of a run."""

    path: str
    """As the project spells it."""
    md5: str
    """The hash of the file, or that of the pointer around it; empty for a folder in git."""
    pointer: Pointer | None = None
    """What its data lies behind, if it is not in git."""


def choose_file(project: Project, run: StoredRun, model: str, typed: str | None) -> ModelFile:
    """Return the model of a run: the path that was typed or annotated, or the only one it wrote."""
    contents = read_contents(project, run)
    if typed is not None:
        return _file(project, plan_get(project, contents, typed))
    annotated = annotated_path(project.repository, run.oid, model)
    if annotated is not None:
        at = str(project.repository.top / annotated)  # from the top, wherever one is
        return _file(project, plan_get(project, contents, at))
    written = [one.path for one in run.record.pointers if one.role == "output"]
    if not written:
        raise GitexpError(
            f"run '{run.name}' has no model: it wrote nothing that lies behind a pointer",
            hint="`--path FILE` names one of its files that are in git.",
        )
    if len(written) > 1:
        raise GitexpError(
            f"run '{run.name}' wrote {len(written)} models: {listed(written)}",
            hint="Name the one with `--path`, or in `artifacts` of dvc.yaml.",
        )
    at = str(project.repository.top / project.folder / written[0])
    return _file(project, plan_get(project, contents, at))


def _file(project: Project, plan: GetPlan) -> ModelFile:
    path = project.name(TopPath(plan.path))
    pointers = plan.data if plan.around is None else (plan.around,)
    if len(pointers) == 1 and not plan.files:
        return ModelFile(path, pointers[0].md5, pointers[0])
    if plan.path in plan.files:
        content = project.repository.objects.blob(f"{plan.commit}:{plan.path}") or b""
        return ModelFile(path, hashlib.md5(content, usedforsecurity=False).hexdigest())
    if pointers:
        raise GitexpError(
            f"'{path}' holds {len(pointers)} pointers, so it is not a single model",
            hint="Name one of the files or folders in it with `--path`.",
        )
    return ModelFile(path, "")


def check_data(project: Project, run: StoredRun, file: ModelFile) -> None:
    """Raise GitexpError if nobody could get the model."""
    if file.pointer is None:
        return
    places = find_data(project, [file.pointer], ask_remote=True)
    if places.nowhere:
        asked = f" ({places.problem})" if places.problem else ""
        raise GitexpError(
            f"the model '{file.path}' of run '{run.name}' is neither in the DVC cache nor on a"
            f" DVC remote{asked}",
            hint="Ask whoever made the run to send it with `gitexp push --all-data`.",
        )


def lost_inputs(project: Project, run: StoredRun) -> tuple[str, ...]:
    """Return what to say of data that the run read and nobody could get."""
    contents = read_contents(project, run)
    wanted = _inputs(project, contents)
    gone = find_data(project, wanted, ask_remote=True).nowhere if wanted else ()
    if not gone:
        return ()
    return (f"its data {listed(gone)} is neither in the DVC cache nor on a DVC remote",)


def _inputs(project: Project, contents: RunContents) -> list[Pointer]:
    read = {one.path for one in contents.record.pointers if one.role == "input"}
    return [
        one.pointer for path, one in contents.data.items() if project.name(TopPath(path)) in read
    ]
