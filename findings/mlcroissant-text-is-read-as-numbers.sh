#!/usr/bin/env bash
# mlcroissant reads a field of type `sc:Text` as numbers first, if the column looks like numbers.
#
# One expects the type that the description declares to decide, so that text comes out as it is in the file.
# The CSV is read by pandas with types guessed from the values, and only then made text. So `007` becomes `7`,
# or `7.0` if a cell of the column is empty; the version `1.10` becomes `1.1`; the short commit `1234e56`
# becomes `1.234e+59`; and the texts `NA` and `None` become no value. One word in the column keeps them all.
# Ids and versions do not match those of the file any more, nor those of another program that reads it.
#
# Seen with mlcroissant 1.1.1 and pandas 3.1.1 (Python 3.11, Linux):
#
#   id       in the file 007, 008                 read 7, 8
#   version  in the file 1.10, 1.20               read 1.1, 1.2
#   commit   in the file 1234e56, 5678901         read 1.234e+59, 5678901.0
#   label    in the file NA, None                 read no value, no value
#   mixed    in the file 007, x                   read 007, x
#
# Exits 0 while that is so, and 1 if it is otherwise.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work
python3 -m venv "$work/env"
"$work/env/bin/pip" install -q mlcroissant==1.1.1 pandas==3.1.1
cd "$work"
cat > look.py <<'P'
import hashlib
from pathlib import Path

import mlcroissant as mlc

columns = {
    "id": ("007", "008"),
    "version": ("1.10", "1.20"),
    "commit": ("1234e56", "5678901"),
    "label": ("NA", "None"),
    "mixed": ("007", "x"),
}
lines = [",".join(columns), *map(",".join, zip(*columns.values()))]
Path("runs.csv").write_text("\n".join(lines) + "\n")
table = mlc.FileObject(
    id="runs.csv",
    name="runs.csv",
    content_url="runs.csv",
    encoding_formats=["text/csv"],
    sha256=hashlib.sha256(Path("runs.csv").read_bytes()).hexdigest(),
)
fields = [
    mlc.Field(
        id=f"runs/{name}",
        name=name,
        data_types=mlc.DataType.TEXT,
        source=mlc.Source(file_object="runs.csv", extract=mlc.Extract(column=name)),
    )
    for name in columns
]
about = mlc.Metadata(
    name="runs",
    description="Runs.",
    url="https://example.org",
    distribution=[table],
    record_sets=[mlc.RecordSet(id="runs", name="runs", fields=fields)],
)
Path("croissant.json").write_text(__import__("json").dumps(about.to_json(), default=str))
records = list(mlc.Dataset(jsonld="croissant.json").records("runs"))
for name, values in columns.items():
    read = [record[f"runs/{name}"] for record in records]
    said = ["no value" if one is None else one.decode() for one in read]
    print(f"{name:8} in the file {', '.join(values):24} read {', '.join(said)}")
P
env/bin/python look.py > seen 2> errors || { cat errors; exit 1; }
cat seen
cat > expected <<'X2'
id       in the file 007, 008                 read 7, 8
version  in the file 1.10, 1.20               read 1.1, 1.2
commit   in the file 1234e56, 5678901         read 1.234e+59, 5678901.0
label    in the file NA, None                 read no value, no value
mixed    in the file 007, x                   read 007, x
X2
diff expected seen
