"""The tools that assistants get, each a command of gitexp with a part of its options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from gitexp.assistants.fields import Field, schema_of, words_of

_WHERE = Field(
    "where",
    "Only runs that match a query: 'accuracy > 0.9 and started > \"2 days ago\"'.",
    option="--where",
)
_TABLE = ("--md",)
_SORT_ORDER = Field("sort_order", "asc or desc; by default the best first.", option="--sort-order")
_RUN = "A name, an id, latest, latest~1, best:METRIC, tag:TAG, or MODEL#STAGE."
_REV = "A run or a git rev; `workspace` is the work tree."
_WHOLE = Field("whole", "All that is recorded of each, as JSON: 2 kB a run.", "flag", "--json")
_NAME = Field("name", "What it is to be called.", option="--name")
_MESSAGE = Field("message", "What it is meant to find out.", option="--message")
_EXPECT = Field("expect", "What it should show: 'accuracy >= baseline + 0.005'.", option="--expect")
_COMMAND = Field(
    "command",
    "The words of the command, such as python and train.py.",
    "texts",
    needed=True,
    is_command=True,
)


class Tool(Struct, frozen=True):
    """One tool: a command, and what of it can be said."""

    name: str
    about: str
    fields: Sequence[Field]
    always: Sequence[str] = ("--json",)
    """Options that are always given."""
    runs: bool = False
    """Whether it runs commands and records runs, which a person has to allow."""

    @property
    def schema(self) -> dict[str, object]:
        """What it takes, as JSON Schema."""
        return schema_of(self.fields)

    def words(self, given: Mapping[str, object]) -> list[str]:
        """Return the command line for what was given, without `gitexp`."""
        return [self.name, *self.always, *words_of(self.fields, given)]


TOOLS = (
    Tool(
        "ls",
        "List recorded runs, newest first, as a table: their metrics, the params that differ.",
        (
            _WHERE,
            Field("sort_by", "A metric, a param or an attribute.", option="--sort-by"),
            _SORT_ORDER,
            Field(
                "limit", "How many; 20 by default, 0 for all.", "number", "--limit", otherwise="20"
            ),
            Field("group", "One row for runs that repeat one another.", "flag", "--group"),
            Field("running", "The runs under way alone.", "flag", "--running"),
            _WHOLE,
        ),
        always=_TABLE,
    ),
    Tool(
        "show",
        "Show one run whole, as JSON: its record, comments, packages, the end of its log.",
        (Field("run", f"{_RUN} The latest by default."),),
    ),
    Tool(
        "diff",
        "Show what differs, as JSON: params, metrics, data, models, environment, outputs, code.",
        (
            Field(
                "revs",
                f"{_REV} Two or more; none compares the work tree with HEAD.",
                "texts",
            ),
        ),
    ),
    Tool(
        "best",
        "Show the best runs by a metric, best first, as a table; by several metrics, those that no"
        " other run beats in all of them.",
        (
            Field("metrics", "Such as accuracy or val.loss.", "texts", needed=True),
            _WHERE,
            _SORT_ORDER,
            Field("limit", "How many; 0 for all.", "number", "--limit"),
            _WHOLE,
        ),
        always=_TABLE,
    ),
    Tool(
        "review",
        "Judge the change from one rev to another by the project's policy, as JSON."
        " `passed` is the answer, `reasons` say why not.",
        (
            Field("base", "A git rev or a run; by default the remote's default branch."),
            Field("head", "A git rev or a run; HEAD by default."),
        ),
    ),
    Tool(
        "story",
        "Tell the hypotheses of the runs and what became of them, in Markdown.",
        (_WHERE,),
        always=(),
    ),
    Tool(
        "sql",
        "Answer one SELECT in SQLite's dialect over the runs, as JSON. Tables: runs (a column for"
        " each metric and param), metrics, params, curves, tags, outputs; without a statement,"
        " they are listed with their columns.",
        (Field("statement", "Such as: select name, accuracy from runs where lr < 0.1"),),
    ),
    Tool(
        "run",
        "Run a command and record it as a run; answers with its record, as JSON.",
        (
            Field("params", "Params to set, each as key=value.", "texts", "--set-param"),
            _NAME,
            _MESSAGE,
            _EXPECT,
            Field("timeout", "End it after this: 30m, 8h.", option="--timeout"),
            Field("temp", "Run in a copy of the work tree.", "flag", "--temp"),
            Field("needed", "Only if no such run is known.", "flag", "--needed"),
            Field("repeat", "So many times, with other seeds.", "number", "--repeat"),
            _COMMAND,
        ),
        runs=True,
    ),
    Tool(
        "sweep",
        "Run a command once for each point of a space of params; answers with the best, as JSON.",
        (
            _NAME,
            _MESSAGE,
            _EXPECT,
            Field("number", "How many points; all of a grid by default.", "number", "-N"),
            Field("sampler", "How points are chosen, such as random or tpe.", option="--sampler"),
            Field("minimize", "The metric to make small.", option="--minimize"),
            Field("maximize", "The metric to make large.", option="--maximize"),
            Field("jobs", "How many runs at once.", "number", "--jobs"),
            Field("max_time", "Start no run after this: 30m, 8h.", option="--max-time"),
            Field("dry_run", "Only say what would be run.", "flag", "--dry-run"),
            Field("space", "Axes: lr=0.1,0.01 or depth=range(2,10,2).", "texts", needed=True),
            _COMMAND,
        ),
        runs=True,
    ),
)


def offered(*, may_run: bool) -> dict[str, Tool]:
    """Return the tools that there are, by name."""
    return {tool.name: tool for tool in TOOLS if may_run or not tool.runs}
