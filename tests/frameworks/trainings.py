"""Trainings with gitexp's callbacks, which write down the history that their library has itself."""

from __future__ import annotations

from typing import NamedTuple


class Training(NamedTuple):
    """A script that writes `history.json`: by key, the steps and their values."""

    environment: str
    script: str
    params: frozenset[str] = frozenset()
    """Some that it has to have recorded."""


_DATA = """\
import json
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(240, 4)).astype("float32")
y = (X.sum(axis=1) > 0).astype("float32")
history = {}
"""
_END = """
json.dump(history, open("history.json", "w"))
"""

LIGHTNING = """\
import lightning as L, torch
from lightning.pytorch.loggers import CSVLogger
from torch.utils.data import DataLoader, TensorDataset
from gitexp.callbacks.lightning import GitexpLogger
class Classifier(L.LightningModule):
    def __init__(self, lr, hidden):
        super().__init__()
        self.save_hyperparameters()
        self.net = torch.nn.Linear(4, 1)
    def _loss(self, batch):
        x, y = batch
        return torch.nn.functional.binary_cross_entropy_with_logits(self.net(x)[:, 0], y)
    def training_step(self, batch, _):
        loss = self._loss(batch)
        self.log("train/loss", loss)
        return loss
    def validation_step(self, batch, _):
        self.log("val/loss", self._loss(batch))
    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.hparams.lr)
class Kept(GitexpLogger):
    def log_metrics(self, metrics, step=None):
        super().log_metrics(metrics, step)
        for key, value in metrics.items():
            history.setdefault(key, []).append([step, float(value)])
L.seed_everything(0)
data = TensorDataset(torch.tensor(X), torch.tensor(y))
trainer = L.Trainer(max_epochs=3, accelerator="cpu", enable_progress_bar=False,
                    logger=[Kept(), CSVLogger(".")], log_every_n_steps=4)
trainer.fit(Classifier(0.05, 8), DataLoader(data, batch_size=20), DataLoader(data, batch_size=60))
import csv
rows = list(csv.DictReader(open(trainer.loggers[1].log_dir + "/metrics.csv")))
for key in ("train/loss", "val/loss"):  # what Lightning's own logger has kept
    assert [[int(row["step"]), float(row[key])] for row in rows if row[key]] == history[key]
history = {key: history[key] for key in ("train/loss", "val/loss")}
"""

TRANSFORMERS = """\
import torch
from transformers import Trainer, TrainingArguments
from gitexp.callbacks.transformers import GitexpCallback
class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Linear(4, 1)
    def forward(self, x, labels=None):
        logits = self.net(x)[:, 0]
        return {"loss": torch.nn.functional.binary_cross_entropy_with_logits(logits, labels),
                "logits": logits}
data = [{"x": torch.tensor(row), "labels": torch.tensor(label)} for row, label in zip(X, y)]
args = TrainingArguments("out", num_train_epochs=2, learning_rate=0.01, logging_steps=5,
    eval_strategy="epoch", save_strategy="no", report_to=[], use_cpu=True, disable_tqdm=True)
trainer = Trainer(Model(), args, train_dataset=data, eval_dataset=data,
                  callbacks=[GitexpCallback()])
trainer.train()
for line in trainer.state.log_history:
    if "train_runtime" not in line:
        for key, value in line.items():
            if key != "step":
                history.setdefault(key, []).append([line["step"], value])
assert len(history["loss"]) == 12 and len(history["eval_loss"]) == 2
# of one step, a key of two lines has the later value
history = {key: [list(one) for one in dict(values).items()] for key, values in history.items()}
"""

KERAS = """\
import os
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
from gitexp.callbacks.keras import GitexpCallback
keras.utils.set_random_seed(0)
model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid")])
model.compile("adam", loss="binary_crossentropy", metrics=["accuracy"])
fitted = model.fit(X, y, epochs=3, validation_split=0.25, verbose=0, callbacks=[GitexpCallback()])
history = {key: [[step, float(value)] for step, value in zip(fitted.epoch, values)]
           for key, values in fitted.history.items()}
assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
"""

XGBOOST = """\
import xgboost as xgb
from gitexp.callbacks.xgboost import GitexpCallback
data, found = xgb.DMatrix(X, y), {}
params = {"objective": "binary:logistic", "eval_metric": ["logloss", "auc"]}
xgb.train(params, data, num_boost_round=6, evals=[(data, "train")], evals_result=found,
          callbacks=[GitexpCallback()], verbose_eval=False)
history = {f"train/{key}": [*map(list, enumerate(values))]
           for key, values in found["train"].items()}
assert len(history["train/auc"]) == 6
"""

XGBOOST_CV = """\
import xgboost as xgb
from gitexp.callbacks.xgboost import GitexpCallback
table = xgb.cv({"objective": "binary:logistic"}, xgb.DMatrix(X, y), num_boost_round=5, nfold=3,
               callbacks=[GitexpCallback()], as_pandas=False)
history = {key.replace("-", "/", 1).removesuffix("-mean"): [*map(list, enumerate(values))]
           for key, values in table.items()}
assert set(history) == {"train/logloss", "train/logloss-std", "test/logloss", "test/logloss-std"}
"""

LIGHTGBM = """\
import lightgbm as lgb
from gitexp.callbacks.lightgbm import GitexpCallback
found, data = {}, lgb.Dataset(X, y)
lgb.train({"objective": "binary", "metric": ["auc", "binary_logloss"], "verbose": -1}, data, 6,
          valid_sets=[data], valid_names=["train"],
          callbacks=[GitexpCallback(), lgb.record_evaluation(found)])
table = lgb.cv({"objective": "regression", "metric": "l2", "verbose": -1}, lgb.Dataset(X, y), 6,
               nfold=3, callbacks=[GitexpCallback()])
history = {f"train/{key}": [*map(list, enumerate(values))]
           for key, values in found["train"].items()}
history["valid/l2"] = [*map(list, enumerate(table["valid l2-mean"]))]
history["valid/l2-stdv"] = [*map(list, enumerate(table["valid l2-stdv"]))]
"""

TRAININGS = {
    name: Training(environment, _DATA + script + _END, frozenset(params.split()))
    for name, environment, script, params in (
        ("lightning", "torch", LIGHTNING, "lr hidden"),
        ("transformers", "torch", TRANSFORMERS, "num_train_epochs learning_rate eval_strategy"),
        ("keras", "keras", KERAS, ""),
        ("xgboost", "light", XGBOOST, ""),
        ("xgboost-cv", "light", XGBOOST_CV, ""),
        ("lightgbm", "light", LIGHTGBM, ""),
    )
}
