"""Numbers of headings, as Chinese offices and as English reports number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from liantu.results.blocks import Section
from liantu.vocabulary import Lang, message

_DIGITS = "〇一二三四五六七八九"


def heading_number(places: tuple[int, ...], lang: Lang) -> str:
    """Return the number of a heading from its place on each level, as it stands before the title.

    Examples
    --------
    >>> [heading_number((3, 2, 1, 4)[:level], "zh") for level in (1, 2, 3, 4)]
    ['三、', '（二）', '1.', '（4）']
    >>> heading_number((3, 2), "en")
    '3.2 '
    """
    if lang != "zh":
        return ".".join(map(str, places)) + " "
    last = places[-1]
    forms = (f"{hanzi(last)}、", f"（{hanzi(last)}）", f"{last}.", f"（{last}）")
    return forms[min(len(places), len(forms)) - 1]


def hanzi(number: int) -> str:
    """Return a number below a hundred in Chinese.

    Examples
    --------
    >>> hanzi(3), hanzi(10), hanzi(11), hanzi(20), hanzi(42)
    ('三', '十', '十一', '二十', '四十二')
    """
    tens, ones = divmod(number, 10)
    if not tens:
        return _DIGITS[ones]
    return (_DIGITS[tens] if tens > 1 else "") + "十" + (_DIGITS[ones] if ones else "")


def walked(
    sections: Iterable[Section], lang: Lang, above: tuple[int, ...] = ()
) -> Iterator[tuple[int, str, Section]]:
    """Return level (from 1), number and section, in reading order."""
    for place, section in enumerate(sections, 1):
        places = (*above, place)
        yield len(places), heading_number(places, lang), section
        yield from walked(section.sections, lang, places)


def pointers(numbers: Sequence[int], lang: Lang) -> list[tuple[int, str]]:
    """Return the numbers of annexes with what is read for each: 附表2、13; Annexes 2, 13.

    Examples
    --------
    >>> pointers((2, 13), "zh"), pointers((4,), "en")
    ([(2, '附表2'), (13, '13')], [(4, 'Annex 4')])
    """
    word = "annexes_number" if len(numbers) > 1 else "annex_number"
    return [
        (number, str(number) if place else message(word, lang, {"number": number}))
        for place, number in enumerate(numbers)
    ]
