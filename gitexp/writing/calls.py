"""What `import gitexp` offers to trainings: `log`, `summary`, `param`, `figure`, `artifact`."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn, ParamSpec

from gitexp.writing.writer import END, VARIABLE, Writer, encode, now, warn

_Given = ParamSpec("_Given")

_writer: Writer | None = None
_INT: Any = int
"""For mypy, to which a `float` is never an `int`."""


_is_quiet = False
"""Whether there is nowhere to log to: then a call does nothing."""


def _never_raises(call: Callable[_Given, None]) -> Callable[_Given, None]:
    """Have a call say what is wrong, wrong arguments included: nothing may stop a training."""

    @functools.wraps(call)
    def called(*args: _Given.args, **kwargs: _Given.kwargs) -> None:
        try:
            call(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - as above
            _failed(call.__name__, error)

    return called


def log(
    values: Mapping[str, Any] | None = None,
    step: float | None = None,
    *wrong: NoReturn,
    **more: Any,
) -> None:
    """Log numbers of one step: `log({"loss": 0.1, "val/accuracy": 0.9}, step=3)`, `log(loss=0.1)`.

    Args:
        values: Numbers by name: Python's, or scalars of NumPy, PyTorch, JAX or TensorFlow. A
            mapping in a mapping has its names joined by dots.
        step: Which step it is; without one, one more than the last.
        wrong: Nothing: what stands here is said, instead of an error.
        more: Numbers by name, too.

    It never raises: what cannot be logged is said once on stderr. Outside of a run it does
    nothing: see `gitexp.start`.
    """
    writer = _writer
    if type(values) is dict and type(step) is _INT and writer is not None and not (wrong or more):
        # As `Writer.log` does, which would be a fifth slower by the calls of functions alone.
        try:
            record = encode((step, now(), values, END))
            if writer.write(record) != len(record):
                writer.cut()
            writer.step = step  # type: ignore[assignment]  # an int, as was seen
        except Exception:  # noqa: BLE001, S110 - an array, an odd key: what follows sees to it
            pass
        else:
            return
    try:
        if wrong or more:
            values = _together(values, wrong, more)
        if not _is_quiet:
            (_writer or _opened()).log(values, step)
    except Exception as error:  # noqa: BLE001 - nothing may stop a training
        _failed("log", error)


def _together(
    values: Mapping[str, Any] | None, wrong: tuple[Any, ...], more: dict[str, Any]
) -> dict[str, Any]:
    if wrong:
        raise TypeError('what is logged is a mapping: `gitexp.log({"loss": 0.1}, step)`')
    return {**(values or {}), **more}


@_never_raises
def param(name: str | Mapping[str, Any] | Any = None, value: Any = None, **values: Any) -> None:
    """Record params that no file has: `param("lr", 0.1)`, `param(lr=0.1)`, `param(args)`.

    Args:
        name: A name; or a mapping of names to values, or what `argparse` returns.
        value: The value of that one name.
        values: Values by name.

    Of two values of one name, the later counts. Where a file has another value, the run has
    both, and a warning says so. It never raises.
    """
    found: dict[str, Any] = {}
    if isinstance(name, str):
        found[name] = value
    elif name is not None:
        found |= name if isinstance(name, Mapping) else vars(name)
    _put({"param": _document({**found, **values})})


@_never_raises
def artifact(path: str | os.PathLike[str]) -> None:
    """Have a file or folder that this run wrote recorded behind a pointer, as `track:` does.

    Args:
        path: Where it is, in the project. It is recorded as it is when the run ends, also if git
            ignores it.

    It never raises.
    """
    _put({"artifact": os.path.abspath(path)})  # noqa: PTH100 - pathlib takes 5 ms to import


@_never_raises
def figure(name: str, fig: Any) -> None:
    """Keep a picture with the run.

    Args:
        name: What it is called; of two pictures of one name, the later counts. One that ends in
            `.svg` or `.pdf` says how matplotlib is to write it.
        fig: A figure or axes of matplotlib, a picture of Pillow, a chart of Plotly or Altair, the
            path of a file, or the bytes of one.

    It never raises.
    """
    if _is_quiet:
        return
    from gitexp.writing.figures import save  # noqa: PLC0415 - not for those who draw nothing

    file = save((_writer or _opened()).folder, name, fig)
    _put({"figure": str(name), "file": file})


class Summary:
    """What stands for the run in the place of the last values that were logged.

    `gitexp.summary["accuracy"] = 0.9`; a text or a list is possible, too.
    """

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}

    def __setitem__(self, name: str, value: Any) -> None:
        self.update({name: value})

    def update(self, values: Mapping[str, Any] | None = None, **more: Any) -> None:
        """Set several values; it never raises."""
        try:
            found = {**(values or {}), **more}
            self._values |= found
            _put({"summary": _document(found)})
        except Exception as error:  # noqa: BLE001 - nothing may stop a training
            _failed("summary", error)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __repr__(self) -> str:
        return repr(self._values)


summary = Summary()


def log_into(folder: str | None) -> None:
    """Log into another folder from now on, here and in what is started; None for nowhere."""
    if folder is None:
        os.environ.pop(VARIABLE, None)
    else:
        os.environ[VARIABLE] = folder
    _forget()


def be_quiet() -> None:
    """Log nothing from now on, and say nothing of it."""
    global _writer, _is_quiet
    _writer, _is_quiet = None, True


def _put(values: dict[str, Any]) -> None:
    if not _is_quiet:
        (_writer or _opened()).put(values)


class _NoRun(Exception):
    """There is nowhere to log to."""


def _opened() -> Writer:
    global _writer, _is_quiet  # noqa: PLW0603 - one file a process
    folder = os.environ.get(VARIABLE)
    if not folder:
        _is_quiet = True
        raise _NoRun
    try:
        _writer = Writer(folder)
    except OSError:
        _is_quiet = True
        raise
    return _writer


def _failed(what: str, error: Exception) -> None:
    if isinstance(error, _NoRun):
        warn(
            "nothing is logged, as this is no run: start it by `gitexp run -- "
            f"{_command()}`, or put it into `with gitexp.start():`"
        )
    else:
        warn(f"{what}: {type(error).__name__}: {error}")


def _command() -> str:
    script = sys.argv[0] if sys.argv and sys.argv[0] not in ("", "-c", "-m") else "train.py"
    return f"python {os.path.basename(script)}"  # noqa: PTH119 - pathlib takes 5 ms to import


def _document(value: Any) -> Any:
    """Return a param or a value of the summary as a record has it: anything that JSON has."""
    if isinstance(value, Mapping):
        return {str(key): _document(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_document(one) for one in value]
    if value is None or isinstance(value, str | bool):
        return value if value is None or type(value) is bool else str(value)
    from gitexp.writing.numbers import plain  # noqa: PLC0415 - is there already

    try:
        found = plain(value)
    except Exception:  # noqa: BLE001 - a path, a class, a dtype: what it says of itself
        tolist = getattr(value, "tolist", None)
        return _document(tolist()) if callable(tolist) else str(value)
    is_float = not isinstance(value, str) and found in ("nan", "inf", "-inf")
    return {"$float": found} if is_float else found


def _forget() -> None:
    """Let the next call look anew where it logs to, and open a file there."""
    global _writer, _is_quiet
    _writer, _is_quiet = None, False


def _let_go() -> None:
    """Have a child that was forked open a file of its own; where nothing is logged, nothing is."""
    global _writer  # noqa: PLW0603 - one file a process
    _writer = None


os.register_at_fork(after_in_child=_let_go)
