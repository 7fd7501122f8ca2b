"""Files of a tree written into a folder of their own, by the attributes of that tree.

Git itself goes by the `.gitattributes` of the work tree, which may be those of other code.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.git.failing import GitCommandFailed
from gitexp.git.index import PrivateIndex
from gitexp.git.repository import Repository
from gitexp.git.trees import Entry

ATTRIBUTES = ".gitattributes"


def check_out_apart(
    repository: Repository, tree: Mapping[str, Entry], files: Mapping[str, Entry], place: Path
) -> None:
    """Write files below `place`, which must be a new folder, as a checkout of the tree has them.

    Raises GitexpError where a filter that is required fails.
    """
    place.mkdir(parents=True)
    attributes = attributes_of(tree)
    index = PrivateIndex(repository, place.with_name(f"{place.name}.index"))
    try:
        index.put({**attributes, **files})
        listed = b"".join(os.fsencode(path) + b"\0" for path in files)
        if listed:
            # Nothing is there yet, so that git takes attributes from the index.
            apart = {"GIT_WORK_TREE": str(place)}
            repository.git(
                *("checkout-index", "-f", "-q", "-z", "--stdin"),
                stdin=listed,
                index=index.path,
                env=apart,
            )
    except GitCommandFailed as error:
        text = f"git cannot write files of the run: {error.said}"
        raise GitexpError(text, error.hint) from error
    finally:
        index.path.unlink(missing_ok=True)


def attributes_of(tree: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return the `.gitattributes` of a tree."""
    return {path: one for path, one in tree.items() if path.rpartition("/")[2] == ATTRIBUTES}
