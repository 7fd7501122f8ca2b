"""ONNX, by its graph and weights; who wrote it, and when, does not count."""

from __future__ import annotations

from pathlib import Path

from gitexp.contents.answer import EQUAL, Answer, differs, unknown
from gitexp.contents.arrays import compare_array


def compare_onnx(old: Path, new: Path) -> Answer:
    """Compare two models; weights in files of their own are compared as those."""
    try:
        import onnx  # noqa: PLC0415 - it need not be installed
        from onnx import numpy_helper  # noqa: PLC0415 - as above
    except ImportError:
        return unknown("onnx is not installed")
    models = [onnx.load(str(path), load_external_data=False) for path in (old, new)]
    weights = []
    for model in models:
        weights.append({one.name: one for one in model.graph.initializer})
        for name in ("producer_name", "producer_version", "doc_string"):
            model.ClearField(name)
        model.graph.ClearField("doc_string")
    if models[0] == models[1]:
        return EQUAL
    for name, one in weights[0].items():
        other = weights[1].get(name)
        if other is not None and not one.external_data and not other.external_data:
            arrays = map(numpy_helper.to_array, (one, other))
            answer = compare_array(name, *arrays)
            if answer != EQUAL:
                return answer
    return differs("the graph differs")
