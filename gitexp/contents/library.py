"""Which library made a model, as its own first bytes say; nothing is unpickled."""

from __future__ import annotations

import pickletools
import re
from collections.abc import Collection, Iterator

HEAD = 65_536
"""How many bytes are enough."""

_STARTS = {
    b"tree\nversion=": "lightgbm",
    b"binf": "xgboost",
    b"CBM1": "catboost",
}
_XGBOOST = re.compile(rb'\{\s*"learner"\s*:|\{L.{8}learner', re.DOTALL)
_PICKLE = re.compile(rb"\x80[\x02-\x05]", re.DOTALL)
_TORCH = re.compile(rb"PK\x03\x04.{26}[^/]+/(?:data\.pkl|\.format_version)", re.DOTALL)
_OF_PYTORCH = re.compile(rb'.{8}\{"__metadata__"\s*:\s*\{[^}]*"format"\s*:\s*"pt"', re.DOTALL)
"""What PyTorch's own writer puts into safetensors."""
_BY_MODULE = {
    "sklearn": "sklearn",
    "xgboost": "xgboost",
    "lightgbm": "lightgbm",
    "catboost": "catboost",
    "torch": "pytorch",
    "transformers": "transformers",
    "keras": "keras",
}
"""What hubs call the library of a pickled object, by the module of its class."""
_NO_LIBRARY = ("builtins", "__builtin__", "copyreg", "copy_reg", "collections")
_IN_FOLDER = {
    "model_index.json": "diffusers",
    "modules.json": "sentence-transformers",
    "adapter_config.json": "peft",
}


def library_of(head: bytes) -> str | None:
    """Return what hubs call the library that wrote a file which begins so; None if it says none.

    >>> library_of(b"\\x80\\x02csklearn.svm\\nSVC\\n"), library_of(b"\\x80\\x02}q\\x00.")
    ('sklearn', None)
    """
    known = next((name for start, name in _STARTS.items() if head.startswith(start)), None)
    if known is not None:
        return known
    if _XGBOOST.match(head):
        return "xgboost"
    if _TORCH.match(head) or _OF_PYTORCH.match(head):
        return "pytorch"
    return _of_pickle(head) if _PICKLE.match(head) else None


def library_of_folder(names: Collection[str]) -> str | None:
    """Return the same of a folder with these files.

    >>> library_of_folder(["model_index.json", "unet/config.json"])
    'diffusers'
    """
    return next((library for name, library in _IN_FOLDER.items() if name in names), None)


def _of_pickle(head: bytes) -> str | None:
    """Return the library of the first class that a pickle names: what it holds is one of it."""
    for module in _modules(head):
        package = module.partition(".")[0]
        if package not in _NO_LIBRARY:
            return _BY_MODULE.get(package)
    return None


def _modules(head: bytes) -> Iterator[str]:
    """Yield the modules of the classes and functions that a pickle names, in their order."""
    texts: list[str] = []
    try:
        for opcode, argument, _ in pickletools.genops(head):
            if opcode.name == "GLOBAL":
                yield str(argument).partition(" ")[0]
            elif opcode.name == "STACK_GLOBAL" and len(texts) > 1:
                yield texts[-2]
            elif isinstance(argument, str):
                texts = [*texts[-1:], argument]
    except (ValueError, IndexError, UnicodeDecodeError):  # where the head ends
        return
