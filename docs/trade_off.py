"""Search the exact trade-off of every built-in scenario for three agents: ``python -m docs.trade_off``.

Writes ``docs/data/trade-off/NAME.json``, the table in ``docs/reference/trade-off.md`` and the pictures. A file that
was written for the same scenario is kept, so an interrupted run goes on where it was; ``--again`` searches anew.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evenhand import hospital
from evenhand.hospital.planner import TradeOff, trade_off
from evenhand.hospital.scenario_arrays import arrays_of
from evenhand.tables import write_json
from evenhand.tables.write import atomic_writer

if TYPE_CHECKING:
    from evenhand.hospital.scenario import Scenario

HERE = Path(__file__).parent
DATA = HERE / "data" / "trade-off"
PAGE = HERE / "reference" / "trade-off.md"
PHYSICAL = (
    *("travel", "item_kind", "item_starts", "agent_starts", "capacity", "recovery", "level", "step_place", "step_kind"),
    *("step_skill", "step_units", "step_after", "drain", "horizon"),
)
"""What the digest of a scenario covers: its words and rewards may change without a new search."""
TAUS = (0.55, 0.65, 0.75, 0.85, 0.95, 1.0)
BEGIN, END = "<!-- begin: python -m docs.trade_off -->", "<!-- end -->"


@dataclass(frozen=True)
class Searched:
    """The trade-off of one scenario and how long the search took."""

    curve: TradeOff
    seconds: float


def main() -> None:
    """Search what is missing, then write the table and draw the pictures."""
    from docs.trade_off_pictures import draw

    DATA.mkdir(parents=True, exist_ok=True)
    trade_off(hospital.load("rescue-breaths"))  # so that no time below is that of compiling
    found = [search(name, again="--again" in sys.argv) for name in built_in()]
    replace_table(PAGE, table(found))
    draw([one.curve for one in found])


def built_in() -> list[str]:
    """Return the names of the built-in scenarios for three agents."""
    return [name for name in hospital.names() if len(hospital.load(name).agents) == 3]


def search(name: str, *, again: bool = False) -> Searched:
    """Return the trade-off of a scenario, from its file where that is of the same scenario."""
    scenario = hospital.load(name)
    path = data_file(name)
    if path.exists() and not again:
        written = json.loads(path.read_text(encoding="utf-8"))
        if written["scenario_sha256"] == fingerprint(scenario):
            return Searched(TradeOff.from_dict(written["trade_off"]), written["seconds"])
    began = time.perf_counter()
    curve = trade_off(scenario, progress=lambda steps, horizon: _say(f"{name}: {steps} of at most {horizon} steps"))
    seconds = time.perf_counter() - began
    _say(f"{name}: {seconds:.1f} s\n")
    about = {"scenario_sha256": fingerprint(scenario), "workload": "useful", "seconds": round(seconds, 2)}
    write_json(path, {**about, "trade_off": curve.to_dict()})
    return Searched(curve, round(seconds, 2))


def data_file(name: str) -> Path:
    """Return where the data of a scenario are."""
    return DATA / f"{name.replace('/', '-')}.json"


def fingerprint(scenario: Scenario) -> str:
    """Return a digest of everything in the scenario that bears on time and workload."""
    arrays = arrays_of(scenario)
    digest = hashlib.sha256(repr([station.name for station in scenario.stations]).encode())
    for field in PHYSICAL:
        values = getattr(arrays, field)
        digest.update(f"{field} {values.shape} {values.tolist()}".encode())
    return digest.hexdigest()


def table(found: list[Searched]) -> str:
    """Return the table of the page."""
    heads = ["scenario", "success", "quickest: steps", "Jain, at best", "at worst", "fairest: steps", "Jain"]
    heads += [f"≥ {tau:.2f}" for tau in TAUS] + ["starts", "states", "seconds"]
    lines = [f"| {' | '.join(heads)} |", "|---|" + "---:|" * (len(heads) - 1)]
    return "\n".join(lines + [f"| {' | '.join(_cells(one))} |" for one in found])


def replace_table(page: Path, text: str) -> None:
    """Put a table between the marks of a page."""
    before, rest = page.read_text(encoding="utf-8").split(BEGIN)
    with atomic_writer(page) as stream:
        stream.write(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}".encode())


def _cells(one: Searched) -> list[str]:
    curve = one.curve
    (jain, quick), (most, slow) = curve.hull[0], curve.hull[-1]
    times = [curve.time_at(tau) for tau in TAUS]
    return [
        f"`{curve.scenario}`",
        f"{100 * curve.success:.4g} %",
        f"{quick:.2f}",
        f"{jain:.3f}",
        f"{curve.least_jain:.3f}",
        f"{slow:.2f}",
        f"{most:.3f}",
        *("–" if at is None else f"{at:.2f}" for at in times),
        f"{'' if curve.every_start else 'sample of '}{curve.starts:,}",
        f"{curve.states:,}",
        f"{one.seconds:.1f}",
    ]


def _say(words: str) -> None:
    sys.stderr.write(f"\r\033[K{words}" if sys.stderr.isatty() else words if words.endswith("\n") else "")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
