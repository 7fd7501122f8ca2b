"""Where a Python keeps its packages, asked of it once and remembered."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from gitexp.execution.environment.interpreter import is_python

_PATIENCE = 60.0
"""Seconds to wait for a Python to say where its packages are: on a busy machine, or from a disk on
the network, it may take 10 and more to start."""

_REMEMBERED = 50
"""Answers that the cache keeps."""

_VARIABLES = ("HOME", "PYTHONUSERBASE", "PYTHONNOUSERSITE", "PYTHONHOME")

_PINS = (".python-version", ".tool-versions", "mise.toml", ".config/mise/config.toml")
_CHOICE = re.compile("PYENV_|ASDF_|MISE_")
"""By files and variables such as these a shim (pyenv, asdf, mise) chooses the Python it starts."""

# Without `-S` its start-up would read every package's .pth file; the working directory must
# leave sys.path first, or a project's own json.py would be imported.
_QUESTION = """
import sys
sys.path = [folder for folder in sys.path if folder]
import json, site
user = site.getusersitepackages() if site.check_enableusersite() else None
folders = ([user] if user else []) + site.getsitepackages()
version = sys.version.split()[0].rstrip("+")
print(json.dumps({"version": version, "folders": folders, "executable": sys.executable}))
"""


class Installation(Struct, frozen=True):
    """A Python as far as its packages are concerned."""

    version: str
    folders: tuple[Path, ...]
    """Its site-packages in the order of its sys.path, without what `.pth` files add."""
    executable: Path
    """What it takes itself for; another path than asked for if a shim was asked."""


class Inquiry(Struct, frozen=True):
    """How to ask a Python about itself: as the command will start it, and at most once."""

    cwd: Path
    env: Mapping[str, str]
    cache: Path

    def ask(self, program: Path) -> Installation | None:
        """Return what `program` says of itself, or None if it is not a working Python."""
        known = _read(self.cache)
        key = self._key(program)
        remembered = _installation(known.get(key))
        if remembered and remembered.executable.exists():
            return remembered
        answer = self._start(program)
        if answer:
            recent = dict(list(known.items())[-_REMEMBERED:])
            _write(self.cache, {**recent, key: _values(answer)})
        return answer

    def _key(self, program: Path) -> str:
        """Name everything that the answer depends on."""
        path = program.resolve()
        variables = [self.env.get(name) for name in _VARIABLES]
        if is_python(path) and not _is_script(path):
            return repr((str(path), _stamp(path), variables))
        folders = (self.cwd, *self.cwd.parents, Path(self.env.get("HOME", "")))
        pins = [_stamp(folder / name) for folder in folders for name in _PINS]
        chosen = _stamp(path.parent.parent / "version")  # what `pyenv global` writes
        choices = [setting for setting in sorted(self.env.items()) if _CHOICE.match(setting[0])]
        return repr((str(program), _stamp(path), variables, pins, chosen, choices))

    def _start(self, program: Path) -> Installation | None:
        env = {name: value for name, value in self.env.items() if name != "PYTHONPATH"}
        try:
            ended = subprocess.run(
                [program, "-S", "-c", _QUESTION],
                check=True,
                cwd=self.cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PATIENCE,
            )
            return _installation(json.loads(ended.stdout))
        except (OSError, ValueError, subprocess.SubprocessError):
            return None


def describe(program: Path, inquiry: Inquiry) -> Installation | None:
    """Return what there is to know about a Python, or None if it is not a working one."""
    if not os.access(program, os.X_OK) or program.is_dir():
        return None
    if prefix := _venv(program):
        return _describe_venv(program, prefix, inquiry)
    if not is_python(program):
        return None  # not ours to start
    answer = inquiry.ask(program)
    if answer is None or answer.executable.resolve() == program.resolve():
        return answer and replace(answer, executable=program)
    prefix = _venv(answer.executable)  # `program` is a shim, such as pyenv's
    return _describe_venv(answer.executable, prefix, inquiry) if prefix else answer


def _venv(program: Path) -> Path | None:
    """Return the folder of the virtual environment that a Python belongs to, if any."""
    for prefix in (program.parent, program.parent.parent):
        if (prefix / "pyvenv.cfg").is_file():
            return prefix
    return None


def _describe_venv(program: Path, prefix: Path, inquiry: Inquiry) -> Installation | None:
    """Describe a virtual environment.

    Its Python says which version it is, since one upgraded in place leaves the old number in
    `pyvenv.cfg`; the number there serves if that Python cannot be asked.
    """
    settings = _settings(prefix / "pyvenv.cfg")
    path = program.resolve()
    home = Path(settings.get("home", ""), path.name)
    base = inquiry.ask(home if home.is_file() else path)
    recorded = settings.get("version_info") or settings.get("version") or ""
    version = base.version if base else ".".join(recorded.split(".")[:3])
    if not version:
        return None
    system = settings.get("include-system-site-packages", "").lower() == "true"
    inherited = base.folders if base and system else ()
    return Installation(version, (*_site_folders(prefix, version), *inherited), program)


def _site_folders(prefix: Path, version: str) -> list[Path]:
    """List the folders that hold a virtual environment's packages; `lib64` may be `lib` again."""
    series = ".".join(version.split(".")[:2])
    names = [f"{python}{series}{threads}" for python in ("python", "pypy") for threads in ("", "t")]
    found: dict[Path, Path] = {}
    for library, name in itertools.product(("lib", "lib64"), names):
        folder = prefix / library / name / "site-packages"
        if folder.is_dir():
            found.setdefault(folder.resolve(), folder)
    return list(found.values())


def _is_script(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return False


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _settings(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _values(answer: Installation) -> dict[str, object]:
    return {
        "version": answer.version,
        "folders": [str(folder) for folder in answer.folders],
        "executable": str(answer.executable),
    }


def _installation(answer: object) -> Installation | None:
    """Check what came out of a process or a file that anything may have written."""
    match answer:
        case {"version": str(version), "folders": list(folders), "executable": str(executable)}:
            paths = tuple(Path(folder) for folder in folders if isinstance(folder, str))
            return Installation(version, paths, Path(executable))
        case _:
            return None


def _read(cache: Path) -> dict[str, object]:
    try:
        known = json.loads(cache.read_bytes())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _write(cache: Path, known: Mapping[str, object]) -> None:
    """Write the cache; if that fails, or is cut off, the next run asks again."""
    with contextlib.suppress(OSError):
        cache.parent.mkdir(parents=True, exist_ok=True)
        cache.write_text(json.dumps(known), encoding="utf-8")
