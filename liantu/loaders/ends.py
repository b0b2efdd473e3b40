"""Resolving ends and references: by id, else by name, never by likeness."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from liantu.errors import Severity
from liantu.graph.columns import is_in
from liantu.loaders.cells import Part
from liantu.loaders.directory import Directory, Span, distinct, spans
from liantu.loaders.findings import Findings, Place
from liantu.loaders.shortened import Shortened, Titles, title_places
from liantu.vocabulary import normalise

PART, ROW = "_part", "_row"
_LISTED = 6  # candidates that a message names


class Answer(NamedTuple):
    """What a text means: an id and its kind, or why not."""

    id: str | None
    kind: str
    state: str  # "" | "empty" | "unknown" | "ambiguous"
    candidates: tuple[str, ...] = ()
    shortened: str = ""  # the whole name, where the text leaves out regions


@dataclass(frozen=True)
class Base:
    """The network that rows are added to; nothing for a source that stands alone.

    Attributes
    ----------
    nodes
        The nodes by kind, as `Directory` takes them, the parents of regions too.
    works
        Which of its teachers works at which of its schools: ``id, school``.
    """

    nodes: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    works: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame({"id": [], "school": []}, dtype="str")
    )

    @cached_property
    def spans(self) -> Mapping[str, Span]:
        """What each of its regions spans."""
        return spans(self.nodes.get("region", pd.DataFrame({"id": []})))


@dataclass
class Context:
    """The state of one load, handed from step to step.

    Attributes
    ----------
    parts
        The parts read; ``_part`` in a frame is a position here, ``_row`` the row number.
    foreign
        Whether a mapping was used.
    create
        Whether unknown ends become nodes.
    directories
        The nodes by kind, filled kind by kind.
    created
        Nodes made from unknown ends, by kind.
    spans
        What each region spans, once the regions are loaded.
    titles
        What stands above each table of the source, and how its sheet and file are called.
    shortened
        Returns the names without their regions, by kind; made when first asked for.
    above
        The names of each region and of those above it, once the regions are loaded.
    people
        At which schools those are known whom their numbers told apart: ``id, school``.
    base
        The network that the rows are added to.
    """

    parts: list[Part]
    findings: Findings
    foreign: bool
    create: bool
    directories: dict[str, Directory] = field(default_factory=dict)
    created: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    titles: Mapping[Place, tuple[str, ...]] = field(default_factory=dict)
    shortened: dict[str, Callable[[], Shortened]] = field(default_factory=dict)
    above: dict[str, tuple[str, ...]] = field(default_factory=dict)
    people: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame({"id": [], "school": []}, dtype="str")
    )
    base: Base = field(default_factory=Base)

    def has(self, kind: str) -> bool:
        """Return whether rows are added to a network that lists nodes of a kind."""
        return len(self.base.nodes.get(kind, ())) > 0

    def titled(self, part: int) -> Titles:
        """Return the places that the titles of a part name."""
        if part < 0:
            return Titles()
        return title_places(tuple(self.titles.get(self.parts[part].place, ())))

    def each(
        self, severity: Severity, code: str, column: str, frame: pd.DataFrame,
        values: pd.Series, **params: Any,
    ) -> None:  # fmt: skip
        """Add a problem for every row of a frame, at its place in the source."""
        for number, rows in frame.groupby(PART, sort=True):
            part = self.parts[int(str(number))]
            place, header = part.place, _header(part, column)
            texts = values.loc[rows.index].fillna("")
            self.findings.each(severity, code, place, rows[ROW].to_numpy(), texts, header, **params)

    def summed(
        self, severity: Severity, code: str, column: str, frame: pd.DataFrame,
        value: str = "", **params: Any,
    ) -> None:  # fmt: skip
        """Add one problem a file or sheet for all its rows in a frame."""
        for number, rows in frame.groupby(PART, sort=True):
            part = self.parts[int(str(number))]
            place, header = part.place, _header(part, column)
            self.findings.summed(
                severity, code, place, rows[ROW].to_numpy(), header, value, **params
            )

    def policies(self, frame: pd.DataFrame) -> np.ndarray:
        """Return what to do with an end that is missing, for each row: error, skip or create."""
        own = np.array([p.missing_ends for p in self.parts] or [""], dtype=object)
        found = own[frame[PART].to_numpy(dtype=np.int64)]
        return np.where(found == "error", "create", found) if self.create else found

    def count(self, frame: pd.DataFrame, key: str) -> None:
        """Count rows of a frame at their places."""
        for number, rows in frame.groupby(PART, sort=True):
            self.findings.count(self.parts[int(str(number))].place, key, len(rows))


def _header(part: Part, column: str) -> str:
    """Return the header under which a column stands; an id that is a name stands under the name."""
    name = "name" if column == "id" and "id" not in part.headers else column
    return part.headers.get(name, column)


class Asked(NamedTuple):
    """What is asked for every row: a text, and what narrows it; Nones narrow nothing."""

    text: pd.Series
    hint: pd.Series | None = None
    region: pd.Series | None = None
    soft: pd.Series | None = None
    school: pd.Series | None = None


def resolve(
    context: Context, column: str, frame: pd.DataFrame, kinds: Sequence[str],
    asked: Asked, *, optional: bool,
) -> pd.DataFrame:  # fmt: skip
    """Resolve the texts of an end or a reference and report what cannot be.

    Returns
    -------
    DataFrame
        Columns ``id``, ``kind`` and ``lost`` (the row cannot stand), aligned with the frame.
    """
    size = len(frame)
    exact = np.zeros(size, dtype=bool)
    found = np.full(size, None, dtype=object)
    for kind in kinds:
        here = np.full(size, len(kinds) == 1)
        if asked.hint is not None:
            here = (asked.hint == kind).fillna(False).to_numpy(dtype=bool)
        if asked.region is not None:  # an id that is a name is narrowed like a name
            here = here & asked.region.isna().to_numpy(dtype=bool)
        known = context.directories[kind].ids
        if here.any() and len(known):
            here = here & is_in(asked.text, known)
            found[here] = kind
            exact |= here
    if exact.all():
        only = pd.Series(kinds[0], index=asked.text.index, dtype="str")
        own = only if asked.hint is None else asked.hint
        return pd.DataFrame({"id": asked.text, "kind": own, "lost": ~exact})
    ids, states = asked.text.to_numpy(dtype=object, copy=True), np.full(size, "", dtype=object)
    rest = ~exact
    if rest.any():
        frame = frame[rest]
        blank = pd.Series("", index=frame.index, dtype="str")
        given = [blank if column is None else column[rest] for column in asked]
        if context.titles and not context.shortened.keys().isdisjoint(kinds):
            given.append(frame[PART].astype("str"))
        rows, numbers = distinct(given)
        answers = [_answer(context, kinds, *row) for row in rows]
        if any(answer.state == "unknown" for answer in answers):
            unknown = np.array([answer.state == "unknown" for answer in answers])[numbers]
            wanted = np.unique(numbers[unknown & (context.policies(frame) == "create")])
            for number in sorted(wanted.tolist(), key=lambda n: rows[n]):
                answers[number] = _create(context, kinds, *rows[number][:5])
        ids[rest] = np.array([answer.id for answer in answers], dtype=object)[numbers]
        found[rest] = np.array([answer.kind for answer in answers], dtype=object)[numbers]
        states[rest] = np.array([answer.state for answer in answers], dtype=object)[numbers]
        _report(context, column, frame, kinds, rows, numbers, answers, states[rest], optional)
    lost = states != "" if not optional else (states != "") & (states != "empty")
    return pd.DataFrame(
        {"id": pd.Series(ids, dtype="str"), "kind": pd.Series(found, dtype="str"), "lost": lost}
    ).set_axis(asked.text.index)


def _answer(
    context: Context, kinds: Sequence[str], text: str, hint: str, region: str, soft: str,
    school: str, part: str = "-1",
) -> Answer:  # fmt: skip
    """Return what a text means, asked for in a part of the source."""
    if not text:
        return Answer(None, hint, "empty")
    if hint and hint not in kinds:
        return Answer(text, hint, "")  # the checks name the kinds that may stand here
    held = [
        (kind, found)
        for kind in ([hint] if hint else kinds)
        if (found := context.directories[kind].candidates(text, region, soft, school))
    ]
    whole = ""
    if not held:
        held = _shortened(context, [hint] if hint else kinds, text, region, soft, int(part))
        if len(held) == 1 and len(held[0][1]) == 1:
            whole = context.shortened[held[0][0]]().name(held[0][1][0])
    if not held:
        return Answer(None, hint or kinds[0], "unknown")
    if len(held) > 1 or len(held[0][1]) > 1:
        names = [f"{kind}:{key}" if len(held) > 1 else key for kind, keys in held for key in keys]
        more = ("…",) if len(names) > _LISTED else ()
        return Answer(None, held[0][0], "ambiguous", (*names[:_LISTED], *more))
    return Answer(held[0][1][0], held[0][0], "", shortened=whole)


def _shortened(
    context: Context, kinds: Sequence[str], text: str, region: str, soft: str, part: int
) -> list[tuple[str, list[str]]]:
    """Return the nodes, by kind, that a name without its regions may mean."""
    held = []
    for kind in kinds:
        if kind not in context.shortened:
            continue
        names = context.shortened[kind]()
        places = [place for key in (region, soft) for place in names.regions.get(key, ())]
        found = names.find(text, context.titled(part), places)
        if region or (soft and len(found) > 1):
            found = context.directories[kind].inside(found, region or soft)
        if found:
            held.append((kind, found))
    return held


def _create(
    context: Context, kinds: Sequence[str], text: str, hint: str, region: str, soft: str,
    school: str,
) -> Answer:  # fmt: skip
    if not hint and len(kinds) > 1:
        return Answer(None, kinds[0], "unknown")
    kind = hint or kinds[0]
    again = _answer(context, kinds, text, hint, region, soft, school)
    if not again.state:  # made a moment ago under another spelling
        return again
    narrowing = school if kind == "teacher" else ""
    key = f"{narrowing}/{text}" if narrowing else text
    if region and context.directories[kind].has(key):
        key = f"{region}/{text}"
    node = {"id": key, "name": text}
    if region and kind not in ("teacher", "region"):
        node["region"] = region
    context.directories[kind].add(key, text, narrowing)
    context.created.setdefault(kind, []).append(node)
    return Answer(key, kind, "")


def _report(
    context: Context, column: str, frame: pd.DataFrame, kinds: Sequence[str],
    rows: list[tuple[str, ...]], numbers: np.ndarray, answers: list[Answer], states: np.ndarray,
    optional: bool,
) -> None:  # fmt: skip
    """Report unresolved ends: errors row by row, skipped and shortened ones once a value."""
    for number, answer in enumerate(answers):
        if answer.shortened:
            here = frame[numbers == number]
            context.summed(
                "info", "regions_left_out", column, here, rows[number][0], name=answer.shortened
            )
    if not optional and (states == "empty").any():
        lost = frame[states == "empty"]
        if context.foreign:
            context.count(lost, "ends_missing")
            context.summed("info", "empty_end", column, lost)
        else:
            values = pd.Series("", index=lost.index)
            context.each("error", "missing_value", column, lost, values)
    policies = context.policies(frame)
    for state in ("unknown", "ambiguous"):
        here = states == state
        if not here.any():
            continue
        context.count(frame[here], "ends_missing")
        skip = here & (policies == "skip")
        for number, lost in frame[skip].groupby(numbers[skip], sort=True):
            text, kind = rows[int(str(number))][0], answers[int(str(number))].kind
            context.summed("warning", "end_skipped", column, lost, text, kind=kind)
        left = here & (policies != "skip")
        told: dict[int, dict[str, Any]] = {}
        places = zip(frame[PART][left], frame[ROW][left], numbers[left], strict=True)
        for part, row, number in dict.fromkeys(places):  # a row of several names is told once
            text = rows[number][0]
            if number not in told:
                told[number] = {"candidates": answers[number].candidates}
                told[number]["kind"] = answers[number].kind
                if state == "unknown":
                    told[number] = _unknown(context, kinds, rows[number][1], text)
            own = context.parts[part]
            header = _header(own, column)
            context.findings.add(
                "error", f"{state}_end", own.place, row=int(row), column=header, value=text,
                **told[number],
            )  # fmt: skip


def _unknown(context: Context, kinds: Sequence[str], hint: str, text: str) -> dict[str, Any]:
    kind = hint or (kinds[0] if len(kinds) == 1 else " / ".join(kinds))
    near = context.directories[hint or kinds[0]].suggestion(text)
    return {"kind": kind, "nearest": near}


def mentions(texts: pd.Series, **columns: pd.Series | None) -> pd.DataFrame:
    """Return texts that name nodes of a kind without a table, with what narrows or names them."""
    found = {"text": texts.reset_index(drop=True)}
    for name in ("name", "within", "ids"):
        given = columns.get(name)
        blank = pd.Series(None, index=found["text"].index, dtype="str")
        found[name] = blank if given is None else given.reset_index(drop=True)
    return pd.DataFrame(found)


def make_nodes(kind: str, mentioned: list[pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the nodes of a kind without a table from the texts that name them.

    A name that occurs within two regions (teachers: at a school) gets the id ``region/name``.

    Returns
    -------
    DataFrame, DataFrame
        ``id, name, region`` of the nodes, and for teachers ``id, school``.
    """
    every = (
        pd.concat(mentioned, ignore_index=True) if mentioned else mentions(pd.Series(dtype="str"))
    )
    every = every[every["text"].notna()]
    counts = every.fillna("").groupby(["text", "name", "within", "ids"], sort=True).size()
    groups: dict[str, list[tuple[tuple[str, str, str, str], int]]] = {}
    for row, count in counts.items():
        text, name, within, ids = (str(item) for item in row)  # type: ignore[attr-defined]
        groups.setdefault(normalise(text), []).append(((text, name, within, ids), int(count)))
    nodes: list[dict[str, str]] = []
    pairs: list[dict[str, str]] = []
    for rows in groups.values():
        spelling: dict[str, int] = {}
        for (text, *_), count in rows:
            spelling[text] = spelling.get(text, 0) + count
        best = min(spelling, key=lambda text: (-spelling[text], text))
        places = sorted({row[2] for row, _ in rows if row[2] and not row[3]})
        name = min((row[1] for row, _ in rows if row[1]), default="")
        split = bool(places) and (kind == "teacher" or len(places) > 1)
        if any(row[3] for row, _ in rows) or not split:
            coded = kind != "teacher" and any(row[3] for row, _ in rows)
            node = {"id": best, "name": name or ("" if coded else best)}
            nodes.append(node | ({"region": places[0]} if len(places) == 1 and not split else {}))
        for place in places if split else ():
            nodes.append({"id": f"{place}/{best}", "name": best, "region": place})
            pairs.append({"id": f"{place}/{best}", "school": place})
    frame = pd.DataFrame(nodes, columns=["id", "name", "region"], dtype="str").replace("", pd.NA)
    return frame, pd.DataFrame(pairs, columns=["id", "school"], dtype="str")
