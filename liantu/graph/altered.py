"""Networks made of another one: with rows added, of a period alone, or with nodes left out."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from liantu.errors import RequestError
from liantu.graph import schema
from liantu.graph.build import ENDS, Ends, Known, build, loose, sort_rows
from liantu.graph.checks import Locate, nowhere
from liantu.graph.frames import Frames
from liantu.graph.values import among
from liantu.vocabulary import nearest

if TYPE_CHECKING:
    from liantu.graph.edges import Edges
    from liantu.graph.network import Network


Parts = dict[Hashable, tuple[frozenset[str], Any]]  # what was made, and of which tables
_MOST = 64  # parts that a network keeps


def kept_part(network: Network, key: Hashable, of: frozenset[str], make: Callable[[], Any]) -> Any:
    """Return what is made of some tables alone; networks that have these in common share it."""
    if key not in network.parts:
        made = make()
        while len(network.parts) >= _MOST:
            del network.parts[next(iter(network.parts))]
        network.parts[key] = (of, made)
    return network.parts[key][1]


def shared_edges(
    before: Network, after: Network, edges: Mapping[str, Edges], changed: Mapping[str, Any]
) -> dict[str, Edges]:
    """Return the edges of one network that are those of another one, too.

    They are those of relations that did not change, where nodes have their numbers and forms their
    places still.

    Parameters
    ----------
    before, after
        The network that the edges are of, and the one made of it.
    edges
        The edges by relation.
    changed
        The tables that `after` has of its own.
    """
    left = {name: own for name, own in edges.items() if name not in changed}
    kinds = [kind for kind in schema.kinds() if kind in changed]
    if not left or any(not before.ids(kind).equals(after.ids(kind)) for kind in kinds):
        return {}
    return left if before.forms == after.forms else {}


def shared_parts(before: Network, after: Network, changed: Mapping[str, Any]) -> Parts:
    """Return what was made of some tables of one network and holds for another one, too."""
    left = {key: own for key, own in before.parts.items() if own[0].isdisjoint(changed)}
    kinds = [kind for kind in schema.kinds() if kind in changed]
    if not left or any(not before.ids(kind).equals(after.ids(kind)) for kind in kinds):
        return {}
    return left if before.forms == after.forms else {}


def replaced(
    network: Network, changed: Mapping[str, pd.DataFrame], attributes: Mapping[str, Any]
) -> Network:
    """Return a network with other tables and attributes; see `Network.replaced`."""
    given = {
        "as_of": network.as_of,
        "title": network.title,
        "report": network.report,
        "phases": network.phases,
        "goals": network.goals,
        "focus_region": network.focus_region,
        "fingerprint": None if changed else network._fingerprint,
        "hiding": None if changed else network._hiding,
        "masking": None if changed else network.masking,
        **attributes,
    }
    focus, regions = given["focus_region"], changed.get("region")
    if focus is not None and regions is not None and focus not in regions.index:
        raise RequestError.of("focus_gone", value=focus)
    if not changed:
        found = type(network)(network._frames, **given)
        found._edges, found._forms = network._edges, network._forms
        found.parts.update(network.parts)
        return found
    found = type(network)(Frames(changed, network._frames), **given)
    forms, edges = network._forms, network._edges
    if (hidden := network.masking) is not None:  # a form is no text
        own = {k: v for k, v in hidden.whole._edges.items() if not hidden.touches(k)}
        forms, edges = hidden.whole._forms, {**own, **edges}
    found._forms = {k: v for k, v in forms.items() if k not in changed}
    found._edges = shared_edges(network, found, edges, changed)
    found.parts.update(shared_parts(network, found, changed))
    return found


def focused(network: Network, region: str) -> Network:
    """Return a network whose results are limited to the schools of a region.

    Descendants are included; supporters elsewhere still count. `region` is an id or a name.

    Raises
    ------
    RequestError
        If there is no such region, or several have the name.
    """
    regions = network.columns("region", "name")
    named = regions.index[regions["name"] == region]
    ids = [region] if region in regions.index else list(named)
    if not ids:
        choices = [*regions.index, *regions["name"].dropna()]
        near = nearest(region, [str(choice) for choice in choices]) or "–"
        raise RequestError.of("unknown_node", value=region, kind="region", nearest=near)
    if len(ids) > 1:
        raise RequestError.of("ambiguous_end", value=region, candidates=tuple(ids))
    return network.replaced({}, focus_region=ids[0])


def rebuilt(
    network: Network, changed: Mapping[str, pd.DataFrame], locate: Locate = nowhere
) -> Network:
    """Return a network with other tables in place of some, checked as a whole.

    Parameters
    ----------
    network
        The network.
    changed
        Tables as `from_frames` takes them.
    locate
        Finds the source of a row of these for the problems.

    Raises
    ------
    DataError
        Naming every problem of the new whole.
    """
    asked: dict[str, Any] = {"as_of": network.as_of, "closed": True, "locate": locate}
    if all(
        sorted(changed[kind]["id"]) == network.ids(kind).tolist()
        for kind in schema.kinds()
        if kind in changed
    ):  # what did not change is as valid as before while there are the same nodes
        ids = {kind: network.ids(kind) for kind in schema.kinds() if kind not in changed}
        built, report = build(changed, known=Known(ids, _ends(network, changed)), **asked)
        report.check()
        return network.replaced({name: built[name] for name in changed})
    given = {name: loose(network.frame(name)) for name in schema.tables() if name not in changed}
    built, report = build({**given, **changed}, **asked)
    report.check()
    return network.replaced(built)


def _ends(network: Network, names: Iterable[str]) -> Ends:
    """Return the types of the ends of some tables."""
    found: Ends = {}
    for table in (schema.tables()[name] for name in names):
        for end in ENDS if table.is_relation else ():
            dtype = network.column(table.name, end).dtype
            assert isinstance(dtype, pd.CategoricalDtype)
            found[table.ends(end)] = dtype
    return found


def with_rows(network: Network, relation: str, rows: pd.DataFrame) -> Network:
    """Return a network with more rows of a relation; see `Network.with_edges`."""
    schema.table(relation, "relation")
    own = network.frame(relation)
    given = {**network.plain_frames(), relation: rows}
    built, report = build(given, as_of=network.as_of, closed=True)
    report.check()
    new = built[relation]
    both = pd.concat([loose(own), loose(new)], ignore_index=True)
    if schema.tables()[relation].nature == "state":
        both = both.drop_duplicates(ignore_index=True)
    for end in ("source", "target"):
        both[end] = pd.Categorical(both[end], categories=own[end].cat.categories)
    return network.replaced({relation: sort_rows(relation, both)})


def during(network: Network, first: pd.Timestamp, last: pd.Timestamp) -> Network:
    """Return the network of a period; see `Network.between`."""
    changed = {}
    for name in schema.relations():
        frame = network.frames[name]
        if schema.tables()[name].nature == "event":
            keep = frame["date"].between(first, last)
        else:
            keep = ~(frame["start"] > last) & ~(frame["end"] < first)
        if not keep.all():
            changed[name] = frame[keep].reset_index(drop=True)
            if name == "member_of":
                led = led_marks(frame, keep.to_numpy(dtype=bool))
                changed["alliance"] = led(network.frames["alliance"])
    return network.replaced(changed)


def kept(network: Network, kind: str, ids: Iterable[str], *, keep: bool) -> Network:
    """Return a network with some nodes of a kind, or without them, and what touches them."""
    schema.table(kind, "kind")
    index = network.ids(kind)
    wanted = pd.Index([ids] if isinstance(ids, str) else list(ids), dtype="str")
    missing = wanted.difference(index)
    if len(missing):
        near = nearest(str(missing[0]), index.astype(str)) or "–"
        raise RequestError.of("unknown_node", value=missing[0], kind=kind, nearest=near)
    gone = index[index.isin(wanted) != keep]
    if not len(gone):
        return network
    frames = network.plain_frames()
    drop_nodes(frames, kind, gone)
    built, report = build(frames, as_of=network.as_of)
    report.check()
    return network.replaced(built)


def drop_nodes(frames: dict[str, pd.DataFrame], kind: str, gone: pd.Index) -> int:
    """Take nodes out of plain frames, and what touches them; return how many rows that are."""
    before = sum(map(len, frames.values()))
    frames[kind] = frames[kind][~among(frames[kind]["id"], gone)]
    for name, table in schema.tables().items():
        frame = frames[name]
        drop = np.zeros(len(frame), dtype=bool)
        for key, column in table.columns.items():
            if kind not in column.values or column.type not in ("end", "ref"):
                continue
            hit = among(frame[key], gone)
            if column.type == "ref":
                if hit.any():
                    frame = frame.assign(**{key: frame[key].mask(hit)})
                continue
            if len(column.values) > 1:
                hit &= frame[f"{key}_kind"] == kind
            drop |= hit.to_numpy()
        if name == "observations":
            drop |= ((frame["kind"] == kind) & among(frame["id"], gone)).to_numpy()
        if name == "member_of":
            frames["alliance"] = led_marks(frame, ~drop)(frames["alliance"])
        frames[name] = frame[~drop]
    return before - sum(map(len, frames.values()))


def led_marks(members: pd.DataFrame, keep: np.ndarray) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Return what marks the alliances that lose their last core with the rows that are not kept.

    An alliance that ever had a core is not one without: its members do not support each other.
    """
    core = (members["role"] == "core").to_numpy(dtype=bool)
    target = members["target"].astype("str")
    lost = set(target[core & ~keep]) - set(target[core & keep])

    def marked(alliances: pd.DataFrame) -> pd.DataFrame:
        ids = alliances.get("id", alliances.index)
        return alliances.assign(led=alliances["led"] | pd.Index(ids).isin(list(lost)))

    return marked
