"""A table, and rules beside other files in another folder, whose agents and tasks have another order."""

from __future__ import annotations

from pathlib import Path

RULES = """
[[rules]]
burden = "lists/hours.csv"
jain = 0.8
initial-loads = { Cy = 0.5, Ann = 1, Bo = 0 }

[[rules]]
name = "nights"
burden = "tasks"
tasks = ["b", "d"]
agents = ["Bo", "Cy"]
max-over-mean = 2

[[rules]]
burden = "lists/points.csv"
least = 1
most = { Ann = 6 }
"""
TABLE = "agent,a,b,c,d\nAnn,1,2,3,4\nBo,2,3,4,5\nCy,3,1,2,2\n"


def written(folder: Path) -> Path:
    """Write the files to a folder, and return it."""
    (folder / "table.csv").write_text(TABLE)
    (folder / "r" / "lists").mkdir(parents=True)
    (folder / "r" / "lists" / "hours.csv").write_text("agent,d,c,b,a\nCy,4,3,2,1\nBo,8,7,6,5\nAnn,12,11,10,9\n")
    (folder / "r" / "lists" / "points.csv").write_text("task,points\nd,4\nc,3\nb,2\na,1\n")
    (folder / "r" / "rules.toml").write_text(RULES)
    return folder
