#!/usr/bin/env bash
# Optuna records `1` for a trial that was given `1.0`, and `True` for one that was given `1`.
#
# One expects `study.best_params` to hold what the objective got from `suggest_categorical`. A choice is found
# again by `==`, so of choices that are equal in Python the first one is written down. To scikit-learn they are
# not equal: `max_features=1` is one feature and `1.0` is all of them. The search finds that all are better, and
# its best params, the table of trials and the storage say one. A grid counts both of them as points, tries
# both, and names them alike. No warning is given; choices that are the same text would be.
#
# Seen with optuna 5.0.0 and scikit-learn 1.9.1 (Python 3.11, Linux):
#
#   the objective was given:         ['1', '1.0']
#   the trials say:                  ['1', '1']
#   best value:                      0.988 by 1.0, best_params {'max_features': 1}
#   a forest with these best_params: 0.752
#
# Exits 0 while that is so, and 1 if it is otherwise.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work OMP_NUM_THREADS=1
python3 -m venv "$work/env"
"$work/env/bin/pip" install -q optuna==5.0.0 scikit-learn==1.9.1
cd "$work"
cat > script.py <<'P'
import sys

import numpy as np
import optuna
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import cross_val_score

rng = np.random.default_rng(0)
x = rng.normal(size=(200, 5))
y = x[:, 0]


def score(max_features):
    forest = RandomForestRegressor(n_estimators=20, max_features=max_features, random_state=0)
    return cross_val_score(forest, x, y, cv=3).mean()


def objective(trial):
    given = trial.suggest_categorical("max_features", choices)
    trial.set_user_attr("given", repr(given))
    return score(given)


choices = [1, 1.0]
optuna.logging.set_verbosity(optuna.logging.ERROR)
study = optuna.create_study(
    direction="maximize",
    storage="sqlite:///study.db",
    sampler=optuna.samplers.GridSampler({"max_features": choices}),
)
study.optimize(objective)
given = sorted(trial.user_attrs["given"] for trial in study.trials)
said = sorted(repr(trial.params["max_features"]) for trial in study.trials)
best = study.best_trial
again = score(**study.best_params)
print("the objective was given:        ", given)
print("the trials say:                 ", said)
print(f"best value:                      {best.value:.3f} by {best.user_attrs['given']}, best_params {best.params}")
print(f"a forest with these best_params: {again:.3f}")
same = given == ["1", "1.0"] and said == ["1", "1"] and best.user_attrs["given"] == "1.0"
sys.exit(0 if same and repr(best.params["max_features"]) == "1" and again < best.value - 0.05 else 1)
P
env/bin/python -W error script.py
