"""MLflow's client, whose failures are said in one line, and no password of a store."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from typing import Any

from gitexp.errors import GitexpError
from gitexp.exporting.library import library

_USER = re.compile(r"(?<=://)\S*@")
_SECRET = re.compile(r"(?i)(?<=[?&])([\w.-]*(?:token|passw|pwd|secret|key)[\w.-]*=)[^\s&'\"]+")


class Client:
    """MLflow's client for one store."""

    def __init__(self, store: str) -> None:
        mlflow = _quiet_mlflow()
        self._shown = without_secrets(store)
        with self._failing():
            self._client = mlflow.MlflowClient(tracking_uri=store)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._client, name)

        def call(*args: object, **options: object) -> Any:
            with self._failing():
                return method(*args, **options)

        return call

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001 - each database, server and driver has its own
            said = str(error).strip().partition("\n")[0] or type(error).__name__
            raise GitexpError(
                f"MLflow cannot export to '{self._shown}': {without_secrets(said)}",
                hint="The same command goes on once that is mended.",
            ) from None  # what it was raised from may hold the password


def without_secrets(uri: str) -> str:
    """Return a URI, or a text that has some, without names, passwords and tokens.

    >>> without_secrets("https://me:p@ss@host/a"), without_secrets("db://h/x?token=1&a=b")
    ('https://***@host/a', 'db://h/x?token=***&a=b')
    >>> without_secrets("ml.db")
    'ml.db'
    """
    return _SECRET.sub(r"\1***", _USER.sub("***@", uri))


def _quiet_mlflow() -> Any:
    """Import MLflow so that it tells nobody else, and people only what is wrong."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    return library("mlflow")
