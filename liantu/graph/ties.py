"""The one projection everything stands on: who supports which school, since when, until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from liantu.errors import Message
from liantu.graph import schema
from liantu.graph.network import Network
from liantu.graph.spans import dates, day_number
from liantu.graph.tie_rules import COLUMNS, NODE_KINDS, RULES, Rows
from liantu.options import check_choice, minus

# Comparable closeness of forms (standards: 融合型 … 联合型); 3 = one legal person, 1 = loose.
CLOSENESS = {
    "integrated": 3,
    "mother_child": 3,
    "aggregated": 2,
    "co_built": 2,
    "master_apprentice": 2,
    "joint": 1,
    "cooperative": 1,
    "partnership": 1,
}
_KEY = ["source", "target", "basis", "form", "start", "end", "alliance"]


@dataclass(frozen=True)
class Projection:
    """The ties of a network as codes, judged on a date.

    Attributes
    ----------
    nodes
        ``kind, id, name, region`` (position of the region, −1 for none): schools first, then
        centres, partners, alliances. A node's position is its code.
    frame
        One row a recorded tie: ``source`` and ``target`` (codes; the target is a school),
        ``basis, form, closeness, start, end, mutual, undated``; ``in_force`` (in the tie set),
        ``state`` (a state in force that lifts a school to *in force*), ``active`` (an activity in
        the window), ``origin``.
    as_of, window_start
        The window is (window_start, as_of].
    open
        Which schools are open on as_of.
    coreless_members
        Which schools are members in force of a coreless alliance too large for ties.
    notes
        What was counted or left out.
    """

    nodes: pd.DataFrame
    frame: pd.DataFrame
    as_of: date
    window_start: date
    open: np.ndarray
    coreless_members: np.ndarray
    notes: tuple[Message, ...]

    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the distinct (source, target) codes of the tie set, sorted."""
        keep = self.frame["in_force"].to_numpy()
        size = len(self.nodes)
        source, target = (self.frame[end].to_numpy()[keep] for end in ("source", "target"))
        merged = np.unique(source * size + target)
        return merged // max(size, 1), merged % max(size, 1)


def project(
    network: Network, as_of: date, window: str = "12m", basis: Sequence[str] | None = None
) -> Projection:
    """Project a network onto ties: school → school, or another supporter → school.

    Parameters
    ----------
    network
        The network.
    as_of
        The date on which ties are judged.
    window
        How far back activities count, such as ``12m``.
    basis
        The relations to use; all by default.

    Raises
    ------
    OptionError
        If the window is malformed or a basis makes no ties.
    """
    chosen = tuple(RULES) if basis is None else tuple(basis)
    for name in chosen:
        check_choice(name, tuple(RULES), "basis")
    asked = (as_of, minus(as_of, window), chosen)
    if asked not in (kept := _last.setdefault(network, {})):
        kept.clear()
        kept[asked] = _project(network, *asked)
    found = kept[asked]  # what a caller does to its frames stays its own
    nodes, frame = found.nodes.copy(deep=False), found.frame.copy(deep=False)
    return replace(found, nodes=nodes, frame=frame)


# A network never changes, and a report asks the same of it many times: the last answer is kept.
_last: WeakKeyDictionary[Network, dict[tuple[date, date, tuple[str, ...]], Projection]]
_last = WeakKeyDictionary()


_Recorded = tuple[pd.DataFrame, np.ndarray, tuple[Message, ...]]
_recorded: WeakKeyDictionary[Network, dict[tuple[str, ...], _Recorded]] = WeakKeyDictionary()


def _project(
    network: Network, as_of: date, window_start: date, chosen: tuple[str, ...]
) -> Projection:
    frame, coreless, notes = _record(network, as_of, chosen)
    opened = network.open_schools(as_of)
    return Projection(
        nodes=_nodes(network),
        frame=_judged(frame, day_number(as_of), day_number(window_start), opened),
        as_of=as_of,
        window_start=window_start,
        open=opened,
        coreless_members=coreless & opened,
        notes=notes,
    )


def _record(network: Network, as_of: date, chosen: tuple[str, ...]) -> _Recorded:
    """Return the recorded ties before they are judged on a date, large coreless alliances, notes.

    Only rows without dates make the ties themselves hang on the date; without such rows they are
    kept for every other date that is asked.
    """
    kept = _recorded.setdefault(network, {})
    if chosen in kept:
        return kept[chosen]
    rows = Rows(network, as_of)
    parts = [RULES[name](rows).assign(basis=name) for name in RULES if name in chosen]
    full = [part for part in parts if len(part)] or [pd.DataFrame(columns=[*COLUMNS, "basis"])]
    frame = pd.concat(full, ignore_index=True)
    frame = frame.astype({"source": np.int64, "target": np.int64})
    frame = frame.astype({"form": "str", "basis": "str", "origin": "str"})
    frame = frame.astype({"mutual": bool, "dated": bool, "lifts": bool})
    # of equal ties the dated one stays, for it alone can be an activity
    frame = frame.sort_values([*_KEY, "dated", "origin"], ascending=[True] * 7 + [False, True])
    frame = frame.drop_duplicates(_KEY).reset_index(drop=True)
    coreless = np.zeros(len(network.nodes("school")), dtype=bool)
    for codes in rows.coreless:
        coreless[codes] = True
    found = frame, coreless, _notes(network, rows, chosen)
    if not rows.asked:
        kept.clear()
        kept[chosen] = found
    return found


def _judged(frame: pd.DataFrame, today: int, since: int, opened: np.ndarray) -> pd.DataFrame:
    """Add what holds on the date and return the public columns."""
    start, end = frame["start"].to_numpy(np.int64), frame["end"].to_numpy(np.int64)
    source, target = frame["source"].to_numpy(), frame["target"].to_numpy()
    up = np.append(opened, True)  # supporters that are no schools do not close
    alive = up[np.minimum(source, len(opened))] & up[target]
    event = (frame["basis"] == "delivers").to_numpy()
    holds = (start <= today) & (end >= today) & ~event & alive
    acting = frame["basis"].isin(["delivers", "posted_to", "mentors"]).to_numpy()
    active = acting & frame["dated"].to_numpy() & (start <= today) & (end > since) & alive
    closeness = frame["form"].map(CLOSENESS).astype("Int64")
    first, last = dates(start), dates(end)
    return pd.DataFrame(
        {
            "source": source,
            "target": target,
            "basis": frame["basis"],
            "form": frame["form"],
            "closeness": closeness,
            "start": first,
            "end": last,
            "mutual": frame["mutual"],
            "in_force": holds | active,
            "state": holds & frame["lifts"].to_numpy(),
            "active": active,
            "undated": (first.isna() & last.isna()),
            "origin": frame["origin"],
        }
    )


def _nodes(network: Network) -> pd.DataFrame:
    parts = []
    for kind in NODE_KINDS:
        frame = network.nodes(kind)
        columns = {"kind": kind, "id": frame.index, "name": frame["name"].to_numpy()}
        parts.append(pd.DataFrame(columns).assign(region=network.region_codes(kind)))
    nodes = pd.concat(parts, ignore_index=True)
    return nodes.astype({"kind": "str", "id": "str", "name": "str", "region": np.int64})


def _notes(network: Network, rows: Rows, chosen: Sequence[str]) -> tuple[Message, ...]:
    ambiguous = undated = late = 0
    if {"posted_to", "mentors", "joins", "delivers"}.intersection(chosen):
        ambiguous += int((network.relation("works_at")["certainty"] == "ambiguous").sum())
    for name in chosen:
        frame = network.relation(name)
        unsure = frame["certainty"] == "ambiguous"
        ambiguous += int(unsure.sum())
        if schema.tables()[name].nature == "event":
            late += int((frame["date"].isna() & ~unsure).sum())
        else:
            undated += int((frame["start"].isna() & frame["end"].isna() & ~unsure).sum())
    counts = {"undated_states": undated, "undated_events": late, "ambiguous_rows": ambiguous}
    counts |= dict(rows.counts)
    found = [Message(code, {"count": count}) for code, count in counts.items() if count]
    return (*found, *rows.notes)


def ties(
    network: Network,
    *,
    as_of: date,
    window: str = "12m",
    basis: Sequence[str] | None = None,
    in_force: bool = False,
) -> pd.DataFrame:
    """Return every tie with ids and names; see `project` for the parameters.

    Returns
    -------
    pandas.DataFrame
        One row per source, target, basis, form, interval and alliance, sorted by source and
        target: ``source, source_kind, source_name, target, target_name, basis, form, closeness,
        start, end, mutual, in_force, undated, origin``. With `in_force`, only the tie set. With a
        region in focus, only ties to its schools.

    Examples
    --------
    >>> import pandas as pd
    >>> from liantu.graph.network import Network
    >>> network = Network.from_frames({
    ...     "member_of": pd.DataFrame(
    ...         {"source": ["a", "b"], "target": ["g", "g"], "role": ["core", "member"]}
    ...     ),
    ... })
    >>> ties(network, as_of=date(2024, 1, 1))[["source", "target", "origin"]].values.tolist()
    [['a', 'b', 'member_of:a>g + member_of:b>g']]
    """
    return named(network, project(network, as_of, window, basis), in_force=in_force)


def named(network: Network, projection: Projection, *, in_force: bool = False) -> pd.DataFrame:
    """Return the frame of a projection with ids and names instead of codes; see `ties`."""
    nodes, frame = projection.nodes, projection.frame
    keep = network.reported("school")[frame["target"].to_numpy()]
    if in_force:
        keep &= frame["in_force"].to_numpy()
    frame = frame[keep]
    source = nodes.iloc[frame["source"]].reset_index(drop=True)
    target = nodes.iloc[frame["target"]].reset_index(drop=True)
    frame = frame.reset_index(drop=True).assign(
        source=source["id"],
        source_kind=source["kind"],
        source_name=source["name"],
        target=target["id"],
        target_name=target["name"],
    )
    columns = [
        "source", "source_kind", "source_name", "target", "target_name", "basis", "form",
        "closeness", "start", "end", "mutual", "in_force", "undated", "origin",
    ]  # fmt: skip
    order = ["source", "source_kind", "target", "basis", "form", "start", "end", "origin"]
    table: pd.DataFrame = frame[columns].sort_values(order, kind="stable", ignore_index=True)
    return table
