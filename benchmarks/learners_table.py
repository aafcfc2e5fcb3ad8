"""Tables of the learners' speed, for the terminal and for the docs: ``python -m benchmarks.learners_table``.

Run so, it writes the committed result into the page, which `tests/benchmarks/test_learners_page.py` holds it to.
"""

from __future__ import annotations

import json
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING, Any

from rich.table import Table

from benchmarks.quote import put
from benchmarks.table import CONSOLE

if TYPE_CHECKING:
    from collections.abc import Callable

Row = dict[str, Any]
Result = dict[str, Any]

RESULT = Path(__file__).parent / "results" / "learners.json"
PAGE = Path(__file__).parent.parent / "docs" / "explanation" / "learners.md"

REPLAY_FREE = 60_000
TARGETS = {"parallel-vdn": REPLAY_FREE, "parallel-qmix": REPLAY_FREE, "parallel-iql": REPLAY_FREE, "qmix": 20_000}
"""Steps a second that two cores should reach."""
SPEED_HEADS = ("replay ratio", "steps/s, median", "slowest to fastest", "cores used", "start", "target")
REACHED_HEADS = ("replay ratio", "steps", "seconds", "success", "Jain", "return", "episode's steps")


def main() -> None:
    """Put the committed result into the page."""
    put(PAGE, quote(json.loads(RESULT.read_text("utf-8"))))


def show(result: Result) -> None:
    """Print what was measured."""
    _show("environment steps a second, learning included", SPEED_HEADS, speeds(result))
    _show("what was reached", REACHED_HEADS, reached(result))
    CONSOLE.print(conditions(result), highlight=False, soft_wrap=True)


def _show(title: str, heads: tuple[str, ...], lines: list[list[str]]) -> None:
    table = Table(title=title, title_justify="left")
    table.add_column("", overflow="fold")
    for head in heads:
        table.add_column(head, justify="right")
    for line in lines:
        table.add_row(*line)
    CONSOLE.print(table)


def quote(result: Result) -> str:
    """Return the page's tables for a result of :mod:`benchmarks.learners`."""
    trained = (
        f"Trained without a constraint for {result['steps']:,} steps, then measured on {result['episodes']} greedy "
        "episodes; where there are several seeds, mean (lowest to highest):"
    )
    return "\n".join(
        [
            conditions(result),
            "",
            *_table("training", SPEED_HEADS, speeds(result)),
            "",
            trained,
            "",
            *_table("result", REACHED_HEADS, reached(result)),
        ]
    )


def _table(corner: str, heads: tuple[str, ...], lines: list[list[str]]) -> list[str]:
    return [
        f"| {corner} | {' | '.join(heads)} |",
        "|---" + "|---:" * len(heads) + "|",
        *(f"| {' | '.join(line)} |" for line in lines),
    ]


def speeds(result: Result) -> list[list[str]]:
    """Return the cells of the speeds, one line for each learner."""
    return [
        [
            row["name"],
            f"{row['replay_ratio']:.3g}",
            _rounded(median(row["steps_per_second"])),
            f"{_rounded(min(row['steps_per_second']))} to {_rounded(max(row['steps_per_second']))}",
            f"{median(row['cores']):.1f}",
            f"{row['start_seconds']:.0f} s",
            f"{TARGETS[row['name']]:,}" if row["name"] in TARGETS else "",
        ]
        for row in result["rows"]
    ]


def reached(result: Result) -> list[list[str]]:
    """Return the cells of the results, one line for each learner."""
    groups: dict[str, list[Row]] = {}
    for row in result["reached"]:
        groups.setdefault(row["name"], []).append(row)
    return [
        [
            name,
            f"{rows[0]['replay_ratio']:.3g}",
            f"{rows[0]['steps']:,}",
            _over(rows, lambda row: row["seconds"], ".0f"),
            _over(rows, lambda row: row["success"]["mean"], ".3f"),
            _over(rows, lambda row: row["jain"]["mean"], ".3f"),
            _over(rows, lambda row: row["return"]["mean"], ".2f"),
            _over(rows, lambda row: row["length"]["mean"], ".1f"),
        ]
        for name, rows in groups.items()
    ]


def _over(rows: list[Row], of: Callable[[Row], float], form: str) -> str:
    """Return the mean over seeds and, where there are several, their range."""
    values = [of(row) for row in rows]
    middle = format(mean(values), form)
    return middle if len(values) == 1 else f"{middle} ({min(values):{form}} to {max(values):{form}})"


def _rounded(rate: float) -> str:
    return f"{float(f'{rate:.3g}'):,.0f}"


def conditions(result: Result) -> str:
    """Return where, when and under what load it was measured."""
    machine = result["machine"]
    libraries = {name: version for row in result["rows"] for name, version in row["versions"].items()}
    text = (
        f"Scenario {result['scenario']}; {result['repeats']} repeats of at least {result['seconds']:g} s each, "
        f"{machine['date'][:10]}, {machine['processor']}, {machine['cores']} shared cores, Python {machine['python']}"
        + "".join(f", {name} {version}" for name, version in libraries.items())
        + f". Load at the start {machine['load_before']:.1f}."
    )
    missing = result["benchmarl_missing"]
    return f"{text} BenchMARL was not measured: {missing}." if missing else text


if __name__ == "__main__":
    main()
