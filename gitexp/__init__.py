"""Machine-learning experiments as git commits.

Scripts and notebooks read runs with `gitexp.runs()`, `gitexp.get()`, `gitexp.best()` and
`gitexp.diff()`, and models with `gitexp.load_model()`; `gitexp.sweep()` makes runs. Trainings log
with `gitexp.log()`, and with `gitexp.start()` where nothing else makes a run. See
docs/reference/python.md.
"""

import importlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitexp.api import ABSENT, Diff, FlatValues, Run, Runs, best, diff, get, runs
    from gitexp.api.models import Model, find_model, load_model
    from gitexp.api.sweep import Sweep, get_sweep, sweeps
    from gitexp.api.sweeping import interval, sweep
    from gitexp.callbacks.sklearn import autolog
    from gitexp.errors import GitexpError
    from gitexp.version import __version__ as __version__
    from gitexp.writing.calls import artifact, figure, log, param, summary
    from gitexp.writing.start import start

__all__ = [
    "ABSENT",
    "Diff",
    "FlatValues",
    "GitexpError",
    "Model",
    "Run",
    "Runs",
    "Sweep",
    "artifact",
    "autolog",
    "best",
    "diff",
    "figure",
    "find_model",
    "get",
    "get_sweep",
    "interval",
    "load_model",
    "log",
    "param",
    "runs",
    "start",
    "summary",
    "sweep",
    "sweeps",
]

_ELSEWHERE = {
    "GitexpError": "gitexp.errors",
    "Model": "gitexp.api.models",
    "Sweep": "gitexp.api.sweep",
    "__version__": "gitexp.version",
    "artifact": "gitexp.writing.calls",
    "autolog": "gitexp.callbacks.sklearn",
    "figure": "gitexp.writing.calls",
    "find_model": "gitexp.api.models",
    "get_sweep": "gitexp.api.sweep",
    "interval": "gitexp.api.sweeping",
    "load_model": "gitexp.api.models",
    "load_ipython_extension": "gitexp.writing.ipython",
    "log": "gitexp.writing.calls",
    "param": "gitexp.writing.calls",
    "start": "gitexp.writing.start",
    "summary": "gitexp.writing.calls",
    "sweep": "gitexp.api.sweeping",
    "sweeps": "gitexp.api.sweep",
}


def __getattr__(name: str) -> object:
    """Import what is read with when it is first used: `import gitexp` alone costs nothing."""
    if name not in (*__all__, *_ELSEWHERE):
        raise AttributeError(f"module 'gitexp' has no attribute '{name}'")
    place = _ELSEWHERE.get(name, "gitexp.api")
    found = getattr(importlib.import_module(place), name)
    if place.startswith("gitexp.writing"):
        globals()[name] = found  # called a thousand times a second
    return found


def __dir__() -> list[str]:
    """Return the names to complete in a notebook."""
    return sorted([*__all__, "__version__"])
