"""Compiled loops of the assignment: they know costs, burdens and linear rows, and nothing of fairness."""
