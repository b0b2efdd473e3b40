"""Effect: whether outcomes of supported schools change more than those of others."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from liantu.analyses.coverage import stage_keys
from liantu.errors import Message
from liantu.graph.did import Control, Effects, Panel, cells_of, compared, group_time
from liantu.graph.kernels import Ints, pick
from liantu.graph.network import Network
from liantu.graph.outcomes import (
    Cluster,
    Outcomes,
    Scale,
    Treatment,
    first_periods,
    givers,
    measures,
    outcomes,
    panel_of_schools,
    parts_of,
)
from liantu.graph.randomised import LEAST, Randomised, randomise
from liantu.graph.scope import Rural, Scope, schools_in_scope
from liantu.graph.study import study
from liantu.options import check_range
from liantu.results.core import AsOf, Engine, Result, analysis, day_of
from liantu.vocabulary import Lang, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FEWEST = 5  # treated schools, and schools to compare with, below which nothing is estimated
CLUSTERS = 10  # treated and other clusters below which there is no interval
LEVEL = 0.05
_WIDE = 1.959963984540054  # standard errors to either side of a 95 % interval
ROLES = ("treated", "control", "giver", "first_period", "incomplete")


@analysis(
    order=26,
    chapter="",
    highlights=("treated", "controls", "att", "p_value", "effect_verdict"),
    zh="""成效：受援学校的指标是否比其他学校改善得更多。

    以双重差分比较受援学校与从未（或尚未）受援学校同一指标的前后变化：按开始受援的批次和周期逐一估计，
    再按受援时长、批次、周期汇总，并用受援之前的各周期检验两类学校原本是否同步。条件不足时不作估计，
    并写明缺什么。

    参数
    ----
    measure
        指标（年度数据 observations 中的 measure）；只有一个可用时可不填。
    treatment
        受援的含义：covered 为周期末已被覆盖（自身或上级学校的联系），joins 为以成员校身份加入集团。
    control
        比较对象：never 为从未受援的学校，not_yet 为当时尚未受援的学校。
    anticipation
        受援之前已提前几个周期受影响；基期相应提前。
    scale
        controls 以比较学校当期的均值和标准差把指标标准化（各年试题不同）；raw 为原值，例如名次、
        比率。
    cluster
        按什么分组计算误差：county 县，alliance 集团，school 逐校。
    subject
        只用该学科的数据；默认全部，多个取平均。
    grade
        只用该年级的数据；默认全部，多个取平均。
    stage
        只统计这些学段，以逗号分隔。
    exclude_givers
        支援过别人的学校不作比较对象；control 为 not_yet 时完全不用。
    permutations
        随机化检验抽取多少次；全部分配方式不超过此数时逐一计算。
    seed
        抽取的随机种子。

    说明
    ----
    ATT(g,t) = 受援批次 g 从基期到 t 的平均变化 − 比较学校的平均变化；基期为受援前一周期（再减
    anticipation），受援之前的各周期与其前一周期相比，作为安慰剂检验。不含协变量。首个周期已受援的、
    缺任一周期数据的学校不用，均计数。学校一经受援即视为一直受援。支援过别人的学校自身也可能受影响，
    因此不作比较对象。
    少于 2 个周期、没有受援前的周期、受援学校或比较学校少于 5 所，不作估计。受援或比较的县（分组）
    少于 10 个，给出估计但不给区间：分组太少时常用的标准误严重偏小。p 值来自随机化检验：同组学校同时
    受援时各组互换，否则在组内互换；可能的分配方式少于 20 种时不给 p 值。
    结论（effect_verdict）：refused 不作估计；selected_on_last_year 受援前一年已有显著差异，很可能按
    上一年成绩挑选学校，均值回归会被误当成效，此时另给提前一年为基期的结果；trends_differ 更早的周期
    走势不同；unchecked 无法检验受援前走势；not_shown 检验通过但变化不显著；shown 检验通过且变化
    显著。只有后两者可以谈“成效”，其余只是“受援学校与比较学校变化之差”。检验通过并不证明原本同步。

    来源
    ----
    Callaway, B., Sant'Anna, P. H. C. (2021). Difference-in-differences with multiple time periods.
    Journal of Econometrics 225(2), 200–230；MacKinnon, J. G., Webb, M. D. (2020). Randomization
    inference for difference-in-differences with few treated clusters. Journal of Econometrics
    218(2), 435–450；Roth, J. (2022). Pretest with caution. American Economic Review: Insights 4(3),
    305–322。
    """,
)
def effect(
    network: Network,
    *,
    as_of: AsOf = None,
    engine: Engine = "auto",
    measure: str | None = None,
    treatment: Treatment = "covered",
    control: Control = "never",
    anticipation: int = 0,
    scale: Scale = "controls",
    cluster: Cluster = "county",
    subject: str | None = None,
    grade: str | None = None,
    scope: Scope = "all",
    rural: Rural = "strict",
    stage: tuple[str, ...] | None = None,
    window: str = "12m",
    exclude_givers: bool = True,
    permutations: int = 999,
    seed: int = 0,
) -> Result:
    """Effect: whether outcomes of supported schools change more than those of others.

    Differences in differences: how a figure of schools changed since they were first supported,
    less how it changed at schools never (or not yet) supported, by cohort and period, and added up
    by exposure, cohort and period. The periods before support test whether both went alike. Where
    the data do not carry an estimate there is none, and it says what is missing.

    Parameters
    ----------
    measure
        The measure among the observations; needless where only one can be an outcome.
    treatment
        What support means: covered, by a tie of its own or of a parent on the last day of the
        period; joins, being a member of an alliance, not as core.
    control
        Who is compared with: schools never supported, or those not_yet supported at the time.
    anticipation
        For how many periods support shows before it begins; the base lies that much earlier.
    scale
        controls: figures of a period in standard deviations of the schools compared with (tests
        differ from year to year); raw: as they are, such as ranks and rates.
    cluster
        What schools have in common, by which errors add up: county, alliance or school.
    subject
        Only figures of this subject; by default all, of several the mean.
    grade
        Only figures of this grade; by default all, of several the mean.
    stage
        Only schools of these stages, separated by commas.
    exclude_givers
        Schools that ever gave support are not compared with; with control not_yet not used at all.
    permutations
        How many assignments randomisation draws; if there are no more, it looks at all.
    seed
        Seed of the draws.

    Returns
    -------
    Result
        ``table``: one row a cohort and period, with ``att`` in the scale asked for, its standard
        error and 95 % interval; empty cells where nothing is estimated. ``tables``:
        ``by_exposure``, ``by_cohort``, ``by_period``; ``means`` of treated and compared schools;
        ``effect_checks``, what the data must have and have; ``panel``, the part each school plays.

    Raises
    ------
    RequestError
        If no school has the measure, or rural schools are asked for and none has a class.
    OptionError
        If an option is malformed.

    Notes
    -----
    ATT(g, t) = mean change of the cohort from base to t less that of the schools compared with; the
    base is the period before support (less the anticipation), and periods before are compared with
    the one before them: placebos. No covariates. Schools supported from the first period on and
    those without a figure in some period are left out and counted; once supported a school stays
    so. Schools that give support may be affected themselves, so that they are no comparison.

    Refused are fewer than two periods, no cohort with a period before, fewer than 5 treated schools
    or 5 to compare with. With fewer than 10 treated or 10 other clusters there is an estimate but
    no interval: standard errors of few clusters are far too small. p stands on randomisation: where
    a cluster begins as one, clusters swap; else schools within theirs; none with fewer than 20
    assignments.

    ``effect_verdict``: refused; selected_on_last_year, where the year before support already
    differs, as when schools are chosen by last year's figure, so that regression to the mean looks
    like an effect (``att_earlier`` then has the base a period earlier); trends_differ, where
    earlier periods do (Holm); unchecked, where nothing before can be tested; not_shown and shown,
    where the placebo is passed. Only the last two speak of an effect; the others are the difference
    of changes beside comparison schools. Passing a test of earlier periods proves nothing.

    References
    ----------
    Callaway, B., Sant'Anna, P. H. C. (2021). Difference-in-differences with multiple time periods.
    Journal of Econometrics 225(2), 200–230. MacKinnon, J. G., Webb, M. D. (2020). Randomization
    inference for difference-in-differences with few treated clusters. Journal of Econometrics
    218(2), 435–450. Roth, J. (2022). Pretest with caution. American Economic Review: Insights 4(3),
    305–322.

    Examples
    --------
    >>> figures = [(60, 68), (62, 70), (58, 67), (61, 69), (59, 67)]
    >>> figures += [(70, 73), (72, 75), (66, 70), (64, 66), (65, 68)]
    >>> rows = pd.DataFrame(
    ...     [(f"s{n}", "score", year, y) for n, ys in enumerate(figures)
    ...      for year, y in zip(("2022", "2023"), ys, strict=True)],
    ...     columns=["id", "measure", "period", "value"],
    ... )
    >>> joined = pd.DataFrame({"source": [f"s{n}" for n in range(5)], "target": "x"})
    >>> network = Network.from_frames(
    ...     {"observations": rows, "member_of": joined.assign(start="2023"),
    ...      "school": pd.DataFrame({"id": [f"s{n}" for n in range(10)]})}, as_of="2024-06-30",
    ... )
    >>> found = effect(network, treatment="joins", scale="raw").summary
    >>> round(found["att"], 2), found["effect_verdict"]
    (5.2, 'unchecked')
    """
    check_range(anticipation, "anticipation", 0)
    check_range(permutations, "permutations", 99)
    check_range(seed, "seed", 0)
    wanted, day, known = stage_keys(stage), day_of(network, as_of), study(network)
    ties = known.tie_set(day, window)
    _, inside = schools_in_scope(network, ties.opened, scope, rural)
    if wanted is not None:
        inside = inside & network.column("school", "stage").isin(wanted).to_numpy(dtype=bool)
    named = (measure,) if measure is not None else measures(network)
    notes: list[Message] = []
    if len(named) == 1:
        found = outcomes(network, named[0], day, subject, grade)
    else:
        found = Outcomes((), (), np.zeros((network.size("school"), 0)), 0, 0)
        if named:
            notes.append(Message("effect_measures", {"names": ", ".join(named)}))
    counts = {"period_unread": found.unread, "figures_averaged": found.averaged}
    notes += [Message(code, {"count": count}) for code, count in counts.items() if count]

    first = first_periods(known, pick(engine), found, day, treatment, window)
    role = parts_of(found, inside, first, anticipation)
    if exclude_givers:
        gives = givers(known, day)
        out = gives & ((role == "control") | ((role == "treated") & (control == "not_yet")))
        role[out] = "giver"
    panel, flat = panel_of_schools(
        known, found, role, first, cluster=cluster, scale=scale, control=control
    )
    checks = _Checks()
    checks.add("measure", len(named), 1, "refused", holds=len(named) == 1)
    checks.add("periods", len(found.periods), 2, "refused")
    treated = ~panel.never
    before = int(panel.cohort[treated].max(initial=0)) - anticipation
    checks.add("pre_period", max(before, 0), 1, "refused")
    other = ~treated if control == "never" else panel.cohort > panel.cohort.min(initial=0)
    checks.add("treated", int(treated.sum()), FEWEST, "refused")
    checks.add("controls", int(other.sum()), FEWEST, "refused")
    if len(found.periods) and scale == "controls":
        checks.add("spread", int(flat), 0, "refused", holds=not flat)
    clusters = [len(np.unique(panel.cluster[x])) for x in (treated, other)]
    checks.add("treated_clusters", clusters[0], CLUSTERS, "no_interval")
    checks.add("control_clusters", clusters[1], CLUSTERS, "no_interval")
    estimate = None
    if not checks.failed("refused"):
        effects = group_time(panel, control=control, anticipation=anticipation)
        chance = randomise(effects, permutations=permutations, seed=seed)
        checks.add("assignments", chance.assignments, LEAST, "no_p")
        estimate = _Estimate(effects, chance, wide=not checks.failed("no_interval"))
    verdict, more = _verdict(estimate, checks)
    if not network.size("school"):
        verdict = None
    summary = {
        "measure": named[0] if len(named) == 1 else None,
        "periods": len(found.periods),
        **{key: int((role == value).sum()) for key, value in zip(
            ("treated", "controls", "left_givers", "left_first_period", "left_incomplete"),
            ROLES, strict=True)},
        "treated_clusters": clusters[0],
        "control_clusters": clusters[1],
        **_figures(estimate),
        **more,
        "effect_verdict": verdict,
    }  # fmt: skip
    if verdict is not None:
        notes.append(_said(verdict, checks))
    if estimate is not None and not estimate.wide:
        numbers = {"treated": clusters[0], "controls": clusters[1], "limit": CLUSTERS}
        notes.append(Message("effect_few_clusters", numbers))
    return Result(
        table=_table(panel, estimate, control, anticipation),
        summary=summary,
        tables={
            **{f"by_{key}": _by(estimate, key) for key in ("exposure", "cohort", "period")},
            "means": _means(panel),
            "effect_checks": checks.table(),
            "panel": _panel_of(network, role, first, found),
        },
        notes=(*ties.notes, *notes),
    )


# -- what is estimated -------------------------------------------------------------------------


class _Estimate(NamedTuple):
    """Effects, what randomisation says, and whether there are enough clusters for intervals."""

    effects: Effects
    chance: Randomised
    wide: bool

    def p(self, key: str | int, att: float, se: float) -> float | None:
        """Return the p of an aggregate: by randomisation, else from its standard error."""
        if key in self.chance.p:
            return self.chance.p[key]
        return math.erfc(abs(att) / se / math.sqrt(2)) if self.wide and se > 0 else None


class _Checks:
    """What the data must have, as rows: check, found, needed, and what follows where it fails."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, float, float, str]] = []

    def add(
        self, check: str, found: float, needed: float, consequence: str, holds: bool | None = None
    ) -> None:
        passed = found >= needed if holds is None else holds
        self.rows.append((check, found, needed, "ok" if passed else consequence))

    def failed(self, consequence: str) -> list[str]:
        return [row[0] for row in self.rows if row[3] == consequence]

    def table(self) -> pd.DataFrame:
        frame = pd.DataFrame(self.rows, columns=["check", "present", "at_least", "consequence"])
        numbers = dict.fromkeys(("present", "at_least"), "float64")
        return frame.astype({"check": "str", "consequence": "str", **numbers})


def _verdict(estimate: _Estimate | None, checks: _Checks) -> tuple[str | None, dict[str, Any]]:
    """Return the verdict, and what the placebo and another base give."""
    more: dict[str, Any] = {"placebo": None, "placebo_p": None, "att_earlier": None}
    if estimate is None:
        return "refused", more
    before = estimate.effects.aggregate("exposure")
    before = before[before.index < -estimate.effects.anticipation]
    rows = zip(before.index.tolist(), before["att"].tolist(), before["se"].tolist(), strict=True)
    p = {e: estimate.p(e, att, se) for e, att, se in rows}
    tested = {e: value for e, value in p.items() if value is not None}
    checks.add("placebos", len(tested), 1, "unchecked")
    last = -1 - estimate.effects.anticipation
    if last in before.index:
        more |= {"placebo": float(before["att"].loc[last]), "placebo_p": p[last]}
    earlier = sorted(value for e, value in tested.items() if e != last)
    holm = min((value * (len(earlier) - n) for n, value in enumerate(earlier)), default=1.0)
    if last in tested:
        passed = tested[last] > LEVEL
        checks.add("last_year", tested[last], LEVEL, "selected_on_last_year", holds=passed)
    if earlier:
        checks.add("trends", min(holm, 1.0), LEVEL, "trends_differ", holds=holm > LEVEL)
    att, se = estimate.effects.overall()
    value = estimate.p("simple", att, se)
    if checks.failed("selected_on_last_year"):
        more["att_earlier"] = _earlier(estimate.effects)
        return "selected_on_last_year", more
    if checks.failed("trends_differ"):
        return "trends_differ", more
    if last not in tested or value is None:
        return "unchecked", more
    return ("shown" if value <= LEVEL else "not_shown"), more


def _earlier(effects: Effects) -> float | None:
    """Return the effect with the base a period earlier; None where no cohort has one."""
    ahead = effects.anticipation + 1
    again = group_time(effects.panel, control=effects.control, anticipation=ahead)
    att, _ = again.overall()
    return None if np.isnan(att) else att


def _figures(estimate: _Estimate | None) -> dict[str, Any]:
    keys = ("att", "se", "low", "high", "p_value")
    if estimate is None:
        return dict.fromkeys(keys)
    att, se = estimate.effects.overall()
    low, high = (att - _WIDE * se, att + _WIDE * se) if estimate.wide else (None, None)
    found = (att, se if estimate.wide else None, low, high, estimate.p("simple", att, se))
    return dict(zip(keys, found, strict=True))


def _said(verdict: str, checks: _Checks) -> Message:
    """Return the verdict as a sentence, with what is missing."""
    if verdict == "refused":
        missing = next(row for row in checks.rows if row[3] == "refused")
        return Message(f"effect_no_{missing[0]}", {"count": int(missing[1])})
    return Message(f"effect_{verdict}")


# -- tables ------------------------------------------------------------------------------------


def _with_intervals(frame: pd.DataFrame, wide: bool) -> pd.DataFrame:
    """Add 95 % intervals; errors and intervals are missing where there are too few clusters."""
    se = frame["se"] * (1.0 if wide else np.nan)
    low, high = frame["att"] - _WIDE * se, frame["att"] + _WIDE * se
    return frame.assign(se=se, low=low, high=high)


def _table(
    panel: Panel, estimate: _Estimate | None, control: Control, anticipation: int
) -> pd.DataFrame:
    """Return cohorts and periods, with effects where they are estimated."""
    if estimate is not None:
        frame = estimate.effects.table()
    else:
        last = len(panel.periods)
        cohorts = np.unique(panel.cohort[panel.cohort < last]).tolist()
        cells = cells_of(last, cohorts, anticipation)
        others = [compared(panel.cohort, last, x, control, anticipation).sum() for x in cells]
        frame = pd.DataFrame(
            {
                "cohort": panel.periods[[cell.cohort for cell in cells]],
                "period": panel.periods[[cell.period for cell in cells]],
                "exposure": np.array([cell.exposure for cell in cells], dtype=np.int64),
                "treated": [int((panel.cohort == cell.cohort).sum()) for cell in cells],
                "controls": [int(x) for x in others],
                "att": np.nan,
                "se": np.nan,
            }
        ).astype({"treated": np.int64, "controls": np.int64, "att": float, "se": float})
    frame = _with_intervals(frame, estimate is not None and estimate.wide)
    return frame.astype({"cohort": "str", "period": "str"})


def _by(estimate: _Estimate | None, key: Any) -> pd.DataFrame:
    """Return an aggregate of the effects."""
    columns = [key, "att", "se", "low", "high", *(["p_value"] if key == "exposure" else [])]
    kind = np.int64 if key == "exposure" else "str"
    if estimate is None:
        numbers = dict.fromkeys(columns[1:], "float64")
        return pd.DataFrame(columns=columns).astype({key: kind, **numbers})
    frame = estimate.effects.aggregate(key)
    if key == "exposure":
        rows = zip(frame.index, frame["att"], frame["se"], strict=True)
        p = [estimate.p(int(e), att, se) for e, att, se in rows]
        frame = frame.assign(p_value=np.array(p, dtype=float))
    frame = _with_intervals(frame, estimate.wide).reset_index()
    return frame[columns].astype({key: kind})


def _means(panel: Panel) -> pd.DataFrame:
    """Return the mean of each cohort, and of the schools never supported, in each period."""
    last, rows = len(panel.periods), []
    for cohort in np.unique(panel.cohort).tolist():
        some = panel.outcome[panel.cohort == cohort]
        name = None if cohort == last else str(panel.periods[cohort])
        rows += [
            (name, str(period), len(some), float(value))
            for period, value in zip(panel.periods, some.mean(axis=0), strict=True)
        ]
    frame = pd.DataFrame(rows, columns=["cohort", "period", "schools", "mean_outcome"])
    types = {"schools": "int64", "mean_outcome": "float64"}
    return frame.astype({"cohort": "str", "period": "str", **types})


def _panel_of(network: Network, role: Any, first: Ints, found: Outcomes) -> pd.DataFrame:
    """Return the part that each school with a figure plays."""
    there = np.flatnonzero(role != "")
    begins = np.array([*found.periods, None], dtype=object)
    frame = network.columns("school", "name", "region").iloc[there].rename_axis("school")
    frame = frame.assign(
        panel_part=pd.array(role[there], dtype="str"),
        cohort=pd.array(begins[np.minimum(first[there], len(found.periods))], dtype="str"),
        periods_known=(~np.isnan(found.values[there])).sum(axis=1),
    )
    return frame.reset_index()


# -- chart -------------------------------------------------------------------------------------


def chart(result: Result, lang: Lang) -> Figure:
    """Draw the effect by exposure, intervals where there are any; the placebos are grey."""
    from liantu.plots import style

    table = result.tables["by_exposure"]
    if table.empty:
        return style.empty(lang)
    made = style.figure(2.6)
    axes = made.add_subplot()
    axes.axhline(0, color=style.FAINT, linewidth=1)
    axes.axvline(-0.5, color=style.FAINT, linewidth=1, linestyle=":")
    x, y = table["exposure"].to_numpy(), table["att"].to_numpy(dtype=float)
    for before, colour in ((True, style.MUTED), (False, style.BLUES[2])):
        some = (x < 0) == before
        if table["low"].notna().any():
            low, high = (table[key].to_numpy(dtype=float)[some] for key in ("low", "high"))
            axes.vlines(x[some], low, high, color=colour, linewidth=1.5)
        axes.plot(x[some], y[some], "o", color=colour, markersize=5)
    for place, value in zip(x, y, strict=True):
        axes.annotate(f"{value:+.2f}", (place, value), (6, 4), textcoords="offset points", size=8)
    axes.set_xticks(x)
    axes.margins(x=0.08, y=0.2)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel(label("exposure", lang), size=8)
    axes.set_title(label("att", lang), loc="left", size=9, color=style.MUTED)
    return made
