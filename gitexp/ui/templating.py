"""Templates made into HTML: everything that is not ours is escaped, whatever it is."""

from __future__ import annotations

from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gitexp.model.text import harmless, harmless_lines
from gitexp.ui import assets
from gitexp.ui.page import Links, Page
from gitexp.version import __version__

_FOLDER = Path(__file__).with_name("templates")
_IN_HTML = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)
"""What JSON must not have between tags; only its strings can have these."""


def _json(value: object) -> Markup:
    """Return data for a block that no browser runs."""
    text = msgspec.json.encode(value).decode()
    return Markup(text.translate(_IN_HTML))  # noqa: S704 - no tag can be left in it


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters["data"] = _json
_ENVIRONMENT.filters["harmless"] = harmless
_ENVIRONMENT.filters["harmless_lines"] = harmless_lines
_ENVIRONMENT.globals["version"] = __version__
_ENVIRONMENT.globals["style"] = Markup(assets.style())  # noqa: S704 - a file of ours


def html(page: Page, links: Links, *, project: str, editing: str = "", part: bool = False) -> bytes:
    """Return a page in UTF-8, or with `part` only what changes of it.

    Args:
        page: What is to be shown.
        links: Where its links lead.
        project: What the project is called.
        editing: What a form has to bring along to change something; '' if nothing can.
        part: Whether the frame is there already.
    """
    template = _ENVIRONMENT.get_template(page.template)
    text = template.render(
        page=page,
        link=links.to,
        asset=links.asset,
        is_static=links.is_static,
        project=project,
        editing=editing,
        frame="part.html" if part else "frame.html",
        **page.values,
    )
    return text.encode(errors="backslashreplace")
