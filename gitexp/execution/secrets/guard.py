"""What must not enter history: secrets, and what was purged from it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.execution.secrets.finding import Finding, find_secrets
from gitexp.execution.stages import Plan
from gitexp.execution.work_tree.snapshot import Snapshot
from gitexp.git.repository import Repository
from gitexp.model.command.text import command_text
from gitexp.store.purge_state import read_done

_SHOWN = 5


def check_secrets(repository: Repository, plan: Plan, snapshot: Snapshot) -> None:
    """Raise GitexpError if params, command line or new or changed files hold a secret."""
    if plan.request.allow_secrets:
        return
    is_committed = _is_tree_of(repository, plan.baseline, snapshot)
    changed = [] if is_committed else _changed(snapshot, plan.baseline)
    paths = [path for path in changed if path in snapshot.entries]
    found = repository.objects.read_many(snapshot.entries[path].oid for path in paths)
    texts = [(path, blob.content) for path, blob in zip(paths, found, strict=True) if blob]
    words = [plan.command, plan.request.overrides, (plan.request.message,), (plan.name,)]
    texts += [("the command line", os.fsencode(command_text(part))) for part in words]
    _refuse(find_secrets(texts))


def check_text(where: str, content: bytes) -> None:
    """Raise GitexpError if a text that is to be recorded holds a secret."""
    _refuse(find_secrets([(where, content)]))


def _refuse(findings: list[Finding]) -> None:
    if findings:
        raise GitexpError(
            f"a secret would enter history: {_listed(findings)}",
            hint="Take it out (an environment variable is not recorded), mark the line with "
            "`pragma: allowlist secret`, or run again with `--allow-secrets`.",
        )


def _is_tree_of(repository: Repository, commit: str, snapshot: Snapshot) -> bool:
    tree = repository.objects.read(f"{commit}^{{tree}}")
    return tree is not None and tree.oid == snapshot.tree


def _changed(snapshot: Snapshot, baseline: str) -> Iterable[str]:
    if snapshot.changed is not None and snapshot.head.oid == baseline:
        return snapshot.changed
    return snapshot.index.changed_since(baseline)


def check_purged(repository: Repository, plan: Plan, snapshot: Snapshot) -> None:
    """Raise GitexpError if a file that was purged would come back."""
    dead = read_done(repository).content
    if not dead or plan.request.allow_secrets:
        return
    found = [path for path, entry in snapshot.entries.items() if entry.oid in dead]
    if found:
        shown = ", ".join(f"'{path}'" for path in found[:_SHOWN])
        raise GitexpError(
            f"what was purged would enter history again: {shown}",
            hint="Take it out of the work tree, or have git ignore it. With `--allow-secrets` the "
            "run starts anyway, and the next push strips it.",
        )


def without_secrets(top: Path, paths: Iterable[str], tell: Callable[[str], None]) -> list[str]:
    """Return the outputs that hold no secret; warn about the others."""
    kept = []
    for path in paths:
        try:
            file = top / path
            content = os.fsencode(file.readlink()) if file.is_symlink() else file.read_bytes()
        except OSError:
            content = b""  # git will say what is wrong with it
        findings = find_secrets([(path, content)])
        if findings:
            tell(f"warning: left out of the run, because it holds a secret: {_listed(findings)}")
        else:
            kept.append(path)
    return kept


def _listed(findings: list[Finding]) -> str:
    shown = [
        f"{one.where}{f':{one.line}' if one.line else ''} ({one.kind})" for one in findings[:_SHOWN]
    ]
    return ", ".join(shown) + (", …" if len(findings) > _SHOWN else "")
