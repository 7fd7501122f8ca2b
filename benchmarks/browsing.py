"""The page in Chromium: `python -m benchmarks.browsing FOLDER`, with Playwright installed.

It makes 10,000 runs in FOLDER, 20 of them with five curves of 10,000 steps, and says how long it
takes from an address, or from a click, until what was asked for is on the screen.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks.browsing_runs import write_with_curves
from gitexp.project import Project
from gitexp.store.index.selection import Selection

_RUNS, _COMPARED, _STEPS = 10_000, 20, 10_000
_ROUNDS = 3
_CONFIG = "command: python train.py\npolicy:\n  accuracy: {goal: max}\n  loss: {goal: min}\n"
_DONE = """async (how) => {
  const main = document.getElementById("main"), before = main.dataset.shown;
  const done = new Promise((go_on) => {
    const seen = new MutationObserver(() => {
      if (main.dataset.shown === before) return;
      seen.disconnect();
      requestAnimationFrame(() => setTimeout(go_on));
    });
    seen.observe(main, {attributes: true});
  });
  const began = performance.now();
  if (how.link) {
    [...document.querySelectorAll("#found a")].find((a) => a.textContent === how.link).click();
  } else {
    document.getElementById("where").value = how.where;
    document.querySelector("form.query button").click();
  }
  await done;
  return (performance.now() - began) / 1000;
}"""
"""Clicks, and waits until the table is another one and drawn."""
_DRAWN = "() => new Promise((go_on) => requestAnimationFrame(() => setTimeout(go_on)))"
_ASKED = (
    {"link": "accuracy"},
    {"link": "val.loss"},
    {"link": "started"},
    {"where": "accuracy > 0.9 and lr <= 0.01"},
    {"where": "loss < 0.2 and depth = 4"},
)


def make_project(folder: Path) -> list[str]:
    """Make the runs if they are not there, and the index; return the ids of those with curves."""
    if not (folder / ".git").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["git", "init", "--quiet", folder], check=True)
        (folder / "gitexp.yaml").write_text(_CONFIG)
        write_with_curves(folder, _RUNS, _COMPARED, _STEPS)
    with Project.open(folder) as project:
        newest = project.runs.index.select(Selection("", limit=10 * _COMPARED))
        return [run.id for run in newest if run.record.series]


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "gitexp", "-C", str(folder), "ui", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.terminate()


def _measure(page: Any, address: str, ids: list[str]) -> Iterator[tuple[str, float]]:
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.wait_for_selector("table.runs tbody tr:nth-child(100)")
        page.evaluate(_DRAWN)
        yield "first table", time.perf_counter() - began
    for _ in range(_ROUNDS):
        for how in _ASKED:
            yield " ".join(*how.items()), page.evaluate(_DONE, how)
    asked = "&".join(f"run={one}" for one in ids)
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        page.goto(f"{address.partition('/runs?')[0]}/compare?{asked}", wait_until="commit")
        for number, what in ((1, "first chart"), (3, "all charts in view")):
            page.wait_for_selector(f"figure:nth-of-type({number})[data-drawn='{len(ids)}']")
            yield f"compare {len(ids)} runs, {what}", time.perf_counter() - began
        page.wait_for_selector("[data-part] :is(pre, p, table)")
        yield f"compare {len(ids)} runs, with the code", time.perf_counter() - began


def main(folder: Path) -> None:
    """Print each figure as it comes."""
    ids = make_project(folder)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with _served(folder) as address, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        for what, seconds in _measure(page, address, ids):
            print(f"{seconds:6.3f} s  {what}")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
