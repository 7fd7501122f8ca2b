"""How a sweep grows with its points, and a run with the files behind a pointer: tables, pictures.

`python -m benchmarks.growth_made points` and `pointers` make what they need themselves.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.growth import Curves, written
from benchmarks.measure import Rounds, Subject, alternate
from benchmarks.training import CONFIG
from benchmarks.workshop import Workshop, initialise_dvc, run, seal

_POINTS = (1, 10, 100, 1000, 5000)
_FILES = (100, 1000, 10_000, 100_000)
_BYTES = 200
_SCRIPT = "echo '{\"loss\": 0.5}' > metrics.json\n"

_ALWAYS = {"gitexp ls -N 20": ["ls", "-N", "20"], "gitexp --version": ["--version"]}

Found = Iterator[tuple[int, Mapping[str, float]]]
"""The seconds of each command, one count after the other."""


def _points(workshop: Workshop) -> Found:
    """A sweep of so many points of a command that takes 3 ms, and what is asked of it then."""
    gitexp = workshop.gitexp
    for count in _POINTS:
        files = {"fit.sh": _SCRIPT, "params.yaml": "train: {lr: 0}\n", "gitexp.yaml": CONFIG}
        place = workshop.repository(f"points-{count}", files)
        rates = ",".join(str(number / 100_000) for number in range(1, count + 1))
        words = (f"train.lr={rates}", "-j", "2", "--", "sh", "fit.sh")
        started = time.perf_counter()
        run(gitexp, "sweep", *words, cwd=place)
        took = time.perf_counter() - started
        asked = {"gitexp sweep -j 2, all known": ["sweep", *words], **_ALWAYS}
        figures = {"gitexp sweep -j 2": took, "the same, a point": took / count}
        yield count, figures | _medians(gitexp, place, asked)


def _pointers(workshop: Workshop) -> Found:
    """A folder of so many files behind a pointer."""
    gitexp = workshop.gitexp
    for count in _FILES:
        place = workshop.repository(f"pointers-{count}", {"README.md": "# Large\n"})
        initialise_dvc(place, workshop.peer("dvc"))
        images = place / "images"
        images.mkdir()
        for number in range(count):
            (images / f"{number:06}.txt").write_text(f"{number}\n" * (_BYTES // 8))
        started = time.perf_counter()
        run(gitexp, "track", "images", cwd=place)
        took = time.perf_counter() - started
        run("git", "add", "--all", cwd=place)
        run("git", "commit", "--quiet", "-m", "images", cwd=place)
        asked = {name: name.split()[1:] for name in ("gitexp run -- true", "gitexp diff HEAD")}
        asked |= {"gitexp track images, nothing new": ["track", "images"], **_ALWAYS}
        yield count, {"gitexp track images": took} | _medians(gitexp, place, asked)


def _medians(gitexp: str, place: Path, commands: Mapping[str, Sequence[str]]) -> dict[str, float]:
    subjects = [Subject(partial(run, gitexp, *words, cwd=place)) for words in commands.values()]
    taken = alternate(Rounds(3), *subjects)
    return {name: samples.median for name, samples in zip(commands, taken, strict=True)}


_KINDS: Mapping[str, tuple[Callable[[Workshop], Found], str, str]] = {
    "points": (_points, "Growth with the points of a sweep", "points"),
    "pointers": (_pointers, "Growth with the files behind a pointer", "files"),
}


def main(kind: str) -> None:
    """Measure one kind and put it into RESULTS.md."""
    made, title, what = _KINDS[kind]
    with tempfile.TemporaryDirectory(prefix="gitexp-benchmarks-") as folder:
        seal(Path(folder) / "home")
        curves: dict[str, list[tuple[int, float]]] = {}
        for count, figures in made(Workshop.open(Path(folder), Rounds(3))):
            for name, seconds in figures.items():
                curves.setdefault(name, []).append((count, seconds))
    once = "What is written the first time was measured once, the rest"
    written(_curves(curves), title, what, f"growth-{kind}.svg", f"{once} are medians of three,")


def _curves(curves: Mapping[str, list[tuple[int, float]]]) -> Curves:
    return {name: tuple(points) for name, points in curves.items()}


if __name__ == "__main__":
    main(sys.argv[1])
