"""``evenhand assign`` for a table in shards: a folder of files that may be larger than memory, or than one machine."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from evenhand.cli.door import say
from evenhand.cli.exits import exit_code
from evenhand.cli.fairness_options import Asked
from evenhand.cli.inputs import Tables, agent_values
from evenhand.cli.outputs import check_outputs, write_values
from evenhand.errors import InputError

if TYPE_CHECKING:
    from evenhand.assignment import ShardedAssignment
    from evenhand.assignment.shards.engine import Engine

_WHOLE = "needs the table in memory; shards take costs, --burdens, --entitlements and --initial-loads"
"""Why an option that describes a table of names cannot be used for shards."""

_STATES = {
    "optimal": "optimal",
    "gap_open": "a fair plan, whose gap is larger than asked for",
    "infeasible": "infeasible: no assignment is fair, with proof",
    "time_limit": "stopped by the time limit; the same command goes on from there",
    "unknown": "no fair plan was found, and no proof that there is none",
}


def is_in_shards(costs: Path, out: Path | None, engine: str, address: str | None) -> bool:
    """Return whether the costs are worked on in shards: a folder, or anything with an option that shards alone have."""
    return costs.is_dir() or out is not None or engine != "local" or address is not None


def assign_in_shards(
    tables: Tables,
    asked: Asked,
    out: Path | None,
    engine: tuple[str, str | None, int],
    *,
    entitlements: str | None,
    others: Mapping[str, Any],
    json: Path | None,
    report: tuple[Path | None, str, str],
    quiet: bool,
    **rest: Any,
) -> None:
    """Do what the command does, for shards.

    `engine` is its name, its address and the number of threads; `report` is the page and the units on it; `others` are
    the values of options that shards cannot use, by name.

    Raises
    ------
    InputError
        If a value or an option cannot be used.
    """
    from evenhand.assignment.shards.open_shards import open_shards

    _refuse(tables, others)
    folder = Path(f"{tables.costs.resolve().name.partition('.')[0]}-plan") if out is None else out
    check_outputs({"--json": json, "--report": report[0]}, tables.files)
    source = open_shards(tables.costs, tables.burdens, tasks_in_rows=tables.tasks_as == "rows")
    shares = None if entitlements is None else agent_values(entitlements, source.agents, "--entitlements")
    loads = tables.initial_loads
    rest["initial_loads"] = None if loads is None else agent_values(loads, source.agents, "--initial-loads")
    fairness = asked.member(len(source.agents), shares)
    with contextlib.ExitStack() as opened:
        working = opened.enter_context(_engine(*engine))
        try:
            answer = _solve(source, fairness, folder, engine=working, quiet=quiet, **rest)
        except KeyboardInterrupt:
            say(f"what is done is kept in {folder}; the same command goes on from there")
            raise
    write_values(json, answer.to_dict)
    if not quiet:
        _show(answer)
    page, unit, burden_unit = report
    if page is not None:
        from evenhand.cli.pictures import report_shards

        report_shards(page, unit, burden_unit, answer, tables, rest["initial_loads"])
    raise typer.Exit(exit_code(answer.status, found=answer.cost is not None, interrupted=False))


def _refuse(tables: Tables, others: Mapping[str, Any]) -> None:
    """Raise an InputError for an option that cannot be used."""
    table = {
        "--locked": tables.locked,
        "--without": tables.without,
        "--sheet": tables.sheet,
        "--decimal": tables.decimal,
        "--ignore-row": tables.ignore_row,
        "--ignore-column": tables.ignore_column,
        "--tasks-as pairs": tables.tasks_as == "pairs",
    }
    for option, value in {**table, **others}.items():
        if value:
            raise InputError(f"{option}: {_WHOLE}")


@contextmanager
def _engine(name: str, address: str | None, workers: int) -> Iterator[Engine]:
    """Return what works on the shards, and end it."""
    from evenhand.assignment.shards.engine import LocalEngine
    from evenhand.assignment.shards.ray_engine import RayEngine

    match name:
        case "local" if address is None:
            yield LocalEngine(workers if workers > 1 else None)
        case "local":
            raise InputError("--address: belongs to --engine ray; add it, or leave the address out")
        case "ray":
            with RayEngine(address) as engine:
                yield engine
        case _:
            raise InputError(f"--engine {name!r} is not known; use local or ray")


def _solve(source: Any, fairness: Any, folder: Path, *, gap: float, quiet: bool, **rest: Any) -> ShardedAssignment:
    from evenhand.assignment import assign_shards
    from evenhand.cli.progress_bar import ProgressBar

    with ProgressBar("assign", gap, show=not quiet, limited=rest["time_limit"] is not None) as progress:
        return assign_shards(source, fairness, folder, gap=gap, progress=progress, **rest)


def _show(answer: ShardedAssignment) -> None:
    """Print what the answer costs and proves, and where it is."""
    from evenhand.cli.readable_numbers import number, percent, seconds
    from evenhand.cli.show import fairness_in_words, show_facts

    facts = [("status", f"{_STATES[answer.status]}, after {seconds(answer.seconds)} and {answer.passes} passes")]
    shards = "1 shard" if len(answer.sizes) == 1 else f"{len(answer.sizes)} shards"
    facts.append(("table", f"{len(answer.agents)} agents, {answer.tasks:,} tasks in {shards}"))
    facts.append(("asked", fairness_in_words(answer.fairness)))
    if answer.cost is not None and answer.loads is not None:
        what, beyond = ("profit", "upper") if answer.maximise else ("cost", "lower")
        facts += [
            (what, number(answer.cost)),
            (f"{beyond} bound", number(answer.bound)),
            ("gap", percent(answer.gap)),
            ("loads", f"{number(float(answer.loads.min()))} to {number(float(answer.loads.max()))}"),
            ("plan", f"{answer.output}{'' if answer.format is None else f', {answer.format} files'}"),
        ]
    show_facts(facts)
