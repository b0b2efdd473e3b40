"""Schools, groups, centres, partners and regions in a text: those of a list first, then by rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from liantu.extract.lexicon import listed as listed_words
from liantu.extract.lexicon import split
from liantu.extract.listed import Listed, places
from liantu.extract.spans import Span, apart
from liantu.extract.texts import sentences
from liantu.extract.unlisted import find_unlisted, regions
from liantu.loaders.shortened import stem
from liantu.vocabulary import half_width

_MOST = 500  # names that are looked for once more
_OTHER = "东西南北上下新老大小"  # one of these before a name makes it another


def find_names(text: str, listed: Listed | None = None) -> list[Span]:
    """Return the names in a text, in order of place.

    Examples
    --------
    >>> schools = Listed({("school", "1"): ("云溪县第一小学", ("云溪县",))})
    >>> [(s.text, s.name, s.method) for s in find_names("县一小与柳河小学结对。", schools)]
    [('县一小', '云溪县第一小学', 'alias'), ('柳河小学', '', 'rule')]
    """
    pieces = [(start, text[start:end]) for start, end in sentences(text)]
    met = {span.text for _, piece in pieces for span in regions(piece, split(piece))}
    parts = {part for name in met for part in (name, *places(name))}
    known = frozenset(each for part in parts for each in (part, stem(part)) if len(each) > 1)
    by_rule = [find_unlisted(piece, known=known) for _, piece in pieces]
    again = _again(span for told in by_rule for span in told)
    found: list[Span] = []
    for (start, piece), told in zip(pieces, by_rule, strict=True):
        told = apart([*told, *again(piece)])
        if listed is not None:
            told = _merged(piece, told, listed)
        found += [span._replace(start=start + span.start, end=start + span.end) for span in told]
    return found


def _again(spans: Iterable[Span]) -> Callable[[str], list[Span]]:
    """Return what finds names once more that a rule has found elsewhere in the text."""
    kinds = {s.text: s.kind for s in spans if s.kind == "school" and len(s.text) > 3}
    longest = sorted(kinds, key=lambda text: (-len(text), text))[:_MOST]
    pattern = re.compile("|".join(map(re.escape, longest)) or "(?!)")

    def find(piece: str) -> list[Span]:
        return [
            Span(found.start(), found.end(), kinds[found[0]], found[0], "rule", "low")
            for found in pattern.finditer(piece)
        ]

    return find


def _merged(piece: str, told: list[Span], listed: Listed) -> list[Span]:
    """Return names by list and by rule: the longer one, of equal ones the listed one."""
    wide = piece.translate(_SAME_LENGTH)
    known = [kept for span in listed.find(wide) if (kept := _checked(piece, span, told, listed))]
    rest = [
        span
        for span in told
        if not any(
            span.kind == other.kind and span.start < other.end and other.start < span.end
            for other in known
        )
    ]
    every = sorted((*known, *rest), key=lambda s: (s.start - s.end, s.method == "rule"))
    return apart(every)


def _checked(piece: str, span: Span, told: list[Span], listed: Listed) -> Span | None:
    """Return a listed name as long as the text has it, None where the text means another."""
    if span.text[0] in _LEVELS and span.method == "alias" and not _stands_alone(piece, span.start):
        return None
    for other in told:
        if other.kind != span.kind or other.end != span.end or other.start >= span.start:
            continue
        lead = piece[other.start : span.start]
        if listed.fits(span, lead):
            return span._replace(start=other.start, text=piece[other.start : span.end])
        ends_as_place = any(
            o.kind == "region" and o.text == lead for o in find_unlisted(lead + "。")
        )
        if lead in _OTHER or ends_as_place:
            return None
    return span


def _stands_alone(piece: str, start: int) -> bool:
    """Return whether 县一小 begins here, rather than 平安县一小."""
    before = split(piece[max(0, start - 8) : start])
    if not before or not "\u4e00" <= before[-1].text[-1] <= "\u9fff":
        return True
    return before[-1].text in listed_words("stop") or before[-1].tag[:1] in tuple("vpcdu")


_LEVELS = "市县区州"
_SAME_LENGTH = {code: half_width(chr(code)) for code in range(0xFF01, 0xFF5F)}
