"""Many runs from one description: what is tried, which points there are, what is still to do."""

import importlib
import sys
import types


class _Callable(types.ModuleType):
    """This package, which scripts call: `gitexp.sweep(…)` is `gitexp.api.sweeping.sweep(…)`.

    Once any module of the package is imported, the name `gitexp.sweep` means the package.
    """

    def __call__(self, *args: object, **more: object) -> object:
        return importlib.import_module("gitexp.api.sweeping").sweep(*args, **more)


sys.modules[__name__].__class__ = _Callable
