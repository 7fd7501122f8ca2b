"""What `--engine` names: a library, and where its cluster is to be found."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from gitexp.errors import GitexpError

EngineName = Literal["dask", "ray"]


class EngineAddress(Struct, frozen=True):
    """Where the workers of an engine are to be asked for."""

    name: EngineName
    address: str
    """As the library takes it; '' for the one that it finds by itself, which only Ray does."""

    def __str__(self) -> str:
        return f"{self.name}:{self.address}" if self.address else self.name


def engine_address(text: str) -> EngineAddress:
    """Read what `--engine` says.

    >>> engine_address("dask:tcp://head:8786"), str(engine_address("ray"))
    (EngineAddress(name='dask', address='tcp://head:8786'), 'ray')
    """
    name, _, address = text.strip().partition(":")
    if name == "dask" and address:
        return EngineAddress("dask", address)
    if name == "ray":
        return EngineAddress("ray", address)
    if name == "dask":
        raise GitexpError(
            "`--engine dask` needs the address of a scheduler",
            hint="`dask scheduler` prints it when it starts: `--engine dask:tcp://HOST:8786`.",
        )
    raise GitexpError(
        f"no engine '{text}'", hint="Write `--engine dask:tcp://HOST:8786` or `--engine ray`."
    )
