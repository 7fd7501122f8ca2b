"""Params set on the command line: their grammar, the files they belong to, and the edits."""

from __future__ import annotations

from gitexp.execution.overrides.grammar import Operation, Override, parse_override
from gitexp.execution.overrides.resolve import apply_overrides

__all__ = ["Operation", "Override", "apply_overrides", "parse_override"]
