"""The page that stories, reports and plots share: one file that loads nothing and runs nothing."""

from __future__ import annotations

import base64
import hashlib

from gitexp.model.page_mark import GENERATOR
from gitexp.model.text import harmless_lines
from gitexp.rendering.html import text

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; }
body { background: #fff; color: #1f2328; }
@media (prefers-color-scheme: dark) { body { background: #0d1117; color: #e6edf3; } }
body { max-width: 68rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: break-word; }
p, li { max-width: 48rem; }
.notes p { margin: .4rem 0; }
h2 { font-size: 1.25rem; }
h2, .notes { margin-top: 2rem; border-top: 1px solid #8886; padding-top: 1rem; }
table { border-collapse: collapse; display: block; margin: 1em 0; overflow-x: auto; }
th, td { border: 1px solid #8886; padding: .25rem .6rem; text-align: left; }
th.right, .right { text-align: right; }
.right, .whole { white-space: nowrap; }
code { font-size: .9em; background: #8882; padding: .1em .3em; border-radius: 3px; }
pre { overflow-x: auto; background: #8882; padding: .6rem; border-radius: 3px; }
pre code { background: none; padding: 0; }
.charts { display: grid; gap: 0 2rem; }
.charts { grid-template-columns: repeat(auto-fill, minmax(min(28rem, 100%), 1fr)); }
.charts > .wide { grid-column: 1 / -1; }
.charts > section { min-width: 0; }
figure { margin: 1rem 0; }
figcaption { margin-bottom: .4rem; }
figure img { max-width: 100%; height: auto; }
.beside { display: flex; flex-wrap: wrap; gap: 1rem; }
.beside > div { flex: 1 1 14rem; }
.beside img { background: #fff; }
summary { cursor: pointer; }
nav ul { padding-left: 1.2rem; }
"""
_INSTEAD = {
    "<table>": '<table tabindex="0">',
    "<pre>": '<pre tabindex="0">',
    ' style="text-align:right"': ' class="right"',
    ' style="text-align:left"': "",
    ' style="text-align:center"': "",
}
"""What Markdown is rendered to, and what a page has: its policy allows no style in an element.

In texts, quotes and angle brackets are escaped, so these are tags.
"""
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
{generator}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def page(title: str, body: str) -> str:
    """Return a page; the title is text, the body is HTML in which all text is escaped already."""
    return _PAGE.format(
        generator=GENERATOR, title=text(title), body=body, style=_STYLE, policy=_policy()
    )


def markdown(source: str) -> str:
    r"""Return Markdown as HTML; HTML in it stays text.

    >>> markdown("|a|\n|-:|\n|1|").count(' class="right"')
    2
    """
    from markdown_it import MarkdownIt  # noqa: PLC0415 - 25 ms, for pages alone

    rendered: str = (
        MarkdownIt("commonmark", {"html": False}).enable("table").render(harmless_lines(source))
    )
    for old, new in _INSTEAD.items():
        rendered = rendered.replace(old, new)
    return rendered


def _policy() -> str:
    """Return what the page may do: show its own style, and pictures that stand in it."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    own = f"style-src 'sha256-{digest}'; img-src data:"
    return f"default-src 'none'; {own}; base-uri 'none'; form-action 'none'"
