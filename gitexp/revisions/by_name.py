"""What the name of a file alone says: gitexp's own, a pointer, what sets DVC up."""

from __future__ import annotations


def is_record(path: str) -> bool:
    """Return whether a path is gitexp's own: the record of a run."""
    return ".gitexp" in path.split("/")[:-1]


def is_pointer(path: str) -> bool:
    """Return whether a path is a file with DVC pointers.

    >>> is_pointer("a/m.pt.dvc"), is_pointer("dvc.lock"), is_pointer(".dvc/config")
    (True, True, False)
    """
    name = path.rpartition("/")[2]
    return (name.endswith(".dvc") and name != ".dvc") or name == "dvc.lock"


def is_setup(path: str) -> bool:
    """Return whether a path sets DVC up; it says where data lies here, not what a run was.

    >>> is_setup(".dvc/config"), is_setup("sub/.dvcignore"), is_setup("m.pt.dvc")
    (True, True, False)
    """
    parts = path.split("/")
    return ".dvc" in parts[:-1] or parts[-1] == ".dvcignore"


def is_housekeeping(path: str) -> bool:
    """Return whether a path is neither code nor a value, but says where those are kept.

    >>> is_housekeeping("a/.gitignore"), is_housekeeping("m.pt.dvc"), is_housekeeping("train.py")
    (True, True, False)
    """
    return (
        is_record(path)
        or is_pointer(path)
        or is_setup(path)
        or path.rpartition("/")[2] == ".gitignore"
    )
