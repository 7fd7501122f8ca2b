"""All names of gitexp's refs stand on one page, and its folder is looked up once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import gitexp
from gitexp.git.repository import Repository
from gitexp.store import own

PRODUCT = Path(gitexp.__file__).parent
PAGE = Path(own.__file__)
AHEAD = (PRODUCT / "sharing/plain_push.py", PRODUCT / "sharing/plain_clone.py")
"""Are done before anything is imported, so they spell them themselves."""
REFS = ("refs/gitexp", "refs/notes/gitexp")


def texts(source: str) -> Iterator[str]:
    """Yield every string of a module that is more than a docstring, parts of f-strings too."""
    tree = ast.parse(source)
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


def test_the_texts_of_a_module_are_those_that_it_works_with() -> None:
    source = 'def f(x):\n    """Take refs/gitexp/a."""\n    return f"refs/gitexp/{x}", "b"\n'

    assert list(texts(source)) == ["b", "refs/gitexp/"]


def test_no_other_module_spells_a_ref_of_gitexp() -> None:
    elsewhere = {
        path.relative_to(PRODUCT)
        for path in PRODUCT.rglob("*.py")
        if path not in (PAGE, *AHEAD)
        for text in texts(path.read_text())
        if any(ref in text for ref in REFS)
    }

    assert elsewhere == set()


def test_the_push_that_is_done_ahead_spells_refs_as_the_page_does() -> None:
    said = [text for path in AHEAD for text in texts(path.read_text())]
    spelled = {text for text in said if any(ref in text for ref in REFS)}
    known = (own.PENDING.rstrip("/"), own.NOTES, own.REFS + "remotes/")

    assert all(any(one in text for one in known) for text in spelled)
    assert all(any(one in text for text in spelled) for one in known)


def test_no_other_module_looks_up_a_file_of_the_folder() -> None:
    names = {place.name for place in vars(own.OwnFolder(Path())).values()}
    names -= {"hooks", "logs"}  # git itself has folders of those names
    elsewhere = {
        (path.relative_to(PRODUCT), node.right.value)
        for path in PRODUCT.rglob("*.py")
        if path != PAGE
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
        if isinstance(node.right, ast.Constant) and node.right.value in names
    }

    assert elsewhere == set()


def test_the_folder_of_a_repository_is_looked_up_once(repository: Repository) -> None:
    found = own.own_folder(repository)

    assert own.own_folder(repository) is found
    assert found.path == repository.common_dir / "gitexp"
    assert not found.path.exists()
    assert found.made().path.is_dir()


def test_all_work_trees_of_a_repository_have_the_same_folder(
    repository: Repository, tmp_path: Path
) -> None:
    repository.git("worktree", "add", "--detach", str(tmp_path / "linked"))

    with Repository.open(tmp_path / "linked") as linked:
        assert own.own_folder(linked).path == own.own_folder(repository).path
