"""What every run has: the attributes, and which values they can be compared with."""

from __future__ import annotations

from typing import Literal

AttributeType = Literal[
    "text", "status", "verdict", "tags", "sweep", "oid", "time", "duration", "number"
]

ATTRIBUTES: dict[str, AttributeType] = {
    "name": "text",
    "id": "text",
    "status": "status",
    "reason": "text",
    "tag": "tags",
    "verified": "text",
    "started": "time",
    "ended": "time",
    "duration": "duration",
    "command": "text",
    "message": "text",
    "hypothesis": "verdict",
    "baseline": "oid",
    "inputs": "oid",
    "user": "text",
    "host": "text",
    "project": "text",
    "sweep": "sweep",
    "point": "number",
    "repeat": "number",
}
"""The attributes by name."""

STATUSES = ("done", "failed", "interrupted")
REASONS = {"lost": "lost", "pruned": "pruned", "stopped": "stopped", "timed out": "timeout"}
"""Reasons of runs that were interrupted, by the words that people see as their status."""
STATUS_HINTS = {
    **dict.fromkeys(("finished", "success", "succeeded", "completed", "ok"), "done"),
    **dict.fromkeys(("error", "crashed", "failure"), "failed"),
    **dict.fromkeys(("killed", "canceled", "cancelled"), "interrupted"),
    **dict.fromkeys(("timeout", "timedout", "timed_out", "timed-out"), "timed out"),
}
"""Statuses by the names that other tools have for them."""

PREFIXES = ("attributes.", "attribute.", "attr.")
"""How attributes may be marked as such."""

CALLED_ELSEWHERE = {
    "tags": "tag",
    "run_id": "id",
    "run_name": "name",
    "start_time": "started",
    "created": "started",
    "end_time": "ended",
    "state": "status",
    "commit": "baseline",
    "user_id": "user",
    "hostname": "host",
    "description": "message",
}
"""Attributes by names that other tools have for them."""
