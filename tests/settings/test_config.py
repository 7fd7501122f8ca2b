from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from gitexp.errors import GitexpError
from gitexp.model.change_rules import Budget, ChangeRules
from gitexp.model.paths import ProjectPath
from gitexp.model.policy import Policy, Rule
from gitexp.settings.config import DEFAULT_TRACK, Config
from gitexp.settings.hydra import Composition
from gitexp.settings.parsing import parse_config

FULL = """\
command: python train.py
branch: runs
remote_branch: team/runs
mirror: dvc
params: [params.yaml, conf/model.toml]
metrics: {metrics.json: "outputs/*/metrics.json"}
plots: [plots/]
track: ["*.joblib", "checkpoints/"]
max_file_size: 10MB
outputs: [results.csv]
not_inputs: ["/docs/"]
shared: [../libs]
record: {host: false, user: true}
system: off
policy:
  accuracy: {goal: max, tolerance: 0.002, min: 0.90, max_drop: 0.01}
  val.loss: {goal: min, max: 1}
  "test.*": {relative_tolerance: 1%, goal: max, max_relative_drop: 0.02, required: true}
review:
  data: forbidden
  environment: allowed
  params: noted
  code: noted
  sizes:
    "*.pt": {max_size: 1GB, max_growth: 20%}
    models/: {max_growth: 50MB}
  seeds: init
"""


@pytest.mark.parametrize("content", ["", "\n", "# nothing\n", "{}\n", "---\n", "null\n", "\ufeff"])
def test_everything_has_a_default(content: str) -> None:
    assert parse_config(content.encode()) == Config()


def test_the_defaults_are_those_of_the_reference() -> None:
    assert Config() == Config(
        command=(),
        branch="experiments",
        remote_branch=None,
        mirror=None,
        params=(ProjectPath("params.yaml"),),
        metrics=("metrics.json",),
        renamed_metrics={},
        plots=(),
        track=tuple(DEFAULT_TRACK),
        max_file_size=5_000_000,
        outputs=(),
        not_inputs=(
            *("/README*", "/CHANGELOG*", "/LICENSE*", ".github/", ".gitlab/", ".gitlab-ci.yml"),
            *(".pre-commit-config.yaml", ".editorconfig", ".vscode/", ".idea/"),
        ),
        shared=(),
        system=True,
        record_host=True,
        record_user=True,
        policy=Policy(),
        review=ChangeRules(
            params="allowed",
            code="allowed",
            data="noted",
            environment="noted",
            sizes=(),
            seeds=("*seed", "*random_state"),
        ),
    )


def test_every_setting() -> None:
    assert parse_config(FULL.encode()) == Config(
        command=("python train.py",),
        branch="runs",
        remote_branch="team/runs",
        mirror="dvc",
        params=(ProjectPath("params.yaml"), ProjectPath("conf/model.toml")),
        metrics=(),
        renamed_metrics={"metrics.json": "outputs/*/metrics.json"},
        plots=("plots/",),
        track=("*.joblib", "checkpoints/"),
        tracks_ignored=True,
        names_params=True,
        max_file_size=10_000_000,
        outputs=("results.csv",),
        not_inputs=(*Config().not_inputs, "/docs/"),
        shared=("../libs",),
        system=False,
        record_host=False,
        policy=Policy(
            (
                ("accuracy", Rule("max", tolerance=0.002, min=0.9, max_drop=0.01)),
                ("val.loss", Rule("min", max=1)),
                (
                    "test.*",
                    Rule("max", relative_tolerance=0.01, max_relative_drop=0.02, required=True),
                ),
            )
        ),
        review=ChangeRules(
            params="noted",
            code="noted",
            data="forbidden",
            environment="allowed",
            sizes=(
                ("*.pt", Budget(max_size=10**9, max_growth=0.2)),
                ("models/", Budget(max_growth_bytes=50_000_000)),
            ),
            seeds=("init",),
        ),
    )


def test_what_is_held_out_is_spelled_as_git_does() -> None:
    config = parse_config(b"held_out: [./data/test.csv, data//images/]\n")

    assert config.held_out == ("data/test.csv", "data/images")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("python train.py", ("python train.py",)),
        ("' make '", ("make",)),
        ("[python, 'a b.py']", ("python", "a b.py")),
        ('"a && b"', ("a && b",)),
    ],
)
def test_a_command_is_a_line_for_the_shell_or_its_words(
    command: str, words: tuple[str, ...]
) -> None:
    assert parse_config(f"command: {command}\n".encode()).command == words


def test_a_single_text_will_do_for_a_list() -> None:
    config = parse_config(b"metrics: {a.json: 'out/*.json', b.json: {stale: drop}, c.json: {}}\n")

    assert config.metrics == ("b.json", "c.json")
    assert config.renamed_metrics == {"a.json": "out/*.json"}
    assert config.stale_metrics == {"b.json": "drop"}

    config = parse_config(b"params: conf.yaml\nmetrics: m.json\n")

    assert (config.params, config.metrics) == (("conf.yaml",), ("m.json",))


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("1000", 1000),
        ("'1000'", 1000),
        ("5MB", 5_000_000),
        ("5 mb", 5_000_000),
        ("1.5 GiB", 1_610_612_736),
        ("2KiB", 2048),
        ("1TB", 10**12),
        ("10B", 10),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_config(f"max_file_size: {text}\n".encode()).max_file_size == size


def refusal(content: str, **more: Any) -> tuple[str, str | None]:
    with pytest.raises(GitexpError) as caught:
        parse_config(dedent(content).encode(), **more)
    return str(caught.value), caught.value.hint


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        (
            "command: ls\n\nmetrcs: [a]\n",
            "gitexp.yaml, line 3: unknown setting 'metrcs'",
            "Did you mean 'metrics'?",
        ),
        (
            "record:\n  host: true\n  usr: true\n",
            "gitexp.yaml, line 3: unknown setting 'record.usr'",
            "Did you mean 'user'?",
        ),
        (
            "policy: {loss: {gaol: min}}\n",
            "gitexp.yaml, line 1: unknown setting 'policy.loss.gaol'",
            "Did you mean 'goal'?",
        ),
        (
            "policy:\n  data: {goal: max}\nreview:\n  dta: noted\n",
            "gitexp.yaml, line 4: unknown setting 'review.dta'",
            "Did you mean 'data'?",
        ),
        (
            "review:\n  sizes:\n    models/: {max_grow: 20%}\n",
            "gitexp.yaml, line 3: unknown setting 'review.sizes.models/.max_grow'",
            "Did you mean 'max_growth'?",
        ),
        (
            "sweep: {engine: ray}\n",
            "gitexp.yaml, line 1: unknown setting 'sweep.engine'",
            "Known are jobs, threads, timeout, copy, lease, prune.",
        ),
        (
            "record: {zzz: true}\n",
            "gitexp.yaml, line 1: unknown setting 'record.zzz'",
            "Known are host, user.",
        ),
        (
            "1: x\n",
            "gitexp.yaml, line 1: unknown setting '1'",
            (
                "Known are command, branch, remote_branch, mirror, params, hydra, metrics, "
                "capture, plots, track, tracker_files, max_file_size, series, outputs, not_inputs, "
                "shared, held_out, evaluate, record, system, hooks, policy, review, promote, sweep."
            ),
        ),
        (
            '# comment\n"metrcs": &a [x]\n',
            "gitexp.yaml, line 2: unknown setting 'metrcs'",
            "Did you mean 'metrics'?",
        ),
    ],
)
def test_an_unknown_setting_is_named_with_its_line_and_the_close_one(
    content: str, message: str, hint: str
) -> None:
    assert refusal(content) == (message, hint)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("branch: [a]\n", "line 1: 'branch' must be a text"),
        ("branch: ''\n", "line 1: 'branch' must be a text"),
        ("branch: 1\n", "line 1: 'branch' must be a text"),
        ("command: true\n", "line 1: 'command' must be a command: a text or a list of its words"),
        ("command: ' '\n", "line 1: 'command' must be a command: a text or a list of its words"),
        ("command: []\n", "line 1: 'command' must be a command: a text or a list of its words"),
        ("command: [a, 1]\n", "line 1: 'command' must be a list of texts"),
        ("params: {a: 1}\n", "line 1: 'params' must name a path or pattern for each name"),
        ("hydra: [a]\n", "line 1: 'hydra' must be true, false or a mapping"),
        (
            "hydra: {config_dir: ../x}\n",
            "line 1: 'hydra.config_dir' must be a path in the project's folder",
        ),
        (
            "held_out: [../a.csv]\n",
            "line 1: 'held_out' must be a list of paths in the project's folder",
        ),
        ("held_out: /a\n", "line 1: 'held_out' must be a list of paths in the project's folder"),
        ("\nparams:\n  - a\n  - 1\n", "line 2: 'params' must be a list of texts"),
        ("metrics: {a: [b]}\n", "line 1: 'metrics' must name a path or pattern for each name"),
        (
            "metrics:\n  a: {stale: x}\n",
            "line 2: 'metrics.a.stale' must be note, drop or keep",
        ),
        ("metrics: {a: {stael: drop}}\n", "line 1: unknown setting 'metrics.a.stael'"),
        (
            "capture: [mlflow, aim]\n",
            "line 1: 'capture' must be a list of mlflow, wandb and tensorboard, or one of them",
        ),
        ("track: null\n", "line 1: 'track' must be a list of texts"),
        ("max_file_size: 5XB\n", "line 1: 'max_file_size' must be a size such as 5MB"),
        ("max_file_size: true\n", "line 1: 'max_file_size' must be a size such as 5MB"),
        ("max_file_size: -1\n", "line 1: 'max_file_size' must be a size such as 5MB"),
        ("max_file_size: 1.5\n", "line 1: 'max_file_size' must be a size such as 5MB"),
        ("record: yes please\n", "line 1: 'record' must be a mapping with host, user"),
        ("record:\n  host: 1\n", "line 2: 'record.host' must be true or false"),
        ("policy: [loss]\n", "line 1: 'policy' must be a mapping from metrics to rules"),
        (
            "policy:\n  loss: min\n",
            (
                "line 2: 'policy.loss' must be a mapping with goal, tolerance, relative_tolerance, "
                "min, max, max_drop, max_relative_drop, required"
            ),
        ),
        ("policy:\n  loss: {goal: lower}\n", "line 2: 'policy.loss.goal' must be max or min"),
        ("policy: {loss:\n  {min: '1'}}\n", "line 2: 'policy.loss.min' must be a number"),
        ("policy: {loss: {max: true}}\n", "line 1: 'policy.loss.max' must be a number"),
        (
            "policy:\n  loss:\n    min: 2\n    max: 1\n",
            "line 3: 'policy.loss.min' must not be above 'max'",
        ),
        (
            "policy:\n  loss:\n    max_relative_drop: 2%\n",
            (
                "line 3: 'policy.loss.max_relative_drop' needs a 'goal' beside it "
                "that says what is worse"
            ),
        ),
        (
            "policy: {loss: {relative_tolerance: wide}}\n",
            "line 1: 'policy.loss.relative_tolerance' must be a part such as 0.02 or 2%",
        ),
        ("policy: {loss: {required: 1}}\n", "line 1: 'policy.loss.required' must be true or false"),
        (
            "review: forbidden\n",
            (
                "line 1: 'review' must be a mapping with params, code, data, environment, sizes, "
                "seeds, signatures"
            ),
        ),
        (
            "review:\n  data: never\n",
            "line 2: 'review.data' must be allowed, noted or forbidden",
        ),
        (
            "review: {sizes: 1GB}\n",
            "line 1: 'review.sizes' must be a mapping from patterns to budgets",
        ),
        (
            "review:\n  sizes:\n    models/: 1GB\n",
            "line 3: 'review.sizes.models/' must be a mapping with max_size, max_growth",
        ),
        (
            "review:\n  sizes:\n    '*.pt':\n      max_growth: 0.2\n",
            (
                "line 4: 'review.sizes.*.pt.max_growth' must be a part such as 20% "
                "or a size such as 5MB"
            ),
        ),
        (
            "review: {sizes: {'*.pt': {max_growth: lots}}}\n",
            (
                "line 1: 'review.sizes.*.pt.max_growth' must be a part such as 20% "
                "or a size such as 5MB"
            ),
        ),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_with_its_line(content: str, message: str) -> None:
    assert refusal(content)[0] == f"gitexp.yaml, {message}"


@pytest.mark.parametrize("number", [".nan", "-1", "-.inf"])
@pytest.mark.parametrize(
    "key", ["tolerance", "max_drop", "relative_tolerance", "max_relative_drop"]
)
def test_how_far_a_metric_may_move_is_no_less_than_nothing(key: str, number: str) -> None:
    message, _ = refusal(f"policy: {{loss: {{{key}: {number}}}}}\n")

    assert message.startswith(f"gitexp.yaml, line 1: 'policy.loss.{key}' must be ")


@pytest.mark.parametrize("key", ["relative_tolerance", "max_relative_drop"])
def test_a_bare_number_that_was_meant_in_percent_is_refused(key: str) -> None:
    message, _ = refusal(f"policy: {{loss: {{goal: min, {key}: 2}}}}\n")

    assert message == (
        f"gitexp.yaml, line 1: 'policy.loss.{key}' must be a part such as 0.02 or 2%; "
        "2 would be 200%"
    )
    [(_, rule)] = parse_config(
        f"policy: {{loss: {{goal: min, {key}: 200%}}}}".encode()
    ).policy.rules
    assert getattr(rule, key) == 2


@pytest.mark.parametrize("pattern", ["*.f1", "*f1"])
def test_a_pattern_without_quotes_is_told_to_have_some(pattern: str) -> None:
    message, hint = refusal(f"policy:\n  {pattern}: {{min: 0.5}}\n")

    assert message.startswith("'gitexp.yaml' is not valid YAML (line 2, ")
    assert hint == 'Quote what begins with a `*`: `"*.loss"`.'


def test_a_star_that_is_not_what_is_wrong_is_left_alone() -> None:
    _, hint = refusal("command: python train.py 2 * 3: a: b\n")

    assert hint == "Fix `gitexp.yaml`, then try again."


@pytest.mark.parametrize(
    "name", ["my runs", "a..b", "x.lock", "-x", "a/", "/a", "a~1", "HEAD", "@", "a\nb", "a:b"]
)
def test_a_branch_that_git_does_not_take_is_refused_before_any_run(name: str) -> None:
    message, _ = refusal(f"branch: {name!r}\n".replace("'a\\nb'", '"a\\nb"'))

    assert message.startswith("gitexp.yaml, line 1: 'branch' must be ")


def test_a_setting_that_is_there_twice_is_an_error() -> None:
    message, _ = refusal("branch: a\nbranch: b\n")

    assert message.startswith("'gitexp.yaml' is not valid YAML (line 2, column 1")


@pytest.mark.parametrize("content", ["- a\n", "text\n"])
def test_a_configuration_is_a_mapping(content: str) -> None:
    assert "'gitexp.yaml' holds a" in refusal(content)[0]


def test_the_file_is_called_by_its_path(tmp_path: Path) -> None:
    del tmp_path

    assert refusal("brnch: a\n", name="nets/gitexp.yaml")[0].startswith("nets/gitexp.yaml, line 1:")


def test_metrics_files_have_a_path_a_row_and_a_rule_for_what_is_stale() -> None:
    found = parse_config(
        b"metrics:\n"
        b"  logs/*/metrics.csv: {row: last}\n"
        b"  best.csv: {path: out/*/m.csv, row: best}\n"
        b"  a.json: {path: out/*/a.json, stale: drop}\n"
        b"policy: {loss: {goal: min}}\n"
    )

    assert found.metrics == ("logs/*/metrics.csv",)
    assert found.renamed_metrics == {"best.csv": "out/*/m.csv", "a.json": "out/*/a.json"}
    assert found.metrics_rows == {"logs/*/metrics.csv": "last", "out/*/m.csv": "best"}
    assert found.stale_metrics == {"out/*/a.json": "drop"}


def test_the_best_row_needs_a_goal() -> None:
    with pytest.raises(GitexpError, match="line 2: 'row: best' needs a metric with a 'goal'"):
        parse_config(b"branch: runs\nmetrics: {a.csv: {row: best}}\npolicy: {loss: {max: 1}}\n")


def test_params_are_files_patterns_and_patterns_with_a_name() -> None:
    listed = parse_config(b'params: [params.yaml, "logs/*/hparams.yaml"]\n')
    named = parse_config(b'params: {config: "out/*/c.yaml", p: params.yaml}\n')

    assert listed.params == ("params.yaml",)
    assert listed.found_params == {"logs/*/hparams.yaml": ""}
    assert named.params == ()
    assert named.found_params == {"out/*/c.yaml": "config", "params.yaml": "p"}
    assert named.names_params


def test_hydra_is_on_off_or_somewhere_else() -> None:
    on, off = parse_config(b"hydra: true\n"), parse_config(b"hydra: false\n")
    elsewhere = parse_config(b"hydra: {config_dir: ./configs/, config_name: train}\n")

    assert on.hydra == Composition("conf", "config", ProjectPath("params.yaml"))
    assert (off.hydra, off.names_hydra, Config().names_hydra) == (None, True, False)
    assert elsewhere.hydra == Composition("configs", "train", ProjectPath("params.yaml"))
