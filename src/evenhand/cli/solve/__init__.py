"""``evenhand solve``: problems from practice, read from the files their fields use, solved fairly."""

from __future__ import annotations

import typer

from evenhand.cli.exits import EPILOG
from evenhand.cli.solve import example, generalised_assignment, load_shedding, salesmen

app = typer.Typer(
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Problems from practice with fair loads, from the files of their fields.",
    epilog=EPILOG,
)

app.command("example", epilog=EPILOG)(example.command)
app.command("generalised-assignment", epilog=EPILOG)(generalised_assignment.command)
app.command("load-shedding", epilog=EPILOG)(load_shedding.command)
app.command("salesmen", epilog=EPILOG)(salesmen.command)
