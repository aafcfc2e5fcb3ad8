"""A sheet of paper to draw on in pixels: boxes, lines, dots and texts, in the order in which they are drawn."""

from __future__ import annotations

from typing import Any

from evenhand.report import page_libraries, palette
from evenhand.visible import visible

_CHARACTER = 5.7
"""Mean width of a character of size 12, pixels."""


class Sheet:
    """A drawing whose coordinates are pixels from its upper left corner.

    Boxes are drawn first, then lines, then dots, and texts last; within each kind the later are above the earlier.

    Parameters
    ----------
    width, height
        Size in pixels.
    """

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = round(width), round(height)
        self._boxes: list[dict[str, Any]] = []
        self._lines: list[dict[str, Any]] = []
        self._dots: list[dict[str, Any]] = []
        self._texts: list[dict[str, Any]] = []

    def box(self, left: float, top: float, right: float, bottom: float, fill: str, *, radius: float = 0.0) -> None:
        """Draw a filled box."""
        self._boxes.append({"x": left, "y": top, "x2": right, "y2": bottom, "fill": fill, "radius": radius})

    def line(self, left: float, top: float, right: float, bottom: float, colour: str, *, width: float = 1.0) -> None:
        """Draw a line."""
        self._lines.append({"x": left, "y": top, "x2": right, "y2": bottom, "colour": colour, "width": width})

    def dot(self, x: float, y: float, colour: str, *, filled: bool) -> None:
        """Draw a small dot within a white edge, or a ring with a white middle."""
        edge, fill = ("#ffffff", colour) if filled else (colour, "#ffffff")
        self._dots.append({"x": x, "y": y, "colour": edge, "fill": fill})

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 12.0,
        weight: int = 400,
        align: str = "left",
        colour: str = "#1d2126",
    ) -> None:
        """Write a text whose middle is at height `y`."""
        style = {"size": size, "weight": weight, "align": align}
        self._texts.append({"x": x, "y": y, "text": visible(text), "colour": colour, **style})

    def label(self, x: float, y: float, text: str) -> float:
        """Write a text of a legend, and return where the next entry may begin."""
        self.text(x, y, text, colour="#59626d")
        return x + _CHARACTER * len(text) + 24

    def chart(self, description: str) -> Any:
        """Return the drawing as an Altair chart.

        Raises
        ------
        MissingExtraError
            If Altair is not installed.
        """
        alt = page_libraries.altair()
        x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, self.width], nice=False, zero=False))
        y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[self.height, 0], nice=False, zero=False))
        ends: dict[str, Any] = {"x": x, "y": y, "x2": "x2:Q", "y2": "y2:Q"}
        colour: dict[str, Any] = {"scale": None, "legend": None}
        layers = []
        for radius in sorted({box["radius"] for box in self._boxes}):
            boxes = [box for box in self._boxes if box["radius"] == radius]
            layers.append(
                _on(alt, boxes).mark_rect(cornerRadius=radius).encode(**ends, color=alt.Color("fill:N", **colour))
            )
        if self._lines:
            layers.append(
                _on(alt, self._lines)
                .mark_rule()
                .encode(
                    **ends,
                    color=alt.Color("colour:N", **colour),
                    strokeWidth=alt.StrokeWidth("width:Q", scale=None, legend=None),
                )
            )
        if self._dots:
            layers.append(
                _on(alt, self._dots)
                .mark_point(size=34, strokeWidth=1.4, opacity=1)
                .encode(x=x, y=y, stroke=alt.Stroke("colour:N", **colour), fill=alt.Fill("fill:N", **colour))
            )
        for align, weight in sorted({(text["align"], text["weight"]) for text in self._texts}):
            texts = [text for text in self._texts if (text["align"], text["weight"]) == (align, weight)]
            layers.append(
                _on(alt, texts)
                .mark_text(align=align, baseline="middle", fontWeight=weight)
                .encode(
                    x=x,
                    y=y,
                    text="text:N",
                    color=alt.Color("colour:N", **colour),
                    size=alt.Size("size:Q", scale=None, legend=None),
                )
            )
        chart = alt.layer(*layers).properties(width=self.width, height=self.height)
        return palette.finished(chart, description)


def _on(alt: Any, rows: list[dict[str, Any]]) -> Any:
    return alt.Chart(alt.InlineData(values=rows))
