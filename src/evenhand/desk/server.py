"""The desk's server: the page, and what it asks for, as JSON."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import socket
import tempfile
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from evenhand.desk import solving
from evenhand.desk.dropped import ROLES, Dropped, excerpt, laid, possible_roles
from evenhand.desk.guard import Guard
from evenhand.desk.places import Places
from evenhand.desk.plan import LOCK, MEASURES, Desk, rule_of
from evenhand.desk.tables_on_desk import restored, told, told_wishes
from evenhand.errors import EvenhandError, InputError
from evenhand.fairness.registry import MEMBERS
from evenhand.tables import write_assignment, write_table, write_text

if TYPE_CHECKING:
    from evenhand.report.units import Units

LARGEST_FILE = 50_000_000
"""Upper limit on a file in bytes; larger ones are for the command line."""

MOST_WINDOWS = 32
"""Upper limit on the windows whose questions are kept apart."""

STATIC = {"": "desk.html", "desk.js": "desk.js", "check.js": "check.js", "desk.css": "desk.css"}
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}


class Room:
    """The state of one server: the desk, and the plan last made.

    Parameters
    ----------
    desk
        What is on the desk; None until a table comes.
    keep
        File in which the session is kept, so that the server may be stopped at any time; None for none.
    """

    def __init__(self, desk: Desk | None, keep: Path | None = None) -> None:
        self.desk, self.keep = desk, keep
        self.plan: solving.Plan | None = None
        self.waiting: dict[str, Places] = {}
        self._windows: dict[str, solving.Questions] = {}
        self._changing, self._turn = threading.Lock(), threading.Lock()

    def questions(self, request: Request) -> solving.Questions:
        """Return the questions of the window that a request comes from: windows do not give up each other's."""
        window = request.headers.get("x-window", "")[:64]
        with self._changing:
            while len(self._windows) >= MOST_WINDOWS and window not in self._windows:
                self._windows.pop(next(iter(self._windows))).cancel()
            return self._windows.setdefault(window, solving.Questions(self._turn))

    def cancel(self) -> None:
        """Give up all questions."""
        for questions in list(self._windows.values()):
            questions.cancel()

    def change(self, change: Callable[[Desk], Desk]) -> Desk:
        """Change the desk and keep the session."""
        with self._changing:
            self.desk = change(self.present())
            self.save()
            return self.desk

    def put(self, desk: Desk) -> None:
        """Replace what is on the desk."""
        with self._changing:
            self.cancel()
            self.desk, self.plan = desk, None
            self.save()

    def present(self) -> Desk:
        """Return the desk.

        Raises
        ------
        InputError
            If there is no table yet.
        """
        if self.desk is None:
            raise InputError("there is no table yet; drop one on the page")
        return self.desk

    def save(self) -> None:
        """Write the session, beside and renamed."""
        if self.keep is not None and self.desk is not None:
            self.keep.parent.mkdir(parents=True, exist_ok=True)
            write_text(self.keep, json.dumps(told(self.desk)))

    def state(self) -> dict[str, Any]:
        """Return what the page shows before a question is asked."""
        desk = self.desk
        measures = [{"name": name, "words": MEMBERS[name].words.quantity} for name in MEASURES]
        if desk is None:
            return {"desk": None, "measures": measures, "roles": ROLES}
        return {"desk": told(desk), "measures": measures, "roles": ROLES, "slider": solving.slider(desk)}


def application(room: Room, token: str, port: int) -> Any:
    """Return the ASGI application of a room."""
    answers: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
        *((path, "GET", partial(static_file, name)) for path, name in STATIC.items()),
        ("state", "GET", partial(_state, room)),
        ("recognise", "POST", partial(_recognise, room)),
        ("table", "POST", partial(_table, room)),
        ("units", "POST", partial(_units, room)),
        ("session", "POST", partial(_session, room)),
        ("solve", "POST", partial(_solve, room)),
        ("slider", "POST", partial(_slider, room)),
        ("level", "POST", partial(_level, room)),
        ("wish", "POST", partial(_wish, room)),
        ("undo", "POST", partial(_undo, room)),
        ("redo", "POST", partial(_redo, room)),
        ("price", "POST", partial(_price, room)),
        ("save/{kind}", "GET", partial(_save, room)),
    ]
    return guarded(answers, token, port)


def guarded(answers: Sequence[tuple[str, str, Callable[[Request], Awaitable[Response]]]], token: str, port: int) -> Any:
    """Return the ASGI application of triples of path, method and answer, behind its guard."""

    def route(path: str, method: str, answer: Callable[[Request], Awaitable[Response]]) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                return await answer(request)
            except ClientDisconnect:
                return Response(status_code=499)
            except solving.SupersededError:
                return JSONResponse({"superseded": True})
            except EvenhandError as error:
                # An answer like others: browsers write error codes to the console, although the page shows the reason.
                return JSONResponse({"error": str(error)})

        return Route(f"/{token}/{path}", endpoint, methods=[method])

    async def unknown(request: Request, error: Exception) -> Response:
        del request
        status = error.status_code if isinstance(error, HTTPException) else 500
        said = "no such page" if status == 404 else str(getattr(error, "detail", "something went wrong"))
        return JSONResponse({"error": said}, status)

    routes = [route(*answer) for answer in answers]
    return Guard(Starlette(routes=routes, exception_handlers={HTTPException: unknown, 500: unknown}), token, port)


async def static_file(name: str, request: Request) -> Response:
    """Return a file of the page."""
    del request
    text = files("evenhand.desk").joinpath("static", name).read_bytes()
    return Response(text, media_type=TYPES[Path(name).suffix] + "; charset=utf-8")


async def _state(room: Room, request: Request) -> Response:
    del request
    return JSONResponse(await run_in_threadpool(room.state))


async def _body(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_FILE:
            raise InputError(
                f"the file has over {LARGEST_FILE // 1_000_000} MB; the command line takes it: evenhand assign FILE"
            )
        parts.append(part)
    return b"".join(parts)


async def _json(request: Request) -> dict[str, Any]:
    try:
        data = json.loads(await _body(request))
    except (ValueError, RecursionError):
        raise InputError("the request is no JSON") from None
    if not isinstance(data, dict):
        raise InputError("the request is no JSON object")
    return data


async def _recognise(room: Room, request: Request) -> Response:
    """Say what a dropped file can be; the page asks if that leaves several possibilities."""
    dropped = Dropped(_name(request), await _body(request))
    if dropped.name.lower().endswith(".json"):
        return JSONResponse({"roles": ["session"]})
    return JSONResponse({"roles": await run_in_threadpool(possible_roles, dropped, room.desk)})


async def _table(room: Room, request: Request) -> Response:
    """Take a dropped file in the role that it has; what cannot be read is answered with the cells around it."""
    role = request.query_params.get("role", "costs")
    dropped = Dropped(_name(request), await _body(request))
    if dropped.name.lower().endswith(".json"):
        return await _restore(room, dropped.body)
    try:
        desk, notes = await run_in_threadpool(laid, room.desk, dropped, role, room.waiting)
    except InputError as error:
        near = await run_in_threadpool(excerpt, dropped, str(error))
        return JSONResponse({"error": str(error), "excerpt": near})
    if desk is not None:
        room.put(desk)
    return JSONResponse({"notes": notes, **await run_in_threadpool(room.state)})


def _name(request: Request) -> str:
    return Path(request.query_params.get("name", "table.csv")[-200:]).name or "table.csv"


async def _session(room: Room, request: Request) -> Response:
    return await _restore(room, await _body(request))


async def _restore(room: Room, body: bytes) -> Response:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise InputError("the file is no JSON, and so no session of a desk") from None
    room.put(restored(data))
    return JSONResponse({"notes": [], **await run_in_threadpool(room.state)})


async def _units(room: Room, request: Request) -> Response:
    data = await _json(request)
    unit, burden_unit = (str(data.get(name, "")).strip() for name in ("unit", "burden_unit"))
    desk = room.change(lambda desk: replace(desk, unit=unit, burden_unit=burden_unit))
    return JSONResponse({"unit": desk.unit, "burden_unit": desk.burden_unit})


async def _solve(room: Room, request: Request) -> Response:
    """Answer a movement: with ``?quick=1`` by the plan that is there soon, whatever gap is proven by then."""
    rule = rule_of(await _json(request))
    rule.member(*room.present().agents)
    desk = room.change(lambda desk: replace(desk, rule=rule))
    limit = solving.quick_limit(desk) if request.query_params.get("quick") == "1" else solving.TIME_LIMIT
    plan = await run_in_threadpool(partial(room.questions(request).ask, desk, time_limit=limit))
    room.plan = plan
    told_plan = await run_in_threadpool(solving.described, plan)
    return JSONResponse({**told_plan, "command": shlex.join(plan.desk.command()), "files": plan.desk.needed})


async def _slider(room: Room, request: Request) -> Response:
    """Take another measure, and say which levels its slider has."""
    rule = rule_of(await _json(request))
    rule.member(*room.present().agents)
    desk = room.change(lambda desk: replace(desk, rule=rule))
    return JSONResponse({"slider": await run_in_threadpool(solving.slider, desk)})


async def _level(room: Room, request: Request) -> Response:
    """Say what another level costs, and leave the desk as it is."""
    rule = rule_of(await _json(request))
    desk = replace(room.present(), rule=rule)
    plan = await run_in_threadpool(room.questions(request).ask, desk, time_limit=5.0)
    return JSONResponse({"status": plan.answer.status, "cost": plan.answer.cost, "price": plan.answer.price})


async def _wish(room: Room, request: Request) -> Response:
    data = await _json(request)
    kind, task, agent = str(data.get("kind")), _position(data, "task"), _position(data, "agent")
    return _wishes(room.change(lambda desk: desk.wish(kind, task, agent)))


def _position(data: dict[str, Any], name: str) -> int:
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise InputError(f"{name} is {value!r}; it should be a position")
    return value


async def _undo(room: Room, request: Request) -> Response:
    del request
    return _wishes(room.change(Desk.undo))


async def _redo(room: Room, request: Request) -> Response:
    del request
    return _wishes(room.change(Desk.redo))


def _wishes(desk: Desk) -> Response:
    return JSONResponse({"wishes": told_wishes(desk.wishes), "undone": told_wishes(desk.undone)})


async def _price(room: Room, request: Request) -> Response:
    """Say what a wish would cost, without granting it."""
    data = await _json(request)
    kind, task, agent = str(data.get("kind")), _position(data, "task"), _position(data, "agent")
    desk = room.present().wish(kind, task, agent)
    plan = await run_in_threadpool(room.questions(request).ask, desk, time_limit=5.0)
    answer = plan.answer
    return JSONResponse({"status": answer.status, "cost": answer.cost})


async def _save(room: Room, request: Request) -> Response:
    kind = request.path_params["kind"]
    if kind == "session.json":
        return _file(json.dumps(told(room.present())), kind, "application/json")
    if kind in ("costs.csv", "burdens.csv", "locked.csv"):
        return _file(await run_in_threadpool(_table_text, room.present(), kind), kind, "text/csv")
    if room.plan is None or room.plan.answer.assignment is None:
        raise InputError("there is no plan yet to save")
    plan = room.plan
    if kind == "plan.json":
        return _file(json.dumps(plan.answer.to_dict()), kind, "application/json")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, kind)
        if kind == "plan.csv":
            await run_in_threadpool(_write_csv, path, plan)
            return _file(path.read_text(encoding="utf-8"), kind, "text/csv")
        if kind == "plan.html":
            await run_in_threadpool(_write_page, path, plan)
            return _file(path.read_text(encoding="utf-8"), kind, "text/html")
    raise HTTPException(404)


def _table_text(desk: Desk, kind: str) -> str:
    """Return the text of a file that the command on the page needs."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, kind)
        if kind == "locked.csv":
            pairs = [(desk.costs.tasks[w.task], desk.costs.agents[w.agent]) for w in desk.wishes if w.kind == LOCK]
            write_assignment(path, pairs)
        else:
            table = desk.question()["costs"] if kind == "costs.csv" else desk.burdens
            if table is None:
                raise InputError("the costs are shared; there is no table of burdens")
            write_table(path, table)
        return path.read_text(encoding="utf-8")


def _write_csv(path: Path, plan: solving.Plan) -> None:
    answer = plan.answer
    assert answer.assignment is not None
    names = [answer.agents[agent] for agent in answer.assignment]
    write_assignment(path, zip(answer.tasks, names, strict=True), protect=True)


def _write_page(path: Path, plan: solving.Plan) -> None:
    from evenhand.report import write_report

    desk = plan.desk
    locked = {desk.costs.tasks[wish.task]: desk.costs.agents[wish.agent] for wish in desk.wishes if wish.kind == LOCK}
    write_report(
        path,
        plan.answer,
        table=desk.question()["costs"],
        burdens=desk.burdens,
        verdict=plan.verdict,
        command=shlex.join(desk.command()),
        initial_loads=desk.initial_loads,
        locked=locked,
        units=_units_of(desk),
    )


def _units_of(desk: Desk) -> Units:
    """Return the units of the report; if the costs are what is shared, either gives both."""
    from evenhand.report.units import Units

    if desk.burdens is None:
        return Units(desk.unit or desk.burden_unit, desk.burden_unit or desk.unit)
    return Units(desk.unit, desk.burden_unit)


def _file(text: str, name: str, kind: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text.encode("utf-8"), media_type=f"{kind}; charset=utf-8", headers=headers)


def kept_session(source: Path | None) -> Path:
    """Return the file in which the session about a table is kept, in the user's folder for the state of programs."""
    import hashlib

    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    name = "" if source is None else str(source.resolve())
    return state / "evenhand" / "desks" / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.json"


def listening(port: int) -> socket.socket:
    """Return a listening socket of the loopback address, on which callers may wait already; port 0 takes a free one.

    Raises
    ------
    InputError
        If the port is taken.
    """
    one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        one.bind(("127.0.0.1", port))
        one.listen()
    except (OSError, OverflowError) as error:
        one.close()
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"port {port} cannot be used ({reason}); leave out --port for a free one") from None
    return one


def serve(app: Any, one: socket.socket) -> None:
    """Serve an application until Ctrl-C."""
    import uvicorn

    config = uvicorn.Config(app, log_level="error", access_log=False, lifespan="off", timeout_graceful_shutdown=1)
    try:
        asyncio.run(uvicorn.Server(config).serve(sockets=[one]))
    finally:
        one.close()
