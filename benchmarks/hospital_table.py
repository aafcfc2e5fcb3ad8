"""Tables of the hospital's speed, for the terminal and for the docs: ``python -m benchmarks.hospital_table``.

Run so, it writes the committed result into the page, which `tests/hospital/test_benchmark_page.py` holds it to.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks.quote import put
from benchmarks.table import CONSOLE

Row = dict[str, Any]
Result = dict[str, Any]

RESULT = Path(__file__).parent / "results" / "hospital.json"
PAGE = Path(__file__).parent.parent / "docs" / "explanation" / "hospital.md"

TARGETS = {"rescue-breaths/specialist": 1_000_000, "full-code/specialist": 500_000, "ward/12": 150_000}
"""Steps a second that two cores should reach."""
REFERENCE_TARGETS = {"rescue-breaths/specialist": 10_000}
NAMES = {"overcooked": "JaxMARL Overcooked", "MPE_simple_spread_v3": "JaxMARL MPE simple spread"}
UNDISTURBED = 0.95
"""Share of its core from which on a process counts as undisturbed."""
HEADS = ("environments", "1 core", "2 cores", "1 core, observed", "2 cores, observed", "compiling", "target")


def main() -> None:
    """Put the committed result into the page."""
    put(PAGE, quote(json.loads(RESULT.read_text("utf-8"))))


def show(result: Result) -> None:
    """Print what was measured."""
    table = Table(title="environment steps a second, random policy", title_justify="left")
    table.add_column("", overflow="fold")
    for head in HEADS:
        table.add_column(head, justify="right")
    for line in lines(result):
        table.add_row(*line)
    CONSOLE.print(table)
    CONSOLE.print(conditions(result), highlight=False, soft_wrap=True)


def quote(result: Result) -> str:
    """Return the page's table for a result of :mod:`benchmarks.hospital`."""
    return "\n".join(
        [
            conditions(result),
            "",
            f"| steps a second | {' | '.join(HEADS)} |",
            "|---" + "|---:" * len(HEADS) + "|",
            *(f"| {' | '.join(line)} |" for line in lines(result)),
        ]
    )


def lines(result: Result) -> list[list[str]]:
    """Return the cells, one line for each environment and number of copies."""
    groups: dict[tuple[str, str, int], dict[bool, Row]] = {}
    for row in result["rows"]:
        groups.setdefault((row["kind"], row["name"], row["environments"]), {})[row["observations"]] = row
    return [_line(kind, name, count, rows) for (kind, name, count), rows in groups.items()]


def _line(kind: str, name: str, count: int, rows: dict[bool, Row]) -> list[str]:
    targets = {"hospital": TARGETS, "reference": REFERENCE_TARGETS}.get(kind, {})
    seconds = [row["compile"]["processor_seconds"] for row in rows.values() if row["compile"]]
    return [
        {"reference": f"{name}, reference", "floor": f"{name}, floor"}.get(kind, NAMES.get(name, name)),
        str(count),
        *(_speed(rows.get(observed), cores) for observed in (False, True) for cores in ("one_core", "two_cores")),
        f"{max(seconds):.1f} s" if seconds else "",
        f"{targets[name]:,}" if name in targets else "",
    ]


def _speed(row: Row | None, cores: str) -> str:
    """Return steps a second, and in brackets those of a second of processor where others took much of it."""
    if not row or not row[cores]:
        return ""
    measured = row[cores]
    busy = f" ({_rounded(measured['per_processor_second'])})" if measured["core_share"] < UNDISTURBED else ""
    return _rounded(measured["median"]) + busy


def _rounded(rate: float) -> str:
    return f"{float(f'{rate:.3g}'):,.0f}"


def conditions(result: Result) -> str:
    """Return where, when and under what load it was measured."""
    machine, rows = result["machine"], result["rows"]
    shares = [row[cores]["core_share"] for row in rows for cores in ("one_core", "two_cores") if row[cores]]
    libraries = {name: version for row in rows for name, version in row["versions"].items()}
    text = (
        f"Medians of calls over {result['seconds']:g} s each, {machine['date'][:10]}, {machine['processor']}, "
        f"{machine['cores']} shared cores, Python {machine['python']}"
        + "".join(f", {name} {version}" for name, version in libraries.items())
        + f". Load at the start {machine['load_before']:.1f}; "
        f"the measured processes got {min(shares):.0%} to {max(shares):.0%} of their cores."
    )
    if min(shares) < UNDISTURBED:
        text += " In brackets: steps by the second of processor that they got, what a machine at rest would come near."
    missing = result["jaxmarl_missing"]
    return f"{text} JaxMARL was not measured: {missing}." if missing else text


if __name__ == "__main__":
    main()
