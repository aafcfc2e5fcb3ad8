"""The resuscitation simulator: scenarios, the rules twice, pictures and a planner."""

from __future__ import annotations
