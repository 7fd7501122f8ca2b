from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitexp.errors import ExitCode, GitexpError
from gitexp.importing.csv_columns import Wanted, columns_of
from gitexp.importing.csv_dates import check_format
from gitexp.importing.foreign import Found, foreign_id
from gitexp.importing.from_csv import found
from gitexp.model.values import same
from gitexp.project import Project

from tests.importing.stored import database, records_of
from tests.workshop import Git, Gitexp

WANDB = (
    '"Name","State","Notes","User","Tags","Created","Runtime","Sweep","lr","optimizer","val_loss"\n'
    '"calm-sun-1","finished","a note","ada","base, x","2026-01-02T03:04:05.000Z","90","",'
    '0.1,"adam",0.5\n'
    '"calm-sun-1","crashed","","ada","","2026-01-02T04:04:05.000Z","1","",0.2,"sgd","NaN"\n'
)
"""As W&B's page exports a table of runs."""
MLFLOW = (
    "run_id,experiment_id,status,artifact_uri,start_time,end_time,metrics.loss,params.lr,params.on,"
    "tags.mlflow.runName,tags.mlflow.user,tags.team\n"
    "0123456789abcdef0123456789abcdef,1,FINISHED,/a,2026-01-02 03:04:05.678000+00:00,"
    "2026-01-02 03:05:05.678000+00:00,0.5,0.1,True,one,ada,vision\n"
)
"""As `mlflow.search_runs().to_csv()` writes it."""


@pytest.fixture
def project(work_tree: Path) -> Iterator[Project]:
    """The project of the work tree."""
    with Project.open(work_tree) as opened:
        yield opened


def test_tables_of_others_come_once_and_say_what_was_taken_for_what(
    gitexp: Gitexp, project: Project, tmp_path: Path, git: Git
) -> None:
    (tmp_path / "w.csv").write_text(WANDB)
    (tmp_path / "m.csv").write_text(MLFLOW)

    first = gitexp("import", "csv", tmp_path / "w.csv")
    again = gitexp("import", "csv", tmp_path / "w.csv")
    gitexp("import", "csv", tmp_path / "m.csv")

    assert first.out == "imported 2 runs of the table\n"
    assert "; params: lr, optimizer; metrics: val_loss\n" in first.err
    assert again.out == "2 runs are here already\n"
    runs = {one.name: one for one in records_of(project).values()}
    assert set(runs) == {"calm-sun-1", "calm-sun-1-2", "one"}
    done = runs["calm-sun-1"]
    assert (done.status, done.message, done.tags) == ("done", "a note", ("base", "x"))
    assert (done.started, done.duration) == ("2026-01-02T03:04:05.000Z", 90)
    assert done.params == {"csv": {"lr": 0.1, "optimizer": "adam"}}
    assert same(runs["calm-sun-1-2"].metrics, {"csv": {"val_loss": float("nan")}})
    assert runs["calm-sun-1-2"].status == "failed"
    one = runs["one"]
    assert one.id == foreign_id("mlflow", "0123456789abcdef0123456789abcdef")
    assert (one.params, one.metrics) == ({"csv": {"lr": 0.1, "on": True}}, {"csv": {"loss": 0.5}})
    assert (one.user, one.duration, one.extra["imported"]["tags"]) == (
        *("ada", 60),
        {"experiment_id": "1", "team": "vision"},
    )
    assert git("fsck", "--full", "--strict", "--no-dangling") == ""


@pytest.mark.usefixtures("project")
def test_what_was_purged_does_not_come_back(gitexp: Gitexp, tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text(WANDB)
    gitexp("import", "csv", tmp_path / "w.csv")
    gitexp("purge", "--force", "calm-sun-1")

    again = gitexp("import", "csv", tmp_path / "w.csv")

    assert again.out == "1 run is here already; 1 run was purged, and stays out\n"
    assert again.code == ExitCode.OK
    assert "calm-sun-1 " not in gitexp("ls").out


@pytest.mark.usefixtures("project")
def test_a_row_whose_key_is_here_with_other_values_is_named(gitexp: Gitexp, tmp_path: Path) -> None:
    table, token = tmp_path / "t.csv", "ghp_" + "0123456789abcdefghijABCDEFGHIJ012345"
    head = "run_id,started,params.lr,params.token,metrics.acc\n"
    same_row = f"2,2026-01-02,0.1,{token},NaN\n"
    table.write_text(f"{head}1,2026-01-02,0.1,,0.5\n{same_row}")
    gitexp("import", "csv", table)

    table.write_text(f"{head}1,2026-03-04,0.2,,0.5\n{same_row}{same_row}")
    again = gitexp("import", "csv", table)
    apart = gitexp("import", "csv", "--key", "", table)

    assert (again.code, again.out) == (
        ExitCode.OK,
        "3 runs are here already (1 with other values)\n",
    )
    assert again.err.splitlines()[1:] == [
        "note: '1': is here already with other values (lr, started, ended), and stays as it is",
        "hint: Another `--key` makes other runs of such rows; `--key ''` goes by all of a row.",
    ]
    assert apart.out == "imported 3 runs of the table\n"


def test_a_key_that_stands_for_two_runs_is_refused_before_any_is_recorded(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("run_id,lr,acc\na,1,1\nz1,0.1,0.5\nz1,0.2,0.9\na,1,1 \nz1,3,3\nb,1,1\nb,2,2\n")

    with pytest.raises(GitexpError) as error:
        found(table, Wanted(), lambda _: None)
    whole = [*found(table, Wanted(key=""), lambda _: None)]

    assert str(error.value) == (
        "'t.csv' has the run_id 'z1' in line 3 and, with other values, in line 4;"
        " so it is with 1 other"
    )
    assert "`--key ''` goes by all that a row holds" in (error.value.hint or "")
    assert [one.label for one in whole] == ["a", "z1", "z1", "a", "z1", "b", "b"]
    assert len({one.key for one in whole if isinstance(one, Found)}) == len(whole)


@pytest.mark.usefixtures("project")
def test_seeds_alone_are_repeats_and_the_best_params_are_the_best(
    gitexp: Gitexp, tmp_path: Path
) -> None:
    table = tmp_path / "old.csv"
    table.write_text(
        "name,lr,seed,accuracy\na,0.1,0,0.9\nb,0.1,1,0.92\nc,0.01,0,0.95\nd,0.001,0,0.93\n"
    )
    assert gitexp("import", "csv", table).code == ExitCode.OK

    best = json.loads(gitexp("best", "accuracy", "--sort-order", "desc", "--json").out)

    assert [one["name"] for one in best[:2]] == ["c", "d"]
    assert len(best) == 3


def test_the_table_that_gitexp_writes_gives_the_same_runs(
    gitexp: Gitexp, project: Project, tmp_path: Path, git: Git
) -> None:
    gitexp("import", "mlflow", database(tmp_path / "exported.db", "exported.sql"))
    before = records_of(project)
    gitexp("export", "csv", "-o", tmp_path / "runs.csv")
    git("branch", "-D", "experiments")

    gitexp("import", "csv", tmp_path / "runs.csv")

    after = records_of(project)
    assert set(after) == set(before)
    for run_id, one in after.items():
        was = before[run_id]
        for what in ("name", "status", "tags", "message", "command", "started", "baseline", "exit"):
            assert getattr(one, what) == getattr(was, what)
        assert same(one.metrics["csv"], was.metrics["mlflow"])
        params = dict(was.params["mlflow"])
        assert same(one.params["csv"], params)


def test_counters_of_wandb_are_neither_params_nor_metrics() -> None:
    assert columns_of(["Name", "_step", "_runtime", "lr"], Wanted()).params == {"lr": 3}
    assert columns_of(["Name", "_step"], Wanted(metrics=("_step",))).metrics == {"_step": 1}


def test_a_first_line_may_be_as_long_as_it_likes(tmp_path: Path) -> None:
    names = [f"param_{at:020}" for at in range(4000)]
    (tmp_path / "wide.csv").write_text(f"name,{','.join(names)}\none{',1' * 4000}\n")

    [one] = found(tmp_path / "wide.csv", Wanted(), lambda _: None)

    assert isinstance(one, Found)
    assert len(one.read().params) == len(names)


def test_options_say_what_columns_are_and_name_those_that_are_not_there() -> None:
    head = ["trial", "lr", "loss", "opt.name", "acc"]

    chosen = columns_of(head, Wanted(metrics=("loss", "a*"), name="trial", key="trial"))
    both = columns_of(head, Wanted(metrics=("loss",), params=("opt.*",)))

    assert (chosen.metrics, chosen.params) == ({"loss": 2, "acc": 4}, {"lr": 1, "opt.name": 3})
    assert chosen.roles == {"name": 0, "key": 0}
    assert (both.params, both.metrics, both.left) == (
        {"opt.name": 3},
        {"loss": 2},
        ("trial", "lr", "acc"),
    )
    with pytest.raises(GitexpError, match="no column 'los'") as error:
        columns_of(head, Wanted(metrics=("los",)))
    assert error.value.hint == "Do you mean 'loss'?"


def test_columns_are_called_as_new_runs_call_them() -> None:
    head = ["lr", "params.opt", "val_loss", "other"]
    renamed = (("lr", "train.lr"), ("params.opt", "train.opt"), ("val_loss", "val.loss"))

    plain = columns_of(head[::2], Wanted(renamed=renamed[::2]))
    prefixed = columns_of(head, Wanted(renamed=renamed[1:2]))

    assert (plain.params, plain.metrics) == ({"train.lr": 0}, {"val.loss": 1})
    assert (prefixed.params, prefixed.left) == ({"train.opt": 1}, ("lr", "val_loss", "other"))
    for wrong, message in (
        ((("name", "lr2"),), "the column 'name' is neither a param nor a metric"),
        ((("rate", "train.lr"),), "`--rename`: the table has no column 'rate'"),
        ((("lr", "other"),), "two columns would be called 'other'"),
        ((("lr", "a"), ("lr", "b")), "`--rename` gives the column 'lr' two names"),
    ):
        with pytest.raises(GitexpError, match=message):
            columns_of(["name", "lr", "other"], Wanted(renamed=wrong))


def test_a_date_is_when_the_run_began_if_it_can_mean_one_day_alone(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("name,date,day,loss\na,2026-01-02T03:04:05Z,1767323046,1\nb,NaT,,2\n")

    def started(wanted: Wanted) -> list[tuple[float | None, tuple[str, ...]]]:
        runs = [
            one.read() for one in found(table, wanted, lambda _: None) if isinstance(one, Found)
        ]
        assert all("date" not in run.params for run in runs) or wanted.started
        return [(run.started, run.problems) for run in runs]

    [first, (_, problems)] = started(Wanted())
    [chosen, _] = started(Wanted(started="day"))

    assert [first, chosen] == [(1767323045, ()), (1767323046, ())]
    assert problems == (
        "started 'NaT' is not mapped: neither like 2026-01-31T09:30 nor seconds since 1970",
        "nothing says when it was: the date of the file stands for that",
    )


def test_dates_are_read_as_somebody_says_and_runs_are_called_by_what_tells_them_apart(
    tmp_path: Path,
) -> None:
    table = tmp_path / "t.csv"
    table.write_text(
        "run_id,date,lr\nexp-1,04/05/2024,1\nexp-2,04/05/2024 10:30,2\nexp-3,2024-05-04,3\n"
    )
    told: list[str] = []

    def read(*formats: str) -> list[tuple[str, float | None, str]]:
        runs = found(table, Wanted(dates=formats), told.append)
        made = [one.read() for one in runs if isinstance(one, Found)]
        return [(run.name, run.started, run.problems[0] if run.problems else "") for run in made]

    [first, (_, _, other), iso] = read("%d/%m/%Y")
    [_, second, _] = read("%d/%m/%Y", "%d/%m/%Y %H:%M")

    assert told[0] == "note: columns: about the run: key, started, name; params: lr"
    assert (first, iso) == (("exp-1", 1714780800, ""), ("exp-3", 1714780800, ""))
    assert second == ("exp-2", 1714780800 + 10.5 * 3600, "")
    assert other.endswith("is not mapped: not like %d/%m/%Y; `--date-format` may be repeated")


@pytest.mark.parametrize(
    ("texts", "line", "hint"),
    [
        ("04/05/2024", 2, "`--date-format %d/%m/%Y` or `--date-format %m/%d/%Y` says which is"),
        ("2024-05-04,04/05/2024,13/05/2024", 3, "`--date-format %d/%m/%Y` reads it;"),
        ("02/03/2026 00:00:00,01/13/2026 00:00:00", 2, "`--date-format '%m/%d/%Y %H:%M:%S'` reads"),
        ("NaT,2024/05/04", 3, "`--date-format %Y/%m/%d` reads it;"),
        ("20260102", 2, "`--date-format %Y%m%d` reads it;"),
        ("4 May 2024", 2, "`--date-format '%d %b %Y'` reads it;"),
        (
            "5/14/24,5/4/24 1:30 PM",
            2,
            "`--date-format %m/%d/%y --date-format '%m/%d/%y %I:%M %p'` reads it;",
        ),
        ("13/05/2024,05/13/2024", 2, "`--date-format` says how it is written;"),
        ("soon", 2, "`--date-format` says how it is written;"),
    ],
)
def test_a_time_that_may_be_another_is_refused_with_the_formats_that_fit_all(
    texts: str, line: int, hint: str, tmp_path: Path
) -> None:
    table = tmp_path / "t.csv"
    table.write_text("name,ended,lr\n" + "".join(f"a,{one},1\n" for one in texts.split(",")))

    with pytest.raises(GitexpError, match=f"in line {line} the time ") as error:
        found(table, Wanted(), lambda _: None)
    undated = [*found(table, Wanted(started=""), lambda _: None)]

    assert (error.value.hint or "").startswith(hint)
    assert [one.read().ended for one in undated if isinstance(one, Found)] == [
        table.stat().st_mtime
    ] * len(undated)


@pytest.mark.usefixtures("project")
def test_nothing_is_recorded_of_a_table_whose_dates_nobody_settled(
    gitexp: Gitexp, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text("run_id,date,lr\na,2024-05-04,1\nb,04/05/2024,2\n")

    refused = gitexp("import", "csv", tmp_path / "t.csv")
    settled = gitexp("import", "csv", "--date-format", "%d/%m/%Y", tmp_path / "t.csv")

    assert (refused.code, refused.out) == (ExitCode.ERROR, "")
    assert "error: 't.csv' has in line 3 the time '04/05/2024' (started), which may mean" in (
        refused.err
    )
    assert settled.out == "imported 2 runs of the table\n"


@pytest.mark.parametrize(
    "text", ["%d/%m", "%Y", "day", "%q%d/%m/%Y", "%", "%Y-%m-%d\0", "%d/%d/%m/%Y"]
)
def test_a_format_that_gives_no_day_is_refused(text: str) -> None:
    with pytest.raises(GitexpError, match="is no format of dates"):
        check_format(text)


def test_columns_that_are_left_out_are_told_with_what_takes_them() -> None:
    told = columns_of(["lr", "metrics.y"], Wanted()).told()

    assert told == (
        "metrics: y; left out: lr (`--params` or `--metrics` takes them);"
        " nothing names the runs (`--name COLUMN`)"
    )


def test_what_is_no_table_of_runs_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    for text, message in (
        ("", "is empty"),
        ("1,2\n3,4\n", "begins with numbers"),
        ("Step,calm-1 - loss,calm-1 - loss__MIN\n0,1,1\n", "is a chart's data"),
        ('name,lr\n"a,1\n', "unexpected end of data"),
        ("name,lr\n\udcff,1\n", "is not UTF-8"),
    ):
        table.write_bytes(text.encode(errors="surrogateescape"))
        with pytest.raises(GitexpError, match=message):
            list(found(table, Wanted(), lambda _: None))
    table.write_text("name,lr\na,1,2\nb,2\n")
    rows = list(found(table, Wanted(), lambda _: None))
    assert [type(one).__name__ for one in rows] == ["Unreadable", "Found"]
    with pytest.raises(GitexpError, match="there is no file"):
        found(tmp_path / "no.csv", Wanted(), lambda _: None)


def test_a_secret_in_a_store_is_masked(gitexp: Gitexp, project: Project, tmp_path: Path) -> None:
    token = "ghp_" + "0123456789abcdefghijABCDEFGHIJ012345"
    (tmp_path / "t.csv").write_text(f"name,params.token\none,{token}\n")

    ended = gitexp("import", "csv", tmp_path / "t.csv")

    assert ended.code == ExitCode.OK
    assert "1 secret(s) are masked in its record" in ended.err
    [record] = records_of(project).values()
    assert record.params == {"csv": {"token": "***"}}


@pytest.mark.parametrize("cell", ["9" * 400 + ":00:00", "9" * 5000 + ":00:00", "9" * 400 + " h"])
def test_a_duration_that_no_number_holds_is_no_crash(tmp_path: Path, cell: str) -> None:
    table = tmp_path / "t.csv"
    table.write_text(f"name,duration,lr\none,{cell},0.1\n")

    (one,) = found(table, Wanted(), lambda _: None)

    assert isinstance(one, Found)
    assert one.read().params == {"lr": 0.1}


def test_what_only_a_person_takes_for_a_number_is_said(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("name;loss;acc;verdict\na;0,64;71%;good\nb;0.5;1e-3;v1.2\n")

    runs = [one.read() for one in found(table, Wanted(), lambda _: None) if isinstance(one, Found)]

    about_the_date = "nothing says when it was: the date of the file stands for that"
    assert [run.problems for run in runs] == [
        (
            about_the_date,
            "metric 'loss' is the text '0,64', and no number",
            "metric 'acc' is the text '71%', and no number",
        ),
        (about_the_date,),
    ]
