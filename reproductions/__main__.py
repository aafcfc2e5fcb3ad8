"""Reproduce a paper's experiments and write a page on them: ``python -m reproductions dispersion --quick``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evenhand.cli.door import leave, say
from evenhand.cli.exits import BAD_INPUT, INTERRUPTED, MEANINGS, OK, TRIALS_FAILED, epilog
from evenhand.cli.options import read_count
from evenhand.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType

    from evenhand.sweeps import Outcome, Trial

EPILOG = epilog({
    OK: "done",
    TRIALS_FAILED: "some trials failed (told on the page; the same command runs them again)",
    BAD_INPUT: MEANINGS[BAD_INPUT],
    INTERRUPTED: "Ctrl-C (what is done is kept; the same command goes on)",
})  # fmt: skip
TIMEOUT = 3600.0
"""Time limit of a trial in seconds, so that one that hangs does not hold up the others."""
MINUTES = {"dispersion": (2, 44), "fair-gne": (9, 170)}
"""Processor time of all trials together, with --quick and without, measured on two cores of an AMD EPYC."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Run a paper's experiments again, and lay its figures beside ours on one page, claim by claim.",
    epilog=EPILOG,
)

Quick = Annotated[
    bool, typer.Option("--quick", help="Fewer instances or seeds, shorter training; one seed gives no verdict.")
]
Only = Annotated[
    list[str] | None,
    typer.Option(metavar="SECTION", show_default=False, help="A section of the page; may be given several times."),
]
Output = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FOLDER", show_default=False, help="Where trials, data and page go."),
]
Workers = Annotated[
    int | None,
    typer.Option(parser=read_count, metavar="N", help="Most trials at a time; by default one per core."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]


def _help(paper: str) -> str:
    quick, full = MINUTES[paper]
    return (
        f"Takes {full} minutes of one core, with --quick {quick}; two cores need half as long. What is done is not run "
        "again: after a break the same command goes on."
    )


@app.command(epilog=EPILOG, help=f"Reproduce the paper on dispersion control. {_help('dispersion')}")
def dispersion(
    quick: Quick = False,
    data: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", show_default=False, help="The paper's own instances and published results."),
    ] = None,
    only: Only = None,
    output: Output = None,
    workers: Workers = None,
    quiet: Quiet = False,
) -> int:
    """Reproduce the paper on dispersion control."""
    from reproductions import dispersion as paper

    if data is not None and not data.is_dir():
        raise InputError(f"--data {data}: no such folder")
    asked = {"quick": quick, "only": tuple(only or ())} | ({} if data is None else {"data": data})
    return _reproduce(paper, asked, output, workers, quiet)


@app.command("fair-gne", epilog=EPILOG, help=f"Reproduce the paper on Fair-GNE. {_help('fair-gne')}")
def fair_gne(
    quick: Quick = False,
    only: Only = None,
    output: Output = None,
    workers: Workers = None,
    quiet: Quiet = False,
) -> int:
    """Reproduce the paper on Fair-GNE."""
    from reproductions import fair_gne as paper

    return _reproduce(paper, {"quick": quick, "only": tuple(only or ())}, output, workers, quiet)


@app.command()
def page(
    document: Annotated[
        Path, typer.Argument(metavar="FILE.json", show_default=False, help="What a reproduction found.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE.html", show_default=False, help="By default beside the document."),
    ] = None,
) -> int:
    """Write the page of a document that a reproduction wrote, or you yourself: one HTML file, opens offline."""
    from evenhand.cli.outputs import check_outputs
    from evenhand.tables import write_text
    from reproductions import pages
    from reproductions.pages.reading import read_document

    target = output or document.with_suffix(".html")
    check_outputs({"--report": target}, {"the document": document})
    write_text(target, pages.page(read_document(document)))
    return OK


def _reproduce(
    paper: ModuleType, asked: Mapping[str, Any], output: Path | None, workers: int | None, quiet: bool
) -> int:
    from evenhand.cli.sweep import SweepProgress
    from evenhand.sweeps.run import run_in
    from evenhand.tables.exclusive import exclusive

    trials: list[Trial] = paper.plan(**asked)
    folder = output or Path(f"{paper.NAME}-quick" if asked["quick"] else paper.NAME)
    with exclusive(folder):
        try:
            with SweepProgress(show=not quiet) as progress:
                outcomes = run_in(trials, folder, workers=workers, timeout=TIMEOUT, progress=progress)
        except KeyboardInterrupt:
            done = progress.state.done if progress.state is not None else 0
            say(f"{done} of {len(trials)} trials are done and kept in {folder}; the same command goes on")
            return INTERRUPTED
        told = paper.document(outcomes, command=_again(paper.NAME, asked), **asked)
        return _tell(told, outcomes, folder / "-".join([told["name"], *asked["only"]]), quiet)


def _again(name: str, asked: Mapping[str, Any]) -> str:
    words = ["python -m reproductions", name]
    words += ["--quick"] if asked["quick"] else []
    words += ["--data FOLDER"] if "data" in asked else []
    return " ".join([*words, *(f"--only {section}" for section in asked["only"])])


def _tell(told: dict[str, Any], outcomes: Sequence[Outcome], place: Path, quiet: bool) -> int:
    """Write data and page, which are those of the sections that were asked for, and print the claims."""
    from evenhand.cli.show import show_facts
    from evenhand.sweeps.sweep_file import in_words
    from evenhand.tables.write import atomic_writer, write_json
    from reproductions import pages

    data, written = place.with_name(f"{place.name}.json"), place.with_name(f"{place.name}.html")
    text = pages.page(told)
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


def main(words: Sequence[str]) -> int:
    """Run the command line and return its exit code; errors are one line, as everywhere in evenhand."""
    return leave(lambda: int(app(list(words), prog_name="python -m reproductions", standalone_mode=False) or 0))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
