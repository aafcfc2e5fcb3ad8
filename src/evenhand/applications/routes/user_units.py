"""Units of a problem's whole numbers in those of its user, and numbers as the user reads them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UserUnits:
    """How many units of a problem one unit of the user's is.

    Attributes
    ----------
    distance, duration, load
        Units of the problem for one unit of the user's.
    clock
        Whether distances are kilometres, durations hours, and times are read from a clock.
    """

    distance: float = 1.0
    duration: float = 1.0
    load: float = 1.0
    clock: bool = False

    def of(self, burden: str) -> float:
        """Return the units of the problem for one unit of the user's, of a kind of burden."""
        return {"distance": self.distance, "duration": self.duration, "load": self.load}.get(burden, 1.0)

    def suffix(self, burden: str) -> str:
        """Return the user's unit of a kind of burden with a space before it; empty if it is not known."""
        return {"distance": " km", "duration": " h"}.get(burden, "") if self.clock else ""

    def show(self, burden: str, value: float) -> str:
        """Return a burden as text, with its unit."""
        return f"{value / self.of(burden):.10g}{self.suffix(burden)}"

    def time(self, moment: int) -> str:
        """Return a time: hours and minutes, ``25:10`` on the next day, or a number; seconds are cut off."""
        if self.clock:
            return f"{moment // 3600:02d}:{moment // 60 % 60:02d}"
        return f"{moment / self.duration:.10g}"


OFFICE = UserUnits(1_000.0, 3_600.0, 1_000.0, clock=True)
"""Tables: metres, seconds and thousandths of a load."""
