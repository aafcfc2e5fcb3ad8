"""``evenhand open``: the planner's desk, a page on this machine."""

from __future__ import annotations

import importlib.util
import json
import socket
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evenhand.cli import options
from evenhand.cli.door import say
from evenhand.cli.inputs import Tables
from evenhand.cli.options import argument, count_option, flag
from evenhand.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from evenhand.desk.plan import Desk
    from evenhand.desk.stage import Stage


def command(
    costs: Annotated[
        Path | None, argument("[COSTS]", "Table of costs, a saved session (.json), or a trained team's folder.")
    ] = None,
    burdens: options.Burdens = None,
    entitlements: options.Entitlements = None,
    initial_loads: options.InitialLoads = None,
    port: Annotated[int, count_option("N", "Port of this machine; 0 for a free one.")] = 0,
    no_browser: Annotated[bool, flag("Print the address and open no browser.", "--no-browser")] = False,
) -> None:
    """Open the planner's desk: a page in your browser on which you slide, lock, compare and save plans.

    The page is served on this machine alone, at an address that holds a token, and needs no network. Ctrl-C ends it;
    the session is kept, and is there again the next time. A trained team plays beside a slider for its threshold.

    Example: evenhand open costs.csv --burdens hours.csv
    """
    for module in ("starlette", "uvicorn"):
        if importlib.util.find_spec(module) is None:
            raise MissingExtraError(module, "desk")
    from evenhand.desk.guard import new_token
    from evenhand.desk.room import Room
    from evenhand.desk.server import application
    from evenhand.desk.serving import kept_session, listening

    given = {"--burdens": burdens, "--entitlements": entitlements, "--initial-loads": initial_loads}
    words = [word for name, value in given.items() if value is not None for word in (name, str(value))]
    if costs is None and words:
        raise InputError(f"{words[0]} needs the table of costs; name it first")
    token = new_token()
    if costs is not None and costs.is_dir():
        if words:
            raise InputError(f"{costs}: is a folder, of a trained team; {words[0]} is for a table of costs")
        stage = _stage(costs)
        one = listening(port)
        from evenhand.desk.team_server import team_application

        app = team_application(stage, token, one.getsockname()[1])
        _serve(app, one, token, "The team", no_browser)
        return
    keep = kept_session(costs)
    room = Room(None, keep)
    room.desk = _desk(costs, burdens, entitlements, initial_loads, keep)
    one = listening(port)
    try:
        _serve(application(room, token, one.getsockname()[1]), one, token, "The desk", no_browser, room.cancel)
    finally:
        room.cancel()


def _serve(
    app: Any, one: socket.socket, token: str, what: str, no_browser: bool, stop: Callable[[], None] | None = None
) -> None:
    from evenhand.desk.serving import serve

    address = f"http://127.0.0.1:{one.getsockname()[1]}/{token}/"
    typer.echo(f"{what}: {address}")
    say("Ctrl-C ends it" + ("; the session is kept" if what == "The desk" else ""))
    if not no_browser:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    serve(app, one, stop)


def _stage(folder: Path) -> Stage:
    """Return a trained team, after playing its curve."""
    if importlib.util.find_spec("jax") is None:
        raise MissingExtraError("jax", "learn")
    from evenhand.desk.stage import Stage
    from evenhand.learning.training import load

    say("the team plays under each multiplier once")
    return Stage(load(folder), folder.name)


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
