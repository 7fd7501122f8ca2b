"""Python sources, read as syntax: what a program imports, which flags it takes, what it names."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from msgspec import Struct

from gitexp.survey.joined import placed_texts

Flags = Literal["argparse", "click", "typer", "hydra", "lightning"]

_BY_IMPORT: tuple[tuple[str, Flags], ...] = (("click", "click"), ("typer", "typer"))
_VALUE_FILE = re.compile(r"[\w./-]{1,200}\.(?:json|ya?ml|toml|csv|tsv|jsonl)")


class Call(Struct, frozen=True):
    """A call with the arguments that are written out."""

    name: str
    """The last part: `CSVLogger` of `loggers.CSVLogger`."""
    args: tuple[object, ...]
    keywords: dict[str, object]

    def text(self, at: int, keyword: str, default: str) -> str:
        """Return an argument if it is a text, and else the default; None given counts as ''."""
        given = self.keywords.get(keyword, self.args[at] if at < len(self.args) else default)
        return given if isinstance(given, str) else ("" if given is None else default)


class Source(Struct, frozen=True):
    """What one file says."""

    path: str
    """From the project's folder."""
    is_program: bool
    """Whether it does something when it is run, or has a main of Hydra's or Lightning's."""
    imports: frozenset[str]
    """The packages, by their first name."""
    flags: Flags | None
    options: tuple[str, ...]
    """The flags of its command line."""
    required: tuple[str, ...]
    """Flags and arguments without which it does not start."""
    calls: tuple[Call, ...]
    files: tuple[str, ...]
    """What looks like files with values among its texts."""
    placed: Mapping[str, str]
    """Where those lie that are ends of longer paths: patterns, if a folder is not known."""
    is_relative: bool
    """Whether it imports its neighbours, so that it is run as a module."""

    def called(self, *names: str) -> list[Call]:
        """Return the calls of functions and classes by name."""
        return [call for call in self.calls if call.name in names]


class _Given:
    """Stands for an argument that is not written out."""


def read_source(text: str, path: str) -> Source | None:
    """Return what a file says, None if it is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the source, which is somebody's
            nodes = list(ast.walk(tree := ast.parse(text)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    imports = frozenset(_imports(nodes))
    calls = tuple(_calls(nodes))
    flags = _flags(imports, calls, nodes)
    options, required = _options(calls) if flags in ("argparse", "click") else ((), ())
    texts = (one.value for one in nodes if isinstance(one, ast.Constant))
    files = (one for one in texts if isinstance(one, str) and _VALUE_FILE.fullmatch(one))
    return Source(
        path,
        is_program=any(map(_does_something, tree.body)) or flags in ("hydra", "lightning"),
        imports=imports,
        flags=flags,
        options=options,
        required=required,
        calls=calls,
        files=tuple(dict.fromkeys(files)),
        placed=placed_texts(nodes, path),
        is_relative=any(isinstance(one, ast.ImportFrom) and one.level for one in nodes),
    )


def _imports(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def _does_something(node: ast.stmt) -> bool:
    """Return whether a statement is a `__main__` block, a loop, or a call that stands alone."""
    if isinstance(node, ast.For | ast.While | ast.With):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return True
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Compare)
        and isinstance(node.test.left, ast.Name)
        and node.test.left.id == "__name__"
    )


def _calls(nodes: Iterable[ast.AST]) -> Iterator[Call]:
    for node in nodes:
        if isinstance(node, ast.Call) and (name := _last_name(node.func)):
            yield Call(
                name,
                tuple(map(_given, node.args)),
                {one.arg: _given(one.value) for one in node.keywords if one.arg},
            )


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _given(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return _Given


def _flags(
    imports: frozenset[str], calls: tuple[Call, ...], nodes: Iterable[ast.AST]
) -> Flags | None:
    names = {call.name for call in calls}
    if "LightningCLI" in names:
        return "lightning"
    if "hydra" in imports and any(map(_is_hydra_main, nodes)):
        return "hydra"
    if "add_argument" in names:
        return "argparse"
    return next((kind for package, kind in _BY_IMPORT if package in imports), None)


def _is_hydra_main(node: ast.AST) -> bool:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    heads = [one.func if isinstance(one, ast.Call) else one for one in node.decorator_list]
    return any(
        isinstance(one, ast.Attribute)
        and one.attr == "main"
        and isinstance(one.value, ast.Name)
        and one.value.id == "hydra"
        for one in heads
    )


def _options(calls: Iterable[Call]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the flags, and what is needed, of argparse and click."""
    options: list[str] = []
    required: list[str] = []
    for call in calls:
        names = [one for one in call.args if isinstance(one, str)]
        if call.name not in ("add_argument", "option", "argument") or not names:
            continue
        name = next((one for one in names if one.startswith("--")), names[0])
        if name.startswith("-"):
            options.append(name)
            if call.keywords.get("required") is True:
                required.append(name)
        elif call.keywords.get("nargs") not in ("?", "*", -1) and (
            call.keywords.get("required") is not False and "default" not in call.keywords
        ):
            required.append(name.upper())
    return tuple(dict.fromkeys(options)), tuple(dict.fromkeys(required))
