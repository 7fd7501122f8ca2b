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


def content_at(repository: Repository, rev: str, path: str) -> bytes | None:
    """Return a file of a commit; None if it has no such file. Raises Damaged if git cannot tell."""
    content = repository.objects.blob(f"{rev}:{path}")
    if content is None:
        listed = repository.attempt("ls-tree", "--full-tree", rev, "--", path)
        if listed.returncode or listed.stdout.startswith(b"100"):
            raise Damaged(f"git cannot read '{path}' of {rev[:10]}", OBJECTS_HINT)
    return content


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
