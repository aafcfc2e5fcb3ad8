"""The commands together, and what happens when something goes wrong: one line, never a traceback."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from typing import TYPE_CHECKING, Annotated

import typer

import evenhand
from evenhand.cli import (
    assign,
    demo,
    evaluate,
    explain,
    frontier,
    generate,
    hospital,
    measure,
    play,
    report,
    reproduce,
    solve,
    sweep,
    train,
    verify,
)
from evenhand.cli.exits import BAD_INPUT, EPILOG, INTERRUPTED
from evenhand.errors import EvenhandError

if TYPE_CHECKING:
    from collections.abc import Sequence

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EPILOG,
)


@app.callback()
def _evenhand(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Share out tasks cheaply, bound how unequally the burden may be shared, and prove it."""


for _module in (assign, frontier, verify, measure, explain, generate, demo):
    app.command(_module.__name__.rpartition(".")[2], epilog=EPILOG)(_module.command)
for _module in (train, evaluate, play, sweep, reproduce, report):
    app.command(_module.__name__.rpartition(".")[2], epilog=_module.EPILOG)(_module.command)
app.add_typer(solve.app, name="solve")
app.add_typer(hospital.app, name="hospital")


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments
        Words after ``evenhand``; those of the process by default.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    _survive_narrow_encodings()
    # What the log would say of an interruption is said below, in the terminal's own words.
    logging.getLogger("evenhand").addHandler(logging.NullHandler())
    if arguments is None and not sys.warnoptions:
        # For developers, who meet them in the tests; to a user they say nothing.
        warnings.simplefilter("ignore")
    if words == ["--version"]:
        sys.stdout.write(f"evenhand {evenhand.__version__}\n")
        return 0
    try:
        code = _invoke(words)
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):
        # Whoever read our output has gone, as `head` does: nothing is wrong, and nothing more can be said.
        # (Rich and typer turn the broken pipe into SystemExit.)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    return code


def _invoke(words: list[str]) -> int:
    try:
        code = app(words, prog_name="evenhand", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except EvenhandError as error:
        return _refuse(str(error))
    except MemoryError:
        return _refuse("not enough memory for a table of this size")
    except Exception as error:
        # What typer raises for misused options; its class has another home in each version.
        if not hasattr(error, "format_message"):
            raise
        # Without any words typer has printed the help, and says nothing more.
        return (
            _refuse(f"{error.format_message()} (evenhand --help tells more)") if error.format_message() else BAD_INPUT
        )
    if code == INTERRUPTED:
        sys.stderr.write("evenhand: stopped by Ctrl-C\n")
    return int(code or 0)


def _refuse(message: str) -> int:
    sys.stderr.write(f"evenhand: {' '.join(message.split())}\n")
    return BAD_INPUT


def _survive_narrow_encodings() -> None:
    """Print a question mark for a character that the terminal does not have, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
