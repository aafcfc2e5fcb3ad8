"""``evenhand generate``: write generated instances to try the other commands on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from evenhand.cli.options import count_option, flag, option
from evenhand.cli.outputs import check_outputs
from evenhand.errors import InputError
from evenhand.tables.cost_table import shown

if TYPE_CHECKING:
    from evenhand.assignment.generated_instances import Instance


def command(
    agents: Annotated[int, count_option("N", "Number of agents.")] = 5,
    tasks: Annotated[int, count_option("M", "Number of tasks.")] = 250,
    seed: Annotated[int, count_option("N", "Same size and seed, same instance.")] = 0,
    output: Annotated[
        Path, option("FILE", "Table of costs: .csv, .parquet, .npy, or .txt for coordinates.", "--out", "-o")
    ] = Path("costs.csv"),
    kind: Annotated[
        str,
        option(
            "plane|nursing",
            "Distances in a plane, or a week of home nursing (with hours, entitlements and times in further files).",
        ),
    ] = "plane",
    quiet: Annotated[bool, flag("Print nothing but errors.", "--quiet", "-q")] = False,
) -> None:
    """Write a generated instance to try the other commands on.

    Example: evenhand generate --agents 5 --tasks 250 --seed 1 -o costs.csv
    """
    from evenhand.assignment.generated_instances import generate_nursing, generate_plane

    makers: dict[str, Callable[[int, int, int], Instance]] = {"plane": generate_plane, "nursing": generate_nursing}
    if kind not in makers:
        raise InputError(f"--kind {shown(kind)} is not known; use plane or nursing")
    instance = makers[kind](agents, tasks, seed)
    written = _write_instance(instance, output)
    if not quiet:
        from evenhand.cli.show import console

        for path in written:
            console().print(str(path), soft_wrap=True)


def _write_instance(instance: Instance, output: Path) -> list[Path]:
    """Write costs to `output` and any hours, entitlements and times to files next to it, and return the paths.

    Raises
    ------
    InputError
        If one of the files cannot be written; then none is.
    """
    from evenhand.tables import write_table, write_text

    hours = output.with_name(f"{output.stem}-hours{output.suffix}") if instance.burdens is not None else None
    shares = output.with_name(f"{output.stem}-entitlements.csv") if instance.entitlements is not None else None
    visits = output.with_name(f"{output.stem}-visits.csv") if instance.times is not None else None
    check_outputs({"--out": output, "hours": hours, "entitlements": shares, "visits": visits}, {})
    written = [write_table(output, instance.costs)]
    if instance.burdens is not None and hours is not None:
        written.append(write_table(hours, instance.burdens))
    if instance.entitlements is not None and shares is not None:
        rows = zip(instance.costs.agents, instance.entitlements, strict=True)
        written.append(
            write_text(shares, "agent,entitlement\n" + "".join(f"{name},{share:g}\n" for name, share in rows))
        )
    if visits is not None:
        written.append(write_times(visits, instance))
    return written


def write_times(path: Path, instance: Instance) -> Path:
    """Write when each task of an instance begins and ends, as ``--times`` reads it; return the path."""
    from evenhand.tables import write_text

    assert instance.times is not None
    rows = zip(instance.costs.tasks, instance.times, strict=True)
    lines = "".join(f"{task},{start},{end},{pause}\n" for task, (start, end, pause) in rows)
    return write_text(path, "task,start,end,pause (min)\n" + lines)
