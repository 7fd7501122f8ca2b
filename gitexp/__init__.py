"""Machine-learning experiments as git commits.

Scripts and notebooks read runs with `gitexp.runs()`, `gitexp.get()`, `gitexp.best()` and
`gitexp.diff()`; see docs/reference/python.md.
"""

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitexp.api import ABSENT, Diff, FlatValues, Run, Runs, best, diff, get, runs
    from gitexp.errors import GitexpError

__all__ = [
    "ABSENT",
    "Diff",
    "FlatValues",
    "GitexpError",
    "Run",
    "Runs",
    "best",
    "diff",
    "get",
    "runs",
]


def __getattr__(name: str) -> object:
    """Import what is read with when it is first used: `import gitexp` alone costs nothing."""
    if name not in __all__:
        raise AttributeError(f"module 'gitexp' has no attribute '{name}'")
    import importlib  # noqa: PLC0415 - see above

    module = importlib.import_module("gitexp.errors" if name == "GitexpError" else "gitexp.api")
    return getattr(module, name)


def __dir__() -> list[str]:
    """Return the names to complete in a notebook."""
    return sorted([*__all__, "__version__"])
