"""``evenhand solve``: solve problems from practice with fair loads, reading the file formats of their fields."""

from __future__ import annotations

import typer

from evenhand.cli.exits import EPILOG_AT_ONCE, EPILOG_DONE, EPILOG_SEARCH
from evenhand.cli.groups import expanded
from evenhand.cli.solve import example, generalised_assignment, load_shedding, rosters, routes, salesmen

app = typer.Typer(
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Solve problems from practice with fair loads, from the usual files of their fields.",
    epilog=EPILOG_SEARCH,
)

app.command("example", epilog=EPILOG_DONE)(example.command)
app.command("generalised-assignment", epilog=EPILOG_SEARCH)(expanded(generalised_assignment.command))
app.command("load-shedding", epilog=EPILOG_AT_ONCE)(expanded(load_shedding.command))
app.command("rosters", epilog=EPILOG_SEARCH)(expanded(rosters.command))
app.command("routes", epilog=EPILOG_SEARCH)(expanded(routes.command))
app.command("salesmen", epilog=EPILOG_SEARCH)(expanded(salesmen.command))
