#!/usr/bin/env bash
# An XGBoost model that was continued by `fit(xgb_model=...)` predicts with the old model's best trees alone.
#
# One expects 30 more trees to change what is predicted. But where the first training stopped early, its
# `best_iteration` is an attribute of the model, and stays there when a second training without early stopping
# goes on from it. The scikit-learn interface predicts up to that iteration: the new trees are in the model
# and in its file, and no prediction looks at them. `xgboost.Booster.predict` of the same model does use them.
# There is no warning, and a metric says that the further training has changed nothing at all.
#
# Seen with xgboost 3.2.0, scikit-learn 1.9.1 and numpy 2.4.6 (Python 3.11, Linux):
#
#   first:     10 trees, best_iteration 4
#   continued: 40 trees, best_iteration 4; predicts as before: True; as its booster does: False
#
# Exits 0 while that is so, and 1 if it is otherwise.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work OMP_NUM_THREADS=1
python3 -m venv "$work/env"
"$work/env/bin/pip" install -q numpy==2.4.6 scikit-learn==1.9.1
# Without its dependencies: one of them is a library of 300 MB for GPUs.
"$work/env/bin/pip" install -q --no-deps xgboost==3.2.0
cd "$work"
cat > script.py <<'P'
import sys

import numpy as np
from xgboost import DMatrix, XGBRegressor

rng = np.random.default_rng(0)
x = rng.normal(size=(300, 5))
y = x[:, 0] + rng.normal(size=300) * 1.5
train, valid = slice(200), slice(200, 300)

first = XGBRegressor(n_estimators=60, early_stopping_rounds=5, n_jobs=1)
first.fit(x[train], y[train], eval_set=[(x[valid], y[valid])], verbose=False)
first.save_model("first.json")
more = XGBRegressor(n_estimators=30, n_jobs=1)
more.fit(x[train], y[train], xgb_model="first.json")

trees = [model.get_booster().num_boosted_rounds() for model in (first, more)]
predicted = more.predict(x[valid])
as_before = np.array_equal(predicted, first.predict(x[valid]))
as_booster = np.allclose(predicted, more.get_booster().predict(DMatrix(x[valid])))
print(f"first:     {trees[0]} trees, best_iteration {first.best_iteration}")
print(
    f"continued: {trees[1]} trees, best_iteration {more.best_iteration};"
    f" predicts as before: {as_before}; as its booster does: {as_booster}"
)
stale = first.best_iteration == more.best_iteration < trees[0] - 1
sys.exit(0 if stale and trees[1] == trees[0] + 30 and as_before and not as_booster else 1)
P
env/bin/python script.py
