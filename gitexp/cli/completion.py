"""What the shell offers for an argument: names from the search index, files and refs.

Nothing is said here, whatever goes wrong: a line that is being typed is no place for errors.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitexp.git.refs import list_refs
from gitexp.git.trees import tree_entries
from gitexp.model.documents.reading import parse_document
from gitexp.model.lazy_pattern import lazy_pattern
from gitexp.model.paths import TopPath
from gitexp.model.values import flatten
from gitexp.project import Project
from gitexp.store.reading import CatchUp
from gitexp.store.selectors import BEST, TAG, get_run

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Completer = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]
Names = Callable[[Project, click.Context, str], Iterable[str]]
"""What there is to offer, perhaps only what begins with the text."""

_PLAIN = lazy_pattern(r"[\w%+./:@][\w%+,./:=@#^-]*")
"""What no shell acts upon: bash puts a word into the line as it is, and a name may be anybody's."""
_MOST = 500
"""Names that a shell can still show."""

_MOST_INDEXED = 100
"""Runs that may be new since the last command: reading them takes a twentieth of a second."""


def _completer(names: Names) -> Completer:
    """Return a function for click that offers those of the names that begin as typed."""

    @functools.wraps(names)
    def complete(
        ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - 0.8 ms, while completing

        given = _given(ctx, param)
        try:
            directory = ctx.find_root().params.get("directory") or Path()
            with Project.open(directory, CatchUp(most_new=_MOST_INDEXED)) as project:
                offered = filter(_PLAIN.fullmatch, names(project, ctx, incomplete))
                found = [name for name in offered if name.startswith(incomplete)]
        except Exception:  # noqa: BLE001 - see above
            return []
        fresh = dict.fromkeys(name for name in found if name not in given)
        return [CompletionItem(name) for name in list(fresh)[:_MOST]]

    return complete


def complete_file(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Have the shell offer files."""
    from click.shell_completion import CompletionItem  # noqa: PLC0415 - 0.8 ms, while completing

    del ctx, param
    return [CompletionItem(incomplete, type="file")]


def _given(ctx: click.Context, param: click.Parameter) -> tuple[str, ...]:
    """Return what is already on the line for the same argument."""
    value = ctx.params.get(param.name or "")
    return value if isinstance(value, tuple) else ()


def _runs(project: Project, typed: str) -> Iterator[str]:
    """Yield names, newest first, tags and `latest`; after `best:` and `tag:`, what may follow."""
    yield from project.runs.index.names(project.folder)
    yield from project.runs.index.tags(project.folder)
    yield "latest"
    for prefix, names in ((BEST, _metrics), (TAG, _tags)):
        if typed.startswith(prefix):
            yield from (f"{prefix}{name}" for name in names(project))
        elif typed:  # without anything typed, names are wanted
            yield prefix


def _metrics(project: Project) -> Iterator[str]:
    yield from (name for name, _ in project.config.policy.rules)
    columns = project.runs.index.columns(project.folder)
    yield from (column.name for column in columns if column.kind == "metrics")


def _tags(project: Project) -> Iterable[str]:
    return project.runs.index.tags(project.folder)


def _revs(project: Project, typed: str) -> Iterator[str]:
    yield from _runs(project, typed)
    yield from _refs(project)
    yield from ("HEAD", "workspace")


def _refs(project: Project) -> Iterator[str]:
    for ref in list_refs(project.repository, "refs/heads", "refs/tags"):
        yield ref.name.split("/", 2)[2]


@_completer
def complete_run(project: Project, ctx: click.Context, typed: str) -> Iterator[str]:
    """Offer the names and tags of runs."""
    del ctx
    yield from _runs(project, typed)


@_completer
def complete_running(project: Project, ctx: click.Context, typed: str) -> Iterator[str]:
    """Offer the names of runs under way, and of sweeps."""
    from gitexp.store.frozen import kept_sweeps  # noqa: PLC0415 - 2 ms, for `stop` alone
    from gitexp.store.journal import Journal  # noqa: PLC0415 - as above

    del ctx, typed
    yield from (one.name for one in Journal(project.repository).entries() if not one.is_over)
    yield from (one.name for one in kept_sweeps(project.repository) if not one.is_over)


@_completer
def complete_removed(project: Project, ctx: click.Context, typed: str) -> Iterator[str]:
    """Offer the names of runs that are hidden."""
    del ctx
    yield from project.runs.index.removed_names(typed, project.folder)


@_completer
def complete_run_and_tags(project: Project, ctx: click.Context, typed: str) -> Iterator[str]:
    """Offer runs for the first word, and tags after it: those of the run, to be removed."""

    words = ctx.params.get("words")
    if not words:
        yield from _runs(project, typed)
    elif ctx.params.get("delete"):
        yield from get_run(project.runs, words[0]).record.tags
    else:
        yield from _tags(project)


@_completer
def complete_rev(project: Project, ctx: click.Context, typed: str) -> Iterator[str]:
    """Offer what `complete_run` does, branches and tags of git, and the work tree."""
    del ctx
    yield from _revs(project, typed)


@_completer
def complete_metric(project: Project, ctx: click.Context, typed: str) -> Iterator[str]:
    """Offer the metrics that some run has, those of the policy first."""
    del ctx, typed
    yield from _metrics(project)


@_completer
def complete_drawn(project: Project, ctx: click.Context, typed: str) -> Iterator[str]:
    """Offer what can be drawn: runs and revs, and the metrics that some run has."""
    del ctx
    yield from _revs(project, typed)
    yield from _metrics(project)


@_completer
def complete_column(project: Project, ctx: click.Context, typed: str) -> Iterator[str]:
    """Offer whatever a list of runs can be sorted by."""
    del ctx, typed
    yield from (column.name for column in project.runs.index.columns(project.folder))
    yield from ("name", "started", "duration", "status")


@_completer
def complete_override(project: Project, ctx: click.Context, typed: str) -> Iterator[str]:
    """Offer the params of the work tree, ready for a value; nothing for the value."""
    del ctx
    for name in project.params_files:
        file = project.root / name
        if "=" not in typed and file.is_file():
            yield from (f"{key}=" for key in flatten(parse_document(file.read_bytes(), name)))


@_completer
def complete_remote(project: Project, ctx: click.Context, typed: str) -> Iterator[str]:
    """Offer git's remotes."""
    del ctx, typed
    for name in project.repository.config:
        if name.startswith("remote.") and name.endswith(".url"):
            yield name.removeprefix("remote.").removesuffix(".url")


@_completer
def complete_path(project: Project, ctx: click.Context, typed: str) -> Iterator[str]:
    """Offer the files of the run named before, and what is behind its pointers."""
    del typed
    run = get_run(project.runs, str(ctx.params["run"]))
    yield from (pointer.path for pointer in run.record.pointers)
    for path in tree_entries(project.repository, run.oid):
        if project.holds(TopPath(path)):
            yield project.name(TopPath(path))


@_completer
def complete_model(project: Project, ctx: click.Context, typed: str) -> Iterator[str]:
    """Offer the names of models; after `@` their versions, after `#` the stages that are held."""
    from gitexp.registry.events import read_events  # noqa: PLC0415 - 20 ms with the one below, for models alone
    from gitexp.registry.state import read_models  # noqa: PLC0415

    del ctx
    for name, model in read_models(read_events(project.repository)).items():
        yield name
        if "@" in typed:
            yield from (f"{name}@{version.name}" for version in model.registered)
        if "#" in typed:
            yield from (f"{name}#{stage}" for stage in model.stages)
