"""Names of the entries of an agent's observation, in the order of :mod:`evenhand.hospital.features`."""

from __future__ import annotations

from evenhand.hospital.scenario import Scenario
from evenhand.hospital.scenario_arrays import WORKLOADS


def observation_names(scenario: Scenario, agent: int = 0) -> list[str]:
    """Return the names of the entries of an agent's observation; it sees itself before the others.

    Examples
    --------
    >>> from evenhand import hospital
    >>> names = observation_names(hospital.load("rescue-breaths/specialist"))
    >>> names[:4], names[-1]
    (['is agent_1', 'is agent_2', 'is agent_3', 'time left'], "agent_3: level in 'compress'")
    """
    agents = [one.name for one in scenario.agents]
    stations = [station.name for station in scenario.stations]
    items = [item.name for item in scenario.items]
    steps = [step.name if len(scenario.patients) == 1 else f"{step.name} of {p.name}" for p, step in scenario.steps]
    return [
        *(f"is {name}" for name in agents),
        "time left",
        *(f"{step}: units left" for step in steps),
        *(f"{step}: ready" for step in steps),
        *(f"{item}: {place}" for item in items for place in (*(f"at {s}" for s in stations), "carried", "in use")),
        *(
            f"{name}: {entry}"
            for name in (*agents[agent:], *agents[:agent])
            for entry in (
                *(f"at {station}" for station in stations),
                "time to arrival",
                *(f"holds {item}" for item in items),
                "energy",
                "rank of priority",
                *(work_name(definition) for definition in WORKLOADS),
                *(f"level in {skill!r}" for skill in scenario.skills),
            )
        ),
    ]


def work_name(definition: str) -> str:
    """Return the name of an agent's work by a definition of workload."""
    return f"work ({definition})"
