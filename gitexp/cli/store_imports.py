"""The commands of `gitexp import` for the stores of other tools, which differ in what they read."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from importlib import import_module

import click

from gitexp.cli.importing import bring_in, import_options, place_argument
from gitexp.cli.options import tell, with_project
from gitexp.errors import ExitCode
from gitexp.project import Project

_folder_argument = click.argument("place", metavar="DIR")


def _store(
    tool: str,
    argument: Callable[[click.Command], click.Command] = place_argument,
    *,
    reader: str | None = None,
    tells: bool = False,
) -> Callable[[Callable[[], None]], click.Command]:
    """Return what makes the command of a tool, of which `from_TOOL` reads the store.

    `tells` says that the reader tells of what is no run.
    """

    def made(described: Callable[[], None]) -> click.Command:
        @argument
        @click.command(tool, help=inspect.cleandoc(described.__doc__ or ""))
        @import_options
        @with_project
        def command(
            project: Project,
            *,
            place: str | None,
            dry_run: bool,
            unfinished: bool,
            format_name: str,
        ) -> ExitCode:
            read = import_module(f"gitexp.importing.from_{reader or tool}").found  # 5 ms, of one
            told = {"tell": tell} if tells else {}
            runs = partial(read, place, project.repository.top / project.directory, **told)
            return bring_in(project, tool, runs, dry_run, unfinished, format_name)

        return command

    return made


@_store("mlflow")
def mlflow() -> None:
    """Record the runs in a store of MLflow's: a database of SQLite, or a folder.

    PATH is `mlflow.db`, `mlruns`, a folder that has one of them, or a URI such as
    `sqlite:///mlflow.db`. MLflow need not be installed, and its store stays as it is.

    \b
    Examples:
      gitexp import mlflow
      gitexp import mlflow sqlite:////data/mlflow.db -n
    """


@_store("wandb")
def wandb() -> None:
    """Record the runs that W&B has in a folder, offline ones as well as others.

    PATH is the folder `wandb`, that of one run (`wandb/offline-run-…`, `wandb/run-…`), or a
    `.wandb` file. W&B need not be installed, and nothing is asked of its server.
    """


@_store("tensorboard", _folder_argument)
def tensorboard() -> None:
    """Record the runs in a log directory of TensorBoard: all event files below DIR.

    A folder with event files is a run, and what lies below it a part of it: `train` and
    `validation` of Keras, what `add_hparams` and `add_scalars` of PyTorch wrote. TensorBoard
    reads them, and has to be installed.

    \b
    Examples:
      gitexp import tensorboard runs
      gitexp import tensorboard lightning_logs -n
    """


@_store("aim")
def aim() -> None:
    """Record the runs in a store of Aim: PATH has `.aim` in it, as the current folder has.

    `pip install aimrocks` brings Aim's own library for its databases, on Python 3.12 or older.
    Nothing is written into the store, and `aim up` need not have seen the runs.

    \b
    Examples:
      gitexp import aim
      gitexp import aim ../digits -n
    """


@_store("guild")
def guild() -> None:
    """Record the runs of Guild AI: PATH is its home, a folder of runs, or an export.

    Without PATH it is the home that Guild would use: $GUILD_HOME, `.guild` in the virtual
    environment, or `~/.guild`. TensorBoard reads the scalars, and has to be installed.

    \b
    Examples:
      gitexp import guild
      gitexp import guild ~/.guild -n
    """


@_store("neptune-export", _folder_argument, reader="neptune", tells=True)
def neptune_export() -> None:
    """Record the runs that `neptune-exporter` has written: Parquet files, and files beside them.

    DIR has `data` and `files` in it, or is what `--data-path` was. `pip install
    pyarrow` brings what reads Parquet.

    \b
    Examples:
      gitexp import neptune-export exports
      gitexp import neptune-export exports -n
    """


@_store("sacred", _folder_argument)
def sacred() -> None:
    """Record the runs of Sacred that a `FileStorageObserver` has left in DIR.

    Sacred need not be installed. What stands in its database instead (`MongoObserver` and
    others) is not read.

    \b
    Examples:
      gitexp import sacred my_runs
      gitexp import sacred my_runs -n
    """


COMMANDS = (mlflow, wandb, tensorboard, aim, guild, neptune_export, sacred)
