"""Annotated tags, written by git itself: it signs them if `tag.gpgSign` says so.

GTO writes tags through a library that neither signs nor asks git for the identity.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.git.commits import check_identity
from gitexp.git.refs import ABSENT, Move, list_refs, move
from gitexp.git.repository import Repository
from gitexp.git.signing import SIGNER_TIMEOUT
from gitexp.registry.events import TagEvent, is_signed
from gitexp.registry.grammar import TagName, parse_tag
from gitexp.registry.gto import check_tag
from gitexp.store.tags_left import remember_tags


class NewTag(Struct, frozen=True):
    """A tag that is to be written."""

    name: TagName
    commit: str
    message: str


def next_counter(repository: Repository, model: str) -> int:
    """Return the number of a model's next tag, counted over all its stages as GTO counts."""
    named = (
        parse_tag(ref.name.removeprefix("refs/tags/")) for ref in list_refs(repository, "refs/tags")
    )
    return max((one.counter for one in named if one and one.model == model), default=0) + 1


def write_tags(repository: Repository, tags: Sequence[NewTag], known: Iterable[TagEvent]) -> None:
    """Write all tags, or none; they are later than what is known, whatever the clocks say.

    What was said last counts, and GTO only knows seconds.
    """
    check_identity(repository)
    for tag in tags:
        check_tag(tag.name)
        if repository.attempt("check-ref-format", _ref(tag)).returncode:
            raise GitexpError(f"git does not accept '{tag.name}' as the name of a tag")
    env = _clock(repository, max((event.time for event in known), default=0))
    written: list[NewTag] = []
    try:
        for tag in tags:
            _write(repository, tag, env)
            written.append(tag)
    finally:
        if len(written) < len(tags):
            _take_back(repository, written)
    remember_tags(repository, left=[str(tag.name) for tag in tags])


def _ref(tag: NewTag) -> str:
    return f"refs/tags/{tag.name}"


def _clock(repository: Repository, last: int) -> dict[str, str]:
    """Return what makes git date a tag after a moment, if the clock would not."""
    *_, seconds, zone = repository.line("var", "GIT_COMMITTER_IDENT").split(" ")
    return {} if int(seconds) > last else {"GIT_COMMITTER_DATE": f"{last + 1} {zone}"}


def _write(repository: Repository, tag: NewTag, env: dict[str, str]) -> None:
    command = (
        "tag",
        "--annotate",
        "--cleanup=verbatim",
        "--file=-",
        "--",
        str(tag.name),
        tag.commit,
    )
    try:
        ended = repository.attempt(
            *command, stdin=os.fsencode(tag.message), env=env, timeout=SIGNER_TIMEOUT
        )
    except TimeoutError as error:
        raise GitexpError(
            f"the tag '{tag.name}' is not written: the signer did not answer in"
            f" {SIGNER_TIMEOUT:.0f} s",
            hint="`git config tag.gpgSign false` leaves tags unsigned.",
        ) from error
    said = os.fsdecode(ended.stderr).strip() or "git does not say why"
    if ended.returncode == 0 and _is_signed_as_wanted(repository, tag):
        return
    if ended.returncode == 0:  # git 2.39 writes it all the same if an SSH key is missing
        _take_back(repository, [tag])
    indented = said.replace("\n", "\n  ")
    raise GitexpError(f"the tag '{tag.name}' is not written:\n  {indented}")


def _is_signed_as_wanted(repository: Repository, tag: NewTag) -> bool:
    if not (repository.is_set("tag.gpgsign") or repository.is_set("tag.forcesignannotated")):
        return True
    written = repository.objects.read(_ref(tag))
    return written is not None and is_signed(written.content.decode(errors="replace"))


def _take_back(repository: Repository, written: Sequence[NewTag]) -> None:
    refs = [one for tag in written for one in list_refs(repository, _ref(tag))]
    moves = [Move(one.name, new=ABSENT, old=one.oid) for one in refs]
    if moves:
        move(repository, moves, reason="gitexp: the other tag could not be written")
