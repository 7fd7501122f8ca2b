"""`python -m benchmarks.shape`: the size of the code, how it hangs together, how commands walk.

The figures come from the source text alone, so an older checkout can be held against this one:
`python -m benchmarks.shape --root ../before --root .`

A room is a folder or module at the top of the package. Late imports count as arrows, those for
type checkers do not. What runs up is said in `rooms.Folder.up` and summed over all folders.
An `__init__.py` that only has a docstring or hands names on is not counted as a module.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from benchmarks.rooms import Folder, circles, folders, room
from benchmarks.source import Package, read_package
from benchmarks.walks import COUNTED, Walk, walks

PACKAGE = "gitexp"
GUARDED = "execution"
"""The folder of which it is counted who reaches into it."""
_LONG = 50
"""Lines beyond which a function is long."""


@dataclass(frozen=True)
class Shape:
    """What one checkout looks like."""

    root: str
    figures: dict[str, str]
    named: dict[str, list[str]]
    """What some of the figures count, one by one."""
    walks: tuple[Walk, ...] = ()


def shape_of(package: Package) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return the figures of a package, and what some of them count."""
    tree = folders(package)
    named = _named(package, tree)
    return {**_sizes(package), **_ties(package, tree, named)}, named


def _sizes(package: Package) -> dict[str, str]:
    modules = [len(one.lines) for one in package.modules if not one.is_bare]
    functions = [one for module in package.modules for one in module.functions]
    lengths = [one.length for one in functions]
    annotated = sum(one.is_annotated for one in functions)
    return {
        "modules": f"{len(modules):,}",
        "lines": f"{sum(modules):,}",
        "module: median / p90 / longest": _spread(modules, 0.9),
        "functions": f"{len(functions):,}",
        "function: median / p95 / longest": _spread(lengths, 0.95),
        f"functions over {_LONG} lines": str(sum(length > _LONG for length in lengths)),
        "return types annotated": f"{math.floor(100 * annotated / max(len(functions), 1))} %",
    }


def _ties(package: Package, tree: list[Folder], named: dict[str, list[str]]) -> dict[str, str]:
    whole, late = tree[0], package.late
    own = sum(bool(one.targets) for one in late)
    noqa = sum("noqa" in line for module in package.modules for line in module.lines)
    reaching = named[f"imports of {GUARDED} from elsewhere, not from cli"]
    reached = [arrow for arrow in package.arrows if _reaches(arrow)]
    return {
        "rooms": str(len(whole.rooms)),
        "floors": str(whole.floors),
        "arrows between rooms": str(len(whole.arrows)),
        **{name: str(len(found)) for name, found in named.items() if "circles" in name},
        "arrows that run up": str(len(named["arrows that run up"])),
        "imports in functions (of the package itself)": f"{len(late)} ({own})",
        "of these, without milliseconds saved": str(len(named["without milliseconds saved"])),
        "noqa": str(noqa),
        f"imports of {GUARDED} from elsewhere (not from cli)": f"{len(reached)} ({len(reaching)})",
    }


def _named(package: Package, tree: list[Folder]) -> dict[str, list[str]]:
    modules = circles((one.name for one in package.modules), package.arrows)
    inner = {folder.name for folder in tree}
    of_folders = [
        (folder.name, ring)
        for folder in tree
        for ring in folder.circles
        if any(f"{folder.name}.{place}" in inner for place in ring)
    ]
    reaching = (pair for pair in package.arrows if _reaches(pair) and _room(pair[0]) != "cli")
    return {
        "circles of modules": [" ".join(sorted(ring)) for ring in modules],
        "circles of folders": [f"{name}: {' '.join(sorted(ring))}" for name, ring in of_folders],
        "arrows that run up": [
            f"{folder.name}: {start} -> {end}" for folder in tree for start, end in folder.up
        ],
        f"imports of {GUARDED} from elsewhere, not from cli": [
            f"{start} -> {end}" for start, end in sorted(reaching)
        ],
        "without milliseconds saved": [one.place for one in package.late if not one.says_saving],
    }


def _reaches(arrow: tuple[str, str]) -> bool:
    return _room(arrow[1]) == GUARDED != _room(arrow[0])


def _room(module: str) -> str:
    return room(module, module.partition(".")[0])


def _spread(values: Iterable[int], share: float) -> str:
    ranked = sorted(values) or [0]
    middle = (ranked[(len(ranked) - 1) // 2] + ranked[len(ranked) // 2]) / 2
    return f"{middle:g} / {ranked[math.ceil(share * len(ranked)) - 1]} / {ranked[-1]}"


def _rows(shapes: Sequence[Shape]) -> list[list[str]]:
    rows = [["", *(one.root for one in shapes)]]
    rows += [[name, *(one.figures[name] for one in shapes)] for name in shapes[0].figures]
    for found in zip(*(one.walks for one in shapes), strict=True):
        rows += [[f"`{found[0].command}`", *("" for _ in found)]]
        rows += [[name, *(walk.figures[name] for walk in found)] for name in found[0].figures]
        rows += [
            [f"calls of {name}", *(str(walk.counted[name]) for walk in found)]
            for name in COUNTED
            if any(walk.counted[name] for walk in found)
        ]
    return rows


def text_table(rows: Sequence[Sequence[str]]) -> str:
    """Return the rows in columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "".join(f"{'  '.join(map(str.ljust, row, widths)).rstrip()}\n" for row in rows)


def markdown_table(rows: Sequence[Sequence[str]]) -> str:
    """Return the rows as a Markdown table."""
    lines = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--root",
    "roots",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A checkout to look at; more than one stand side by side. [default: this one]",
)
@click.option("--walk", "walking", is_flag=True, help="Also count calls while commands run.")
@click.option(
    "--python", default=sys.executable, metavar="PATH", help="The Python that runs the commands."
)
@click.option("--names", is_flag=True, help="Also name what is counted, one by one.")
@click.option("--md", "markdown", is_flag=True, help="Print Markdown.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with all names.")
def main(
    *,
    roots: tuple[Path, ...],
    walking: bool,
    python: str,
    names: bool,
    markdown: bool,
    as_json: bool,
) -> None:
    """Show the size of the code, how it hangs together, and how commands walk through it."""
    shapes = []
    for root in roots or (Path(__file__).parents[1],):
        if not (root / PACKAGE).is_dir():
            raise click.UsageError(f"no folder '{PACKAGE}' in '{root}'")
        walked = tuple(walks(root.resolve(), python)) if walking else ()
        figures = shape_of(read_package(root.resolve() / PACKAGE))
        shapes.append(Shape(str(root), *figures, walked))
    if as_json:
        click.echo(json.dumps([asdict(one) for one in shapes], indent=2))
        return
    rows = _rows(shapes)
    click.echo(markdown_table(rows) if markdown else text_table(rows), nl=False)
    for one in shapes if names else ():
        for title, found in one.named.items():
            click.echo("\n- ".join((f"\n{one.root}: {title}", *found)))


if __name__ == "__main__":
    main()
