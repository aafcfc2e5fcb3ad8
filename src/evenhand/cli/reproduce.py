"""``evenhand reproduce``: the experiments of a paper again, from one command to one page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evenhand.cli.door import say
from evenhand.cli.exits import BAD_INPUT, INTERRUPTED, MEANINGS, OK, TRIALS_FAILED, epilog
from evenhand.cli.options import read_count
from evenhand.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from evenhand.experiments.sweeps import Outcome, Trial

EPILOG = epilog({
    OK: "done",
    TRIALS_FAILED: "some trials failed (told on the page; the same command runs them again)",
    BAD_INPUT: MEANINGS[BAD_INPUT],
    INTERRUPTED: "Ctrl-C (what is done is kept; the same command goes on)",
})  # fmt: skip
TIMEOUT = 3600.0
"""Seconds after which a trial is given up, so that one that hangs does not hold up the rest."""
PAPERS = {"dispersion": "evenhand.experiments.dispersion", "fair-gne": "evenhand.experiments.fair_gne"}


def command(
    paper: Annotated[str, typer.Argument(metavar="dispersion|fair-gne", show_default=False, help="Which paper.")],
    quick: Annotated[
        bool, typer.Option("--quick", help="Minutes in place of hours: fewer instances or seeds, shorter training.")
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", show_default=False, help="The paper's own instances and published results."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="SECTION", show_default=False, help="A section of the page; may be given several times."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FOLDER", show_default=False, help="Where trials, data and page go."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(parser=read_count, metavar="N", help="Most trials at a time; by default one per core."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> int:
    """Run a paper's experiments again, and lay its figures beside ours on one page, claim by claim.

    What is done is not run again: after a break the same command goes on.

    Example: evenhand reproduce dispersion --quick
    """
    from evenhand.cli.sweep_progress import SweepProgress
    from evenhand.experiments.sweeps.run import run_in
    from evenhand.tables.exclusive import exclusive

    module = _module(paper)
    if data is not None and paper != "dispersion":
        raise InputError(f"--data {data}: only `evenhand reproduce dispersion` has instances of its own")
    if data is not None and not data.is_dir():
        raise InputError(f"--data {data}: no such folder")
    asked: dict[str, Any] = {"quick": quick, "only": tuple(only or ())} | ({} if data is None else {"data": data})
    trials: list[Trial] = module.plan(**asked)
    folder = output or Path(f"{paper}-quick" if quick else paper)
    with exclusive(folder):
        try:
            with SweepProgress(show=not quiet) as progress:
                outcomes = run_in(trials, folder, workers=workers, timeout=TIMEOUT, progress=progress)
        except KeyboardInterrupt:
            done = progress.state.done if progress.state is not None else 0
            say(f"{done} of {len(trials)} trials are done and kept in {folder}; the same command goes on")
            return INTERRUPTED
        told = module.document(outcomes, command=_again(paper, quick, data, asked["only"]), **asked)
        return _tell(told, outcomes, folder / "-".join([told["name"], *asked["only"]]), quiet)


def _module(paper: str) -> ModuleType:
    import importlib

    if paper not in PAPERS:
        raise InputError(f"paper {paper!r} is not known; known are {', '.join(PAPERS)}")
    return importlib.import_module(PAPERS[paper])


def _again(paper: str, quick: bool, data: Path | None, only: Sequence[str]) -> str:
    words = ["evenhand reproduce", paper, *(["--quick"] if quick else []), *(["--data FOLDER"] if data else [])]
    return " ".join([*words, *(f"--only {section}" for section in only)])


def _tell(told: dict[str, Any], outcomes: Sequence[Outcome], place: Path, quiet: bool) -> int:
    """Write data and page, which are those of the sections that were asked for, and print the claims."""
    from evenhand.cli.show import show_facts
    from evenhand.experiments.sweeps.sweep import in_words
    from evenhand.report.reproduction import page
    from evenhand.tables.write import atomic_writer, write_json

    data, written = place.with_name(f"{place.name}.json"), place.with_name(f"{place.name}.html")
    text = page(told)
    write_json(data, told)
    with atomic_writer(written) as stream:
        stream.write(text.encode())
    failed = [outcome for outcome in outcomes if outcome.status != "done"]
    for outcome in failed[:10]:
        say(f"trial {in_words(outcome.trial)}: {outcome.status}: {outcome.why}")
    if not quiet:
        _show_claims(told)
        show_facts([("data", str(data)), ("page", str(written))])
    return TRIALS_FAILED if failed else OK


def _show_claims(told: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("claim", "published", "ours", "verdict", title=told["title"], title_justify="left")
    for section in told["sections"]:
        for claim in section["claims"]:
            table.add_row(claim["claim"], claim["published"], claim["ours"], claim["verdict"])
    Console().print(table)
