"""Which schools are in which groups on a day, and who joined, left or changed between two days."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from liantu.graph.network import Network
from liantu.graph.study import study

MOVES = ("joined", "left", "changed")
WHEN = ("before", "after")


def groups_on(network: Network, day: date) -> pd.DataFrame:
    """Return the groups of the schools reported on that are open on a day.

    Returns
    -------
    pandas.DataFrame
        ``school, name, alliance, group`` (its name), one row a membership, by school and group; a
        school that is core and member of a group stands once.
    """
    known = study(network)
    schools, alliances = (network.columns(kind, "name") for kind in ("school", "alliance"))
    now = known.members(day)
    now = now.where(network.reported("school")[now.school])
    pairs = np.unique(np.stack([now.school, now.alliance]), axis=1)
    ids = alliances.index.to_series()
    frame = pd.DataFrame(
        {
            "school": schools.index[pairs[0]],
            "name": schools["name"].array[pairs[0]],
            "alliance": alliances.index[pairs[1]],
            "group": alliances["name"].fillna(ids).array[pairs[1]],
        }
    )
    return frame.astype("str")


def moves(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return who joined, who left, and who changed from one group to another.

    Parameters
    ----------
    before, after
        From `groups_on`.

    Returns
    -------
    dict
        By `MOVES`: ``school, name, groups_before, groups_after``, one row a school, by id. Who
        joined was in no group before, who left is in none after; who changed is in others than
        before, or in more or fewer.

    Examples
    --------
    >>> one = pd.DataFrame({"school": ["a"], "name": ["甲"], "alliance": ["g"], "group": ["一"]})
    >>> moves(one, one.assign(alliance="h", group="二"))["changed"].to_dict("records")
    [{'school': 'a', 'name': '甲', 'groups_before': '一', 'groups_after': '二'}]
    """
    rows = pd.concat([before, after], ignore_index=True)
    moved = rows.loc[~rows.duplicated(["school", "alliance"], keep=False), "school"].unique()
    sides = [_joined(frame[frame["school"].isin(moved)]) for frame in (before, after)]
    old_new = (side.add_suffix(f"_{when}") for side, when in zip(sides, WHEN, strict=True))
    both = pd.concat(old_new, axis=1).sort_index()
    old, new = both["alliances_before"], both["alliances_after"]
    which = {
        "joined": old.isna(),
        "left": new.isna(),
        "changed": old.notna() & new.notna() & (old != new),
    }
    frame = pd.DataFrame(
        {
            "name": both["name_after"].fillna(both["name_before"]),
            "groups_before": both["groups_before"],
            "groups_after": both["groups_after"],
        }
    ).astype("str")
    frame = frame.rename_axis("school").reset_index()
    return {
        key: frame[here.to_numpy(dtype=bool)].reset_index(drop=True) for key, here in which.items()
    }


def _joined(frame: pd.DataFrame) -> pd.DataFrame:
    """Return name, and ids and names of the groups as one text, by school."""
    ordered = frame.sort_values(["school", "alliance"])
    names = {"alliance": "alliances", "group": "groups"}
    several = ordered.duplicated("school", keep=False)
    by_school = ordered[several].groupby("school")
    found = pd.DataFrame(
        {
            "name": by_school["name"].first(),
            "alliances": by_school["alliance"].agg("\n".join),
            "groups": by_school["group"].agg("、".join),
        }
    )
    alone = ordered[~several].set_index("school").rename(columns=names)  # most schools
    return pd.concat([found, alone]).astype("str").sort_index()
