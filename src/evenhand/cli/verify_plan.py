"""``evenhand verify`` for a plan in shards: a folder that `evenhand assign` has written part by part."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from evenhand.cli.fairness_options import Asked
from evenhand.cli.inputs import Tables, agent_values
from evenhand.errors import InputError

if TYPE_CHECKING:
    from evenhand.assignment import Verdict

_PLAN = "plan.json"


def in_either_order(costs: Path, answer: Path) -> tuple[Path, Path] | None:
    """Return the folder of the table and that of the plan, given in either order; None if neither is a plan's."""
    if (costs / _PLAN).is_file() and not (answer / _PLAN).is_file():
        return answer, costs
    return (costs, answer) if answer.is_dir() else None


def verdict_on_plan(
    tables: Tables,
    asked: Asked,
    costs: Path,
    plan: Path,
    *,
    entitlements: str | None,
    proof: Path | None,
    from_: Path | None,
    change_at_most: int | None,
    **rest: Any,
) -> Verdict:
    """Return the verdict on a plan, given the options of the command.

    Raises
    ------
    InputError
        If a value or an option cannot be used.
    """
    given = {
        "--proof": proof,
        "--from": from_,
        "--change-at-most": change_at_most,
        "--locked": tables.locked,
        "--without": tables.without,
        "--sheet": tables.sheet,
        "--ignore-row": tables.ignore_row,
        "--ignore-column": tables.ignore_column,
    }
    for option, value in given.items():
        if value not in (None, (), []):
            raise InputError(f"{option}: needs the table in memory, and a plan in shards has none; leave it out")
    from evenhand.assignment import verify_plan
    from evenhand.assignment.shards.open_shards import open_shards

    source = open_shards(costs, tables.burdens, tasks_in_rows=tables.tasks_as == "rows")
    shares = None if entitlements is None else agent_values(entitlements, source.agents, "--entitlements")
    loads = tables.initial_loads
    carried = None if loads is None else agent_values(loads, source.agents, "--initial-loads")
    fairness = asked.member(len(source.agents), shares) if asked else None
    maximise = rest.pop("maximise")
    return verify_plan(
        source,
        plan,
        fairness=fairness,
        entitlements=shares,
        initial_loads=carried,
        maximise=maximise if maximise or fairness is not None else None,
        **rest,
    )
