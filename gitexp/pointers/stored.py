"""What came of putting data behind DVC pointers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct, field

from gitexp.data.pointers import Pointer

NO_NAMES: Mapping[str, str] = MappingProxyType({})


class Stored(Struct):
    """Pointers that were made, and the files of the work tree that came with them."""

    pointers: list[Pointer] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    """New contents by path from the top: `.dvc` files and DVC's own set-up."""
    ignored: list[str] = field(default_factory=list)
    """Paths that the `.gitignore` beside them now names."""
    unseen: set[str] = field(default_factory=set)
    """The `.dvc` files that git ignores, and DVC with it: only the run has them."""
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    names: Mapping[str, str] = NO_NAMES
    """The `.dvc` files that are not beside their data, or have another name."""

    def file_of(self, pointer: Pointer) -> str:
        """Return the `.dvc` file of a pointer."""
        return self.file_for(pointer.path)

    def file_for(self, path: str) -> str:
        """Return the `.dvc` file of data."""
        return self.names.get(path, f"{path}.dvc")


def ignore_file(path: str) -> str:
    """Return the `.gitignore` beside a path.

    >>> ignore_file("out/model.bin"), ignore_file("model.bin")
    ('out/.gitignore', '.gitignore')
    """
    return f"{path.rpartition('/')[0]}/.gitignore".lstrip("/")
