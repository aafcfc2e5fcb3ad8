"""Tables as JSON for the page and for session files, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from evenhand.desk.plan import KINDS, Desk, Wish, rule_of
from evenhand.errors import InputError
from evenhand.tables import CostTable

FORMAT = "evenhand desk 1"


def told(desk: Desk) -> dict[str, Any]:
    """Return a desk as JSON values, from which :func:`restored` makes the same again; forbidden pairs are None."""
    return {
        "format": FORMAT,
        "costs": _table(desk.costs),
        "burdens": None if desk.burdens is None else _table(desk.burdens),
        "entitlements": desk.entitlements,
        "initial_loads": desk.initial_loads,
        "rule": {"measure": desk.rule.measure, "parameter": desk.rule.parameter, "p": desk.rule.p},
        "unit": desk.unit,
        "burden_unit": desk.burden_unit,
        "wishes": told_wishes(desk.wishes),
        "undone": told_wishes(desk.undone),
    }


def restored(data: Mapping[str, Any]) -> Desk:
    """Return the desk that :func:`told` has told.

    Raises
    ------
    InputError
        If it is no session of a desk.
    """
    if not isinstance(data, Mapping) or data.get("format") != FORMAT:
        raise InputError(f"no session of a desk; the file should say {FORMAT!r}")
    try:
        costs = _read(data["costs"])
        desk = Desk(
            costs,
            None if data["burdens"] is None else _read(data["burdens"]),
            _numbers(data["entitlements"]),
            _numbers(data["initial_loads"]),
            rule_of(data["rule"]),
            unit=str(data.get("unit", "")),
            burden_unit=str(data.get("burden_unit", "")),
        )
        wishes, undone = (
            [Wish(str(w["kind"]), int(w["task"]), int(w["agent"])) for w in data[name]] for name in ("wishes", "undone")
        )
    except InputError:
        raise
    except (LookupError, TypeError, ValueError) as error:
        raise InputError(f"the session is damaged: {error}") from None
    for wish in wishes:
        desk = desk.wish(wish.kind, wish.task, wish.agent)
    if any(wish.kind not in KINDS for wish in undone):
        raise InputError("the session is damaged: it has wishes of unknown kinds")
    return replace(desk, undone=tuple(undone))


def _table(table: CostTable) -> dict[str, Any]:
    finite = np.isfinite(table.values)
    return {
        "agents": list(table.agents),
        "tasks": list(table.tasks),
        "values": [
            [value if ok else None for value, ok in zip(row, oks, strict=True)]
            for row, oks in zip(table.values.tolist(), finite.tolist(), strict=True)
        ],
        "agent_xy": None if table.agent_xy is None else table.agent_xy.tolist(),
        "task_xy": None if table.task_xy is None else table.task_xy.tolist(),
        "source": table.source,
        "named": list(table.named),
    }


def _read(data: Mapping[str, Any]) -> CostTable:
    values = [[np.inf if value is None else float(value) for value in row] for row in data["values"]]
    places = {
        name: None if data[name] is None else np.asarray(data[name], dtype=np.float64)
        for name in ("agent_xy", "task_xy")
    }
    first, second = (bool(named) for named in data["named"])
    return CostTable(
        np.array(values, dtype=np.float64),
        tuple(map(str, data["agents"])),
        tuple(map(str, data["tasks"])),
        places["agent_xy"],
        places["task_xy"],
        str(data["source"]),
        (first, second),
    )


def _numbers(values: Any) -> tuple[float, ...] | None:
    return None if values is None else tuple(float(value) for value in values)


def told_wishes(wishes: tuple[Wish, ...]) -> list[dict[str, Any]]:
    """Return wishes as JSON values."""
    return [{"kind": wish.kind, "task": wish.task, "agent": wish.agent} for wish in wishes]
