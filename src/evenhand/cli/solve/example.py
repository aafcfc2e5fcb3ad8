"""``evenhand solve example``: write generated files to try the other commands on."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

from evenhand.cli.options import argument, count_option, option
from evenhand.errors import InputError, choices
from evenhand.tables.cost_table import shown
from evenhand.tables.files import make_folder


def command(
    application: Annotated[
        str, argument("APPLICATION", "generalised-assignment, load-shedding, rosters, routes, salesmen.")
    ],
    folder: Annotated[Path, option("FOLDER", "Folder of the files.", "--out", "-o")] = Path(),
    seed: Annotated[int, count_option("N", "Same seed, same files.")] = 0,
) -> None:
    """Write a generated instance, and print the command that solves it.

    Example: evenhand solve example salesmen -o try
    """
    from evenhand.cli.show import console

    known = {
        "generalised-assignment": _generalised_assignment,
        "load-shedding": _load_shedding,
        "rosters": _rosters,
        "routes": _routes,
        "salesmen": _salesmen,
    }
    if application not in known:
        raise InputError(f"no application {shown(application)}; {choices(application, known, quoted=False)}")
    if seed < 0:
        raise InputError(f"seed is {seed}; it must be 0 or more")
    make_folder(folder)
    console().print(known[application](folder, seed), soft_wrap=True)


def _generalised_assignment(folder: Path, seed: int) -> str:
    from evenhand.applications.generalised_assignment import generate
    from evenhand.tables import write_text

    # With capacities as tight as in the literature, they alone would determine the loads.
    costs, sizes, capacities = generate(5, 40, seed, tightness=1.6)
    names = ",".join(f"task {j + 1}" for j in range(costs.shape[1]))
    for name, table in (("costs.csv", costs), ("sizes.csv", sizes)):
        rows = [f"agent {i + 1}," + ",".join(f"{value:g}" for value in row) for i, row in enumerate(table)]
        write_text(folder / name, "\n".join([f",{names}", *rows, ""]))
    lines = [f"agent {i + 1},{capacity:g}" for i, capacity in enumerate(capacities)]
    write_text(folder / "capacities.csv", "\n".join(["agent,capacity", *lines, ""]))
    files = [folder / name for name in ("costs.csv", "sizes.csv", "capacities.csv")]
    costs_file, sizes_file, capacities_file = map(_quoted, files)
    return (
        f"evenhand solve generalised-assignment {costs_file} --sizes {sizes_file} --capacities {capacities_file} "
        "--relative --jain 0.999"
    )


def _load_shedding(folder: Path, seed: int) -> str:
    from evenhand.applications.load_shedding import format_case, generate_network
    from evenhand.tables import write_text

    path = folder / "network.m"
    write_text(path, format_case(generate_network(12, seed)))
    return f"evenhand solve load-shedding {_quoted(path)} --outages 1,5,7 --epsilon 0.5 --show-fairest"


def _rosters(folder: Path, seed: int) -> str:
    from evenhand.applications.rosters import generate_ward, write_ward

    shifts, people, wishes, absences = map(_quoted, write_ward(folder, generate_ward(12, 14, seed)))
    return (
        f"evenhand solve rosters {shifts} {people} --wishes {wishes} --absences {absences} --share nights,weekends "
        f"--cv 0.3 --picture {_quoted(folder / 'roster.svg')}"
    )


def _routes(folder: Path, seed: int) -> str:
    from evenhand.applications.routes import generate_town
    from evenhand.tables import write_rows

    stops, vehicles = folder / "stops.csv", folder / "vehicles.csv"
    for path, rows in zip((stops, vehicles), generate_town(seed=seed), strict=True):
        write_rows(path, rows)
    return (
        f"evenhand solve routes {_quoted(stops)} {_quoted(vehicles)} --burden duration --cv 0.1 --time-limit 20 "
        f"--picture {_quoted(folder / 'routes.svg')}"
    )


def _salesmen(folder: Path, seed: int) -> str:
    from evenhand.applications.salesmen import generate_towns, write_tsplib

    path = folder / "towns.tsp"
    write_tsplib(path, generate_towns(14, seed))
    return (
        f"evenhand solve salesmen {_quoted(path)} --salesmen 3 --epsilon 0.9 --picture {_quoted(folder / 'tours.svg')}"
    )


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
