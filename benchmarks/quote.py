"""Write a benchmark's figures into the README: ``python -m benchmarks.quote benchmarks/results/assignment-5x250.json``.

`tests/test_readme.py` checks that the README says what the committed result says.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from statistics import median
from typing import Any

README = Path(__file__).parent.parent / "README.md"
RESULT = Path(__file__).parent / "results" / "assignment-5x250.json"
BEGIN, END = "<!-- benchmark -->", "<!-- end of benchmark -->"


def quote(result: dict[str, Any]) -> str:
    """Return the README's paragraph and tables for a result of :mod:`benchmarks.assignment`."""
    summary, machine = result["summary"], result["machine"]
    lines = [
        f"{summary['cases']} cases: the dispersion paper's published instances 1 to 20 (5 agents, 250 tasks), "
        f"five orders, six levels, asked for a gap of {summary['gap']:g}, by "
        "`python -m benchmarks.assignment --data FOLDER --exact --peers --cuts`. "
        f"Measured {machine['date'][:10]} on {machine['cores']} shared cores ({machine['processor']}), "
        f"Python {machine['python']}:",
        "",
        "| | |",
        "|---|---|",
        f"| solved to the gap asked for | {summary['statuses'].get('optimal', 0)} of {summary['cases']} |",
        f"| verified from their JSON | {summary['verified']} of {summary['cases']} |",
        f"| median / slowest | {summary['median_seconds'] * 1e3:.1f} ms / {summary['slowest_seconds']:.1f} s |",
        f"| first call on a machine (compiles) / in a process | "
        f"{summary['first_seconds_compiling']:.0f} s / {summary['first_seconds']:.1f} s |",
        f"| peak memory (while compiling) | "
        f"{summary['peak_bytes'] / 1e6:.0f} MB ({summary['peak_bytes_compiling'] / 1e6:.0f} MB) |",
        f"| cheaper than published (their gap is 1e-3) / dearer by over 1e-4 | "
        f"{summary['published']['cheaper']} / {summary['published']['dearer']} |",
        f"| known optima reproduced at a gap of 1e-6 | "
        f"{sum(row['agrees'] for row in result['exact'])} of {len(result['exact'])} |",
        f"| gap that the certificate alone proves, median / largest | "
        f"{summary['median_certified_gap']:.1e} / {summary['largest_certified_gap']:.1e} |",
        "",
        "Milliseconds, median (slowest):",
        "",
        *_levels(result["cases"]),
        "",
        _peer(result["peers"]),
    ]
    return "\n".join(lines)


def _levels(rows: list[dict[str, Any]]) -> list[str]:
    epsilons = sorted({row["epsilon"] for row in rows})
    lines = [
        "| p | " + " | ".join(f"epsilon {epsilon:g}" for epsilon in epsilons) + " |",
        "|---" * (len(epsilons) + 1) + "|",
    ]
    for p in sorted({row["p"] for row in rows}, key=float):
        times = [[row["seconds"] for row in rows if (row["p"], row["epsilon"]) == (p, epsilon)] for epsilon in epsilons]
        cells = [f"{median(some) * 1e3:.1f} ({max(some) * 1e3:.0f})" for some in times]
        lines.append(f"| {float(p):g} | " + " | ".join(cells) + " |")
    return lines


def _peer(rows: list[dict[str, Any]]) -> str:
    binding = [row for row in rows if row["linear_rounds"] > 1]
    ratios = [row["peer_seconds"] / row["seconds"] for row in binding]
    mean = math.exp(sum(math.log(ratio) for ratio in ratios) / len(ratios))
    unsolved = sum(row["peer_status"] != "optimal" for row in rows)
    stopped = f", which it did not finish in {unsolved} of them" if unsolved else ""
    return (
        f"Beside HiGHS (its MIP solver in rounds of one gradient cut, the relaxation cut first) on the {len(binding)} "
        f"cases of instance {rows[0]['instance']} in which the constraint binds, in the same run: HiGHS takes "
        f"{mean:.0f} times as long in geometric mean, from {min(ratios):.0f} to {max(ratios):.0f} times{stopped}."
    )


def main() -> None:
    """Put the quotation between the README's marks."""
    result = json.loads(Path(sys.argv[1]).read_text("utf-8")) if len(sys.argv) > 1 else json.loads(RESULT.read_text())
    put(README, quote(result))


def put(page: Path, text: str) -> None:
    """Write a text between the marks of a page."""
    before, rest = page.read_text("utf-8").split(BEGIN)
    after = rest.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
