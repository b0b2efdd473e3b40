"""Load: how much rests on each supporter, and what it can still spare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from liantu.errors import Message
from liantu.graph import burden
from liantu.graph.kernels import Bools, Graph, Ints
from liantu.graph.network import Network
from liantu.graph.staff import Staff, backbone_teachers, staff_on
from liantu.graph.standing import Standing, Words, standing
from liantu.graph.study import study
from liantu.options import check_range
from liantu.results.asked import Asked
from liantu.results.blocks import Block, Section, Text
from liantu.results.core import AsOf, Result, analysis, day_of, rate
from liantu.results.sections import FEW, annex, named, table
from liantu.vocabulary import Lang, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]
_REASONS = ("over_supported", "over_out", "breaks")
_OPEN = ("", "unknown")  # verdicts that say nothing


@analysis(
    order=12,
    chapter="cores",
    highlights=("supporting_schools", "supported", "flagged", "gini", "top_tenth"),
    zh="""负担：每个支援方承担多少支援，还能派出多少教师。

    列出每所支援学校支援的学校数和学生数、与本校学生和教师之比、派出和派入的教师；按优质均衡指标计算
    还能派出几人而不低于标准，以及派出之后是否仍达标；并从受援学校看分到多少师资。支援学校多的列在
    最前。

    参数
    ----
    max_supported
        支援学校数超过它即提示（本工具的设定，没有政策依据）。
    max_out
        派出教师占专任教师的比例超过它即提示，0 到 1（本工具的设定，没有政策依据）。
    idle_cores
        未支援任何学校的核心校也列出，并计入分布。

    说明
    ----
    受支援学校为统计日联系集中直接支援的学校；折算支援按紧密程度计 1、2、3，同一受援校取最高，未注明
    的按 1 计。派出、派入只计统计日有效的交流，教师按人计，以学校为起点的记录按人数计；派出比例的
    分母为专任教师数（在编在册，含派出人员）。

    只有高于规定学历教师、骨干教师、体育艺术教师三项指标随教师流动而变。
    人数 = 指标 × 在校生数 ÷ 100，四舍五入；可派人数 = 人数 − ⌈标准 × 在校生数 ÷ 100⌉，
    按整数精确计算；指标数值本身达标的，可派人数不低于 0。派出教师中确知具备该条件的扣除；不知的按
    最好（都不具备）和最坏（都具备）两种情形判断：最坏情形仍达标为“仍达标”，最好情形也不达标为“将不达标”，
    其余为“视人选而定”。走教教师两校都任教，不算离开；派入教师不计。小学、初中各按其标准；九年一贯制
    学校按两段标准分别判断，两段结论不同的为“视人选而定”；其他学校不判断。
    达标规则：七项中至少六项达标，其余一项不低于标准的 85%。

    生均分得师资 = Σ 支援方专任教师数 ÷ 该支援方全部受援学校的在校生数；任一支援方数据不全即留空。
    分布为支援学校数的基尼系数、前十分之一支援方所占比例和赫芬达尔指数。限定地区时，只列该地区的支援方
    和受援学校，支援方在外地的支援照常计入。

    来源
    ----
    优质均衡七项指标及标准见概念说明；两步移动搜索法：Luo, W., Wang, F. (2003). Measures of spatial
    accessibility to health care in a GIS environment. Environment and Planning B 30, 865–884.
    """,
)
def load(
    network: Network,
    *,
    as_of: AsOf = None,
    basis: tuple[str, ...] | None = None,
    window: str = "12m",
    max_supported: int = 5,
    max_out: float = 0.20,
    idle_cores: bool = False,
) -> Result:
    """Load: how much rests on each supporter, and what it can still spare.

    Schools and pupils that each supporting school supports, also per pupil and teacher of its own;
    teachers posted out and in; how many more can be spared before a resource indicator falls below
    its threshold, and whether those posted out already break it; and what share of the staff each
    supported school gets. Who supports most comes first.

    Parameters
    ----------
    max_supported
        More schools supported than this are flagged (a setting of ours; no policy says it).
    max_out
        A larger share of teachers posted out than this is flagged, 0 to 1 (a setting of ours; no
        policy says it).
    idle_cores
        Cores that support nobody are listed and count in the distribution.

    Returns
    -------
    Result
        ``table``: one row a supporting school, by ``supported`` descending. ``tables``:
        ``thresholds``, one row a supporter and indicator that moves with teachers; ``flags``, one
        row a reason; ``receivers``, one row a supported school.

    Raises
    ------
    OptionError
        If an option is malformed.

    Notes
    -----
    Supported are the schools one tie away in the tie set. ``weighted`` counts each by closeness 1
    to 3, the highest of its ties, 1 where none is stated. Posted out and in are people whose
    posting is in force on the date: a teacher once, a row of a school by its count; ``out_share``
    is of all teachers on the books, those posted out included.

    Of the seven indicators only three move with teachers: above degree, backbone, PE and arts.
    N = round(figure × pupils ÷ 100) people; headroom = N − ⌈threshold × pupils ÷ 100⌉, in exact
    integers, and at least 0 where the figure itself meets the threshold. Of the people posted out
    those known to count are taken off; of the others none in the best case and all in the worst:
    ``holds`` if the worst case passes, ``breaks`` if the best one fails, else ``depends``. A
    walking teacher teaches at both schools and is not taken off; people posted in do not count.
    A nine-year school is judged by the thresholds of both sections, ``depends`` where they differ;
    schools beyond compulsory education are not judged. The school rule: at least six of seven
    meet, the seventh at 85 %. What is unknown stays empty.

    ``access`` of a supported school is Σ teachers ÷ pupils supported over its supporters (two-step
    floating catchment), empty if that of one is unknown; ``teachers_shared`` and
    ``teachers_received`` must be equal. Gini, top tenth (of ⌈n ÷ 10⌉ supporters) and HHI are of
    ``supported``. With a region in focus its supporters and its supported schools are listed; what
    they support elsewhere counts.

    References
    ----------
    Thresholds: see the concepts page on indicators. Dilution: Luo, W., Wang, F. (2003). Measures
    of spatial accessibility to health care in a GIS environment. Environment and Planning B 30,
    865–884.

    Examples
    --------
    >>> import pandas as pd
    >>> network = Network.from_frames(
    ...     {
    ...         "school": pd.DataFrame({"id": ["a", "b"], "stage": "primary", "pupils": 1000}),
    ...         "assists": pd.DataFrame({"source": ["a"], "target": ["b"]}),
    ...         "observations": pd.DataFrame(
    ...             {"id": ["a"], "measure": "backbone_per_100", "period": "2024", "value": 1.4}
    ...         ),
    ...     },
    ...     as_of="2024-06-30",
    ... )
    >>> found = load(network).tables["thresholds"].query("indicator == 'backbone_per_100'")
    >>> found[["has", "needed", "headroom", "threshold_verdict"]].to_numpy().tolist()
    [[14, 10, 4, 'holds']]
    """
    check_range(max_supported, "max_supported", 0)
    check_range(max_out, "max_out", 0, 1)
    day, known = day_of(network, as_of), study(network)
    ties = known.tie_set(day, window, basis)
    schools = network.columns("school", "name", "region", "stage", "pupils", "teachers")
    graph = burden.between_schools(ties)
    number = np.bincount(graph.source, minlength=graph.n)
    cores, _ = known.cores(day)
    listed = network.reported("school") & ties.opened
    idle = listed & cores & (number == 0)
    shown = (listed & (number > 0)) | (idle & idle_cores)
    rows = np.flatnonzero(shown)
    rows = rows[np.argsort(-number[rows], kind="stable")]

    pupils, teachers = _figures(schools["pupils"]), _figures(schools["teachers"])
    staff, spare = staff_on(network, day, ties.opened), standing(network, day)
    weighted, unstated = burden.weighted(network, ties, graph)
    supported_pupils = burden.pupils_supported(graph, pupils)
    backbone = np.where(
        spare.known["backbone_per_100"],
        spare.has["backbone_per_100"],
        backbone_teachers(network, day),
    )
    gravest = spare.gravest(staff)

    found = schools.iloc[rows][["name", "region", "stage"]].rename_axis("supporter")
    found = found.assign(
        supported=number[rows],
        mutual_only=burden.mutual(ties, graph.n)[rows],
        weighted=weighted[rows],
        pupils_supported=_counts(supported_pupils[rows]),
        pupils=_counts(pupils[rows]),
        teachers=_counts(teachers[rows]),
        backbone_teachers=_counts(backbone[rows]),
        per_pupil=burden.ratio(supported_pupils, pupils)[rows],
        per_teacher=burden.ratio(supported_pupils, teachers)[rows],
        per_backbone=burden.ratio(supported_pupils, backbone)[rows],
        posted_out=staff.out[rows],
        out_share=burden.ratio(staff.out, teachers)[rows],
        posted_in=staff.into[rows],
        posted_net=(staff.out - staff.into)[rows],
        headroom=_counts(spare.least()[rows]),
        threshold_verdict=_texts(gravest[rows]),
        rule_before=_texts(spare.rule(None)[rows]),
        rule_after=_texts(spare.rule(staff)[rows]),
    )
    thresholds = _thresholds(spare, staff, rows, schools)
    flags = _flags(found, thresholds, max_supported, max_out)
    found["flags"] = _joined(flags, found.index)
    receivers, shared = _receivers(graph, schools, pupils, teachers, listed, shown)

    sizes = np.sort(number[rows])
    summary: dict[str, Any] = {
        "supporting_schools": int((listed & (number > 0)).sum()),
        "idle_cores": int(idle.sum()),
        "supported": len(np.unique(graph.target[shown[graph.source]])),
        "most_supported": int(sizes.max(initial=0)),
        "mean_supported": rate(int(sizes.sum()), len(sizes)),
        **burden.distribution(sizes),
        "flagged": int(found["flags"].notna().sum()),
        "over_supported": int((flags["reason"] == "over_supported").sum()),
        "over_out": _told(flags["reason"] == "over_out", found["out_share"].notna()),
        **{
            f"threshold_{word}": _told(gravest[rows] == word, ~np.isin(gravest[rows], _OPEN))
            for word in ("breaks", "depends")
        },
        "posted_out": int(staff.out[rows].sum()),
        "posted_in": int(staff.into[rows].sum()),
        **shared,
    }
    told = graph.source[shown[graph.source]]
    moved = _moved(number[rows], weighted[rows])
    missing = np.isnan(pupils) & np.isin(np.arange(graph.n), graph.target[shown[graph.source]])
    counts = {
        "count_missing": staff.unnumbered,
        "pupils_missing": int(missing.sum()),
        "load_no_teachers": int((np.isnan(teachers) | (teachers == 0))[rows].sum()),
        "load_no_indicators": int((gravest[rows] == "unknown").sum()),
        "load_not_judged": int((~spare.judged[rows]).sum()),
        "load_walking": staff.walking,
    }
    notes = [
        Message("load_flags", {"supported": max_supported, "out": f"{max_out:.0%}"}),
        *(Message(code, {"count": count}) for code, count in counts.items() if count),
    ]
    if found["mutual_only"].any():
        notes.append(Message("load_mutual", {"count": int(found["mutual_only"].sum())}))
    if len(told):
        count = int(unstated[shown[graph.source]].sum())
        notes.append(Message("load_effort", {"count": count, "total": len(told), "moved": moved}))
    if idle.any():
        code = "load_idle_counted" if idle_cores else "load_idle_left_out"
        notes.append(Message(code, {"count": int(idle.sum())}))
    return Result(
        table=found,
        summary=summary,
        tables={"thresholds": thresholds, "flags": flags, "receivers": receivers},
        notes=(*ties.notes, *notes),
    )


# -- thresholds ------------------------------------------------------------------------------


def _thresholds(spare: Standing, staff: Staff, rows: Ints, schools: pd.DataFrame) -> pd.DataFrame:
    """Return one row a supporter that is judged and indicator that moves with teachers."""
    found = spare.rows(staff, rows)
    named = schools.iloc[found.pop("school")]
    front = {
        "supporter": named.index.astype("str"),
        "name": named["name"].array,
        "stage": named["stage"].array,
    }
    found = pd.DataFrame(front).join(found)
    return found.assign(
        **{key: _counts(found[key].to_numpy()) for key in ("has", "needed", "headroom")}
    )


def _flags(
    table: pd.DataFrame, thresholds: pd.DataFrame, max_supported: int, max_out: float
) -> pd.DataFrame:
    """Return one row a reason why a supporter is flagged: what is, and the limit."""
    frame = table.reset_index()
    broken = thresholds[thresholds["threshold_verdict"] == "breaks"]
    over = frame[frame["supported"] > max_supported]
    away = frame[(frame["out_share"] > max_out).fillna(value=False)]
    parts_ = [
        over.assign(reason="over_supported", value=over["supported"], limit=max_supported),
        away.assign(reason="over_out", value=away["out_share"], limit=max_out),
        broken.assign(
            reason="breaks", value=broken["has"] - broken["leaving_least"], limit=broken["needed"]
        ),
    ]
    columns = ["supporter", "name", "reason", "indicator", "value", "limit"]
    found = pd.concat(
        [part.reindex(columns=columns).astype({"value": float, "limit": float}) for part in parts_],
        ignore_index=True,
    ).astype(dict.fromkeys(columns[:4], "str"))
    place = table.index.get_indexer(pd.Index(found["supporter"]))
    return found.iloc[np.argsort(place, kind="stable")].reset_index(drop=True)


def _joined(flags: pd.DataFrame, index: pd.Index) -> pd.Series:
    """Return the reasons of each supporter in one text, missing where there is none."""
    bits = np.zeros(len(index), dtype=np.int64)
    for place, reason in enumerate(_REASONS):
        bits[index.isin(flags["supporter"][flags["reason"] == reason])] += 1 << place
    words = [
        "|".join(reason for place, reason in enumerate(_REASONS) if number >> place & 1)
        for number in range(1 << len(_REASONS))
    ]
    return pd.Series(_texts(np.array(words)[bits]), index=index)


# -- receivers -------------------------------------------------------------------------------


def _receivers(
    graph: Graph,
    schools: pd.DataFrame,
    pupils: Floats,
    teachers: Floats,
    listed: Bools,
    shown: Bools,
) -> tuple[pd.DataFrame, dict[str, float | None]]:
    """Return what each supported school gets of its supporters' staff, and the check sums."""
    demand = np.bincount(graph.source, pupils[graph.target], graph.n).astype(np.float64)
    ratio = burden.ratio(teachers, demand)
    access = np.bincount(graph.target, ratio[graph.source], graph.n)
    number = np.bincount(graph.target, minlength=graph.n)
    rows = np.flatnonzero(listed & (number > 0))
    table = pd.DataFrame(
        {
            "school": schools.index[rows].astype("str"),
            **{key: schools[key].iloc[rows].array for key in ("name", "region", "stage")},
            "pupils": _counts(pupils[rows]),
            "supporters": number[rows],
            "access": access[rows],
        }
    ).sort_values(["access", "school"], kind="stable", ignore_index=True)
    sure = shown & ~np.isnan(ratio)
    edges = sure[graph.source]
    received = (ratio[graph.source] * pupils[graph.target])[edges]
    some = bool(edges.any())
    shared = {
        "teachers_shared": float(teachers[np.unique(graph.source[edges])].sum()) if some else None,
        "teachers_received": float(received.sum()) if some else None,
    }
    return table, shared


# -- figures ---------------------------------------------------------------------------------


def _told(yes: Any, known: Any) -> int | None:
    """Return how many say yes; None where there are some and of none it is known."""
    return None if len(known) and not known.any() else int(yes.sum())


def _moved(number: Ints, weighted: Ints) -> int:
    """Return how many supporters stand elsewhere when ranked by effort instead of schools."""
    ranks = [pd.Series(-values).rank(method="min") for values in (number, weighted)]
    return int((ranks[0] != ranks[1]).sum())


def _figures(values: pd.Series) -> Floats:
    return np.asarray(values.astype("Float64").to_numpy(dtype=float, na_value=np.nan))


def _counts(values: Floats) -> Any:
    """Return whole numbers, missing where NaN."""
    unknown = np.isnan(values)
    found = np.where(unknown, 0, values).astype(np.int64)
    return pd.arrays.IntegerArray(found, unknown)


def _texts(values: Words) -> Any:
    """Return words as a column, missing where empty."""
    found = pd.Series(values, dtype="str")
    return found.mask(found == "").array


def chart(result: Result, lang: Lang) -> Figure:
    """Draw supporters by schools supported, with the limit; who is flagged stands out."""
    from liantu.plots import bars, style

    table = result.table.head(bars.TOP)
    limit = float(result.parameters["max_supported"])
    made = style.figure(0.25 * len(table) + 0.7)
    axes = made.add_subplot()
    values = table["supported"].to_numpy(dtype=float)
    y = bars.ranking(axes, bars.row_names(table), values, style.BLUES[1])
    flagged = table["flags"].notna().to_numpy(dtype=bool)
    alone = table["flags"].isna() | (table["flags"] == "over_supported")
    mutual = (table["mutual_only"] & alone).to_numpy(dtype=bool)
    colours = {style.BLUES[1]: label("supported", lang)}
    for colour, rows, key in (
        (style.ALARM, flagged & ~mutual, "flagged"),
        (style.CORE_ONLY, mutual, "mutual_only"),
    ):
        if rows.any():
            axes.barh(y[rows], values[rows], 0.66, color=colour)
            colours[colour] = label(key, lang)
    axes.set_xlim(0, max(values.max(), limit) * 1.15)
    axes.axvline(limit, color=style.INK, linestyle="--", linewidth=1)
    bars.said(axes, values)
    words = f"{label('supported_limit', lang, 'label')} {bars.number(limit)}"
    style.legend(made, [*colours.items(), (style.INK, words)])
    return made


def sections(asked: Asked, result: Result) -> list[Section]:
    """Return which cores bear too much, and which thresholds are at stake."""
    if result.table.empty:
        return []
    command, cores = asked.command("load"), cores_of(asked, result)
    over = cores[cores["flags"].notna()]
    keys = {"supported": result.parameters["max_supported"]}
    keys["out"] = f"{result.parameters['max_out']:.0%}"
    told = asked.tell("load_words", over=len(over), cores=len(cores), **keys)
    columns = [
        "name", "supported", "pupils_supported", "per_teacher", "posted_out", "out_share",
        "headroom", "flags",
    ]  # fmt: skip
    blocks: list[Block] = [Text(told)]
    if len(over):
        head = asked.say("cores_over")
        shown = ["name", "supported", "pupils_supported", "posted_out", "headroom", "flags"]
        blocks.append(table(asked, head, over, shown, command, rows=2 * FEW, annex="load"))
    blocks.append(Text(asked.tell("load_settings"), quiet=True))
    stake = result.tables["thresholds"]
    stake = stake[stake["threshold_verdict"].isin(["breaks", "depends"])]
    stake = stake.assign(name=stake["name"].fillna(stake["supporter"]))
    wanted = [
        "name", "indicator", "has", "needed", "leaving_least", "leaving_most",
        "threshold_verdict",
    ]  # fmt: skip
    head = asked.say("thresholds_at_stake")
    if len(stake):
        blocks.append(table(asked, head, stake, wanted, command, rows=FEW, annex="thresholds"))
    every = [*columns[:3], "pupils", "teachers", *columns[3:], "mutual_only"]
    annexes = (
        *annex("load", asked.say("load_all"), named(result.table), every, command),
        *annex("thresholds", head, stake, wanted, command),
    )
    return [Section("load", asked.say("load_title"), tuple(blocks), annexes=annexes)]


def cores_of(asked: Asked, result: Result) -> pd.DataFrame:
    """Return the rows of supporters that are cores; those flagged are over their limit."""
    cores, _ = study(asked.network).cores(asked.day)
    return named(result.table[result.table.index.isin(asked.network.ids("school")[cores])])


def missing(asked: Asked, result: Result) -> list[str]:
    """Return what to add to the lists, and what is then answered."""
    counts = {note.code: note.params.get("count", 0) for note in result.notes}
    wanted = {
        "load_add_indicators": counts.get("load_no_indicators", 0),
        "load_add_teachers": counts.get("load_no_teachers", 0),
        "load_add_names": int((result.table["threshold_verdict"] == "depends").sum()),
        "load_add_closeness": counts.get("load_effort", 0),
    }
    return [asked.tell(code, count=count) for code, count in wanted.items() if count]
