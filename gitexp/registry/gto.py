"""The door to GTO's own library, which has the last word on what is written."""

from __future__ import annotations

from pathlib import Path

from gitexp.errors import GitexpError
from gitexp.registry.grammar import TagName


def check_name(model: str) -> None:
    """Raise GitexpError for a name that GTO would not take for a model."""
    from gto.constants import assert_fullname_is_valid  # noqa: PLC0415 - 450 ms with the one below, where a tag is written
    from gto.exceptions import GTOException  # noqa: PLC0415

    try:
        assert_fullname_is_valid(model)
    except GTOException as error:
        raise GitexpError(
            f"GTO does not accept '{model}' as the name of a model",
            hint="A name has letters, digits, '-', '_' and '/', and begins and ends with a letter "
            "or a digit; the project's folder may stand before it: 'vision:digits'.",
        ) from error


def check_stage(top: Path, stage: str) -> None:
    """Raise GitexpError for a stage that GTO would not take, or that `.gto` does not list."""
    from gto.config import CONFIG_FILE_NAME, read_registry_config  # noqa: PLC0415 - as above
    from gto.exceptions import GTOException, UnknownStage  # noqa: PLC0415 - as above

    try:
        config = read_registry_config(str(top / CONFIG_FILE_NAME))
    except GTOException as error:
        raise GitexpError(
            f"GTO cannot read '{CONFIG_FILE_NAME}'", hint="`gto stages` says what is wrong."
        ) from error
    try:
        config.assert_stage(stage)
    except UnknownStage as error:
        listed = ", ".join(f"'{one}'" for one in config.stages or ())
        raise GitexpError(
            f"'{CONFIG_FILE_NAME}' does not list the stage '{stage}'", hint=f"It lists {listed}."
        ) from error
    except GTOException as error:
        raise GitexpError(
            f"GTO does not accept '{stage}' as the name of a stage",
            hint="A name has letters, digits, '-', '_' and '/', and begins and ends with a letter "
            "or a digit.",
        ) from error


def check_tag(name: TagName) -> None:
    """Raise GitexpError for a tag that GTO would read otherwise, such as for another version."""
    from gto.tag import parse_name  # noqa: PLC0415 - as above

    said = parse_name(str(name), raise_on_fail=False)
    action = said.get("action")
    read = (
        said.get("name"),
        action.value if action is not None else None,
        said.get("version") or "",
        said.get("stage") or "",
        said.get("counter", 0),
    )
    if read != (name.model, name.action, name.version, name.stage, name.counter):
        raise GitexpError(f"GTO would not read the tag '{name}' as it is meant")
