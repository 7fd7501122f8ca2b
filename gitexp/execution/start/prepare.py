"""Everything that can fail before a command starts, found out before it starts."""

from __future__ import annotations

import contextlib
import posixpath
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from gitexp.errors import GitexpError
from gitexp.execution.overrides.composition import composition_of
from gitexp.execution.stages import Plan, Request
from gitexp.execution.start.attempts import attempt_of
from gitexp.execution.start.called_from import project_hint
from gitexp.execution.start.chosen import chosen_command
from gitexp.git.commits import check_identity
from gitexp.git.refs import asked_for_refs
from gitexp.model.documents.reading import is_editable
from gitexp.model.hypothesis import Hypothesis
from gitexp.model.names import check_name, generated_name, new_id
from gitexp.model.override import Override
from gitexp.model.paths import ProjectPath
from gitexp.project import Project
from gitexp.revisions.links import LedAway, file_behind
from gitexp.store.branch import usable_tip
from gitexp.store.own import PENDING


def prepare(project: Project, request: Request, *, has_command: bool = True) -> Plan:
    """Decide what to run; only reads. Raises GitexpError for whatever would fail later.

    Without a command, decide how to record what there is.
    """
    repository, config = project.repository, project.config
    run_id = new_id()
    name = generated_name(run_id) if request.name is None else request.name
    named = (f"refs/heads/{name}", f"refs/tags/{name}")
    wanted = (f"refs/heads/{config.branch}", *named, PENDING)
    with asked_for_refs(repository, *wanted) as refs_found:
        baseline = repository.objects.commit("HEAD")
        if baseline is None:
            raise GitexpError(
                "there is no commit yet for a run to start from",
                hint="Make one with `git commit --allow-empty -m start`.",
            )
        check_identity(repository)
        command, argv = chosen_command(project, request) if has_command else ((), ())
        refs = refs_found()
    earlier: str | None = None
    usable_tip(repository, config.branch, refs)
    if request.name is not None:
        check_name(name)
        attempt = attempt_of(project, name, request.job, refs, or_free=request.alone)
        name, earlier = attempt.name, attempt.earlier
        request = replace(request, job=attempt.job)
    plan = Plan(
        *(run_id, name, request, command, argv, baseline),
        others_wait=any(ref.name.startswith(PENDING) for ref in refs),
        earlier=earlier,
    )
    return _with_params(project, plan, has_command=has_command)


def prepare_next(
    project: Project,
    request: Request,
    named: tuple[str, str],
    baseline: str,
    written: frozenset[ProjectPath],
) -> Plan:
    """Decide the same for one of many runs whose project, branch and names were looked at before.

    `named` are its id and its name, `written` the params files that runs write. Raises GitexpError
    for what its params alone may have wrong.
    """
    command, argv = chosen_command(project, request)
    return _with_params(project, Plan(*named, request, command, argv, baseline), written=written)


def _with_params(
    project: Project,
    plan: Plan,
    *,
    has_command: bool = True,
    written: frozenset[ProjectPath] | None = None,
) -> Plan:
    """Return a plan with what becomes of the params files, and what follows from that."""
    request = plan.request
    contents = params_contents(project)
    _check_readable(project, contents, has_command=has_command)
    edited = _edited(project, contents, request, written, has_command=has_command)
    return replace(
        plan,
        edits=edited.edits,
        before=edited.before,
        overrides=edited.overrides,
        composed=edited.composed,
        hypothesis=_hypothesis(project, request, plan.baseline),
        held_out=_held_out(project, request, plan.command, {**contents, **edited.edits}),
    )


def _held_out(
    project: Project, request: Request, command: tuple[str, ...], params: Mapping[str, bytes]
) -> tuple[ProjectPath, ...]:
    if not project.config.held_out or not command:
        return ()
    from gitexp.execution.start.held_out import check_held_out  # noqa: PLC0415 - 2 ms, where something is held out

    return check_held_out(project, command, params, allowed=request.allow_held_out)


def _hypothesis(project: Project, request: Request, baseline: str) -> Hypothesis | None:
    if request.expect is None:
        return None
    from gitexp.execution.start.expected import hypothesis  # noqa: PLC0415 - 20 ms, for `--expect` alone

    return hypothesis(project, request.expect, baseline)


class _Edited(Struct, frozen=True):
    """What becomes of params files before a run."""

    before: Mapping[str, bytes]
    edits: Mapping[str, bytes] = {}
    overrides: tuple[Override, ...] = ()
    composed: str | None = None


def _edited(
    project: Project,
    contents: Mapping[str, bytes],
    request: Request,
    written: frozenset[ProjectPath] | None,
    *,
    has_command: bool,
) -> _Edited:
    """Compose the params that Hydra composes, and apply the other overrides.

    What is made again has its params already.
    """
    is_first = has_command and request.rerun_of is None and not request.unrecorded
    wanted = composition_of(project) if is_first else None
    if wanted is None:
        return _overridden(project, contents, request.overrides, written)
    from gitexp.execution.overrides.composed import composed_edit  # noqa: PLC0415 - 3 ms, and Hydra's 250

    found = contents_of(project, [wanted.output])
    others, edit = composed_edit(project, wanted, request.overrides, found)
    edited = _overridden(project, {**contents, **found}, others, written)
    return replace(edited, edits={**edited.edits, **edit}, composed=wanted.output)


def _overridden(
    project: Project,
    contents: Mapping[str, bytes],
    texts: Sequence[str],
    written: frozenset[ProjectPath] | None,
) -> _Edited:
    if not texts:
        return _Edited(contents)
    from gitexp.execution.overrides.grammar import parse_override  # noqa: PLC0415 - 55 ms with those below, for -S alone
    from gitexp.execution.overrides.linked import editable_among  # noqa: PLC0415
    from gitexp.execution.overrides.ours import ours_among  # noqa: PLC0415
    from gitexp.execution.overrides.resolve import apply_overrides  # noqa: PLC0415

    overrides = tuple(parse_override(text) for text in texts)
    contents = {**contents, **_named_outright(project, contents, overrides)}
    ours = editable_among(project, ours_among(project, contents, overrides, written), overrides)
    # The same bytes are parsed above, and what is written here is parsed when it is recorded.
    try:
        edits = apply_overrides(ours, overrides, project.documents.draft)
    except GitexpError as error:
        _check_checked_out(project, contents, error)
        if not contents and (hint := project_hint(project)) is not None:
            raise GitexpError(str(error), hint=hint) from error
        raise
    return _Edited(contents, edits, overrides)


def _named_outright(
    project: Project, contents: Mapping[str, bytes], overrides: Iterable[Override]
) -> dict[str, bytes]:
    """Return the files that overrides name, of those that no setting calls params."""
    named = {posixpath.normpath(one.file) for one in overrides if one.file is not None}
    wanted = [name for name in sorted(named - contents.keys()) if not name.startswith(("/", "../"))]
    return contents_of(project, (name for name in wanted if is_editable(name)))


def _check_checked_out(project: Project, contents: Mapping[str, bytes], error: GitexpError) -> None:
    """Raise GitexpError if what cannot be set may be in a file that a sparse checkout left out."""
    missing = [name for name in project.params_files if name not in contents]
    for name in missing:
        listed = project.repository.git(
            "ls-files", "-t", "--", f":(top,literal){project.path(name)}"
        )
        if listed.startswith(b"S "):
            raise GitexpError(
                f"'{name}' is not in the work tree, because a sparse checkout leaves it out: "
                "`-S` cannot set its values",
                hint=f"`git sparse-checkout add {posixpath.dirname(project.path(name)) or name}` "
                "brings it.",
            ) from error


def _check_readable(project: Project, contents: Mapping[str, bytes], *, has_command: bool) -> None:
    """Raise GitexpError for what could not be recorded; what the command writes may be broken."""
    for path, content in contents.items():
        try:
            project.documents.parse(content, path)
        except GitexpError:
            from gitexp.execution.overrides.ours import written_by_runs  # noqa: PLC0415 - 1 ms, on the way out

            if not has_command or path not in written_by_runs(project):
                raise


def overruled(plan: Plan) -> list[tuple[Override, Override]]:
    """Return the overrides that a later one of the same key replaces, each with that one.

    Mappings are merged, and what is removed was not set.
    """
    values = [one for one in plan.overrides if one.has_value and not isinstance(one.value, dict)]
    last = {(one.file, one.key): one for one in values}
    pairs = ((one, last[one.file, one.key]) for one in values)
    return [(one, later) for one, later in pairs if one.text != later.text]


def params_contents(project: Project) -> dict[str, bytes]:
    """Return the params files that are there, by path in the project; links are followed."""
    return contents_of(project, project.params_files)


def contents_of(project: Project, names: Iterable[str]) -> dict[str, bytes]:
    """Return those of some files that are there, by path in the project; links are followed."""
    found: dict[str, bytes] = {}
    for name in names:
        with contextlib.suppress(LedAway):  # a note says so, once the run starts
            file = file_behind(project, project.path(ProjectPath(name)))
            if file is not None:
                found[name] = file.read_bytes()
    return found
