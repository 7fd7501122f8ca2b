"""The charts, drawn by the real mermaid in a real browser.

It takes Chromium on the PATH and `npm install mermaid` somewhere, with MERMAID_JS naming the
`dist/mermaid.min.js` of it.
"""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gitexp.rendering.drawn_graph import mermaid_text
from gitexp.rendering.xychart import xychart

from tests.rendering.test_graphs import EVIL, graph

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MERMAID = os.environ.get("MERMAID_JS", "")

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not Path(MERMAID).is_file(), reason="MERMAID_JS names no mermaid.min.js"),
]

OPTIONS = (
    "--headless --no-sandbox --disable-gpu --allow-file-access-from-files"
    " --virtual-time-budget=8000 --dump-dom"
).split()

CASES = [
    ([0.95, 0.96, 0.92], 0.95),
    ([1e-9, 3e-9, 2e-9], None),
    ([-1e300, 1e300], 0.0),
    ([0.0, 0.0], None),
    ([number / 7 for number in range(40)], 2.5),
    ([0.9000001, 0.9000002], None),
]


def test_mermaid_draws_every_chart(tmp_path: Path) -> None:
    charts = [xychart(values, level)[0] for values, level in CASES]
    charts.append(xychart([1, 0.5, 0.2], other=[1, 0.7, 0.4], span=(0, 1999))[0])
    graphs = [mermaid_text(graph(EVIL)), mermaid_text(graph(EVIL[::-1]))]
    drawn = "".join(
        f'<pre class="mermaid">{html.escape(chart)}</pre>' for chart in [*charts, *graphs]
    )
    page = tmp_path / "page.html"
    page.write_text(
        f"<!doctype html><meta charset=utf-8>{drawn}<script src='file://{MERMAID}'></script>"
        "<script>mermaid.initialize({startOnLoad: false});"
        "mermaid.run().catch(error => { document.title = error; });</script>"
    )

    ended = subprocess.run(
        [str(CHROMIUM), *OPTIONS, page.as_uri()], capture_output=True, text=True, check=True
    )

    assert "<title>" not in ended.stdout.partition("<script")[0]
    assert ended.stdout.count('aria-roledescription="xychart"') == len(charts)
    assert ended.stdout.count('aria-roledescription="flowchart-v2"') == len(graphs)
    assert "javascript:" not in re.sub(r">[^<]*<", "><", ended.stdout)
    lines = sum(1 if level is None else 2 for _, level in CASES) + 2
    assert len(re.findall(r'stroke="#(?:0969da|8c959f)"', ended.stdout)) == lines
