"""`gitexp sweep`: what it would run, and what it refuses."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from gitexp.errors import ExitCode

from tests.workshop import Git, Gitexp, commit_all, write


def planned(gitexp: Gitexp, *words: str) -> list[tuple[int, dict[str, object], str]]:
    """Return number, values and fate of each run of a sweep."""
    ended = gitexp("sweep", "--dry-run", "--json", *words)
    assert ended.code == ExitCode.OK, ended.err
    runs = json.loads(ended.out)["runs"]
    return [(run["point"], run["values"], run["what"]) for run in runs]


@pytest.mark.usefixtures("work_tree")
def test_a_dry_run_says_what_a_sweep_is_and_runs_nothing(gitexp: Gitexp, git: Git) -> None:
    before = git("status", "--porcelain"), git("for-each-ref")

    assert gitexp("sweep", "rate=0.1,0.2", "seed=range(1,3)", "-n", "scan", "--dry-run") == (
        ExitCode.OK,
        dedent("""\
            sweep     scan (b9zabey4b1)
            sampler   grid
            points    4
            command   python train.py
            inputs    v2:bd10cf9bc04e5927f3113a8eb00b46d20377fe91
            runs      4 to run
            point   rate   seed            run
            0        0.1      1   to run
            1        0.1      2   to run
            2        0.2      1   to run
            3        0.2      2   to run
        """),
        "",
    )
    assert (git("status", "--porcelain"), git("for-each-ref")) == before


@pytest.mark.usefixtures("work_tree")
def test_an_option_of_gitexps_that_goes_to_the_command_is_named(gitexp: Gitexp) -> None:
    command = ("--", "python", "train.py", "--seed", "1", "--dry-run")

    code, out, err = gitexp("sweep", "rate=0.1,0.2", "--dry-run", *command)

    assert code == ExitCode.OK
    assert "command   python train.py --seed 1 --dry-run\n" in out
    assert err == (
        "note: '--dry-run' goes to the command; if it is meant for gitexp, put it before `--`\n"
    )


@pytest.mark.usefixtures("work_tree")
def test_an_option_of_gitexps_behind_a_command_without_dashes_starts_nothing(
    gitexp: Gitexp, git: Git
) -> None:
    for option in ("--dry-run", "--maximize=score", "--jobs"):
        ended = gitexp("sweep", "rate=0.1,0.2", "python", "train.py", option)

        name = option.partition("=")[0]
        assert ended == (
            ExitCode.ERROR,
            "",
            (
                f"error: '{name}' stands behind the command, and would go to `python`\n"
                "hint: Put it before `python`; if the command is to have it, write `-- python …`.\n"
            ),
        )
    assert git("for-each-ref", "refs/gitexp", "refs/heads/experiments") == ""


@pytest.mark.usefixtures("work_tree")
def test_a_run_with_the_same_inputs_and_command_covers_its_point(gitexp: Gitexp) -> None:
    assert gitexp("run", "--temp", "-S", "rate=0.2", "-n", "one").code == ExitCode.OK
    assert gitexp("run", "--temp", "-S", "rate=0.3", "--", "python", "train.py", "-x").code == 0
    axis = f"rate={','.join(str(at / 10) for at in range(1, 61))}"

    few = planned(gitexp, "rate=0.1,0.2,0.3", "seed=1")
    many = planned(gitexp, axis)
    again = planned(gitexp, "rate=0.1,0.2", "--again", "all")

    assert [what for _, _, what in few] == ["to run", "covered", "to run"]
    assert [number for number, _, what in many if what == "covered"] == [1]
    assert len(many) == 60
    assert [what for _, _, what in again] == ["to run", "to run"]


def test_a_run_that_wrote_over_a_model_covers_its_point_unless_it_may_have_read_it(
    work_tree: Path, gitexp: Gitexp
) -> None:
    write(work_tree, {"fit.sh": "cat params.yaml > model.joblib\n"})
    commit_all(work_tree)
    fresh, resumed = (("sh", "fit.sh", *more) for more in ((), ("--from", "model.joblib")))
    for rate, command in (("0.2", fresh), ("0.3", fresh), ("0.3", resumed)):
        assert gitexp("run", "-S", f"rate={rate}", "--", *command).code == ExitCode.OK

    for command, expected in ((fresh, "covered"), (resumed, "to run")):
        last = gitexp("sweep", "rate=0.3,0.4", "--dry-run", "--json", "--", *command)
        [first, second] = json.loads(last.out)["runs"]
        assert (first["what"], second["what"]) == (expected, "to run"), command
        again = gitexp("run", "--temp", "--needed", "-S", "rate=0.3", "--", *command)
        assert again.err.startswith("not needed") == (expected == "covered"), command


def test_a_params_file_that_git_converts_is_hashed_as_git_holds_it(
    work_tree: Path, gitexp: Gitexp, git: Git
) -> None:
    ending = {".gitattributes": "*.yaml text eol=crlf\n"}
    write(work_tree, {**ending, "params.yaml": "rate: 0.1\r\nseed: 1\r\n"})
    commit_all(work_tree)
    assert b"\r\n" in (work_tree / "params.yaml").read_bytes()
    assert "\r" not in git("show", "HEAD:params.yaml")
    assert gitexp("run", "--temp", "-S", "rate=0.2").code == ExitCode.OK

    assert [what for _, _, what in planned(gitexp, "rate=0.1,0.2")] == ["to run", "covered"]


def test_axes_come_from_words_yaml_csv_and_from_ls(work_tree: Path, gitexp: Gitexp) -> None:
    write(
        work_tree,
        {
            "space.yaml": "rate: {values: [0.1, 0.2]}\nseed: {values: [1, 2], when: rate = 0.2}\n",
            "points.csv": "rate,seed\n0.3,\n0.1,4\n",
        },
    )
    commit_all(work_tree)

    assert planned(gitexp, "--space", "space.yaml") == [
        (0, {"rate": 0.1}, "to run"),
        (1, {"rate": 0.2, "seed": 1}, "to run"),
        (2, {"rate": 0.2, "seed": 2}, "to run"),
    ]
    assert planned(gitexp, "--points", "points.csv", "--such-that", "rate < 0.2") == [
        (0, {"rate": 0.1, "seed": 4}, "to run"),
    ]
    assert planned(gitexp, "rate=0.1,0.2", "--points", "1", "--sampler", "grid") == [
        (0, {"rate": 0.1}, "to run")
    ]
    assert gitexp("run", "--temp", "-S", "rate=0.7").code == ExitCode.OK
    (work_tree / ".git" / "listed.csv").write_text(gitexp("ls", "--csv").out)
    assert planned(gitexp, "--points", ".git/listed.csv") == [
        (0, {"rate": 0.7, "seed": 1}, "covered")
    ]


@pytest.mark.usefixtures("work_tree")
def test_the_command_begins_after_two_dashes_or_at_the_first_word_that_is_no_axis(
    gitexp: Gitexp,
) -> None:
    def command(line: str) -> list[str]:
        ended = gitexp("sweep", *shlex.split(line))
        assert ended.code == ExitCode.OK, ended.err
        return list(json.loads(ended.out)["command"])

    assert command("rate=1,2 --json --dry-run -j 2 -- python train.py -j 3") == [
        *("python", "train.py", "-j", "3")
    ]
    assert command("--json -n scan rate=1,2 -j2 --dry-run python train.py --lr={rate}") == [
        *("python", "train.py", "--lr={rate}")
    ]
    assert command("rate=1,2 --json --dry-run") == ["python train.py"]


@pytest.mark.usefixtures("work_tree")
def test_a_dry_run_imports_nothing_that_starts_agents_or_learns() -> None:
    script = (
        "import sys; from gitexp.cli.main import main\n"
        "print(int(main(['sweep', '--dry-run', '-j', '2', 'rate=1,2'])))\n"
        "print([m for m in ('joblib', 'numpy', 'optuna', 'dvc', 'git') if m in sys.modules])"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert loaded.stdout.endswith("\n0\n[]\n")


REFUSED = {
    "rate=interval(0,1)": "nothing says how many points 'random' is to try",
    "rate=interval(0,1) --sampler grid": "a grid needs values, and 'rate' is an interval",
    "rates=1,2": "nothing reads 'rates': no params file has such a key, and the command has no "
    "'{rates}'",
    "x.yaml:rate=1,2": "'x.yaml' is not one of the params files",
    "rate=1,2 rate=3": "'rate' has two axes",
    "rate=1,2 params.yaml:rate=3": "'rate' and 'params.yaml:rate' both set 'rate'",
    "rate=1,2 -S rate=3": "'rate' and '-S rate=3' both set 'rate'",
    "rate=1,2 --sampler tpe -N 4": "'tpe' learns from results, and nothing says from which metric",
    "rate=1,2 --metric f1": "nothing says whether a high or a low 'f1' is better",
    "rate=1,2 --metric loss --minimize loss": "the metric 'loss' is named twice",
    "rate=1,2 --such-that 'rate > 2'": "no point fulfils 'rate > 2'",
    "rate=1,2 --such-that 'loss > 2'": "no axis 'loss' to decide by\n  loss > 2\n  ^^^^",
    "rate=range(1,9000) seed=range(1,9000)": "the grid has 80,982,001 points",
    "rate=range(1,9000) seed=range(1,9000) -N 999999999": "80,982,001 points are more than a "
    "sweep can have",
    "rate=interval(0,1) --sampler random -N 999999999": "999,999,999 points are more than a sweep "
    "can have",
    "rate=1,2 --window 2": "`--window` means nothing for 'grid', which learns from no results",
    "rate=1,2 --repeat-key seed": "`--repeat-key` without repeats",
    "rate=1,2 --repeat 999999999": "999,999,999 repeats are too many: at most 10,000",
    "rate=1,2 seed=1,2 --repeat 3": "'seed' has 2 values for 3 repeats",
    "rate=1,2 -n a..b": "'a..b' is not a valid name for a run",
    "rate=1,2 -o tpe": "the override 'tpe' has no value",
    "rate=1,2 --points none.csv": "cannot read 'none.csv' of `--points`: No such file or directory",
    "rate=1,2 --points 2 -N 3": "`--points` and `-N` both say how many points",
    "rate=1,2 --gpus 0,1 --slot A=1": "`--gpus` and `--slot` both say what tells agents apart",
    "rate=1,2 --gpus 0,1 -j 3": "3 agents, and 2 places for them",
    "rate=1,2 --slot 1": "'1' sets no variables",
    "rate=1,2 -j 0": "invalid value for '-j' / '--jobs': give a number of agents, or `auto`",
    "rate=1,2 --resume scan": "`--resume` goes on with a sweep as it is, and a space would make it "
    "another one",
    "--resume scan": "no sweep 'scan'",
    "--agent": "an agent needs a sweep that has begun",
    "--count 2 rate=1": "`--count` is for an agent",
    "-- python train.py": "nothing to try: the sweep has no axes",
    "-S rate=1,2": "nothing to try: the sweep has no axes\n"
    "hint: `-S` sets one value in every point; without it, `rate=1,2` is an axis.",
    "python train.py rate=1,2": "nothing to try: the sweep has no axes\n"
    "hint: 'rate=1,2' goes to the command; if it is an axis, put it before `python`.",
    "rate=1, 2": "'rate=1,' ends in a comma\n"
    "hint: Write the values with no space after the comma: `rate=1,…`.",
    "rate=1,2 -- no-such-command": "command 'no-such-command' not found",
    "rate=1,2 --follow 2 -- python train.py": "there is no point 2 to follow",
    "rate=1,2 --gpus one": "'one' names no GPUs, or one twice",
}


def test_repeats_without_a_seed_are_told_how_to_write_one(work_tree: Path, gitexp: Gitexp) -> None:
    (work_tree / "params.yaml").write_text("rate: 1\n")

    def hint(*command: str) -> str:
        words = ("rate=1,2", "--repeat", "3", "--dry-run", "--", "python", "train.py", *command)
        return gitexp("sweep", *words).err.splitlines()[-1]

    assert hint("--seed", "0") == (
        "hint: Write `--seed {seed}` in the command: each repeat has another value there."
    )
    assert hint().startswith("hint: Write `{seed}` where the command takes it, as `--seed {seed}`;")


@pytest.mark.usefixtures("work_tree")
def test_what_no_sweep_can_be_made_of_is_refused_before_anything_runs(
    gitexp: Gitexp, git: Git
) -> None:
    for words, message in REFUSED.items():
        at = words.find(" -- ")
        line = f"{words[:at]} --dry-run{words[at:]}" if at >= 0 else f"--dry-run {words}"

        ended = gitexp("sweep", *shlex.split(line))

        assert (ended.code, ended.out) == (ExitCode.ERROR, ""), words
        assert ended.err.startswith(f"error: {message}\n"), words
        assert "hint: " in ended.err, words
    assert git("for-each-ref", "refs/gitexp", "refs/heads/experiments") == ""


def test_a_metric_that_is_a_slip_for_one_that_runs_have_is_refused(
    work_tree: Path, gitexp: Gitexp
) -> None:
    words = ("sweep", "rate=1,2", "--dry-run", "--maximize")
    assert gitexp("run", "-n", "one").code == ExitCode.OK

    assert gitexp(*words, "acuracy") == (
        ExitCode.ERROR,
        "",
        (
            "error: no run has a metric 'acuracy'\n"
            "hint: Did you mean 'accuracy'? If the command has only now begun to write it, record "
            "one run of it first: `gitexp run`.\n"
        ),
    )
    assert gitexp(*words, "other").code == ExitCode.OK  # it may be new
    assert gitexp(*words, "acuracy", "--", "python", "train.py", "-x").code == ExitCode.OK
    write(work_tree, {"gitexp.yaml": "command: python train.py\npolicy: {acuracy: {goal: max}}\n"})
    assert gitexp(*words, "acuracy").code == ExitCode.OK


@pytest.mark.usefixtures("work_tree")
def test_values_go_into_the_command_where_it_says_so_and_seeds_tell_repeats_apart(
    gitexp: Gitexp,
) -> None:
    ended = gitexp(
        *("sweep", "--dry-run", "--json", "rate=1,2", "--repeat", "2"),
        *("--", "python", "train.py", "--rate={rate}"),
    )
    found = json.loads(ended.out)

    assert ended.err == "note: 'rate' goes into the command alone, not into 'params.yaml'\n"
    assert found["repeats"] == 2
    assert [(run["point"], run["repeat"]) for run in found["runs"]] == [
        *((0, 1), (0, 2), (1, 1), (1, 2))
    ]


def test_repeats_differ_in_the_one_seed_of_the_params_files(
    work_tree: Path, gitexp: Gitexp
) -> None:
    settings = (work_tree / "gitexp.yaml").read_text() + "params: [params.yaml, split.yaml]\n"
    write(work_tree, {"gitexp.yaml": settings, "split.yaml": "split_seed: 3\n"})
    several = gitexp("sweep", "--dry-run", "rate=1,2", "--repeat", "2")
    write(work_tree, {"split.yaml": "share: 3\n"})
    one = gitexp("sweep", "--dry-run", "--json", "rate=1,2", "--repeat", "2")

    message = "several params may be the seed: 'params.yaml:seed', 'split.yaml:split_seed'"
    hint = "Say which one repeats differ in: `--repeat-key params.yaml:seed`."
    assert several == (ExitCode.ERROR, "", f"error: {message}\nhint: {hint}\n")
    assert (one.code, json.loads(one.out)["repeats"]) == (ExitCode.OK, 2)


def test_a_params_file_that_cannot_be_read_is_told_as_such(work_tree: Path, gitexp: Gitexp) -> None:
    write(work_tree, {"params.yaml": "rate: [\n"})

    ended = gitexp("sweep", "--dry-run", "rate=1,2")

    assert ended.code == ExitCode.ERROR
    assert "params.yaml" in ended.err
    assert "nothing reads" not in ended.err


def test_a_secret_in_the_work_tree_or_in_any_point_refuses_a_sweep(
    work_tree: Path, gitexp: Gitexp
) -> None:
    tried = gitexp("sweep", "--dry-run", f"rate=1,'ghp_{'a1B2' * 9}'")
    assert tried.code == ExitCode.ERROR
    assert tried.err.startswith("error: a secret would enter history: the sweep")
    write(work_tree, {"train.py": f"key = 'ghp_{'a1B2' * 9}'\n"})

    ended = gitexp("sweep", "--dry-run", "rate=1,2")

    assert ended.code == ExitCode.ERROR
    assert ended.err.startswith("error: a secret would enter history: train.py (GitHub Token)")


def test_what_is_probably_a_slip_is_noted(work_tree: Path, gitexp: Gitexp) -> None:
    (work_tree / "params.yaml").write_text("rate: 1\nnet:\n  depth: 2\n")
    command = ("--", "python", "train.py", "--ep={ep}", "{rat}", "${HOME}", "awk {print} x")

    replaced = "is a mapping in 'params.yaml', and points put other values in its place"
    code, _, err = gitexp("sweep", "rate=1,2", "net=1,2", "--dry-run", *command)

    assert code == ExitCode.OK
    assert err.splitlines() == [
        f"note: 'net' {replaced}; `net.depth=…` sets a value in it",
        "note: '{ep}' in the command is no axis, and stays",
        "note: '{rat}' in the command is no axis, and stays; did you mean '{rate}'?",
    ]
    code, _, err = gitexp("sweep", "net.depth")
    assert code == ExitCode.ERROR
    assert "the sweep has no axes, and 'net.depth' was taken for its command" in err
