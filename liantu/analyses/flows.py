"""Flows: who goes where, for how long, and who gives or takes on balance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from liantu.errors import Message
from liantu.graph.kernels import Bools
from liantu.graph.network import Network
from liantu.graph.scope import Rural, rural_schools
from liantu.graph.spans import day_number
from liantu.graph.study import Study, study
from liantu.options import parse_list
from liantu.results.asked import Asked
from liantu.results.blocks import Block, Section, Text
from liantu.results.core import AsOf, Result, analysis, day_of
from liantu.results.sections import FEW, annex, ends_named, named, table
from liantu.vocabulary import find

YEAR = 365.25  # days


@analysis(
    order=8,
    chapter="staff",
    highlights=("people", "teacher_years", "to_rural", "from_rural", "mentoring_pairs"),
    zh="""流动：教师往哪里去、多久，谁净输出、谁净受援。

    把教师交流轮岗看作学校之间的人员流动，两个方向分开统计人数和教师年；师徒结对按对数和人数分别
    统计；列出每所学校派出、接收和净支援人数。净支援多的学校列在最前。

    参数
    ----
    form
        只计这些形式的交流，以逗号分隔，例如 rotation,support_teaching（师徒不受影响）；默认为全部。
    window
        窗口期，例如 12m：与之重叠的交流和师徒计入。

    说明
    ----
    人员从派出学校流向接收学校。教师按人计一次（同一教师多条记录不重复），以学校为起点的记录按“人数”
    计，未注明人数的按 1 人计并在附注中计数。教师年 = 人数 × 在窗口期内的天数 ÷ 365.25；起止日期都
    未注明的交流计人数、不计教师年。净支援 = 支援人数 − 受援人数：一般交流由派出学校支援，跟岗和培训
    由接收学校支援，师徒不计入。师徒为多对多：一名师傅带两名徒弟为 2 对、3 人；按师傅与徒弟的学校
    列出跨校对数，汇总数含校内和学校不明的对数。限定地区时，只计至少一端在该地区的记录。
    流向乡村、流出乡村按接收和派出学校的城乡分类；没有学校注明城乡类型时留空。

    来源
    ----
    关系的含义见本工具的概念说明。
    """,
)
def flows(
    network: Network,
    *,
    as_of: AsOf = None,
    form: tuple[str, ...] | None = None,
    rural: Rural = "strict",
    window: str = "12m",
) -> Result:
    """Flows: who goes where, for how long, and who gives or takes on balance.

    Postings as movements of people between schools, both directions apart, with teacher-years;
    mentoring counted as pairs and as people; and for each school how many it sent, received and
    lent on balance. Who gives most on balance comes first.

    Parameters
    ----------
    form
        Only postings of these forms, separated by commas, such as rotation,support_teaching
        (mentoring stays); all by default.
    window
        The time in which postings and mentoring count, such as 12m: those that overlap it.

    Returns
    -------
    Result
        ``table``: one row a school. ``tables``: ``movements``, one row a home, host and form;
        ``mentoring``, one row a pair of schools.

    Raises
    ------
    OptionError
        If an option is malformed.

    Notes
    -----
    People go from their home to the host. A teacher counts once, however many rows; a row with a
    school as source counts its people, one where the number is unknown (noted). teacher_years =
    people × days within the window ÷ 365.25; a posting without any date counts as people but gives
    no teacher-years. net = people lent − borrowed: the home lends, but in shadowing and training
    the host does; mentoring is left out of it. Mentoring is many-to-many: a mentor with two mentees
    is 2 pairs and 3 people. The table lists pairs across schools; the summary also counts those
    within one and those whose schools are unknown. With a region in focus only rows with an end in
    it count. Rural shares are empty where no school has an urban–rural class.

    References
    ----------
    What the relations mean stands in the concepts page of the documentation.

    Examples
    --------
    >>> import pandas as pd
    >>> network = Network.from_frames(
    ...     {
    ...         "posted_to": pd.DataFrame(
    ...             {"source": ["a"], "source_kind": "school", "target": ["b"], "count": [3]}
    ...         )
    ...     },
    ...     as_of="2024-06-30",
    ... )
    >>> flows(network).table["net"].to_dict()
    {'a': 3, 'b': -3}
    """
    day, schools = day_of(network, as_of), network.nodes("school")
    known = study(network)
    ties = known.tie_set(day, window)
    opened, reported = ties.opened, network.reported("school")
    today, since = day_number(day), day_number(ties.since)
    village = rural_schools(network, rural)
    moved = _within(known.postings(day), today, since)
    moved = moved[(moved["home"] != moved["host"]).to_numpy(dtype=bool)]
    moved = _between(moved, "home", "host", opened, reported)
    rows = network.relation("posted_to").iloc[moved["row"]]
    moved = moved.assign(form=rows["form"].array, count=rows["count"].array)
    wanted = parse_list(form)
    if wanted is not None:
        moved = moved[moved["form"].isin([find("form", word) or word for word in wanted])]
    days = moved["end"].clip(upper=today) - moved["start"].clip(lower=since + 1) + 1
    number = moved["count"].where(moved["teacher"] < 0, 1)
    moved = moved.assign(number=number.fillna(1).astype(np.int64), form=moved["form"].astype("str"))
    moved["years"] = (moved["number"] * days / YEAR).where(moved["dated"], 0.0).astype(float)
    paired, people = _mentoring(network, known, day, since, opened, reported)

    ids = schools.index
    table = _per_school(moved, paired, schools)
    table = table[reported[ids.get_indexer(table.index)]]
    classed = bool((opened & schools["urban_rural"].notna().to_numpy(dtype=bool)).any())
    to_rural = int(_people(moved[village[moved["host"]]], []).sum())
    from_rural = int(_people(moved[village[moved["home"]]], []).sum())
    summary = {
        "people": int(_people(moved, []).sum()),
        "teacher_years": float(moved.drop_duplicates("row")["years"].sum()),
        "to_rural": to_rural if classed else None,
        "from_rural": from_rural if classed else None,
        "givers": int((table["net"] > 0).sum()),
        "takers": int((table["net"] < 0).sum()),
        **people,
    }
    unknown = (moved["teacher"] < 0) & moved["count"].isna()
    lost = {
        "count_missing": int(unknown.sum()),
        "postings_undated": int((~moved["dated"].astype(bool)).sum()),
    }
    notes = [Message(code, {"count": count}) for code, count in lost.items() if count]
    if len(schools) and not classed:
        notes.append(Message("rural_unknown"))
    return Result(
        table=table.sort_values(["net", "school"], ascending=[False, True], kind="stable"),
        summary=summary,
        tables={
            "movements": _named(_movements(moved), schools),
            "mentoring": _named(paired, schools),
        },
        notes=(*ties.notes, *notes),
    )


def _within(frame: pd.DataFrame, today: int, since: int) -> pd.DataFrame:
    """Return the rows that overlap the window."""
    found: pd.DataFrame = frame[(frame["start"] <= today) & (frame["end"] > since)]
    return found


def _between(
    frame: pd.DataFrame, one: str, other: str, opened: Bools, reported: Bools
) -> pd.DataFrame:
    """Return the rows between open schools of which at least one is reported on."""
    first, second = frame[one].to_numpy(np.int64), frame[other].to_numpy(np.int64)
    keep = opened[first] & opened[second] & (reported[first] | reported[second])
    found: pd.DataFrame = frame[keep]
    return found


def _people(moved: pd.DataFrame, by: Sequence[str]) -> pd.Series:
    """Return the number of people by some columns: each teacher once, and the counts of schools."""
    keys = [*by, "teacher"]
    named = moved["teacher"] >= 0
    # two homes of one teacher, or two rows of one posting, are one person
    once = pd.concat([moved[named].drop_duplicates(keys), moved[~named].drop_duplicates("row")])
    once = once if by else once.assign(all=0)
    return once.groupby(list(by) or "all")["number"].sum()


def _per_school(moved: pd.DataFrame, paired: pd.DataFrame, schools: pd.DataFrame) -> pd.DataFrame:
    """Return what each school sent, received and lent on balance, for those with a movement."""
    taught, learnt = moved[~moved["upward"]], moved[moved["upward"]]
    figures: dict[str, Any] = {
        "sent": _people(moved, ["home"]),
        "received": _people(moved, ["host"]),
        "years_sent": moved.groupby("home")["years"].sum(),
        "years_received": moved.groupby("host")["years"].sum(),
        "lent": _people(taught, ["home"]).add(_people(learnt, ["host"]), fill_value=0),
        "borrowed": _people(taught, ["host"]).add(_people(learnt, ["home"]), fill_value=0),
        "pairs_out": paired.groupby("source")["pairs"].sum(),
        "pairs_in": paired.groupby("target")["pairs"].sum(),
    }
    codes = np.unique(
        np.concatenate([values.index.to_numpy(np.int64) for values in figures.values()])
    )
    filled = {
        key: values.reindex(codes, fill_value=0).to_numpy() for key, values in figures.items()
    }
    table = schools[["name", "region", "urban_rural"]].iloc[codes].rename_axis("school")
    table = table.assign(**filled)
    whole = [key for key in figures if not key.startswith("years")]
    table = table.astype(dict.fromkeys(whole, np.int64))
    return table.assign(net=table["lent"] - table["borrowed"])


def _movements(moved: pd.DataFrame) -> pd.DataFrame:
    """Return people and teacher-years by home, host and form."""
    keys = ["home", "host", "form"]
    moved = moved.assign(form=moved["form"].fillna(""))
    years = moved.groupby(keys)["years"].sum()
    people = _people(moved, keys).reindex(years.index)
    frame = pd.DataFrame({"people": people, "teacher_years": years}).reset_index()
    frame = frame.rename(columns={"home": "source", "host": "target"})
    return frame.assign(form=frame["form"].mask(frame["form"] == "").astype("str"))


def _mentoring(
    network: Network, known: Study, day: date, since: int, opened: Bools, reported: Bools
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return pairs by school of mentor and mentee, and all pairs and people."""
    edges, count = network.edges("mentors"), network.relation("mentors")["count"]
    here = edges.stated & (edges.start <= day_number(day)) & (edges.end > since)
    found = _within(known.mentorships(day), day_number(day), since)
    found = _between(found, "source", "target", opened, reported)
    if network.focus_region is not None:
        focused = np.zeros(len(here), dtype=bool)
        focused[found["row"]] = True
        here &= focused
    found = found.assign(pairs=count.iloc[found["row"]].fillna(1).array)
    across = found[(found["source"] != found["target"]).to_numpy(dtype=bool)]
    keys = ["source", "target"]
    across = across.drop_duplicates([*keys, "row"])
    paired = across.groupby(keys)["pairs"].sum().astype(np.int64).reset_index()
    first, beyond = network.numbering.span("teacher")
    ends = [
        set(codes[(codes >= first) & (codes < beyond)].tolist())
        for codes in (edges.source[here], edges.target[here])
    ]
    people = {
        "mentoring_pairs": int(count[here].fillna(1).sum()),
        "mentors": len(ends[0]),
        "mentees": len(ends[1]),
        "mentoring_people": len(ends[0] | ends[1]),
    }
    return paired, people


def _named(frame: pd.DataFrame, schools: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with ids and names instead of positions, sorted by them."""
    ends: dict[str, Any] = {}
    for end in ("source", "target"):
        nodes = schools.iloc[frame[end].to_numpy(np.int64)]
        ends[end] = nodes.index.astype("str")
        ends[f"{end}_name"] = nodes["name"].to_numpy()
    named = pd.DataFrame(ends).join(frame.drop(columns=["source", "target"]).reset_index(drop=True))
    words = [key for key in (*ends, "form") if key in named]
    named = named.astype(dict.fromkeys(words, "str"))
    keys = [key for key in ("source", "target", "form") if key in named]
    return named.sort_values(keys, kind="stable", ignore_index=True)


def sections(asked: Asked, result: Result) -> list[Section]:
    """Return who moves where, those that give most first; every movement as an annex."""
    figures, command = result.summary, asked.command("flows")
    if not figures["people"] and not figures["mentoring_pairs"]:
        return []
    shown = {key: f"{figures[key]:,}" for key in _TOLD if figures[key] is not None}
    years = f"{figures['teacher_years']:,.1f}"
    known = "flows_sentence" if figures["to_rural"] is not None else "flows_no_rural"
    blocks: list[Block] = [Text(asked.tell(known, years=years, **shown))]
    title, frame = asked.say("flows_title"), named(result.table)
    moving = frame[(frame["sent"] > 0) | (frame["received"] > 0)]
    columns = ["name", "region", "sent", "received", "years_sent", "years_received", "net"]
    head = asked.say("flows_schools")
    if len(moving):
        blocks.append(table(asked, head, moving, columns, command, rows=FEW // 2, annex="flows"))
    moves = ends_named(result.tables["movements"])
    ends = ["source_name", "target_name", "form", "people", "teacher_years"]
    heads = {"source_name": "sending", "target_name": "hosting"}
    annexes = (
        *annex("flows", head, frame, [*columns, "pairs_out", "pairs_in"], command),
        *annex("movements", asked.say("flows_movements"), moves, ends, command, heads),
    )
    return [Section("flows", title, tuple(blocks), annexes=annexes)]


_TOLD = ("people", "to_rural", "from_rural", "givers", "takers", "mentoring_pairs")
