"""Draw an assignment as a map, with a line from each task to its agent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.report import page_libraries, palette
from evenhand.report.chart_rows import paid_costs, sampled_tasks
from evenhand.tables import CostTable

if TYPE_CHECKING:
    from evenhand.assignment.assignment_result import Assignment

MOST_TASKS = 2000
"""Upper limit on the tasks drawn; of more, a sample in proportion to each agent's tasks is drawn."""

_MOST_LABELS = 30
"""Upper limit on the agents whose names are written on the map."""
_CROWD = 600
"""Number of tasks above which the lines to the agents are drawn fainter."""
# On narrow screens, labels are smaller, so that neighbours do not overlap.
_LABEL: dict[str, Any] = {"fontSize": {"expr": "width < 440 ? 11 : 13"}, "limit": {"expr": "width < 440 ? 96 : 240"}}


def has_map(answer: Assignment, table: CostTable) -> bool:
    """Return whether there are an assignment and coordinates of its tasks."""
    return answer.assignment is not None and table.task_xy is not None


def map_chart(answer: Assignment, table: CostTable) -> Any:
    """Draw tasks at their coordinates, with the colour and shape of their agent and a line to it.

    Parameters
    ----------
    answer
        An answer with an assignment.
    table
        The costs, with coordinates of the tasks; agents without coordinates are placed at the mean of their tasks.

    Returns
    -------
    altair.LayerChart
        The map; of more than 2,000 tasks it shows a sample. Its ``usermeta.aspect`` is the height over the width at
        which both axes have the same scale.

    Raises
    ------
    InputError
        If there is no assignment, or if the tasks have no coordinates.
    MissingExtraError
        If Altair is not installed.
    """
    if not has_map(answer, table):
        raise InputError("a map needs an assignment and the places (x, y) of its tasks")
    alt = page_libraries.altair()
    sites = _sites(answer, table)
    domain_x, domain_y = _domains(table, sites)
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=domain_x, nice=False, zero=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=domain_y, nice=False, zero=False))
    picked = alt.selection_point(name="picked", fields=["agent"], on="click", clear="dblclick", empty=True)
    colour, shape = _marks(alt, answer.agents)
    tasks = alt.Chart(alt.InlineData(values=_tasks(answer, table, sites)))
    agents = alt.Chart(alt.InlineData(values=_agents(answer, sites)))
    tooltip = [alt.Tooltip(name, type="nominal") for name in ("task", "agent")]
    tooltip.append(alt.Tooltip("cost:Q", format=",.4~f"))
    bright = alt.when(picked)
    crowded = len(answer.tasks) > _CROWD
    lines = tasks.mark_rule(strokeWidth=1, aria=False).encode(
        x=x,
        y=y,
        x2="to_x",
        y2="to_y",
        color=colour,
        opacity=bright.then(alt.value(0.18 if crowded else 0.45)).otherwise(alt.value(0.05)),
    )
    dots = tasks.mark_point(filled=True, size=12 if crowded else 26).encode(
        x=x,
        y=y,
        color=colour,
        shape=shape,
        tooltip=tooltip,
        opacity=bright.then(alt.value(1)).otherwise(alt.value(0.12)),
    )
    places = agents.mark_point(filled=True, size=110 if crowded else 240, opacity=1, style="site").encode(
        x=x, y=y, color=colour, shape=shape, tooltip=[alt.Tooltip("agent:N")]
    )
    text = alt.Text("label:N")
    halo = agents.mark_text(dy=-19, style=["halo", "halo-label"], aria=False, **_LABEL).encode(x=x, y=y, text=text)
    label = agents.mark_text(dy=-19, style="label", **_LABEL).encode(x=x, y=y, text=text)
    layers = [lines, dots.add_params(picked)]
    layers += [places, halo, label] if table.agent_xy is not None else [halo, label]
    aspect = _aspect(domain_x, domain_y)
    return (
        alt.layer(*layers)
        .properties(width="container", height=round(720 * aspect), usermeta={"aspect": aspect})
        .properties(description=f"Map: {len(answer.tasks)} tasks, each tied to its agent by a line.")
        .configure(**palette.light_theme())
    )


def _sites(answer: Assignment, table: CostTable) -> NDArray[np.float64]:
    """Return the position of each agent, shape (n, 2): its coordinates, or the mean of its tasks' (NaN without any)."""
    if table.agent_xy is not None:
        return np.asarray(table.agent_xy, dtype=np.float64)
    assert table.task_xy is not None
    assert answer.assignment is not None
    n = len(answer.agents)
    counts = np.bincount(answer.assignment, minlength=n)
    sums = [np.bincount(answer.assignment, weights=table.task_xy[:, k], minlength=n) for k in (0, 1)]
    with np.errstate(invalid="ignore"):
        return np.column_stack(sums) / counts[:, None]


def _domains(table: CostTable, sites: NDArray[np.float64]) -> tuple[list[float], list[float]]:
    assert table.task_xy is not None
    everything = np.vstack([table.task_xy, sites[~np.isnan(sites[:, 0])]])
    low, high = everything.min(axis=0), everything.max(axis=0)
    # A margin for marks and labels. If all places are on a line, the map still gets some height.
    margin = 0.05 * max(float((high - low).max()), 1e-9)
    span = np.maximum(high - low, 0.25 * float((high - low).max()))
    middle = (low + high) / 2
    low, high = middle - span / 2 - margin, middle + span / 2 + margin
    return [float(low[0]), float(high[0])], [float(low[1]), float(high[1])]


def _aspect(domain_x: list[float], domain_y: list[float]) -> float:
    return (domain_y[1] - domain_y[0]) / (domain_x[1] - domain_x[0])


def _marks(alt: Any, agents: Sequence[str]) -> tuple[Any, Any]:
    names, number = list(agents), len(agents)
    return (
        alt.Color("agent:N", legend=None, scale=alt.Scale(domain=names, range=palette.colours(number))),
        alt.Shape("agent:N", legend=None, scale=alt.Scale(domain=names, range=palette.shapes(number))),
    )


def _tasks(answer: Assignment, table: CostTable, sites: NDArray[np.float64]) -> list[dict[str, Any]]:
    assert table.task_xy is not None
    assert answer.assignment is not None
    costs = paid_costs(answer, table)
    return [
        {
            "task": answer.tasks[j],
            "agent": answer.agents[answer.assignment[j]],
            "cost": float(costs[j]),
            "x": float(table.task_xy[j, 0]),
            "y": float(table.task_xy[j, 1]),
            "to_x": float(sites[answer.assignment[j], 0]),
            "to_y": float(sites[answer.assignment[j], 1]),
        }
        for j in sampled_tasks(answer.assignment, MOST_TASKS)
    ]


def _agents(answer: Assignment, sites: NDArray[np.float64]) -> list[dict[str, Any]]:
    labelled = len(answer.agents) <= _MOST_LABELS
    return [
        {"agent": name, "label": name if labelled else "", "x": float(place[0]), "y": float(place[1])}
        for name, place in zip(answer.agents, sites, strict=True)
        if not np.isnan(place[0])
    ]
