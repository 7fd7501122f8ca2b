"""The environment of a run, made again in a folder."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.execution.environment.environment import Ground
from gitexp.execution.environment.installation import Inquiry
from gitexp.execution.environment.packages import read_installed
from gitexp.execution.rebuild.installing import install, installer, make_venv
from gitexp.execution.rebuild.locks import CONDAS, Site, locks_in, make_of_conda
from gitexp.execution.rebuild.pythons import ask_python, find_python
from gitexp.execution.rebuild.recorded import (
    Recorded,
    hindrance,
    own_folder_of,
    recorded_environment,
)
from gitexp.execution.rebuild.tools import ToolFailed, find_tool
from gitexp.git.index import PrivateIndex
from gitexp.git.trees import tree_entries
from gitexp.model.numbers import counted
from gitexp.model.packages import Package, parse_packages
from gitexp.project import Project
from gitexp.store.own import own_folder
from gitexp.store.stored_run import StoredRun

Tell = Callable[[str], None]

_SHOWN = 5
_COMES_ALONG = frozenset(("pip", "setuptools", "wheel"))
"""What an environment has that nobody asked for."""


def create(
    project: Project,
    run: StoredRun,
    folder: Path,
    tell: Tell = lambda _: None,
    *,
    python: Path | None = None,
    locks: bool = True,
) -> Path:
    """Make the environment of a run in a folder, and return the path of the Python in it.

    A lock file in the run's tree is used first, by its own tool if that is installed; then
    whatever the run recorded otherwise is installed over it. `python` is the interpreter to use
    in place of one of the run's version; `locks=False` goes by the recorded packages alone.
    `tell` is given what is being installed, and warnings: what could not be had, and what is
    another version now.

    Raises GitexpError if the run has no environment, if the folder is not empty, if there is no
    such Python, or if the installer fails. Then the folder is as it was: absent, or empty.
    """
    recorded = recorded_environment(project, run)
    folder = Path(folder).absolute()
    with _cleared_on_failure(folder), tempfile.TemporaryDirectory(prefix="gitexp-") as scratch:
        making = _Making(project, recorded, folder, Path(scratch), tell)
        made = making.by_lock(python) if locks else None
        made = made or making.by_conda() or making.empty(python)
        making.complete(made)
        making.report(made)
        return made


@contextlib.contextmanager
def _cleared_on_failure(folder: Path) -> Iterator[None]:
    existed = folder.is_dir()
    if folder.exists() and (not existed or any(folder.iterdir())):
        raise GitexpError(
            f"'{folder}' is not empty" if existed else f"'{folder}' is not a folder",
            hint="Name a new folder, or an empty one.",
        )
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        if existed:
            folder.mkdir(exist_ok=True)
        raise


class _Making:
    """One environment on its way."""

    def __init__(
        self, project: Project, recorded: Recorded, folder: Path, scratch: Path, tell: Tell
    ) -> None:
        self._project = project
        self._recorded = recorded
        self._folder = folder
        self._scratch = scratch
        self._tell = tell

    def by_lock(self, python: Path | None) -> Path | None:
        """Make it by the first lock file whose tool is here and does it; None if none does."""
        record = self._recorded.run.record
        entries = tree_entries(self._project.repository, self._recorded.run.oid)
        for kind, path in locks_in(entries, record.project):
            if kind.of_conda and not self._recorded.conda:
                self._tell(f"note: '{path}' is left aside: the run's Python was not conda's")
                continue
            tool = find_tool(*kind.tools)
            if tool is None:
                names = " or ".join(kind.tools)
                self._tell(
                    f"warning: '{path}' needs {names}, which is not installed; "
                    "the packages that the run recorded are used"
                )
                continue
            base = Path() if kind.of_conda else self._python(python)
            self._tell_installing(f"'{path}'", tool)
            try:
                return kind.make(Site((self._tree() / path).parent, self._folder, base), tool)
            except ToolFailed as error:
                self._tell(f"warning: '{path}' is of no use here: {error}")
                shutil.rmtree(self._folder, ignore_errors=True)
        return None

    def by_conda(self) -> Path | None:
        """Make it of the builds that conda had, if the run used conda and it is here."""
        if not self._recorded.conda:
            return None
        if tool := find_tool(*CONDAS):
            self._tell_installing(counted(len(self._recorded.conda), "package"), tool)
        made = make_of_conda(self._recorded.conda, self._folder)
        if made is None:
            packages = counted(len(self._recorded.conda), "package")
            self._tell(
                f"warning: {packages} of conda cannot be installed without micromamba, mamba or "
                "conda; Python packages are installed by pip's means"
            )
        return made

    def empty(self, python: Path | None) -> Path:
        """Make one without packages."""
        return make_venv(self._python(python), self._folder)

    def complete(self, python: Path) -> None:
        """Install what the run recorded and the environment does not have, in that version."""
        there = self._installed(python)
        wanted = [one for one in self._recorded.packages if there.get(one.name) != one.text]
        left = [(one, why) for one in wanted if (why := hindrance(self._project, one))]
        for one, why in left:
            self._tell(f"warning: '{one.line}' cannot be installed again: {why}")
        for one in wanted:
            if one.remark and one not in [each for each, _ in left]:
                self._tell(f"warning: '{one.name}' was used {one.remark}: they are lost")
        unable = {one.name for one, _ in left}
        chosen = [self._placed(one) for one in wanted if one.name not in unable]
        if chosen:
            self._tell_installing(counted(len(chosen), "package"), installer())
        install(python, chosen, cwd=self._project.root)

    def report(self, python: Path) -> None:
        """Say what is another version than the run had: wrong packages must not go unseen."""
        there = self._installed(python)
        wanted = {one.name: one for one in self._recorded.packages}
        others = [
            f"'{name}' is {there[name].partition(' @ ')[0]}, not {one.version}"
            for name, one in wanted.items()
            if name in there and there[name].partition(" @ ")[0] != one.version
        ]
        new = sorted(there.keys() - wanted.keys() - _COMES_ALONG)
        others += [f"'{name}' is there, which the run did not have" for name in new]
        if others:
            more = f" and {len(others) - _SHOWN} others" if len(others) > _SHOWN else ""
            self._tell(f"warning: {', '.join(others[:_SHOWN])}{more}")

    def _tell_installing(self, what: str, tool: str) -> None:
        self._tell(f"installing {what} with {tool} into {self._folder}; this may take a while")

    def _python(self, python: Path | None) -> Path:
        recorded = self._recorded
        if python is None:
            return find_python(recorded.python, recorded.run.record.environment, self._tell)
        found = ask_python(python)
        if found is None:
            raise GitexpError(f"'{python}' is not a working Python")
        if found[0] != recorded.python:
            self._tell(f"warning: '{python}' is Python {found[0]}, not {recorded.python}")
        return found[1]

    def _installed(self, python: Path) -> dict[str, str]:
        project = self._project
        cache = own_folder(project.repository).made().environments
        ground = Ground(project.repository.top.resolve(), project.root.resolve())
        found = read_installed(python, Inquiry(self._folder, {}, cache), ground)
        if found is None:
            raise GitexpError(f"'{self._folder}' has no working Python in it")
        return {one.name: one.text for one in parse_packages(found.packages)}

    def _placed(self, package: Package) -> Package:
        """Return a package with a path of the repository made one that an installer finds.

        An editable one stays with the work tree, as it was; others come from the run's tree.
        """
        if not package.source.startswith("."):
            return package
        place = own_folder_of(self._project, package)
        assert place is not None  # else it had been left out
        if not package.editable:
            place = self._tree() / place.relative_to(self._project.repository.top.resolve())
        return replace(package, source=place.as_uri())

    def _tree(self) -> Path:
        """Return a copy of the run's tree, made once."""
        tree = self._scratch / "tree"
        if not tree.exists():
            tree.mkdir()
            repository = self._project.repository
            index = PrivateIndex(repository, self._scratch / "index")
            repository.git("read-tree", self._recorded.run.oid, index=index.path)
            prefix = f"--prefix={tree}/"
            repository.git("checkout-index", "--all", "--force", prefix, index=index.path)
        return tree
