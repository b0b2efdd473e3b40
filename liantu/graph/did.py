"""Differences in differences by cohort and period, on a plain panel of any units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from liantu.errors import RequestError
from liantu.graph.kernels import Bools, Floats, Ints

Control = Literal["never", "not_yet"]
By = Literal["simple", "exposure", "cohort", "period"]


@dataclass(frozen=True)
class Panel:
    """A balanced panel; what is not used is counted.

    Attributes
    ----------
    units
        Names of the units, sorted; those treated from the first period on are not among them.
    periods
        Names of the periods, in order.
    outcome
        Shape (units, periods).
    cohort
        Position of the first period with treatment, the number of periods for never; shape
        (units,).
    cluster
        A number from 0 for each unit's cluster.
    first, incomplete
        Names of the units left out: treated from the start, or without an outcome in some period.
    """

    units: pd.Index
    periods: pd.Index
    outcome: Floats
    cohort: Ints
    cluster: Ints
    first: pd.Index
    incomplete: pd.Index

    @property
    def never(self) -> Bools:
        """Which units are never treated."""
        return np.asarray(self.cohort == len(self.periods))


def panel_of(
    frame: pd.DataFrame,
    *,
    unit: str = "unit",
    period: str = "period",
    outcome: str = "outcome",
    first: str = "first",
    cluster: str | None = None,
    anticipation: int = 0,
) -> Panel:
    """Return a plain table, one row a unit and period, as a balanced panel.

    Parameters
    ----------
    frame
        The table.
    unit, period, outcome
        Its columns; periods sort as they stand.
    first
        The column of the first period with treatment: missing, 0, or later than the last period
        for never. It is the same in all rows of a unit.
    cluster
        The column of what units have in common; by default each is its own cluster.
    anticipation
        For how many periods treatment shows before it begins.

    Raises
    ------
    RequestError
        If a column is missing, a unit has two rows of a period, or two first periods or clusters.
    """
    names = [unit, period, outcome, first, *([cluster] if cluster else [])]
    for name in names:
        if name not in frame:
            raise RequestError.of("missing_column", table="panel", column=name, nearest="")
    if len(again := frame[frame.duplicated([unit, period])]):
        raise RequestError.of("panel_twice", value=again[unit].iloc[0], when=again[period].iloc[0])
    fixed = frame.drop_duplicates([unit, *names[3:]])
    if len(two := fixed[fixed.duplicated(unit)]):
        raise RequestError.of("panel_two", value=two[unit].iloc[0], column=first)
    wide = frame.pivot(index=unit, columns=period, values=outcome).sort_index().sort_index(axis=1)
    fixed = fixed.set_index(unit).reindex(wide.index)
    begins, periods = fixed[first], wide.columns
    never = begins.isna() | (begins == 0)
    start = np.searchsorted(periods, begins.where(~never, periods.max()).to_numpy())
    cohort = np.where(never, len(periods), start).astype(np.int64)
    values = wide.to_numpy(dtype=float)
    whole = ~np.isnan(values).any(axis=1)
    early = whole & (cohort <= anticipation)
    used = whole & ~early
    group = pd.factorize(fixed[cluster], sort=True)[0] if cluster else np.arange(len(wide))
    return Panel(
        wide.index[used], periods, values[used], cohort[used],
        np.unique(group[used], return_inverse=True)[1].astype(np.int64),
        wide.index[early], wide.index[~whole],
    )  # fmt: skip


class Cell(NamedTuple):
    """A cohort in a period: positions of cohort, period and the period it is compared with."""

    cohort: int
    period: int
    base: int

    @property
    def exposure(self) -> int:
        """Periods since treatment began; below 0 before."""
        return self.period - self.cohort


@dataclass(frozen=True)
class Effects:
    """Effects on the treated by cohort and period.

    Attributes
    ----------
    panel, control, anticipation
        What was asked.
    cells
        The cohorts and periods, in order.
    att
        The effect of each cell.
    influence
        What each unit contributes; shape (units, cells).
    treated, controls
        Units behind each cell.
    """

    panel: Panel
    control: Control
    anticipation: int
    cells: tuple[Cell, ...]
    att: Floats
    influence: Floats
    treated: Ints
    controls: Ints

    def error(self, influence: Floats) -> float:
        """Return the standard error that influences of units give, added up by cluster."""
        sums = np.bincount(self.panel.cluster, influence)
        return float(np.sqrt((sums**2).sum()) / len(influence))

    def table(self) -> pd.DataFrame:
        """Return one row a cohort and period: ``att``, ``se`` and the units behind them."""
        periods = self.panel.periods
        return pd.DataFrame(
            {
                "cohort": periods[[cell.cohort for cell in self.cells]],
                "period": periods[[cell.period for cell in self.cells]],
                "exposure": np.array([cell.exposure for cell in self.cells], dtype=np.int64),
                "treated": self.treated,
                "controls": self.controls,
                "att": self.att,
                "se": np.array([self.error(x) for x in self.influence.T], dtype=float),
            }
        )

    def aggregate(self, by: By) -> pd.DataFrame:
        """Return weighted means of the cells, cohorts weighing as many units as they have.

        Parameters
        ----------
        by
            ``simple``: over all periods with treatment; ``exposure``: by periods since treatment
            began, those before included; ``cohort``; ``period``.

        Returns
        -------
        pandas.DataFrame
            Columns ``att`` and ``se``; the index is exposure, cohort or period, ``overall`` for
            simple.
        """
        rows, index = [], []
        for key, picked in self._groups(by).items():
            att, influence = self._mean(picked, even=by == "cohort")
            rows.append((att, self.error(influence)))
            index.append(key)
        name = None if by == "simple" else by
        return pd.DataFrame(rows, pd.Index(index, name=name), ["att", "se"], dtype=float)

    def overall(self, by: By = "simple") -> tuple[float, float]:
        """Return effect and standard error over everything: the mean of an aggregate.

        Of ``exposure`` the plain mean over the periods since treatment began, of ``period`` that
        over periods, of ``cohort`` weighted by units. NaN where there is no cell with treatment.
        """
        groups = {key: cells for key, cells in self._groups(by).items() if key == "overall" or (
            by != "exposure" or key >= 0)}  # fmt: skip
        if not groups:
            return np.nan, np.nan
        means = [self._mean(picked, even=by == "cohort") for picked in groups.values()]
        att, influence = np.array([x for x, _ in means]), np.stack([x for _, x in means], axis=1)
        if by != "cohort":
            return float(att.mean()), self.error(influence.mean(axis=1))
        cohorts = [self.cells[picked[0]].cohort for picked in groups.values()]
        weights, shift = self._weights(cohorts)
        return float(weights @ att), self.error(influence @ weights + shift @ att)

    def _groups(self, by: By) -> dict[Any, Ints]:
        """Return the cells of each mean by its key."""
        found: dict[Any, list[int]] = {}
        for number, cell in enumerate(self.cells):
            if by == "exposure":
                found.setdefault(cell.exposure, []).append(number)
            elif cell.exposure >= 0:
                place = {"cohort": cell.cohort, "period": cell.period}.get(by)
                key = "overall" if place is None else self.panel.periods[place]
                found.setdefault(key, []).append(number)
        return {key: np.array(found[key]) for key in sorted(found)}

    def _mean(self, picked: Ints, *, even: bool) -> tuple[float, Floats]:
        """Return the weighted mean of some cells, and the influence of units on it."""
        if even:
            return float(self.att[picked].mean()), self.influence[:, picked].mean(axis=1)
        weights, shift = self._weights([self.cells[number].cohort for number in picked])
        att = self.att[picked]
        return float(weights @ att), self.influence[:, picked] @ weights + shift @ att

    def _weights(self, cohorts: Sequence[int]) -> tuple[Floats, Floats]:
        """Return how much cells of some cohorts weigh, and how each unit moves the weights."""
        inside = (self.panel.cohort[:, None] == np.array(cohorts)).astype(float)
        share = inside.mean(axis=0)
        total = share.sum()
        moved = (inside - share) / total
        return share / total, moved - moved.sum(axis=1, keepdims=True) * (share / total)


def cells_of(periods: int, cohorts: Sequence[int], anticipation: int) -> list[Cell]:
    """Return the cells that can be estimated: a treated period against the last one before.

    Before treatment a period is compared with the one before it.
    """
    found = []
    for cohort in cohorts:
        before = cohort - 1 - anticipation
        for period in range(1, periods):
            base = before if period > before else period - 1
            if before >= 0 and period != base:
                found.append(Cell(cohort, period, base))
    return found


def group_time(panel: Panel, *, control: Control = "never", anticipation: int = 0) -> Effects:
    """Return effects by cohort and period: change of the treated less change of the comparison.

    Parameters
    ----------
    panel
        The panel; see `panel_of`.
    control
        Who is compared with: ``never`` treated, or ``not_yet`` treated in the period either.
    anticipation
        For how many periods treatment shows before it begins: the base lies that much earlier.

    Returns
    -------
    Effects
        Cells without anybody to compare with are left out.

    Notes
    -----
    ATT(g, t) = mean(Y_t − Y_b | first treated in g) − mean(Y_t − Y_b | control), where b is the
    last period before g less the anticipation; for t before that b = t − 1, which are placebos. No
    covariates. Standard errors stand on influence functions, summed by cluster; those of aggregates
    take into account that the weights are estimated.

    References
    ----------
    Callaway, B., Sant'Anna, P. H. C. (2021). Difference-in-differences with multiple time periods.
    Journal of Econometrics 225(2), 200–230.

    Examples
    --------
    >>> rows = [(u, t, y, 2 if u < 3 else None) for u, ys in enumerate(
    ...     [(60, 68), (62, 70), (58, 67), (70, 73), (72, 75), (66, 70), (64, 66)]
    ... ) for t, y in zip((1, 2), ys, strict=True)]
    >>> frame = pd.DataFrame(rows, columns=["unit", "period", "outcome", "first"])
    >>> att, se = group_time(panel_of(frame)).overall()
    >>> round(att, 4), round(se, 6)
    (5.3333, 0.446177)
    """
    size, last = panel.outcome.shape
    kept, att, influence, counts = [], [], [], []
    cohorts = np.unique(panel.cohort[panel.cohort < last]).tolist()
    for cell in cells_of(last, cohorts, anticipation):
        change = panel.outcome[:, cell.period] - panel.outcome[:, cell.base]
        treated, other = (
            panel.cohort == cell.cohort,
            compared(panel.cohort, last, cell, control, anticipation),
        )
        n, m = int(treated.sum()), int(other.sum())
        if not m:
            continue
        one, two = change[treated].mean(), change[other].mean()
        own = treated * (change - one) * (size / n) - other * (change - two) * (size / m)
        kept.append(cell)
        att.append(one - two)
        influence.append(own)
        counts.append((n, m))
    numbers = np.array(counts, dtype=np.int64).reshape(-1, 2)
    columns = np.stack(influence, axis=1) if influence else np.zeros((size, 0))
    return Effects(
        panel, control, anticipation, tuple(kept), np.array(att, dtype=float), columns,
        numbers[:, 0], numbers[:, 1],
    )  # fmt: skip


def compared(cohort: Ints, last: int, cell: Cell, control: Control, anticipation: int) -> Bools:
    """Return which cohorts a cell is compared with; `last` is that of the never treated."""
    if control == "never":
        return np.asarray(cohort == last)
    until = max(cell.period, cell.base) + anticipation
    return np.asarray((cohort > until) & (cohort != cell.cohort))
