"""A plan done to a network: what would be, and what each of its edits does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations
from math import factorial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from liantu.errors import HIDDEN, LiantuError, Message
from liantu.graph import schema
from liantu.graph.cover import cover
from liantu.graph.edits import ADDS, Edit, edited
from liantu.graph.kernels import Kernels, pick
from liantu.graph.network import Network
from liantu.graph.scope import Rural, Scope, schools_in_scope
from liantu.graph.study import study
from liantu.graph.ties import TieSet
from liantu.loaders.scenarios import Given, done, read_scenario
from liantu.plans.compare import compare, ladders
from liantu.results import Result
from liantu.results.core import AsOf, Engine, day_of
from liantu.vocabulary import Lang, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHARED_OUT = 6  # edits whose effects are shared out over all orders, at most
APART = 60  # edits that are looked at one by one, at most


class Counts(NamedTuple):
    """What is covered: schools, and pupils of those that are not."""

    covered: int
    pupils: int


def whatif(
    network: Network,
    scenario: Given,
    *,
    as_of: AsOf = None,
    analyses: Sequence[str] | str | None = None,
    scope: Scope = "rural",
    rural: Rural = "strict",
    window: str = "12m",
    engine: Engine = "auto",
    show_teachers: bool = True,
) -> Result:
    """Say what a plan would do to a network, and what each of its edits does.

    Parameters
    ----------
    network
        The network, with its teachers' names.
    scenario
        The plan: what `liantu.read_scenario` takes or returns.
    as_of
        The day judged, on which edits take effect that name no other; by default that of the plan,
        else the network's own, else today.
    analyses
        The analyses whose figures are compared; see `compare`.
    scope
        The schools that count: rural ones or all.
    rural
        What rural means: strict or broad.
    window
        How far back activities count, such as 12m.
    engine
        The engine.
    show_teachers
        Whether the result is of networks with teachers' names; without them it has the fingerprint
        of such a network.

    Returns
    -------
    Result
        As `compare` has it, both sides on the same day; and ``by_edit``: rows touched, covered
        schools and pupils of uncovered ones by the edit alone, and by the edit after all others
        (what is lost if it is left out); of six edits at most its share over all orders (Shapley
        value). Effects do not add up where edits depend on each other.

    Raises
    ------
    DataError
        If the plan names what is not there.
    RequestError
        If an edit touches no row.

    References
    ----------
    Shapley, L. S. (1953). A value for n-person games. Contributions to the Theory of Games II,
    307–317.

    Examples
    --------
    >>> rows = pd.DataFrame({"source": ["c", "c", "d"], "target": ["a", "b", "b"]})
    >>> network = Network.from_frames({"assists": rows}, as_of="2026-09-01")
    >>> leave = {"do": "leave", "school": "c"}
    >>> found = whatif(network, {"edit": [leave]}, scope="all")
    >>> found.summary["covered_change"], found.tables["by_edit"]["alone"].tolist()
    (-1, [-1])
    """
    plan = read_scenario(scenario)
    day = day_of(network, as_of if as_of is not None else plan.as_of)
    made = done(network, plan, as_of=day)
    sides = [network, made.network]
    title = plan.name or None
    if not show_teachers:
        sides = [side.without_teacher_names() for side in sides]
        mask = sides[0].masking
        title = mask.text(title) if mask is not None and title else title
    result = compare(
        *sides, as_of=day, analyses=analyses, scope=scope, rural=rural,
        window=window, engine=engine,
    )  # fmt: skip
    counting = Counting(network, day, pick(engine), scope, rural, window)
    frame, notes = by_edit(counting, made.edits, made.touched)
    if count := _of_leavers(network, made.edits):
        notes.append(Message("edits_leave_rows", {"count": count}))
    summary = {
        "edits": len(frame),
        "touched": int(frame["touched"].sum()),
        **result.summary,
    }
    tables = dict(result.tables)
    return replace(
        result,
        name="whatif",
        summary=summary,
        tables={"by_edit": frame, **tables},
        notes=(*notes, *result.notes),
        parameters={"scenario": title, **result.parameters},
    )


# -- edit by edit ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Counting:
    """How what is covered is counted on a network and after edits to it."""

    network: Network
    day: date
    kernels: Kernels
    scope: Scope
    rural: Rural
    window: str
    made: dict[tuple[int, ...], Network] = field(default_factory=dict, compare=False)

    def of(self, network: Network, ties: TieSet | None = None) -> Counts:
        """Return what is covered in a network; of its own with other ties, too."""
        known = study(network)
        ties = known.tie_set(self.day, self.window) if ties is None else ties
        _, in_scope = schools_in_scope(network, ties.opened, self.scope, self.rural)
        covered = cover(known, ties, self.kernels, distances=False).covered
        pupils = network.column("school", "pupils").fillna(0).to_numpy(dtype=np.int64)
        lost = in_scope & ~covered
        return Counts(int((covered & in_scope).sum()), int(pupils[lost].sum()))

    def after(self, edits: Sequence[Edit]) -> Counts:
        """Return what is covered after edits: by the changes of ties where that is exact.

        Raises
        ------
        LiantuError
            If the edits cannot be done without those that are left out.
        """
        head, tail = self.apart(edits)
        network = self.anew(head)
        return self.of(network, self.changed(network, tail) if tail else None)

    def apart(self, edits: Sequence[Edit]) -> tuple[list[Edit], list[Edit]]:
        """Return the edits that ask for a new network, and those that may well come after them."""
        head: list[Edit] = []
        tail: list[Edit] = []
        for edit in reversed(edits):
            free = self.exact(edit) and all(_may_wait(edit, other) for other in head)
            (tail if free else head).append(edit)
        return head[::-1], tail[::-1]

    def anew(self, edits: Sequence[Edit]) -> Network:
        """Return the network after edits."""
        key = tuple(edit.number for edit in edits)
        if key not in self.made:
            self.made[key] = edited(self.network, edits)[0]
        return self.made[key]

    def changed(self, network: Network, edits: Iterable[Edit]) -> TieSet:
        """Return the ties of a network after edits that are `exact`."""
        ids = network.ids("school")
        ties = study(network).tie_set(self.day, self.window)
        for edit in edits:
            if edit.do == "leave":
                ties = ties.without(_codes(ids, edit, "id", ties))
            else:
                ends = [_codes(ids, edit, end, ties) for end in ("source", "target")]
                ties = ties.plus(np.stack(ends, axis=1))
        return ties

    def exact(self, edit: Edit) -> bool:
        """Return whether an edit is a change of ties that is known exactly.

        A school leaves, or one assists another one from the day on or before, in a form that means
        nothing else.
        """
        if edit.do == "leave":
            return True
        if edit.do != "pair" or edit.tables != ("assists",):
            return False
        rows, day = edit.rows, pd.Timestamp(self.day)
        ids = self.network.ids("school")  # whose hash is made once
        if any((ids.get_indexer(pd.Index(rows[end])) < 0).any() for end in ("source", "target")):
            return False
        holds = np.ones(len(rows), dtype=bool)
        if "start" in rows:
            holds &= (rows["start"] <= day).to_numpy(dtype=bool)
        if "end" in rows:
            holds &= ~(rows["end"] < day).to_numpy(dtype=bool)
        if "certainty" in rows:
            holds &= ~(rows["certainty"] == "ambiguous").fillna(False).to_numpy(dtype=bool)
        meaning = {*schema.forms_with("both_ways"), *schema.forms_with("named_only")}
        if "form" in rows:
            holds &= ~rows["form"].isin(list(meaning)).to_numpy(dtype=bool)
        return bool(holds.all())


def _codes(ids: pd.Index, edit: Edit, key: str, ties: TieSet) -> np.ndarray:
    """Return the numbers of schools; all must be there still."""
    codes = ids.get_indexer(pd.Index(edit.rows[key]))
    gone = (codes < 0) | ties.gone[codes]
    if gone.any():
        raise edit.problem("edit_gone", str(edit.rows[key].iloc[int(gone.argmax())]))
    return codes


def _may_wait(edit: Edit, other: Edit) -> bool:
    """Return whether an exact edit does the same after a later one as before it."""
    cells = other.rows.to_numpy(dtype=object)
    ids = edit.rows[["id"] if edit.do == "leave" else ["source", "target"]].to_numpy(dtype=object)
    apart = not np.isin(cells.astype(str), ids.astype(str)).any()
    if other.do in ADDS:
        return apart or edit.do == "pair"
    if other.do in ("leave", "close"):
        return apart
    if other.do in ("renew", "end") and edit.do == "leave":
        # rows of two ends that both stay are the same with and without the school
        return apart and {"source", "target"} <= set(other.rows.dropna(axis=1).columns)
    return edit.do == "pair" and not {"assists", "school"} & set(other.tables)


def by_edit(
    counting: Counting, edits: Sequence[Edit], touched: Sequence[int]
) -> tuple[pd.DataFrame, list[Message]]:
    """Return what each edit does: alone, when it is left out, and its share.

    Parameters
    ----------
    counting
        How what is covered is counted.
    edits, touched
        The edits, and how many rows each of them touched.
    """
    first = [edit for edit in edits if edit.number == 0]
    numbers = sorted({edit.number for edit in edits} - {0})
    rows = dict.fromkeys(numbers, 0)
    for edit, own in zip(edits, touched, strict=True):
        if edit.number:
            rows[edit.number] += own
    shown = {number: next(e for e in edits if e.number == number) for number in numbers}
    frame = pd.DataFrame(
        {
            "do": [shown[n].do for n in numbers],
            "basis": [_relation(shown[n]) for n in numbers],
            "what": [_what(counting.network, shown[n]) for n in numbers],
            "touched": [rows[n] for n in numbers],
        },
        index=pd.Index(numbers, name="edit", dtype="int64"),
    ).astype({"do": "str", "basis": "str", "what": "str", "touched": "int64"})
    known: dict[frozenset[int], Counts | None] = {}
    apart = len(numbers) <= APART

    def count(chosen: Iterable[int]) -> Counts | None:
        key = frozenset(chosen)
        if not apart:
            return None
        if key not in known:
            some = [*first, *(edit for edit in edits if edit.number in key)]
            try:
                known[key] = counting.after(some)
            except LiantuError:  # it stands only after one that is left out
                known[key] = None
        return known[key]

    notes: list[Message] = []
    if not apart:
        notes.append(Message("edits_not_apart", {"count": len(numbers), "limit": APART}))
    alone = [_change(count(()), count((n,))) for n in numbers]
    out = [_change(count(set(numbers) - {n}), count(numbers)) for n in numbers]
    for place, key in enumerate(("", "pupils_")):
        frame[f"{key}alone"] = pd.array([c and c[place] for c in alone], dtype="Int64")
        frame[f"{key}left_out"] = pd.array([c and c[place] for c in out], dtype="Int64")
    if 1 < len(numbers) <= SHARED_OUT:
        shares = [_shapley(n, numbers, count) for n in numbers]
        frame["shapley"] = pd.array(shares, dtype="Float64")
    if any(found is None for found in known.values()):
        hang = [n for n, c, d in zip(numbers, alone, out, strict=True) if c is None or d is None]
        notes.append(Message("edits_hang", {"edits": ", ".join(map(str, hang)) or "–"}))
    return frame, notes


def _change(before: Counts | None, after: Counts | None) -> Counts | None:
    if before is None or after is None:
        return None
    return Counts(after.covered - before.covered, after.pupils - before.pupils)


def _shapley(
    number: int, numbers: Sequence[int], count: Callable[[Iterable[int]], Counts | None]
) -> float | None:
    """Return what an edit adds to the covered schools, averaged over all orders of the edits."""
    others, size, total = [n for n in numbers if n != number], len(numbers), 0
    for some in range(size):
        weight = factorial(some) * factorial(size - some - 1)
        for chosen in combinations(others, some):
            change = _change(count(chosen), count((*chosen, number)))
            if change is None:
                return None
            total += weight * change.covered
    return total / factorial(size)


def _of_leavers(network: Network, edits: Iterable[Edit]) -> int:
    """Return how many rows of people stay though a school of theirs leaves."""
    gone = {key for edit in edits if edit.do == "leave" for key in edit.rows["id"]}
    if not gone:
        return 0
    works = network.frame("works_at")
    theirs = set(works["source"][works["target"].isin(gone)])
    count = 0
    for name in ("posted_to", "mentors"):
        frame, table = network.frame(name), schema.tables()[name]
        named = np.zeros(len(frame), dtype=bool)
        out = named.copy()
        for key, column in table.columns.items():
            if "school" in column.values and column.type == "ref":
                named |= frame[key].isin(gone).to_numpy()
            elif column.type == "end":
                kind = frame.get(f"{key}_kind", column.values[0])
                named |= frame[key].isin(theirs).to_numpy() & np.asarray(kind == "teacher", bool)
                out |= frame[key].isin(gone).to_numpy() & np.asarray(kind == "school", bool)
        count += int((named & ~out).sum())
    return count


def _relation(edit: Edit) -> str | None:
    relation = edit.tables[0] in schema.relations() and len(edit.tables) == 1
    return edit.tables[0] if relation else None


def _what(network: Network, edit: Edit) -> str | None:
    """Return what an edit is about, in names; a teacher's is never told."""
    if not len(edit.rows):
        return None
    row = edit.rows.iloc[0]
    more = f" (+{len(edit.rows) - 1})" if len(edit.rows) > 1 else ""
    table = schema.tables()[edit.tables[0]]
    told = {key for key in ("source", "target", "id") if not pd.isna(row.get(key))}
    if edit.do == "renew" and not told:
        span = [f"{day.date()}" if day is not None else "…" for day in (edit.first, edit.last)]
        return " – ".join(span)
    if not table.is_relation:
        kind = table.name if table.nature == "kind" else str(row.get("kind", "school"))
        return _name(network, kind, row.get("id", row.get("name"))) + more
    ends = []
    for end in ("source", "target"):
        kinds = table.ends(end)
        kind = kinds[0] if len(kinds) == 1 else str(row.get(f"{end}_kind"))
        ends.append(_name(network, kind, row.get(end)))
    return " → ".join(ends) + more


def _name(network: Network, kind: str, key: Any) -> str:
    if kind == "teacher":
        return HIDDEN
    if not isinstance(key, str):
        return "…"
    if kind in schema.kinds() and key in network.ids(kind):
        name = network.columns(kind, "name").loc[key, "name"]
        return str(name) if isinstance(name, str) else key
    return key


# -- chart -----------------------------------------------------------------------------------


def chart(result: Result, lang: Lang) -> Figure:
    """Draw coverage before and after, and what each edit does, alone and after all others."""
    from liantu.plots import bars, style
    from liantu.plots.shares import legend

    edits = result.tables["by_edit"].head(bars.TOP)
    edits = edits[edits[["alone", "left_out"]].notna().any(axis=1)]
    height = 0.34 * len(edits) + 0.6 if len(edits) else 0.0
    made = style.figure(1.25 + height)
    heights = [1, height] if len(edits) else [1]
    axes = made.subplots(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    parts = ladders(axes[0], result, lang)
    if len(edits):
        _draw(axes[1], edits, lang)
    legend(made, parts)
    return made


def _draw(axes: Axes, edits: pd.DataFrame, lang: Lang) -> None:
    """Draw two lying bars an edit: what it changes alone, and after all others."""
    from liantu.plots import bars, style
    from liantu.plots.fonts import cut

    y = np.arange(len(edits), dtype=float)
    whats = [
        " → ".join(end.rsplit("·", 1)[-1] for end in what.split(" → "))
        for what in edits["what"].fillna("")
    ]
    words = zip(edits.index, edits["do"], whats, strict=True)
    names = [f"{n} {label(do, lang, 'edit')} {what}".strip() for n, do, what in words]
    for key, colour, shift in (("alone", style.BLUES[0], -0.2), ("left_out", style.BLUES[2], 0.2)):
        values = edits[key].to_numpy(dtype=float, na_value=np.nan)
        axes.barh(y + shift, np.nan_to_num(values), 0.36, color=colour, label=label(key, lang))
        for row, value in zip(y + shift, values, strict=True):
            text = "–" if np.isnan(value) else f"{value:+.0f}" if value else "0"
            axes.text(max(float(np.nan_to_num(value)), 0), row, f" {text}", va="center", size=7.5)
    axes.set_yticks(y, [cut(name, 2 * bars.NAME) for name in names])
    axes.set_ylim(len(y) - 0.4, -0.6)
    axes.margins(x=0.1)
    style.bare(axes)
    axes.axvline(0, color=style.FAINT, linewidth=0.8)
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize=8,
        handlelength=1, handleheight=1, borderaxespad=0.2,
    )  # fmt: skip
