"""Where a ref ends: a ref that was there and cannot be read is damaged, and not absent."""

from __future__ import annotations

from gitexp.git.damage import OBJECTS_HINT, Damaged
from gitexp.git.repository import Repository


def end_of(repository: Repository, ref: str) -> str | None:
    """Return the commit at which a ref ends; None if there is no such ref.

    Raises Damaged for one that git cannot read. Git itself calls such a ref missing; but whoever
    deletes one deletes its log as well.
    """
    found = repository.objects.commit(ref)
    if found is None and ref.startswith("refs/"):
        _check_absent(repository, ref)
    return found


def _check_absent(repository: Repository, ref: str) -> None:
    place = repository.common_dir / ref
    log = repository.common_dir / "logs" / ref
    try:
        lines = log.read_bytes().splitlines()
    except OSError:  # there is none, or it is a folder
        lines = []
    if not lines and not place.is_file():
        return
    last = lines[-1].split(b" ")[1].decode(errors="replace") if lines else ""
    if last.strip("0") and repository.objects.commit(last) is not None:
        raise Damaged(
            f"git cannot read the ref '{ref}'",
            f"`git update-ref {ref} {last}` has it end where its log says it ended.",
        )
    raise Damaged(f"git cannot read the ref '{ref}', or the commit at its end", OBJECTS_HINT)
