"""What the end of a run needs, imported while its command runs.

The end is faster for it, and it is of one piece: an upgrade of gitexp or of a library during a
training of hours changes nothing of what is to record it.
"""

from __future__ import annotations

import contextlib
import importlib
import threading
import time
from collections.abc import Iterable
from pathlib import Path

_MODELS_AFTER = 0.1
"""Seconds after which a command is taken for one that trains something."""

_ALL_AFTER = 1.0
"""Seconds after which the rest is imported, 70 ms of it, which most runs do without."""

_FOR_OUTPUTS = (
    "gitexp.metrics.logs",
    "gitexp.pointers.chosen",
    "gitexp.pointers.door",
    "gitexp.pointers.models",
    "gitexp.revisions.series_files",
    "gitexp.store.index.fill",
    "pwd",
)
"""What every run needs that has written something, 6 ms of it."""

LATE = (
    "gitexp.comparison.query.run_values",
    "gitexp.comparison.slips",
    "gitexp.data.dvc_settings",
    "gitexp.data.locked",
    "gitexp.data.stages",
    "gitexp.execution.attendant",
    "gitexp.execution.command.log",
    "gitexp.execution.environment.editable",
    "gitexp.execution.environment.machine",
    "gitexp.execution.environment.packages",
    "gitexp.execution.environment.sources",
    "gitexp.execution.record.artifacts",
    "gitexp.execution.record.captured",
    "gitexp.execution.record.hashed",
    "gitexp.execution.record.later",
    "gitexp.execution.record.logged_params",
    "gitexp.execution.record.masked_names",
    "gitexp.execution.record.refreshed",
    "gitexp.execution.record.system_curves",
    "gitexp.execution.record.verdict",
    "gitexp.execution.record.whole_curves",
    "gitexp.execution.overrides.edited_meanwhile",
    "gitexp.execution.recover",
    "gitexp.execution.secrets.private_keys",
    "gitexp.execution.system.sampler",
    "gitexp.git.answers",
    "gitexp.git.asking",
    "gitexp.git.remotes",
    "gitexp.inputs.compared",
    "gitexp.metrics.curves",
    "gitexp.metrics.events",
    "gitexp.metrics.likeness",
    "gitexp.metrics.logs",
    "gitexp.metrics.mlflow_database",
    "gitexp.metrics.mlflow_files",
    "gitexp.metrics.stores",
    "gitexp.metrics.tables",
    "gitexp.metrics.wandb_file",
    "gitexp.model.documents.python_reading",
    "gitexp.model.documents.toml_edit",
    "gitexp.model.documents.yaml_nodes",
    "gitexp.model.steady_patterns",
    "gitexp.pointers.chosen",
    "gitexp.pointers.door",
    "gitexp.pointers.models",
    "gitexp.pointers.recognised",
    "gitexp.revisions.series_files",
    "gitexp.series.lines",
    "gitexp.series.log_files",
    "gitexp.series.logged",
    "gitexp.series.series",
    "gitexp.series.thinning",
    "gitexp.settings.hydra",
    "gitexp.settings.policy",
    "gitexp.settings.promotion",
    "gitexp.settings.sweep",
    "gitexp.store.index.beside",
    "gitexp.store.index.curves",
    "gitexp.store.index.measured",
    "gitexp.store.index.query_sql",
    "gitexp.store.index.stages",
    "gitexp.store.index.sync",
    "gitexp.store.mirror",
    "gitexp.store.wanted",
    "configobj",
    "difflib",
    "hashlib",
    "psutil",
    "pwd",
    "statistics",
)
"""Modules that are imported where they are needed, and may be needed once the command has ended.

Not what takes longer, for their steps have a net below them: DVC for pipelines (150 ms), SciPy for
`--expect` over repeats (250 ms), TensorBoard for event files (500 ms), and detect-secrets where a
secret is suspected (100 ms).
"""


class Preloading:
    """Imports in a thread of its own, once a command has run for a moment."""

    def __init__(self, places: tuple[Path, Path] | None = None) -> None:
        """Start; `places` are the folder of the project and the top of its work tree."""
        self._places = places
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._preload, name="preloading", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop at the next module; imports must not die half-way."""
        self._ended.set()
        self._thread.join()

    def _preload(self) -> None:
        began = time.monotonic()
        if self._ended.wait(_MODELS_AFTER):
            return
        with contextlib.suppress(Exception):  # whoever needs it will say what is wrong
            from gitexp.data.cache import preload  # noqa: PLC0415 - 15 ms, the first of what is to be imported

            preload()
        self._import(_FOR_OUTPUTS)
        if self._places is not None and not self._ended.is_set():
            with contextlib.suppress(Exception):
                self._open(*self._places)
        if not self._ended.wait(max(began + _ALL_AFTER - time.monotonic(), 0.0)):
            self._import(LATE)

    def _open(self, start: Path, top: Path) -> None:
        """Open DVC's database of hashes, which the end of a run with a model asks (15 ms)."""
        from gitexp.data.dvc_project import find_root, open_project  # noqa: PLC0415 - with DVC, as above
        from gitexp.data.known_hashes import open_ahead  # noqa: PLC0415 - with DVC, as above

        root = find_root(start, top)
        if root is not None:
            open_ahead(open_project(root))

    def _import(self, names: Iterable[str]) -> None:
        for name in names:
            if self._ended.is_set():
                return
            with contextlib.suppress(Exception):
                importlib.import_module(name)
