"""Digests without OpenSSL."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitexp.model.lean_digests import lean_digest


@given(st.sampled_from(["sha1", "sha256"]), st.lists(st.binary(), max_size=3))
def test_the_same_digest_with_and_without_hashlib(name: str, content: list[bytes]) -> None:
    expected = hashlib.new(name, b"".join(content)).hexdigest()
    assert lean_digest(name, *content).hexdigest() == expected
    with pytest.MonkeyPatch.context() as patch:
        patch.delitem(sys.modules, "hashlib")
        assert lean_digest(name, *content).hexdigest() == expected


def test_openssl_is_loaded_for_large_contents_alone() -> None:
    code = (
        "import sys; from gitexp.model.lean_digests import lean_digest as digest\n"
        "digest('sha1', b'small'); print('hashlib' in sys.modules)\n"
        "digest('sha1', bytes(2_000_000)); print('hashlib' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False", "True"]
