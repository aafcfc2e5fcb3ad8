"""The reproduction of the Fair-GNE paper, and of what it leaves open: a plan of trials, and a document of them."""

from __future__ import annotations

from reproductions.fair_gne.plan import NAME, SECTIONS, document, plan

__all__ = ["NAME", "SECTIONS", "document", "plan"]
