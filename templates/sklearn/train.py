"""Train a random forest that tells malignant tumours from benign ones."""

import json
from pathlib import Path

import joblib
import numpy as np
import yaml
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import train_test_split

DATA = Path("data/breast_cancer.csv")
PARAMS = Path("params.yaml")
MODEL = Path("model.joblib")
METRICS = Path("metrics.json")


def load_data(path):
    """Return features and labels; the label is the last column."""
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    return table[:, :-1], table[:, -1].astype(int)


def main():
    params = yaml.safe_load(PARAMS.read_text())
    features, labels = load_data(DATA)
    x_train, x_test, y_train, y_test = train_test_split(
        features,
        labels,
        test_size=params["test_share"],
        random_state=params["seed"],
        stratify=labels,
    )

    forest = RandomForestClassifier(
        n_estimators=params["forest"]["trees"],
        max_depth=params["forest"]["max_depth"],
        random_state=params["seed"],
    )
    forest.fit(x_train, y_train)
    print(f"trained {len(forest.estimators_)} trees on {len(x_train)} samples")

    probabilities = forest.predict_proba(x_test)
    metrics = {
        "accuracy": round(accuracy_score(y_test, probabilities.argmax(axis=1)), 4),
        "loss": round(log_loss(y_test, probabilities), 4),
    }
    print(f"tested on {len(x_test)} samples: {metrics}")

    joblib.dump(forest, MODEL)
    METRICS.write_text(json.dumps(metrics, indent=2) + "\n")


if __name__ == "__main__":
    main()
