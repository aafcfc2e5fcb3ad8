"""How the hospital is drawn: geometry, a canvas, the floor and the panel beside it."""

from __future__ import annotations
