"""A package as its source text alone shows it: modules, functions, imports. Nothing is imported."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SAVING = re.compile(r"\b\d+(?:\.\d+)?\s*ms\b")


@dataclass(frozen=True)
class Function:
    """A `def`, wherever it stands."""

    name: str
    length: int
    """Lines from `def` to the last one, docstring included, decorators not."""
    is_annotated: bool
    """Whether it says what it returns."""


@dataclass(frozen=True)
class Import:
    """An import statement that counts when the program runs, so not one for type checkers."""

    place: str
    """The file and the line."""
    targets: frozenset[str]
    """The modules of the package that it names, dotted."""
    is_late: bool
    """Whether it stands in a function."""
    says_saving: bool
    """Whether a comment on it, or in the lines right above it, has a number of milliseconds.

    Imports that stand together share a comment.
    """


@dataclass(frozen=True)
class Module:
    """One file of the package."""

    name: str
    """Dotted; the module of an `__init__.py` is called as its folder is."""
    lines: tuple[str, ...]
    tree: ast.Module
    is_init: bool
    functions: tuple[Function, ...]
    imports: tuple[Import, ...]

    @property
    def is_bare(self) -> bool:
        """Whether it is an `__init__.py` that has a docstring, imports and `__all__` at most."""
        return self.is_init and all(map(_is_frame, self.tree.body))


@dataclass(frozen=True)
class Package:
    """All modules of a folder."""

    name: str
    modules: tuple[Module, ...]

    @cached_property
    def arrows(self) -> frozenset[tuple[str, str]]:
        """Which module imports which, late imports included."""
        pairs = (
            (one.name, target)
            for one in self.modules
            for found in one.imports
            for target in found.targets
        )
        return frozenset(pair for pair in pairs if pair[0] != pair[1])

    @property
    def late(self) -> list[Import]:
        """The imports inside functions."""
        return [found for one in self.modules for found in one.imports if found.is_late]


def read_package(folder: Path) -> Package:
    """Read all Python files of a folder."""
    paths = {_dotted(path, folder.parent): path for path in sorted(folder.rglob("*.py"))}
    return Package(folder.name, tuple(_read(name, paths) for name in paths))


def _dotted(path: Path, top: Path) -> str:
    parts = path.relative_to(top).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _read(name: str, paths: Mapping[str, Path]) -> Module:
    path = paths[name]
    text = path.read_text(encoding="utf-8")
    lines, tree = tuple(text.splitlines()), ast.parse(text)
    is_init = path.name == "__init__.py"
    package = name if is_init else name.rpartition(".")[0]
    functions = tuple(_function(one) for one in ast.walk(tree) if isinstance(one, _FUNCTIONS))
    imports = tuple(
        Import(
            f"{name.replace('.', '/')}{'/__init__' if is_init else ''}.py:{one.lineno}",
            frozenset(target for target in _named(one, package, paths) if target in paths),
            is_late,
            _says_saving(lines, one),
        )
        for one, is_late in _imports(tree, is_late=False)
    )
    return Module(name, lines, tree, is_init, functions, imports)


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Function:
    end = node.end_lineno or node.lineno
    return Function(node.name, end - node.lineno + 1, node.returns is not None)


def _imports(node: ast.AST, *, is_late: bool) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    children = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
        children = list(node.orelse)
    for child in children:
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, is_late
        else:
            yield from _imports(child, is_late=is_late or isinstance(child, _FUNCTIONS))


def _named(
    node: ast.Import | ast.ImportFrom, package: str, known: Mapping[str, Path]
) -> Iterator[str]:
    """Yield what an import names: `from a import b` is of module `a.b`, else of `a`."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    above = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
    origin = ".".join([*above, *([node.module] if node.module else [])])
    for alias in node.names:
        inner = f"{origin}.{alias.name}"
        yield inner if inner in known else origin


def _says_saving(lines: tuple[str, ...], node: ast.stmt) -> bool:
    first = node.lineno - 1
    comments = [line.partition("#")[2] for line in lines[first : node.end_lineno]]
    while first and _belongs(lines[first - 1]):
        first -= 1
        comments.append(lines[first])
    return any(map(_SAVING.search, comments))


def _belongs(line: str) -> bool:
    """Return whether a line above an import is a comment, or of an import as late as it is."""
    return line.lstrip().startswith("#") or "noqa: PLC0415" in line


def _is_frame(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0]) == "__all__"
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_text or isinstance(node, ast.Import | ast.ImportFrom)
