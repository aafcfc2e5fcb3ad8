"""The protocols beside the floor: which steps are complete, which are open, and which wait for others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evenhand.hospital.drawing import palette, tokens
from evenhand.hospital.drawing.canvas import Canvas, measure
from evenhand.hospital.drawing.floor_layout import Box

if TYPE_CHECKING:
    from evenhand.hospital.drawing.facts import Facts, Snapshot
    from evenhand.hospital.scenario import Step

_ROW = 38.0
_LEAST = 18.0
_HEAD = 26.0


def protocols(canvas: Canvas, facts: Facts, state: Snapshot, box: Box, unit: float) -> None:
    """Draw every step of every patient in rows if they fit, otherwise a strip for each patient."""
    patients = facts.scenario.patients
    heads = len(patients) if len(patients) > 1 else 0
    room = box.h - 26 * unit
    row = min(_ROW * unit, (room - heads * _HEAD * unit) / facts.arrays.n_steps)
    canvas.words(box.x, box.y + 9 * unit, "Protocol" if not heads else "Patients", 15 * unit, bold=True)
    _legend(canvas, box, unit)
    body = Box(box.x, box.y + 26 * unit, box.w, room)
    if row >= _LEAST * unit:
        _in_full(canvas, facts, state, body, row, unit)
    else:
        _in_strips(canvas, facts, state, body, unit)


def _legend(canvas: Canvas, box: Box, unit: float) -> None:
    x = box.right
    for word, colour in (("waits", palette.GRID), ("open", palette.OPEN), ("done", palette.DONE)):
        x -= measure(word, 11 * unit)
        canvas.words(x, box.y + 9 * unit, word, 11 * unit, palette.SOFT)
        x -= 9 * unit
        canvas.disc(x, box.y + 9 * unit, 4 * unit, colour)
        x -= 14 * unit


def _in_full(canvas: Canvas, facts: Facts, state: Snapshot, box: Box, row: float, unit: float) -> None:
    done, opened = facts.done(state), facts.open(state)
    y = box.y
    for number, patient in enumerate(facts.scenario.patients):
        if len(facts.scenario.patients) > 1:
            canvas.words(box.x, y + _HEAD * unit * 0.55, patient.name, 12 * unit, palette.SOFT, width=box.w)
            y += _HEAD * unit
        for k, step in zip(facts.rows(number), patient.steps, strict=True):
            _step(canvas, step, int(done[k]), bool(opened[k]), Box(box.x, y, box.w, row), unit)
            y += row


def _step(canvas: Canvas, step: Step, done: int, opened: bool, row: Box, unit: float) -> None:
    """Draw one step: a mark, its name, what it needs, and a square for each unit."""
    inner = row.inset(0, 1.5 * unit, 0, 1.5 * unit)
    complete = done >= step.units
    if opened:
        canvas.panel(inner, palette.OPEN_PAPER, edge=palette.OPEN, radius=6 * unit, line=1.4)
    y, font = row.y + row.h / 2, min(13.5 * unit, row.h * 0.62)
    x = row.x + 16 * unit
    if complete:
        canvas.disc(x, y, font * 0.62, palette.DONE)
        tokens.tick(canvas, x, y, font * 0.62, palette.PAPER)
    else:
        canvas.disc(x, y, font * 0.5, palette.OPEN if opened else palette.GRID)
    units = min(0.38 * row.w, step.units * 20 * unit)
    words = row.w - 36 * unit - units - 16 * unit
    ink = palette.INK if opened or complete else palette.SOFT
    taken = canvas.words(row.x + 32 * unit, y, step.name, font, ink, bold=opened, width=words * 0.6)
    canvas.words(row.x + 42 * unit + taken, y, needs(step), font * 0.86, palette.SOFT, width=words - taken - 12 * unit)
    _units(canvas, Box(row.right - 8 * unit - units, y - font * 0.5, units, font), done, step.units, unit)


def needs(step: Step) -> str:
    """Return in a word or two what a step needs, unless its name says so already."""
    if step.bring:
        asks = f"bring {step.bring}" if step.bring.lower() not in step.name.lower() else "bring"
        return f"{asks}, skill {step.skill}" if step.skill else asks
    return f"skill {step.treat}"


def _units(canvas: Canvas, box: Box, done: int, units: int, unit: float) -> None:
    pitch = box.w / units
    if pitch < 6 * unit:
        tokens.bar(canvas, box, done / units, palette.DONE)
        return
    for k in range(units):
        square = Box(box.x + k * pitch + 2 * unit, box.y, pitch - 4 * unit, box.h)
        filled = k < done
        edge = palette.DONE if filled else palette.FAINT
        canvas.panel(square, palette.DONE if filled else palette.PAPER, edge=edge, radius=3 * unit, line=1.2)


def _in_strips(canvas: Canvas, facts: Facts, state: Snapshot, box: Box, unit: float) -> None:
    """Draw a line for each patient: a block for each step, as wide as it has units, and what is open."""
    done, opened = facts.done(state), facts.open(state)
    patients = facts.scenario.patients
    columns = 1 if box.h / len(patients) >= 15 * unit else 2
    rows = -(-len(patients) // columns)
    high = min(30 * unit, box.h / rows)
    width = (box.w - 14 * unit * (columns - 1)) / columns
    for number, patient in enumerate(patients):
        column, row = divmod(number, rows)
        line = Box(box.x + column * (width + 14 * unit), box.y + row * high, width, high)
        y, font = line.centre[1], min(12 * unit, high * 0.7)
        canvas.words(line.x, y, patient.name, font, width=0.2 * width - 6 * unit)
        strip = Box(line.x + 0.2 * width, y - high * 0.28, (0.5 if columns == 1 else 0.8) * width, high * 0.56)
        steps = facts.rows(number)
        _blocks(canvas, strip, [patient.steps[k - steps[0]] for k in steps], done[steps], opened[steps], unit)
        names = [step.name for k, step in zip(steps, patient.steps, strict=True) if opened[k]]
        if columns == 1:
            word = ", ".join(names) if names else "all done"
            x = strip.right + 10 * unit
            canvas.words(x, y, word, font * 0.92, palette.SOFT if names else palette.DONE, width=line.right - x)


def _blocks(
    canvas: Canvas, strip: Box, steps: list[Step], done: NDArray[np.int64], opened: NDArray[np.bool_], unit: float
) -> None:
    total = sum(step.units for step in steps)
    gap, x = 2.5 * unit, strip.x
    pitch = (strip.w - gap * (len(steps) - 1)) / total
    for step, units, free in zip(steps, done, opened, strict=True):
        w = pitch * step.units
        block = Box(x, strip.y, w, strip.h)
        canvas.panel(block, palette.OPEN_PAPER if free else palette.GRID, radius=3 * unit)
        if units:
            canvas.panel(Box(x, strip.y, w * float(units) / step.units, strip.h), palette.DONE, radius=3 * unit)
        if free:
            canvas.panel(block, None, edge=palette.OPEN, radius=3 * unit, line=1.4)
        x += w + gap
