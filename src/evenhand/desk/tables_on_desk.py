"""Tables as JSON for the page and for session files, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from evenhand.desk.asked import Asked, asked_of
from evenhand.desk.plan import Desk, Further
from evenhand.errors import InputError
from evenhand.tables import CostTable

FORMAT, FORMER = "evenhand desk 2", "evenhand desk 1"
"""Name of the form of a session, and of the one before, which knew one burden and wishes alone."""


def told(desk: Desk) -> dict[str, Any]:
    """Return a desk as JSON values, from which :func:`restored` makes the same again; forbidden pairs are None."""
    return {
        "format": FORMAT,
        "costs": _table(desk.costs),
        "burdens": None if desk.burdens is None else _table(desk.burdens),
        "further": [{"name": one.name, "table": _table(one.table)} for one in desk.further],
        "entitlements": desk.entitlements,
        "initial_loads": desk.initial_loads,
        "unit": desk.unit,
        "burden_unit": desk.burden_unit,
        "mended": desk.mended,
        **told_asked(desk),
        "history": [asked.told() for asked in desk.history],
        "undone": [asked.told() for asked in desk.undone],
    }


def told_asked(desk: Desk) -> dict[str, Any]:
    """Return what is asked of the plan as JSON values, and how many steps can be undone and done again."""
    return {**desk.asked.told(), "steps": [len(desk.history), len(desk.undone)]}


def restored(data: Mapping[str, Any]) -> Desk:
    """Return the desk that :func:`told` has told.

    Raises
    ------
    InputError
        If it is no session of a desk.
    """
    form = data.get("format") if isinstance(data, Mapping) else None
    if form not in (FORMAT, FORMER):
        raise InputError(f"no session of a desk; the file should say {FORMAT!r}")
    try:
        return _restored(data)
    except InputError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"the session is damaged: {error}") from None


def _restored(data: Mapping[str, Any]) -> Desk:
    further = tuple(Further(str(one["name"]), _read(one["table"])) for one in data.get("further", ()))
    asked = asked_of({name: data[name] for name in _ASKED if name in data}, Asked())
    desk = Desk(
        _read(data["costs"]),
        None if data["burdens"] is None else _read(data["burdens"]),
        _numbers(data["entitlements"]),
        _numbers(data["initial_loads"]),
        asked.rule,
        bounds=asked.bounds,
        further=further,
        shares=asked.shares,
        unit=str(data.get("unit", "")),
        burden_unit=str(data.get("burden_unit", "")),
        mended=tuple(map(str, data.get("mended", ()))),
    )
    shape = desk.costs.values.shape
    if any(one.table.values.shape != shape for one in (*further, *filter(None, [_as_further(desk)]))):
        raise InputError("the session is damaged: its tables are not of one size")
    for wish in asked.wishes:
        desk = desk.wish(wish.kind, wish.task, wish.agent)
    if data["format"] == FORMER:
        return desk
    steps = [[asked_of(one, Asked()) for one in data[name]] for name in ("history", "undone")]
    for one in (*steps[0], *steps[1]):
        # Asked once, so that a damaged step is refused now and not when it is taken back.
        again = replace(desk, wishes=()).asking(replace(one, wishes=()))
        for wish in one.wishes:
            again = again.wish(wish.kind, wish.task, wish.agent)
    return replace(desk, history=tuple(steps[0]), undone=tuple(steps[1]))


_ASKED = ("rule", "bounds", "shares", "wishes")


def _as_further(desk: Desk) -> Further | None:
    return None if desk.burdens is None else Further("burdens", desk.burdens)


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
