"""From a network to the file of its page, or to what a notebook shows."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path

from liantu.formats import write_file
from liantu.graph.network import Network
from liantu.results.core import AsOf
from liantu.vocabulary import Lang
from liantu.web.document import document
from liantu.web.feed import feed


@dataclass(frozen=True)
class Explored:
    """A page that a notebook shows; `text` is its HTML."""

    text: str

    def _repr_html_(self) -> str:
        """Return a frame of its own, which cannot reach the notebook around it."""
        return (
            '<iframe sandbox="allow-scripts allow-downloads allow-modals" '
            'style="width:100%;height:720px;border:1px solid #cbd2d9" '
            f'srcdoc="{html.escape(self.text)}"></iframe>'
        )


def write_page(
    network: Network,
    path: str | Path,
    *,
    as_of: AsOf = None,
    months: int = 36,
    scope: str = "rural",
    rural: str = "strict",
    lang: Lang = "zh",
    source: str = "",
    title: str = "",
    extra: str = "",
) -> None:
    """Write the page of a network, whole or not at all: one HTML file that needs nothing else.

    Parameters
    ----------
    network
        The network; no teacher's name or id is in the page.
    path
        The file.
    as_of
        The date judged; the network's own by default, else today.
    months
        How many months before it the page can go back to.
    scope, rural
        Which schools count when it opens, and what rural means; the page offers the others too.
    lang
        The language it opens in; the page holds both.
    source, extra
        What the network was read from and options of reading, for the commands it names.
    title
        The title; by default the network's own.

    Raises
    ------
    RequestError
        If the file cannot be written.
    OptionError
        If an option is malformed.
    """
    data = feed(
        network, as_of=as_of, months=months, scope=scope, rural=rural, source=source, title=title,
        extra=extra,
    )  # fmt: skip
    write_file(Path(path), document(data, lang=lang).encode())


def explore(
    network: Network, *, as_of: AsOf = None, months: int = 36, lang: Lang = "zh"
) -> Explored:
    """Return the page of a network for a notebook; see `write_page`."""
    return Explored(document(feed(network, as_of=as_of, months=months), lang=lang))
