"""Follows the pages of the frameworks, and writes into them what is printed then.

`python -m tests.frameworks.fill [PROJECT…]`; `--from FOLDER` takes the gitexp of that clone, and
writes nothing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.frameworks.kinds import KINDS, PACKAGES
from tests.frameworks.workshop import TOP, environment, follow, measured, projects_of


def main() -> None:
    """Follow the projects that are named, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("projects", nargs="*", metavar="PROJECT")
    parser.add_argument("--from", dest="source", type=Path, default=TOP, metavar="FOLDER")
    asked = parser.parse_args()
    for name in asked.projects or KINDS:
        kind = KINDS[name]
        [project] = [one for one in projects_of(kind.page) if one.name == name]
        programs = environment(kind.environment, PACKAGES[kind.environment])
        folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
        ended = follow(project, folder, programs, asked.source)
        found = measured(project, ended.top, kind.changed, kind.wanted)
        if asked.source == TOP:
            kind.page.write_text(kind.page.read_text().replace(project.session, ended.printed))
        sys.stdout.write(f"{name}: {found} {'complete' if found.is_complete else ''} {folder}\n")


if __name__ == "__main__":
    main()
