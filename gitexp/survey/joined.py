"""Paths that a program puts together, as far as its source says what they are."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence

_SOMEWHERE = "**"
"""Stands for folders that the source does not tell."""
_DEEPEST, _LONGEST = 40, 300
"""Expressions inside of one another, and letters: beyond that, nobody can tell."""
_SAME_OR_ABOVE = {"abspath": 0, "realpath": 0, "dirname": 1}
"""Functions of `os.path`, with how many levels above their path they lead."""
_PATHS = ("Path", "PurePath", "PosixPath")


def placed_texts(nodes: Sequence[ast.AST], source: str = "") -> dict[str, str]:
    """Return, for texts that end a longer path, that path; a pattern if a part is not known.

    `source` is where the program lies, which `__file__` stands for.

    >>> tree = ast.parse('os.path.join(out, "log.csv"); Path("runs") / name / "a.json"')
    >>> placed_texts(list(ast.walk(tree)))
    {'log.csv': '**/log.csv', 'a.json': 'runs/**/a.json'}
    >>> tree = ast.parse('Path(__file__).resolve().parents[2] / "reports" / "a.json"')
    >>> placed_texts(list(ast.walk(tree)), "src/pkg/train.py")
    {'a.json': 'reports/a.json'}
    """
    paths = _Paths(_names(nodes), source)
    found: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Call | ast.BinOp | ast.JoinedStr):
            last = _last(node)
            if last is not None and (path := paths.of(node)) != last:
                found[last] = path
    return found


def _names(nodes: Iterable[ast.AST]) -> dict[str, ast.expr | None]:
    """Return what each name is given, None if that is several things."""
    found: dict[str, ast.expr | None] = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Name):
                found[target.id] = None if target.id in found else node.value
    return found


def _last(node: ast.Call | ast.BinOp | ast.JoinedStr) -> str | None:
    """Return the text that ends a path."""
    parts: Sequence[ast.expr]
    if isinstance(node, ast.Call):
        parts = node.args if _joins(node) else ()
    else:
        parts = node.values if isinstance(node, ast.JoinedStr) else (node.right,)
    last = parts[-1] if parts else None
    return last.value if isinstance(last, ast.Constant) and isinstance(last.value, str) else None


def _joins(node: ast.Call) -> bool:
    if isinstance(node.func, ast.Attribute):
        of_text = isinstance(node.func.value, ast.Constant)
        return (node.func.attr == "join" and not of_text) or node.func.attr == "joinpath"
    return isinstance(node.func, ast.Name) and node.func.id in _PATHS


class _Paths:
    """What expressions come to, as patterns; each name is looked up once."""

    def __init__(self, names: Mapping[str, ast.expr | None], source: str) -> None:
        self._names = names
        self._source = source
        self._known: dict[str, str] = {}

    def of(self, node: ast.expr, depth: int = 0) -> str:
        """Return a path as a pattern."""
        found = self._of(node, depth + 1) if depth < _DEEPEST else _SOMEWHERE
        return found if len(found) <= _LONGEST else _SOMEWHERE

    def _of(self, node: ast.expr, depth: int) -> str:
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else _SOMEWHERE
        if isinstance(node, ast.Name):
            is_own = node.id == "__file__" and self._source
            return self._source if is_own else self._named(node.id, depth)
        if (above := _above(node)) is not None:
            inner, levels = above
            return _parent(self.of(inner, depth), levels)
        parts: list[ast.expr] = []
        between = ""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.Add):
            parts, between = [node.left, node.right], "/" * isinstance(node.op, ast.Div)
        elif isinstance(node, ast.JoinedStr):
            parts = [
                one.value if isinstance(one, ast.FormattedValue) else one for one in node.values
            ]
        elif isinstance(node, ast.Call) and _joins(node):
            parts, between = _joined(node), "/"
        return _tidy(between.join(self.of(one, depth) for one in parts)) if parts else _SOMEWHERE

    def _named(self, name: str, depth: int) -> str:
        if name not in self._known:
            self._known[name] = _SOMEWHERE  # if it is made of itself
            given = self._names.get(name)
            self._known[name] = _SOMEWHERE if given is None else self.of(given, depth)
        return self._known[name]


def _above(node: ast.expr) -> tuple[ast.expr, int] | None:
    """Return the path of which an expression is the same, or a folder so many levels above."""
    if isinstance(node, ast.Attribute) and node.attr == "parent":
        return node.value, 1
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute):
        index = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if node.value.attr == "parents" and isinstance(index, int) and 0 <= index < _DEEPEST:
            return node.value.value, index + 1
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in ("resolve", "absolute") and not node.args:
            return node.func.value, 0
        if node.func.attr in _SAME_OR_ABOVE and len(node.args) == 1:
            return node.args[0], _SAME_OR_ABOVE[node.func.attr]
    return None


def _parent(pattern: str, levels: int) -> str:
    """Return the folder above a path; what lies above the project is not known.

    >>> _parent("src/pkg/train.py", 3), _parent("train.py", 2), _parent("a/**", 1)
    ('.', '**', '**')
    """
    parts = pattern.split("/")
    if not levels:
        return pattern
    if _SOMEWHERE in parts or pattern.startswith("/") or levels > len(parts):
        return _SOMEWHERE
    return "/".join(parts[: len(parts) - levels]) or "."


def _joined(node: ast.Call) -> list[ast.expr]:
    if isinstance(node.func, ast.Attribute) and node.func.attr == "joinpath":
        return [node.func.value, *node.args]
    return node.args


def _tidy(pattern: str) -> str:
    """Return a pattern in which `**` stands for whole folders alone.

    >>> _tidy("runs/**/**/log.csv"), _tidy("run-**/log.csv"), _tidy("./a/b.csv")
    ('runs/**/log.csv', 'run-*/log.csv', 'a/b.csv')
    """
    parts = [part if part == _SOMEWHERE else re.sub(r"\*+", "*", part)
             for part in pattern.split("/")]  # fmt: skip
    kept = [part for at, part in enumerate(parts) if parts[at - 1 : at] != [part] or part != "**"]
    return posixpath.normpath("/".join(kept))
