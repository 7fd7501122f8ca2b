"""A params file composed by Hydra, as DVC does where `hydra.enabled` is set.

What a repository says never makes gitexp import code of the project, or record a variable of the
environment.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import sysconfig
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.execution.overrides.composition import for_composition
from gitexp.model.documents.reading import parse_document
from gitexp.model.values import same
from gitexp.project import Project
from gitexp.settings.hydra import Composition


def composed_edit(
    project: Project, wanted: Composition, texts: Iterable[str], found: Mapping[str, bytes]
) -> tuple[list[str], dict[str, bytes]]:
    """Return the overrides that are not Hydra's, and the params file if it says something new.

    `found` has the params file, if it is there. Raises GitexpError for what Hydra refuses.
    """
    ours, others = for_composition(texts, wanted.output)
    before = found.get(wanted.output)
    content = composed(project, wanted, ours, before)
    return others, {} if content == before else {wanted.output: content}


def composed(
    project: Project, wanted: Composition, overrides: Sequence[str], before: bytes | None
) -> bytes:
    """Return the new content of the params file; the one before, if its values are the same.

    Raises GitexpError for what Hydra refuses.
    """
    folder = project.root / wanted.config_dir
    _check_there(wanted, folder)
    content = _compose(project, wanted, folder, overrides)
    if before is not None:
        with contextlib.suppress(GitexpError):
            old = parse_document(before, wanted.output)
            if same(old, parse_document(content, wanted.output)):
                return before
    return content


def _check_there(wanted: Composition, folder: Path) -> None:
    if wanted.config_dir.startswith(("/", "..")) or not folder.is_dir():
        raise GitexpError(
            f"there is no folder '{wanted.config_dir}' in the project for Hydra to compose from",
            "Name it: `hydra: {config_dir: DIR}` in gitexp.yaml.",
        )


def _compose(
    project: Project, wanted: Composition, folder: Path, overrides: Sequence[str]
) -> bytes:
    with contextlib.redirect_stdout(io.StringIO()), _without_environment():
        from hydra import compose, initialize_config_dir  # noqa: PLC0415 - 250 ms together, where params are composed
        from omegaconf import OmegaConf  # noqa: PLC0415

        from gitexp.execution.overrides.confined import confine  # noqa: PLC0415

        _check_plugins(project)
        try:
            with initialize_config_dir(str(folder.resolve()), version_base=None):
                confine(project.root, folder)
                config = compose(config_name=wanted.config_name, overrides=list(overrides))
            OmegaConf.resolve(config)
            text: str = OmegaConf.to_yaml(config)
        except GitexpError:
            raise
        except Exception as error:
            raise _refused(wanted, error) from error
    return text.encode()


def _refused(wanted: Composition, error: Exception) -> GitexpError:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    options = [line for line in lines[1:] if not line.startswith(("full_key", "object_type"))]
    reason = lines[0] if lines else type(error).__name__
    shown = " ".join((reason, *options[:4]))
    return GitexpError(
        f"Hydra cannot compose '{wanted.output}' from '{wanted.config_dir}': {shown}",
        f"`-S` sets what Hydra knows: `key=value`, `group=NAME` for a file of "
        f"`{wanted.config_dir}/group/`, `+key=value` to add one.",
    )


def _check_plugins(project: Project) -> None:
    """Raise GitexpError if Hydra would import plugins that lie in the repository.

    What is installed for the Python that runs gitexp is not meant, wherever that environment is.
    """
    found = importlib.util.find_spec("hydra_plugins")
    places = (found.submodule_search_locations or ()) if found is not None else ()
    installed = {Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib")}
    for place in (Path(one).resolve() for one in places):
        if place.is_relative_to(project.repository.top) and place.parent not in installed:
            raise GitexpError(
                f"'{place}' has plugins of Hydra, which are code of the project: gitexp composes "
                "nothing with them",
                "`hydra: false` in gitexp.yaml has gitexp compose nothing.",
            )


@contextlib.contextmanager
def _without_environment() -> Iterator[None]:
    """Leave `${oc.env:NAME}` as it is written: variables of the environment are not recorded."""
    from omegaconf import OmegaConf  # noqa: PLC0415 - 70 ms with the one below, as above
    from omegaconf.resolvers import oc  # noqa: PLC0415

    OmegaConf.register_new_resolver("oc.env", _as_written, replace=True)
    try:
        yield
    finally:
        OmegaConf.register_new_resolver("oc.env", oc.env, replace=True)


def _as_written(*words: object) -> str:
    return f"${{oc.env:{','.join(map(str, words))}}}"
