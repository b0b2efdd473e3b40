"""Claims, verdicts and problems without teachers' names; they are judged with them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from liantu.audit.claims import Claim
from liantu.audit.measures import Found
from liantu.audit.verdicts import Verdict
from liantu.errors import RequestError
from liantu.graph.build import loose
from liantu.graph.network import Network
from liantu.graph.privacy import Masking

_WORDED = ("id", "place", "scope", "note", "note_en")  # of a claim


def named(network: Network) -> Network:
    """Return the network with teachers' names that one without them was made from."""
    return network if network.masking is None else network.masking.whole


@contextmanager
def told(network: Network) -> Iterator[None]:
    """Take names out of what is wrong, if they are to be out of the network."""
    try:
        yield
    except RequestError as error:
        if network.masking is None:
            raise
        hidden = map(network.masking.problem, error.problems)
        raise type(error)(problem.hidden() for problem in hidden) from None


def masked(verdicts: Iterable[Verdict], network: Network) -> tuple[Verdict, ...]:
    """Return verdicts without names, if they are to be out of the network."""
    mask = network.masking
    if mask is None:
        return tuple(verdicts)
    return tuple(
        replace(
            verdict,
            claim=_claim(verdict.claim, mask),
            evidence=tuple(map(mask.message, verdict.evidence)),
            found=tuple(_found(each, mask) for each in verdict.found),
        )
        for verdict in verdicts
    )


def _claim(claim: Claim, mask: Masking) -> Claim:
    words: dict[str, Any] = {key: mask.text(getattr(claim, key)) for key in _WORDED}
    readings = tuple(replace(each, text=mask.text(each.text)) for each in claim.readings)
    return replace(claim, subject=_subject(claim.subject, mask), readings=readings, **words)


def _subject(subject: str, mask: Masking) -> str:
    kind, colon, name = subject.partition(":")
    if kind == "teacher":
        return kind + colon + mask.ids.get(name, name)
    return subject


def _found(found: Found, mask: Masking) -> Found:
    rows = tuple((table, mask.frame(table, loose(frame))) for table, frame in found.rows)
    return replace(found, evidence=mask.message(found.evidence), rows=rows)


def masked_text(data: bytes, network: Network) -> bytes | None:
    """Return a file of claims without names; None if they cannot be taken out of it.

    The file stays as it is written, comments and all, as long as it then says the same, names
    aside.
    """
    mask = network.masking
    if mask is None or mask.silent:
        return data
    try:
        text = data.decode("utf-8-sig")
        wanted = mask.deep(tomllib.loads(text))
        fresh = mask.text(text)
        same = tomllib.loads(fresh) == wanted
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None
    if fresh == text:
        return data if same else None
    return fresh.encode() if same else None
