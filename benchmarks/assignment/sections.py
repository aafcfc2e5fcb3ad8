"""The tables, each a title, heads and lines of text: the terminal and the page in the docs both show these."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.assignment.cases import ORDERS
from benchmarks.assignment.checks import OURS, PROVEN
from benchmarks.assignment.distributions import DISTRIBUTIONS, described
from benchmarks.assignment.figures import (
    NOTICED,
    SHARES,
    Ratio,
    Row,
    Spread,
    beside_best,
    certified,
    counted,
    duration,
    factor,
    grouped,
    identity,
    of_part,
    slack_ratios,
)
from benchmarks.assignment.parts import EXACT_CAP, PARTS, THIN_GAP
from benchmarks.assignment.peers import NAMES

Result = dict[str, Any]
Line = tuple[str, ...]
INFEASIBLE = "infeasible"


@dataclass(frozen=True)
class Section:
    """A table, and a sentence on what it shows."""

    title: str
    about: str
    heads: Line
    lines: list[Line]


def sections(result: Result) -> list[Section]:
    """Return the tables of what was measured; parts that were not are left out."""
    rows = result["cases"]
    made = (
        _first(result.get("first")),
        _how_well(rows),
        _exact(rows),
        _sizes(rows),
        _slack(rows),
        _certificates(rows),
        _capped(rows),
        _drawn(rows),
    )
    return [section for section in made if section is not None and section.lines]


def _first(first: Result | None) -> Section | None:
    if first is None:
        return None
    line = (
        *(duration(first[f"{key}_seconds"]) for key in ("compiling", "import", "first", "warm")),
        f"{first['peak_bytes'] / 1e6:.0f} MB",
        f"{first['compiling_peak_bytes'] / 1e6:.0f} MB",
    )
    heads = ("compiling", "import", "first call", "second call", "peak memory", "while compiling")
    about = f"{first['case']}: everything compiled anew, then new processes with compiled loops on disk."
    return Section("The first call", about, heads, [line])


def _how_well(rows: list[Row]) -> Section:
    peers = [name for name in NAMES if name != OURS and any(row["solver"] == name for row in rows)]
    lines: list[Line] = []
    for part in (name for name in PARTS if name != "slack"):
        theirs = {name: of_part(rows, part, name) for name in peers}
        for (group, kind), ours in _kinds(of_part(rows, part)).items():
            spread = Spread.of(ours)
            ratios = (_ratio(Ratio.of(ours, theirs[name])) for name in peers)
            lines.append(
                (
                    _label(part, group),
                    kind,
                    f"{spread.solved} of {spread.cases}",
                    duration(spread.median),
                    duration(spread.slowest),
                    spread.slowest_case.partition(", ")[2] if spread.slowest > NOTICED else "",
                    *ratios,
                    *([_least(beside_best(ours, [row for some in theirs.values() for row in some]))] if peers else []),
                )
            )
    about = (
        "Warm calls, in processor time. A constraint is slack where the cheapest assignment of all is fair, binding "
        "elsewhere. *Solved* is proven to the gap: 1e-4, 1e-9 or 1e-3 where it says so. Under a peer stands how many "
        "times as long as evenhand it takes: geometric mean (range) over the cases that both were given, and how many "
        "of these it solved; hence *at least* where the peer was capped in some, *at most* where ours was. The last "
        "column has the least ratio of the fastest peer, case by case, to evenhand, over the cases in which either "
        f"needs more than {duration(NOTICED)}. CP-SAT takes linear members only."
    )
    heads = ("cases", "constraint", "solved", "median", "slowest", "the slowest")
    last = ("the fastest peer, least",) if peers else ()
    return Section("How well", about, (*heads, *(NAMES[name] for name in peers), *last), lines)


def _least(found: tuple[int, float] | None) -> str:
    return "-" if found is None else f"{factor(found[1])} of {found[0]}"


def _ratio(ratio: Ratio | None) -> str:
    if ratio is None:
        return "-"
    if ratio.solved == ratio.own_solved == 0:
        return f"neither solves one of {ratio.cases}"
    return (
        f"{ratio.means}{factor(ratio.mean)} ({factor(ratio.least)} to {factor(ratio.most)}), "
        f"{ratio.solved} of {ratio.cases}"
    )


def _exact(rows: list[Row]) -> Section | None:
    ours = of_part(rows, "exact")
    if not ours:
        return None
    lines: list[Line] = [_proven("evenhand, all", ours)]
    theirs = {name: of_part(rows, "exact", name) for name in NAMES if name != OURS}
    shared = {identity(row) for some in theirs.values() for row in some}
    if shared:
        lines.append(_proven("evenhand, the cases of the peers", [row for row in ours if identity(row) in shared]))
    lines += [_proven(NAMES[name], some) for name, some in theirs.items() if some]
    about = f"A gap of 1e-9, {EXACT_CAP:g} s a case."
    return Section("Proven optima", about, ("solver", "proven", "of binding ones", "median", "slowest"), lines)


def _proven(label: str, rows: list[Row]) -> Line:
    binding = [row for row in rows if row["binding"]]
    spread = Spread.of(rows)
    proven = sum(row["status"] in PROVEN for row in binding)
    return (
        label,
        f"{spread.solved} of {spread.cases}",
        f"{proven} of {len(binding)}",
        duration(spread.median),
        duration(spread.slowest),
    )


def _sizes(rows: list[Row]) -> Section:
    lines: list[Line] = []
    for solver in NAMES:
        large = [row for part in ("sizes", "thin") for row in of_part(rows, part, solver)]
        groups = grouped(large, lambda row: (_label(row["part"], row["group"]), row["epsilon"]))
        for (group, epsilon), some in groups.items():
            cells = grouped(some, lambda row: float(row["p"]))
            reached = (_reached(cells[p]) if p in cells else "" for p in ORDERS)
            lines.append((group, f"{epsilon:g}", NAMES[solver], *reached))
    caps = [row["cap"] for row in rows if row["part"] in {"sizes", "thin"}]
    about = f"Seconds to a gap of 1e-4, or of 1e-3 where it says so; or the gap after {max(caps, default=0.0):g} s."
    return Section("Larger cases", about, ("cases", "epsilon", "solver", *(f"p = {p:g}" for p in ORDERS)), lines)


def _reached(rows: list[Row]) -> str:
    """Return the median of the seconds, or of the gaps where not all were closed."""
    if all(row["status"] in PROVEN for row in rows):
        return duration(median(counted(row) for row in rows))
    gaps = [1.0 if row["gap"] is None else row["gap"] for row in rows]
    return "nothing found" if min(gaps) == 1.0 else f"gap {median(gaps):.1e}"


def _slack(rows: list[Row]) -> Section:
    lines: list[Line] = []
    for group, some in grouped(of_part(rows, "slack"), lambda row: row["group"]).items():
        ratios = slack_ratios(some)
        if ratios:
            times = [[row["seconds"] for row in some if (row["epsilon"] > 0.0) is asked] for asked in (False, True)]
            factors = [ratio for ratio, _ in ratios]
            cells = (*(duration(median(one)) for one in times), *(f"{of(factors):.2f}" for of in (median, max)))
            lines.append((group, str(len(ratios)), *cells))
    about = "Cases where the dispersion paper's solver stalls: p = 10, epsilon 0.1 to 0.3, nothing asked in effect."
    heads = ("cases", "number", "median at epsilon 0", "median", "ratio, median", "ratio, largest")
    return Section("Slack at p = 10", about, heads, lines)


def _certificates(rows: list[Row]) -> Section:
    lines: list[Line] = []
    for part in ("seed", "exact", "clusters", "lattices", "sizes", "thin", "distributions"):
        for (group, kind), some in _kinds(of_part(rows, part)).items():
            if kind != INFEASIBLE:
                shares = (f"{share:.0%}" for share in certified(some))
                lines.append((_label(part, group), kind, str(len(some)), *shares))
    about = "Share of the cases in which the certificate alone proves a gap."
    heads = ("cases", "constraint", "number", *(f"{share:.0e}" for share in SHARES))
    return Section("Certificates", about, heads, lines)


def _capped(rows: list[Row]) -> Section:
    lines: list[Line] = []
    capped = [row for row in rows if row["part"] != "sizes" and row["status"] not in PROVEN]
    for (solver, part, group), some in grouped(capped, lambda row: (row["solver"], row["part"], row["group"])).items():
        orders = grouped(sorted(some, key=lambda row: float(row["p"])), lambda row: row["p"])
        named = "; ".join(
            f"{f'p = {p}: ' if p else ''}{', '.join(_which(row) for row in few)}" for p, few in orders.items()
        )
        lines.append((NAMES[solver], _label(part, group), str(len(some)), named))
    about = "Cases that were stopped at the cap, by order: level (number of the instance)."
    return Section("Capped", about, ("solver", "cases", "number", "which"), lines)


def _drawn(rows: list[Row]) -> Section:
    kinds = {row["group"].partition(" ")[0] for row in rows}
    lines: list[Line] = [(kind, described(kind)) for kind in DISTRIBUTIONS if kind in kinds]
    return Section("Instances that are generated", "From a seed, the number; agents x tasks.", ("name", "what"), lines)


def _which(row: Row) -> str:
    rule = row.get("member") or f"{row['epsilon']:g}"
    return f"{rule} ({row['number']}{', died' if row['status'] == 'died' else ''})"


def _kinds(rows: list[Row]) -> dict[tuple[str, str], list[Row]]:
    """Return rows by group and whether the constraint binds: slack before binding before infeasible."""
    kinds: dict[tuple[str, str], list[Row]] = {}
    for group, some in grouped(rows, lambda row: row["group"]).items():
        by_kind = grouped(some, _kind)
        kinds |= {(group, kind): by_kind[kind] for kind in ("slack", "binding", INFEASIBLE) if kind in by_kind}
    return kinds


def _kind(row: Row) -> str:
    if row["status"] == INFEASIBLE:
        return INFEASIBLE
    return "binding" if row["binding"] else "slack"


def _label(part: str, group: str) -> str:
    """Return how a table calls the cases of a part and a kind."""
    gap = {"exact": ", gap 1e-9", "thin": f", gap {THIN_GAP:.0e}"}
    return group + gap.get(part, "")
