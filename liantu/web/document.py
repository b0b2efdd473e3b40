"""The page as one HTML document: scripts, styles and words inside, nothing from elsewhere."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import liantu
from liantu import vocabulary
from liantu.vocabulary import Lang

# In the order in which they run; "start" is last, after what only works with a server.
SCRIPTS = (
    "core", "dom", "figures", "data", "search", "bars", "shell", "changes", "overview", "time",
    "filters", "list", "schools", "scene", "canvas", "map", "card", "school", "alliance",
    "supporter",
)  # fmt: skip
STYLES = ("base", "parts", "views", "print")
# The groups of terms whose words the page shows.
GROUPS = (
    "page", "stage", "rung", "quality", "urban_rural", "kind", "relation", "form", "role", "level",
    "load_flag",
)  # fmt: skip


def document(feed: Mapping[str, Any] | None, *, lang: Lang = "zh", served: bool = False) -> str:
    """Return the page as the text of one HTML document.

    Parameters
    ----------
    feed
        What `liantu.web.feed.feed` returns; None for a page that fetches it from its server.
    lang
        The language it opens in; the page holds both.
    served
        Whether it comes from a server: then the scripts and styles of ``page/served`` are in it,
        and it may talk to that server, and to nobody else.

    Examples
    --------
    >>> text = document(None, lang="en")
    >>> text.splitlines()[0], policy(served=False) in text
    ('<!doctype html>', True)
    """
    title = "liantu" if feed is None else str(feed["title"] or "liantu")
    facts = {"lang": lang, "served": served, "version": liantu.__version__}
    parts = [
        "<!doctype html>",
        f'<html lang="{"zh-CN" if lang == "zh" else "en"}">',
        '<head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy(served)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{html.escape(title)}</title>",
        f"<style>{_style(served)}</style></head>",
        '<body><noscript lang="zh">打开本页需要启用 JavaScript。</noscript>',
        f'<script type="application/json" id="facts">{_json(facts)}</script>',
        f'<script type="application/json" id="words">{_json(words())}</script>',
    ]
    if feed is not None:
        parts.append(f'<script type="text/plain" id="feed">{packed(feed)}</script>')
    parts += [f"<script>{text}</script>" for text in _scripts(served)]
    # A surrogate in the data has no UTF-8 form.
    return ("\n".join(parts) + "\n</body></html>\n").encode("utf-8", "replace").decode()


def policy(served: bool) -> str:
    """Return the content security policy of the page: its own scripts and styles, nothing else.

    Examples
    --------
    >>> policy(served=False)[:18]
    "default-src 'none'"
    """
    scripts = " ".join(_hash(text) for text in _scripts(served))
    return (
        f"default-src 'none'; script-src {scripts}; style-src {_hash(_style(served))}; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
        + ("; connect-src 'self'" if served else "")
    )


def packed(feed: Mapping[str, Any]) -> str:
    """Return data as the page holds them: JSON, compressed, in base64; the same text every time.

    Examples
    --------
    >>> json.loads(gzip.decompress(base64.b64decode(packed({"name": "东村小学"}))))
    {'name': '东村小学'}
    """
    text = json.dumps(feed, ensure_ascii=False, separators=(",", ":"))
    data = text.encode("utf-8", "replace")
    return base64.b64encode(gzip.compress(data, 9, mtime=0)).decode("ascii")


@cache
def words() -> dict[str, list[str]]:
    """Return the words of the page by key: English, Chinese, and what they mean in both.

    Words of the page itself have their plain key, others stand behind their group:
    ``stage.primary``. Messages that begin with ``page_`` stand there as they are.

    Examples
    --------
    >>> words()["stage.primary"][:2]
    ['primary school', '小学']
    """
    found = {}
    for group in GROUPS:
        for key, term in vocabulary.terms(group).items():
            name = key if group == "page" else f"{group}.{key}"
            meant = [term.definition_en, term.definition_zh]
            found[name] = [term.en, term.zh, *(meant if any(meant) else [])]
    return {**found, **vocabulary.templates("page_")}


@cache
def _scripts(served: bool) -> tuple[str, ...]:
    names = [f"{name}.js" for name in SCRIPTS]
    names += _served(".js") if served else []
    return tuple(_text(name) for name in (*names, "start.js"))


@cache
def _style(served: bool) -> str:
    names = [f"{name}.css" for name in STYLES]
    return "\n".join(_text(name) for name in names + (_served(".css") if served else []))


def _served(suffix: str) -> list[str]:
    folder = files("liantu.web").joinpath("page", "served")
    names = [each.name for each in folder.iterdir()] if folder.is_dir() else []
    return [f"served/{name}" for name in sorted(names) if name.endswith(suffix)]


def _text(name: str) -> str:
    return files("liantu.web").joinpath("page", *name.split("/")).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _json(value: Any) -> str:
    """Return JSON that cannot end the element it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")
