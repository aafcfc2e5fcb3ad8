"""``evenhand measure``: compute all measures of inequality of some loads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

from evenhand.cli import options
from evenhand.cli.fairness_options import read_order
from evenhand.cli.inputs import agent_values, check_entitled, check_left_out, is_plain, say_all
from evenhand.cli.options import argument, option
from evenhand.cli.outputs import check_outputs, write_values
from evenhand.cli.verify import read_answer
from evenhand.errors import InputError
from evenhand.fairness.shares import checked_entitlements
from evenhand.tables import Reading
from evenhand.tables.cost_table import shown
from evenhand.tables.default_names import DefaultNames
from evenhand.tables.named import read_values
from evenhand.tables.numbers import to_number

ORDERS = ("2", "3", "5", "10", "inf")


def command(
    loads: Annotated[
        list[str],
        argument("LOADS", "A CSV of agent,load (or of loads alone), the JSON of an answer, or numbers: 3 4 5."),
    ],
    p: Annotated[list[str] | None, option("2|3|..|inf", "Order of the norm for the level; repeatable.")] = None,
    entitlements: options.Entitlements = None,
    decimal: options.Decimal = None,
    ignore_row: options.IgnoreRow = None,
    json: options.Json = None,
    quiet: options.Quiet = False,
) -> None:
    """Measure how equally loads are shared: all measures of inequality, and the level epsilon for each order p.

    With entitlements, including those in an answer, loads divided by entitlements are compared, weighted by entitlement
    as in `evenhand assign`. The measures of the undivided loads are listed separately.
    """
    check_outputs({"--json": json}, {"the loads": Path(loads[0])})
    reading = options.reading(decimal=decimal, ignore_row=ignore_row)
    said: list[str] = []
    names, values = read_loads(loads, reading, said)
    if entitlements is None:
        shares = _entitlements_of_answer(loads)
    else:
        shares = agent_values(entitlements, names, "--entitlements", reading, said)
        check_entitled(dict(zip(names, shares, strict=True)), entitlements, "take the load of {} out")
    check_left_out(reading, said, loads[0])
    measured = _measure(values, shares, [read_order(text) for text in p or ORDERS])
    write_values(json, lambda: {"agents": list(names), "loads": list(values), "entitlements": shares, **measured})
    if not quiet:
        _show(names, values, measured)


def read_loads(words: Sequence[str], reading: Reading, said: list[str]) -> tuple[Sequence[str], tuple[float, ...]]:
    """Return names and loads, from a file or from numbers on the command line.

    Raises
    ------
    InputError
        If these are not the loads of at least two agents.
    """
    file = Path(words[0])
    if len(words) == 1 and (file.exists() or not is_plain(words[0].split(",")[0])):
        names: Sequence[str]
        names, values = _loads_of_answer(file) if file.suffix.lower() == ".json" else _loads_of_csv(file, reading, said)
        source = str(file)
    else:
        if len(words) > 1 and any("," in word.strip(",") for word in words):
            raise InputError(
                f"LOADS: {shown(' '.join(words))}: write decimals with a point, and spaces between numbers"
            )
        parts = [part for word in words for part in word.split(",") if part.strip()]
        wrong = next((part for part in parts if not is_plain(part)), None)
        if wrong is not None:
            raise InputError(f"LOADS: {shown(wrong)} is not a number; give a file, or numbers such as 3 4 5")
        names, values = DefaultNames("agent", len(parts)), tuple(to_number(part) for part in parts)
        source = "LOADS"
    if len(values) < 2:
        raise InputError(f"{source}: {len(values)} load; inequality needs at least two agents")
    for name, value in zip(names, values, strict=True):
        if not (math.isfinite(value) and value >= 0):
            raise InputError(f"{source}: the load of {shown(name)} is {value:g}; it must be a finite number, 0 or more")
    return names, values


def _loads_of_answer(file: Path) -> tuple[Sequence[str], tuple[float, ...]]:
    from evenhand.number_checks import as_number

    data = read_answer(file)
    try:
        values = tuple(as_number(load) for load in data["loads"])
        names = tuple(str(name) for name in data.get("agents", DefaultNames("agent", len(values))))
    except (KeyError, TypeError, ValueError):
        raise InputError(f"{file}: no loads in it; the JSON of an answer with an assignment has them") from None
    if len(names) != len(values):
        raise InputError(f"{file}: {len(names)} agents and {len(values)} loads; there must be one load per agent")
    return names, values


def _entitlements_of_answer(words: Sequence[str]) -> tuple[float, ...] | None:
    """Return the entitlements in an answer; None if it has none, or if the loads are not from an answer."""
    file = Path(words[0])
    if len(words) > 1 or file.suffix.lower() != ".json" or not file.is_file():
        return None
    fairness = read_answer(file).get("fairness")
    shares = fairness.get("entitlements") if isinstance(fairness, dict) else None
    return None if shares is None else checked_entitlements(shares)


def _loads_of_csv(file: Path, reading: Reading, said: list[str]) -> tuple[Sequence[str], tuple[float, ...]]:
    triples, notes = read_values(file, "load", reading)
    say_all(notes, file, said)
    names = tuple(name or f"agent-{position}" for position, (_, name, _) in enumerate(triples, start=1))
    return names, tuple(value for _, _, value in triples)


def _measure(loads: tuple[float, ...], shares: tuple[float, ...] | None, orders: Sequence[float]) -> dict[str, Any]:
    import numpy as np

    from evenhand.fairness import EpsilonFairness, measures
    from evenhand.fairness.dispersion import dispersion

    x = np.array(loads)
    plain = {name: float(getattr(measures, function)(x)) for name, (function, _) in _MEASURES.items()}
    member = EpsilonFairness(0.0, entitlements=shares)
    levels = {f"{p:g}": float(replace(member, p=p).level(x)) for p in dict.fromkeys(orders)}
    if shares is None:
        return {"measures": plain, "level": levels}
    found = dispersion(x, member)
    weighted = {**asdict(found), "relative_mean_deviation": 2.0 * found.hoover}
    ordered = {name: weighted[name] for name in _MEASURES if name in weighted}
    return {"measures": ordered, "measures_without_entitlements": plain, "level": levels}


_MEASURES = {
    "jain": ("jain_index", "Jain's index"),
    "cv": ("coefficient_of_variation", "coefficient of variation"),
    "gini": ("gini", "Gini index"),
    "hoover": ("hoover", "Hoover index"),
    "theil": ("theil", "Theil index"),
    "range": ("relative_range", "range over the mean"),
    "relative_mean_deviation": ("relative_mean_deviation", "mean deviation over the mean"),
    "max_over_mean": ("max_over_mean", "largest over the mean"),
    "least_over_mean": ("least_over_mean", "smallest over the mean"),
    "max_min": ("max_min", "smallest load"),
    "mcloone": ("mcloone", "McLoone index"),
    "nash_welfare": ("nash_welfare", "Nash welfare"),
}
"""For each measure, by the name that results and members give it, its function and what it is called."""


def _show(names: Sequence[str], values: Sequence[float], measured: dict[str, Any]) -> None:
    import numpy as np

    from evenhand.cli.readable_numbers import number
    from evenhand.cli.show import bar, console, outliers, say_how_many, show_facts, show_table

    widest = max(max(values), 1e-300)
    shown = outliers(np.array(values))
    show_table(
        ["agent", "load", "  "], [[names[i], number(values[i]), bar(values[i] / widest)] for i in shown], left=(0, 2)
    )
    say_how_many(len(values), len(shown))
    console().print()
    facts = [(_MEASURES[name][1], f"{value:.6g}") for name, value in measured["measures"].items()]
    facts += [(f"level epsilon, p = {p}", f"{level:.6g}") for p, level in measured["level"].items()]
    show_facts(facts)
    plain = measured.get("measures_without_entitlements")
    if plain is not None:
        console().print("\nWithout regard to entitlements:")
        show_facts([(_MEASURES[name][1], f"{value:.6g}") for name, value in plain.items()])
