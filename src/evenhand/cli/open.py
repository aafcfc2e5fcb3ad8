"""``evenhand open``: the planner's desk, a page on this machine."""

from __future__ import annotations

import importlib.util
import json
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evenhand.cli import options
from evenhand.cli.door import say
from evenhand.cli.inputs import Tables
from evenhand.cli.options import argument, count_option, flag
from evenhand.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from evenhand.desk.plan import Desk


def command(
    costs: Annotated[Path | None, argument("[COSTS]", "Table of costs, or a saved session (.json).")] = None,
    burdens: options.Burdens = None,
    entitlements: options.Entitlements = None,
    initial_loads: options.InitialLoads = None,
    port: Annotated[int, count_option("N", "Port of this machine; 0 for a free one.")] = 0,
    no_browser: Annotated[bool, flag("Print the address and open no browser.", "--no-browser")] = False,
) -> None:
    """Open the planner's desk: a page in your browser on which you slide, lock, compare and save plans.

    The page is served on this machine alone, at an address that holds a token, and needs no network. Ctrl-C ends it;
    the session is kept, and is there again the next time.

    Example: evenhand open costs.csv --burdens hours.csv
    """
    for module in ("starlette", "uvicorn"):
        if importlib.util.find_spec(module) is None:
            raise MissingExtraError(module, "desk")
    from evenhand.desk import server
    from evenhand.desk.guard import new_token

    given = {"--burdens": burdens, "--entitlements": entitlements, "--initial-loads": initial_loads}
    words = [word for name, value in given.items() if value is not None for word in (name, str(value))]
    if costs is not None and costs.is_dir():
        raise InputError(f"{costs}: is a folder; name a table of costs, or show a trained team with evenhand play")
    if costs is None and words:
        raise InputError(f"{words[0]} needs the table of costs; name it first")
    keep = server.kept_session(costs)
    room = server.Room(None, keep)
    room.desk = _desk(costs, burdens, entitlements, initial_loads, keep)
    one, token = server.listening(port), new_token()
    address = f"http://127.0.0.1:{one.getsockname()[1]}/{token}/"
    typer.echo(f"The desk: {address}")
    say("Ctrl-C ends it; the session is kept")
    if not no_browser:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    server.serve(room, token, one)


def _desk(
    costs: Path | None, burdens: Path | None, entitlements: str | None, initial_loads: str | None, keep: Path
) -> Desk | None:
    """Return what is on the desk at the beginning: the kept session if it is about the same tables, or these."""
    from evenhand.desk.plan import Desk
    from evenhand.desk.tables_on_desk import restored, told

    before = None
    if keep.is_file():
        try:
            before = restored(json.loads(keep.read_text(encoding="utf-8")))
        except (InputError, ValueError) as error:
            say(f"the session that was kept is damaged and begins anew ({error})")
    if costs is None:
        return before
    if costs.suffix.lower() == ".json":
        try:
            return restored(json.loads(costs.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise InputError(f"{costs}: no session of a desk ({error})") from None
    given = Tables(costs=costs, burdens=burdens, initial_loads=initial_loads).read(entitlements)
    fresh = Desk(given.costs, given.burdens, given.entitlements, given.initial_loads)
    same = ("costs", "burdens", "entitlements", "initial_loads")
    if before is not None:
        old, new = (json.loads(json.dumps(told(desk))) for desk in (before, fresh))
        if all(old[name] == new[name] for name in same):
            say("the session of last time is there again")
            return before
    return fresh
