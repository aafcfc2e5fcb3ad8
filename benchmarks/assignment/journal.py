"""Append each row to a file as a line of JSON, so that a benchmark that was killed continues where it stopped.

A row counts when the same question was put to the same solver: the key holds the case, the version of the library, and
a digest of the code that answers.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.assignment.peers import LIBRARIES, UNSTORED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.assignment.cases import Case

HERE = Path(__file__).parent
ENGINE = HERE.parent.parent / "src" / "evenhand"


class Journal:
    """Rows of an unfinished run, in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: dict[str, dict[str, Any]] = {}
        if path.is_file():
            for line in path.read_text("utf-8").splitlines():
                self._read(line)

    def __len__(self) -> int:
        return len(self._rows)

    def _read(self, line: str) -> None:
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:  # the last line of a run that was killed as it wrote
            return
        self._rows[entry["key"]] = entry["row"]

    def get(self, case: Case, solver: str) -> dict[str, Any] | None:
        """Return the row of a case that was measured before, if it was."""
        return self._rows.get(_key(case, solver))

    def keep(self, case: Case, solver: str, row: dict[str, Any]) -> None:
        """Write a row, unless it is of a peer whose figures are not stored."""
        if solver in UNSTORED:
            return
        entry = {"key": _key(case, solver), "row": row}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(entry) + "\n")

    def remove(self) -> None:
        """Forget the run: it is complete."""
        self._path.unlink(missing_ok=True)


def _key(case: Case, solver: str) -> str:
    return json.dumps([solver, _stamp(solver), case.to_dict()])


@cache
def _stamp(solver: str) -> str:
    """Tell one state of a solver, and of what draws its cases, from another."""
    drawn = (HERE / "distributions.py", HERE / "lattices.py")
    if solver in LIBRARIES:
        return f"{_version(LIBRARIES[solver])} {_digest((*drawn, *(HERE / 'peers').glob('*.py')))}"
    rooms = ("assignment", "fairness", "tables")
    return _digest((*drawn, *(file for room in rooms for file in (ENGINE / room).rglob("*.py"))))


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _version(library: str) -> str:
    """Return the version of a library; an absent one answers nothing, whatever its version."""
    try:
        return version(library)
    except PackageNotFoundError:
        return "absent"
