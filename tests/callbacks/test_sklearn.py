"""`gitexp.autolog()`: what scikit-learn's estimators know of their training, in the run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gitexp.project import Project
from gitexp.revisions.series import series_of_run
from gitexp.store.selectors import find_run

from tests.workshop import Gitexp

TRAIN = """\
import json, warnings
import gitexp
warnings.simplefilter("ignore")  # it has not converged, for sure
gitexp.autolog()
gitexp.autolog()  # once more changes nothing
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import make_classification
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

class Own(ClassifierMixin, BaseEstimator):
    def __init__(self, depth=3, how=len):
        self.depth, self.how = depth, how
    def fit(self, X, y):
        self.classes_, self.inner_ = [0, 1], LogisticRegression(C=7).fit(X, y)
        return self
    def predict(self, X):
        return self.inner_.predict(X)

class Odd(BaseEstimator):
    def fit(self, X, y):
        self.loss_curve_ = 5  # which is no curve
        return self

X, y = make_classification(120, random_state=0)
net = MLPClassifier((4,), max_iter=6, early_stopping=True, n_iter_no_change=9, random_state=0)
net.fit(X, y)
boosted = GradientBoostingClassifier(n_estimators=5, random_state=0).fit(X, y)
search = GridSearchCV(LogisticRegression(), {"C": [0.01, 1.0]}, cv=3).fit(X, y)
piped = make_pipeline(StandardScaler(), LogisticRegression(C=0.5)).fit(X, y)
own = Own(depth=4).fit(X, y)
Odd().fit(X, y)
scores = [own.score(X, y), own.score(X[:60], y[:60]), piped.score(X, y), search.score(X, y)]
json.dump({
    "scores": scores,
    "best": [search.best_score_, search.best_params_],
    "curves": {
        "MLPClassifier/loss_curve": list(net.loss_curve_),
        "MLPClassifier/validation_scores": list(net.validation_scores_),
        "GradientBoostingClassifier/train_score": list(boosted.train_score_),
        "GridSearchCV/mean_test_score": list(search.cv_results_["mean_test_score"]),
    },
}, open("history.json", "w"))
"""


@pytest.fixture
def project_files() -> dict[str, str]:
    """A training of several estimators."""
    return {"train.py": TRAIN}


@pytest.mark.usefixtures("work_tree")
def test_what_estimators_know_of_their_training_is_in_the_run(gitexp: Gitexp) -> None:
    ended = gitexp("run", "-n", "a", "--", "python", "train.py")

    assert ended.code == 0, ended.err
    with Project.open(Path()) as project:
        run = find_run(project.runs, "a")
        assert run is not None
        found = {key: one.values for key, one in series_of_run(project, run).items()}
    history: dict[str, Any] = json.loads(Path("history.json").read_text())
    assert found == history["curves"]
    params: Any = run.record.params["logged"]
    assert params["MLPClassifier"]["max_iter"] == 6
    assert params["Own"] == {"depth": 4}
    assert params["Pipeline"]["logisticregression__C"] == 0.5
    assert params["GridSearchCV"]["best"] == history["best"][1]
    assert "LogisticRegression" not in params  # those inside of others are not the script's own
    metrics = run.record.metrics["logged"]
    scores = history["scores"]
    assert {key: value for key, value in metrics.items() if "/" not in key} == {
        "Own.score": scores[0],
        "Own.score_2": scores[1],
        "Pipeline.score": scores[2],
        "GridSearchCV.score": scores[3],
        "GridSearchCV.best_score": history["best"][0],
    }
    assert "gitexp: warning: autolog: TypeError" in ended.err
