"""People who are posted on a day, and what is known of those who leave."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from liantu import vocabulary
from liantu.graph.indicators import indicators
from liantu.graph.kernels import Bools, Ints
from liantu.graph.network import Network
from liantu.graph.spans import day_number
from liantu.graph.study import study

Floats = npt.NDArray[np.float64]

_STAYS = "walking"  # teaches at both schools (走教): no loss to the home
_SPLIT = re.compile(r"[、,，/;；]")


class Staff(NamedTuple):
    """People posted on the day, by position of the school.

    ``sure`` and ``most``: of those who leave for good how many have what an indicator counts, at
    least and at most.
    """

    out: Ints
    into: Ints
    sure: dict[str, Ints]
    most: dict[str, Ints]
    unnumbered: int
    walking: int


def staff_on(network: Network, day: date, opened: Bools) -> Staff:
    """Return the people posted between open schools on a day.

    A teacher counts once for a home or host, however many rows; a row with a school as source
    counts its people, one where the number is unknown. Those who walk (走教) teach at both schools:
    they are out and in, but do not leave.
    """
    size, today = len(opened), day_number(day)
    found = study(network).postings(day)
    found = found[(found["start"] <= today) & (found["end"] >= today)]
    home, host = (found[end].to_numpy(np.int64) for end in ("home", "host"))
    found = found[(home != host) & opened[home] & opened[host]]
    rows = network.columns("posted_to", "form", "count").iloc[found["row"]]
    named = (found["teacher"] >= 0).to_numpy(dtype=bool)
    count = rows["count"].fillna(1).to_numpy(dtype=np.int64)
    walks = (rows["form"] == _STAYS).to_numpy(dtype=bool)
    found = found.assign(count=np.where(named, 1, count), walks=walks)
    persons, groups = found[named], found[~named].drop_duplicates("row")

    def number(end: str, some: pd.DataFrame, more: pd.DataFrame) -> Ints:
        each = some.drop_duplicates([end, "teacher"])
        ends = np.concatenate([each[end].to_numpy(np.int64), more[end].to_numpy(np.int64)])
        counts = np.concatenate([each["count"], more["count"]])
        return np.bincount(ends, counts, size).astype(np.int64)

    left, gone = persons[~persons["walks"]], groups[~groups["walks"]]
    left = left.drop_duplicates(["home", "teacher"])
    total = number("home", left, gone)
    traits = _traits(network)
    sure, most = {}, {}
    for key, one in indicators().items():
        if one.teachers:
            has = traits.get(key, pd.array([pd.NA] * network.size("teacher"), dtype="boolean"))
            said = pd.Series(has).iloc[left["teacher"]]
            yes, no = (
                np.bincount(left["home"][mask.to_numpy(dtype=bool)], minlength=size)
                for mask in (said.fillna(value=False), (~said).fillna(value=False))
            )
            sure[key], most[key] = yes, total - no
    lost = rows["count"].isna().to_numpy(dtype=bool) & ~named
    out, into = number("home", persons, groups), number("host", persons, groups)
    return Staff(out, into, sure, most, int(lost.sum()), int(walks.sum()))


def _traits(network: Network) -> dict[str, Any]:
    """Return for each teacher whether an indicator counts them, where that is known by name."""
    teachers = network.columns("teacher", "backbone", "subject")
    arts = vocabulary.pe_and_arts()
    codes, words = pd.factorize(teachers["subject"])
    taught = [
        any(part.strip().casefold() in arts for part in _SPLIT.split(str(word))) for word in words
    ]
    subject = pd.array([*taught, None], dtype="boolean")[codes]
    return {"backbone_per_100": teachers["backbone"].array, "pe_arts_per_100": subject}


def backbone_teachers(network: Network, day: date) -> Floats:
    """Return the backbone teachers of each school by name; NaN unless it is said of everyone."""
    edges, size = network.edges("works_at"), network.size("school")
    now = edges.holds(day_number(day))
    teacher = edges.source[now] - network.numbering.base("teacher")
    school = edges.target[now] - network.numbering.base("school")
    pairs = pd.DataFrame({"teacher": teacher, "school": school}).drop_duplicates()
    backbone = network.column("teacher", "backbone").iloc[pairs["teacher"]]
    yes = backbone.fillna(value=False).to_numpy(dtype=bool)
    unsaid = np.bincount(pairs["school"], backbone.isna(), size)
    named = np.bincount(pairs["school"], minlength=size)
    return np.where((named > 0) & (unsaid == 0), np.bincount(pairs["school"], yes, size), np.nan)
