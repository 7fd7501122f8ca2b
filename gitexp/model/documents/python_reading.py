"""Params in Python files, read as DVC reads them: from the source, which is never run.

What counts is assigned once to a plain name: on the top level, in a class, or to `self` in its
`__init__`. What is not written out as a value is left out.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator

from gitexp.model.values import Value


class NoPython(Exception):
    """The source is not Python."""


def read_python(text: str) -> dict[str, Value]:
    """Return the values that a source assigns; raises NoPython.

    >>> read_python("lr: float = 1e-3; sizes = (8, 4); path = f()")
    {'lr': 0.001, 'sizes': [8, 4]}
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the source, which is somebody's
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        where = f"line {error.lineno}: {error.msg}" if isinstance(error, SyntaxError) else error
        raise NoPython(str(where)) from error
    return dict(_assigned(tree.body, of_self=False))


def _assigned(body: Iterable[ast.stmt], *, of_self: bool) -> Iterator[tuple[str, Value]]:
    for one in body:
        match one:
            case (
                ast.Assign(targets=[target], value=value)
                | ast.AnnAssign(target=target, value=ast.expr() as value)
            ):
                name = _name(target, of_self=of_self)
                if name is not None:
                    yield from _literal(name, value)
            case ast.ClassDef(name=name, body=inner) if not of_self:
                yield name, dict(_assigned(inner, of_self=False))
            case ast.FunctionDef(name="__init__", body=inner) if not of_self:
                yield from _assigned(inner, of_self=True)


def _name(target: ast.expr, *, of_self: bool) -> str | None:
    match target:
        case ast.Name(id=name) if not of_self:
            return name
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return name
        case _:
            return None


def _literal(name: str, node: ast.expr) -> Iterator[tuple[str, Value]]:
    """Yield a name with its value, if that is written out."""
    try:
        yield name, _value(ast.literal_eval(node))
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return


def _value(found: object) -> Value:
    """Return a value of Python as one of a document; raises ValueError for what is none."""
    if found is None or isinstance(found, str | int | float):
        return found
    if isinstance(found, dict):
        return {str(key): _value(one) for key, one in found.items()}
    if isinstance(found, list | tuple):
        return [_value(one) for one in found]
    if isinstance(found, set | frozenset):
        return sorted((_value(one) for one in found), key=repr)
    raise ValueError("no value of a document")
