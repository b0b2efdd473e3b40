"""The founding of alliances, where only the list of their members tells it."""

from __future__ import annotations

import pandas as pd

from liantu.graph import values
from liantu.graph.periods import parse_period
from liantu.loaders.dates import perhaps_october
from liantu.loaders.ends import PART, ROW, Context
from liantu.loaders.nodes import Frames

_SHOWN = 4  # dates that a message names


def found(context: Context, frames: Frames) -> None:
    """Give alliances without a start the founding date that stands beside their members.

    Where the rows of an alliance disagree, none is taken and this is told.
    """
    members, alliances = frames.get("member_of"), frames.get("alliance")
    if members is None or alliances is None or "founded" not in members:
        return
    given = members[members["founded"].notna()].drop_duplicates([PART, ROW, "target"])
    if given.empty:
        return
    days, states = _days(given["founded"])
    bad = (states == "bad").to_numpy(dtype=bool)
    if bad.any():
        context.each("error", "bad_date", "founded", given[bad], given["founded"][bad])
    coarse = (states == "coarse").to_numpy(dtype=bool)
    if coarse.any():
        sample = str(given["founded"][coarse].iloc[0])
        context.summed(
            "warning", "coarse_date", "founded", given[coarse], sample, table="member_of"
        )
    if (january := perhaps_october(given["founded"])).any():
        context.each(
            "warning", "perhaps_october", "founded", given[january], given["founded"][january]
        )
    known = given.assign(day=days)[days.notna()]
    several = known.groupby("target")["day"].transform("nunique") > 1
    for key, rows in known[several].groupby("target", sort=True):
        listed = tuple(sorted(rows["founded"].unique())[:_SHOWN])
        context.summed(
            "warning", "alliance_differs", "founded", rows, ", ".join(listed), name=str(key),
            listed=listed,
        )  # fmt: skip
    day = known[~several].drop_duplicates("target").set_index("target")["day"].astype("M8[s]")
    own = alliances.get("start", pd.Series(pd.NaT, index=alliances.index, dtype="datetime64[s]"))
    start = own.where(own.notna(), alliances["id"].map(day).astype("datetime64[s]"))
    frames["alliance"] = alliances.assign(start=start)


def _days(texts: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return the founding days and their states; a term or school year begins on its first day."""
    days, states = values.read_dates(texts, last=False)
    days, states = days.copy(), states.astype("str")
    for text in texts[states == "bad"].unique().tolist():
        period = parse_period(text)
        if period.start and period.shape in ("point", "term", "from"):
            here = texts == text
            days[here] = pd.Timestamp(period.start)
            states[here] = "coarse" if period.shape == "term" else period.state
    return days, states
