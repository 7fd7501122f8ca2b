"""scikit-learn: `gitexp.autolog()` logs what `fit` and `score` come to."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from numbers import Number
from typing import Any

from sklearn import base

from gitexp.writing.calls import log, param, summary
from gitexp.writing.writer import warn

_CURVES = ("loss_curve_", "validation_scores_", "train_score_", "validation_score_", "oob_scores_")
"""What estimators know of each iteration when they are fitted."""
_SEEN = "_gitexp_autolog"
_outermost = threading.Lock()
"""Held while a call of the script's own is under way: a search fits hundreds inside of its own."""
_scored: dict[str, int] = {}


def autolog() -> None:
    """Have the params of estimators recorded when they are fitted, with their curves and scores.

    That of all estimators of scikit-learn's kind, also those that are imported or written later.
    It changes no result, and never raises.
    """
    mixins = [one for one in vars(base).values() if isinstance(one, type)]
    for kind in (*_subclasses(base.BaseEstimator), *mixins):
        _watch(kind)
    if getattr(base.BaseEstimator.__init_subclass__, _SEEN, False):
        return
    before = base.BaseEstimator.__init_subclass__.__func__

    def begin(cls: type, /, **kwargs: Any) -> None:
        before(cls, **kwargs)
        _watch(cls)

    setattr(begin, _SEEN, True)
    base.BaseEstimator.__init_subclass__ = classmethod(begin)


def _subclasses(kind: type) -> Iterator[type]:
    yield kind
    known: list[type] = type.__subclasses__(kind)
    for below in known:
        yield from _subclasses(below)


def _watch(kind: type) -> None:
    """Have the methods of its own that matter say what they come to."""
    for name, report in (("fit", _fitted), ("fit_transform", _fitted), ("score", _score)):
        method: Any = vars(kind).get(name)
        if callable(method) and not getattr(method, _SEEN, False):
            setattr(kind, name, _watched(method, report))
        elif callable(getattr(method, "fn", None)) and not getattr(method.fn, _SEEN, False):
            method.fn = _watched(method.fn, report)  # there only if the last step has it


def _watched(method: Any, report: Callable[[Any, Any], None]) -> Any:
    @functools.wraps(method)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not _outermost.acquire(blocking=False):
            return method(self, *args, **kwargs)
        try:
            result = method(self, *args, **kwargs)
            try:
                report(self, result)
            except Exception as error:  # noqa: BLE001 - nothing may stop a training
                warn(f"autolog: {type(error).__name__}: {error}")
        finally:
            _outermost.release()
        return result

    setattr(call, _SEEN, True)
    return call


def _fitted(estimator: Any, _result: Any) -> None:
    name = type(estimator).__name__
    params = estimator.get_params(deep=True)
    param({name: {key: value for key, value in params.items() if _is_plain(value)}})
    for attribute in _CURVES:
        values = getattr(estimator, attribute, None)
        for step, value in enumerate(values if values is not None else ()):
            log({f"{name}/{attribute.rstrip('_')}": value}, step)
    found = getattr(estimator, "cv_results_", None)
    if found is None:
        return
    for step, value in enumerate(found.get("mean_test_score", ())):
        log({f"{name}/mean_test_score": value}, step)
    if hasattr(estimator, "best_score_"):
        summary[f"{name}.best_score"] = estimator.best_score_
        param({name: {"best": estimator.best_params_}})


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_plain(one) for one in value)
    return value is None or isinstance(value, str | Number)


def _score(estimator: Any, result: Any) -> None:
    """Keep each score under a name of its own: that of the data is not known here."""
    name = f"{type(estimator).__name__}.score"
    _scored[name] = _scored.get(name, 0) + 1
    summary[name if _scored[name] == 1 else f"{name}_{_scored[name]}"] = result
