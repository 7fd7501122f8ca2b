"""The driver as git starts it: files in, text on stdout or a merged file, an exit status."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gitexp.errors import GitexpError

if TYPE_CHECKING:
    from gitexp.drivers.merge import Versions

FAILED = 129
"""A status from which git, and the shell around us, see that nothing was merged."""

_LABELS = ("base", "ours", "theirs")


def main(argv: Sequence[str] | None = None) -> int:
    """Run `diff FILE`, or `merge|ancestor BASE OURS THEIRS MARKER-SIZE PATH LABEL-OF-EACH...`."""
    what, *args = sys.argv[1:] if argv is None else argv
    if what == "diff":
        return show(Path(args[0]))
    base, ours, theirs, size, path, *labels = args
    files = Path(base), Path(ours), Path(theirs)
    if what == "ancestor":
        return merge_into_ancestor(*files, path)
    return merge(*files, int(size), path, labels)


def start() -> None:
    """Run the driver as a program, and leave at once; what goes wrong in it is git's to merge."""
    try:
        code = main()
    except Exception as error:  # noqa: BLE001 - as the docstring says
        _tell(f"warning: the driver failed: {type(error).__name__}: {error}")
        code = FAILED
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    os._exit(code)


def show(file: Path) -> int:
    """Print a file as git is to show it."""
    from gitexp.drivers.lines import shown  # noqa: PLC0415 - 9 ms with the one below, not where files are merged
    from gitexp.drivers.listed import LOCK  # noqa: PLC0415

    # older gits hand a file over as `AbC123_dvc.lock`, newer ones as `git-blob-AbC123/dvc.lock`
    name = LOCK if file.name.endswith(f"_{LOCK}") else file.name
    sys.stdout.buffer.write(shown(file.read_bytes(), name))
    return 0


def merge(
    base: Path, ours: Path, theirs: Path, size: int, path: str, labels: Sequence[str] = ()
) -> int:
    """Merge into the file of ours, and return 1 if there are conflicts; git merges the rest."""
    from gitexp.drivers.markers import Markers  # noqa: PLC0415 - 80 ms with the two below, not to show
    from gitexp.drivers.merge import merge_file  # noqa: PLC0415
    from gitexp.git.text_merge import conflict_style  # noqa: PLC0415

    names = {key: label for key, label in zip(_LABELS, labels, strict=False) if _is_said(label)}
    try:
        merged = merge_file(
            _versions(base, ours, theirs, path), Markers(size, conflict_style(), **names)
        )
    except (GitexpError, UnicodeDecodeError):
        return FAILED
    ours.write_bytes(merged.content)
    if merged.conflicts:
        from gitexp.review.words import named  # noqa: PLC0415 - 10 ms, little is said

        keys = named(list(merged.conflicts))
        _tell(f"{path}: both sides changed {keys}; keep one, then run again")
        return 1
    if merged.taken:
        _tell(f"{path}: merged by key; run again, because no run has made this mix")
    return 0


def merge_into_ancestor(base: Path, ours: Path, theirs: Path, path: str) -> int:
    """Merge two ancestors into the file of ours, with no conflict left; git merges the rest."""
    from gitexp.drivers.merge import merge_ancestors  # noqa: PLC0415 - 90 ms, not to show

    try:
        ours.write_bytes(merge_ancestors(_versions(base, ours, theirs, path)))
    except (GitexpError, UnicodeDecodeError):
        return FAILED
    return 0


def _versions(base: Path, ours: Path, theirs: Path, path: str) -> Versions:
    from gitexp.drivers.merge import Versions  # noqa: PLC0415 - 90 ms with the one below, not to show
    from gitexp.git.text_merge import merged_text  # noqa: PLC0415

    contents = (base.read_bytes(), ours.read_bytes(), theirs.read_bytes())
    return Versions(path, *contents, lambda: merged_text(base, ours, theirs))


def _is_said(label: str) -> bool:
    """Return whether git knows labels: those before 2.45 leave the placeholder as it is."""
    return bool(label) and label not in ("%S", "%X", "%Y")


def _tell(text: str) -> None:
    from gitexp.model.text import harmless  # noqa: PLC0415 - 1 ms, little is said

    with contextlib.suppress(OSError):
        sys.stderr.write(f"gitexp: {harmless(text)}\n")
