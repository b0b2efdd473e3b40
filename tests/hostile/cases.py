"""What a case is, and the small county that the cases spoil: teachers' names wherever one fits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from hostile.contract import TEACHERS, Run

LISTS = "lists"  # the folder of sources; outputs go beside it
FIRST, SECOND, THIRD, FOURTH = TEACHERS

TABLES = {
    "scenario.toml": (
        '[[edit]]\ndo = "pair"\nsource = "0130"\ntarget = "西村小学"\n'
        '[[edit]]\ndo = "leave"\nschool = "0133"\n'
    ),
    "regions.csv": "id,name,parent,level\nc,试验县,,county\nt,东镇,c,township\n",
    "schools.csv": (
        "id,name,region,stage,urban_rural,pupils\n"
        "0130,中心小学,c,primary,111,900\n"
        "0131,东村小学,t,primary,220,120\n"
        "0132,西村小学,t,primary,220,\n"
        "0133,=山中,t,junior,210,80\n"
    ),
    "assists.csv": "source,target,form,start,end\n0130,0131,paired,2021-09-01,2024-08-31\n",
    "teachers.csv": (
        f"id,name,subject\nt1,{FIRST},语文\n东村小学/{THIRD},{THIRD},美术\n{SECOND},{SECOND},\n"
        f"t4,{FOURTH},数学\n"
    ),
    "works_at.csv": f"source,target\nt1,0130\n东村小学/{THIRD},0131\n{SECOND},0132\nt4,0130\n",
    "mentors.csv": f"source,target,start\nt1,东村小学/{THIRD},2022-03-01\n",
    "posted_to.csv": f"source,target,form,start\n{SECOND},0131,rotation,2022-02-01\n",
    "centers.csv": "id,name,subject\nk,语文中心,语文\n",
    "joins.csv": f"source,source_kind,target,role\n{SECOND},teacher,k,member\n0130,school,k,host\n",
    "delivers.csv": f"source,source_kind,target,date\n{SECOND},teacher,0133,2022-04-01\n",
    "network.toml": 'title = "试验县"\nas_of = "2022-05-11"\n',
    "claims.toml": (
        '[[claim]]\nid = "a"\nplace = "1"\nnote = "学校"\nnote_en = "schools"\ncomparison = "="\n'
        'value = 4\nunit = "schools"\nmeasure = { count = "school" }\n'
    ),
}
# Less to read, where nobody's name matters.
PLACES = ("regions.csv", "schools.csv", "assists.csv", "network.toml")


class Source(NamedTuple):
    """What every command that reads is run upon: a source and the options that go with it."""

    args: tuple[str, ...]


class Case(NamedTuple):
    """Something hostile: `make` writes it into an empty folder and says what to run there."""

    name: str
    make: Callable[[Path], Source | Iterable[Run]]
    long: bool = False


def source(*args: object) -> Source:
    """Return a source with its options."""
    return Source(tuple(map(str, args)))


def county(folder: Path, tables: Mapping[str, str | bytes | None] = {}) -> Path:
    """Write the county, some of its tables replaced, added or (None) left out; return its folder."""
    lists = folder / LISTS
    lists.mkdir()
    for name, text in {**TABLES, **tables}.items():
        if text is not None:
            put(lists / name, text)
    return lists


def small(folder: Path) -> Path:
    """Write the county without its people, which takes half the time to read."""
    return county(folder, dict.fromkeys(TABLES.keys() - PLACES))


def put(path: Path, text: str | bytes) -> Path:
    """Write a file with these bytes exactly."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def table(
    name: str, text: str | bytes, file: str = "schools.csv", *options: str, long: bool = False
) -> Case:
    """Return the case of one file alone."""

    def make(folder: Path) -> Source:
        put(folder / LISTS / file, text)
        return source(f"{LISTS}/{file}", *options)

    return Case(name, make, long)


def spoilt(
    name: str,
    tables: Mapping[str, str | bytes | None],
    *,
    long: bool = False,
    people: bool = False,
) -> Case:
    """Return the case of the county with other tables; without its people where they do not matter."""
    without = {} if people else dict.fromkeys(TABLES.keys() - PLACES)

    def make(folder: Path) -> Source:
        county(folder, {**without, **tables})
        return source(LISTS)

    return Case(name, make, long)


@cache
def names(count: int) -> str:
    """Return so many names in one cell."""
    return "、".join(f"校{number}" for number in range(count))
