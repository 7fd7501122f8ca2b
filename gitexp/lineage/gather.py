"""The graph around one thing, put together from runs, tags and evaluations."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.lineage.graph import Graph
from gitexp.lineage.links import Links, Way
from gitexp.lineage.nodes import Nodes, data_key, model_key, run_key
from gitexp.lineage.promoted import Promoted, promoted_versions
from gitexp.lineage.sought import Sought, find_sought
from gitexp.model.evaluation import Evaluation
from gitexp.project import Project
from gitexp.store.fetched import has_runs
from gitexp.store.index.pointers import all_pointers, evaluated_runs, position_of, runs_known
from gitexp.store.selectors import NoRuns


class _Known(Struct, frozen=True):
    """What a repository says of all its runs and models."""

    links: Links
    promoted: list[Promoted]
    evaluations: dict[int, tuple[Evaluation, ...]]


class _Around(Struct, frozen=True):
    """What lies around one thing."""

    root: str
    up: Way
    down: Way
    runs: tuple[int, ...]
    """Those whose evaluations belong to it."""
    data: tuple[str, ...]
    """What it is or led to: the versions that are this belong to it."""


def lineage_graph(project: Project, text: str, *, downstream: bool) -> Graph:
    """Return what a run, data or a model came from, and the next that became of it.

    With `downstream`, all that it led to instead, in any number of steps. Raises GitexpError if
    the text means nothing.
    """
    if not has_runs(project.runs, project.config):
        raise NoRuns
    index = project.runs.index
    known = _Known(
        index.answer(lambda connection: Links(all_pointers(connection))),
        promoted_versions(project),
        index.answer(
            lambda connection: {at: one.evaluations for at, one in evaluated_runs(connection)}
        ),
    )
    sought = find_sought(project, text, known.links, known.promoted)
    around = (_led_to if downstream else _came_from)(project, known, sought)
    return _graph(project, known, sought, around)


def _position(project: Project, oid: str) -> int | None:
    return project.runs.index.answer(lambda connection: position_of(connection, oid))


def _came_from(project: Project, known: _Known, sought: Sought) -> _Around:
    """Return what something came from, and one step of what it led to."""
    links = known.links
    if sought.run is not None:
        at = _of_branch(project, sought.run.oid)
        down = links.downstream([at], most_steps=1)
        return _Around(run_key(at), links.upstream([at]), down, (at,), _written(down))
    if sought.promoted is None:
        up = links.upstream([], [sought.md5])
        down = links.downstream([], [sought.md5], most_steps=1)
        return _Around(data_key(sought.md5), up, down, (), (sought.md5,))
    md5 = sought.promoted.md5
    own = _position(project, sought.promoted.version.commit)
    if own is None:
        up = links.upstream([], [md5] if md5 else [])
    else:
        up = links.upstream([own])
        if md5 in links.outputs(own):
            up.wrote[own, md5] = None
    runs = () if own is None else (own,)
    return _Around(model_key(sought.promoted), up, Way({}, {}), runs, (md5,) if md5 else ())


def _led_to(project: Project, known: _Known, sought: Sought) -> _Around:
    """Return all that something led to; a version led to what its file did."""
    links, nothing = known.links, Way({}, {})
    if sought.run is not None:
        at = _of_branch(project, sought.run.oid)
        down = links.downstream([at])
        return _Around(
            run_key(at), nothing, down, tuple({at: None} | dict.fromkeys(down.runs)), _written(down)
        )
    md5 = sought.md5 if sought.promoted is None else sought.promoted.md5
    if not md5:
        assert sought.promoted is not None
        raise GitexpError(
            f"nothing says which file '{sought.promoted.name}' is, so nothing can be followed",
            hint="Ask for the run or the data by name.",
        )
    down = links.downstream([], [md5])
    return _Around(data_key(md5), nothing, down, tuple(down.runs), (md5, *_written(down)))


def _of_branch(project: Project, oid: str) -> int:
    at = _position(project, oid)
    if at is None:
        raise GitexpError(
            f"run {oid[:10]} is not on the branch of runs", hint="`gitexp ls` lists those that are."
        )
    return at


def _written(way: Way) -> tuple[str, ...]:
    return tuple(dict.fromkeys(md5 for _, md5 in way.wrote))


def _graph(project: Project, known: _Known, sought: Sought, around: _Around) -> Graph:
    evaluated = dict(_evaluations(known, around))
    runs = dict.fromkeys((*around.up.runs, *around.down.runs, *around.runs))
    runs.update(dict.fromkeys(at for at, _ in evaluated))
    named = project.runs.index.answer(lambda connection: runs_known(connection, runs))
    nodes = Nodes(project, known.links, known.promoted, named)
    edges: dict[tuple[str, str], None] = {}
    by_md5: dict[str, dict[int, None]] = {md5: {} for md5 in around.data}
    for way in (around.up, around.down):
        for at, md5 in way.wrote:  # data goes by the path where it was written
            edges[run_key(at), data_key(md5)] = None
            by_md5.setdefault(md5, {})[at] = None
    for way in (around.up, around.down):
        for md5, at in way.read:
            edges[data_key(md5), run_key(at)] = None
            by_md5.setdefault(md5, {})[at] = None
    for at in runs:
        nodes.add_run(at)
    nodes.add_data(by_md5, sought)
    models = _add_models(edges, nodes, known, sought, around)
    _add_evaluations(edges, nodes, evaluated, known, models, by_md5)
    return Graph(around.root, nodes.found, list(edges))


def _add_models(
    edges: dict[tuple[str, str], None],
    nodes: Nodes,
    known: _Known,
    sought: Sought,
    around: _Around,
) -> dict[str, list[str]]:
    """Add the versions that belong to what was asked for; return their keys by md5."""
    found: dict[str, list[str]] = {}
    data = {*around.data}
    alone = sought.promoted if around.root.startswith("model ") else None
    for one in known.promoted if alone is None else [alone]:
        if alone is None and one.md5 not in data:
            continue
        key = nodes.add_model(one)
        found.setdefault(one.md5, []).append(key)
        if one.md5:
            edges[data_key(one.md5), key] = None
        for stage in one.stages:
            edges[key, nodes.add_stage(one, stage)] = None
    return found


def _evaluations(known: _Known, around: _Around) -> Iterable[tuple[tuple[int, int], Evaluation]]:
    """Yield the evaluations that belong to it, by the run and their number."""
    runs = {*around.runs}
    root = around.root.removeprefix("data ") if around.root.startswith("data ") else None
    for at, evaluations in known.evaluations.items():
        for number, one in enumerate(evaluations):
            if at in runs or (root is not None and root in one.held_out.values()):
                yield (at, number), one


def _add_evaluations(
    edges: dict[tuple[str, str], None],
    nodes: Nodes,
    evaluated: dict[tuple[int, int], Evaluation],
    known: _Known,
    models: dict[str, list[str]],
    by_md5: dict[str, dict[int, None]],
) -> None:
    """Add evaluations below the versions of their run, or below the run if it has none here."""
    for (at, number), one in evaluated.items():
        key = nodes.add_evaluation(at, number, one)
        of_run = [model for md5 in known.links.outputs(at) for model in models.get(md5, ())]
        for cause in of_run or [run_key(at)]:
            edges[cause, key] = None
        for path, md5 in one.held_out.items():
            if not by_md5.get(md5):
                nodes.add_held_out(md5, path, at)
            edges[data_key(md5), key] = None
