"""A kind of figure: its panels for a page, and all of them in one picture for a document on paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evenhand.report import page_libraries, palette
from evenhand.report.panels.drawing import Panel, Rows, Words

if TYPE_CHECKING:
    from collections.abc import Callable

ON_PAPER, ALONE_ON_PAPER = 320, 720
"""Width of a panel in pixels: beside others, and alone."""


@dataclass(frozen=True)
class Drawing:
    """A kind of figure. Called with rows, it returns one chart with all panels, as a document on paper needs it.

    Attributes
    ----------
    make
        From rows and words to panels. A page lays the panels out itself, so that a telephone shows one below the other.
    """

    make: Callable[[Rows, Words], list[Panel]]

    def panels(self, rows: Rows, words: Words | None = None) -> list[Panel]:
        """Return the panels of a figure.

        Raises
        ------
        InputError
            If the rows lack a column that this figure needs.
        MissingExtraError
            If Altair is not installed.
        """
        return self.make(rows, words or Words())

    def __call__(self, rows: Rows, words: Words | None = None) -> Any:
        """Return one chart, the panels side by side."""
        alt = page_libraries.altair()
        panels = self.panels(rows, words)
        if len(panels) == 1:
            return panels[0].on_paper(ALONE_ON_PAPER).configure(**palette.light_theme())
        parts = [panel.on_paper(ON_PAPER) for panel in panels]
        said = "; ".join(panel.title for panel in panels)
        return alt.concat(*parts, columns=2).properties(description=said).configure(**palette.light_theme())
