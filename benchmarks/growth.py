"""How commands grow with the number of runs, or of tracked files: tables and pictures.

`python -m benchmarks.growth PLACE…` for folders with runs that were made before
(`python -m benchmarks.many_runs PLACE COUNT`), and `--files PLACE…` for such with many files.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

from benchmarks.measure import Rounds, Subject, alternate
from benchmarks.report import RESULTS, priority
from benchmarks.workshop import find_program, run

_HERE = ("growth.svg", "growth-files.svg")
_OF_FILES: Mapping[str, tuple[str, ...]] = {
    "gitexp --version": ("gitexp", "--version"),
    "gitexp run -- true": ("gitexp", "run", "--", "true"),
    "gitexp run --temp -- true": ("gitexp", "run", "--temp", "--", "true"),
    "git status": ("git", "status"),
}
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
"""Seconds at the bottom, and at least at the top."""

Curves = Mapping[str, Sequence[tuple[int, float]]]
"""Of each command the seconds by the number of runs."""


def measured(places: Sequence[Path], rounds: Rounds, *, files: bool) -> Curves:
    """Time the commands in repositories that have an index."""
    gitexp = find_program("gitexp") or "gitexp"
    with_program = {f"gitexp {name}": ("gitexp", *words) for name, words in _COMMANDS.items()}
    commands = _OF_FILES if files else with_program
    found: dict[str, list[tuple[int, float]]] = {name: [] for name in commands}
    for place in places:
        count = _files(place) if files else _runs(place)
        lines = [
            [gitexp if one == "gitexp" else one for one in words] for words in commands.values()
        ]
        subjects = [Subject(partial(run, *line, cwd=place)) for line in lines]
        for name, samples in zip(commands, alternate(rounds, *subjects), strict=True):
            found[name].append((count, samples.median))
    return found


def _runs(place: Path) -> int:
    return int(run("git", "rev-list", "--count", "experiments", cwd=place)) - 1


def _files(place: Path) -> int:
    return run("git", "ls-files", "-z", cwd=place).count(b"\0")


def table(curves: Curves, what: str) -> str:
    """Return the curves as Markdown, in milliseconds."""
    counts = [count for count, _ in next(iter(curves.values()))]
    head = "| |" + "".join(f" {count:,} {what} |" for count in counts)
    lines = [head, "|---|" + "--:|" * len(counts)]
    for name, points in curves.items():
        shown = f"`{name}`" if name.startswith("git") else name
        lines.append(f"| {shown} |" + "".join(f" {1000 * taken:,.0f} ms |" for _, taken in points))
    return "\n".join(lines) + "\n"


def svg(curves: Curves) -> str:
    """Return the curves as a picture, both axes by powers of ten."""
    counts = [count for count, _ in next(iter(curves.values()))]
    first, last = math.log10(min(counts)), math.log10(max(counts))
    longest = max(taken for points in curves.values() for _, taken in points)
    most = max(_MOST, 10.0 ** math.ceil(math.log10(longest)))
    shortest = min(taken for points in curves.values() for _, taken in points)
    least = min(_LEAST, 10.0 ** math.floor(math.log10(shortest)))

    def across(count: float) -> float:
        return _LEFT + _WIDTH * (math.log10(count) - first) / (last - first or 1)

    def down(seconds: float) -> float:
        part = math.log10(seconds / least) / math.log10(most / least)
        return _TOP + _HEIGHT * (1 - part)

    size = f'width="{_LEFT + _WIDTH + _LEGEND}" height="{_TOP + _HEIGHT + 40}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">']
    for seconds in (one for one in (0.001, 0.01, 0.1, 1.0, 10.0, 100.0) if least <= one <= most):
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


def main(words: Sequence[str]) -> None:
    """Measure, write the picture, and put the table at the end of RESULTS.md."""
    files = "--files" in words
    places = [Path(word) for word in words if word != "--files"]
    curves = measured(places, Rounds(3), files=files)
    if files:
        written(curves, "Growth with tracked files", "files", "growth-files.svg")
    else:
        written(curves, "Growth", "runs", "growth.svg")


def written(
    curves: Curves, title: str, what: str, picture: str, how: str = "Medians of three,"
) -> None:
    """Write a picture beside RESULTS.md, and the table under a heading of it."""
    RESULTS.with_name(picture).write_text(svg(curves))
    program = "benchmarks.growth" if picture in _HERE else "benchmarks.growth_made"
    said = (
        f"{how} measured in turn by `python -m {program}` on"
        f" {datetime.now(timezone.utc):%Y-%m-%d}, with a load of"
        f" {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores{priority()}."
    )
    shown = f"![The same as curves, both axes by powers of ten]({picture})"
    body = f"{said}\n\n{table(curves, what)}\n{shown}\n"
    RESULTS.write_text(with_section(RESULTS.read_text(), f"## {title}\n", body))


def with_section(text: str, heading: str, body: str) -> str:
    """Return a text with another body under one of its headings, which comes last if it is new."""
    before, found, rest = text.partition(f"\n{heading}")
    _, following, after = rest.partition("\n## ")
    kept = f"\n{following.lstrip()}{after}" if found and following else ""
    return f"{before.rstrip()}\n\n{heading}\n{body}{kept}"


if __name__ == "__main__":
    main(sys.argv[1:])
