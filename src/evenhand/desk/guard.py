"""Keep everybody but the page's own reader out: the address holds a token, and other sites' pages are refused."""

from __future__ import annotations

import secrets
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


class Guard:
    """ASGI middleware that lets in requests with the token, for this host, and from this origin or none.

    A foreign Host header is what a page makes whose name was rebound to this machine; a foreign Origin is what another
    site's page sends.

    Parameters
    ----------
    app
        The application behind it.
    token
        The first part of every path.
    port
        The port of this server.
    """

    def __init__(self, app: Any, token: str, port: int) -> None:
        self._app, self._token = app, token
        self._hosts = {f"{host}:{port}" for host in ("127.0.0.1", "localhost")}
        self._origins = {f"http://{host}" for host in self._hosts}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        refusal = self._refusal(Headers(scope=scope), scope["path"])
        if refusal is not None:
            await PlainTextResponse(refusal[1], refusal[0], HEADERS)(scope, receive, send)
            return

        async def send_with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    *((name.encode(), value.encode()) for name, value in HEADERS.items()),
                ]
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _refusal(self, headers: Headers, path: str) -> tuple[int, str] | None:
        if headers.get("host") not in self._hosts:
            return 403, "this desk answers on its own address only"
        origin = headers.get("origin")
        if origin is not None and origin not in self._origins:
            return 403, "this desk answers its own page only"
        given = path.split("/")[1] if "/" in path else ""
        if not secrets.compare_digest(given.encode(), self._token.encode()):
            return 404, "no such page; open the address that evenhand open printed, with its token"
        return None


def new_token() -> str:
    """Return a token that nobody guesses."""
    return secrets.token_urlsafe(24)
