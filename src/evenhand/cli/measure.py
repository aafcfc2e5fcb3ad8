"""``evenhand measure``: every measure of inequality of some loads."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evenhand.cli import options
from evenhand.cli.asked import read_order
from evenhand.cli.inputs import agent_values, read_rows
from evenhand.cli.outputs import check_outputs
from evenhand.cli.verify import read_answer
from evenhand.errors import InputError
from evenhand.tables.numbers import is_number
from evenhand.tables.table import default_names, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

ORDERS = ("2", "3", "5", "10", "inf")


def command(
    loads: Annotated[
        list[str],
        typer.Argument(
            metavar="LOADS",
            show_default=False,
            help="A CSV of agent,load (or of loads alone), the JSON of an answer, or numbers: 3 4 5.",
        ),
    ],
    p: Annotated[
        list[str] | None,
        typer.Option("--p", metavar="2|3|..|inf", help="Order of the level; several may be given."),
    ] = None,
    entitlements: options.Entitlements = None,
    json: options.Json = None,
    quiet: options.Quiet = False,
) -> None:
    """Measure how equally loads are shared: all measures, and the level for every order p.

    Entitlements count in the levels alone; the measures are of the loads as they are.
    """
    check_outputs({"--json": json}, {"the loads": Path(loads[0])})
    names, values = read_loads(loads)
    shares = None if entitlements is None else agent_values(entitlements, names, "--entitlements")
    measured = _measure(values, shares, [read_order(text) for text in p or ORDERS])
    if json is not None:
        from evenhand.tables import write_json

        write_json(json, {"agents": list(names), "loads": list(values), "entitlements": shares, **measured})
    if not quiet:
        _show(names, values, measured)


def read_loads(words: Sequence[str]) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Return names and loads from a file or from the words themselves.

    Raises
    ------
    InputError
        If these are no loads of at least two agents.
    """
    file = Path(words[0])
    if len(words) == 1 and (file.exists() or not is_number(words[0].split(",")[0])):
        names, values = _loads_of_answer(file) if file.suffix.lower() == ".json" else _loads_of_csv(file)
        source = str(file)
    else:
        parts = [part for word in words for part in word.split(",") if part.strip()]
        wrong = next((part for part in parts if not is_number(part)), None)
        if wrong is not None:
            raise InputError(f"LOADS: {shown(wrong)} is not a number; give a file, or numbers such as 3 4 5")
        names, values = default_names("agent", len(parts)), tuple(float(part) for part in parts)
        source = "LOADS"
    if len(values) < 2:
        raise InputError(f"{source}: {len(values)} load; inequality needs at least two agents")
    for name, value in zip(names, values, strict=True):
        if not (math.isfinite(value) and value >= 0):
            raise InputError(f"{source}: the load of {shown(name)} is {value:g}; it must be a finite number, 0 or more")
    return names, values


def _loads_of_answer(file: Path) -> tuple[tuple[str, ...], tuple[float, ...]]:
    from evenhand.fairness.shares import as_number

    data = read_answer(file)
    try:
        values = tuple(as_number(load) for load in data["loads"])
        names = tuple(str(name) for name in data.get("agents", default_names("agent", len(values))))
    except (KeyError, TypeError, ValueError):
        raise InputError(f"{file}: no loads in it; the JSON of an answer with an assignment has them") from None
    if len(names) != len(values):
        raise InputError(f"{file}: {len(names)} agents and {len(values)} loads; there must be as many")
    return names, values


def _loads_of_csv(file: Path) -> tuple[tuple[str, ...], tuple[float, ...]]:
    rows = read_rows(file)
    if len(rows) == 1 and len(rows[0][1]) > 2:
        rows = [(rows[0][0], [cell]) for cell in rows[0][1]]  # all loads in one line
    if rows and not is_number(rows[0][1][-1]):
        rows = rows[1:]  # a header
    names, values = [], []
    for position, (line, cells) in enumerate(rows, start=1):
        if len(cells) > 2 or not is_number(cells[-1]):
            raise InputError(f"{file}, line {line}: {shown(','.join(cells))} must be an agent and a load, or a load")
        names.append(cells[0] if len(cells) == 2 else f"agent-{position}")
        values.append(float(cells[-1].replace(",", ".")))
    return tuple(names), tuple(values)


def _measure(loads: tuple[float, ...], shares: tuple[float, ...] | None, orders: Sequence[float]) -> dict[str, Any]:
    import numpy as np

    from evenhand.fairness import EpsilonFairness, measures

    x = np.array(loads)
    names = (
        "jain_index",
        "coefficient_of_variation",
        "gini",
        "hoover",
        "theil",
        "relative_range",
        "relative_mean_deviation",
        "max_over_mean",
        "max_min",
        "mcloone",
        "nash_welfare",
    )
    values = {name: float(getattr(measures, name)(x)) for name in names}
    levels = {f"{p:g}": float(EpsilonFairness(0.0, p, entitlements=shares).level(x)) for p in dict.fromkeys(orders)}
    return {"measures": values, "level": levels}


_WORDS = {
    "jain_index": "Jain's index",
    "coefficient_of_variation": "coefficient of variation",
    "gini": "Gini index",
    "hoover": "Hoover index",
    "theil": "Theil index",
    "relative_range": "range over the mean",
    "relative_mean_deviation": "mean deviation over the mean",
    "max_over_mean": "largest over the mean",
    "max_min": "smallest load",
    "mcloone": "McLoone index",
    "nash_welfare": "Nash welfare",
}


def _show(names: Sequence[str], values: Sequence[float], measured: dict[str, Any]) -> None:
    import numpy as np

    from evenhand.cli.show import bar, console, outliers, say_how_many, show_facts, show_table
    from evenhand.cli.words import number

    widest = max(max(values), 1e-300)
    shown = outliers(np.array(values))
    show_table(
        ["agent", "load", "  "],
        [[names[i], number(values[i]), bar(values[i] / widest)] for i in shown],
        left=(0, 2),
    )
    say_how_many(len(values), len(shown))
    console().print()
    facts = [(_WORDS[name], f"{value:.6g}") for name, value in measured["measures"].items()]
    facts += [(f"level epsilon, p = {p}", f"{level:.6g}") for p, level in measured["level"].items()]
    show_facts(facts)
