"""What is known of the run behind a revision before any run is read."""

from __future__ import annotations

from gitexp.data.pointers import POINTING, Pointer
from gitexp.git.trees import tree_entries
from gitexp.inputs.origin import named_around
from gitexp.inputs.sought import Sought
from gitexp.model.record import inputs_text
from gitexp.model.values import flatten, is_number
from gitexp.revisions.inputs import inputs_of
from gitexp.revisions.reading import Reading
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


def _inputs(reading: Reading) -> list[str]:
    """Return the inputs of a run that would start from the commit as it is."""
    commit = reading.revision.commit
    if commit is None:
        return []
    entries = tree_entries(reading.project.repository, commit)
    pointers: dict[str, tuple[Pointer, ...]] = {}
    for path, one in reading.pointers:
        pointers[path] = (*pointers.get(path, ()), one)
    found = inputs_of(
        reading.project,
        entries,
        tracked=entries.keys(),
        pointers={path: some for path, some in pointers.items() if path.endswith(POINTING)},
        declared=reading.declared,
    )
    return [inputs_text(found)]
