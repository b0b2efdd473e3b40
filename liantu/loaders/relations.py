"""The rows of each relation: member sheets, cells with several names, ends resolved."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

import numpy as np
import pandas as pd

from liantu.graph import schema
from liantu.graph.columns import holding, is_in
from liantu.loaders.ends import PART, ROW, Asked, Context, resolve
from liantu.loaders.nodes import Frames, refer, with_base
from liantu.loaders.people import NUMBERS, hosts
from liantu.loaders.several import MAYBE, MOST_OF_A_ROW, SIGNS, beyond, may_say_more, names_of
from liantu.vocabulary import normalise

_NONE = pd.DataFrame({"id": []}, dtype="str")
_SHOWN = 20  # characters of a long list that a message shows
_SEVERAL = re.compile(f"[{SIGNS}]")
# A person's id is school/name: there a slash parts nothing.
_PERSONS = SIGNS.replace("/", "")
# Where a teacher comes from, by relation and end: the column that narrows a bare name.
_TEACHER_SCHOOLS = {
    ("works_at", "source"): "target",
    ("posted_to", "source"): "home",
    ("mentors", "source"): "mentor_school",
    ("mentors", "target"): "mentee_school",
}


def prepare(context: Context, frames: Frames, name: str) -> None:
    """Bring a relation into one row a tie, ends still as written."""
    table, frame = schema.tables()[name], frames[name]
    frame = _complete(frame, table)
    base = context.base.nodes
    every = {**frames, **{k: with_base(context, k, frames.get(k, _NONE)) for k in base}}
    known, schools = _known_names(every), _named(every, ("school",))
    if name == "member_of":
        frame = _members(frame, known)
    if name == "joins":
        frame = _hosts(frame)
    if not context.foreign:
        frame = _bounded(context, frame, known)
        for column in _end_columns(frame):
            end = column.removesuffix("_name")
            signs = _PERSONS if "teacher" in table.ends(end) else SIGNS
            frame = _split(context, frame, column, signs, known, schools)
    if name == "posted_to":
        frame = _schools_as_ends(frame, {"source": "home"})
    if name == "mentors":
        frame = _schools_as_ends(frame, {"source": "mentor_school", "target": "mentee_school"})
    frames[name] = frame.reset_index(drop=True)


def _complete(frame: pd.DataFrame, table: schema.Table) -> pd.DataFrame:
    """Return a frame that has every column an end may be written in."""
    wanted = ["source", "target", "source_name", "target_name"]
    wanted += [f"{end}_kind" for end in ("source", "target") if len(table.ends(end)) > 1]
    if table.name == "posted_to":
        wanted.append("home")
    if table.name == "mentors":
        wanted += ["mentor_school", "mentee_school"]
    blank = pd.Series(None, index=frame.index, dtype="str")
    return frame.assign(**{column: blank for column in wanted if column not in frame})


def _end_columns(frame: pd.DataFrame) -> list[str]:
    return [c for c in ("source", "source_name", "target", "target_name") if frame[c].notna().any()]


def _known_names(frames: Frames) -> Callable[[str], bool]:
    """Return whether a text, as it stands, names one node: of any table, or as region/name."""
    every = _named(frames, schema.kinds(), only=may_say_more)
    regions = _named(frames, ("region",), of_schools="region")

    def known(text: str) -> bool:
        return every(text) or ("/" in text and regions(text.split("/")[0].strip()))

    return known


def _named(
    frames: Frames, kinds: tuple[str, ...], *, only: Callable[[str], bool] = bool,
    of_schools: str = "",
) -> Callable[[str], bool]:  # fmt: skip
    """Return whether a text names a node of some kinds; gathered when it is first asked."""
    names: set[str] = set()
    columns = [(kind, column) for kind in kinds for column in ("id", "name")]

    def known(text: str) -> bool:
        if not names:
            names.add("")
            for kind, column in [*columns, ("school", of_schools)]:
                if kind in frames and column in frames[kind]:
                    texts = frames[kind][column].dropna().unique().tolist()
                    names.update(normalise(t) for t in texts if only(t))
        return normalise(text) in names

    return known


def _bounded(context: Context, frame: pd.DataFrame, known: Callable[[str], bool]) -> pd.DataFrame:
    """Return a frame without the rows whose cells hold too many names, each of them told."""
    columns = _end_columns(frame)
    if not columns:
        return frame
    if not any(holding(frame[column], _SEVERAL.pattern) for column in columns):
        return frame
    marks = [frame[column].str.count(_SEVERAL.pattern).fillna(0) for column in columns]
    counts = np.array([mark.to_numpy(dtype=np.int64) + 1 for mark in marks])
    for row in np.flatnonzero(beyond(counts)):  # a name may hold such a sign itself
        texts = [frame[column].iloc[row] for column in columns]
        counts[[isinstance(text, str) and known(text) for text in texts], row] = 1
    far = beyond(counts)
    for number, column in enumerate(columns):
        here = frame[far & (counts.argmax(axis=0) == number)]
        context.each(
            "error", "too_many_names", column, here, here[column].str.slice(0, _SHOWN),
            limit=MOST_OF_A_ROW,
        )  # fmt: skip
    return frame[~far]


def _split(
    context: Context, frame: pd.DataFrame, column: str, signs: str,
    known: Callable[[str], bool], schools: Callable[[str], bool],
) -> pd.DataFrame:  # fmt: skip
    """Make several rows of a cell with several names, unless the whole cell names a node.

    What ends in “and others” is told, and what counts instead of naming; a row without a name left
    makes no tie.
    """
    texts = holding(frame[column], MAYBE)
    asked = [text for text in texts if may_say_more(text) and not known(text)]
    read = {
        text: names_of(text, signs, lambda t: known(t) or schools(t), schools) for text in asked
    }
    for code, hit in (
        ("names_and_others", [text for text, names in read.items() if names.others]),
        ("count_no_name", [text for text, names in read.items() if names.counts]),
    ):
        for text in hit:
            here = frame[frame[column] == text].drop_duplicates([PART, ROW])
            context.summed("warning", code, column, here, text)
    several = [text for text, names in read.items() if len(names.names) > 1]
    if several:
        cells = frame[frame[column].isin(several)].drop_duplicates([PART, ROW])
        context.summed("info", "cells_split", column, cells, str(cells[column].iloc[0]))
    changed = [text for text, names in read.items() if names.names != [text]]
    if not changed:
        return frame
    if (number := NUMBERS.get(column.removesuffix("_name"), "")) in frame:
        # One number beside several names is nobody's.
        frame = frame.assign(**{number: frame[number].mask(frame[column].isin(several))})
    nameless = frame[column].isin(
        [text for text in changed if read[text].counts and not read[text].names]
    )
    cut = frame[column].isin(changed) & ~nameless
    lists = frame.loc[cut, column].astype(object).map(lambda text: read[text].names or [""])
    more = frame[cut].drop(columns=column).assign(**{column: lists}).explode(column)
    more[column] = more[column].astype("str").mask(more[column] == "")
    return pd.concat([frame[~cut & ~nameless], more[frame.columns]], ignore_index=True)


def _members(frame: pd.DataFrame, known: Callable[[str], bool]) -> pd.DataFrame:
    """Turn rows that hold a core and a member school into a membership each."""
    inputs = [column for column in ("core", "member") if column in frame]
    if not inputs:
        return frame
    blank = pd.Series(None, index=frame.index, dtype="str")
    core = frame.get("core", blank)
    unnamed = frame["target"].isna() & frame["target_name"].isna() & core.notna()
    texts = core.dropna().unique().tolist()
    names = {text: text if known(text) else _SEVERAL.split(text)[0].strip() for text in texts}
    first = core.map(names).astype("str")
    frame = frame.assign(target_name=frame["target_name"].mask(unnamed, first + "集团"))
    plain = frame["source"].notna() | frame["source_name"].notna()
    empty = ~plain & frame[inputs].isna().all(axis=1)
    pieces = [frame[plain | empty]]
    for column in inputs:
        rows = frame[frame[column].notna()]
        if column == "core":
            rows = _once(rows, ["target", "target_name", "core"], beside=inputs)
        role = pd.Series(column, index=rows.index, dtype="str")
        if column == "member" and "role" in rows:
            role = rows["role"].fillna("member")
        nothing = pd.Series(None, index=rows.index, dtype="str")
        pieces.append(rows.assign(source=nothing, source_name=rows[column], role=role))
    return pd.concat(pieces, ignore_index=True).drop(columns=inputs)


def _hosts(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn what a row says of the host of its centre into a membership of the host.

    Who leads the centre is the host, of the school beside; without a person the school is. A centre
    has one host for as long as any of its rows says so.
    """
    inputs = [column for column in ("host_name", "host") if column in frame]
    if not inputs:
        return frame
    blank = pd.Series(None, index=frame.index, dtype="str")
    person, school = frame.get("host_name", blank), frame.get("host", blank)
    plain = frame["source"].notna() | frame["source_name"].notna()
    member = frame.get("role", blank).fillna("member")
    pieces = [frame[plain | (person.isna() & school.isna())].assign(role=member[plain])]
    leads = person.notna() | school.notna()
    rows = frame[leads].assign(
        source=blank[leads],
        source_name=person[leads].fillna(school[leads]),
        source_kind=person[leads].isna().map({True: "school", False: "teacher"}).astype("str"),
        _source_school=school[leads].where(person[leads].notna()),
        role="host",
    )
    if (number := NUMBERS["source"]) in rows:  # that of the member
        rows = rows.drop(columns=number)
    pieces.append(_once(rows, ["target", "target_name", "source_name", "_source_school"]))
    return pd.concat(pieces, ignore_index=True).drop(columns=inputs)


def _once(frame: pd.DataFrame, same: list[str], beside: Collection[str] = ()) -> pd.DataFrame:
    """Return each school that leads once, though every row of its members says so.

    The dates of such a row are those of its member: the school leads from the first to the last of
    them, without bound where one has none. Rows without a member (of `beside`) stay as they are,
    and so do those of another provenance or certainty.
    """
    same = [*same, *(key for key in ("provenance", "certainty") if key in frame)]
    if "member" in beside:
        alone = frame["member"].isna() & frame["source"].isna() & frame["source_name"].isna()
    else:
        alone = pd.Series(False, index=frame.index)
    rows = frame[~alone].copy()
    groups = rows.groupby(same, dropna=False, sort=False)
    for column, last in (("start", False), ("end", True)):
        if column in rows:
            whole = groups[column].transform("max" if last else "min")
            unbound = rows[column].isna().groupby([rows[c] for c in same], dropna=False)
            rows[column] = whole.mask(unbound.transform("any"))
    return pd.concat([frame[alone], rows.drop_duplicates(same)])


def _schools_as_ends(frame: pd.DataFrame, homes: dict[str, str]) -> pd.DataFrame:
    """Where no person is named, the schools they come from are the ends themselves."""
    alone = pd.Series(True, index=frame.index)
    for end, home in homes.items():
        alone &= frame[end].isna() & frame[f"{end}_name"].isna() & frame[home].notna()
    if "count" not in frame and not alone.all():
        alone &= False  # one row among named people is an empty end, not a school
    elif "count" in frame and not alone.all():
        alone &= frame["count"].notna()
    if not alone.any():
        return frame
    changed: dict[str, pd.Series] = {}
    for end, home in homes.items():
        changed[f"{end}_name"] = frame[f"{end}_name"].mask(alone, frame[home])
        changed[f"{end}_kind"] = frame[f"{end}_kind"].mask(alone, "school")
        changed[home] = frame[home].mask(alone)
    return frame.assign(**changed)


def teacher_schools(context: Context, frames: Frames) -> None:
    """Resolve regions and schools that narrow ends, and references; before teachers are made."""
    for name in schema.relations():
        frame = frames.get(name)
        if frame is None or frame.empty:
            continue
        for key, column in schema.tables()[name].columns.items():
            if column.type == "ref" and key in frame:
                frame = refer(context, name, key, frame)
        for end in ("source", "target"):
            given = f"_{end}_school"
            home = _TEACHER_SCHOOLS.get((name, end))
            if home == "target":  # where a teacher works is the end itself
                frame = _resolved(context, name, "target", frame)
                frame = frame.assign(**{given: frame["target"]})
            elif home in frame:
                school = frame[home]
                listed = context.has("teacher") or {"teacher", "works_at"} & set(frames)
                if name == "posted_to" and not listed:
                    school = school.fillna(hosts(context, frame))
                frame = frame.assign(**{given: school})
            elif given in frame:
                asked = Asked(frame[given])
                found = resolve(context, given, frame, ("school",), asked, optional=True)
                frame = frame.assign(**{given: found["id"]})
        frames[name] = frame


def _resolved(context: Context, name: str, end: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose end names a node, with its id and kind."""
    kinds = schema.tables()[name].ends(end)
    text = frame[end].fillna(frame[f"{end}_name"])
    asked = Asked(
        text,
        hint=frame.get(f"{end}_kind"),
        region=frame.get(f"{end}_region"),
        soft=frame.get("region"),
        school=frame.get(f"_{end}_school"),
    )
    found = resolve(context, end, frame, kinds, asked, optional=False)
    changed = {end: found["id"]} | ({f"{end}_kind": found["kind"]} if len(kinds) > 1 else {})
    return frame.assign(**changed)[~found["lost"]]


def resolve_ends(context: Context, frames: Frames, name: str) -> None:
    """Turn both ends of a relation into ids; rows that cannot be resolved are out and reported."""
    frame = frames[name]
    if name != "works_at":
        both = [_resolved(context, name, end, frame) for end in ("source", "target")]
        keep = both[0].index.intersection(both[1].index)
        ends = [c for c in ("target", "target_kind") if c in frame]
        frame = both[0].loc[keep].assign(**{c: both[1].loc[keep, c] for c in ends})
    else:
        frame = _resolved(context, name, "source", frame)
    frames[name] = frame.reset_index(drop=True)


def employ(context: Context, frames: Frames) -> None:
    """Take over as employment what other lists say about where teachers work.

    Holds for the school column of a teacher table and of centre and delivery lists, for teachers
    whose employment no list gives.
    """
    listed = frames.get("works_at")
    given: list[pd.DataFrame] = []
    if len(frames.get("teacher", ())) and "school" in frames["teacher"]:
        own = frames["teacher"]
        given.append(own[["id", "school", PART, ROW]].rename(columns={"id": "source"}))
    for name in ("joins", "delivers"):
        frame = frames.get(name)
        if frame is not None and "_source_school" in frame:
            here = frame[frame["source_kind"] == "teacher"]
            columns = ["source", "_source_school", PART, ROW]
            given.append(here[columns].rename(columns={"_source_school": "school"}))
    if not given:
        return
    rows = pd.concat(given, ignore_index=True).dropna(subset=["source", "school"])
    for known in (listed["source"] if listed is not None else None, context.base.works["id"]):
        if known is not None and len(known):
            rows = rows[~is_in(rows["source"], known)]
    rows = rows.sort_values(["source", "school", PART, ROW])
    rows = rows.drop_duplicates(["source", "school"]).rename(columns={"school": "target"})
    if rows.empty:
        return
    context.findings.made("works_at", "rows_made", len(rows))
    context.findings.add("info", "employment_made", count=len(rows))
    before = [listed] if listed is not None else []
    frames["works_at"] = pd.concat([*before, rows], ignore_index=True)


def teacher_pairs(frames: Frames, *, resolved: bool) -> pd.DataFrame:
    """Return which teacher is known at which school: columns ``id, school``.

    With `resolved`, the rows of employment count too; before, their teachers are only written.
    """
    found = [pd.DataFrame({"id": [], "school": []}, dtype="str")]
    if len(frames.get("teacher", ())) and "school" in frames["teacher"]:
        found.append(frames["teacher"][["id", "school"]])
    if resolved and "works_at" in frames and len(frames["works_at"]):
        works = frames["works_at"]
        found.append(works[["source", "target"]].set_axis(["id", "school"], axis=1))
    return pd.concat(found, ignore_index=True).dropna()
