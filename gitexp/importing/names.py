"""Names for runs that had one elsewhere: the same if it is free, else one close to it."""

from __future__ import annotations

import itertools
import re

from gitexp.errors import GitexpError
from gitexp.git.refs import list_refs
from gitexp.model.names import check_name
from gitexp.project import Project
from gitexp.store.journal import Journal

_FOREIGN = re.compile(r"[^A-Za-z0-9._+-]+|\.{2,}")
_LONGEST = 90
"""Characters that leave room for a number."""


class FreeNames:
    """Gives out names that no run, branch or tag has, each once."""

    def __init__(self, project: Project) -> None:
        self._index = project.runs.index
        refs = list_refs(project.repository, "refs/heads", "refs/tags")
        self._taken = {ref.name.split("/", 2)[2] for ref in refs}
        self._taken.update(entry.name for entry in Journal(project.repository).entries())
        self._numbers: dict[str, itertools.count[int]] = {}
        """Where to go on, for names that thousands have."""

    def take(self, name: str, otherwise: str) -> tuple[str, str | None]:
        """Return the name to use for what was called `name`, and a note if it is another.

        `otherwise` is what it is called if no run can have a name like that.
        """
        wanted = allowed(name) or otherwise
        numbers = self._numbers.setdefault(wanted, itertools.count(2))
        numbered = (f"{wanted}-{number}" for number in numbers)
        chosen = next(one for one in itertools.chain([wanted], numbered) if self._is_free(one))
        self._taken.add(chosen)
        if chosen == name:
            return name, None
        why = f"'{wanted}' is taken" if chosen != wanted else f"no run can be called '{name}'"
        return chosen, f"is called '{chosen}' here: {why}"

    def _is_free(self, name: str) -> bool:
        return name not in self._taken and not self._index.named(name, None)


def allowed(name: str) -> str | None:
    """Return the closest name that a run may have, if there is one.

    >>> allowed("lr=0.1, wide"), allowed("latest"), allowed("損失")
    ('lr-0.1-wide', None, None)
    """
    close = _FOREIGN.sub("-", name)[:_LONGEST].strip("-.+_")
    try:
        check_name(close)
    except GitexpError:
        return None
    return close
