"""Where the desk listens, and where its session is kept."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from evenhand.errors import InputError


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


def serve(app: Any, one: socket.socket, stop: Callable[[], None] | None = None) -> None:
    """Serve an application until Ctrl-C; `stop` then gives up what is being answered, so that the end is quick."""
    import uvicorn

    class Stopping(uvicorn.Server):
        def handle_exit(self, sig: int, frame: Any) -> None:
            if stop is not None:
                stop()
            super().handle_exit(sig, frame)

    # What is still being answered at the end is an error to the server, with a traceback, but none to the user.
    config = uvicorn.Config(app, log_level="critical", access_log=False, lifespan="off", timeout_graceful_shutdown=1)
    try:
        asyncio.run(Stopping(config).serve(sockets=[one]))
    finally:
        one.close()
