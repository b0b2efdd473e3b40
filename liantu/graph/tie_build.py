"""From the rows of a network to its ties: the tables that the rules read, and what they give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from liantu.errors import Message
from liantu.graph import schema
from liantu.graph.altered import kept_part
from liantu.graph.edges import form_codes, reference
from liantu.graph.kernels import Bools
from liantu.graph.spans import HIGH, LOW, days
from liantu.graph.tie_rules import (
    COLUMNS,
    FLAGS,
    RULES,
    Tables,
    Terms,
    large_coreless,
    memberships,
)
from liantu.graph.ties import NODE_KINDS, Anew, Columns, Ties, first_of_each

if TYPE_CHECKING:
    from liantu.graph.network import Network

Once = Callable[[Callable[[], Any]], Callable[[], Any]]
COUNTED = (
    "home_unknown", "home_is_host", "school_unknown", "delivered_elsewhere", "deliverer_unknown",
    "supported_elsewhere",
)  # fmt: skip
TYPES = {**dict.fromkeys(COLUMNS, np.int32), **dict.fromkeys(FLAGS, np.bool_), "basis": np.int8}
# The columns that name the school behind an end.
NAMED_SCHOOLS = {
    "posted_to": {"source": "home"},
    "mentors": {"source": "mentor_school", "target": "mentee_school"},
}
FLAGS_OF = {"member_of": ("core",), "joins": ("hosts",)}  # roles that rules ask for
# Relations whose rules share something, and the other tables that these ask.
TOGETHER: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("assists",), ()),
    (("member_of", "supports"), ("alliance",)),
    (("posted_to",), ("works_at",)),
    (("mentors",), ("works_at",)),
    (("joins", "delivers"), ("works_at",)),
)
_BY_PERSON = ("posted_to", "mentors", "joins", "delivers")  # relations whose rules ask works_at


def tables_of(network: Network, today: int, load: Callable[[str], Any]) -> Tables:
    """Return the relations of a network as the rules read them, counts at zero."""
    forms = network.forms
    traits = {
        trait: [forms.index(form) for form in schema.forms_with(trait) if form in forms]
        for trait in ("both_ways", "to_home", "named_only")
    }
    kinds = {kind: network.numbering.span(kind) for kind in schema.kinds()}
    terms = Terms(kinds, len(forms), traits, today)
    return Tables(load, terms)


def frame_of(network: Network, name: str) -> Any:
    """Return a table as the rules read it."""
    return framed(_alliances(network) if name == "alliance" else _rows(network, name))


def framed(columns: Mapping[str, np.ndarray]) -> Any:
    """Return columns as a frame of the rules: of Arrow, whose steps cost least on few rows."""
    table = pa.table({key: pa.array(values) for key, values in columns.items()})
    return nw.from_native(table, eager_only=True)


def _rows(network: Network, name: str) -> dict[str, np.ndarray]:
    edges = network.edges(name)
    asked = np.zeros(0, dtype=np.bool_)  # most networks lack some relations
    if network.size(name):
        asked = edges.stated if name != "works_at" else _employed(network)
    keep = np.flatnonzero(asked)
    numbers = ("source", "target", "start", "end", "form")
    if not len(keep):  # nothing else of it is needed
        none, no = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.bool_)
        named = dict.fromkeys(NAMED_SCHOOLS.get(name, {}).values(), none)
        flags = dict.fromkeys(("dated", *FLAGS_OF.get(name, ())), no)
        return {**dict.fromkeys(("row", *numbers), none), **named, **flags}
    columns: dict[str, np.ndarray] = {key: getattr(edges, key) for key in (*numbers, "dated")}
    if name == "member_of":
        columns["core"] = edges.is_role("core")
    if name == "joins":
        columns["hosts"] = edges.is_role("host", "base")
    for key in NAMED_SCHOOLS.get(name, {}).values():
        columns[key] = reference(network, name, key)
    found = {key: values[keep] for key, values in columns.items()}
    return {"row": keep.astype(np.int32), **found}


def _employed(network: Network) -> npt.NDArray[np.bool_]:
    """Return which employments are certain and of teachers that other relations name.

    No rule asks for any other; of a nation these are few.
    """
    edges = network.edges("works_at")
    first, beyond = network.numbering.span("teacher")
    named = np.zeros(beyond - first, dtype=np.bool_)
    for name in _BY_PERSON:
        for end in ("source", "target"):
            if "teacher" in schema.tables()[name].ends(end):
                codes = getattr(network.edges(name), end)
                named[codes[(codes >= first) & (codes < beyond)] - first] = True
    if not named.any():
        return np.zeros(len(edges), dtype=np.bool_)
    found: npt.NDArray[np.bool_] = named[edges.source - first] & edges.stated
    return found


def _alliances(network: Network) -> dict[str, np.ndarray]:
    frames, size = network.frames, network.size("alliance")
    base = network.numbering.base("alliance")
    edges = network.edges("member_of")
    led = frames.column("alliance", "led").to_numpy(dtype=bool, na_value=False).copy()
    # ever: be the row ambiguous, out of the alliance's span, or no longer in the data (`led`)
    led[edges.target[edges.is_role("core")] - base] = True
    return {
        "alliance": np.arange(base, base + size, dtype=np.int32),
        "start": days(frames.column("alliance", "start"), LOW).astype(np.int32),
        "end": days(frames.column("alliance", "end"), HIGH).astype(np.int32),
        "form": form_codes(network, "alliance"),
        "led": led,
    }


def ties_of(
    network: Network,
    tables: Tables,
    chosen: Sequence[str],
    hanging: Sequence[str],
    changes: Callable[[Tables, Sequence[str], Once], Callable[[Bools, Bools], Anew]],
    rests_on: frozenset[str],
) -> Ties:
    """Return the ties of some relations, equal ones once.

    `hanging` names those whose ties hang on the day judged; `changes` is that of `tie_changes`,
    and `rests_on` the tables that what it makes rests on.

    What rests on tables that a network has in common with the one it was made of is not made
    again, nor on another day what does not hang on the day.
    """

    def once(make: Callable[[], Any]) -> Callable[[], Any]:
        key = ("others", tuple(chosen), tables.terms.today if hanging else None)
        return lambda: kept_part(network, key, rests_on, make)

    parts = [_part(network, tables, chosen, names, hanging, asked) for names, asked in TOGETHER]
    found: dict[str, Any] = {
        key: np.concatenate([part.columns[key] for part in parts]) for key in (*COLUMNS, "basis")
    }
    counts: Counter[str] = sum((part.counts for part in parts), Counter())
    order = first_of_each(found)
    found = {key: values[order] for key, values in found.items()}
    loose = max((part.loose for part in parts), key=lambda own: len(own["loose_school"]))
    return Ties(
        schools=network.numbering.sizes["school"],
        nodes=sum(network.numbering.sizes[kind] for kind in NODE_KINDS),
        bases=tuple(chosen),
        **found,
        **loose,
        notes=_notes(network, chosen, counts, [each for part in parts for each in part.large]),
        no_form=tables.terms.no_form,
        anew=changes(tables.again(), chosen, once),
    )


class _Part(NamedTuple):
    """The ties of relations that share something, what was counted, and alliances too large."""

    columns: Columns
    counts: Counter[str]
    loose: Mapping[str, Any]
    large: Sequence[Mapping[str, Any]] = ()


def _part(
    network: Network,
    tables: Tables,
    chosen: Sequence[str],
    names: Sequence[str],
    hanging: Sequence[str],
    asked: Sequence[str],
) -> _Part:
    """Return the ties of relations that share something, what was counted, and loose members."""
    bases = tuple((number, name) for number, name in enumerate(chosen) if name in names)
    hangs = any(name in hanging for _, name in bases)
    key = ("ties", bases, tables.terms.today if hangs else None)

    def make() -> _Part:
        own = tables.again()
        if any(name == "member_of" for _, name in bases) and len(own["member_of"]):
            own.give(memberships, membership_rows(network, own))
        columns = arrays_of(bases, own)
        if not any(name == "member_of" for _, name in bases):
            return _Part(columns, own.counts(), _no_loose())
        return _Part(columns, own.counts(), loose_of(own), large_alliances(network, own))

    found: _Part = kept_part(network, key, frozenset((*names, *asked)), make)
    return found


def membership_rows(network: Network, tables: Tables) -> Any:
    """Return the memberships as the rules have them."""
    of = frozenset({"member_of", "alliance"})
    return kept_part(network, "memberships", of, lambda: tables.once(memberships))


def arrays_of(bases: Iterable[tuple[int, str]], tables: Tables) -> Columns:
    """Return the ties of some relations as arrays: those of `Ties`, but for the order.

    Parameters
    ----------
    bases
        Relations, each with the number that stands for it.
    tables
        The relations as the rules read them.
    """
    parts: list[Columns] = []
    for number, name in bases:
        if not len(tables[name]):  # no rows, no ties
            continue
        frame = RULES[name](tables)
        columns = {key: frame[key].to_numpy() for key in COLUMNS}
        columns["basis"] = np.full(len(columns["row"]), number, dtype=np.int8)
        parts.append(columns)
    found = {
        key: np.concatenate([part[key] for part in parts]) if parts else np.zeros(0, TYPES[key])
        for key in TYPES
    }
    first, beyond = tables.terms.kinds["teacher"]
    for end in ("source", "target"):  # nobody but teachers stands between schools and the rest
        codes = found[end]
        found[end] = np.where(codes >= first, codes - (beyond - first), codes).astype(np.int32)
    return found


def _no_loose() -> dict[str, np.ndarray]:
    return dict.fromkeys(("loose_school", "loose_start", "loose_end"), np.zeros(0, np.int32))


def loose_of(tables: Tables) -> dict[str, np.ndarray]:
    """Return the memberships in alliances without a core that are too large for ties."""
    if not len(tables["member_of"]) or not len(large := large_coreless(tables)):
        return _no_loose()
    frame = tables.once(memberships).join(large, on="target", how="inner")
    return {
        "loose_school": frame["source"].to_numpy(),
        "loose_start": frame["start"].to_numpy(),
        "loose_end": frame["end"].to_numpy(),
    }


def _notes(
    network: Network,
    chosen: Sequence[str],
    counted: Mapping[str, int],
    large: Iterable[Mapping[str, Any]],
) -> tuple[Message, ...]:
    ambiguous = undated = late = 0
    if set(_BY_PERSON).intersection(chosen):
        ambiguous += int((~network.edges("works_at").stated).sum())
    for name in chosen:
        if not network.size(name):
            continue
        edges = network.edges(name)
        ambiguous += int((~edges.stated).sum())
        without = int((edges.stated & ~edges.dated).sum())
        if schema.tables()[name].nature == "event":
            late += without
        else:
            undated += without
    counts = {"undated_states": undated, "undated_events": late, "ambiguous_rows": ambiguous}
    counts |= {key: counted[key] for key in COUNTED}
    found = [Message(code, {"count": count}) for code, count in counts.items() if count]
    return (*found, *(Message("large_coreless", params) for params in large))


def large_alliances(network: Network, tables: Tables) -> list[dict[str, Any]]:
    """Return id and number of members of the alliances without a core that are too large."""
    if not len(tables["member_of"]):
        return []
    frame = large_coreless(tables).select("target", "members").sort("target")
    ids, base = network.ids("alliance"), network.numbering.base("alliance")
    return [
        {"alliance": str(ids[code - base]), "count": int(count)}
        for code, count in frame.iter_rows()
    ]
