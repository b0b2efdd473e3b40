"""Teachers are people: frames without their names, nor ids made from names."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import pandas as pd

from liantu.graph import schema


def mask_teachers(frames: Mapping[str, pd.DataFrame], key: str) -> dict[str, pd.DataFrame]:
    """Return frames whose teachers have no name, nor an id made from one.

    Parameters
    ----------
    frames
        Every table of the schema, ids and ends as plain columns.
    key
        Keys the pseudonyms: the same key gives the same pseudonyms.

    Returns
    -------
    dict of pandas.DataFrame
        The frames that changed.
    """
    teachers = frames["teacher"]
    named = teachers[teachers["name"].notna()]
    made = [name in key for key, name in zip(named["id"], named["name"], strict=True)]
    secret = key.encode()[-64:]
    fresh = {
        old: "teacher-" + hashlib.blake2b(old.encode(), key=secret, digest_size=8).hexdigest()
        for old in named.loc[made, "id"]
    }

    def masked(ids: pd.Series, here: pd.Series) -> pd.Series:
        return ids.map(fresh).astype("str").where(here).fillna(ids)

    everyone = pd.Series(True, index=teachers.index)
    nameless = teachers["name"].where(~everyone)
    changed = {"teacher": teachers.assign(id=masked(teachers["id"], everyone), name=nameless)}
    if not fresh:
        return changed
    for name, table in schema.tables().items():
        frame = frames[name]
        for end in ("source", "target"):
            kinds = table.ends(end) if table.is_relation else ()
            if "teacher" in kinds:
                several = len(kinds) > 1
                here = frame[f"{end}_kind"] == "teacher" if several else frame[end].notna()
                frame = frame.assign(**{end: masked(frame[end], here)})
                changed[name] = frame
    figures = frames["observations"]
    here = figures["kind"] == "teacher"
    changed["observations"] = figures.assign(id=masked(figures["id"], here))
    return changed
