"""The command that serves the page to this machine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from liantu.commands import _options as opt
from liantu.commands._help import Command, make
from liantu.commands._reading import read_network
from liantu.commands._session import Session
from liantu.errors import RequestError
from liantu.options import check_range
from liantu.vocabulary import Lang

if TYPE_CHECKING:
    from liantu.web.server.run import Opened

_NEEDED = ("starlette", "uvicorn")


def command(lang: Lang) -> Command:
    """Return the command."""
    params = [
        opt.argument("source", lang, opt.Source(), "source_serve", required=False),
        *opt.reading(lang),
        opt.option("port", lang, opt.number(whole=True), metavar="N", default=0),
        opt.option("no_browser", lang),
    ]
    return make("serve", lang, serve, params, "liantu serve case:demo")


def serve(
    session: Session,
    *,
    source: str | None,
    mapping: Sequence[Path],
    create_missing: bool,
    port: int,
    no_browser: bool,
) -> None:
    """Serve the page to this machine until Ctrl-C."""
    from liantu.addresses import shown

    check_range(port, "port", 0, 65_535)
    if not all(find_spec(name) for name in _NEEDED):
        raise RequestError.of("serve_not_installed")
    from liantu.web.server.process import DEBUG
    from liantu.web.server.run import serve as run

    network = None
    if source is not None:
        network = read_network(session, source, mapping, create_missing, None, True)

    def tell(opened: Opened) -> None:
        print(opened.link, flush=True)
        session.tell(session.say("serve_ends"), "info")
        if not no_browser:
            import webbrowser

            webbrowser.open(opened.door.as_uri())

    if session.debug:
        os.environ[DEBUG] = "1"
    named = shown(source) if source is not None else ""
    if run(network, named, lang=session.lang, port=port, tell=tell):
        raise KeyboardInterrupt
