"""Pickles read without being unpickled: nothing that they name is imported or called.

Python's own reader follows the opcodes; in place of each class and function it gets a stand-in,
which only notes what it was given. Arrays that joblib puts between the opcodes are kept as bytes.
"""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, ClassVar, NoReturn

_WRAPPER = ("joblib.numpy_pickle", "NumpyArrayWrapper")
_MOST = 1 << 32
"""Bytes of one piece."""


class Unreadable(Exception):
    """A pickle holds what cannot be followed without its classes."""


class StandIn:
    """A class, a function, or what one of them would have made."""

    def __init__(self, what: Any, args: tuple[Any, ...] = ()) -> None:
        self.what = what
        """Module and name, or the stand-in of what made it."""
        self.args = args
        self.state: Any = None
        self.items: list[Any] = []

    def __call__(self, *args: Any, **named: Any) -> StandIn:
        """Note a call."""
        return StandIn(self, (args, named))

    def append(self, item: Any) -> None:
        """Note an item of a list, or of a set."""
        self.items.append(item)

    add = append

    def extend(self, items: Any) -> None:
        """Note items."""
        self.items.extend(items)

    def __setitem__(self, key: Any, value: Any) -> None:
        self.items.append((key, value))


_Base: Any = pickle._Unpickler  # noqa: SLF001 - the one that can be changed; joblib builds on it as well


class _Reader(_Base):  # type: ignore[misc]
    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = dict(_Base.dispatch)

    def __init__(self, file: IO[bytes], size: int) -> None:
        super().__init__(file)
        self._raw = file
        self._left = size

    def find_class(self, module: str, name: str) -> StandIn:
        return StandIn((module, name))

    def persistent_load(self, pid: Any) -> StandIn:
        return StandIn("persistent", (pid,))

    def get_extension(self, code: int) -> None:
        self.append(StandIn(("copyreg", f"extension {code}")))

    def _refuse(self) -> NoReturn:
        raise Unreadable("it is of a kind of pickle that is not followed")

    def _make(self) -> None:
        args = self.stack.pop()
        self.stack[-1] = StandIn(_stand_in(self.stack[-1]), (args, {}))

    dispatch[pickle.NEWOBJ[0]] = _make

    def _call(self) -> None:
        args = self.stack.pop()
        self.stack[-1] = StandIn(_stand_in(self.stack[-1]), (args,))

    dispatch[pickle.REDUCE[0]] = _call

    def _make_named(self) -> None:
        named, args = self.stack.pop(), self.stack.pop()
        self.stack[-1] = StandIn(_stand_in(self.stack[-1]), (args, named))

    dispatch[pickle.NEWOBJ_EX[0]] = _make_named

    def _instantiate(self, made: Any, args: Any) -> None:
        self.append(StandIn(_stand_in(made), (tuple(args), {})))

    def _build(self) -> None:
        state = self.stack.pop()
        made = _stand_in(self.stack[-1])
        made.state = _packed(state)
        if isinstance(made.what, StandIn) and made.what.what == _WRAPPER:
            self.stack[-1] = self._array(state)

    dispatch[pickle.BUILD[0]] = _build

    def _bytearray(self) -> None:
        size = int.from_bytes(self.read(8), "little")
        if size > self._left:
            raise Unreadable("it is cut off")
        self.append(bytearray(self.read(size)))

    dispatch[pickle.BYTEARRAY8[0]] = _bytearray
    dispatch[pickle.NEXT_BUFFER[0]] = _refuse

    def _array(self, state: Any) -> StandIn:
        """Return an array of joblib's, which lies in the file as it is."""
        dtype = state["dtype"]
        code = dtype.args[0][0]
        if code.startswith("O"):
            held = _Reader(self._raw, self._left).load()
        else:
            if state.get("numpy_array_alignment_bytes") is not None:
                self._raw.read(int.from_bytes(self._raw.read(1), "little"))
            size = math.prod(state["shape"]) * _item_size(code)
            if not 0 <= size <= self._left:
                raise Unreadable("it is cut off")
            held = without_padding(self._raw.read(size), dtype)
        array = StandIn(("joblib", "array"), (dtype, state["shape"], state["order"]))
        array.state = held
        return array


def _stand_in(value: Any) -> StandIn:
    if not isinstance(value, StandIn):
        raise Unreadable("it calls what is not a class")
    return value


_OF_AN_ARRAY = 5
"""Parts of the state of an array: version, shape, dtype, order, bytes."""


def _packed(state: Any) -> Any:
    """Return the state of an object; of an array, without the bytes that are no field's."""
    if isinstance(state, tuple) and len(state) == _OF_AN_ARRAY:
        version, shape, dtype, order, held = state
        if isinstance(dtype, StandIn) and isinstance(held, bytes):
            return version, shape, dtype, order, without_padding(held, dtype)
    return state


_NAMES, _FIELDS, _SIZE = 3, 4, 5
"""Where the state of a dtype has them."""


def without_padding(held: bytes, dtype: StandIn) -> bytes:
    """Return the bytes of an array's fields: what lies between them is whatever was there."""
    state = dtype.state
    if not isinstance(state, tuple) or len(state) <= _SIZE or not state[_NAMES]:
        return held
    size = state[_SIZE]
    places: list[int] = []
    for field, offset, *_ in state[_FIELDS].values():
        code = field.args[0][0]
        if code[0] in "VO":
            return held
        places += range(offset, offset + _item_size(code))
    return b"".join(held[place::size] for place in places)


def _item_size(code: str) -> int:
    """Return the bytes of an item of an array.

    >>> _item_size("f8"), _item_size("U5"), _item_size("V24")
    (8, 20, 24)
    """
    return int(code[1:]) * (4 if code.startswith("U") else 1)


def read_pickle(path: Path) -> Any:
    """Return what a pickle holds, its objects as stand-ins; raises Unreadable."""
    with path.open("rb") as file:
        try:
            return _Reader(file, path.stat().st_size).load()
        except Unreadable:
            raise
        except Exception as error:  # whatever may be wrong with a file that anybody made
            raise Unreadable(f"it cannot be followed: {error}") from error
