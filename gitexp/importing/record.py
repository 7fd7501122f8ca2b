"""The record of a run that DVC made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gitexp.data.pointers import Pointer
from gitexp.git.trees import is_below
from gitexp.importing.contents import Contents
from gitexp.importing.experiments import Experiment
from gitexp.importing.foreign import foreign_id
from gitexp.model.paths import TopPath
from gitexp.model.record import DataPointer, Documents, Exit, Role, RunRecord, time_text
from gitexp.model.values import Value
from gitexp.project import Project
from gitexp.revisions.inputs import inputs_of
from gitexp.revisions.roles import Declared
from gitexp.version import __version__

REPRO = ("dvc", "repro")


def imported_id(oid: str) -> str:
    """Return the id of the run that a commit of DVC becomes, the same in every clone.

    >>> imported_id("9e6f8fd9bd06a1a2f6d02f3fd4f1c0a5a5a1f2b3")
    'me8qmqct8m'
    """
    return foreign_id("dvc", oid)


def imported_record(
    project: Project, experiment: Experiment, name: str, contents: Contents
) -> RunRecord:
    """Return the record of an experiment; what DVC does not keep is absent, not made up.

    DVC knows when an experiment was recorded, not how long it took: started is ended.
    """
    declared = Declared(project, contents.pipeline)
    when = time_text(experiment.time)
    return RunRecord(
        id=imported_id(experiment.oid),
        name=name,
        status="done",  # DVC keeps no other experiments
        exit=Exit(0),
        command=_command(contents),
        baseline=experiment.baseline,
        inputs=inputs_of(
            project,
            contents.entries,
            tracked=contents.entries,
            pointers=contents.files,
            declared=declared,
        ),
        started=when,
        ended=when,
        gitexp=__version__,
        message=experiment.message,
        project=project.folder,
        directory=_directory(project, contents),
        outputs=tuple(_outputs(project, contents)),
        user=experiment.user if project.config.record_user else None,
        params=_named(project, contents.params),
        metrics=_named(project, contents.metrics),
        pointers=tuple(_pointers(project, contents)),
        extra={"imported": {"from": "dvc", "oid": experiment.oid, "ref": experiment.ref}},
    )


def _command(contents: Contents) -> tuple[str, ...]:
    """Return what the only stage ran; several are the pipeline; with none, it was saved by hand."""
    commands = list(contents.commands.values())
    return (commands[0],) if len(commands) == 1 else REPRO if commands else ()


def _directory(project: Project, contents: Contents) -> str:
    return contents.folders[0] if len(contents.folders) == 1 else project.folder


def _named(project: Project, documents: Mapping[str, dict[str, Value]]) -> Documents:
    return {project.name(TopPath(path)): documents[path] for path in documents}


def _outputs(project: Project, contents: Contents) -> Iterator[str]:
    pipeline = contents.pipeline
    places = pipeline.outs | pipeline.metrics | pipeline.plots
    there = (path for path in contents.entries if any(is_below(place, path) for place in places))
    found = {*there, *(one.path for one in _kept(contents))}
    yield from sorted(project.name(TopPath(path)) for path in found)


def _kept(contents: Contents) -> Iterator[Pointer]:
    """Yield the outs that DVC keeps; behind a template, those that git does not have."""
    for path, pointer in contents.outs.items():
        named = path in contents.pipeline.outs
        in_git = named or any(is_below(path, entry) for entry in contents.entries)
        if path in contents.pipeline.cached or not in_git:
            yield pointer


def _pointers(project: Project, contents: Contents) -> Iterator[DataPointer]:
    found: dict[str, DataPointer] = {}

    def add(pointer: Pointer, role: Role) -> None:
        name = project.name(TopPath(pointer.path))
        found[name] = DataPointer(name, pointer.md5, pointer.size, pointer.nfiles, role)

    tracked = {one.path for pointers in contents.files.values() for one in pointers}
    known = {*tracked, *contents.outs}
    for pointer in contents.deps.values():
        path = pointer.path
        of_another = any(is_below(one, path) or is_below(path, one) for one in known)
        if not of_another and not any(is_below(path, entry) for entry in contents.entries):
            add(pointer, "input")
    for pointers in contents.files.values():
        for pointer in pointers:
            add(pointer, "input")
    for pointer in _kept(contents):
        add(pointer, "output")
    yield from (found[name] for name in sorted(found))
