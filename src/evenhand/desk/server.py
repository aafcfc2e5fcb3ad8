"""The desk's server: the page, and what it asks for, as JSON."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from evenhand.desk import saving, solving
from evenhand.desk.asked import asked_of
from evenhand.desk.described import described
from evenhand.desk.dropped import hints, laid, possible_roles, turned_round
from evenhand.desk.dropped_file import PLAIN, Dropped, excerpt, read_so, remedies, without_options
from evenhand.desk.guard import Guard
from evenhand.desk.plan import Desk
from evenhand.desk.room import Room
from evenhand.desk.tables_on_desk import restored, told_asked
from evenhand.errors import EvenhandError, InputError

LARGEST_FILE = 50_000_000
"""Upper limit on a file in bytes; larger ones are for the command line."""

SCRIPTS = ("base.js", "check.js", "pictures.js", "tasks.js", "rules.js", "files.js", "desk.js")
STATIC = {"": "desk.html", "desk.css": "desk.css", **{name: name for name in SCRIPTS}}
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}


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
    """Say what is on the desk, and the plan last found, which another window may show already."""
    del request
    plan, tables = room.plan, room.tables
    shown = None if plan is None else await run_in_threadpool(described, plan)
    return JSONResponse({**await run_in_threadpool(room.state), "plan": shown if tables == room.tables else None})


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
        return JSONResponse({"roles": ["session"], "hints": []})
    roles = await run_in_threadpool(possible_roles, dropped, room.desk)
    return JSONResponse({"roles": roles, "hints": hints(dropped.name)})


async def _table(room: Room, request: Request) -> Response:
    """Take a dropped file in the role that it has; what cannot be read is answered with the cells around it."""
    role = request.query_params.get("role", "costs")
    try:
        said = json.loads(request.query_params.get("reading", "{}"))
        dropped = Dropped(_name(request), await _body(request), read_so(PLAIN, said))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"what is said about the file cannot be used ({error})") from None
    if dropped.name.lower().endswith(".json"):
        return await _restore(room, dropped.body)
    try:
        desk, notes = await run_in_threadpool(laid, room.desk, dropped, role, room.waiting, room.shown)
    except InputError as error:
        near = await run_in_threadpool(excerpt, dropped, str(error))
        offered = remedies(error)
        return JSONResponse({"error": without_options(error, offered), "excerpt": near, "remedies": offered})
    if desk is not None:
        room.put(desk)
    offered = turned_round(desk, dropped) if role == "costs" else []
    return JSONResponse({"notes": notes, "remedies": offered, **await run_in_threadpool(room.state)})


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
    return JSONResponse({"notes": [], "remedies": [], **await run_in_threadpool(room.state)})


async def _units(room: Room, request: Request) -> Response:
    data = await _json(request)
    unit, burden_unit = (str(data.get(name, "")).strip() for name in ("unit", "burden_unit"))
    desk = room.change(lambda desk: replace(desk, unit=unit, burden_unit=burden_unit))
    return JSONResponse({"unit": desk.unit, "burden_unit": desk.burden_unit})


async def _solve(room: Room, request: Request) -> Response:
    """Answer a movement: with ``?later=2`` by the plan that is there soon, with ``?later=1`` by one a little later.

    What the request leaves out of :meth:`evenhand.desk.asked.Asked.told` stays as it is on the desk. A plan that was
    found stays the one to save until there is another.
    """
    data = await _json(request)
    gesture = str(data.get("gesture", ""))[:64]
    tables = room.tables
    desk = room.change(lambda desk: desk.asking(asked_of(data, desk.asked), gesture))
    limit = solving.limit_of(desk, {"1": 1, "2": 2}.get(request.query_params.get("later", ""), 0))
    plan = await run_in_threadpool(partial(room.questions(request).ask, desk, time_limit=limit))
    if plan.answer.assignment is not None and tables == room.tables:
        room.plan = plan
    return JSONResponse({"tables": tables, **await run_in_threadpool(described, plan)})


async def _slider(room: Room, request: Request) -> Response:
    """Take another measure, and say which levels its slider has: of a further burden with ``?place=0``."""
    data = await _json(request)
    given = request.query_params.get("place")
    desk = room.change(lambda desk: desk.asking(asked_of(data, desk.asked)))
    place = None
    if given is not None:
        if not (given.isascii() and given.isdigit() and int(given) < len(desk.further)):
            raise InputError(f"place {given[:20]!r} is none of a further burden")
        place = int(given)
    return JSONResponse({"slider": await run_in_threadpool(solving.slider, desk, place)})


async def _level(room: Room, request: Request) -> Response:
    """Say what another level costs, and leave the desk as it is."""
    data = await _json(request)
    desk = room.present()
    desk = desk.asking(asked_of(data, desk.asked))
    plan = await run_in_threadpool(room.questions(request).ask, desk, time_limit=5.0)
    return JSONResponse({"status": plan.answer.status, "cost": plan.answer.cost, "price": plan.answer.price})


async def _wish(room: Room, request: Request) -> Response:
    data = await _json(request)
    kind, task, agent = str(data.get("kind")), _position(data, "task"), _position(data, "agent")
    return JSONResponse(told_asked(room.change(lambda desk: desk.wish(kind, task, agent))))


def _position(data: dict[str, Any], name: str) -> int:
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise InputError(f"{name} is {value!r}; it should be a position")
    return value


async def _undo(room: Room, request: Request) -> Response:
    del request
    return JSONResponse(told_asked(room.change(Desk.undo)))


async def _redo(room: Room, request: Request) -> Response:
    del request
    return JSONResponse(told_asked(room.change(Desk.redo)))


async def _price(room: Room, request: Request) -> Response:
    """Say what a wish would cost, without granting it."""
    data = await _json(request)
    kind, task, agent = str(data.get("kind")), _position(data, "task"), _position(data, "agent")
    desk = room.present().wish(kind, task, agent)
    plan = await run_in_threadpool(room.questions(request).ask, desk, time_limit=5.0)
    answer = plan.answer
    return JSONResponse({"status": answer.status, "cost": answer.cost})


async def _save(room: Room, request: Request) -> Response:
    name = request.path_params["kind"]
    if name not in saving.KINDS:
        raise HTTPException(404)
    text = await run_in_threadpool(saving.file_text, name, room.present(), room.plan)
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text.encode("utf-8"), media_type=f"{saving.KINDS[name]}; charset=utf-8", headers=headers)
