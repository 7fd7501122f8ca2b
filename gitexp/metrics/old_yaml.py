"""YAML 1.1, which trackers write by PyYAML: the text `1e-3` has no quotes there.

In YAML 1.2, as which params are read, it would be a number.
"""

from __future__ import annotations

from gitexp.errors import GitexpError

_REFUSED = (ValueError, LookupError, AttributeError, TypeError, RecursionError)
"""What PyYAML raises beside its own: at `!!int ''`, `!!bool x`, `!!timestamp y`."""


def parse_old_yaml(content: bytes, name: str) -> object:
    """Return the plain values in a file; raises GitexpError for what is no YAML, or expands."""
    import yaml  # noqa: PLC0415 - 10 ms, where there are such files

    from gitexp.model.documents.yaml_nodes import expands  # noqa: PLC0415 - with the above

    if b"*" in content and expands(content.decode(errors="replace")):
        raise GitexpError(f"'{name}' has too many values, by its aliases")
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return yaml.load(content, Loader=loader)  # noqa: S506 - makes plain values only
    except (yaml.YAMLError, *_REFUSED) as error:
        raise GitexpError(f"'{name}' is not whole, or not YAML") from error
