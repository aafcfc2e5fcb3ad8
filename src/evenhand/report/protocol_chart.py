"""Draw a protocol as a graph, with steps from left to right in the order in which they can be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evenhand.report import page_libraries, palette

if TYPE_CHECKING:
    from evenhand.hospital.scenario import Patient, Scenario, Step

_W, _H, _PITCH_X, _PITCH_Y, _HEAD, _GAP = 150, 68, 190, 88, 26, 18
"""Width and height of a box, distances between the left and between the upper edges of neighbouring boxes, height of a
patient's heading, and space below a patient's boxes, pixels."""
_COLOURS = {"bring": "#E69F00", "treat": "#0072B2"}
_LETTERS = 25
"""Characters per line of a box."""


@dataclass(frozen=True)
class Node:
    """A step and its position in the drawing.

    Attributes
    ----------
    patient
        Number of the patient.
    step
        The step.
    depth
        Length of the longest chain of steps before it, which is its column.
    row
        Distance from the top in pixels.
    """

    patient: int
    step: Step
    depth: int
    row: float


def depths(patient: Patient) -> dict[str, int]:
    """Return the length of the longest chain of steps before each step, by name, in the order of the protocol."""
    steps = {step.name: step for step in patient.steps}
    found: dict[str, int] = {}

    def depth(name: str) -> int:
        if name not in found:
            found[name] = 1 + max((depth(before) for before in steps[name].after), default=-1)
        return found[name]

    return {name: depth(name) for name in steps}


def able(scenario: Scenario, step: Step) -> list[tuple[str, int]]:
    """Return the agents who can do a step with their level in its skill (1 if it needs none), best first."""
    skill = step.treat or step.skill
    levels = [(agent.name, agent.skills.get(skill, 0) if skill else 1) for agent in scenario.agents]
    return sorted((pair for pair in levels if pair[1]), key=lambda pair: -pair[1])


def asks(step: Step) -> str:
    """Return in words what a step requires: an item, or a skill and the number of units."""
    if step.bring:
        return f"bring {step.bring}" + (f" ({step.skill})" if step.skill else "")
    return f"treat: {step.treat}" + (f" × {step.units}" if step.units > 1 else "")


def who(scenario: Scenario, step: Step) -> str:
    """Return in a few words which agents can do a step."""
    people = able(scenario, step)
    if len(people) == len(scenario.agents) and len({level for _, level in people}) == 1:
        level = people[0][1]
        return "everybody" + (f", level {level}" if step.treat and level > 1 else "")
    words = ", ".join(f"{name} ({level})" if step.treat else name for name, level in people)
    if len(words) <= _LETTERS or len(people) == 1:
        return words
    low, high = people[-1][1], people[0][1]
    levels = f"level {high}" if low == high else f"levels {low} to {high}"
    return f"{len(people)} of {len(scenario.agents)}" + (f", {levels}" if step.treat else "")


def protocol_chart(scenario: Scenario) -> Any:
    """Draw the protocols of a scenario, one below the other.

    Parameters
    ----------
    scenario
        A checked scenario.

    Returns
    -------
    altair.LayerChart
        A box for each step with its name, what it requires and who can do it. Steps that bring an item have an orange
        edge and round corners, treatments a blue edge. Lines connect a step to those that must come before it.

    Raises
    ------
    MissingExtraError
        If Altair is not installed.
    """
    alt = page_libraries.altair()
    nodes, heads, height = _placed(scenario)
    width = max(node.depth for node in nodes) * _PITCH_X + _W
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, width], nice=False, zero=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[height, 0], nice=False, zero=False))
    colour = alt.Color("kind:N", legend=None, scale=alt.Scale(domain=list(_COLOURS), range=list(_COLOURS.values())))
    boxes = [_box(scenario, node) for node in nodes]
    layers = [_lines(alt, nodes, x, y)]
    for kind, radius in (("bring", 16), ("treat", 3)):
        data = alt.InlineData(values=[box for box in boxes if box["kind"] == kind])
        mark = alt.Chart(data).mark_rect(fill="white", strokeWidth=2, cornerRadius=radius)
        layers.append(mark.encode(x=x, x2="x2:Q", y=y, y2="y2:Q", stroke=colour, tooltip=["step:N", "asks:N", "who:N"]))
    for field, rise, style, size in (("step", 18, "label", 13), ("asks", 36, "note", 11), ("who", 53, "note", 11)):
        rows = [{"x": box["x"] + 12, "y": box["y"] + rise, "text": box[field]} for box in boxes]
        text = alt.Chart(alt.InlineData(values=rows)).mark_text(
            align="left", baseline="middle", style=style, fontSize=size, limit=_W - 18
        )
        layers.append(text.encode(x=x, y=y, text="text:N"))
    titles = [{"x": 0, "y": top, "text": text} for top, text in heads]
    layers.append(
        alt.Chart(alt.InlineData(values=titles))
        .mark_text(align="left", baseline="middle", style="label")
        .encode(x=x, y=y, text="text:N")
    )
    return (
        alt.layer(*layers)
        .properties(width=width, height=height, background="white", padding=16)
        .properties(description=f"The protocols of {scenario.name}: {len(nodes)} steps.")
        .configure(**palette.light_theme())
    )


def _placed(scenario: Scenario) -> tuple[list[Node], list[tuple[float, str]], float]:
    """Return the nodes, the position and text of each patient's heading, and the total height."""
    nodes: list[Node] = []
    heads: list[tuple[float, str]] = []
    top = 0.0
    for number, patient in enumerate(scenario.patients):
        heads.append((top + _HEAD / 2, f"{patient.name}, at {patient.at}"))
        top += _HEAD
        layers: dict[int, list[Step]] = {}
        for step in patient.steps:
            layers.setdefault(depths(patient)[step.name], []).append(step)
        tallest = max(map(len, layers.values()))
        for depth, steps in layers.items():
            rows = _in_line(steps, nodes, number, top)
            for row, step in enumerate(rows):
                offset = (tallest - len(rows)) / 2 + row
                nodes.append(Node(number, step, depth, top + offset * _PITCH_Y))
        top += tallest * _PITCH_Y + _GAP
    return nodes, heads, top


def _in_line(steps: Sequence[Step], nodes: Sequence[Node], patient: int, top: float) -> list[Step]:
    """Return the steps of one column ordered by the mean row of their predecessors, so that fewer lines cross."""
    rows = {node.step.name: node.row for node in nodes if node.patient == patient}

    def height(step: Step) -> float:
        known = [rows[name] for name in step.after if name in rows]
        return sum(known) / len(known) if known else top

    return sorted(steps, key=height)


def _box(scenario: Scenario, node: Node) -> dict[str, Any]:
    step = node.step
    left, kind = node.depth * _PITCH_X, "bring" if step.bring else "treat"
    return {
        "x": left,
        "x2": left + _W,
        "y": node.row,
        "y2": node.row + _H,
        "kind": kind,
        "step": step.name,
        "asks": asks(step),
        "who": who(scenario, step),
    }


def _lines(alt: Any, nodes: Sequence[Node], x: Any, y: Any) -> Any:
    """Draw a curve from each step to each step that depends on it."""
    places = {(node.patient, node.step.name): node for node in nodes}
    points = []
    for node in nodes:
        for name in node.step.after:
            before = places[node.patient, name]
            start, end = before.depth * _PITCH_X + _W, node.depth * _PITCH_X
            bend = (end - start) * 0.5 if end - start <= _PITCH_X else 0.5 * (_PITCH_X - _W)
            one, other = before.row + _H / 2, node.row + _H / 2
            corners = [(start, one), (start + bend, one), (end - bend, other), (end, other)]
            if end - start <= _PITCH_X:
                corners = [(start, one), (start + bend, one), (start + bend, other), (end, other)]
            edge = f"{node.patient} {name} {node.step.name}"
            points += [{"edge": edge, "at": k, "x": px, "y": py} for k, (px, py) in enumerate(corners)]
    chart = alt.Chart(alt.InlineData(values=points)).mark_line(interpolate="basis", strokeWidth=1.6, color="#a3abb3")
    return chart.encode(x=x, y=y, detail="edge:N", order="at:Q")
