"""Rosters of many days, whose rows are planned anew within a window of days at a time."""
