"""Write costs and loads with their units."""

from __future__ import annotations

from dataclasses import dataclass

from evenhand.report.formats import NARROW_SPACE, NOTHING, proven_bound, quantity


@dataclass(frozen=True, slots=True)
class Units:
    """The units of costs and loads on a page.

    Attributes
    ----------
    cost, load
        Units such as EUR and h, which follow the numbers; empty for none.
    """

    cost: str = ""
    load: str = ""

    def costs(self, value: float | None) -> str:
        """Return a cost with its unit."""
        return _with(quantity(value), self.cost)

    def loads(self, value: float | None) -> str:
        """Return a load with its unit."""
        return _with(quantity(value), self.load)

    def bound(self, bound: float | None, *, maximise: bool) -> str:
        """Return a bound on the optimum with its unit, rounded outwards."""
        return _with(proven_bound(bound, maximise=maximise), self.cost)


def headed(title: str, unit: str) -> str:
    """Return the title of a column or an axis with the unit of its numbers, if there is one."""
    return f"{title} ({unit})" if unit else title


def _with(number: str, unit: str) -> str:
    return f"{number}{NARROW_SPACE}{unit}" if unit and number != NOTHING else number
