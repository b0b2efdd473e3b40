"""Subjects: which school has research support in which subject."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from liantu import vocabulary
from liantu.errors import Message
from liantu.graph.cover import best_parent
from liantu.graph.kernels import Bools, pick
from liantu.graph.network import Network
from liantu.graph.numbering import Codes
from liantu.graph.schema import forms_with
from liantu.graph.scope import Rural, Scope, schools_in_scope
from liantu.graph.spans import day_number
from liantu.graph.study import study
from liantu.results.asked import Asked
from liantu.results.blocks import Section, Text
from liantu.results.core import AsOf, Engine, Result, analysis, day_of
from liantu.results.sections import FEW, annex, named, table
from liantu.vocabulary import Lang, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure


# The schools that have a stage: the part of schooling, not the kind of school.
STAGES = {
    "kindergarten": ("kindergarten",),
    "primary": ("primary", "nine_year", "twelve_year"),
    "junior": ("junior", "nine_year", "complete_secondary", "twelve_year"),
    "senior": ("senior", "complete_secondary", "twelve_year"),
    "vocational": ("vocational",),
}
WAYS = {"memberships": "joins", "deliveries": "delivers", "postings": "posted_to"}


SHOWN = 40, 40  # schools and subjects of the chart that a person can still read


@analysis(
    order=7,
    chapter="staff",
    highlights=("in_scope", "subjects", "supported", "pairs", "schools_missing"),
    zh="""学科：每所学校在哪些学科有教研支持。

    列出学校 × 学科矩阵：学校或其教师加入的学科中心、窗口期内收到的送课、到校交流的该学科教师，
    任一项即为有支持；并列出每所学校缺哪些学科、哪些学科只靠一个中心。缺得多的学校列在最前。

    说明
    ----
    学科取数据中出现的全部学科：中心、中心成员、送课和教师的学科，按原文区分。中心成员以本记录的学科
    为准，未注明时用中心的学科；送课未注明时用送课中心或教师的学科；交流用教师的学科，跟岗和培训不计
    （受益的是派出学校）。面向集团、中心或地区的送课不计入学校。学科只涉及开设该学科的学段的学校，其余学校既不算有
    也不算缺：以学段开头的学科（如初中化学）按该学段；其他学科按国家课程方案（如道德与法治为小学、初中），
    方案中没有的学科涉及幼儿园以外的各学段。不以学段开头的学科，学校自身有支持的也计入。村小等继承上级学校的支持，另行标明。
    “只靠一个中心”指该学科的全部支持都来自同一个中心。没有学科的中心不属于任何学科。
    各学科的比率 = 有支持的学校 ÷ 统计范围。

    来源
    ----
    关系的含义见本工具的概念说明。学段：教育部《义务教育课程方案（2022年版）》、《普通高中课程方案（2017年版
    2020年修订）》、《中等职业学校公共基础课程方案》（2019）。
    """,
)
def subjects(
    network: Network,
    *,
    as_of: AsOf = None,
    engine: Engine = "auto",
    scope: Scope = "rural",
    rural: Rural = "strict",
    window: str = "12m",
) -> Result:
    """Subjects: which school has research support in which subject.

    A matrix of schools and subjects: a school is supported in a subject if it or a teacher of it
    belongs to a centre of the subject, if a lesson was delivered to it in the window, or if a
    teacher of the subject is posted to it. Also which subjects each school lacks, and which
    subjects hang on a single centre. Schools that lack most come first.

    Returns
    -------
    Result
        ``table``: one row a school in scope. ``tables``: ``matrix``, one row a school and subject
        with the number of memberships, deliveries and postings; ``by_subject``.

    Raises
    ------
    RequestError
        If rural schools are asked for and no open school has an urban–rural class.
    OptionError
        If an option is malformed.

    Notes
    -----
    Subjects are all that occur: those of centres, centre memberships, deliveries and teachers, as
    written. A membership has its own subject, else that of the centre; a delivery its own, else
    that of the delivering centre or teacher; a posting that of the teacher, where shadowing and
    training do not count, for they help the home school. Deliveries to an alliance, centre or
    region reach no school. A subject concerns the schools that have a stage in which it is
    taught; the others neither have nor lack it. If its name begins with a stage (初中化学), it is
    that stage; else those of the national curricula (道德与法治: primary, junior), and all but
    kindergarten for a subject that these do not know. Where its name begins with no stage, a school
    with support of its own in it counts too. Village schools inherit the support of
    their parents, shown apart. A subject hangs on a single centre if all its support comes from
    one. Centres without a subject belong to none. The rate of a subject = schools supported ÷
    schools in scope that it concerns.

    References
    ----------
    What the relations mean stands in the concepts page of the documentation. Stages: Ministry of
    Education, curriculum plans for compulsory education (2022), for senior secondary schools (2017,
    revised 2020) and of common courses of secondary vocational schools (2019).

    Examples
    --------
    >>> import pandas as pd
    >>> network = Network.from_frames(
    ...     {
    ...         "school": pd.DataFrame({"id": ["a", "b"]}),
    ...         "center": pd.DataFrame({"id": ["c", "d"], "subject": ["语文", "数学"]}),
    ...         "joins": pd.DataFrame(
    ...             {"source": ["a", "b", "a"], "source_kind": "school", "target": ["c", "c", "d"]}
    ...         ),
    ...     },
    ...     as_of="2024-06-30",
    ... )
    >>> subjects(network, scope="all").table["missing_subjects"].to_dict()
    {'b': '数学', 'a': nan}
    """
    day, schools = day_of(network, as_of), network.nodes("school")
    known = study(network)
    ties = known.tie_set(day, window)
    opened = ties.opened
    _, in_scope = schools_in_scope(network, opened, scope, rural)
    support, every = _support(network, day, ties.since)
    support = support[opened[support["school"].to_numpy()]]
    names = pd.Index(sorted(every), dtype="str")
    column = names.get_indexer(pd.Index(support["subject"]))
    shape = (len(schools), len(names))
    counts = {}
    for key, basis in WAYS.items():
        counts[key] = np.zeros(shape, dtype=np.int64)
        here = (support["basis"] == basis).to_numpy(dtype=bool)
        np.add.at(counts[key], (support["school"].to_numpy()[here], column[here]), 1)
    direct = sum(counts.values(), np.zeros(shape, dtype=np.int64)) > 0
    families, notes = known.parents(day)
    kernels, inherited = pick(engine), np.zeros(shape, dtype=bool)
    for number in range(len(names)):
        _, above = best_parent(kernels, families, direct[:, number].astype(np.int64))
        inherited[:, number] = (above > 0) & ~direct[:, number]

    chosen = schools.loc[in_scope, ["name", "region", "stage", "pupils"]].rename_axis("school")
    concerned = _concerned(chosen["stage"], names, direct[in_scope])
    supported = (direct | inherited)[in_scope] & concerned
    inherited = inherited[in_scope] & concerned
    lacking = concerned & ~supported
    table = chosen.assign(
        subjects=supported.sum(axis=1),
        inherited=inherited.sum(axis=1),
        missing=lacking.sum(axis=1),
        missing_subjects=_listed(lacking, names).array,
    )
    matrix = pd.DataFrame(
        {
            "school": np.repeat(chosen.index.to_numpy(), len(names)),
            "subject": np.tile(names.to_numpy(), len(chosen)),
            "supported": supported.ravel(),
            "inherited": inherited.ravel(),
            **{key: values[in_scope].ravel() for key, values in counts.items()},
        }
    ).astype({"school": "str", "subject": "str"})
    matrix = matrix[concerned.ravel()].reset_index(drop=True)
    number, total = supported.sum(axis=0), concerned.sum(axis=0)
    by_subject = pd.DataFrame(
        {
            "subject": names,
            "in_scope": total,
            "supported": number,
            "inherited": inherited.sum(axis=0),
            "rate": np.divide(number, total, out=np.full(len(names), np.nan), where=total > 0),
        }
    ).astype({"subject": "str"})
    by_subject = by_subject.join(_centers(network, support, names), on="subject")
    pairs, found = int(concerned.sum()), int(supported.sum())
    summary = {
        "in_scope": len(table),
        "subjects": len(names),
        "pairs": pairs,
        "supported": found,
        "inherited": int(inherited.sum()),
        "schools_missing": int((table["missing"] > 0).sum()),
        "schools_without": int((table["subjects"] == 0).sum()) if len(names) else 0,
        "single_center": int(by_subject["single_center"].sum()),
    }
    order = ["missing", "pupils", "school"]
    return Result(
        table=table.sort_values(order, ascending=[False, False, True], kind="stable"),
        summary=summary,
        tables={"matrix": matrix, "by_subject": by_subject},
        notes=(*ties.notes, *notes),
    )


def _support(network: Network, day: date, since: date) -> tuple[pd.DataFrame, set[str]]:
    """Return who supports which school in which subject, and every subject that occurs.

    Columns ``school``, ``subject``, ``basis``, ``center`` (position, −1 where it is no centre).
    """
    from liantu.graph.tie_rules import behind

    today, before = day_number(day), day_number(since)
    own = {kind: network.nodes(kind)["subject"] for kind in ("center", "teacher")}
    spans = {kind: network.numbering.span(kind) for kind in ("school", "center", "teacher")}
    joins, delivers = network.relation("joins"), network.relation("delivers")

    def inside(codes: Codes, kind: str) -> Bools:
        found: Bools = (codes >= spans[kind][0]) & (codes < spans[kind][1])
        return found

    def taught(kind: str, codes: Codes) -> Any:
        return own[kind].array[codes - spans[kind][0]]

    tables, edges = study(network).tables(day), network.edges("joins")
    found = behind(tables, tables["joins"], "source").sort("row", "school", "row_s")
    row = found["row"].to_numpy()
    now = np.maximum(edges.start[row], found["start_s"].to_numpy()) <= today
    now &= np.minimum(edges.end[row], found["end_s"].to_numpy()) >= today
    row = row[now]
    joined = pd.DataFrame({"school": found["school"].to_numpy()[now], "basis": "joins"})
    joined["center"] = edges.target[row] - spans["center"][0]
    fallback = pd.Series(taught("center", edges.target[row]), dtype="str")
    joined["subject"] = joins["subject"].iloc[row].reset_index(drop=True).fillna(fallback)

    edges = network.edges("delivers")
    row = np.flatnonzero(
        edges.stated & inside(edges.target, "school") & edges.dated
        & (edges.start > before) & (edges.start <= today)
    )  # fmt: skip
    delivered = pd.DataFrame({"school": edges.target[row], "basis": "delivers", "center": -1})
    subject = delivers["subject"].iloc[row].reset_index(drop=True)
    for kind in ("center", "teacher"):
        here = inside(edges.source[row], kind)
        given = pd.Series(taught(kind, edges.source[row][here]), np.flatnonzero(here), dtype="str")
        subject = subject.fillna(given)
    delivered["subject"] = subject
    here = inside(edges.source[row], "center")
    delivered.loc[here, "center"] = edges.source[row][here] - spans["center"][0]

    edges = network.edges("posted_to")
    home = [network.forms.index(form) for form in forms_with("to_home") if form in network.forms]
    row = np.flatnonzero(
        edges.stated & inside(edges.source, "teacher") & ~np.isin(edges.form, home)
        & (edges.start <= today) & (edges.end > before)
    )  # fmt: skip
    posted = pd.DataFrame({"school": edges.target[row], "basis": "posted_to", "center": -1})
    posted["subject"] = pd.Series(taught("teacher", edges.source[row]), dtype="str")

    columns = ["school", "subject", "basis", "center"]
    parts = [part[columns] for part in (joined, delivered, posted) if len(part)]
    support = pd.concat(parts or [joined[columns]], ignore_index=True).dropna(subset=["subject"])
    stated = (joins["subject"][network.edges("joins").stated],
              delivers["subject"][network.edges("delivers").stated])  # fmt: skip
    return support, set(pd.concat([*own.values(), *stated]).dropna().astype("str"))


def _concerned(stage: pd.Series, names: pd.Index, direct: Bools) -> Bools:
    """Return which subjects concern which schools; a school of unknown stage all of them.

    Where the name begins with no stage, those with support of their own are concerned too.
    """
    concerned = np.ones((len(stage), len(names)), dtype=bool)
    for number, name in enumerate(map(str, names)):
        stages, named = _stages(name)
        having = [kind for key in stages for kind in STAGES[key]]
        concerned[:, number] = (stage.isna() | stage.isin(having)).to_numpy(dtype=bool)
        if not named:
            concerned[:, number] |= direct[:, number]
    return concerned


def _stages(name: str) -> tuple[tuple[str, ...], bool]:
    """Return the stages that a subject concerns, and whether its name begins with one.

    Examples
    --------
    >>> _stages("初中化学"), _stages("道德与法治"), "kindergarten" in _stages("书法")[0]
    ((('junior',), True), (('primary', 'junior'), False), False)
    """
    for key in STAGES:
        if name.startswith((vocabulary.terms("stage")[key].zh, key)):
            return (key,), True
    every = tuple(key for key in STAGES if key != "kindergarten")
    return vocabulary.subject_stages().get(name.casefold(), every), False


def _listed(lacking: Bools, names: pd.Index) -> pd.Series:
    """Return the names of the true columns of each row, missing where there is none."""
    texts = np.where(lacking, names.to_numpy() + "、", "") if len(names) else lacking
    joined = texts.astype(object).sum(axis=1) if len(names) else np.full(len(lacking), "")
    values = pd.Series(joined, dtype="str").str.removesuffix("、")
    return values.mask(values == "")


def _centers(network: Network, support: pd.DataFrame, names: pd.Index) -> pd.DataFrame:
    """Return the number of centres of each subject, and whether all support comes from one."""
    own = network.nodes("center")["subject"].reset_index(drop=True).dropna()
    from_centers = support.loc[support["center"] >= 0, ["subject", "center"]]
    listed = pd.DataFrame({"subject": own, "center": own.index})
    parts = [part for part in (listed, from_centers) if len(part)] or [listed]
    number = pd.concat(parts).drop_duplicates().groupby("subject").size()
    givers = support.groupby("subject")["center"].agg(["nunique", "min"])
    single = ((givers["nunique"] == 1) & (givers["min"] >= 0)).reindex(names, fill_value=False)
    counted = number.reindex(names, fill_value=0).astype(np.int64)
    return pd.DataFrame({"centers": counted, "single_center": single.astype(bool)})


def chart(result: Result, lang: Lang) -> Figure:
    """Draw schools (those that lack most first) by subjects: supported, inherited, lacking.

    A cell without colour is a subject that does not concern the school.
    """
    from matplotlib.colors import ListedColormap

    from liantu.plots import style
    from liantu.plots.bars import NAME
    from liantu.plots.fonts import cut

    frame = result.tables["matrix"]
    if frame.empty:
        return style.empty(lang)
    state = np.where(frame["supported"], np.where(frame["inherited"], 1, 2), 0)
    cells = frame.assign(state=state).pivot(index="school", columns="subject", values="state")
    cells = cells.reindex(result.table.index).iloc[: SHOWN[0], : SHOWN[1]]
    names = result.table["name"].fillna(pd.Series(result.table.index, result.table.index))
    made = style.figure(0.22 * len(cells) + 1.6)
    axes = made.add_subplot()
    colours = ListedColormap([style.ALARM, style.BLUES[0], style.BLUES[2]])
    values = np.ma.masked_invalid(cells.to_numpy(dtype=float))
    axes.pcolormesh(values, cmap=colours, vmin=-0.5, vmax=2.5, edgecolor="white", linewidth=0.8)
    style.bare(axes)
    axes.set_yticks(np.arange(len(cells)) + 0.5, [cut(names[key], NAME) for key in cells.index])
    subjects = [cut(str(key), NAME) for key in cells.columns]
    axes.xaxis.tick_top()
    axes.set_xticks(np.arange(len(subjects)) + 0.5, subjects, rotation=90, size=8)
    axes.tick_params(axis="x", length=0)
    axes.set_ylim(len(cells), 0)
    style.legend(
        made,
        [
            (style.BLUES[2], label("supported", lang)),
            (style.BLUES[0], label("inherited", lang)),
            (style.ALARM, label("lacking", lang, "label")),
        ],
    )
    if len(result.table) > SHOWN[0]:
        text = Message("shown_of", {"shown": SHOWN[0], "total": len(result.table)}).text(lang)
        axes.set_xlabel(text, size=8)
    return made


def sections(asked: Asked, result: Result) -> list[Section]:
    """Return the subjects that most schools lack; each school's as an annex."""
    figures, command = result.summary, asked.command("subjects")
    if not figures["pairs"]:
        return []
    shown = {key: f"{figures[key]:,}" for key in _TOLD}
    told = asked.tell("subjects_sentence", **shown)
    frame = result.tables["by_subject"].sort_values(["rate", "subject"], kind="stable")
    columns = ["subject", "in_scope", "supported", "inherited", "rate", "centers"]
    title, head = asked.say("subjects_title"), asked.say("by_subject")
    heads = {"rate": "subject_rate"}
    first = table(asked, head, frame, columns, command, rows=2 * FEW, heads=heads)
    missing = named(result.table[result.table["missing"] > 0])
    wanted = ["name", "region", "stage", "pupils", "subjects", "missing", "missing_subjects"]
    whole = annex("subjects", asked.say("subjects_missing"), missing, wanted, command)
    return [Section("subjects", title, (Text(told), first), annexes=whole)]


_TOLD = ("in_scope", "subjects", "pairs", "supported", "schools_missing", "schools_without")
