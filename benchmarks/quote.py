"""Write a benchmark's figures into the README: ``python -m benchmarks.quote``.

`tests/test_readme.py` checks that the README says what the committed result says.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.assignment.checks import PROVEN
from benchmarks.assignment.figures import Ratio, Spread, duration, factor, of_part
from benchmarks.assignment.peers import NAMES
from benchmarks.assignment.result import read

README = Path(__file__).parent.parent / "README.md"
RESULT = Path(__file__).parent / "results" / "assignment-5x250.json"
BEGIN, END = "<!-- benchmark -->", "<!-- end of benchmark -->"

Row = dict[str, Any]


def quote(result: dict[str, Any]) -> str:
    """Return the README's paragraph and tables for a result of :mod:`benchmarks.assignment`."""
    rows, machine = result["cases"], result["machine"]
    seed = of_part(rows, "seed")
    lines = [
        f"{len(seed)} cases: the dispersion paper's published instances 1 to 20 (5 agents, 250 tasks), "
        f"five orders, six levels, by `{result['command']}`. "
        f"Measured {machine['date'][:10]} on {machine['cores']} shared cores ({machine['processor']}), "
        f"Python {machine['python']}:",
        "",
        "| | |",
        "|---|---|",
        *(f"| {head} | {cell} |" for head, cell in _facts(result, seed)),
    ]
    peers = _peers(rows, seed)
    return "\n".join([*lines, "", peers] if peers else lines)


def _facts(result: dict[str, Any], seed: list[Row]) -> list[tuple[str, str]]:
    """Return head and cell of each fact."""
    binding = [row for row in seed if row["binding"]]
    gaps = [row["certified_gap"] for row in seed if row["certified_gap"] is not None]
    facts = [
        ("solved to a gap of 1e-4, the plans verified from their JSON", f"{_solved(seed)} of {len(seed)}"),
        (f"median / slowest of the {len(binding)} cases in which the constraint binds", _pace(binding)),
        (f"median / slowest of the other {len(seed) - len(binding)}", _pace([r for r in seed if not r["binding"]])),
    ]
    exact = of_part(result["cases"], "exact")
    if exact:
        cap = f"{exact[0]['cap']:g} s"
        facts.append((f"proven optima (a gap of 1e-9) within {cap} a case", f"{_solved(exact)} of {len(exact)}"))
        facts.append(("median / slowest of these", _pace(exact)))
    first = result.get("first")
    if first:
        facts += [
            (
                "first call on a machine (compiles) / in a process",
                f"{first['compiling_seconds']:.0f} s / {first['first_seconds']:.1f} s",
            ),
            (
                "peak memory (while compiling)",
                f"{max(row['peak_bytes'] for row in seed) / 1e6:.0f} MB ({first['compiling_peak_bytes'] / 1e6:.0f} MB)",
            ),
        ]
    published, anchored = result["published"], result["anchored"]
    if published:
        counts = f"{published['cheaper']} / {len(published['dearer'])}"
        facts.append(("cheaper than published (their gap is 1e-3) / dearer by over 1e-4", counts))
    if anchored:
        agree = sum(row["agrees"] for row in anchored)
        facts.append(("known optima reproduced", f"{agree} of {len(anchored)}"))
    facts.append(("gap that the certificate alone proves, median / largest", f"{median(gaps):.1e} / {max(gaps):.1e}"))
    return facts


def _solved(rows: list[Row]) -> int:
    return sum(row["status"] in PROVEN and not row["wrong"] for row in rows)


def _pace(rows: list[Row]) -> str:
    """Return median / slowest."""
    spread = Spread.of(rows)
    return f"{duration(spread.median)} / {duration(spread.slowest)}"


def _peers(rows: list[Row], seed: list[Row]) -> str:
    """Return a sentence on each peer that was measured on the binding cases."""
    binding = [row for row in seed if row["binding"]]
    told = []
    for peer, how in (
        ("highs", "its MIP solver in rounds of cuts"),
        ("scip", "the same cuts in a constraint handler"),
        ("cpsat", "for p = inf, whose rows are linear"),
    ):
        ratio = Ratio.of(binding, of_part(rows, "seed", peer))
        if ratio is not None:
            stopped = f", stopped at the cap in {ratio.cases - ratio.solved}" if ratio.solved < ratio.cases else ""
            times = f"{ratio.means}{factor(ratio.mean)} times as long"
            told.append(
                f"{NAMES[peer]} ({how}) takes {times} in geometric mean over {ratio.cases} of these binding cases, "
                f"from {factor(ratio.least)} to {factor(ratio.most)} times{stopped}."
            )
    return " ".join(["In the same run, on one thread:", *told]) if told else ""


def main() -> None:
    """Put the quotation between the README's marks."""
    put(README, quote(read(RESULT)))


def table_head(module: str, machine: dict[str, Any], heads: Sequence[str]) -> list[str]:
    """Return the first lines of a table on a page: the command that makes it, when and where it ran, and the heads."""
    measured = f"{machine['date'][:10]}, {machine['processor']}, {machine['cores']} shared cores"
    return [f"`python -m benchmarks.{module}`, {measured}:", "", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]


def put(page: Path, text: str, begin: str = BEGIN, end: str = END) -> None:
    """Write a text between the marks of a page."""
    before, rest = page.read_text("utf-8").split(begin)
    after = rest.split(end)[1]
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", "utf-8")


if __name__ == "__main__":
    main()
