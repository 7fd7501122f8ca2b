"""The commands of `gitexp import` for tools that keep their runs in folders."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module

import click

from gitexp.cli.importing import bring_in, import_options, place_argument
from gitexp.cli.options import with_project
from gitexp.errors import ExitCode
from gitexp.importing.foreign import Found, Unreadable
from gitexp.project import Project

_Runs = Callable[[], Iterator[Found | Unreadable]]
_folder_argument = click.argument("place", metavar="DIR")


def _reader(name: str, project: Project, place: str | None) -> _Runs:
    read = import_module(f"gitexp.importing.from_{name}").found  # 5 ms, of one tool
    return partial(read, place, project.repository.top / project.directory)


@click.command()
@_folder_argument
@import_options
@with_project
def tensorboard(
    project: Project, *, place: str, dry_run: bool, unfinished: bool, format_name: str
) -> ExitCode:
    """Record the runs in a log directory of TensorBoard: all event files below DIR.

    A folder with event files is a run, and what lies below it a part of it: `train` and
    `validation` of Keras, what `add_hparams` and `add_scalars` of PyTorch wrote. TensorBoard
    reads them, and has to be installed.

    \b
    Examples:
      gitexp import tensorboard runs
      gitexp import tensorboard lightning_logs -n
    """
    runs = _reader("tensorboard", project, place)
    return bring_in(project, "tensorboard", runs, dry_run, unfinished, format_name)


@click.command()
@place_argument
@import_options
@with_project
def aim(
    project: Project, *, place: str | None, dry_run: bool, unfinished: bool, format_name: str
) -> ExitCode:
    """Record the runs in a store of Aim: PATH has `.aim` in it, as the current folder has.

    `pip install aimrocks` brings Aim's own library for its databases, on Python 3.12 or older.
    Nothing is written into the store, and `aim up` need not have seen the runs.

    \b
    Examples:
      gitexp import aim
      gitexp import aim ../digits -n
    """
    runs = _reader("aim", project, place)
    return bring_in(project, "aim", runs, dry_run, unfinished, format_name)


@click.command()
@place_argument
@import_options
@with_project
def guild(
    project: Project, *, place: str | None, dry_run: bool, unfinished: bool, format_name: str
) -> ExitCode:
    """Record the runs of Guild AI: PATH is its home, a folder of runs, or an export.

    Without PATH it is the home that Guild would use: $GUILD_HOME, `.guild` in the virtual
    environment, or `~/.guild`. TensorBoard reads the scalars, and has to be installed.

    \b
    Examples:
      gitexp import guild
      gitexp import guild ~/.guild -n
    """
    runs = _reader("guild", project, place)
    return bring_in(project, "guild", runs, dry_run, unfinished, format_name)


@click.command("neptune-export")
@_folder_argument
@import_options
@with_project
def neptune_export(
    project: Project, *, place: str, dry_run: bool, unfinished: bool, format_name: str
) -> ExitCode:
    """Record the runs that `neptune-exporter` has written: Parquet files, and files beside them.

    DIR has `data` and `files` in it, or is what `--data-path` was. `pip install
    pyarrow` brings what reads Parquet.

    \b
    Examples:
      gitexp import neptune-export exports
      gitexp import neptune-export exports -n
    """
    runs = _reader("neptune", project, place)
    return bring_in(project, "neptune-export", runs, dry_run, unfinished, format_name)


@click.command()
@_folder_argument
@import_options
@with_project
def sacred(
    project: Project, *, place: str, dry_run: bool, unfinished: bool, format_name: str
) -> ExitCode:
    """Record the runs of Sacred that a `FileStorageObserver` has left in DIR.

    Sacred need not be installed. What stands in its database instead (`MongoObserver` and
    others) is not read.

    \b
    Examples:
      gitexp import sacred my_runs
      gitexp import sacred my_runs -n
    """
    runs = _reader("sacred", project, place)
    return bring_in(project, "sacred", runs, dry_run, unfinished, format_name)


COMMANDS = (tensorboard, aim, guild, neptune_export, sacred)
