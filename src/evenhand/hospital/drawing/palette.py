"""Colours of the hospital's pictures: those of the reports, on the same light page."""

from __future__ import annotations

AGENTS = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9")
"""Okabe and Ito (2008), as in the reports; initials and shapes distinguish agents of the same colour."""

PAPER = "#ffffff"
INK = "#1d2126"
SOFT = "#59626d"
FAINT = "#a3abb3"
GRID = "#ebe8e1"
GROUND = "#f4f2ed"
ROOM = "#ffffff"
JOINT = "#f6f4f0"
SHADE = "#e4e0d8"
WALL = "#d5d0c6"
BLANKET = "#dfe7ec"
SHEET = "#f6f8f9"
WOOD = "#efe9dd"
EDGE = "#b9b3a7"
DONE = "#009E73"
OPEN = "#E69F00"
OPEN_PAPER = "#fdf3dc"
ENERGY = "#56B4E9"
TIRED = "#D55E00"


def mix(one: str, other: str, share: float) -> str:
    """Return the colour `share` of the way from `one` to `other`, both ``#rrggbb``."""
    ends = [[int(colour[k : k + 2], 16) for k in (1, 3, 5)] for colour in (one, other)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(*ends, strict=True))


def on(colour: str) -> str:
    """Return the colour for text on `colour`, ink or paper, whichever has more contrast."""
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 145 else PAPER
