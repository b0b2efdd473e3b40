"""Numbers of people in what is read: they tell persons apart while loading, then they are gone."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from liantu.errors import Severity
from liantu.graph import schema
from liantu.graph.columns import arrow
from liantu.graph.extras import KEY, extra, extras
from liantu.graph.personal_numbers import (
    SUSPECT,
    half_width_digits,
    is_identity,
    is_mobile,
    is_personal,
    sort_of,
    without_numbers,
)
from liantu.loaders.cells import Part, each
from liantu.loaders.ends import Asked, Context, resolve
from liantu.loaders.findings import Findings
from liantu.loaders.nodes import Frames
from liantu.vocabulary import half_width, normalise

_MENTEE = re.compile(r"徒弟|学员|青年教师|新教师|mentee", re.IGNORECASE)
_ORDER = ("teacher", "works_at", "posted_to", "mentors", "joins", "delivers")
_HOLLOW = re.compile(r"[(（]\s*[)）]")  # brackets that held a number
NUMBERS = {"": "_identity", "source": "_source_identity", "target": "_target_identity"}
_LAST = 10  # behind every table: a school that only receives
_SHORTEST = 11  # digits


def slot_of(table: str, header: str) -> str:
    """Return the column that takes the identity numbers of a header; "" where nobody is named."""
    if table == "teacher":
        return NUMBERS[""]
    if table not in schema.teacher_tables():
        return ""
    return NUMBERS["target" if table == "mentors" and _MENTEE.search(header) else "source"]


def without_people(part: Part, findings: Findings) -> Part:
    """Return a part without numbers of people; identity numbers move to a column of their own.

    Parameters
    ----------
    part
        A part of text columns, empty cells "".
    findings
        Takes how many numbers were left out, and of which column.
    """
    columns = schema.tables()[part.table].all_columns
    frame, numbers = _without_named(part, findings), dict[str, pd.Series]()
    for name in frame.columns:
        if name in NUMBERS.values():
            plain = frame[name].map(lambda text: half_width("".join(text.split())).upper())
            numbers[name] = plain.mask(~plain.map(_likely))
            _tell(part, name, (frame[name] != "").to_numpy(dtype=bool), "info", findings)
            frame = frame.drop(columns=name)
            continue
        header, column = part.headers.get(name, name), columns.get(name)
        sort = sort_of(header) if " + " not in header else ""
        texts = frame[name]
        if sort:
            hit = (texts != "").to_numpy(dtype=bool)
            left = pd.Series("", index=texts.index, dtype="str")
        elif column is not None and column.is_date:
            continue
        else:
            kind = "text" if extra(str(name)) else "input"
            left = _cleaned(texts, kind if column is None else column.type)
            hit = (left != texts).to_numpy(dtype=bool) if left is not texts else np.array([False])
        if not hit.any():
            continue
        _tell(part, name, hit, "info" if sort else "warning", findings)
        slot = slot_of_end(part.table, name)
        if slot and sort != "phone":
            given = texts.map(_identity_in).where(hit)
            numbers[slot] = numbers[slot].fillna(given) if slot in numbers else given
        frame = frame.assign(**{name: left})
    texts_of = {name: column.astype("str").fillna("") for name, column in numbers.items()}
    return replace(part, frame=frame.assign(**texts_of))


def _without_named(part: Part, findings: Findings) -> pd.DataFrame:
    """Return a part's rows without own columns that say who somebody is; the others are told."""
    named = extras(part.frame)
    headers = {name: part.headers.get(name, name) for name in named}
    gone = [
        name
        for name in named
        if any(map(is_personal, (*headers[name].split(" + "), name.removeprefix(KEY))))
    ]
    for code, names in (("own_personal", gone), ("own_kept", [n for n in named if n not in gone])):
        if names:
            severity: Severity = "info" if code == "own_kept" else "warning"
            findings.add(severity, code, part.place, value=", ".join(headers[n] for n in names))
    return part.frame.drop(columns=gone)


def _tell(part: Part, name: str, hit: np.ndarray, severity: Severity, findings: Findings) -> None:
    header = part.headers.get(name, name)
    code = "numbers_unread" if severity == "info" else "numbers_dropped"
    findings.summed(severity, code, part.place, part.rows[hit], header)


def slot_of_end(table: str, name: str) -> str:
    """Return where the identity number of a cell goes: to the person whose cell it is."""
    if table == "teacher":
        return NUMBERS[""]
    end = name.removesuffix("_name")
    if end in ("source", "target") and "teacher" in schema.tables()[table].ends(end):
        return NUMBERS[end]
    return ""


def _likely(text: str) -> bool:
    """Return whether a text under a header of identity numbers tells anybody apart."""
    return sum(sign.isalnum() for sign in text) > 4


def _identity_in(text: str) -> str | None:
    """Return the identity number in a text, the same for every way of writing it."""
    for piece in re.findall(r"[0-9Xx]{15,18}", half_width_digits("".join(text.split()))):
        if is_identity(piece):
            return str(piece).upper()
    return None


def _cleaned(texts: pd.Series, kind: str) -> pd.Series:
    """Return texts without numbers of people; `kind` is the type of their column.

    Of an id nothing is left, for what is left would not tell nodes apart; of a name the name.
    """
    cells = arrow(texts)
    cells = cells.filter(pc.greater_equal(pc.binary_length(cells), _SHORTEST))
    suspect = pc.match_substring_regex(cells, SUSPECT)
    if not pc.any(suspect).as_py():
        return texts
    instead = {"name": "", "input": ""}.get(kind, "***")
    change: dict[str, str] = {}
    for text in pc.unique(cells.filter(suspect)).to_pylist():
        if kind in ("int", "number"):  # as long as a telephone's, a number may be an amount
            left = "" if is_identity(text) else text
        else:
            left = "" if is_identity(text) or is_mobile(text) else without_numbers(text, instead)
            if left != text and kind in ("id", "end", "ref"):
                left = ""
        if left != text:
            change[text] = _HOLLOW.sub("", left).strip()  # 王芳（13800000001） is 王芳
    return each(texts, change)


# -- who is who ----------------------------------------------------------------------------------


def name_people(context: Context, frames: Frames) -> None:
    """Give those whose identity number is known an id, the same one in every table.

    It is ``school/name``, with ``(2)``, ``(3)`` … where several share it, in the order of their
    numbers; a teacher number, where there is one, stays. Then the numbers are gone.
    """
    listed = len(frames.get("teacher", ())) > 0
    said: list[pd.DataFrame] = []
    for rank, table in enumerate(_ORDER):
        frame = frames.get(table)
        for end, column in NUMBERS.items():
            if frame is not None and column in frame and frame[column].notna().any():
                said.append(_mentions(context, frames, table, end, rank))
    if said:
        every = _persons(pd.concat(said, ignore_index=True))
        every["found"] = every["person"].map(_ids(every, listed=listed)).astype("str")
        for table, end in every[["table", "end"]].drop_duplicates().itertuples(index=False):
            here = every[(every["table"] == table) & (every["end"] == end)]
            _put(frames, str(table), str(end), here.set_index("row")["found"])
        found = every.dropna(subset=["found", "school"])[["found", "school"]]
        context.people = found.drop_duplicates().rename(columns={"found": "id"})
    for table, frame in frames.items():
        frames[table] = frame.drop(columns=[c for c in NUMBERS.values() if c in frame])


def _mentions(context: Context, frames: Frames, table: str, end: str, rank: int) -> pd.DataFrame:
    """Return number, id, name and school of each person that one end of a table names."""
    frame = frames[table]
    blank = pd.Series(None, index=frame.index, dtype="str")
    if end:
        ids, names = frame[end], frame[f"{end}_name"]
        school = frame.get(f"_{end}_school", blank)
        last = hosts(context, frame) if table == "posted_to" else blank
    else:
        if "school" in frame:
            asked = Asked(frame["school"])
            found = resolve(context, "school", frame, ("school",), asked, optional=True)
            frame = frames[table] = frame.assign(school=found["id"])
        ids, names = frame.get("id", blank), frame.get("name", blank)
        school, last = frame.get("school", blank), blank
    said = pd.DataFrame(
        {
            "number": frame[NUMBERS[end]], "id": ids, "name": names,
            "school": school.fillna(last), "rank": np.where(school.notna(), rank, rank + _LAST),
            "table": table, "end": end, "row": frame.index,
        }
    )  # fmt: skip
    return said[said["number"].notna()]


def _persons(said: pd.DataFrame) -> pd.DataFrame:
    """Return what is said of whom: one person where number and name are the same.

    A number that stands beside several names was copied by mistake, and makes nobody the same.
    """
    said = said.astype(dict.fromkeys(("number", "id", "name", "school"), "str"))
    key = said["name"].map(normalise, na_action="ignore").astype("str")
    several = key.groupby(said["number"]).transform("nunique")
    only = key.groupby(said["number"]).transform("first").astype("str").where(several == 1)
    return said.assign(person=said["number"] + "/" + key.fillna(only).fillna(""))


def hosts(context: Context, frame: pd.DataFrame) -> pd.Series:
    """Return the schools that people are posted to, where their names are clear."""
    texts = frame["target"].fillna(frame["target_name"])
    known = context.directories["school"]
    one = {
        text: found[0]
        for text in texts.dropna().unique().tolist()
        if len(found := known.candidates(text)) == 1
    }
    return texts.map(one).astype("str")


def _ids(said: pd.DataFrame, *, listed: bool) -> dict[str, str]:
    """Return the id of each person; where teachers are listed, of the listed ones alone."""
    order = ["person", "rank", "school", "name", "id"]
    said = said.sort_values(order, na_position="last")
    given = said.dropna(subset=["id"]).drop_duplicates("person").set_index("person")["id"]
    first = said.dropna(subset=["name"]).drop_duplicates("person").set_index("person")
    if listed:
        first = first[first.index.isin(said.loc[said["rank"] % _LAST == 0, "person"])]
    first = first[~first.index.isin(given.index)]
    base = first["name"].where(first["school"].isna(), first["school"] + "/" + first["name"])
    place = base.groupby(base).cumcount()  # in the order of the numbers
    ids = base.where(place == 0, base + " (" + (place + 1).astype("str") + ")")
    return {str(person): str(key) for person, key in pd.concat([ids, given]).items()}


def _put(frames: Frames, table: str, end: str, ids: pd.Series) -> None:
    """Write ids where the persons stand; an id that is there stays."""
    frame, slot = frames[table], end or "id"
    found = ids.reindex(frame.index)
    own = frame.get(slot, pd.Series(None, index=frame.index, dtype="str"))
    changed = {slot: own.fillna(found)}
    if end and f"{end}_kind" in frame:
        kind = frame[f"{end}_kind"]
        changed[f"{end}_kind"] = kind.mask(found.notna() & kind.isna(), "teacher")
    frames[table] = frame.assign(**changed)
