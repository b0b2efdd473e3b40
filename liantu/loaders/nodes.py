"""The nodes of each kind: ids for those without, repeats, references, and nodes made from ends."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial

import numpy as np
import pandas as pd

from liantu.graph import schema
from liantu.graph.columns import ascending, unplain
from liantu.loaders.cells import clean_id, each
from liantu.loaders.directory import Directory, Span, spans
from liantu.loaders.ends import PART, ROW, Asked, Context, make_nodes, mentions, resolve
from liantu.loaders.shortened import KINDS, Shortened, above
from liantu.vocabulary import normalise

# Regions first, since they narrow the others; teachers last, since their schools narrow them.
ORDER = ("region", "alliance", "center", "partner", "school", "teacher")

Frames = dict[str, pd.DataFrame]
_LISTED = 8  # values that a message names


def load_kind(context: Context, frames: Frames, kind: str) -> None:
    """Bring the nodes of a kind into their final shape and list them in the context."""
    if not len(frames.get(kind, ())):
        if context.has(kind):
            frames[kind] = context.base.nodes[kind].iloc[:0].assign(**{PART: -1, ROW: -1})
            _list(context, frames, kind, _inside(context, frames, kind))
        else:
            _make(context, frames, kind)
        return
    frame = frames[kind]
    if kind == "center":
        frame = _described(context, frames, frame)
    inside = _inside(context, frames, kind)
    if "region" in frame:
        frame = refer(context, kind, "region", frame)
    school = None
    if kind == "teacher" and "school" in frame:
        asked = Asked(frame["school"])
        known = resolve(context, "school", frame, ("school",), asked, optional=True)
        frame = frame.assign(school=known["id"])
        school = frame["school"]
    if kind == "school":
        frame = _rural(context, frame)
    within = school if kind == "teacher" else frame.get("parent" if kind == "region" else "region")
    frame = _with_ids(context, frame, within, prefix=kind == "teacher")
    frame = _foreign(context, kind, frame) if context.foreign else _repeats(context, frame)
    frames[kind] = frame
    _list(context, frames, kind, inside)
    if kind == "region" and "parent" in frame:
        frames[kind] = refer(context, kind, "parent", frame)


def _list(context: Context, frames: Frames, kind: str, inside: Mapping[str, Span]) -> None:
    """List the nodes of a kind in the context, those of the network below among them."""
    columns = schema.tables()[kind].columns
    frame = with_base(context, kind, frames[kind])
    nodes = frame.reindex(columns=[c for c in ("id", "name", "aliases", "region") if c in columns])
    context.directories[kind] = Directory(kind, nodes.astype("str"), inside)
    if kind == "teacher" and len(context.base.works):
        context.directories[kind].learn(lambda: context.base.works)
    if kind in KINDS:
        named = [c for c in ("id", "name", "region", PART) if c in frame]
        later = partial(_shortened, context, frames.get("region"), frame[named])
        context.shortened[kind] = cache(later)  # made once a name is not found as it stands


def with_base(context: Context, kind: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the nodes of a kind after those of the network that they are added to."""
    if not context.has(kind):
        return frame
    base = context.base.nodes[kind].assign(**{PART: -1, ROW: -1})
    if not len(frame):
        return base
    return pd.concat([base, frame.reindex(columns=base.columns)], ignore_index=True)


def _described(context: Context, frames: Frames, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the listed centres and those that a list of members describes by who leads them.

    Such a list stands for itself: studios need not stand in the list of research centres.
    """
    rosters = [
        n for n, part in enumerate(context.parts) if {"host", "host_name"} & part.headers.keys()
    ]
    joins = frames.get("joins")
    if joins is None or not rosters or not len(joins):
        return frame
    named = joins["target"].fillna(joins["target_name"])
    rows = joins.assign(name=named)[joins[PART].isin(rosters) & named.notna()]
    known = {
        normalise(text)
        for column in ("id", "name", "aliases") if column in frame
        for text in frame[column].dropna().unique()
    }  # fmt: skip
    fresh = rows.drop_duplicates("name")
    fresh = fresh[~fresh["name"].map(normalise).isin(known)]
    fresh = fresh[~fresh["name"].map(normalise).duplicated()]
    context.findings.made("center", "nodes_made", len(fresh))
    return pd.concat([frame, fresh[["name", PART, ROW]]], ignore_index=True)


def _inside(context: Context, frames: Frames, kind: str) -> Mapping[str, Span]:
    """Return what each region spans; nothing while the regions themselves are loaded."""
    if kind == "region" or "region" not in frames:
        return {}
    if not len(frames["region"]):
        return context.base.spans
    if not context.spans:
        context.spans.update(spans(with_base(context, "region", frames["region"])))
    return context.spans


def _shortened(context: Context, regions: pd.DataFrame | None, frame: pd.DataFrame) -> Shortened:
    """Return the names of nodes, to be found without the regions in them."""
    blank = pd.Series("", index=frame.index, dtype="str")
    names = [frame.get(c, blank).fillna("") for c in ("id", "name", "region")]
    titles = {int(part): context.titled(int(part)) for part in frame[PART].unique()}
    if not context.above and regions is not None:
        context.above.update(above(with_base(context, "region", regions)))
    return Shortened(
        zip(*names, strict=True),
        [titles[part] for part in frame[PART]],
        context.above,
    )


def similar_ids(context: Context, kind: str) -> None:
    """Own shape: refuse ids that differ only by blanks or width, before they are made alike."""
    frames, changed = [], False
    for number, part in enumerate(context.parts):
        if part.table == kind and "id" in part.frame:
            raw = part.frame["id"]
            blanks = pd.Series(part.trimmed.get("id", False), index=raw.index)
            change = {text: clean_id(text) for text in unplain(raw)}
            own = {"raw": raw.mask(blanks, raw + " "), "id": each(raw, change)}
            changed |= bool(change) or bool(blanks.any())
            frames.append(pd.DataFrame({**own, PART: number, ROW: part.rows})[raw != ""])
    if not changed:
        return
    every = pd.concat(frames, ignore_index=True)
    if not unplain(every["raw"]):  # visible ASCII has no other form
        return
    several = every.groupby("id")["raw"].transform("nunique") > 1
    for key, group in every[several].groupby("id", sort=True):
        listed = tuple(f"“{text}”" for text in sorted(group["raw"].unique()))
        context.each(
            "error", "similar_ids", "id", group.iloc[:1],
            pd.Series(", ".join(listed), index=group.index[:1]), kind=kind, id=str(key),
            listed=listed,
        )  # fmt: skip


def refer(context: Context, table: str, column: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose references are ids; those that name nothing are emptied and told."""
    kinds = schema.tables()[table].all_columns[column].values
    asked = Asked(frame[column])
    found = resolve(context, column, frame, kinds, asked, optional=True)
    return frame.assign(**{column: found["id"]})


def narrowing_regions(context: Context, frames: Frames) -> None:
    """Resolve the regions that narrow ends."""
    for name in schema.relations():
        for column in ("source_region", "target_region", "region"):
            if name in frames and column in frames[name]:
                frames[name] = refer(context, name, column, frames[name])


def _rural(context: Context, frame: pd.DataFrame) -> pd.DataFrame:
    """Turn a bare yes or no into the coarse classes 220 and 111, where nothing finer is known."""
    if "rural" not in frame:
        return frame
    flag = frame["rural"]
    own = frame.get("urban_rural", pd.Series(None, index=frame.index, dtype="str"))
    use = own.isna() & flag.notna()
    context.summed("warning", "rural_flag", "rural", frame[use])
    coarse = np.where(flag.fillna(False).to_numpy(dtype=bool), "220", "111")
    return frame.assign(
        urban_rural=own.mask(use, pd.Series(coarse, index=frame.index, dtype="str"))
    )


def _maps_id(context: Context, frame: pd.DataFrame) -> pd.Series:
    """Return which rows come from a table for which a mapping says where its ids stand."""
    with_id = [n for n, part in enumerate(context.parts) if part.mapped and "id" in part.frame]
    return frame[PART].isin(with_id)


def _with_ids(
    context: Context, frame: pd.DataFrame, within: pd.Series | None, *, prefix: bool
) -> pd.DataFrame:
    """Give rows without an id one from their name, and leave out rows with neither."""
    blank = pd.Series(None, index=frame.index, dtype="str")
    ids, names = frame.get("id", blank), frame.get("name", blank)
    # An id that a mapping composes of several columns tells nodes of one name apart: where it is
    # empty the name would make them one.
    nameless = ids.isna() & (names.isna() | _maps_id(context, frame))
    if nameless.any():
        lost = frame[nameless]
        if context.foreign:
            context.summed("info", "empty_id", "id", lost)
        else:
            values = pd.Series("", index=lost.index)
            context.each("error", "missing_value", "id", lost, values)
        kept = ~nameless
        frame, ids, names = frame[kept], ids[kept], names[kept]
        within = None if within is None else within[kept]
    need = ids.isna()
    if need.any():
        fresh = names[need]
        if within is not None:
            place = within[need].fillna("")
            several = place.groupby(fresh.map(normalise)).transform("nunique") > 1
            use = (place != "") & (several | prefix)
            fresh = fresh.mask(use, place + "/" + fresh)
        ids = ids.mask(need, fresh)
    return frame.assign(id=ids)


def _repeats(context: Context, frame: pd.DataFrame) -> pd.DataFrame:
    """Own shape: merge rows that repeat one another; the checks refuse the other repeats."""
    if ascending(frame["id"]):
        return frame
    twice = frame["id"].duplicated(keep=False)
    if not twice.any():
        return frame
    columns = [c for c in frame.columns if c not in (PART, ROW)]
    same = twice & frame.duplicated(subset=columns)
    if same.any():
        context.count(frame[same], "rows_merged")
        context.summed("warning", "same_rows", "id", frame[same])
    return frame[~same]


def _foreign(context: Context, kind: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Mapping: merge repeats; where a block leaves the name out and none gives it, it is the id.

    Only after merging, for such a name must not stand against one that the source writes.
    """
    named = [number for number, part in enumerate(context.parts) if "name" in part.frame]
    unnamed = frame.loc[~frame[PART].isin(named), "id"]
    frame = _merged(context, kind, frame)
    names = frame.get("name", pd.Series(None, index=frame.index, dtype="str"))
    use = names.isna() & frame["id"].isin(unnamed)
    return frame.assign(name=names.mask(use, frame["id"]))


def _merged(context: Context, kind: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Mapping: merge the rows of one node field by field.

    Where they disagree, the most frequent value wins, then the smallest; this is reported.
    """
    twice = frame["id"].duplicated(keep=False)
    if not twice.any():
        return frame
    single, several = frame[~twice], frame[twice]
    first = several.drop_duplicates("id").set_index("id")
    context.findings.made(kind, "rows_merged", len(several) - len(first))
    fields = {}
    for column in [c for c in frame.columns if c not in ("id", PART, ROW)]:
        known = several.loc[several[column].notna(), ["id", column]]
        counts = known.groupby(["id", column], observed=True).size().reset_index(name="n")
        counts = counts.sort_values(["id", "n", column], ascending=[True, False, True])
        best = counts.drop_duplicates("id").set_index("id")[column]
        fields[column] = best.reindex(first.index).astype(frame[column].dtype)
        torn = counts.loc[counts["id"].duplicated(keep=False)]
        places = several[several["id"].isin(torn["id"]) & several[column].notna()].groupby("id")
        for key, values in torn.groupby("id", sort=True):
            rows = places.get_group(key)
            listed = tuple(f"“{value}”" for value in values[column].tolist()[:_LISTED])
            listed += ("…",) if len(values) > _LISTED else ()
            taken = str(values[column].iloc[0])
            context.summed(
                "warning", "conflict", column, rows,
                ", ".join(listed), id=str(key), taken=taken, listed=listed,
            )  # fmt: skip
    merged = pd.DataFrame(fields, index=first.index).assign(**{PART: first[PART], ROW: first[ROW]})
    return pd.concat([single, merged.reset_index()[frame.columns]], ignore_index=True)


def _make(context: Context, frames: Frames, kind: str) -> None:
    """Make the nodes of a kind without a table from every text that names one."""
    found: list[pd.DataFrame] = []
    for name, frame in frames.items():
        if not len(frame):
            continue
        table = schema.tables()[name]
        for key, column in table.all_columns.items():
            names = column.type == "ref" or (
                column.type == "input" and (kind == "region" or name == "teacher")
            )
            if names and kind in column.values and key in frame:
                found.append(mentions(frame[key]))
        for end in ("source", "target") if table.is_relation else ():
            found += _from_end(kind, frame, end, table.ends(end))
        if name == "observations" and kind == "school":
            about = frame["kind"].fillna("school") == kind if "kind" in frame else slice(None)
            here = frame[about]
            text = here["id"].fillna(here["_name"]) if "_name" in here else here["id"]
            found.append(mentions(text))
    nodes, pairs = make_nodes(kind, found)
    if kind == "teacher":
        nodes = nodes.drop_duplicates("id")  # named with a number here and without one there
        pairs = pd.concat([pairs, context.people]).drop_duplicates()
    inside = _inside(context, frames, kind)
    columns = schema.tables()[kind].columns
    if kind == "region":
        nodes = nodes.assign(parent=pd.Series(None, index=nodes.index, dtype="str"))
    kept = nodes[[c for c in nodes.columns if c in columns]]
    context.findings.made(kind, "nodes_made", len(kept))
    frames[kind] = kept.assign(**{PART: -1, ROW: -1})
    context.directories[kind] = Directory(kind, kept, inside)
    if kind == "teacher":
        context.directories[kind].learn(lambda: pairs)


def _from_end(
    kind: str, frame: pd.DataFrame, end: str, kinds: tuple[str, ...]
) -> list[pd.DataFrame]:
    """Return the texts of an end that name nodes of a kind."""
    found: list[pd.DataFrame] = []
    if kind == "school" and f"_{end}_school" in frame:
        found.append(mentions(frame[f"_{end}_school"]))
    if kind not in kinds:
        return found
    here = frame if len(kinds) == 1 else frame[frame[f"{end}_kind"] == kind]
    within = here.get(f"_{end}_school") if kind == "teacher" else here.get(f"{end}_region")
    by_id = here[end].notna()
    yes = pd.Series("yes", index=here.index[by_id], dtype="str")
    named = here[f"{end}_name"]
    found.append(mentions(here.loc[by_id, end], name=named[by_id], ids=yes))
    by_name = ~by_id & named.notna()
    narrowed = None if within is None else within[by_name]
    found.append(mentions(named[by_name], within=narrowed))
    return found
