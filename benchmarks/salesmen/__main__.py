"""Reproduce, time, check, write: ``python -m benchmarks.salesmen --data FOLDER``, the folder of the TSPLIB files.

Rows are kept as they come, so that a run that was killed goes on where it stopped.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks import machine
from benchmarks.salesmen import partitions
from benchmarks.salesmen.cases import Case, cases, towns_of
from benchmarks.table import CONSOLE
from evenhand.applications import salesmen
from evenhand.errors import InputError
from evenhand.tables import write_json

RESULTS = Path(__file__).parent.parent / "results" / "salesmen.json"
SOURCES = Path(salesmen.__file__).parent
SMALL = "burma14,gr17,gr21,gr24,fri26,bayg29"
OPTIMA = {"burma14": 3323.0, "gr17": 2085.0, "gr21": 2707.0, "gr24": 1272.0, "fri26": 937.0, "bayg29": 1610.0}
"""Shortest tours under the files' own distances, as TSPLIB lists them."""


def main(arguments: list[str] | None = None) -> int:
    """Return 1 where a total disagrees."""
    given = _options(arguments)
    try:
        rows = _measured(given)
        enumerated = _enumerated(given, rows)
        optima = _optima(given)
    except InputError as error:
        CONSOLE.print(f"benchmarks.salesmen: {error}", soft_wrap=True, highlight=False)
        return 2
    _show(rows)
    wrong = [row["case"] for row in rows if row["agree"] is False]
    wrong += [f"enumeration, {check['salesmen']} salesmen" for check in enumerated if not all(check["agree"])]
    wrong += [f"TSPLIB's {optimum['instance']}" for optimum in optima if not optimum["agree"]]
    result = {
        "command": f"python -m benchmarks.salesmen --data <folder> --instances {given.instances} --cap {given.cap:g}",
        "machine": machine.describe("pyscipopt", "highspy", "scipy"),
        "load": os.getloadavg()[0],
        "summary": _summary(rows),
        "enumeration": enumerated,
        "tsplib": optima,
        "cases": rows,
    }
    write_json(given.json, result)
    CONSOLE.print(result["summary"], *(f"WRONG: {case}" for case in wrong), f"written to {given.json}", sep="\n")
    return int(bool(wrong))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.salesmen", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the TSPLIB files")
    parser.add_argument("--instances", default=SMALL, help=f"default: {SMALL}")
    parser.add_argument("--salesmen", default="3", help="numbers of salesmen, for all instances; default: 3")
    parser.add_argument("--burma", default="3,4,5", help="numbers of salesmen for burma14; default: 3,4,5")
    parser.add_argument("--cap", type=float, default=300.0, help="seconds a case; default: 300")
    parser.add_argument("--json", type=Path, default=RESULTS, help="where to write")
    return parser.parse_args(arguments)


def _cases(given: argparse.Namespace) -> list[Case]:
    found = []
    for instance in given.instances.split(","):
        numbers = given.burma if instance == "burma14" else given.salesmen
        some = cases([instance], [int(number) for number in numbers.split(",")])
        if not some:
            raise InputError(f"--instances {instance!r}: nothing is published for it; known are those of published.csv")
        found += some
    return found


def _measured(given: argparse.Namespace) -> list[dict[str, Any]]:
    """Measure what was not measured before."""
    journal = given.json.with_suffix(".part.jsonl")
    code = _digest()
    done = {}
    if journal.is_file():
        for line in journal.read_text("utf-8").splitlines():
            try:
                entry = json.loads(line)
            except json.JSONDecodeError:  # the last line of a run that was killed as it wrote
                continue
            if (entry["code"], entry["cap"]) == (code, given.cap):
                done[entry["row"]["case"]] = entry["row"]
    rows = []
    for case in _cases(given):
        if case.key not in done:
            done[case.key] = _measure(case, given)
            with journal.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps({"code": code, "cap": given.cap, "row": done[case.key]}) + "\n")
            CONSOLE.print(case.key, done[case.key]["total"], f"{done[case.key]['seconds']:.2f} s", highlight=False)
        rows.append(done[case.key])
    return rows


def _digest() -> str:
    digest = hashlib.sha256()
    for file in sorted(SOURCES.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _measure(case: Case, given: argparse.Namespace) -> dict[str, Any]:
    towns, cpu = towns_of(given.data, case.instance), time.process_time()
    found = salesmen.solve(towns, case.salesmen, case.fairness(), time_limit=given.cap)
    row = {
        "case": case.key,
        **case.to_dict(),
        "depot": towns.names[towns.depot],
        "status": found.status,
        "total": found.total,
        "bound": found.bound,
        "lengths": None if found.lengths is None else found.lengths.tolist(),
        "waste": None if found.waste is None else found.waste.tolist(),
        "price": found.price,
        "cv": found.cv,
        "seconds": round(found.seconds, 3),
        "processor_seconds": round(time.process_time() - cpu, 3),
    }
    return {**row, "agree": _agrees(row)}


def _agrees(row: dict[str, Any]) -> bool | None:
    """Tell whether the totals agree; None where one is not proven and nothing contradicts."""
    if row["status"] == "optimal" and not row["published_gap"]:
        return bool(row["total"] == row["published"])
    contradicts = row["bound"] is not None and row["bound"] > row["published"] + 0.5
    return False if contradicts else None


def _enumerated(given: argparse.Namespace, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Check burma14 by enumeration, for up to four salesmen."""
    checks = []
    for number in (3, 4):
        asked = [case for case in cases(["burma14"], [number]) if any(row["case"] == case.key for row in rows)]
        if asked:
            some = [next(row for row in rows if row["case"] == case.key) for case in asked]
            towns = towns_of(given.data, "burma14")
            checks.append(partitions.checked(towns, number, some, [case.fairness() for case in asked]))
    return checks


def _optima(given: argparse.Namespace) -> list[dict[str, Any]]:
    """Check the reader: shortest tours under the files' own distances are the known ones."""
    found = []
    for instance in given.instances.split(","):
        if instance in OPTIMA:
            towns = salesmen.read_tsplib(given.data / f"{instance}.tsp")
            total = salesmen.solve(towns, 2, None, time_limit=given.cap).total
            row = {"instance": instance, "shortest": total, "known": OPTIMA[instance]}
            found.append({**row, "agree": total == OPTIMA[instance]})
    return found


def _summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    proven = [row for row in rows if row["status"] == "optimal"]
    return {
        "cases": len(rows),
        "proven": len(proven),
        "agree": sum(row["agree"] is True for row in rows),
        "disagree": sum(row["agree"] is False for row in rows),
        "with_waste": sum(any(value > 0.0 for value in row["waste"] or ()) for row in rows),
        "idle_salesmen": sum(0.0 in (row["lengths"] or ()) and row["model"] != "min" for row in rows),
    }


def _show(rows: list[dict[str, Any]]) -> None:
    table = Table("case", "published", "total", "bound", "agree", "seconds", "processor", "theirs")
    for row in rows:
        shown = [row["published"], row["total"], row["bound"], row["agree"], row["seconds"], row["processor_seconds"]]
        cells = [f"{value:g}" if isinstance(value, float) else str(value) for value in shown]
        table.add_row(row["case"], *cells, f"{row['published_seconds']:g}")
    CONSOLE.print(table)


if __name__ == "__main__":
    sys.exit(main())
