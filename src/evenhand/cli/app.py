"""The Typer application with all commands."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Sequence
from typing import Annotated

import typer

from evenhand.cli import (
    assign,
    certify,
    demo,
    evaluate,
    explain,
    export,
    frontier,
    generate,
    hospital,
    measure,
    open,
    play,
    report,
    solve,
    sweep,
    train,
    verify,
)
from evenhand.cli.exits import EPILOG
from evenhand.cli.groups import expanded
from evenhand.cli.memory import require_memory
from evenhand.errors import InputError
from evenhand.version import __version__

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EPILOG,
)


@app.callback()
def _evenhand(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Assign tasks cheaply, bound how unequally the burden may be shared, and prove it."""


for _module in (assign, frontier, verify, measure, explain, generate, demo, open):
    app.command(_module.__name__.rpartition(".")[2], epilog=EPILOG)(expanded(_module.command))
for _module in (train, evaluate, certify, play, export, sweep, report):
    app.command(_module.__name__.rpartition(".")[2], epilog=_module.EPILOG)(expanded(_module.command))
app.add_typer(solve.app, name="solve")
app.add_typer(hospital.app, name="hospital")


def run(words: Sequence[str], *, process: bool) -> int:
    """Run a command and return its exit code; its errors are handled by :func:`evenhand.cli.door.leave`.

    Parameters
    ----------
    words
        Command-line arguments after ``evenhand``.
    process
        Whether this is the main program of the process, so that warnings of libraries may be silenced.
    """
    # The log's messages are not printed; `leave` reports interruptions and errors.
    logging.getLogger("evenhand").addHandler(logging.NullHandler())
    if process and not sys.warnoptions:
        # Warnings are for developers, who see them in the tests.
        warnings.simplefilter("ignore")
    if list(words) == ["--version"]:
        sys.stdout.write(f"evenhand {__version__}\n")
        return 0
    if list(words[:1]) == ["reproduce"]:
        raise InputError("reproductions run from a clone of the repository: python -m reproductions dispersion --quick")
    require_memory(words)
    return int(app(list(words), prog_name="evenhand", standalone_mode=False) or 0)
