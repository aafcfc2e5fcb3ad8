"""The page of a trained team, behind the same guard as the desk."""

from __future__ import annotations

from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from evenhand.desk.server import guarded, static_file
from evenhand.desk.stage import Stage
from evenhand.errors import InputError

STATIC = {"": "team.html", "team.js": "team.js", "desk.css": "desk.css"}


def team_application(stage: Stage, token: str, port: int) -> Any:
    """Return the ASGI application of a stage."""
    answers = {"state": _state, "at": _at, "film": _film, "deeds": _deeds}
    return guarded(
        [
            *((path, "GET", partial(static_file, name)) for path, name in STATIC.items()),
            *((path, "GET", partial(answer, stage)) for path, answer in answers.items()),
        ],
        token,
        port,
    )


async def _state(stage: Stage, request: Request) -> Response:
    del request
    return JSONResponse(stage.state())


async def _at(stage: Stage, request: Request) -> Response:
    return JSONResponse(await run_in_threadpool(stage.at, _number(request, "tau")))


async def _film(stage: Stage, request: Request) -> Response:
    moving, _ = await _played(stage, request)
    return Response(moving, media_type="image/gif")


async def _deeds(stage: Stage, request: Request) -> Response:
    _, words = await _played(stage, request)
    return JSONResponse({"deeds": words})


async def _played(stage: Stage, request: Request) -> tuple[bytes, list[str]]:
    multiplier, seed = _number(request, "multiplier"), _number(request, "seed")
    return await run_in_threadpool(stage.film, multiplier, int(seed))


def _number(request: Request, name: str) -> float:
    given = request.query_params.get(name, "")
    try:
        value = float(given)
    except ValueError:
        value = float("nan")
    if not abs(value) < float("inf"):
        raise InputError(f"{name} is {given[:40]!r}; it should be a finite number")
    return value
