"""Write the breast cancer data set that scikit-learn ships to data/breast_cancer.csv."""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer

TARGET = Path("data/breast_cancer.csv")

data = load_breast_cancer()
columns = [name.replace(" ", "_") for name in data.feature_names] + ["benign"]
table = np.column_stack([data.data, data.target])
TARGET.parent.mkdir(exist_ok=True)
np.savetxt(TARGET, table, delimiter=",", fmt="%.10g", header=",".join(columns), comments="")
print(f"wrote {len(table)} samples with {data.data.shape[1]} features to {TARGET}")
