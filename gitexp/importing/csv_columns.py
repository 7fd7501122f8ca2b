"""What the columns of a table of runs are: told by their names, and settled by options."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from gitexp.errors import GitexpError
from gitexp.importing.csv_words import (
    COUNTERS,
    LABELS,
    LIKELY,
    METRICS,
    OURS,
    PARAMS,
    ROLES,
    SAID,
)
from gitexp.model.text import harmless

_TOLD = 8


class Columns(Struct, frozen=True):
    """What each column of a table is."""

    roles: Mapping[str, int]
    params: Mapping[str, int]
    """By the name of the param."""
    metrics: Mapping[str, int]
    labels: Mapping[str, int]
    left: tuple[str, ...]
    """Columns that are none of these."""
    is_ours: bool = False
    """Whether gitexp wrote the table."""
    is_mlflow: bool = False
    """Whether its ids are MLflow's."""
    dates: tuple[str, ...] = ()
    """How times are written, as strptime has it; else what can mean one moment alone is read."""

    def told(self) -> str:
        """Return in words what was taken for what."""
        roles = ", ".join(self.roles)
        parts = {"about the run": roles, "params": _few(self.params), "metrics": _few(self.metrics)}
        if self.left:
            parts["left out"] = f"{_few(self.left)} (`--params` or `--metrics` takes them)"
        said = [f"{name}: {text}" for name, text in parts.items() if text]
        unnamed = [] if "name" in self.roles else ["nothing names the runs (`--name COLUMN`)"]
        return "; ".join([*said, *unnamed])


class Wanted(Struct, frozen=True):
    """What options say of columns: names, or patterns with `*`."""

    params: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    name: str | None = None
    key: str | None = None
    """An empty text: none of them, but all of a row."""
    started: str | None = None
    """An empty text: none of them, and nothing says when the runs were."""
    renamed: tuple[tuple[str, str], ...] = ()
    """Columns, and what their params or metrics are to be called."""
    dates: tuple[str, ...] = ()
    """As `Columns` has them."""


def columns_of(head: Sequence[str], wanted: Wanted) -> Columns:
    """Return what the columns are; raises GitexpError for an option that names none.

    >>> found = columns_of(["Name", "lr", "val_loss"], Wanted())
    >>> found.roles, found.params, found.metrics
    ({'name': 0}, {'lr': 1}, {'val_loss': 2})
    """
    names = [name.strip() for name in head]
    chosen = {
        **dict.fromkeys(_chosen(names, wanted.params, "--params"), "param"),
        **dict.fromkeys(_chosen(names, wanted.metrics, "--metrics"), "metric"),
    }
    roles = _chosen_roles(names, chosen, wanted)
    has_prefixes = any(_cut(name, (*PARAMS, *METRICS)) for name in names)
    kinds: Mapping[str, dict[str, int]] = {"param": {}, "metric": {}, "label": {}}
    left: list[str] = []
    renamed = _renamed(names, wanted)
    for at, name in enumerate(names):
        if at not in chosen and (at in roles.values() or not name):
            continue
        kind, own = _kind(name, chosen.get(at), wanted, has_prefixes=has_prefixes)
        if kind in kinds:
            kinds[kind][_new_name(own, at, renamed, kinds[kind])] = at
        else:
            left.append(name)
    _check_renamed(names, renamed, kinds.values())
    is_mlflow = bool({"run_id", "Source Type"} & {*names} and {"status", "Status"} & {*names})
    return Columns(
        *(roles, kinds["param"], kinds["metric"], kinds["label"], tuple(left)),
        is_ours={*names} >= OURS,
        is_mlflow=is_mlflow,
        dates=wanted.dates,
    )


def _renamed(names: Sequence[str], wanted: Wanted) -> dict[int, str]:
    """Return, by its place, what a column is to be called."""
    found: dict[int, str] = {}
    for name, new in wanted.renamed:
        at = next(iter(_chosen(names, (name,), "--rename")))
        if found.setdefault(at, new) != new:
            raise GitexpError(f"`--rename` gives the column '{harmless(name)}' two names")
    return found


def _new_name(own: str, at: int, renamed: Mapping[int, str], known: Mapping[str, int]) -> str:
    name = renamed.get(at, own)
    if renamed and name in known:
        raise GitexpError(
            f"two columns would be called '{harmless(name)}'",
            hint="Give each of them another name by `--rename COLUMN=NAME`.",
        )
    return name


def _check_renamed(
    names: Sequence[str], renamed: Mapping[int, str], kinds: Iterable[Mapping[str, int]]
) -> None:
    used = {at for kind in kinds for at in kind.values()}
    for at in renamed:
        if at not in used:
            raise GitexpError(
                f"`--rename`: the column '{harmless(names[at])}' is neither a param nor a metric",
                hint="`--params` and `--metrics` name the columns that are.",
            )


def _kind(name: str, chosen: str | None, wanted: Wanted, *, has_prefixes: bool) -> tuple[str, str]:
    """Return what a column holds, and under which name."""
    for prefixes, kind in ((PARAMS, "param"), (METRICS, "metric"), (LABELS, "label")):
        if own := _cut(name, prefixes):
            return chosen or kind, own
    if chosen is not None:
        return chosen, name
    if _plain(name) in SAID:
        return "label", name
    if has_prefixes or name in COUNTERS or _role(name) is not None:
        return "", name
    if wanted.metrics or wanted.params:
        return ("" if wanted.params and wanted.metrics else _rest(wanted)), name
    return ("metric" if LIKELY.search(name) else "param"), name


def _rest(wanted: Wanted) -> str:
    """Return what a column is if an option names all columns of the other kind."""
    return "param" if wanted.metrics else "metric"


def _cut(name: str, prefixes: Iterable[str]) -> str:
    start = next((one for one in prefixes if name.lower().startswith(one)), None)
    return name[len(start) :] if start else ""


def _role(name: str) -> str | None:
    return next((role for role, names in ROLES.items() if _plain(name) in names), None)


def _plain(name: str) -> str:
    return name.lower().replace("_", " ")


def _roles(names: Sequence[str], chosen: Mapping[int, str]) -> dict[str, int]:
    plain = {_plain(name): at for at, name in reversed([*enumerate(names)]) if at not in chosen}
    found: dict[str, int] = {}
    for role, known in ROLES.items():
        at = next((plain[one] for one in known if one in plain), None)
        if at is not None and at not in found.values():
            found[role] = at
    return found


def _chosen_roles(
    names: Sequence[str], chosen: Mapping[int, str], wanted: Wanted
) -> dict[str, int]:
    roles = _roles(names, chosen)
    options = {"name": wanted.name, "key": wanted.key, "started": wanted.started}
    for role, option in options.items():
        if option:
            roles[role] = next(iter(_chosen(names, (option,), f"--{role}")))
    if "key" in roles:  # what tells runs apart names them better than the number of a line
        roles.setdefault("name", roles["key"])
    without = {"key"} if wanted.key == "" else set()
    without |= {"started", "ended"} if wanted.started == "" else set()
    return {role: at for role, at in roles.items() if role not in without}


def _chosen(names: Sequence[str], patterns: Iterable[str], option: str) -> dict[int, None]:
    found: dict[int, None] = {}
    for pattern in patterns:
        some = [at for at, name in enumerate(names) if name == pattern]
        some = some or [at for at, one in enumerate(names) if fnmatch.fnmatchcase(one, pattern)]
        if not some:
            close = difflib.get_close_matches(pattern, names, 1)
            meant = f"Do you mean '{harmless(close[0])}'?" if close else ""
            listed = ", ".join(map(harmless, names[:_TOLD]))
            raise GitexpError(
                f"`{option}`: the table has no column '{harmless(pattern)}'",
                hint=meant or f"It has {listed}{' …' if len(names) > _TOLD else ''}",
            )
        found |= dict.fromkeys(some)
    return found


def cell(cells: Sequence[str], at: int | None) -> str:
    """Return what a cell of a row says; nothing where there is none."""
    return cells[at].strip() if at is not None and at < len(cells) else ""


def _few(names: Iterable[str]) -> str:
    listed = [harmless(one) for one in names]
    more = f" and {len(listed) - _TOLD} more" if len(listed) > _TOLD else ""
    return ", ".join(listed[:_TOLD]) + more
