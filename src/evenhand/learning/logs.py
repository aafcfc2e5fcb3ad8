"""The logs of a run: progress reports as lines of JSON, and events for TensorBoard."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from pathlib import Path
from typing import Any

from evenhand.errors import InputError
from evenhand.learning.training_progress import Progress
from evenhand.tables.documents import SETTINGS, parse_json
from evenhand.tables.shapes import Whole, check_shape
from evenhand.tables.write import write_text

QUEUE = 10_000
"""Capacity of TensorBoard's queue in events; more than a run writes."""


class Logs:
    """Writes the logs of a run.

    Parameters
    ----------
    folder
        Folder of the run.
    steps
        Number of steps that the run is resumed from. Reports of later steps, which were written between the latest
        checkpoint and a kill, are removed.
    """

    def __init__(self, folder: Path, steps: int) -> None:
        from tensorboardX import SummaryWriter

        self._path = folder / "progress.jsonl"
        kept = [row for row in read(folder) if row["steps"] <= steps]
        write_text(self._path, "".join(json.dumps(row) + "\n" for row in kept))
        board = folder / "tensorboard"
        try:
            # On a full disk the thread that empties the queue dies, and adding to a full queue would then block for
            # ever. With room for all events it never fills up.
            self._board = SummaryWriter(str(board), purge_step=steps or None, max_queue=QUEUE)
        except OSError as error:
            raise InputError(f"{board}: cannot be written: {error.strerror}") from error

    def write(self, report: Progress) -> None:
        """Add a report."""
        values = report.to_dict()
        try:
            with self._path.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(values) + "\n")
        except OSError as error:
            raise InputError(f"{self._path}: cannot be written: {error.strerror}") from error
        for name, value in values.items():
            if name not in ("steps", "total_steps") and value is not None:
                self._board.add_scalar(name, value, report.steps)

    def close(self) -> None:
        """Flush the events; on a full disk they are lost to TensorBoard without harm to the run."""
        with contextlib.suppress(OSError):
            self._board.close()


def reports_in(folder: Path) -> tuple[Progress, ...]:
    """Return the progress reports of a run, in the order in which they were written.

    Raises
    ------
    InputError
        If a line has other keys or types than this version writes; the message names file, line and key.
    """
    names = [field.name for field in dataclasses.fields(Progress)]
    shape = dict.fromkeys(names, (None, float)) | {
        "steps": Whole(0),
        "total_steps": Whole(0),
        "multiplier": float,
        "loss": object,
    }
    rows = read(folder)
    for number, row in enumerate(rows, start=1):
        check_shape(row, shape, f"{folder / 'progress.jsonl'}, line {number}")
    return tuple(Progress(**{name: row[name] for name in names}) for row in rows)


def read(folder: Path) -> list[dict[str, Any]]:
    """Return the reports of a run as dictionaries, up to the first invalid line, which a kill may have cut short."""
    path = folder / "progress.jsonl"
    rows = []
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            row = parse_json(line.decode("utf-8"), str(path), limits=SETTINGS, python=True)
        except ValueError:
            break
        if not isinstance(row, dict) or not isinstance(row.get("steps"), int):
            break
        rows.append(row)
    return rows
