"""Records and notes, which may come from anybody: a run that can be told of, or a reason why not."""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any

from gitexp.comparison.query.run_values import run_values
from gitexp.errors import GitexpError
from gitexp.model.facts import events_in, facts_of
from gitexp.model.record import Exit, Inputs, RunRecord
from gitexp.model.record_json import from_json, on_one_line, to_json

from tests.torture.fuzzed.subject import REFUSED
from tests.torture.fuzzed.texts import noise, spoilt
