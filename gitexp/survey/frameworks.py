"""Where frameworks put params and metrics, by what a program calls."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator

from gitexp.survey.places import EVENTS, Place
from gitexp.survey.sources import Source

_SQLITE = "sqlite:///"
_CAPTURED = frozenset({"mlflow", "wandb"})
"""Packages whose stores are read without anything else in the settings."""


def places_of(source: Source) -> Iterator[Place]:
    """Yield the places in which frameworks put values for this program."""
    for packages, find in _FRAMEWORKS:
        if packages & source.imports:
            yield from find(source)


def trackers_of(source: Source) -> Iterator[str]:
    """Yield the trackers that a program logs with, as `capture` has them."""
    yield from sorted(_CAPTURED & source.imports)


def _lightning(source: Source) -> Iterator[Place]:
    why = f"{source.path} trains with Lightning"
    tables, events = source.called("CSVLogger"), source.called("TensorBoardLogger")
    folders = [_logger_folder(one.text(0, "save_dir", "."), one.text(1, "name", "lightning_logs"))
               for one in (*tables, *events)] or ["lightning_logs"]  # fmt: skip
    root = folders[0]
    if tables or not events:
        yield Place("metrics", "metrics.csv", f"{root}/*/metrics.csv", f"{why}, and logs as CSV")
    if events or not tables:
        why_events = f"{why}, and logs for TensorBoard where that is installed"
        yield Place("metrics", "tensorboard", f"{folders[-1]}/*/{EVENTS}", why_events)
    if source.flags == "lightning":
        yield Place("params", "", f"{root}/*/config.yaml", "LightningCLI saves its configuration")
    elif source.called("save_hyperparameters") or not tables:
        yield Place("params", "", f"{root}/*/hparams.yaml", f"{why}, which saves hyperparameters")


def _logger_folder(save_dir: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(save_dir or ".", name))


def _transformers(source: Source) -> Iterator[Place]:
    arguments = [one for one in source.calls if one.name.endswith(("TrainingArguments", "Config"))]
    found = [one.keywords.get("output_dir", one.args[:1] and one.args[0]) for one in arguments]
    folder = next((one for one in found if isinstance(one, str) and one), "*")
    why = f"{source.path} trains with the Trainer"
    if source.called("save_metrics", "log_metrics"):
        yield Place(
            *("metrics", "all_results.json", f"{folder}/all_results.json"),
            f"{why} and saves its metrics, into a file that it merges them into",
            stale="drop",
        )
    elif source.called("Trainer", "Seq2SeqTrainer", "SFTTrainer", "DPOTrainer"):
        yield Place("metrics", "trainer_state.json", f"{folder}/**/trainer_state.json", why)


def _keras(source: Source) -> Iterator[Place]:
    for call in source.called("CSVLogger"):
        if name := call.text(0, "filename", ""):
            yield Place("metrics", "", name, f"{source.path} logs with Keras's CSVLogger")
    for call in source.called("TensorBoard"):
        folder = call.text(0, "log_dir", "logs")
        why = f"{source.path} has Keras write event files into {folder}"
        yield Place("metrics", "tensorboard", f"{folder}/**/{EVENTS}", why)


def _summaries(source: Source) -> Iterator[Place]:
    for call in source.called("SummaryWriter")[:1]:
        folder = call.text(0, "log_dir", "")
        pattern = f"{folder}/**/{EVENTS}" if folder else f"runs/*/{EVENTS}"
        why = f"{source.path} writes event files of TensorBoard"
        yield Place("metrics", "tensorboard", pattern, why)


def _ultralytics(source: Source) -> Iterator[Place]:
    why = f"{source.path} trains with Ultralytics"
    yield Place("metrics", "results.csv", "runs/*/*/results.csv", why)
    yield Place("params", "args.yaml", "runs/*/*/args.yaml", why)


def _dvclive(source: Source) -> Iterator[Place]:
    for call in source.called("Live", "DVCLiveLogger", "DVCLiveCallback")[:1]:
        folder = call.text(0, "dir", "dvclive") or "dvclive"
        why = f"{source.path} logs with DVCLive"
        yield Place("metrics", "", f"{folder}/metrics.json", why)
        yield Place("params", "", f"{folder}/params.yaml", why)


def _catboost(source: Source) -> Iterator[Place]:
    folders = [one.keywords.get("train_dir") for one in source.calls]
    folder = next((one for one in folders if isinstance(one, str) and one), "catboost_info")
    has_test = any({"eval_set", "eval_sets"} & one.keywords.keys() for one in source.calls)
    name = f"{folder}/{'test' if has_test else 'learn'}_error.tsv"
    yield Place("metrics", "", name, f"{source.path} trains with CatBoost, which logs there")


def _optuna(source: Source) -> Iterator[Place]:
    for call in source.called("create_study", "RDBStorage"):
        storage = call.text(0, "storage", "") or call.text(0, "url", "")
        if storage.startswith(_SQLITE):
            name = posixpath.normpath(storage.removeprefix(_SQLITE))
            yield Place("metrics", "optuna", name, f"{source.path} keeps an Optuna study in {name}")


_FRAMEWORKS: tuple[tuple[frozenset[str], Callable[[Source], Iterator[Place]]], ...] = (
    (frozenset({"lightning", "pytorch_lightning"}), _lightning),
    (frozenset({"transformers", "trl"}), _transformers),
    (frozenset({"keras", "tensorflow"}), _keras),
    (frozenset({"torch", "tensorboardX", "tensorboard"}), _summaries),
    (frozenset({"ultralytics"}), _ultralytics),
    (frozenset({"dvclive"}), _dvclive),
    (frozenset({"catboost"}), _catboost),
    (frozenset({"optuna"}), _optuna),
)
