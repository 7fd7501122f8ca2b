"""How commands grow with the number of runs: a table and a picture, `python -m benchmarks.growth`.

Give folders with runs that were made before (`python -m benchmarks.many_runs PLACE COUNT`).
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.measure import Rounds, Subject, alternate
from benchmarks.report import GROWTH, RESULTS
from benchmarks.workshop import find_program, run

PICTURE = Path(__file__).with_name("growth.svg")
_COMMANDS: Mapping[str, tuple[str, ...]] = {
    "--version": ("--version",),
    "ls -N 20": ("ls", "-N", "20"),
    "show latest": ("show", "latest"),
    "ls -N 20 --sort-by val.loss": ("ls", "-N", "20", "--sort-by", "val.loss"),
    "ls -N 20 --where 'val.accuracy > 0.9'": ("ls", "-N", "20", "--where", "val.accuracy > 0.9"),
}
_COLOURS = ("#888888", "#1f77b4", "#2ca02c", "#d62728", "#9467bd")
_WIDTH, _HEIGHT, _LEFT, _TOP, _LEGEND = 460, 260, 60, 15, 280
_LEAST, _MOST = 0.01, 1.0
"""Seconds at the bottom and at the top."""

Curves = Mapping[str, Sequence[tuple[int, float]]]
"""Of each command the seconds by the number of runs."""


def measured(places: Sequence[Path], rounds: Rounds) -> Curves:
    """Time the commands in repositories that have an index."""
    gitexp = find_program("gitexp") or "gitexp"
    found: dict[str, list[tuple[int, float]]] = {name: [] for name in _COMMANDS}
    for place in places:
        count = int(run("git", "rev-list", "--count", "experiments", cwd=place)) - 1
        subjects = [
            Subject(partial(run, gitexp, *words, cwd=place)) for words in _COMMANDS.values()
        ]
        for name, samples in zip(_COMMANDS, alternate(rounds, *subjects), strict=True):
            found[name].append((count, samples.median))
    return found


def table(curves: Curves) -> str:
    """Return the curves as Markdown, in milliseconds."""
    counts = [count for count, _ in next(iter(curves.values()))]
    head = "| `gitexp …` |" + "".join(f" {count:,} runs |" for count in counts)
    lines = [head, "|---|" + "--:|" * len(counts)]
    for name, points in curves.items():
        lines.append(f"| `{name}` |" + "".join(f" {1000 * taken:.0f} ms |" for _, taken in points))
    return "\n".join(lines) + "\n"


def svg(curves: Curves) -> str:
    """Return the curves as a picture, both axes by powers of ten."""
    counts = [count for count, _ in next(iter(curves.values()))]
    first, last = math.log10(min(counts)), math.log10(max(counts))

    def across(count: float) -> float:
        return _LEFT + _WIDTH * (math.log10(count) - first) / (last - first or 1)

    def down(seconds: float) -> float:
        part = math.log10(seconds / _LEAST) / math.log10(_MOST / _LEAST)
        return _TOP + _HEIGHT * (1 - part)

    size = f'width="{_LEFT + _WIDTH + _LEGEND}" height="{_TOP + _HEIGHT + 40}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">']
    for seconds in (0.01, 0.1, 1.0):
        y = down(seconds)
        parts.append(f'<path d="M{_LEFT} {y:.0f}h{_WIDTH}" stroke="#ddd"/>')
        parts.append(f'<text x="5" y="{y + 4:.0f}" font-size="12">{1000 * seconds:.0f} ms</text>')
    for count in counts:
        x, y = across(count) - 20, _TOP + _HEIGHT + 20
        parts.append(f'<text x="{x:.0f}" y="{y}" font-size="12">{count:,}</text>')
    for number, (name, points) in enumerate(curves.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        line = " ".join(f"{across(count):.1f},{down(taken):.1f}" for count, taken in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}"/>')
        x, y = _LEFT + _WIDTH + 10, _TOP + 20 + 20 * number
        words = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        parts.append(f'<text x="{x}" y="{y}" font-size="12" fill="{colour}">{words}</text>')
    return "\n".join((*parts, "</svg>")) + "\n"


def main(places: Sequence[str]) -> None:
    """Measure, write the picture, and put the table at the end of RESULTS.md."""
    curves = measured([Path(place) for place in places], Rounds(3))
    PICTURE.write_text(svg(curves))
    before = RESULTS.read_text().partition(GROWTH)[0].rstrip()
    said = (
        "Medians of three, measured in turn by `python -m benchmarks.growth`, with a load of"
        f" {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores."
    )
    picture = f"![The same as curves, both axes by powers of ten]({PICTURE.name})"
    RESULTS.write_text(f"{before}\n\n{GROWTH}\n{said}\n\n{table(curves)}\n{picture}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
