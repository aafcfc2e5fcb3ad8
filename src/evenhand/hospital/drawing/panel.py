"""The panel beside the floor: progress of the episode, evenness of the work, and each agent's skills and work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from evenhand.hospital.drawing import palette, tokens
from evenhand.hospital.drawing.canvas import Canvas, measure
from evenhand.hospital.drawing.floor_layout import Box

if TYPE_CHECKING:
    from evenhand.hospital.drawing.facts import Facts, Snapshot

WORDS = {"useful": "units of useful work", "actions": "actions", "effort": "energy spent"}
"""Unit of each of the three workloads."""
_TWO_COLUMNS_FROM = 13
_READABLE = 4
"""Names of skills are split over two lines only if at least this many letters of each fit on one."""


def header(canvas: Canvas, facts: Facts, state: Snapshot, box: Box, unit: float) -> None:
    """Draw the scenario's name, the clock and the state of the episode."""
    scenario = facts.scenario
    clock = Box(box.right - 300 * unit, box.y, 300 * unit, box.h)
    text = clock.x - box.x - 24 * unit
    middle = box.y + box.h / 2
    canvas.words(box.x, middle - 11 * unit, scenario.name, 22 * unit, bold=True, width=text)
    canvas.words(box.x, middle + 14 * unit, scenario.description, 13 * unit, palette.SOFT, width=text)
    time, horizon = int(state.time), scenario.horizon
    if facts.success(state):
        word, colour = "success", palette.DONE
    elif time >= horizon:
        word, colour = "out of time", palette.TIRED
    else:
        word, colour = "running", palette.SOFT
    taken = canvas.words(clock.x, middle - 9 * unit, f"step {time}", 20 * unit, bold=True)
    canvas.words(clock.x + taken + 9 * unit, middle - 7 * unit, f"of {horizon}", 13 * unit, palette.SOFT)
    width = 96 * unit
    badge = Box(clock.right - width, middle - 22 * unit, width, 24 * unit)
    canvas.panel(badge, colour if word != "running" else palette.GRID, radius=12 * unit)
    ink = palette.SOFT if word == "running" else palette.PAPER
    canvas.words(*badge.centre, word, 13 * unit, ink, anchor="mm", bold=True)
    strip = Box(clock.x, middle + 12 * unit, clock.w, 5 * unit)
    tokens.bar(canvas, strip, time / horizon, colour)


def evenness(canvas: Canvas, facts: Facts, state: Snapshot, earlier: Sequence[Snapshot], box: Box, unit: float) -> None:
    """Draw Jain's index with its curve so far, and progress and reward below."""
    canvas.words(box.x, box.y + 9 * unit, "Jain's index", 13 * unit, palette.SOFT)
    # The index of an idle team is 1 by definition; it is drawn pale until somebody has worked.
    ink = palette.INK if facts.workload(state).any() else palette.FAINT
    canvas.words(box.x, box.y + 38 * unit, f"{facts.jain(state):.3f}", 34 * unit, ink, bold=True)
    chart = Box(box.x + 128 * unit, box.y + 2 * unit, box.w - 128 * unit, 54 * unit)
    _sparkline(canvas, facts, [*earlier, state], chart, unit)
    y = box.y + 74 * unit
    canvas.words(box.x, y, "progress", 13 * unit, palette.SOFT)
    canvas.words(box.x + 66 * unit, y, f"{100 * facts.progress(state):.0f} %", 13 * unit, bold=True)
    reward = f"{facts.reward(state):+.2f}"
    tokens.bar(canvas, Box(chart.x, y - 4 * unit, chart.w - 118 * unit, 8 * unit), facts.progress(state), palette.DONE)
    canvas.words(chart.right - 50 * unit, y, "reward", 13 * unit, palette.SOFT, anchor="rm")
    canvas.words(chart.right, y, reward, 13 * unit, anchor="rm", bold=True)


def _sparkline(canvas: Canvas, facts: Facts, states: Sequence[Snapshot], box: Box, unit: float) -> None:
    """Draw the index over the whole horizon, from 1/n (one works alone) to 1 (all alike)."""
    n, horizon = facts.arrays.n_agents, facts.scenario.horizon
    low, high, left = box.bottom - 5 * unit, box.y + 5 * unit, box.x + 22 * unit
    for level, mark in ((1.0, "1"), (1 / n, f"1/{n}")):
        y = low + (high - low) * (level - 1 / n) / (1 - 1 / n)
        canvas.line([(left, y), (box.right, y)], palette.GRID, 1.0)
        canvas.words(left - 5 * unit, y, mark, 9.5 * unit, palette.SOFT, anchor="rm")
    course = sorted({int(one.time): facts.jain(one) for one in states}.items())
    points: list[tuple[float, float]] = []
    for time, jain in course:
        x = left + (box.right - left - 4 * unit) * time / horizon
        y = low + (high - low) * (jain - 1 / n) / (1 - 1 / n)
        points += [(x, points[-1][1]), (x, y)] if points else [(x, y)]
    if len(points) > 1:
        canvas.line(points, palette.AGENTS[0], 2.0 * unit)
    x, y = points[-1]
    canvas.disc(x, y, 4 * unit, palette.AGENTS[0])


def team_height(facts: Facts, unit: float, most: float) -> float:
    """Return the height that the team's table needs, at most `most`."""
    rows = _rows(facts)
    return min(42 * unit + rows * 40 * unit, most)


def team(canvas: Canvas, facts: Facts, state: Snapshot, box: Box, unit: float) -> None:
    """Draw a row for each agent: its name, skills, energy and workload so far."""
    n = facts.arrays.n_agents
    rows = _rows(facts)
    columns = -(-n // rows)
    skills = facts.scenario.skills
    loads = facts.workload(state)
    high = (box.h - 40 * unit) / rows
    canvas.words(box.x, box.y + 9 * unit, "Team", 15 * unit, bold=True)
    about = f"{WORDS[facts.scenario.workload]}, the line is the mean"
    if measure(about, 11 * unit) < 0.6 * box.w:
        canvas.words(box.right, box.y + 9 * unit, about, 11 * unit, palette.SOFT, anchor="rm")
    gap = 18 * unit
    width = (box.w - gap * (columns - 1)) / columns
    for column in range(columns):
        strip = Box(box.x + column * (width + gap), box.y + 40 * unit, width, box.h - 40 * unit)
        parts = _parts(strip, len(skills), bool(facts.arrays.capacity.any()), unit, columns)
        _heads(canvas, skills, parts, box.y + 31 * unit, unit)
        if parts.energy is not None:
            x, w = parts.energy
            canvas.words(
                x + w / 2, box.y + 31 * unit, "energy", 10 * unit, palette.SOFT, anchor="mm", width=w + 6 * unit
            )
        for row, i in enumerate(range(column * rows, min((column + 1) * rows, n))):
            _member(canvas, facts, state, i, Box(strip.x, strip.y + row * high, strip.w, high), parts, unit)
        top = max(float(loads.max()), 2 * _fair_share(facts), 1.0)
        x = parts.load[0] + parts.load[1] * float(loads[facts.present].mean()) / top
        if loads.any():
            shown = min(rows, n - column * rows)
            canvas.line([(x, strip.y), (x, strip.y + shown * high)], palette.INK, 1.4 * unit)


class _Parts(NamedTuple):
    """Positions of the columns of the team's table: left edge and width, or the middle for each skill."""

    name: tuple[float, float]
    skills: list[float]
    pitch: float
    energy: tuple[float, float] | None
    load: tuple[float, float]


def _parts(strip: Box, skills: int, tires: bool, unit: float, columns: int) -> _Parts:
    token = 34 * unit if columns == 1 else 26 * unit
    number = 26 * unit
    free = strip.w - token - number
    pitch = min(62 * unit, free * 0.42 / max(skills, 1))
    energy = min(46 * unit, free * 0.14) if tires else 0.0
    rest = free - pitch * skills - (energy + 10 * unit if tires else 0)
    name = rest * 0.46 if columns == 1 else 0.0
    x = strip.x + token + name
    centres = [x + pitch * (k + 0.5) for k in range(skills)]
    x += pitch * skills + 4 * unit
    energies = (x, energy) if tires else None
    x += energy + 10 * unit if tires else 4 * unit
    return _Parts((strip.x + token, name - 4 * unit), centres, pitch, energies, (x, strip.right - number - x))


def _member(canvas: Canvas, facts: Facts, state: Snapshot, i: int, row: Box, parts: _Parts, unit: float) -> None:
    arrays, agent = facts.arrays, facts.scenario.agents[i]
    y = row.centre[1]
    radius = min(13 * unit, row.h * 0.4)
    font = min(13 * unit, max(row.h * 0.6, 8.0))
    tokens.agent(canvas, row.x + 13 * unit, y, radius, i, facts.marks[i], facts.colour(i))
    if parts.name[1] > 0:
        ink = palette.FAINT if i in facts.absent else palette.INK
        canvas.words(parts.name[0], y, agent.name, font, ink, width=parts.name[1])
    for level, x in zip(arrays.level[i], parts.skills, strict=True):
        _level(canvas, x, y, int(level), min(font * 1.5, row.h * 0.86, parts.pitch * 0.9))
    if parts.energy is not None and arrays.capacity[i]:
        x, w = parts.energy
        high = min(8 * unit, row.h * 0.35)
        share = float(np.asarray(state.energy)[i]) / float(arrays.capacity[i])
        tokens.energy(canvas, Box(x, y - high / 2, w, high), share)
    loads = facts.workload(state)
    top = max(float(loads.max()), 2 * _fair_share(facts), 1.0)
    high = min(14 * unit, row.h * 0.55)
    colour = facts.colour(i)
    x, w = parts.load
    canvas.panel(Box(x, y - high / 2, w, high), palette.GRID, radius=3 * unit)
    if loads[i]:
        canvas.panel(Box(x, y - high / 2, max(w * float(loads[i]) / top, 3), high), colour, radius=3 * unit)
    canvas.words(row.right, y, str(int(loads[i])), font, anchor="rm", bold=True)


def _level(canvas: Canvas, x: float, y: float, level: int, size: float) -> None:
    """Draw a skill's level: a dot for level 0, and darker the higher the level."""
    if not level:
        canvas.disc(x, y, max(1.5, size * 0.09), palette.FAINT)
        return
    ground = palette.mix(palette.BLANKET, palette.AGENTS[0], min((level - 1) / 3, 0.75))
    canvas.panel(Box(x - size / 2, y - size / 2, size, size), ground, radius=size * 0.28)
    canvas.words(x, y, str(level), size * 0.66, palette.on(ground), anchor="mm")


def _heads(canvas: Canvas, skills: Sequence[str], parts: _Parts, y: float, unit: float) -> None:
    """Write the names of the skills above their columns: on one line, on two, or cut alike."""
    size = 10 * unit
    letters, lines = _letters(skills, size, parts.pitch), 1
    if letters < max(map(len, skills), default=0) and _letters(skills, size, 2 * parts.pitch) > _READABLE:
        letters, lines = _letters(skills, size, 2 * parts.pitch), 2
    for k, (skill, x) in enumerate(zip(skills, parts.skills, strict=True)):
        rise = 11 * unit if lines == 2 and k % 2 == 0 else 0.0
        canvas.words(x, y + 3 * unit * (lines == 2) - rise, skill[:letters], size, palette.SOFT, anchor="mm")


def _letters(skills: Sequence[str], size: float, pitch: float) -> int:
    """Return how many letters of each name fit into a column, at least one."""
    letters = max(map(len, skills), default=1)
    while letters > 1 and max(measure(skill[:letters], size) for skill in skills) > pitch - 0.3 * size:
        letters -= 1
    return letters


def _fair_share(facts: Facts) -> float:
    """Return the mean workload at the end, by which bars are scaled, so that their scale does not change."""
    arrays = facts.arrays
    total = (
        int(arrays.step_units @ arrays.step_effort)
        if facts.scenario.workload == "effort"
        else int(arrays.step_units.sum())
    )
    return total / arrays.n_agents


def _rows(facts: Facts) -> int:
    n = facts.arrays.n_agents
    return n if n < _TWO_COLUMNS_FROM else -(-n // 2)
