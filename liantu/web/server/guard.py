"""What every request passes before anything of the server sees it.

Other pages in the same browser, and names that were made to lead here, must not reach the data:
so the host is one of ours, a change comes from our own page, and every request for data bears the
cookie that the link of the command line was changed for. Bodies are bounded in size and time.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from liantu.errors import Problem
from liantu.web.server.uploads import MOST_BYTES
from liantu.web.server.work import told

MOST_BODY = 1 << 20  # bytes of a question
IDLE = 15.0  # seconds without a byte of a body that is awaited, or of an answer that is read
WHOLE = 600.0  # seconds for a whole body
CHANGES = ("POST", "PUT", "DELETE")
POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_HEADERS = {
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
}
# Its own page, so that the next request comes from here: a strict cookie goes with no other.
_ENTER = (
    '<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
    '<meta http-equiv="refresh" content="0;url=/"><title>liantu</title><a href="/">liantu</a>'
)


@dataclass
class Guard:
    """An application behind the rules above.

    Attributes
    ----------
    app
        The application.
    port
        The port that is listened on.
    token
        What the first link bears.
    cookie
        What it is changed for.
    """

    app: ASGIApp
    port: int
    token: str = field(default_factory=lambda: token_urlsafe(32))
    cookie: str = field(default_factory=lambda: token_urlsafe(32))

    @property
    def hosts(self) -> tuple[str, ...]:
        """What a request may call this machine."""
        return tuple(f"{name}:{self.port}" for name in ("127.0.0.1", "localhost"))

    @property
    def cookie_name(self) -> str:
        """The name of the cookie; cookies know no ports, so that another server has another."""
        return f"liantu-{self.port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        bounded = _bounded(send)
        if scope["type"] != "http":
            return await refused(403, "serve_refused")(scope, receive, bounded)
        answer = self.answer(scope)
        if answer is not None:
            return await answer(scope, receive, bounded)
        limit = MOST_BYTES if scope["method"] == "PUT" else MOST_BODY
        return await self.app(scope, _limited(receive, limit), bounded)

    def answer(self, scope: Scope) -> Response | None:
        """Return what is answered without the application, None if the request may pass."""
        headers = _headers(scope)
        if len(headers.get("host", ())) != 1 or headers["host"][0] not in self.hosts:
            return refused(421, "serve_host")
        path, method = str(scope["path"]), str(scope["method"])
        if method not in ("GET", "HEAD", *CHANGES):
            return refused(405, "serve_refused")
        if path == "/" and method == "GET":
            given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])
            if _same(given[0], self.token):
                return self._entered()
        if not _same(self._brought(headers), self.cookie):
            page = not path.startswith("/api/")
            return HTMLResponse(_keyless(), 403) if page else refused(403, "serve_no_key")
        came = headers.get("sec-fetch-site", ["same-origin"])
        if path.startswith("/api/") and came[0] not in ("same-origin", "none"):
            return refused(403, "serve_origin")
        own = [f"http://{headers['host'][0]}"]
        if method in CHANGES and headers.get("origin") != own:
            return refused(403, "serve_origin")
        return self._oversized(headers, method)

    def _oversized(self, headers: Mapping[str, list[str]], method: str) -> Response | None:
        limit = MOST_BYTES if method == "PUT" else MOST_BODY
        for length in headers.get("content-length", ()):
            if not (length.isascii() and length.isdigit()) or len(length) > 15:
                return refused(400, "serve_refused")
            if int(length) > limit:
                return refused(413, "serve_too_large", limit=limit >> 20)
        return None

    def _entered(self) -> Response:
        answer = HTMLResponse(_ENTER)
        answer.set_cookie(self.cookie_name, self.cookie, httponly=True, samesite="strict", path="/")
        return answer

    def _brought(self, headers: Mapping[str, list[str]]) -> str:
        for header in headers.get("cookie", ()):
            for part in header.split(";"):
                name, _, value = part.strip().partition("=")
                if name == self.cookie_name:
                    return value
        return ""


def refused(status: int, code: str, **params: Any) -> Response:
    """Return an answer that says in both languages why there is no other."""
    problem = Problem("error", code, value=str(params.pop("value", "")), params=params)
    return JSONResponse({"errors": [told(problem)]}, status)


def _keyless() -> str:
    lines = "".join(
        f'<p lang="{lang}">{Problem("error", "serve_no_key").line(lang)}</p>'
        for lang in ("zh", "en")
    )
    return f'<!doctype html><meta charset="utf-8"><title>liantu</title>{lines}'


def _same(given: str, known: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), known.encode())


def _headers(scope: Scope) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return found


def _limited(receive: Receive, limit: int) -> Receive:
    """Return how a body is received: not more than so many bytes, not slower than it may be."""
    loop = asyncio.get_running_loop()
    state = {"bytes": 0, "whole": False}
    late = loop.time() + WHOLE

    async def read() -> Message:
        if state["whole"]:  # what is awaited now is the end of the connection
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), min(IDLE, late - loop.time()))
        except TimeoutError:
            raise HTTPException(408) from None
        state["bytes"] += len(message.get("body", b""))
        if state["bytes"] > limit:
            raise HTTPException(413)
        state["whole"] = not message.get("more_body", False)
        return message

    return read


def _bounded(send: Send) -> Send:
    """Return how an answer is sent: with the headers of all, and to nobody who does not read."""

    async def write(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = {name for name, _ in message["headers"]}
            own = {**_HEADERS, "content-security-policy": POLICY}
            more = [(k.encode(), v.encode()) for k, v in own.items() if k.encode() not in given]
            message = {**message, "headers": [*message["headers"], *more]}
        try:
            await asyncio.wait_for(send(message), IDLE)
        except TimeoutError:
            raise ConnectionAbortedError from None

    return write
