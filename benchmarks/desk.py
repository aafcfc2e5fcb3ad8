"""Measure how soon the page answers: ``python -m benchmarks.desk``.

A headless Chromium, driven by Playwright, opens the page of ``evenhand open`` with points in a square, whose distances
are costs, and hours of tasks. The slider is moved to eight positions, three times each; a figure is the time from the
movement until the browser has checked a plan and shows it with the gap that is proven by then. Of the three the least
counts, because other work on the machine only adds. The parts are the hours alone, with limits on the number of tasks
besides, and with two further burdens besides these. The figures stand in `docs/how-to/office.md`.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

SIZES = ((8, 160), (20, 1000))
PARTS = ("hours", "hours and limits", "hours, limits and two further burdens")
POSITIONS, REPEATS, PAUSE = (20, 25, 15, 30, 10, 22, 28, 12), 3, 1200
"""Positions of the slider, movements to each, and milliseconds between two."""

MOVE = """async (position) => {
  const proof = document.getElementById("proof"), level = document.getElementById("level"), begun = performance.now();
  let shown = null;
  const note = () => { if (shown === null && proof.textContent) shown = performance.now() - begun; };
  const watch = new MutationObserver(note);
  watch.observe(proof, { childList: true, characterData: true, subtree: true });
  level.value = position;
  level.dispatchEvent(new Event("input"));
  while (shown === null && performance.now() - begun < 30000) await new Promise((resume) => setTimeout(resume, 2));
  watch.disconnect();
  return [shown ?? 30000, plan.gap ?? 1];
}"""


def write_tables(folder: Path, agents: int, tasks: int) -> None:
    """Write costs, hours, and two further burdens of tasks."""
    random = np.random.default_rng(1)
    here, there = random.random((agents, 2)), random.random((tasks, 2))
    costs = np.linalg.norm(here[:, np.newaxis] - there, axis=2).round(3)
    hours = np.tile(random.integers(1, 9, tasks) / 4, (agents, 1))
    names = [f"t{task}" for task in range(tasks)]
    for name, table in (("costs", costs), ("hours", hours)):
        rows = [",".join(["agent", *names])]
        rows += [",".join([f"a{agent}", *map(str, row)]) for agent, row in enumerate(table.tolist())]
        (folder / f"{name}.csv").write_text("\n".join(rows) + "\n", "utf-8")
    for name, part in (("nights", 0.25), ("heavy", 0.3)):
        rows = [f"{task},{int(counts)}" for task, counts in zip(names, random.random(tasks) < part, strict=True)]
        (folder / f"{name}.csv").write_text("task,burden\n" + "\n".join(rows) + "\n", "utf-8")


@contextmanager
def opened(folder: Path) -> Iterator[str]:
    """Start ``evenhand open`` in a folder, and yield its address."""
    command = [sys.executable, "-m", "evenhand", "open", "costs.csv", "--burdens", "hours.csv", "--no-browser"]
    environment = {**os.environ, "XDG_STATE_HOME": str(folder)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder, env=environment) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http\S+", process.stdout.readline())
            assert found is not None
            yield found[0]
        finally:
            process.terminate()


def answered(browser: Any, agents: int, tasks: int, part: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds until a plan is shown, the least at each position, and the gaps of all plans."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_tables(folder, agents, tasks)
        with opened(folder) as address:
            page = browser.new_page()
            page.goto(address)
            page.wait_for_timeout(5000)
            if part:
                page.fill("#least-tasks", str(int(0.7 * tasks / agents)))
                page.fill("#most-tasks", str(int(1.4 * tasks / agents)))
                page.keyboard.press("Tab")
            for burden in ("nights", "heavy") if part == 2 else ():
                page.set_input_files("#further-file", folder / f"{burden}.csv")
                page.wait_for_timeout(4000)
            least: dict[int, float] = {}
            gaps = []
            for position in POSITIONS * REPEATS:
                milliseconds, gap = page.evaluate(MOVE, position)
                least[position] = min(milliseconds, least.get(position, milliseconds))
                gaps.append(gap)
                page.wait_for_timeout(PAUSE)
            page.close()
            return list(least.values()), gaps


def main() -> None:
    """Print a table of all sizes and parts."""
    from playwright.sync_api import sync_playwright

    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    print("| table | what is asked | median | slowest | median gap |\n|---|---|---|---|---|", flush=True)
    with sync_playwright() as library:
        browser = library.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for agents, tasks in SIZES:
            for part, words in enumerate(PARTS):
                least, gaps = answered(browser, agents, tasks, part)
                figures = f"{statistics.median(least):.0f} ms | {max(least):.0f} ms | {statistics.median(gaps):.1g}"
                print(f"| {agents} x {tasks:,} | {words} | {figures} |", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
