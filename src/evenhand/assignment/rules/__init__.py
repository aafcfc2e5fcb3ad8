"""Several burdens at once, each with a rule of fairness or with limits, and tasks that exclude each other."""
