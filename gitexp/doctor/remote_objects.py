"""What runs point at and the cache lacks, and what DVC's remotes have of all that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from gitexp.data.dvc_project import DvcProject
from gitexp.doctor.deep_state import DeepState, Need
from gitexp.doctor.finding import Finding
from gitexp.doctor.needs import paths_of
from gitexp.errors import GitexpError
from gitexp.model.numbers import counted, size_text

_AT_ONCE = 1000
"""How many objects a remote is asked for at a time: they are asked for side by side."""
_SHOWN = 10

_Wanted = list[tuple[str, "int | None"]]


def examine_absent(
    projects: Sequence[DvcProject], state: DeepState, caches: Iterable[Path], *, ask_remote: bool
) -> Iterator[Finding]:
    """Say what is not in the cache; if the remotes are asked, what they lack or have cut short."""
    if ask_remote:
        yield from _asked(projects, state, caches)
        return
    absent = [md5 for md5, _ in state.needed() if next(paths_of(md5, caches), None) is None]
    if absent:
        need = state.need_of(absent[0])
        of = f", such as '{need.path}' of run '{need.run}'" if need is not None else ""
        yield Finding(
            "note",
            "cache",
            f"{counted(len(absent), 'object')} that runs point at "
            f"{'is' if len(absent) == 1 else 'are'} not in the DVC cache{of}",
            "`gitexp doctor --deep --remote` asks the remote for it.",
        )


def _asked(
    projects: Sequence[DvcProject], state: DeepState, caches: Iterable[Path]
) -> Iterator[Finding]:
    wrong = there = 0
    needed = state.needed()
    try:
        while some := list(islice(needed, _AT_ONCE)):
            found = _sizes(projects, {md5 for md5, _ in some})
            there += len(found)
            for finding in _compared(some, found, state, caches):
                wrong += 1
                if wrong <= _SHOWN:
                    yield finding
    except GitexpError as error:
        yield Finding("wrong", "remote", str(error), error.hint)
        return
    if wrong > _SHOWN:
        yield Finding("wrong", "remote", f"{wrong - _SHOWN:,} more are missing or damaged")
    if there and not wrong:
        are = "are on a DVC remote, as long as they are here" if there > 1 else "is on a DVC remote"
        yield Finding("ok", "remote", f"{counted(there, 'object')} that runs point at {are}")


def _sizes(projects: Sequence[DvcProject], md5s: set[str]) -> dict[str, int | None]:
    from gitexp.data.remote import DataRemote  # noqa: PLC0415 - 6 ms, with `--remote` alone; DVC, another 200 ms

    found = dict[str, int | None]()
    failure: GitexpError | None = None
    for project in projects:
        left = md5s - found.keys()
        if left:
            try:
                with DataRemote(project.root) as remote:
                    found |= remote.sizes(left)
            except GitexpError as error:  # that of another project may have it
                failure = failure or error
    if failure is not None and md5s - found.keys():
        raise failure
    return found


def _compared(
    some: _Wanted, found: dict[str, int | None], state: DeepState, caches: Iterable[Path]
) -> Iterator[Finding]:
    for md5, said in some:
        here = next((path.stat().st_size for path in paths_of(md5, caches)), None)
        size = here if here is not None else said
        there = found.get(md5)
        need = state.need_of(md5)
        if md5 not in found:
            if here is None:
                yield Finding("wrong", "remote", f"object {md5} {_NOWHERE}{_of(need)}", _GONE)
            else:
                text = f"object {md5} is not on a DVC remote{_of(need)}"
                yield Finding("note", "remote", text, _SEND)
        elif there is not None and size is not None and there != size:
            text = (
                f"object {md5} has {size_text(there)} on the DVC remote, and should have "
                f"{size_text(size)}{_of(need)}"
            )
            yield Finding("wrong", "remote", text, _CUT)


_NOWHERE = "is neither in the DVC cache nor on a DVC remote"
_SEND = "`gitexp push --all-data` sends it."
_GONE = "Whoever made the run may still have it; else `gitexp rerun RUN` makes it again."
_CUT = "Remove it from the remote, then `gitexp push --all-data` sends it from a clone that has it."


def _of(need: Need | None) -> str:
    return "" if need is None else f": {need.words}"
