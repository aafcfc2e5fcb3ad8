"""``evenhand verify``: check an answer without trusting what made it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evenhand.cli import options
from evenhand.cli.exits import NOT_VERIFIED, OK
from evenhand.cli.inputs import read_given
from evenhand.cli.outputs import check_outputs
from evenhand.cli.words import number, percent
from evenhand.errors import InputError
from evenhand.tables.text import decode

if TYPE_CHECKING:
    from evenhand.assignment import Verdict

Answer = Annotated[
    Path,
    typer.Argument(metavar="ANSWER", show_default=False, help="The JSON that `evenhand assign --json` wrote."),
]


def command(
    costs: options.Costs,
    answer: Answer,
    burdens: options.Burdens = None,
    format: options.Format = "auto",
    tasks_as: options.TasksAs = "columns",
    initial_loads: options.InitialLoads = None,
    locked: options.Locked = None,
    without: options.Without = None,
    json: options.Json = None,
    quiet: options.Quiet = False,
) -> None:
    """Check an answer against the tables it was made from, without trusting the solver.

    Sums are exact, the bound is recomputed from the certificate, and what cannot be decided is not verified.

    Give the same burdens, initial loads and locked tasks as to `evenhand assign`.
    """
    check_outputs({"--json": json}, {"the costs": costs, "the answer": answer, "the burdens": burdens})
    given = read_given(
        costs, burdens, format=format, tasks_as=tasks_as, initial_loads=initial_loads, locked=locked, without=without
    )
    data = read_answer(answer)
    from evenhand import assignment

    verdict = assignment.verify(
        given.costs, data, burdens=given.burdens, initial_loads=given.initial_loads, locked=given.locked
    )
    if json is not None:
        from evenhand.tables import write_json

        write_json(json, verdict.to_dict())
    if not quiet:
        _show(verdict)
    raise typer.Exit(OK if verdict.verified else NOT_VERIFIED)


def read_answer(file: Path) -> dict[str, Any]:
    """Return the JSON object in `file`.

    Raises
    ------
    InputError
        If there is none.
    """
    try:
        text = decode(file.read_bytes(), str(file))
    except FileNotFoundError:
        raise InputError(f"{file}: there is no such file") from None
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{file}: cannot be read ({getattr(error, 'strerror', None) or error})") from None
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"{file}, line {error.lineno}, column {error.colno}: not JSON ({error.msg})") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file}: not usable JSON ({type(error).__name__})") from None
    if not isinstance(data, dict):
        raise InputError(f"{file}: must be the JSON object of an answer, as `evenhand assign --json` writes it")
    return data


def _show(verdict: Verdict) -> None:
    from evenhand.cli.show import console, show_facts

    out = console()
    out.print(
        "verified" if verdict.verified else "NOT VERIFIED",
        style="bold green" if verdict.verified else "bold red",
    )
    facts = [("because", reason) for reason in verdict.reasons]
    facts += [("proven", sentence) for sentence in verdict.proven]
    facts += [("on trust", sentence) for sentence in verdict.search_only]
    if verdict.cost is not None:
        facts += [
            ("exact cost", number(verdict.cost)),
            ("proven bound", number(verdict.bound)),
            ("certified gap", percent(verdict.certified_gap)),
        ]
    facts += [(f"margin: {name}", f"{margin:.3g}") for name, margin in verdict.margins.items()]
    show_facts(facts)
