"""`gitexp note`: what people have to say about a run."""

from __future__ import annotations

import os
import shlex

import click

from gitexp.cli import output
from gitexp.cli.completion import complete_run
from gitexp.cli.options import format_option, tell, with_project
from gitexp.errors import GitexpError
from gitexp.model.record import Comment
from gitexp.project import Project
from gitexp.registry.naming import get_run
from gitexp.rendering.late_facts import author_name, comments_document
from gitexp.store.facts import append
from gitexp.store.stored_run import StoredRun


@click.command(context_settings={"allow_extra_args": True})
@click.argument("run", shell_complete=complete_run)
@click.option(
    "-m", "--message", "texts", multiple=True, help="Write this; repeat for another paragraph."
)
@click.option("-e", "--edit", is_flag=True, help="Write in the editor that git uses.")
@format_option
@with_project
def note(
    project: Project, *, run: str, texts: tuple[str, ...], edit: bool, format_name: str
) -> None:
    """Write a comment on RUN, or show its comments.

    Comments are late facts: they do not touch the run's commit, and travel with
    `gitexp push` and `gitexp pull`.

    \b
    Examples:
      gitexp note brave-otter-7f -m "diverges after epoch 30; see the log"
      gitexp note brave-otter-7f --edit
      gitexp note brave-otter-7f
    """
    if words := click.get_current_context().args:
        raise GitexpError(
            f"'{words[0]}' is one word too many",
            hint=f"Give it with `-m`: `gitexp note {run} -m {shlex.quote(' '.join(words))}`.",
        )
    found = get_run(project, run)
    if not texts and not edit:
        output.show(project, comments_document(found.facts.comments), format_name)
        return
    written = "\n\n".join(part.strip() for part in texts)
    if edit:
        written = _edited(project, found, written)
    if not written.strip():
        raise GitexpError("the comment is empty, and was not written")
    append(project.repository, [(found, "note", written.strip())])
    tell(f"commented on '{found.name}'")


def _edited(project: Project, run: StoredRun, start: str) -> str:
    """Return what somebody writes in an editor, without the lines that begin with '#'."""
    about = "\n".join(f"# {line}".rstrip() for line in _about(run))
    text = click.edit(f"{start}\n{about}\n", editor=_editor(project), require_save=False) or ""
    return "\n".join(line for line in text.splitlines() if not line.startswith("#"))


def _editor(project: Project) -> str:
    """Return the editor that git would start."""
    if asked := os.environ.get("GIT_EDITOR"):
        return asked
    found = project.repository.attempt("var", "GIT_EDITOR")
    if found.returncode != 0:
        said = os.fsdecode(found.stderr).strip().removeprefix("error: ")
        raise GitexpError(f"no editor to write in: {said}", hint="Give the comment with `-m`.")
    return os.fsdecode(found.stdout).strip()


def _about(run: StoredRun) -> list[str]:
    lines = [
        f"A comment on run '{run.name}'. Lines that begin with '#' are left out;",
        "an empty text writes nothing.",
    ]
    for comment in run.facts.comments:
        lines += ["", *_quoted(comment)]
    return lines


def _quoted(comment: Comment) -> list[str]:
    return [f"{author_name(comment.by)}, {comment.time}:", *comment.text.splitlines()]
