"""Checks of typed frames: small functions whose problems name rows and remedies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from liantu.errors import Problem, Severity
from liantu.graph import datum, schema
from liantu.graph.columns import ascending, is_in, unplain
from liantu.graph.indicators import doubtful
from liantu.graph.indicators import indicators as known_indicators
from liantu.graph.values import among
from liantu.options import minus

Frames = Mapping[str, pd.DataFrame]
_LEVELS = 16

# Turns a table and a position in its frame into file, sheet and row of the source.
Locate = Callable[[str, int], Mapping[str, Any]]


def nowhere(table: str, position: int) -> Mapping[str, Any]:
    """Locate a row of a frame that was never in a file: the table and its position."""
    return {"file": table, "row": position}


class _Rows:
    """Makes problems of a table's rows, and knows the ids of kinds that are not checked."""

    def __init__(self, locate: Locate, known: Mapping[str, pd.Index]) -> None:
        self.locate = locate
        self.known = known

    def ids(self, frames: Frames, kind: str) -> pd.Index:
        """Return the ids of a kind."""
        return self.known[kind] if kind in self.known else pd.Index(frames[kind]["id"])

    def __call__(
        self, severity: Severity, code: str, table: str, mask: Any, column: str, **params: Any
    ) -> Iterator[Problem]:
        """Yield a problem for each row of a mask; Series parameters give each row's value."""
        positions = np.flatnonzero(np.asarray(mask, dtype=bool))
        columns = {k: v for k, v in params.items() if isinstance(v, pd.Series)}
        fixed = {k: v for k, v in params.items() if k not in columns}
        for position in positions:
            own = {key: _plain(series.iloc[position]) for key, series in columns.items()}
            place = dict(self.locate(table, int(position)))
            value = str(own.pop("value", fixed.get("value", "")))
            about = {**fixed, **own}
            private = table in schema.teacher_tables() or about.get("kind") == "teacher"
            private |= place.pop("private", False)
            yield Problem(
                severity, code, column=column, value=value, params=about, private=private, **place
            )


def _filled(frames: Frames) -> list[tuple[str, pd.DataFrame]]:
    """Return the frames that have rows, with their names."""
    return [(name, frame) for name, frame in frames.items() if len(frame)]


def _plain(value: Any) -> Any:
    return str(value.date()) if isinstance(value, pd.Timestamp) else value


def duplicate_ids(frames: Frames, rows: _Rows) -> Iterator[Problem]:
    """One id twice within a kind; ids that differ only by blanks or width."""
    for kind in schema.kinds():
        ids = frames[kind]["id"]
        odd = unplain(ids)
        if not odd and ascending(ids):
            continue
        twice = ids.duplicated(keep=False)
        if twice.any():
            counts = ids.map(ids.value_counts())
            first = twice & ~ids.duplicated()
            yield from rows(
                "error", "duplicate_id", kind, first, "id", value=ids, count=counts, kind=kind
            )
        if not odd:  # visible ASCII has no other form
            continue
        distinct = ids[~ids.duplicated()]
        shapes = distinct.str.normalize("NFKC").str.replace(r"\s+", "", regex=True)
        alike = shapes.duplicated(keep=False)
        for _, group in distinct[alike].groupby(shapes[alike], sort=True):
            position = int(np.flatnonzero(ids.index == group.index[0])[0])
            listed = tuple(f"“{text}”" for text in sorted(group))
            place = {**rows.locate(kind, position), "private": kind == "teacher"}
            about = {"kind": kind, "listed": listed}
            yield Problem(
                "error", "similar_ids", column="id", value=", ".join(listed), params=about, **place
            )


def required(frames: Frames, rows: _Rows) -> Iterator[Problem]:
    """Required cells that are empty."""
    for name, frame in _filled(frames):
        for key, column in schema.tables()[name].columns.items():
            if column.required and not column.default and key in frame:
                empty = frame[key].isna()
                if empty.any():
                    yield from rows("error", "missing_value", name, empty, key)


def unknown_ends(frames: Frames, rows: _Rows) -> Iterator[Problem]:
    """Ends and references that name no node."""
    ids = {kind: rows.ids(frames, kind) for kind in schema.kinds()}
    for name, frame in _filled(frames):
        for key, column in schema.tables()[name].columns.items():
            if column.type not in ("end", "ref"):
                continue
            kinds = frame[f"{key}_kind"] if len(column.values) > 1 else None
            for kind in column.values:
                here = frame[key].notna().to_numpy(dtype=bool)
                if kinds is not None:
                    here = here & (kinds == kind).to_numpy(dtype=bool)
                if not here.any():
                    continue
                missing = here.copy()
                missing[here] = ~is_in(frame[key][here], ids[kind])
                if missing.any():
                    params: dict[str, Any] = {"kind": kind, "nearest": ""}
                    yield from rows(
                        "error", "unknown_end", name, missing, key, value=frame[key], **params
                    )
            if kinds is not None:
                bad = kinds.notna() & ~kinds.isin(list(column.values))
                if bad.any():
                    allowed = ", ".join(column.values)
                    yield from rows(
                        "error", "bad_end_kind", name, bad, key, value=kinds, allowed=allowed
                    )
                lost = frame[key].notna() & kinds.isna()
                if lost.any():
                    kind_words = " / ".join(column.values)
                    yield from rows(
                        "error", "unknown_end", name, lost, key, value=frame[key],
                        kind=kind_words, nearest="",
                    )  # fmt: skip


def observed_nodes(frames: Frames, rows: _Rows) -> Iterator[Problem]:
    """Observations of nodes that do not exist."""
    frame = frames["observations"]
    for kind in schema.kinds() if len(frame) else ():
        missing = (frame["kind"] == kind).to_numpy(dtype=bool, copy=True)
        missing[missing] = ~is_in(frame["id"][missing], rows.ids(frames, kind))
        if missing.any():
            yield from rows(
                "error", "unknown_end", "observations", missing, "id",
                value=frame["id"], kind=kind, nearest="",
            )  # fmt: skip


def reversed_dates(frames: Frames, rows: _Rows) -> Iterator[Problem]:
    """An end before its start."""
    for name, frame in _filled(frames):
        for first, last in (("start", "end"), ("opened", "closed")):
            if first in frame and last in frame:
                wrong = frame[last] < frame[first]
                if wrong.any():
                    yield from rows(
                        "error", "reversed_dates", name, wrong, last,
                        value=frame[last], start=frame[first], end=frame[last],
                    )  # fmt: skip


def unknown_codes(frames: Frames, rows: _Rows) -> Iterator[Problem]:
    """Codes outside their closed list."""
    from liantu.vocabulary import terms

    for name, frame in _filled(frames):
        for key, column in schema.tables()[name].columns.items():
            if column.type != "code" or key.endswith("_kind"):
                continue
            allowed = terms(column.values[0])
            bad = frame[key].notna() & ~frame[key].isin(list(allowed))
            if bad.any():
                counts = frame[key].map(frame[key].value_counts())
                first = bad & ~frame[key].duplicated()
                yield from rows(
                    "error", "unknown_code", name, first, key, value=frame[key], count=counts,
                    group=key, allowed=", ".join(allowed),
                )  # fmt: skip


def numbers(frames: Frames, rows: _Rows) -> Iterator[Problem]:
    """Counts and amounts below zero, and weights that are not above it."""
    for name, frame in _filled(frames):
        if "weight" in frame and frame["weight"].notna().any():
            weight = frame["weight"]
            wrong = weight.notna() & ~(weight.gt(0) & weight.lt(np.inf))
            yield from rows("error", "weight_not_positive", name, wrong, "weight", value=weight)
        for key, column in schema.tables()[name].columns.items():
            if column.is_number and key not in ("lon", "lat", "value", "weight"):
                wrong = (frame[key] < 0).fillna(False)
                if wrong.any():
                    yield from rows("error", "negative", name, wrong, key, value=frame[key])


def coordinates(frames: Frames, rows: _Rows) -> Iterator[Problem]:
    """Coordinates out of range, 0 and 0, swapped, or in several datums."""
    frame = frames["school"]
    if frame[["lon", "lat", "datum"]].isna().to_numpy().all():
        return
    lon, lat = frame["lon"], frame["lat"]
    swapped = lat.between(73, 136) & lon.between(3, 54)  # China's box, axes exchanged
    hints = pd.Series(np.where(swapped | (lon.abs() <= 90), "Are the columns exchanged?", ""))
    hints_zh = pd.Series(np.where(swapped | (lon.abs() <= 90), "经度与纬度两列是否写反？", ""))
    swap = {"hint": hints, "hint_zh": hints_zh}
    bad_lat, bad_lon = lat.abs() > 90, lon.abs() > 180
    yield from rows("error", "bad_latitude", "school", bad_lat, "lat", value=lat, **swap)
    yield from rows("error", "bad_longitude", "school", bad_lon, "lon", value=lon, **swap)
    zero = (lon == 0) & (lat == 0)
    yield from rows("warning", "zero_coordinates", "school", zero, "lon", value="0, 0")
    odd = swapped & ~bad_lat
    yield from rows("warning", "swapped_coordinates", "school", odd, "lon", lon=lon, lat=lat)
    if len({datum.key(str(text)) for text in frame["datum"].dropna().unique()}) > 1:
        first = frame["datum"].notna() & (frame["datum"].notna().cumsum() == 1)
        value = ", ".join(sorted(frame["datum"].dropna().unique()))
        yield from rows("error", "mixed_datum", "school", first, "datum", value=value)


def cycles(frames: Frames, rows: _Rows) -> Iterator[Problem]:
    """Affiliations, regions and parts that run in a circle."""
    for name, source, target in (
        ("affiliated_to", "source", "target"),
        ("region", "id", "parent"),
        ("part_of", "source", "target"),
    ):
        frame = frames[name]
        if frame.empty:
            continue
        use = frame[source].notna() & frame[target].notna()
        pairs = frame.loc[use, [source, target]]
        codes, names = pd.factorize(pd.concat([pairs[source], pairs[target]]), sort=True)
        half, size = len(pairs), len(names)
        if not _may_run_in_circles(codes[:half], codes[half:], size):
            continue
        # Longer in coming than a whole check of a county takes.
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        graph = coo_array((np.ones(half), (codes[:half], codes[half:])), shape=(size, size))
        _, parts = connected_components(graph, connection="strong")
        sizes = np.bincount(parts)
        inside = parts[codes[:half]] == parts[codes[half:]]
        looped = inside & ((sizes[parts[codes[:half]]] > 1) | (name == "region"))
        positions = np.flatnonzero(use)[looped]
        for part in np.unique(parts[codes[:half]][looped]):
            here = positions[parts[codes[:half]][looped] == part]
            listed = tuple(str(names[i]) for i in np.flatnonzero(parts == part)[:8])
            mask = np.zeros(len(frame), dtype=bool)
            mask[here[0]] = True
            value = ", ".join(listed)
            yield from rows("error", "cycle", name, mask, target, value=value, listed=listed)


def _may_run_in_circles(sources: np.ndarray, targets: np.ndarray, size: int) -> bool:
    """Return whether something is left when nodes that lead nowhere are taken away, level by level.

    Chains longer than any administration has levels are left too.
    """
    for _ in range(_LEVELS):
        leads = np.zeros(size, dtype=bool)
        leads[sources] = True
        on = leads[targets]
        if on.all():
            break
        sources, targets = sources[on], targets[on]
    return bool(len(sources))


def postings(frames: Frames, rows: _Rows, as_of: date) -> Iterator[Problem]:
    """Postings without a home school; open-ended ones older than three years."""
    frame = frames["posted_to"]
    if frame.empty:
        return
    employed = among(frame["source"], frames["works_at"]["source"])
    lost = frame["home"].isna() & (frame["source_kind"] == "teacher") & ~employed
    yield from rows("warning", "home_missing", "posted_to", lost, "home")
    limit = pd.Timestamp(minus(as_of, "3y"))
    old = frame["end"].isna() & (frame["start"] < limit)
    yield from rows("warning", "old_open_posting", "posted_to", old, "end", value=frame["start"])


def after_as_of(frames: Frames, rows: _Rows, as_of: date) -> Iterator[Problem]:
    """Events and openings that lie after the as-of date."""
    for name, key in (("delivers", "date"), ("school", "opened")):
        late = frames[name][key] > pd.Timestamp(as_of)
        if late.any():
            yield from rows(
                "warning", "after_as_of", name, late, key, value=frames[name][key], as_of=as_of
            )


def self_listed(frames: Frames, rows: _Rows) -> Iterator[Problem]:
    """Cores that are listed as members of their own alliance; the core role counts."""
    frame = frames["member_of"]
    if frame.empty:
        return
    cores = frame.loc[frame["role"] == "core", ["source", "target"]].drop_duplicates()
    if cores.empty:
        return
    keys = pd.MultiIndex.from_frame(frame[["source", "target"]])
    listed = (frame["role"] != "core") & keys.isin(pd.MultiIndex.from_frame(cores))
    yield from rows("warning", "self_listed", "member_of", listed, "source", value=frame["source"])


# First two digits of the school identification code (type) and the stages that agree with them.
_PREFIX_STAGES = {
    "11": ("kindergarten",),
    "21": ("primary",),
    "31": ("junior", "nine_year"),
    "34": ("senior", "complete_secondary", "twelve_year"),
    "36": ("vocational",),
}


def prefixes(frames: Frames, rows: _Rows) -> Iterator[Problem]:
    """School identification codes whose type prefix and stage disagree."""
    frame = frames["school"]
    coded = frame["id"].str.fullmatch(r"\d{10}").fillna(False) & frame["stage"].notna()
    if not coded.any():
        return
    prefix = frame["id"].str[:2]
    for start, stages in _PREFIX_STAGES.items():
        odd = coded & (prefix == start) & ~frame["stage"].isin(stages)
        yield from rows(
            "warning", "prefix_stage", "school", odd, "id", value=frame["id"], type=stages[0],
            stage=frame["stage"],
        )  # fmt: skip


def indicators(frames: Frames, rows: _Rows) -> Iterator[Problem]:
    """Figures of the resource indicators below 0, in another unit or rather in another scale."""
    observations = frames["observations"]
    if observations.empty:
        return
    found = doubtful(observations)
    found = found.assign(said=found["unit"].fillna("").astype("str"))
    for names, group in found.groupby(["key", "doubt", "said"], sort=True):
        key, doubt, said = map(str, names)
        first = observations.index.isin(group.index[:1])
        yield from rows(
            "warning", f"indicator_{doubt}", "observations", first, "", indicator=key,
            value=f"{group['value'].iloc[0]:g}", count=len(group), said=said,
            unit_of=known_indicators()[key].unit,
        )  # fmt: skip


_STATIC: tuple[Callable[[Frames, _Rows], Iterator[Problem]], ...] = (
    required,
    duplicate_ids,
    unknown_ends,
    observed_nodes,
    unknown_codes,
    reversed_dates,
    numbers,
    coordinates,
    cycles,
    self_listed,
    prefixes,
    indicators,
)


def check(
    frames: Frames,
    as_of: date | None,
    locate: Locate = nowhere,
    *,
    resolved: bool = False,
    known: Mapping[str, pd.Index] | None = None,
) -> list[Problem]:
    """Run every check.

    Parameters
    ----------
    frames
        Every table of the schema, typed, ids in column ``id``.
    as_of
        The network's own date; today where it has none.
    locate
        Finds file, sheet and row of a frame's row.
    resolved
        Whether every end and reference is known to name a node: numbers may stand for ends.
    known
        The ids of kinds whose tables are known to be valid and not among the frames.

    Returns
    -------
    list of Problem
        Errors first, then warnings.
    """
    rows, day = _Rows(locate, known or {}), as_of or date.today()
    runs = [run for run in _STATIC if not resolved or run not in (unknown_ends, observed_nodes)]
    problems = [problem for run in runs for problem in run(frames, rows)]
    problems += postings(frames, rows, day)
    problems += after_as_of(frames, rows, day)
    return sorted(problems, key=lambda problem: problem.severity != "error")
