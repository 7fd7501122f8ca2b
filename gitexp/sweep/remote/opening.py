"""Which engine an address is of."""

from __future__ import annotations

from gitexp.sweep.remote.address import EngineAddress
from gitexp.sweep.remote.engine import Engine


def open_engine(address: EngineAddress) -> Engine:
    """Return the engine at an address; raises GitexpError if it is not installed or not there."""
    if address.name == "dask":
        from gitexp.sweep.remote.dask import DaskEngine  # noqa: PLC0415 - 700 ms, where it is asked for

        return DaskEngine(address.address)
    from gitexp.sweep.remote.ray import RayEngine  # noqa: PLC0415 - as above

    return RayEngine(address.address)
