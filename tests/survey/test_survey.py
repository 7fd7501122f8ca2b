"""What `gitexp init` finds in projects as people have them, without running anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from gitexp.git.repository import Repository
from gitexp.settings.config import Config
from gitexp.settings.parsing import parse_config
from gitexp.survey.frameworks import places_of
from gitexp.survey.settings_text import with_settings
from gitexp.survey.sources import read_source
from gitexp.survey.survey import Survey, survey

from tests.workshop import NewRepository

Look = Callable[[Mapping[str, str]], Survey]

FLAGS = """\
import argparse, json
import sklearn.linear_model
from lib import model
raise_if_run = open("ran", "w")
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", "-l", type=float)
    parser.add_argument("--data"{more})
    json.dump({{}}, open("out/scores.json", "w"))
if __name__ == "__main__":
    main()
"""
PLAIN = {
    "train.py": FLAGS.format(more=""),
    "lib/__init__.py": "",
    "lib/model.py": "CONFIG = open('conf/config.yaml')\n",
    "conf/config.yaml": "lr: 1\n",
    "conf/other.yaml": "a: 1\n",
    "evaluate.py": "import sklearn\nopen('results.csv')\n",
    "tests/test_train.py": "import sklearn\nmain()\n",
    "broken.py": "def (",
}


@pytest.fixture
def look(new_repository: NewRepository) -> Look:
    """Survey a project that has these files."""

    def found(files: Mapping[str, str]) -> Survey:
        root = new_repository("p", files)
        with Repository.open(root) as repository:
            told = survey(root, repository)
        assert not (root / "ran").exists()
        return told

    return found


def settings(told: Survey) -> dict[str, str]:
    return {one.key: one.text for one in told.settings}


def test_the_program_its_params_and_its_metrics_are_found_with_their_reasons(look: Look) -> None:
    told = look(PLAIN)

    assert settings(told) == {
        "command": "command: python train.py",
        "params": "params: [conf/config.yaml]",
        "metrics": "metrics: [out/scores.json]",
    }
    assert [one.why for one in told.settings] == [
        "train.py is the program that trains, and takes --lr, --data.",
        "conf/config.yaml is read by lib/model.py.",
        "train.py names out/scores.json.",
    ]
    assert told.command == "gitexp run"


def test_what_a_program_needs_is_part_of_the_next_command(look: Look) -> None:
    told = look({"train.py": FLAGS.format(more=", required=True"), "params.yaml": "a: 1\n"})

    assert settings(told) == {"metrics": "metrics: [out/scores.json]"}
    assert told.command == "gitexp run -- python train.py --data DATA"


def test_programs_that_look_alike_are_named_and_none_is_chosen(look: Look) -> None:
    told = look({"train_a.py": "import torch\nrun()\n", "train_b.py": "import torch\nrun()\n"})

    assert settings(told) == {}
    assert told.notes == (
        "several programs may train, so `command` is not set: train_a.py, train_b.py",
    )


def test_a_pipeline_says_it_all(look: Look) -> None:
    stages = "stages:\n  train:\n    cmd: python train.py\n    metrics: [m.json: {cache: false}]\n"

    told = look({**PLAIN, "dvc.yaml": stages})

    assert "command" not in settings(told)
    assert "metrics" not in settings(told)
    assert told.command == "gitexp run"


def test_metrics_that_lie_there_are_taken_where_the_source_says_nothing(look: Look) -> None:
    told = look({"main.py": "run()\n", "logs/version_3/metrics.csv": "loss\n1\n"})

    assert settings(told)["metrics"] == 'metrics:\n  metrics.csv: "logs/*/metrics.csv"'


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('os.path.join(out, "log.csv")', 'metrics:\n  log.csv: "**/log.csv"'),
        ('f"logs/run-{now()}/log.csv"', 'metrics:\n  log.csv: "logs/run-*/log.csv"'),
        ('f"{out}/log.csv"', 'metrics:\n  log.csv: "**/log.csv"'),
        ('Path("runs") / now() / "log.csv"', 'metrics:\n  log.csv: "runs/**/log.csv"'),
        ('HERE + "/log.csv"', "metrics: [results/log.csv]"),
        ('os.path.join(HERE, "log.csv")', "metrics: [results/log.csv]"),
        ('Path(HERE).joinpath(now(), "log.csv")', 'metrics:\n  log.csv: "results/**/log.csv"'),
        ('"log.csv"', "metrics: [log.csv]"),
    ],
)
def test_metrics_in_a_folder_that_each_run_makes_are_found_by_a_pattern(
    look: Look, written: str, expected: str
) -> None:
    told = look(
        {
            "train.py": 'import os\nHERE = "results"\nout = os.path.join(args.dir, now())\n'
            f"with open({written}) as log:\n    fit(log)\n"
        }
    )

    assert settings(told)["metrics"] == expected


def test_a_package_in_src_is_started_as_a_module_and_its_metrics_lie_above_it(look: Look) -> None:
    files = {
        "src/pkg/__init__.py": "",
        "src/pkg/places.py": "from pathlib import Path\nTOP = Path(__file__).parents[2]\n"
        'METRICS = TOP / "reports" / "metrics.json"\n',
        "src/pkg/train.py": "import torch\nfrom pkg.places import METRICS\nrun(METRICS)\n",
    }

    bare, installed = look(files), look({**files, "pyproject.toml": ""})

    assert settings(bare) == {
        "command": 'command: "env PYTHONPATH=src python -m pkg.train"',
        "metrics": "metrics: [reports/metrics.json]",
    }
    assert settings(installed)["command"] == "command: python -m pkg.train"


def test_a_module_of_a_package_is_started_as_one(look: Look) -> None:
    told = look(
        {"src/pkg/__init__.py": "", "src/pkg/train.py": "from . import net\nnet.fit()\n"}
        | {"src/pkg/net.py": "import torch\n"}
    )

    assert settings(told)["command"] == "command: python -m pkg.train"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "import lightning as L\nL.Trainer()\n",
            {
                "metrics": ["lightning_logs/*/metrics.csv",
                            "lightning_logs/*/events.out.tfevents.*"],
                "params": ["lightning_logs/*/hparams.yaml"],
            },
        ),
        (
            "from lightning.pytorch import cli\ncli.LightningCLI(M)\nCSVLogger('l', 'n')\n",
            {"metrics": ["l/n/*/metrics.csv"], "params": ["l/n/*/config.yaml"]},
        ),
        (
            "import transformers\nTrainingArguments(output_dir='out')\nt.save_metrics('t', m)\n",
            {"metrics": ["out/all_results.json"]},
        ),
        (
            "from trl import SFTConfig, SFTTrainer\nSFTTrainer(args=SFTConfig('sft'))\n",
            {"metrics": ["sft/**/trainer_state.json"]},
        ),
        ("import keras\nkeras.callbacks.CSVLogger('h.csv')\n", {"metrics": ["h.csv"]}),
        (
            "from torch.utils.tensorboard import SummaryWriter\nSummaryWriter()\n",
            {"metrics": ["runs/*/events.out.tfevents.*"]},
        ),
        (
            "from ultralytics import YOLO\nYOLO('n.pt').train()\n",
            {"metrics": ["runs/*/*/results.csv"], "params": ["runs/*/*/args.yaml"]},
        ),
        (
            "from dvclive import Live\nwith Live() as live:\n    live.log_metric('a', 1)\n",
            {"metrics": ["dvclive/metrics.json"], "params": ["dvclive/params.yaml"]},
        ),
        (
            "import optuna\noptuna.create_study(storage='sqlite:///study.db')\n",
            {"metrics": ["study.db"]},
        ),
        (
            "import catboost\nm.fit(x, y, eval_set=z)\n",
            {"metrics": ["catboost_info/test_error.tsv"]},
        ),
        (
            "import catboost\nCatBoostClassifier(train_dir='out/cb').fit(x)\n",
            {"metrics": ["out/cb/learn_error.tsv"]},
        ),
        ("import torch\ntorch.save({}, 'm.pt')\n", {}),
    ],
)  # fmt: skip
def test_frameworks_have_their_places(source: str, expected: dict[str, list[str]]) -> None:
    read = read_source(source, "train.py")
    assert read is not None

    found: dict[str, list[str]] = {}
    for place in places_of(read):
        found.setdefault(place.kind, []).append(place.pattern)

    assert found == expected


HYDRA = """\
import hydra
@hydra.main(config_path="../conf", config_name="main")
def main(cfg): ...
main()
"""


@pytest.mark.parametrize(
    ("configs", "folder"),
    [
        ({}, "outputs/*/*"),
        ({"main.yaml": "hydra: {run: {dir: 'runs/${now:%H:%M}-${lr}'}}\n"}, "runs/*-*"),
        ({"main.yaml": "hydra: {run: {dir: '${paths.logs}/${name}-${now:%S}'}}\nname: fit\n",
          "paths/local.yaml": "logs: ${paths.top}/logs/\ntop: ${oc.env:TOP}\n"}, "logs/fit-*"),
        ({"main.yaml": "a: 1\n", "hydra/here.yaml": "run: {dir: 'x/${a.a}'}\n",
          "a/b.yaml": "a: ${a.a}\n"}, "x/*"),
        ({"main.yaml": "hydra: {run: {dir: '.'}}\n"}, "outputs/*/*"),
        ({"main.yaml": "hydra: [\n"}, "outputs/*/*"),
    ],
)  # fmt: skip
def test_hydra_says_in_its_configuration_where_runs_go(
    look: Look, configs: Mapping[str, str], folder: str
) -> None:
    told = look({"src/fit.py": HYDRA, **{f"conf/{name}": text for name, text in configs.items()}})

    assert settings(told)["params"] == f'params: ["{folder}/.hydra/config.yaml"]'


def test_where_git_ignores_what_runs_write_models_are_named(look: Look) -> None:
    told = look({"fit.py": "import hydra\n@hydra.main()\ndef main(c): ...\nmain()\n",
                 ".gitignore": "outputs/\n"})  # fmt: skip

    assert '"*.ckpt"' in settings(told)["track"]
    assert parse_config(settings(told)["track"].encode()).tracks_ignored


def test_programs_in_folders_of_their_own_may_be_projects_of_their_own(look: Look) -> None:
    source = "import sklearn\nopen('config.yaml')\nif __name__ == '__main__':\n    f()\n"
    folders = ("a", "b")
    told = look({f"{one}/train.py": source for one in folders} | {"b/config.yaml": "a: 1\n"})

    assert told.notes[-1].endswith("`gitexp -C a init`")
    assert told.settings[0].why == "b/config.yaml is read by b/train.py."


def test_what_a_program_logs_with_trackers_is_captured(look: Look) -> None:
    told = look(
        {
            "train.py": "import lib\nimport wandb\nwandb.init()\nlib.fit()\n",
            "lib.py": "import mlflow\nmlflow.log_metric('a', 1)\n",
        }
    )

    assert settings(told)["capture"] == "capture: [wandb, mlflow]"


def test_what_is_written_is_what_was_found(look: Look) -> None:
    template = "#command: a\n# Params.\n#params: [params.yaml]\n#metrics: [metrics.json]\n"
    told = look(
        {
            "train.py": "import transformers\nimport hydra\n@hydra.main()\ndef main(c): ...\n"
            "t.save_metrics(1)\nTrainingArguments('out')\nmain()\n"
        }
    )

    read = parse_config(with_settings(template, told.settings).encode())

    assert read == Config(
        command=("python train.py",),
        params=(),
        found_params={"outputs/*/*/.hydra/config.yaml": ""},
        names_params=True,
        metrics=(),
        renamed_metrics={"all_results.json": "out/all_results.json"},
        stale_metrics={"out/all_results.json": "drop"},
    )


@pytest.mark.parametrize(
    "written",
    [
        'a "b".csv',
        "a\\b.csv",
        "#a: b.csv",
        "a\nnope: [1].csv",
        "a\u2028nope: 1.csv",
        "a\x85nope: 1.csv",
        "123.csv",
        "/tmp/a.csv",
        "../a.csv",
        "a/../../b.csv",
    ],
)
def test_whatever_a_source_says_the_settings_can_be_read_and_say_no_more(
    look: Look, written: str
) -> None:
    told = look({"train.py": f"import keras\nCSVLogger({written!r})\nfit()\n"})
    text = with_settings("#command: a\n#metrics: [metrics.json]\n", told.settings)

    read = parse_config(text.encode())

    inside = written.isprintable() and ".." not in written and not written.startswith("/")
    assert read == Config(
        command=("python train.py",), metrics=(written,) if inside else Config().metrics
    )


def test_a_program_whose_name_is_not_plain_is_quoted(look: Look) -> None:
    told = look({"train #1: a.py": "import keras\nfit()\n"})

    assert parse_config(with_settings("#command: a\n", told.settings).encode()) == Config(
        command=("python 'train #1: a.py'",)
    )


def test_files_that_git_has_and_the_work_tree_lacks_are_not_looked_at(
    new_repository: NewRepository,
) -> None:
    files = {"dvc.yaml": "stages: {a: {cmd: a, outs: [b]}}\n", "gone.py": "import keras\nfit()\n"}
    root = new_repository("p", {**files, "train.py": "import keras\nfit()\n"})
    (root / "dvc.yaml").unlink()
    (root / "gone.py").unlink()

    with Repository.open(root) as repository:
        told = survey(root, repository)

    assert settings(told) == {"command": "command: python train.py"}


SPACY = '[paths]\ntrain = {}\ndev = null\n\n[nlp]\nlang = "en"\n\n[training]\ndropout = 0.1\n'


def test_a_configuration_of_spacy_is_a_program_with_scores(look: Look) -> None:
    told = look({"config.cfg": SPACY.format("null"), "make_data.py": "import spacy\nmake()\n"})

    assert settings(told) == {
        "metrics": 'metrics:\n  meta.json: {path: "**/model-best/meta.json", stale: keep}'
    }
    assert told.command == (
        "gitexp run -- python -m spacy train config.cfg --output output"
        " --paths.train PATHS.TRAIN --paths.dev PATHS.DEV"
    )


def test_a_configuration_that_names_its_data_needs_no_more(look: Look) -> None:
    told = look(
        {"a b.cfg": SPACY.replace("null", "'b'").format("'a'"), "setup.cfg": "[nlp]\n"}
        | {"old/config.cfg": SPACY, "old/meta.json": "{}"}
    )

    command = "python -m spacy train 'a b.cfg' --output output"
    assert settings(told)["command"] == f'command: "{command}"'
    assert told.command == "gitexp run"


@pytest.mark.parametrize(
    ("source", "is_asked"),
    [
        ("import gitexp\nprint(1)\ngitexp.log({'loss': 1})\n", False),
        ("from gitexp.callbacks.keras import GitexpCallback\nprint(GitexpCallback())\n", False),
        ("import gitexp, math\nprint(gitexp.param(rate=1))\n", True),
    ],
)
def test_a_program_that_logs_with_gitexp_needs_no_file_of_metrics(
    look: Look, source: str, is_asked: bool
) -> None:
    told = look({"train.py": source})

    assert any("names no file of metrics" in note for note in told.notes) == is_asked
