"""Tables of predictions as charts: confusion matrices, ROC and precision-recall curves."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from gitexp.errors import GitexpError
from gitexp.model.numbers import counted
from gitexp.plots.chart import Curve, Lines, Matrix

Rows = Sequence[Mapping[str, object]]

_ACTUAL = ("actual", "y_true", "true", "label", "target")
_PREDICTED = ("predicted", "y_pred", "pred", "prediction")
_SCORE = ("score", "y_score", "probability", "prob", "y_prob", "proba")
_MOST_CLASSES = 40
_POSITIVE = ("1", "1.0", "true", "yes", "positive")


def confusion_chart(label: str, rows: Rows, x: str | None = None) -> Matrix:
    """Return how often each class was taken for which, classes in the order of their names.

    >>> rows = [{"actual": "a", "predicted": "a"}, {"actual": "a", "predicted": "b"}]
    >>> confusion_chart("run", rows).counts
    ((1, 1), (0, 0))
    """
    actual = _column(rows, _ACTUAL, label)
    predicted = x or _column(rows, _PREDICTED, label)
    pairs = Counter((str(row.get(actual)), str(row.get(predicted))) for row in rows)
    names = sorted({name for pair in pairs for name in pair}, key=_natural)
    if len(names) > _MOST_CLASSES:
        raise GitexpError(
            f"{label}: {len(names)} classes are too many for a picture",
            f"A column of classes has at most {_MOST_CLASSES} different values.",
        )
    counts = tuple(tuple(pairs[side, head] for head in names) for side in names)
    right = sum(pairs[name, name] for name in names)
    share = f"{right} of {counted(len(rows), 'prediction')} right"
    return Matrix(label, tuple(names), tuple(names), counts, note=share)


def _natural(name: str) -> tuple[float, str]:
    """Return the order of class names: numbers by their size, then texts."""
    try:
        number = float(name)
    except ValueError:
        return math.inf, name
    return (number, name) if math.isfinite(number) else (math.inf, name)


def _column(rows: Rows, names: Sequence[str], label: str) -> str:
    known = {str(name).lower(): str(name) for row in rows[:1] for name in row}
    found = next((known[name] for name in names if name in known), None)
    if found is None:
        raise GitexpError(
            f"{label}: the table has no column '{names[0]}'",
            f"It has {', '.join(known.values()) or 'none'}; known names are {', '.join(names)}.",
        )
    return found


def roc_chart(tables: Sequence[tuple[str, Rows]]) -> Lines:
    """Return true against false positives, as they are in tables or follow from scores."""
    curves = []
    for label, rows in tables:
        fpr, tpr = _given(rows, ("fpr",), ("tpr",)) or _roc(*_scored(rows, label))
        curves.append(Curve(f"{label} (AUC {_area(fpr, tpr):.4g})", fpr, tpr))
    chance = Curve("chance", [0.0, 1.0], [0.0, 1.0])
    return Lines("ROC", "false positive rate", "true positive rate", (*curves, chance))


def pr_chart(tables: Sequence[tuple[str, Rows]]) -> Lines:
    """Return precision against recall, as they are in tables or follow from scores."""
    curves = []
    for label, rows in tables:
        given = _given(rows, ("recall",), ("precision",))
        recall, precision = given or _pr(*_scored(rows, label))
        curves.append(Curve(label, recall, precision))
    return Lines("Precision and recall", "recall", "precision", tuple(curves))


def _given(
    rows: Rows, x_names: Sequence[str], y_names: Sequence[str]
) -> tuple[list[float], list[float]] | None:
    try:
        x, y = _column(rows, x_names, ""), _column(rows, y_names, "")
    except GitexpError:
        return None
    pairs = [(_number(row.get(x)), _number(row.get(y))) for row in rows]
    known = [(a, b) for a, b in pairs if a is not None and b is not None]
    return ([a for a, _ in known], [b for _, b in known]) if known else None


def _number(value: object) -> float | None:
    try:
        found = float(value) if isinstance(value, str | int | float) else math.nan
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _scored(rows: Rows, label: str) -> tuple[list[bool], list[float]]:
    actual, score = _column(rows, _ACTUAL, label), _column(rows, _SCORE, label)
    pairs = [(str(row.get(actual)).lower() in _POSITIVE, _number(row.get(score))) for row in rows]
    known = sorted(((one, at) for one, at in pairs if at is not None), key=lambda pair: -pair[1])
    positive = [one for one, _ in known]
    if not any(positive) or all(positive):
        raise GitexpError(
            f"{label}: '{actual}' has only one class",
            f"Rows of the positive class have 1 or true in '{actual}', the others something else.",
        )
    return positive, [at for _, at in known]


def _steps(positive: Sequence[bool], scores: Sequence[float]) -> Iterator[tuple[int, int]]:
    """Yield true and false positives after each threshold, from the highest score down."""
    true = false = 0
    for at, (one, score) in enumerate(zip(positive, scores, strict=True)):
        true, false = true + one, false + (not one)
        if at + 1 == len(scores) or scores[at + 1] != score:
            yield true, false


def _roc(positive: Sequence[bool], scores: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return the rates.

    >>> _roc([True, False, True, False], [0.9, 0.8, 0.7, 0.1])
    ([0.0, 0.0, 0.5, 0.5, 1.0], [0.0, 0.5, 0.5, 1.0, 1.0])
    """
    trues, falses = sum(positive), len(positive) - sum(positive)
    steps = [(0, 0), *_steps(positive, scores)]
    return [false / falses for _, false in steps], [true / trues for true, _ in steps]


def _pr(positive: Sequence[bool], scores: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return recall and precision.

    >>> _pr([True, False, True], [0.9, 0.8, 0.7])
    ([0.5, 0.5, 1.0], [1.0, 0.5, 0.6666666666666666])
    """
    trues = sum(positive)
    steps = list(_steps(positive, scores))
    return [true / trues for true, _ in steps], [true / (true + false) for true, false in steps]


def _area(x: Sequence[float], y: Sequence[float]) -> float:
    """Return the area under a curve, whichever way it runs.

    >>> _area([0.0, 1.0], [0.0, 1.0]), _area([1.0, 0.0], [1.0, 0.0])
    (0.5, 0.5)
    """
    pairs = zip(pairwise(x), pairwise(y), strict=True)
    return abs(math.fsum((right - left) * (low + high) / 2 for (left, right), (low, high) in pairs))
