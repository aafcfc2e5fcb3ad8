"""Panels, the charts of which a figure consists, and the rows they are drawn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evenhand.report.template import specification

Rows = Sequence[Mapping[str, Any]]
"""A long table, as a mapping from column to value for each row; values may be missing or None."""


@dataclass(frozen=True)
class Words:
    """Titles of the axes that replace the labels of the columns.

    Attributes
    ----------
    x, y
        Titles with their units; empty to use the columns' labels.
    """

    x: str = ""
    y: str = ""


@dataclass(frozen=True)
class Panel:
    """A chart of a figure.

    Attributes
    ----------
    title
        What distinguishes it from the figure's other panels; empty if it is the only one.
    chart
        Altair chart that is as wide as its container, with a description.
    aspect
        Height over width, if both axes have the same unit.
    """

    title: str
    chart: Any
    aspect: float | None = None

    def specification(self) -> dict[str, Any]:
        """Return the specification for a page, without a theme; the title is used in saved pictures."""
        notes = {"title": self.title or None, "aspect": self.aspect}
        usermeta = {name: value for name, value in notes.items() if value is not None}
        return specification(self.chart.properties(usermeta=usermeta) if usermeta else self.chart)

    def on_paper(self, width: int) -> Any:
        """Return the chart with its title and a fixed width in pixels."""
        height = {} if self.aspect is None else {"height": round(width * self.aspect)}
        title = {"title": self.title} if self.title else {}
        return self.chart.properties(width=width, **height, **title)


def described(chart: Any, title: str, description: str, *, height: int, aspect: float | None = None) -> Panel:
    """Return a panel that is as wide as its container, with a description for those who cannot see it."""
    whole = f"{title}: {description}" if title else description
    return Panel(title, chart.properties(width="container", height=height, description=whole), aspect)
