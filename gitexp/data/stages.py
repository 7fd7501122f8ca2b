"""The stages of DVC pipelines as DVC itself resolves them, and whether each is up to date.

DVC's lock is never taken: what is asked here only reads.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from gitexp.data.cache import preload
from gitexp.data.dvc_repo import open_repo
from gitexp.data.dvc_yaml import metrics_and_plots
from gitexp.data.pipelines import Pipeline
from gitexp.data.pointers import Pointer
from gitexp.errors import GitexpError
from gitexp.model.paths import TopPath


class Stage(Struct, frozen=True):
    """A stage of a pipeline with what `dvc.lock` says of it; paths are from `top`."""

    name: str
    deps: tuple[Pointer, ...]
    outs: tuple[Pointer, ...]
    is_current: bool
    """Whether its command, dependencies, params and outs are all as `dvc.lock` says."""


class Stages(Struct, frozen=True):
    """All stages of some `dvc.yaml`, and what those say as a whole."""

    pipeline: Pipeline
    stages: tuple[Stage, ...] = ()

    def __or__(self, other: Stages) -> Stages:
        """Return what both say."""
        return Stages(self.pipeline | other.pipeline, (*self.stages, *other.stages))

    def confirmed(self) -> tuple[Stage, ...]:
        """Return the stages that are up to date together with all stages that they build on."""
        sound: dict[str, bool] = {}

        def is_sound(stage: Stage) -> bool:
            if stage.name not in sound:
                sound[stage.name] = stage.is_current  # DVC refuses circles
                before = [other for other in self.stages if _builds_on(stage, other)]
                sound[stage.name] = stage.is_current and all(map(is_sound, before))
            return sound[stage.name]

        return tuple(stage for stage in self.stages if is_sound(stage))


def _builds_on(stage: Stage, other: Stage) -> bool:
    """Return whether one stage reads what another writes, a folder around or a file in it too."""
    pairs = ((f"{dep.path}/", f"{out.path}/") for dep in stage.deps for out in other.outs)
    return any(dep.startswith(out) or out.startswith(dep) for dep, out in pairs)


def read_stages(root: Path, top: Path, files: Iterable[str], *, check: bool) -> Stages:
    """Return what DVC makes of the `dvc.yaml` at the paths `files`, seen from `top`.

    `root` is the folder of the DVC project. Without `check` no file is hashed, and no stage
    is up to date. Raises GitexpError if DVC cannot read one of them.
    """
    preload()
    pipeline = Pipeline()
    stages: list[Stage] = []
    try:
        with open_repo(root) as opened:
            reader = _Reader(opened, Path(os.path.realpath(top)))
            for path in files:
                found, more = reader.read(path, check=check)
                pipeline, stages = pipeline | found, [*stages, *more]
    except Exception as error:  # DVC's parsers raise what they like: a date is a ValueError
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise GitexpError(
            f"DVC cannot read the pipeline: {reason}", "See `dvc status` for what is wrong."
        ) from error
    return Stages(pipeline, tuple(stages))


class _Reader:
    """Turns what DVC knows into values of ours."""

    def __init__(self, repo: Any, top: Path) -> None:
        self._repo = repo
        self._top = top

    def read(self, path: str, *, check: bool) -> tuple[Pipeline, list[Stage]]:
        from dvc.dvcfile import load_file  # noqa: PLC0415 - 150 ms, where there is a pipeline

        file = load_file(self._repo, str(self._top / path))
        folder = os.path.dirname(path)  # noqa: PTH120 - '' for the top
        metrics, plots = metrics_and_plots(file.metrics, file.plots, folder)
        pipeline, stages = Pipeline(metrics=metrics, plots=plots), []
        for name, stage in file.stages.items():
            outs = [(self._path(out), out) for out in stage.outs if self._is_inside(out)]
            pipeline |= Pipeline(
                metrics=frozenset(place for place, out in outs if out.metric),
                plots=frozenset(place for place, out in outs if out.plot),
                outs=frozenset(place for place, _ in outs),
                cached=frozenset(place for place, out in outs if out.use_cache),
            )
            stages.append(
                Stage(
                    name=f"{path}:{name}",
                    deps=tuple(self._pointers(stage.deps)),
                    outs=tuple(self._pointers(stage.outs)),
                    is_current=check and _is_current(stage),
                )
            )
        return pipeline, stages

    def _pointers(self, entries: Iterable[Any]) -> Iterator[Pointer]:
        for one in entries:
            known = one.hash_info
            if self._is_inside(one) and known.value and known.name in {"md5", "md5-dos2unix"}:
                meta = one.meta
                size, nfiles = (meta.size, meta.nfiles) if meta is not None else (None, None)
                yield Pointer(self._path(one), str(known.value), size, nfiles, known.name)

    def _is_inside(self, one: Any) -> bool:
        """Return whether a dependency or out is a file of this repository."""
        return one.protocol == "local" and Path(one.fs_path).is_relative_to(self._top)

    def _path(self, one: Any) -> TopPath:
        return TopPath(Path(one.fs_path).relative_to(self._top).as_posix())


def _is_current(stage: Any) -> bool:
    """Return whether nothing of a stage changed; of a frozen one only the outs count, as to DVC."""
    inputs = [] if stage.frozen else [stage.changed_stage(), *_changed(stage.deps)]
    return not any([*inputs, *_changed(stage.outs)])


def _changed(entries: Iterable[Any]) -> Iterator[object]:
    """Yield what differs from `dvc.lock`; that the cache lacks an object does not matter here."""
    return (one.workspace_status() for one in entries)
