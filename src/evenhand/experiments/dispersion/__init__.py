"""The paper on dispersion control again: its figures, its claims, and what it leaves open."""

from __future__ import annotations

from evenhand.experiments.dispersion.document import document, plan

__all__ = ["document", "plan"]
