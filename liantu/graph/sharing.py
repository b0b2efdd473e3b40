"""Groups inside which schools can share, and teachers where they teach instead of on the books."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

import numpy as np

from liantu.graph import schema
from liantu.graph.indicators import indicators
from liantu.graph.kernels import Bools, Floats, Ints
from liantu.graph.network import Network
from liantu.graph.spans import day_number
from liantu.graph.study import study
from liantu.vocabulary import pe_and_arts


class Homes(NamedTuple):
    """The one alliance in which each school shares.

    Attributes
    ----------
    alliance
        Position of the alliance, −1 where the school is in none.
    several
        Which schools are in several: core beats member, then the closer form, the earlier start,
        the smaller id.
    undated
        Undated memberships that count as in force.
    """

    alliance: Ints
    several: Bools
    undated: int


class Moved(NamedTuple):
    """Teachers posted in less those posted out, a row a school, a column an indicator.

    Attributes
    ----------
    net
        Whole teachers; 0 where an indicator does not move with teachers.
    unsure
        Whether a posting of the school is of somebody of whom it is unknown whether the indicator
        counts them.
    undated
        Undated postings that count as in force.
    """

    net: Floats
    unsure: Bools
    undated: int


def homes(network: Network, day: date) -> Homes:
    """Return the one alliance in which each school shares on a day.

    Examples
    --------
    >>> import pandas as pd
    >>> member = pd.DataFrame({"source": ["a", "a", "b"], "target": ["y", "x", "y"]})
    >>> network = Network.from_frames({"member_of": member})
    >>> found = homes(network, date(2024, 6, 30))
    >>> network.ids("alliance")[found.alliance].tolist(), found.several.tolist()
    (['x', 'y'], [True, False])
    """
    now, size = study(network).members(day), network.size("school")
    known = [schema.forms().get(name) for name in network.forms]
    closeness = np.array([form.closeness or 0 if form else 0 for form in known] + [0])
    order = np.lexsort((now.alliance, now.start, -closeness[now.form], ~now.core, now.school))
    school, alliance = now.school[order], now.alliance[order]
    found = np.full(size, -1, dtype=np.int64)
    first = np.unique(school, return_index=True)[1]
    found[school[first]] = alliance[first]
    pairs = np.unique(school.astype(np.int64) * (network.size("alliance") + 1) + alliance)
    number = np.bincount(pairs // (network.size("alliance") + 1), minlength=size)
    edges = network.edges("member_of")
    return Homes(found, number > 1, int((~edges.dated[np.unique(now.row)]).sum()))


def moved(network: Network, day: date) -> Moved:
    """Return what the postings in force on a day move, in whole teachers.

    Who is posted for shadowing or training learns at the host and moves nothing. Backbone
    teachers are told by ``backbone``, teachers of PE and arts by ``subject``; of a school's
    unnamed teachers, and of degrees, nothing is known.

    Examples
    --------
    >>> import pandas as pd
    >>> teacher = pd.DataFrame({"id": ["t"], "backbone": [True], "subject": ["语文"]})
    >>> posted = pd.DataFrame({"source": ["t"], "source_kind": "teacher", "home": "a"})
    >>> network = Network.from_frames({"teacher": teacher, "posted_to": posted.assign(target="b")})
    >>> found = moved(network, date(2024, 6, 30))
    >>> found.net[:, 1].tolist(), found.unsure.any(axis=0)[:3].tolist()
    ([-1.0, 1.0], [True, False, False])
    """
    today, size = day_number(day), network.size("school")
    frame, opened = study(network).postings(day), study(network).opened(day)
    home, host = frame["home"].to_numpy(np.int64), frame["host"].to_numpy(np.int64)
    here = ((frame["start"] <= today) & (frame["end"] >= today)).to_numpy(dtype=bool)
    here = here & ~frame["upward"].to_numpy(dtype=bool) & (home != host)
    frame = (
        frame[here & opened[home] & opened[host]]
        .sort_values(["row", "home"], kind="stable")
        .drop_duplicates("row")
    )
    again = frame.duplicated(["teacher", "home", "host"]) & (frame["teacher"] >= 0)
    frame = frame[~again]
    undated = int((~frame["dated"].to_numpy(dtype=bool)).sum())
    said = network.column("posted_to", "count").to_numpy(dtype=float, na_value=np.nan)
    people = np.nan_to_num(said[frame["row"]], nan=1.0)
    people[(frame["teacher"] >= 0).to_numpy()] = 1.0
    counts = _counts(network, frame["teacher"].to_numpy(np.int64))
    net, unsure = np.zeros((size, len(indicators()))), np.zeros((size, len(indicators())), bool)
    for end, sign in (("home", -1.0), ("host", 1.0)):
        codes = frame[end].to_numpy(np.int64)
        np.add.at(net, codes, sign * np.nan_to_num(counts) * people[:, None])
        np.logical_or.at(unsure, codes, np.isnan(counts))
    return Moved(net, unsure, undated)


def _counts(network: Network, teacher: Ints) -> Floats:
    """Return whether each indicator counts a posted teacher; NaN where it is unknown."""
    teachers = network.columns("teacher", "backbone", "subject")
    backbone = teachers["backbone"].astype("float").to_numpy(dtype=float, na_value=np.nan)
    subject = teachers["subject"].astype("str")
    words = "|".join(re.escape(name) for name in sorted(pe_and_arts()))
    artful = subject.fillna("").str.casefold().str.contains(words).to_numpy(dtype=float)
    artful[subject.isna().to_numpy()] = np.nan
    told = {"backbone_per_100": backbone, "pe_arts_per_100": artful}
    found = np.zeros((len(teacher), len(indicators())))
    for column, (key, one) in enumerate(indicators().items()):
        if one.teachers:
            every = np.append(told.get(key, np.full(len(teachers), np.nan)), np.nan)
            found[:, column] = every[teacher]  # −1, a school's own people: nobody knows
    return found
