"""Reproduce, time, check, write: ``python -m benchmarks.salesmen --data FOLDER``, the folder of the TSPLIB files.

Rows are kept as they come, so that a run that was killed goes on where it stopped.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from benchmarks import machine
from benchmarks.salesmen import partitions
from benchmarks.salesmen.cases import Case, cases, towns_of
from benchmarks.table import CONSOLE
from evenhand.applications import salesmen
from evenhand.errors import InputError
from evenhand.tables import write_json

if TYPE_CHECKING:
    from evenhand.applications.salesmen import Tours, Towns

RESULTS = Path(__file__).parent.parent / "results" / "salesmen.json"
SOURCES = Path(salesmen.__file__).parent
SMALL = "burma14,gr17,gr21,gr24,fri26,bayg29"
ENUMERATED = (("burma14", 3), ("burma14", 4), ("gr17", 3))
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
    wrong = [f"{row['case']}: {row['verdict']}" for row in rows if row["verdict"] in ("dearer", "wrong tours")]
    wrong += [
        f"enumeration, {check['instance']}, {check['salesmen']} salesmen"
        for check in enumerated
        if not all(check["agree"])
    ]
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
    given.json.with_suffix(".part.jsonl").unlink(missing_ok=True)
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
        "total": found.cost,
        "bound": found.bound,
        "tours": None if found.named_tours is None else [list(tour) for tour in found.named_tours],
        "lengths": None if found.lengths is None else found.lengths.tolist(),
        "waste": None if found.waste is None else found.waste.tolist(),
        "price": found.price,
        "cv": found.cv,
        "seconds": round(found.seconds, 3),
        "processor_seconds": round(time.process_time() - cpu, 3),
    }
    return {
        **row,
        "verdict": verdict(case, towns, row),
        "without_detours": _without_detours(case, towns, found, given.cap),
    }


def _without_detours(case: Case, towns: Towns, found: Tours, cap: float) -> dict[str, Any] | None:
    """Return the least total in which no tour is longer than need be, where one of those found is."""
    if not found.wasteful:
        return None
    straight = salesmen.solve(towns, case.salesmen, case.fairness(), time_limit=cap, detours=False, price=False)
    return {
        "status": straight.status,
        "total": straight.cost,
        "bound": straight.bound,
        "seconds": round(straight.seconds, 3),
    }


def verdict(case: Case, towns: Towns, row: dict[str, Any]) -> str:
    """Compare a row with what is published.

    ``equal``; ``cheaper`` (tours recounted here cost less than the published optimum); ``open`` (one of both is not
    proven, and nothing contradicts); ``dearer`` or ``wrong tours`` where our answer is at fault.
    """
    if row["tours"] is not None and not _recounted(case, towns, row):
        return "wrong tours"
    if row["total"] is not None and row["total"] < case.published:
        return "cheaper"
    if row["total"] == case.published and row["status"] == "optimal":
        return "equal"
    proven = row["bound"] is not None and row["bound"] > case.published + 0.5
    return "dearer" if proven or row["status"] == "infeasible" else "open"


def _recounted(case: Case, towns: Towns, row: dict[str, Any]) -> bool:
    """Recount tours from distances: each node once, lengths and their sum as told, fair."""
    depot = towns.names[towns.depot]
    stops = sorted(node for tour in row["tours"] for node in tour if node != depot)
    place = {name: position for position, name in enumerate(towns.names)}
    lengths = [
        sum(float(towns.distances[place[a], place[b]]) for a, b in itertools.pairwise([*tour, *tour[:1]]))
        for tour in row["tours"]
    ]
    return (
        stops == sorted(name for name in towns.names if name != depot)
        and all(tour[0] == depot for tour in row["tours"] if tour)
        and lengths == row["lengths"]
        and row["total"] == sum(lengths)
        and case.allows(lengths)
    )


def _enumerated(given: argparse.Namespace, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Check burma14 and gr17 by enumeration, where that ends."""
    checks = []
    for instance, number in ENUMERATED:
        asked = [case for case in cases([instance], [number]) if any(row["case"] == case.key for row in rows)]
        if asked:
            some = [next(row for row in rows if row["case"] == case.key) for case in asked]
            members = [case.fairness() for case in asked]
            checks.append(partitions.checked(towns_of(given.data, instance), instance, number, some, members))
    return checks


def _optima(given: argparse.Namespace) -> list[dict[str, Any]]:
    """Check the reader: shortest tours under the files' own distances are the known ones."""
    found = []
    for instance in given.instances.split(","):
        if instance in OPTIMA:
            towns = salesmen.read_tsplib(given.data / f"{instance}.tsp")
            total = salesmen.solve(towns, 2, None, time_limit=given.cap).cost
            row = {"instance": instance, "shortest": total, "known": OPTIMA[instance]}
            found.append({**row, "agree": total == OPTIMA[instance]})
    return found


def _summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    proven = [row for row in rows if row["status"] == "optimal"]
    return {
        "cases": len(rows),
        "proven": len(proven),
        "verdicts": Counter(row["verdict"] for row in rows),
        "with_waste": sum(any(value > 0.0 for value in row["waste"] or ()) for row in rows),
        "idle_salesmen": sum(0.0 in (row["lengths"] or ()) and row["model"] != "min" for row in rows),
    }


def _show(rows: list[dict[str, Any]]) -> None:
    table = Table("case", "published", "total", "bound", "verdict", "seconds", "processor", "theirs")
    for row in rows:
        shown = [row["published"], row["total"], row["bound"], row["verdict"], row["seconds"], row["processor_seconds"]]
        cells = [f"{value:g}" if isinstance(value, float) else str(value) for value in shown]
        table.add_row(row["case"], *cells, f"{row['published_seconds']:g}")
    CONSOLE.print(table)


if __name__ == "__main__":
    sys.exit(main())
