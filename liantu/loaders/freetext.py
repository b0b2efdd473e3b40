"""Free texts about people, such as “实验小学王芳、李娜及各村小教师30余人”: no name of anybody."""

from __future__ import annotations

import re
from typing import NamedTuple

from liantu.vocabulary import half_width

_COUNT = re.compile(r"(\d{1,6})\s*(余|多)?\s*(?:[人名位]|个教师)(余|以上)?")
_GROUP = re.compile("各\\S{0,8}(?:教师|老师|人员)|[及和等]\\S{0,10}(?:教师|老师|骨干|人员)")
_NOISE = re.compile(
    r"各\S{0,8}?(?:教师|老师|人员)|骨干教师|教师|老师|人员|校长|主任|等|及|和|以及|共|约"
)
_PERSON = re.compile("[\u4e00-\u9fff·]{2,4}$")


class People(NamedTuple):
    """What a free text says of people: names, how many, and whether that is the least."""

    names: tuple[str, ...]
    number: int | None
    at_least: bool


def is_free(text: str) -> bool:
    """Return whether a text speaks of people without being a name, or names in a list.

    Examples
    --------
    >>> [is_free(text) for text in ("实验小学王芳、李娜及各村小教师30余人", "王芳、李娜", "张伟")]
    [True, False, False]
    """
    plain = half_width(text)
    return bool(_COUNT.search(plain) or _GROUP.search(plain))


def people(text: str, schools: tuple[str, ...] = ()) -> People:
    """Return the people in a text from which the names of schools are to be taken out.

    Examples
    --------
    >>> people("实验小学王芳、李娜及各村小教师30余人", ("实验小学",))
    People(names=('王芳', '李娜'), number=30, at_least=True)
    """
    plain = half_width(text)
    counts = list(_COUNT.finditer(plain))
    rest = _COUNT.sub(" ", plain)
    for school in schools:
        rest = rest.replace(school, " ")
    pieces = re.split(r"[\s、，,;；/()]+", _NOISE.sub(" ", rest))
    names = tuple(dict.fromkeys(piece for piece in pieces if _PERSON.match(piece)))
    if not counts:
        return People(names, None, False)
    return People(
        names, sum(int(found[1]) for found in counts), any(found[2] or found[3] for found in counts)
    )
