"""A result on disk: one JSON file, its rows in columns, a case to a line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = (
    "part",
    "solver",
    "group",
    "number",
    "p",
    "epsilon",
    "member",
    "cap",
    "binding",
    "seconds",
    "status",
    "cost",
    "bound",
    "gap",
    "certified_gap",
    "peak_bytes",
    "wrong",
)
ROUNDED = ("seconds", "gap", "certified_gap")
"""Kept to four digits; costs and bounds keep all."""


def write(result: dict[str, Any], path: Path) -> None:
    """Write a result."""
    rows = ",\n".join(json.dumps([_short(key, row[key]) for key in COLUMNS]) for row in result["cases"])
    about = {key: value for key, value in result.items() if key != "cases"}
    text = json.dumps({**about, "columns": COLUMNS}, indent=1)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{text[:-2]},\n "cases": [\n{rows}\n]\n}}\n', "utf-8")


def read(path: Path) -> dict[str, Any]:
    """Read a result; its rows are dictionaries again."""
    result: dict[str, Any] = json.loads(path.read_text("utf-8"))
    columns = result.pop("columns")
    result["cases"] = [dict(zip(columns, row, strict=True)) for row in result["cases"]]
    return result


def _short(key: str, value: Any) -> Any:
    return float(f"{value:.4g}") if key in ROUNDED and value is not None else value
