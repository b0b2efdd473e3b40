"""Addresses of servers as people may see them: never with what could be a password.

An address may be misspelt in any way, and a message may quote one anywhere. So what stands before
an ``@`` is taken for credentials where it looks like them: behind slashes, or with a colon in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from liantu.errors import LiantuError, RequestError

# Colon, slash and at-sign also as an input method for Chinese writes them.
_SERVER = r"(?:neo4j|bolt)(?:\+\w*)?"
_SCHEME = rf"(?:\b[a-z][\w+.-]*(?:[:：][/／\\]+|[/／]{{2,}})|\b{_SERVER}[:：])"
_AT = r"(?:[@＠]|%40)"
_DRIVE = re.compile(r"[a-z]:\\", re.I)  # C:\lists@home is a path
# What comes before the scheme holds no colon, for behind a colon a password may begin.
_WHOLE = re.compile(rf"(?P<start>[^\w:：@＠]*{_SCHEME})?(?P<secret>.*{_AT})", re.I | re.S)
_QUOTED = re.compile(rf"(?P<start>“[^“”:：@＠]*?{_SCHEME})(?P<secret>[^“”]*{_AT})", re.I)
_WORD = re.compile(rf"(?P<start>[^\s“”:：@＠]*?{_SCHEME})?(?P<secret>[^\s“”]*{_AT})", re.I)
# Without a host, a password stands where the port would be.
_PORT = re.compile(
    rf"(?P<start>\s*(?:{_SERVER}[:：/／]|[\w+.-]+[:：][/／]{{2}})[^:：\[]*[:：])"
    rf"(?P<secret>(?!\d*(?:[/?#]|$)).+)",
    re.I | re.S,
)
_MEANT = re.compile(rf"\s*{_SERVER}(?:[:：]|[/／]{{2}})", re.I)


def shown(source: str | Path) -> str:
    """Return a source as people may see it: an address without user and password.

    Examples
    --------
    >>> shown("neo4j://anna:secret@localhost/schools"), shown("neo4j:anna:s3cr3t@h"), shown("a@b")
    ('neo4j://localhost/schools', 'neo4j:h', 'a@b')
    """
    text = str(source)
    found = _match(text)
    return text if found is None else _without(found) + text[found.end() :]


def harmless(text: str, secrets: Iterable[str] = ()) -> str:
    """Return a text without user and password of the addresses in it, and without `secrets`.

    Examples
    --------
    >>> harmless("“neo4j:/anna:secret@host/x” cannot be written; ask anna@host, 3:4")
    '“neo4j:/host/x” cannot be written; ask anna@host, 3:4'
    """
    for secret in secrets:
        text = text.replace(secret, "")
    return _WORD.sub(_without, _QUOTED.sub(_without, text))


def secrets_of(words: Iterable[str]) -> list[str]:
    """Return what is not to be shown of the words of a command line, the longest first."""
    found = set()
    for word in words:
        given = word.partition("=")[2] or word.lstrip("-") if word.startswith("-") else word
        for form in (given, " ".join(given.split()), str(Path(given))):  # as messages quote it
            match = _match(form)
            if match is None:
                continue
            secret = match["secret"]
            if match.re is _PORT:
                found.add(match["start"][-1] + secret)
            else:
                found |= {secret, re.split("[:：]", secret, maxsplit=1)[-1]}
    return sorted(found - {"@", "＠", "%40"}, key=lambda secret: (-len(secret), secret))


def misspelt(source: str | Path) -> bool:
    """Return whether what is no file seems to be meant as the address of a server.

    Examples
    --------
    >>> misspelt("neo4j//host"), misspelt("anna:secret@host"), misspelt("lists/anna@host")
    (True, True, False)
    """
    text = str(source)
    return "://" in text or _MEANT.match(text) is not None or _match(text) is not None


def bad_address(source: str | Path) -> LiantuError:
    """Make the error of an address that is none; an option may be a password too."""
    return RequestError.of("bad_address", value=re.split("[?？#]", shown(source))[0])


def _match(text: str) -> re.Match[str] | None:
    """Return what is to be hidden of a text that may be an address."""
    if _DRIVE.match(text):
        return None
    if found := _WHOLE.match(text):
        return found if _is_secret(found) else None
    return _PORT.match(text)


def _is_secret(found: re.Match[str]) -> bool:
    return bool(found["start"]) or re.search("[:：]", found["secret"]) is not None


def _without(found: re.Match[str]) -> str:
    return (found["start"] or "") if _is_secret(found) else found[0]
