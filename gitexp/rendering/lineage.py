"""Where a model comes from, as a mermaid graph, in which no name can be more than a name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from gitexp.model.text import harmless
from gitexp.rendering.cells import shortened

_NOT_PLAIN = re.compile(r"[^\w ./@+-]")
_LONGEST = 80


def lineage(data: Mapping[str, str | None], run: str, model: str) -> str:
    """Return the graph from data, and the runs that wrote it, to a run and its model.

    >>> print(lineage({"data.csv": None, "clean.csv": "prepare"}, "brave-otter", "digits v1.0.0"))
    graph LR
        run(["brave-otter"]) --> model[["digits v1.0.0"]]
        data0[("data.csv")] --> run
        from1(["prepare"]) --> data1[("clean.csv")]
        data1 --> run
    """
    return "\n".join(["graph LR", *(f"    {line}" for line in _lines(data, run, model))])


def _lines(data: Mapping[str, str | None], run: str, model: str) -> Iterator[str]:
    yield f'run(["{label(run)}"]) --> model[["{label(model)}"]]'
    for number, (path, writer) in enumerate(data.items()):
        place = f'data{number}[("{label(path)}")]'
        if writer is None:
            yield f"{place} --> run"
        else:
            yield f'from{number}(["{label(writer)}"]) --> {place}'
            yield f"data{number} --> run"


def label(text: str) -> str:
    """Return text in which mermaid finds neither quotes, markup nor its own entities.

    >>> label('a"]; click x')
    'a#34;#93;#59; click x'
    """
    shown = shortened(harmless(text), _LONGEST)
    return _NOT_PLAIN.sub(lambda match: f"#{ord(match[0])};", shown)
