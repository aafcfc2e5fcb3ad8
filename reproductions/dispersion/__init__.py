"""The reproduction of the paper on dispersion control: its figures, its claims, and what it leaves open."""

from __future__ import annotations

from reproductions.dispersion.document import NAME, document, plan

__all__ = ["NAME", "document", "plan"]
