"""``evenhand report``: write a page on a sweep or a run."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from evenhand.cli.exits import BAD_INPUT, MEANINGS, OK, epilog
from evenhand.cli.options import argument, flag, number_option, option, steps_option
from evenhand.errors import InputError
from evenhand.tables.files import no_file
from evenhand.visible import visible

EPILOG = epilog({OK: "the page is written", BAD_INPUT: MEANINGS[BAD_INPUT]})

_TABLE, _CONFIGURATION = "results.parquet", "config.json"
_SWEEP, _RUN = "Of a sweep", "Of a run"

Setting = Annotated[
    str | None,
    option(
        "SETTING",
        "Setting along the axis; by default the numeric setting with the most values.",
        "--x",
        panel=_SWEEP,
        show_default=False,
    ),
]
Shown = Annotated[
    list[str] | None,
    option(
        "RESULT",
        "Result to draw, or 'seconds'; repeatable. By default the first ones that vary.",
        "--y",
        panel=_SWEEP,
        show_default=False,
    ),
]
By = Annotated[
    list[str] | None,
    option(
        "SETTING",
        "Setting that distinguishes the series and, given again, the panels. By default those with few values.",
        "--by",
        panel=_SWEEP,
        show_default=False,
    ),
]


def command(
    results: Annotated[Path, argument("RESULTS", "Folder of a sweep, its table, or the folder of a run.")],
    output: Annotated[
        Path | None, option("FILE.html", "By default next to the results.", "--out", "-o", show_default=False)
    ] = None,
    x: Setting = None,
    y: Shown = None,
    by: By = None,
    tau: Annotated[
        float | None, number_option("J", "Threshold of Jain's index; the run's by default.", panel=_RUN)
    ] = None,
    episodes: Annotated[int | None, steps_option("N", "Fresh episodes to play; 1,000 by default.", panel=_RUN)] = None,
    quiet: Annotated[bool, flag("Print nothing but errors.", "--quiet", "-q")] = False,
) -> int:
    """Write a page on a sweep or a run: one HTML file that opens offline.

    The team of a run plays fresh episodes for it, as in `evenhand evaluate`.

    Example: evenhand report results --out sweep.html
    """
    from evenhand.cli.outputs import check_outputs
    from evenhand.tables import write_text

    source = find(results)
    given = {"--x": x, "--y": y, "--by": by}, {"--tau": tau, "--episodes": episodes}
    of_sweep, of_run = (
        {name: value for name, value in options.items() if value not in (None, [])} for options in given
    )
    is_run = source.name == _CONFIGURATION
    for name in of_sweep if is_run else of_run:
        raise InputError(
            f"{name} is for a {'sweep' if is_run else 'run'}; {results} holds a {'run' if is_run else 'sweep'}"
        )
    target = output or (source.with_name("report.html") if is_run else source.with_suffix(".html"))
    # Under the name that makes it check for the plotting libraries.
    check_outputs({"--report": target}, {"the results": source})
    options = {"--out": output, **of_sweep, **of_run}
    again = shlex.join(["evenhand", "report", str(results), *_words(options)])
    html = _run(results, tau, episodes, again, quiet=quiet) if is_run else _sweep(source, x, y or [], by or [], again)
    write_text(target, html)
    if not quiet:
        typer.echo(visible(str(target)))
    return OK


def find(results: Path) -> Path:
    """Return the file that a path refers to: a file itself, the table of a sweep, or the configuration of a run.

    Raises
    ------
    InputError
        If there is no such file.
    """
    if not results.is_dir():
        if not results.is_file():
            raise no_file(results, " or folder")
        return results
    for name in (_TABLE, _CONFIGURATION):
        if (results / name).is_file():
            return results / name
    seeds = sorted(results.glob(f"seed-*/{_CONFIGURATION}"))
    if seeds:
        raise InputError(f"{results}: holds runs of several seeds; name one, {seeds[0].parent} for instance")
    raise InputError(f"{results}: holds no results; a sweep's {_TABLE} or a run's {_CONFIGURATION} is expected")


def _words(options: Mapping[str, object]) -> Iterator[str]:
    """Yield options and values as command-line arguments; lists repeat the option, and None is left out."""
    for name, given in options.items():
        for value in given if isinstance(given, list) else [] if given is None else [given]:
            yield from (name, f"{value:g}" if isinstance(value, float) else str(value))


def _sweep(source: Path, x: str | None, y: Sequence[str], by: Sequence[str], again: str) -> str:
    from evenhand.report.sweeps import sweep_page
    from evenhand.sweeps.results_table import read_results

    return sweep_page(read_results(source), x=x, y=y, by=by, command=again)


def _run(folder: Path, tau: float | None, episodes: int | None, again: str, *, quiet: bool) -> str:
    from evenhand.cli.evaluate import EPISODES
    from evenhand.cli.stage_line import StageLine
    from evenhand.learning.record import Terms
    from evenhand.learning.training import load
    from evenhand.report.teams import team_page

    terms = Terms(tau=tau) if episodes is None else Terms(tau=tau, episodes=episodes)
    with closing(StageLine(EPISODES, show=not quiet)) as progress:
        return team_page(load(folder), terms, progress=progress, commands=[again])
