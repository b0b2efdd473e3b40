"""Numbers that say who somebody is: of identity cards and mobile telephones."""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

from liantu.vocabulary import find, half_width

_IDENTITY = re.compile(r"身份证|身份号码|证件号|护照|identity|id ?card|passport", re.IGNORECASE)
_TELEPHONE = re.compile(r"电话|手机|联系方式|phone|mobile|\btel\b", re.IGNORECASE)
_LEFT_OUT = ("contact", "phone", "identity")  # words for what is never kept of people
Sort = Literal["identity", "phone", ""]

_FIRST = "(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91)"  # of a province
_MONTH_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_LONG = rf"{_FIRST}\d{{4}}(?:18|19|20)\d{{2}}{_MONTH_DAY}\d{{3}}[\dXx]"
_SHORT = rf"{_FIRST}\d{{4}}\d{{2}}{_MONTH_DAY}\d{{3}}"  # until 1999
_MOBILE = r"(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}"
_CARD = re.compile(rf"{_LONG}|{_SHORT}")
_PHONE = re.compile(_MOBILE)
_ANY = re.compile(rf"(?<![\dA-Za-z+])(?:{_LONG}|{_SHORT}|{_MOBILE})(?![\dA-Za-z])")
# In a message, wherever it stands: beside letters, or in digits that ran together.
_ANYWHERE = re.compile(rf"{_LONG}|{_SHORT}|(?<!\d){_MOBILE}(?!\d)")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_SHOWN = 2  # digits that a message keeps
# The same for Arrow, whose expressions do not look around; and digits in full width.
SUSPECT = rf"(?:^|[^0-9A-Za-z+])(?:{_LONG}|{_SHORT}|{_MOBILE})(?:$|[^0-9A-Za-z])|[０-９]{{3}}"


def sort_of(header: str) -> Sort:
    """Return what numbers of people stand under a header.

    Examples
    --------
    >>> sort_of("教师身份证号码"), sort_of("联系电话（手机）"), sort_of("教师编号")
    ('identity', 'phone', '')
    """
    if _IDENTITY.search(header):
        return "identity"
    return "phone" if _TELEPHONE.search(header) else ""


def is_personal(header: str) -> bool:
    """Return whether numbers of people, or names of others than teachers, stand under a header.

    Examples
    --------
    >>> [is_personal(header) for header in ("家长手机", "校长姓名", "principal", "楼层")]
    [True, True, True, False]
    """
    return bool(sort_of(header)) or find("unread", header) in _LEFT_OUT


def is_identity(text: str) -> bool:
    """Return whether a text is the number of an identity card: 18 signs with their check digit.

    The old numbers of 15 digits have no check digit; those with a province and a day of birth are
    taken for one.

    Examples
    --------
    >>> is_identity("11010519491231002X"), is_identity("110105194912310021")
    (True, False)
    """
    plain = "".join(half_width(text).split()).upper()
    if not _CARD.fullmatch(plain):
        return False
    try:
        if len(plain) == 15:
            return bool(date(1900 + int(plain[6:8]), int(plain[8:10]), int(plain[10:12])))
        date(int(plain[6:10]), int(plain[10:12]), int(plain[12:14]))
    except ValueError:
        return False
    digits = map(int, plain[:17])
    return _CHECKS[sum(w * d for w, d in zip(_WEIGHTS, digits, strict=True)) % 11] == plain[17]


def is_mobile(text: str) -> bool:
    """Return whether a text is the number of a mobile telephone.

    Examples
    --------
    >>> is_mobile("138 0000 0001"), is_mobile("+86-13800000001"), is_mobile("2145000101")
    (True, True, False)
    """
    return bool(_PHONE.fullmatch(half_width(text)))


def masked(text: str) -> str:
    """Return a text in which of such numbers only the last two digits stand.

    The check digit does not matter here: a number that was mistyped says who it is, too.

    Examples
    --------
    >>> masked("王芳 370683198803052345"), masked("2145000101")
    ('王芳 ****************45', '2145000101')
    """
    if sum(sign.isdigit() for sign in text) < 11:
        return text
    return _ANYWHERE.sub(
        lambda m: "*" * (len(m[0]) - _SHOWN) + m[0][-_SHOWN:], half_width_digits(text)
    )


def without_numbers(text: str, instead: str = "***") -> str:
    """Return a text with something else in place of such numbers.

    Beside other words a number of a card need not have the right check digit: one that was mistyped
    says who it is, too. Alone it may be a true number of something else.

    Examples
    --------
    >>> without_numbers("联系电话：13800000001，张老师")
    '联系电话：***，张老师'
    >>> without_numbers("王芳 110105194912310021"), without_numbers("110105194912310021")
    ('王芳 ***', '110105194912310021')
    """
    plain = half_width_digits(text)

    def replaced(match: re.Match[str]) -> str:
        mistyped = _CARD.fullmatch(match[0]) and match[0] != plain.strip()
        return instead if mistyped or is_identity(match[0]) or is_mobile(match[0]) else match[0]

    found = _ANY.sub(replaced, plain)
    return text if found == plain else found


def half_width_digits(text: str) -> str:
    """Return a text with full-width digits in their plain form; nothing else changes."""
    return text.translate(_WIDE)


_WIDE = {0xFF10 + number: ord("0") + number for number in range(10)}
