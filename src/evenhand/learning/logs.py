"""What a run writes while it goes on: a line of JSON for each report, and TensorBoard's events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from evenhand.tables.write import write_text

if TYPE_CHECKING:
    from pathlib import Path

    from evenhand.learning.train import Progress


class Logs:
    """The logs of a run.

    Parameters
    ----------
    folder
        Of the run.
    steps
        Steps done so far; lines of later ones, written before a kill, are removed.
    """

    def __init__(self, folder: Path, steps: int) -> None:
        from tensorboardX import SummaryWriter

        self._path = folder / "progress.jsonl"
        kept = [row for row in read(folder) if row["steps"] <= steps]
        write_text(self._path, "".join(json.dumps(row) + "\n" for row in kept))
        self._board = SummaryWriter(str(folder / "tensorboard"), purge_step=steps or None)

    def write(self, report: Progress) -> None:
        """Add a report."""
        values = report.to_dict()
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(values) + "\n")
        for name, value in values.items():
            if name not in ("steps", "total_steps") and value is not None:
                self._board.add_scalar(name, value, report.steps)

    def close(self) -> None:
        """Flush what is open."""
        self._board.close()


def read(folder: Path) -> list[dict[str, Any]]:
    """Return the reports of a run; a last line that a kill cut off is left out."""
    path = folder / "progress.jsonl"
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            rows.append(json.loads(line))
        except ValueError:
            break
    return rows
