#!/usr/bin/env bash
# joblib's `Memory` computes anew for an array that differs from a known one in nothing but the stride of an axis of length 1.
#
# One expects that two arrays with the same bytes, shape and type, both of them contiguous in either
# order, are one argument. But the strides are part of the hash, and that of an axis of length 1 is
# never used: `x[None]` has 0 there, and `x.reshape(1, -1)` and every copy has another number.
# So what a worker sends back, or what was loaded from a file, misses the cache that its original
# filled, and a batch of one is computed twice. With a batch of two it is not.
#
# Seen with joblib 1.6.0 and numpy 2.4.6 (Python 3.11, Linux):
#
#   x[None], then a pickled copy of it: computed 2 times; strides (0, 8) and (24, 8)
#   two rows, then a pickled copy:      computed 1 time; strides (24, 8) and (24, 8)
#
# Exits 0 while that is so, and 1 if it is otherwise.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work
python3 -m venv "$work/env"
"$work/env/bin/pip" install -q joblib==1.6.0 numpy==2.4.6
cd "$work"
cat > script.py <<'P'
import pickle

import numpy as np
from joblib import Memory

calls = []
memory = Memory("cache", verbose=0)


@memory.cache
def total(array):
    calls.append(array)
    return array.sum()


def computed(array):
    copy = pickle.loads(pickle.dumps(array))
    for one in (array, copy):
        assert one.flags.c_contiguous
    assert copy.tobytes() == array.tobytes() and copy.shape == array.shape and copy.dtype == array.dtype
    calls.clear()
    total(array)
    total(copy)
    return len(calls), f"strides {array.strides} and {copy.strides}"


one, strides_of_one = computed(np.arange(3.0)[None])
two, strides_of_two = computed(np.arange(6.0).reshape(2, 3))
print(f"x[None], then a pickled copy of it: computed {one} times; {strides_of_one}")
print(f"two rows, then a pickled copy:      computed {two} time; {strides_of_two}")
assert (one, two) == (2, 1)
P
env/bin/python script.py
