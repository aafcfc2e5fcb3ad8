"""``evenhand report``: a page from the results of a sweep."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evenhand.cli.exits import BAD_INPUT, MEANINGS, OK, epilog
from evenhand.errors import InputError
from evenhand.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

EPILOG = epilog({OK: "the page is written", BAD_INPUT: MEANINGS[BAD_INPUT]})

_TABLE = "results.parquet"
_SWEEP = "Of a sweep"

Setting = Annotated[
    str | None,
    typer.Option(
        "--x",
        metavar="SETTING",
        rich_help_panel=_SWEEP,
        show_default=False,
        help="Along the axis; by default the setting of numbers with most values.",
    ),
]
Shown = Annotated[
    list[str] | None,
    typer.Option(
        "--y",
        metavar="RESULT",
        rich_help_panel=_SWEEP,
        show_default=False,
        help="A result to draw, or seconds; may be given several times. By default the first that differ.",
    ),
]
By = Annotated[
    list[str] | None,
    typer.Option(
        "--by",
        metavar="SETTING",
        rich_help_panel=_SWEEP,
        show_default=False,
        help="A setting of series, given again one of panels; by default those of few values.",
    ),
]


def command(
    results: Annotated[
        Path,
        typer.Argument(
            metavar="RESULTS",
            show_default=False,
            help="The table that `evenhand sweep` wrote, or its folder.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE.html", show_default=False, help="By default beside the results."),
    ] = None,
    x: Setting = None,
    y: Shown = None,
    by: By = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> int:
    """Write a page from a sweep: one HTML file, opens offline.

    Example: evenhand report results --out sweep.html
    """
    from evenhand.cli.outputs import check_outputs
    from evenhand.tables import write_text

    source = find(results)
    target = source.with_suffix(".html") if output is None else output
    # The same check of libraries as every command makes that writes a page.
    check_outputs({"--report": target}, {"the results": source})
    html = _sweep(source, results, output, x, y or [], by or [])
    write_text(target, html)
    if not quiet:
        typer.echo(visible(str(target)))
    return OK


def find(results: Path) -> Path:
    """Return the table that a path means: itself, or the one in a folder.

    Raises
    ------
    InputError
        If there is none.
    """
    if not results.is_dir():
        if not results.is_file():
            raise InputError(f"{results}: there is no such file or folder")
        return results
    table = results / _TABLE
    if table.is_file():
        return table
    raise InputError(f"{results}: holds no results; a sweep's {_TABLE} is expected")


def _sweep(source: Path, results: Path, output: Path | None, x: str | None, y: Sequence[str], by: Sequence[str]) -> str:
    from evenhand.report.sweeps import sweep_page
    from evenhand.sweeps.table import read_results

    words = ["evenhand", "report", str(results)]
    words += ["--out", str(output)] if output is not None else []
    words += ["--x", x] if x is not None else []
    words += [word for option, names in (("--y", y), ("--by", by)) for name in names for word in (option, name)]
    return sweep_page(read_results(source), x=x, y=y, by=by, command=shlex.join(words))
