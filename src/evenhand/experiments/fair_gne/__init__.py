"""The reproduction of the Fair-GNE paper, and of what it leaves open: a plan of trials, and a document of them."""

from __future__ import annotations

from evenhand.experiments.fair_gne.plan import SECTIONS, document, plan

__all__ = ["SECTIONS", "document", "plan"]
