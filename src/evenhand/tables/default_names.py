"""Default names of agents and tasks, made when somebody asks for them: a million strings take seconds and memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DefaultNames(Sequence[str]):
    """The names ``kind-1 ... kind-length``; equal, with an equal hash, to the tuple of these.

    Examples
    --------
    >>> names = DefaultNames("task", 3)
    >>> names[0], names[-1], names[1:], names == ("task-1", "task-2", "task-3")
    ('task-1', 'task-3', ('task-2', 'task-3'), True)
    >>> "task-3" in names, "task-03" in names, names.index("task-2")
    (True, False, 1)
    """

    kind: str
    length: int

    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[str, ...]: ...

    def __getitem__(self, place: int | slice) -> str | tuple[str, ...]:
        at = range(1, self.length + 1)[place]
        return tuple(f"{self.kind}-{number}" for number in at) if isinstance(at, range) else f"{self.kind}-{at}"

    def __iter__(self) -> Iterator[str]:
        return (f"{self.kind}-{number}" for number in range(1, self.length + 1))

    def __contains__(self, name: object) -> bool:
        return self._place(name) is not None

    def index(self, value: Any, start: int = 0, stop: int | None = None) -> int:
        """Return the position of a name; raise ``ValueError`` if there is none."""
        place = self._place(value)
        if place is None or place not in range(self.length)[slice(start, stop)]:
            raise ValueError(f"{value!r} is not among {self!r}")
        return place

    def __eq__(self, other: object) -> bool:
        if isinstance(other, DefaultNames):
            return self.length == other.length and (self.kind == other.kind or not self.length)
        if isinstance(other, tuple):
            return self.length == len(other) and all(map(str.__eq__, self, other))
        return NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        if self.length <= 6:
            return repr(tuple(self))
        return f"({self[0]!r}, {self[1]!r}, ..., {self[-1]!r}: {self.length} names)"

    def _place(self, name: object) -> int | None:
        """Return the position of `name`, None if there is none."""
        digits = name[len(self.kind) + 1 :] if isinstance(name, str) else ""
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= len(str(self.length))):
            return None
        place = int(digits) - 1
        return place if 0 <= place < self.length and name == f"{self.kind}-{place + 1}" else None
