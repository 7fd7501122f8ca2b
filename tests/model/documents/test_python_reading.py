"""Params in Python files: what DVC finds in them, and nothing that has to be run."""

from __future__ import annotations

import re

import pytest
from dvc.utils.serialize import parse_py

from gitexp.errors import GitexpError
from gitexp.model.documents.edit import edit_document
from gitexp.model.documents.reading import parse_document

SOURCE = '''\
"""Settings."""
import os
LR = 1e-3
SEED: int = 7
NAME = "small"
LAYERS = [64, 32]
SHAPE = (28, 28)
DROP = {"first": 0.1, 2: None}
NEGATIVE = -1
a = b = 3
x, y = 1, 2
PATH = os.environ["HOME"]
SUM = 1 + 2
TEXT = f"{LR}"
open("ran", "w").write("somebody ran this file")


class Train:
    EPOCHS = 10

    class Inner:
        DEEP = True

    def __init__(self, rate=0.5):
        self.momentum = 0.9
        self.rate = rate
        local = 5

    def fit(self):
        self.other = 1


def main():
    INSIDE = 1
'''


def test_values_that_are_written_out_are_those_that_dvc_finds() -> None:
    found = parse_document(SOURCE.encode(), "params.py")

    theirs = parse_py(SOURCE, "params.py")
    assert found == {
        "LR": 0.001, "SEED": 7, "NAME": "small", "LAYERS": [64, 32], "SHAPE": [28, 28],
        "DROP": {"first": 0.1, "2": None}, "NEGATIVE": -1,
        "Train": {"EPOCHS": 10, "Inner": {"DEEP": True}, "momentum": 0.9},
    }  # fmt: skip
    assert found.keys() == theirs.keys()
    assert found["Train"] == theirs["Train"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("a = (", "'p.py' is not valid Python (line 1: '(' was never closed)"),
        ("<<<<<<< HEAD\na = 1\n=======\n>>>>>>> b\n", "'p.py' has conflict markers in line 1"),
        ("a = " + "(" * 300 + ")" * 300, "'p.py' is not valid Python"),
    ],
)
def test_what_is_no_python_is_said(source: str, said: str) -> None:
    with pytest.raises(GitexpError, match=re.escape(said)):
        parse_document(source.encode(), "p.py")


def test_python_is_not_edited() -> None:
    with pytest.raises(GitexpError, match=r"no value can be set in 'p\.py', because that is Py"):
        edit_document(b"A = 1\n", "p.py", {"A": 2}, [("A",)])
