"""Optuna, found, kept quiet, and named by its version: what else samplers need, too."""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import importlib.util
import warnings
from collections.abc import Iterator, Mapping

from gitexp.errors import GitexpError
from gitexp.sweep.sweep import SamplerName

LIBRARY = "optuna"
_PIP = "Install it with `pip install {}`."
_OWN: tuple[SamplerName, ...] = ("grid", "random")
"""The samplers that need no library."""
_MORE: Mapping[SamplerName, Mapping[str, str]] = {
    "qmc": {"scipy": "scipy"},
    "cmaes": {"cmaes": "cmaes"},
    "gp": {"torch": "torch scipy", "scipy": "torch scipy"},
}
"""What a sampler imports beside Optuna, and what installs it."""


def demand_optuna(who: str) -> None:
    """See that Optuna is installed; `who` needs it, such as "the sampler 'tpe'"."""
    if importlib.util.find_spec(LIBRARY) is None:
        raise GitexpError(
            f"{who} needs Optuna, which is not installed",
            hint=_PIP.format("'optuna>=5.0'"),
        )


def demand_libraries(sampler: SamplerName) -> None:
    """See that all is installed that a sampler needs."""
    if sampler in _OWN:
        return
    demand_optuna(f"the sampler '{sampler}'")
    for module, package in _MORE.get(sampler, {}).items():
        if importlib.util.find_spec(module) is None:
            raise GitexpError(
                f"the sampler '{sampler}' needs {module}, which is not installed",
                hint=_PIP.format(package),
            )


def libraries_of(sampler: SamplerName, *, prunes: bool) -> dict[str, str]:
    """Return the versions of what decides points and ends of runs; a sweep is filed with them."""
    if sampler in _OWN and not prunes:
        return {}
    return {LIBRARY: library_version()} if importlib.util.find_spec(LIBRARY) is not None else {}


def library_version() -> str:
    """Return which Optuna there is."""
    return importlib.metadata.version(LIBRARY)


def note_of_version(made_with: Mapping[str, str], number: int) -> str | None:
    """Return what is to be said if a sweep goes on with another Optuna than it was begun with.

    `number` is the first point that this one chooses.
    """
    before = made_with.get(LIBRARY)
    if before is None or importlib.util.find_spec(LIBRARY) is None:
        return None
    now = library_version()
    if now == before:
        return None
    return (
        f"note: the sweep was begun with Optuna {before}, and this is {now}: points from "
        f"{number} on may differ from those that Optuna {before} would have chosen"
    )


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep Optuna from writing to stderr and from warning of what is experimental."""
    from optuna import logging  # noqa: PLC0415 - 200 ms, for samplers of Optuna

    before = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(before)
