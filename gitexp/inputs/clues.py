"""What is known of the run behind a revision before any run is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gitexp.data.pointers import POINTING, Pointer
from gitexp.git.trees import tree_entries
from gitexp.inputs.origin import named_around
from gitexp.inputs.sought import Sought
from gitexp.model.record import inputs_text
from gitexp.model.values import flatten, is_number
from gitexp.revisions.inputs import inputs_of
from gitexp.revisions.reading import Reading
from gitexp.revisions.written_before import made_by_runs, remade_files, undeclared_files
from gitexp.store.clues import Clues


def clues_of(reading: Reading) -> Clues:
    """Return what the commit of a revision says of the run that its metrics may be of."""
    project, sought = reading.project, Sought.of(reading)
    around = list(named_around(project, reading.revision.commit))
    numbers: dict[str, set[float]] = {}
    for values in sought.documents.values():
        for name, value in flatten(values).items():
            if is_number(value):
                numbers.setdefault(name, set()).add(value)
    return Clues(
        project=project.folder,
        ids=frozenset(run_id for _, ids in around for run_id in ids),
        baselines=frozenset(oid for oid, _ in around),
        inputs=frozenset(_inputs(reading)),
        numbers={name: frozenset(some) for name, some in numbers.items()},
    )


def _inputs(reading: Reading) -> set[str]:
    """Return the inputs of a run that would start from the commit as it is.

    Whether it makes data anew that runs had made, its command says: there are both.
    """
    commit = reading.revision.commit
    if commit is None:
        return set()
    project, declared = reading.project, reading.declared
    entries = tree_entries(project.repository, commit)
    pointers: dict[str, tuple[Pointer, ...]] = {}
    for path, one in reading.pointers:
        if path.endswith(POINTING):
            pointers[path] = (*pointers.get(path, ()), one)

    def text(remade: Collection[str]) -> str:
        return inputs_text(
            inputs_of(
                project,
                entries,
                tracked=entries,
                pointers=pointers,
                declared=declared,
                remade=remade,
            )
        )

    remade = _remade(reading, pointers)
    return {text(()), text(remade)} if remade else {text(())}


def _remade(reading: Reading, pointers: Mapping[str, tuple[Pointer, ...]]) -> frozenset[str]:
    files = undeclared_files(pointers, reading.declared)
    flat = [one for some in files.values() for one in some]
    return remade_files(files, made_by_runs(reading.project, flat)) if files else frozenset()
