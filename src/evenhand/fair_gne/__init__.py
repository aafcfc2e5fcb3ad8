"""The layer that makes a learner fair: workload, constraint, dual controller, shaping, wrapper."""

from __future__ import annotations
