from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.execution.links_workshop import KINDS, ROLES, LinkCase
from tests.workshop import sealed

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "links.md"
ROW = re.compile(r"(?m)^\| ([^|]+) " + r"\| ([^|]+) " * len(ROLES) + r"\|$")
ROW = re.compile(r"(?m)^\| ([^|]+) " + r"\| ([^|]+) " * len(ROLES) + r"\|$")
HEADS = {
    "work tree": "### `gitexp run` in the work tree",
    "--temp": "### `gitexp run --temp`",
    "apply": "### `gitexp apply`",
    "get": "### `gitexp get",
}


def _cells() -> Iterator[tuple[str, str, str, str]]:
    text = PAGE.read_text()
    for where, head in HEADS.items():
        table = text[text.index(head) :].partition("\n#")[0]
        for kind, *said in ROW.findall(table):
            yield from (
                (where, kind, role, words)
                for role, words in zip(ROLES, said, strict=True)
                if kind in KINDS
            )


CELLS = [*_cells()]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LinkCase]:
    """One repository for the whole table."""
    place = tmp_path_factory.mktemp("links")
    env = {**sealed(place / "home"), "NO_COLOR": "1"}
    with pytest.MonkeyPatch.context() as patched:
        for name, value in env.items():
            patched.setenv(name, value)
        yield LinkCase(place)


@pytest.mark.parametrize(("where", "kind", "role", "words"), CELLS)
def test_the_page_says_what_becomes_of_a_link(
    case: LinkCase, where: str, kind: str, role: str, words: str
) -> None:
    assert case.seen(where, KINDS[kind], role) == words


def test_the_page_has_a_cell_for_every_kind_and_use() -> None:
    assert len(CELLS) == len(HEADS) * len(KINDS) * len(ROLES)
