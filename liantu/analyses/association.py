"""Association: what goes with activity between schools – distance, county, stage, a formal tie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from liantu.errors import Message, RequestError
from liantu.graph import schema
from liantu.graph.activity import Weight, activity
from liantu.graph.grouping import alliances_of, grouping
from liantu.graph.kernels import Bools, Floats, Ints
from liantu.graph.mrqap import Regression, mrqap
from liantu.graph.near import km_of, places
from liantu.graph.network import Network
from liantu.graph.study import study
from liantu.graph.ties import TieSet
from liantu.options import check_choice, check_range
from liantu.results.core import AsOf, Result, analysis, day_of
from liantu.vocabulary import Lang, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PREDICTORS = ("log_km", "same_county", "same_stage", "formal_tie")
MOST = 1_500  # schools: all pairs stand in memory, and each permutation goes over them
_LEAST = 5  # with fewer there are hardly any permutations
_FIGURES = ("coefficient", "standardised", "correlation", "t_value", "p_value")


@analysis(
    order=20,
    chapter="",
    highlights=("schools", "active_pairs", "r_squared"),
    zh="""关联检验：学校之间的活动与什么相关——距离、同县、同学段、正式关系。

    以两校之间的活动量为因变量，以距离、同一县区、同一学段、有无正式关系为自变量作回归；学校对之间
    并不独立，因此用打乱学校的置换检验（MRQAP）求 p 值。

    参数
    ----
    predictors
        只用这些自变量，以逗号分隔：log_km 距离、same_county 同一县区、same_stage 同一学段、
        formal_tie 正式关系；默认全部。
    stage
        只看这一学段的学校。
    weight
        两校之间的活动量：months 为有活动的月份数，count 为活动次数。
    permutations
        置换的次数。
    seed
        随机种子。

    说明
    ----
    对象为当日在办的学校；活动量计方向，没有活动的学校对为 0。距离取 ln(1 + 公里)，缺少坐标的学校不
    计入；一半以上的学校缺少坐标时不用距离。正式关系为同一集团，或任一方向有效的结对、研究中心、机
    构支持、隶属。没有差别的自变量（例如全在同一县区）和可由其他自变量算出的自变量不用，并在附注中
    说明。标准化系数以标准差为单位。p 值用双重半偏置换：自变量去掉其他自变量能解释的部分后打乱学校
    再回归，比较 t 值，p =（1 + 不弱于实际的次数）÷（1 + 置换次数）。这是相关，不是因果。学校超过
    1500 所时给出错误，请用--region 或 --stage 缩小范围。

    来源
    ----
    Dekker, D., Krackhardt, D., Snijders, T. A. B. (2007). Psychometrika 72, 563–581；Krackhardt,
    D. (1988). Social Networks 10, 359–381。
    """,
)
def association(
    network: Network,
    *,
    as_of: AsOf = None,
    predictors: tuple[str, ...] | None = None,
    stage: str | None = None,
    weight: Weight = "months",
    window: str = "12m",
    permutations: int = 999,
    seed: int = 0,
) -> Result:
    """Association: what goes with activity between schools – distance, county, stage, formal ties.

    Regresses the activity of every pair of schools on their distance, on being in one county or of
    one stage, and on a formal tie. Pairs that share a school are not independent, so that p-values
    come from permutations of the schools (MRQAP).

    Parameters
    ----------
    predictors
        Only these, separated by commas: log_km, same_county, same_stage, formal_tie; all by
        default.
    stage
        Only schools of this stage.
    weight
        How much two schools do: months with an activity, or the count of activities.
    permutations
        How often the schools are permuted.
    seed
        What chance begins with.

    Returns
    -------
    Result
        ``table``: one row a predictor. ``summary``: schools, pairs and R².

    Raises
    ------
    OptionError
        If an option is malformed.
    RequestError
        With more than 1,500 schools: all pairs stand in memory; ``--region`` or ``--stage``
        narrows them.

    Notes
    -----
    The schools open on the date; activity is directed, 0 where there is none. Distance is
    ln(1 + km); schools without coordinates are left out, or distance is where most lack them. A
    formal tie is a common alliance, or pairing, centre, support or affiliation in force, in either
    direction. Predictors that do not vary, or follow from the others, are left out (noted).
    ``standardised`` is in standard deviations, ``correlation`` that of the predictor alone. p is
    two-sided by double semi-partialling: what the others leave of a predictor has its schools
    permuted, and t is compared; (1 + permutations at least as far from 0) ÷ (1 + permutations).
    This is association, not cause.

    References
    ----------
    Dekker, D., Krackhardt, D., Snijders, T. A. B. (2007). Sensitivity of MRQAP tests to
    collinearity and autocorrelation conditions. Psychometrika 72, 563–581. Krackhardt, D. (1988).
    Predicting with networks. Social Networks 10, 359–381.

    Examples
    --------
    >>> import pandas as pd
    >>> kinds = {"source_kind": "school", "target_kind": "school", "date": "2024-06-05"}
    >>> acts = pd.DataFrame({"source": ["a", "c", "e"], "target": ["b", "d", "f"]})
    >>> pairs = pd.DataFrame({"source": ["a", "c", "e"], "target": ["b", "d", "f"]})
    >>> network = Network.from_frames(
    ...     {"delivers": acts.assign(**kinds), "assists": pairs}, as_of="2024-06-30"
    ... )
    >>> association(network).table["standardised"].round(3).to_dict()
    {'formal_tie': 0.667}
    """
    check_range(permutations, "permutations", 1)
    check_range(seed, "seed", 0)
    for word in predictors or ():
        check_choice(word, PREDICTORS, "predictors")
    day, known = day_of(network, as_of), study(network)
    ties = known.tie_set(day, window)
    notes = list(ties.notes)
    keep = known.opened(day) & network.reported("school")
    stages, keys = grouping(network, day, "stage")
    if stage is not None:
        check_choice(stage, keys.tolist(), "stage")
        keep &= stages == keys.get_loc(stage)
    wanted = [word for word in PREDICTORS if predictors is None or word in predictors]
    place, told = places(network)
    if "log_km" in wanted:
        notes += told
        wanted, keep = _placed(wanted, keep, ~np.isnan(place[:, 0]), notes)
    schools = np.flatnonzero(keep)
    if len(schools) > MOST:
        raise RequestError.of("association_too_many", count=len(schools), limit=MOST)
    acts = activity(network, ties, weight)
    notes += acts.notes
    number = np.full(network.size("school"), -1)
    number[schools] = np.arange(len(schools))
    one, other = number[acts.source], number[acts.target]
    both = (one >= 0) & (other >= 0)
    outcome = np.zeros((len(schools),) * 2)
    outcome[one[both], other[both]] = acts.weight[both]

    def made(word: str) -> Floats:
        if word == "log_km":
            return _log_km(place[schools])
        if word == "formal_tie":
            return _formal(network, ties, alliances_of(network, day), number)
        county = word == "same_county"
        return _same((grouping(network, day, "region")[0] if county else stages)[schools])

    found, used = None, list[str]()
    if len(schools) >= _LEAST and both.any():
        used, matrices = _varying({word: made(word) for word in wanted}, notes)
        if used:
            found = mrqap(outcome, matrices, permutations, seed)
    if found is None:
        notes.append(Message("association_nothing"))
    summary: dict[str, Any] = {
        "schools": len(schools) if found else 0,
        "tested_pairs": found.pairs if found else 0,
        "active_pairs": int(both.sum()) if found else 0,
        "r_squared": found.r_squared if found else None,
    }
    return Result(table=_table(used, found), summary=summary, notes=tuple(notes))


def _placed(
    wanted: list[str], keep: Bools, there: Bools, notes: list[Message]
) -> tuple[list[str], Bools]:
    """Return what can be used: the distance, or the schools without coordinates."""
    missing = int((keep & ~there).sum())
    if not missing:
        return wanted, keep
    if 2 * missing > int(keep.sum()):
        notes.append(Message("association_no_distance", {"count": missing}))
        return [word for word in wanted if word != "log_km"], keep
    notes.append(Message("association_not_placed", {"count": missing}))
    return wanted, keep & there


def _log_km(place: Floats) -> Floats:
    """Return ln(1 + km) of the great circles between all places."""
    squared = np.maximum(2 - 2 * (place @ place.T), 0)
    np.fill_diagonal(squared, 0)
    found: Floats = np.log1p(km_of(np.sqrt(squared)))
    return found


def _same(group: Ints) -> Floats:
    """Return which pairs are of one group; −1 is none."""
    found: Floats = ((group[:, None] == group) & (group >= 0)).astype(np.float64)
    return found


def _formal(network: Network, ties: TieSet, member: Ints, number: Ints) -> Floats:
    """Return which pairs have a formal tie in either direction."""
    from scipy import sparse

    size = int(number.max(initial=-1)) + 1
    school, column = np.nonzero(member[number >= 0] >= 0)
    alliance = member[number >= 0][school, column]
    width = network.size("alliance")
    inside = sparse.coo_array(
        (np.ones(len(school)), (school, alliance)), shape=(size, width)
    ).tocsr()
    found: Floats = ((inside @ inside.T).toarray() > 0).astype(np.float64)
    every = ties.ties
    acting = every.of(*schema.relations_with("activity"))
    state = ties.in_force & ~acting & (every.source < every.schools)
    parents, _ = study(network).parents(ties.day)
    one = number[np.concatenate([every.source[state], parents.source]).astype(np.int64)]
    other = number[np.concatenate([every.target[state], parents.target]).astype(np.int64)]
    both = (one >= 0) & (other >= 0)
    found[one[both], other[both]] = found[other[both], one[both]] = 1
    return found


def _varying(made: dict[str, Floats], notes: list[Message]) -> tuple[list[str], Floats]:
    """Return the predictors that vary and do not follow from those before them."""
    used, matrices, columns = list[str](), list[Floats](), list[Floats]()
    for word, matrix in made.items():
        column = matrix[~np.eye(len(matrix), dtype=np.bool_)]
        column = column - column.mean()
        rest = column
        for base in columns:  # orthonormal
            rest = rest - base * (base @ rest)
        length = float(np.sqrt(rest @ rest))
        if length <= 1e-6 * max(float(np.sqrt(column @ column)), 1e-3):
            notes.append(Message("association_left_out", {"predictor": word}))
            continue
        used.append(word)
        matrices.append(matrix)
        columns.append(rest / length)
    return used, np.array(matrices)


def _table(used: list[str], found: Regression | None) -> pd.DataFrame:
    index = pd.Index(used, dtype="str", name="predictor")
    if found is None:
        return pd.DataFrame({key: np.zeros(0) for key in _FIGURES}, index=index)
    values = found.coefficient, found.standardised, found.correlation, found.t, found.p
    return pd.DataFrame(dict(zip(_FIGURES, values, strict=True)), index=index)


def chart(result: Result, lang: Lang) -> Figure:
    """Draw standardised coefficients, those beyond chance in colour."""
    from liantu.plots import style

    table = result.table
    made = style.figure(0.3 * len(table) + 0.8)
    axes = made.add_subplot()
    values = table["standardised"].to_numpy(dtype=float)
    sure = table["p_value"].to_numpy(dtype=float) <= 0.05
    y = np.arange(len(table), dtype=float)
    axes.barh(y, values, 0.66, color=np.where(sure, style.BLUES[1], style.FAINT))
    axes.set_yticks(y, [label(key, lang, "predictor") for key in table.index])
    axes.set_ylim(len(table) - 0.4, -0.6)
    style.bare(axes)
    axes.axvline(0, color=style.MUTED, linewidth=0.8)
    for row, (value, p) in enumerate(zip(values, table["p_value"], strict=True)):
        side = "left" if value >= 0 else "right"
        axes.text(value, row, f" {value:.3f} (p {p:.3f}) ", va="center", ha=side, size=8)
    axes.margins(x=0.35)
    axes.set_title(label("standardised", lang), loc="left", size=9, color=style.MUTED)
    names = [(style.BLUES[1], "association_sure"), (style.FAINT, "association_open")]
    style.legend(made, [(colour, label(key, lang, "label")) for colour, key in names])
    return made
