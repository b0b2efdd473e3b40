"""Goals: which goals of a policy are met, by pair, region, centre or school."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from liantu import vocabulary
from liantu.errors import Message
from liantu.graph.kernels import Bools
from liantu.graph.network import Network
from liantu.graph.scope import at_level
from liantu.graph.spans import HIGH, LOW, dates, day_number, days
from liantu.graph.study import study
from liantu.options import minus
from liantu.results.asked import Asked
from liantu.results.blocks import Section, Text
from liantu.results.core import AsOf, Result, analysis, day_of
from liantu.results.sections import FEW, annex, table

COLUMNS: dict[str, str] = {
    **dict.fromkeys(("goal", "rule", "item", "item_kind", "name"), "str"),
    **{"value": "float64", "required": "float64", "undated": "int64", "passed": "boolean"},
    "evidence": "str",
}
COUNTS = ("checks", "passed", "failed", "unknown")
USED = {
    "pair_sends": ("assists", "posted_to"),
    "regions_reached": ("delivers",),
    "center_sessions": ("delivers",),
    "rotation": ("posted_to",),
}


@analysis(
    order=10,
    chapter="coverage",
    highlights=("goals", "checks", "passed", "failed", "unknown"),
    zh="""目标：政策规定的目标是否达到。

    目标写在 network.toml 的 [[goal]] 中，对每个结对、地区、中心或学校逐一核对，给出达标、未达标或
    不明及其依据；未达标的列在最前。

    说明
    ----
    规则共四种。pair_sends：统计日有效的每个结对，支援校派到受援校的人数；以统计日及以前各年的同一天在岗
    为准，期限须满 months 个月（没有结束日期的算到统计日），连续 years 年每年不少于 at_least 人。
    regions_reached：某一级别的每个有学校的地区，窗口期内送到该地区及其学校的次数。center_sessions：
    每个中心在窗口期内的活动次数，平均每 days 天不少于一次。rotation：窗口期内在外交流的教师 ÷
    全体教师（写明 level 时按地区合计教师数已知的学校）；跟岗和培训不计，除非用 form 指定。没有日期
    的记录可能改变结论时为不明；教师数未知时为不明。写明 region 的目标只核对该地区（结对须两校都在该
    地区）。存疑记录不计。

    来源
    ----
    定西（结对派出）、夏津（送课与活动）的做法；每年交流 10% 见县域义务教育优质均衡发展督导评估
    （该评估只计符合交流条件的教师）。
    """,
)
def goals(
    network: Network,
    *,
    as_of: AsOf = None,
) -> Result:
    """Goals: which goals of a policy are met.

    Goals are the [[goal]] entries of network.toml. Each is checked for every pair, region, centre
    or school: met, missed or unknown, with the evidence. What is missed comes first.

    Returns
    -------
    Result
        ``table``: one row a goal and pair, region, centre or school. ``tables``: ``by_goal``.

    Raises
    ------
    OptionError
        If an option is malformed.

    Notes
    -----
    Four rules. pair_sends: people whom the helping school of each pair in force has posted to the
    helped school: there on as_of and on the same day of the years before, posted for at least
    months (an open end counts up to as_of), at least at_least people in each of years years.
    regions_reached: deliveries to each region of a level that has schools, and to its schools, in
    the window. center_sessions: sessions of each centre in the window, on average one every days
    days. rotation: teachers posted out in the window ÷ all teachers of the school (with level:
    of the schools of each region whose number is known); shadowing and training do not count
    unless form names them. What rows without a date could change is unknown,
    and so is the rotation of a school whose number of teachers is unknown. A goal with a region
    concerns that region alone (of a pair, both schools lie in it). Ambiguous rows do not count.

    References
    ----------
    Dingxi (pairs), Xiajin (deliveries and sessions); rotation of 10 % a year: the national
    evaluation of quality and balance (优质均衡), which counts eligible teachers only.

    Examples
    --------
    >>> import pandas as pd
    >>> network = Network.from_frames(
    ...     {
    ...         "school": pd.DataFrame({"id": ["a", "b"], "teachers": [20, 30]}),
    ...         "posted_to": pd.DataFrame(
    ...             {"source": ["a"], "source_kind": "school", "target": ["b"], "count": [2]}
    ...         ),
    ...     },
    ...     as_of="2024-06-30",
    ...     goals=[{"id": "tenth", "rule": "rotation", "share": 0.1}],
    ... )
    >>> goals(network).table[["item", "passed", "evidence"]].values.tolist()
    [['b', False, '0/30'], ['a', True, '2/20']]
    """
    asked = _Asked(network, day_of(network, as_of))
    parts = []
    for goal in network.goals:
        found = _RULES[goal["rule"]](goal, asked)
        parts.append(found.assign(goal=goal["id"], rule=goal["rule"]))
    columns = list(COLUMNS)
    filled = [part[columns] for part in parts if len(part)]
    table = pd.concat(filled) if filled else pd.DataFrame(columns=columns)
    table = table.astype(COLUMNS)
    met = table["passed"].fillna(False).to_numpy(dtype=bool)
    unknown = table["passed"].isna().to_numpy(dtype=bool)
    table = table.assign(rank=np.where(unknown, 1, np.where(met, 2, 0)))
    table = table.assign(checks=1, met=met, missed=~met & ~unknown, unknown=unknown)
    table = table.sort_values(["rank", "goal", "item"], kind="stable", ignore_index=True)
    counts = table[["checks", "met", "missed", "unknown"]].set_axis(COUNTS, axis=1).astype("int64")
    stated = pd.DataFrame(
        {
            "goal": [goal["id"] for goal in network.goals],
            "rule": [goal["rule"] for goal in network.goals],
            "note": [goal.get("note", goal.get("note_en")) for goal in network.goals],
        },
        dtype="str",
    )
    sums = counts.groupby(table["goal"]).sum().reindex(stated["goal"], fill_value=0)
    by_goal = stated[["goal", "rule"]].assign(
        **{key: sums[key].to_numpy(np.int64) for key in COUNTS}, note=stated["note"]
    )
    return Result(
        table=table[columns],
        summary={"goals": len(by_goal), **{key: int(counts[key].sum()) for key in COUNTS}},
        tables={"by_goal": by_goal.sort_values("goal", ignore_index=True)},
        notes=_notes(network),
    )


class _Asked(NamedTuple):
    """A network and the day on which its goals are judged."""

    network: Network
    day: date

    def rows(self, name: str) -> pd.DataFrame:
        """Return the certain rows of a relation: ends as numbers, spans as day numbers."""
        edges, frame = self.network.edges(name), self.network.relation(name)
        frame = frame.assign(
            target_id=frame["target"].astype("str"), source=edges.source, target=edges.target,
            start=edges.start, end=edges.end, dated=edges.dated, row=np.arange(len(edges)),
        )  # fmt: skip
        return frame[edges.stated]

    def of_kind(self, name: str, end: str, kind: str) -> pd.DataFrame:
        """Return the rows with an end of a kind, that end as position among the nodes of it."""
        frame, (first, beyond) = self.rows(name), self.network.numbering.span(kind)
        frame = frame[frame[end].between(first, beyond - 1)]
        return frame.assign(**{end: frame[end] - first})

    def postings(self) -> pd.DataFrame:
        """Return the postings, one row a home, with what their rows say."""
        found = study(self.network).postings(self.day).drop_duplicates(["row", "home"])
        said = self.network.relation("posted_to").iloc[found["row"]]
        return found.assign(**{key: said[key].array for key in ("form", "role", "count")})


def _pair_sends(goal: Mapping[str, Any], asked: _Asked) -> pd.DataFrame:
    network, today = asked.network, day_number(asked.day)
    schools, opened = network.nodes("school"), network.open_schools(asked.day)
    pairs = asked.rows("assists")
    pairs = pairs[(pairs["start"] <= today) & (pairs["end"] >= today)]
    source, target = pairs["source"].to_numpy(), pairs["target"].to_numpy()
    counted = opened[source] & opened[target] & network.reported("school")[target]
    counted &= _concerned(goal, network, "school")[source]
    counted &= _concerned(goal, network, "school")[target]
    pairs = pairs[counted].drop_duplicates(["source", "target"])
    keys = pairs["source"].to_numpy(np.int64) * len(schools) + pairs["target"].to_numpy()

    posted = _of_form(asked.postings(), goal)
    if "role" in goal:
        posted = posted[(posted["role"] == goal["role"]).fillna(False).to_numpy(dtype=bool)]
    start, end = posted["start"].to_numpy(), posted["end"].to_numpy()
    key = posted["home"].to_numpy(np.int64) * len(schools) + posted["host"].to_numpy()
    people = posted["count"].fillna(1).to_numpy(np.int64)
    months = goal.get("months", 0)
    needed = dates(start) + pd.DateOffset(months=months) - pd.Timedelta(days=1)
    long = np.where(end == HIGH, today, end) >= days(needed, LOW)
    unclear = (start == LOW) & (months > 0)
    judged = [minus(asked.day, f"{12 * year}m") for year in range(goal.get("years", 1))]

    def people_on(number: int, which: np.ndarray) -> np.ndarray:
        here = which & (start <= number) & (end >= number)
        sums = pd.Series(people[here]).groupby(key[here]).sum()
        return sums.reindex(keys, fill_value=0).to_numpy(np.int64)

    sure = [people_on(day_number(day), long & ~unclear) for day in judged]
    maybe = [people_on(day_number(day), unclear) for day in judged]
    texts = np.full(len(keys), "", dtype=object)
    for day, number in zip(judged, sure, strict=True):
        texts = texts + f"; {day}: " + number.astype(str).astype(object)
    items = schools.index.to_numpy()
    names = schools["name"].fillna(pd.Series(schools.index, schools.index)).to_numpy()
    return _judged(
        item=items[pairs["source"]] + ">" + items[pairs["target"]],
        item_kind="pair",
        name=names[pairs["source"]] + " → " + names[pairs["target"]],
        value=np.min(sure, axis=0),
        required=goal.get("at_least", 1),
        undated=np.max(maybe, axis=0),
        evidence=pd.Series(texts, dtype="str").str.removeprefix("; ").to_numpy(),
    )


def _regions_reached(goal: Mapping[str, Any], asked: _Asked) -> pd.DataFrame:
    network, regions = asked.network, asked.network.nodes("region")
    taught = at_level(network, network.region_codes("school"), _level(goal))
    taught = taught[network.open_schools(asked.day) & (taught >= 0)]
    chosen = np.unique(taught)
    chosen = chosen[(network.reported("region") & _concerned(goal, network, "region"))[chosen]]
    reached = []
    for kind in ("school", "region"):
        ends = asked.of_kind("delivers", "target", kind)
        codes = ends["target"].to_numpy()
        where = network.region_codes("school")[codes] if kind == "school" else codes
        reached.append(ends.assign(item=at_level(network, where, _level(goal))))
    events = _of_form(pd.concat(reached), goal)
    return _events(goal, asked, events, chosen, goal.get("at_least", 1), "region", regions["name"])


def _center_sessions(goal: Mapping[str, Any], asked: _Asked) -> pd.DataFrame:
    network, centers = asked.network, asked.network.nodes("center")
    parts = []
    for end in ("source", "target"):
        ends = asked.of_kind("delivers", end, "center")
        parts.append(ends.assign(item=ends[end]))
    events = _of_form(pd.concat(parts).drop_duplicates(["row", "item"]), goal)
    window = (asked.day - minus(asked.day, goal.get("window", "12m"))).days
    chosen = np.flatnonzero(network.reported("center") & _concerned(goal, network, "center"))
    least = max(1, window // goal["days"])
    return _events(goal, asked, events, chosen, least, "center", centers["name"])


def _rotation(goal: Mapping[str, Any], asked: _Asked) -> pd.DataFrame:
    network, schools = asked.network, asked.network.nodes("school")
    today, since = day_number(asked.day), day_number(_since(goal, asked))
    posted = _of_form(asked.postings(), goal)
    if "form" not in goal:
        posted = posted[~posted["upward"]]
    posted = posted[(posted["start"] <= today) & (posted["end"] > since)]
    again = posted.duplicated(["home", "teacher"]) & (posted["teacher"] >= 0)
    posted = posted[~again]
    out = np.zeros(len(schools))
    np.add.at(out, posted["home"].to_numpy(), posted["count"].fillna(1).to_numpy(float))

    teachers = schools["teachers"].to_numpy(dtype=float, na_value=np.nan)
    kind, codes = "school", np.arange(len(schools))
    if "level" in goal:
        kind = "region"
        codes = at_level(network, network.region_codes("school"), _level(goal))
    counted = network.open_schools(asked.day) & (codes >= 0)
    counted[counted] = (network.reported(kind) & _concerned(goal, network, kind))[codes[counted]]
    nodes = network.nodes(kind)
    frame = pd.DataFrame({"item": codes, "out": out, "teachers": teachers})[counted]
    frame["out"] = frame["out"].where(frame["teachers"].notna(), 0)
    sums = frame.groupby("item").sum(min_count=1)
    number, total = sums["out"].to_numpy(), sums["teachers"].to_numpy()
    known = total > 0
    value = np.divide(number, total, out=np.full(len(sums), np.nan), where=known)
    texts = [f"{a:g}/{b:g}" if k else "" for a, b, k in zip(number, total, known, strict=True)]
    return _judged(
        item=nodes.index.to_numpy()[sums.index],
        item_kind=kind,
        name=nodes["name"].to_numpy()[sums.index],
        value=value,
        required=goal["share"],
        undated=0,
        evidence=texts,
    )


_RULES: dict[str, Callable[[Mapping[str, Any], _Asked], pd.DataFrame]] = {
    "pair_sends": _pair_sends,
    "regions_reached": _regions_reached,
    "center_sessions": _center_sessions,
    "rotation": _rotation,
}


def _events(
    goal: Mapping[str, Any],
    asked: _Asked,
    events: pd.DataFrame,
    chosen: np.ndarray,
    required: int,
    kind: str,
    names: pd.Series,
) -> pd.DataFrame:
    """Judge how many events each of the chosen nodes has in the window."""
    today, since = day_number(asked.day), day_number(_since(goal, asked))
    number = events["count"].fillna(1).astype("int64")
    dated = events["dated"].to_numpy(dtype=bool)
    inside = dated & ((events["start"] > since) & (events["start"] <= today)).to_numpy()
    if goal.get("undated"):
        inside, dated = inside | ~dated, np.full(len(dated), True)

    def total(which: np.ndarray) -> np.ndarray:
        sums = number[which].groupby(events.loc[which, "item"].to_numpy()).sum()
        return sums.reindex(chosen, fill_value=0).to_numpy(np.int64)

    here = events[inside].sort_values(["item", "target_id"])
    ends = here.drop_duplicates(["item", "target_id"]).groupby("item")["target_id"]
    texts = ends.agg(lambda ids: ", ".join(ids[:3]) + (" …" if len(ids) > 3 else ""))
    return _judged(
        item=names.index.to_numpy()[chosen],
        item_kind=kind,
        name=names.to_numpy()[chosen],
        value=total(inside),
        required=required,
        undated=total(~dated),
        evidence=texts.reindex(chosen).fillna("").to_numpy(),
    )


def _judged(**columns: Any) -> pd.DataFrame:
    """Return rows with a verdict: enough, too few, or unknown if undated rows could add to it."""
    frame = pd.DataFrame(columns)
    enough = (frame["value"] >= frame["required"]).astype("boolean")
    open_ = frame["value"].isna() | (~enough & (frame["undated"] > 0))
    return frame.assign(passed=enough.mask(open_.astype(bool)))


def _concerned(goal: Mapping[str, Any], network: Network, kind: str) -> Bools:
    """Return which nodes of a kind lie in the region of the goal; all without one."""
    whole = network.whole()
    return (whole.focus(goal["region"]) if "region" in goal else whole).reported(kind)


def _level(goal: Mapping[str, Any]) -> str:
    return vocabulary.find("level", goal["level"]) or str(goal["level"])


def _since(goal: Mapping[str, Any], asked: _Asked) -> date:
    return minus(asked.day, goal.get("window", "12m"))


def _of_form(frame: pd.DataFrame, goal: Mapping[str, Any]) -> pd.DataFrame:
    if "form" not in goal:
        return frame
    form = vocabulary.find("form", goal["form"]) or goal["form"]
    return frame[(frame["form"] == form).fillna(False).to_numpy(dtype=bool)]


def _notes(network: Network) -> tuple[Message, ...]:
    if not network.goals:
        return (Message("no_goals"),)
    used = sorted({name for goal in network.goals for name in USED[goal["rule"]]})
    edges = {name: network.edges(name) for name in used}
    dateless = {name: int((rows.stated & ~rows.dated).sum()) for name, rows in edges.items()}
    late = dateless.pop("delivers", 0)
    undated = {"undated_states": sum(dateless.values()), "undated_events": late}
    unsure = sum(int((~rows.stated).sum()) for rows in edges.values())
    counts = {**undated, "ambiguous_rows": unsure}
    return tuple(Message(code, {"count": count}) for code, count in counts.items() if count)


def sections(asked: Asked, result: Result) -> list[Section]:
    """Return which goals are met; nothing where the data state none."""
    figures, command = result.summary, asked.command("goals")
    if not figures["goals"]:
        return []
    title, goals = asked.say("goals_title"), result.tables["by_goal"]
    told = Text(asked.tell("goals_sentence", **figures))
    columns = ["goal", "rule", "checks", "passed", "failed", "unknown", "note"]
    shown = table(asked, title, goals, columns, command, rows=2 * FEW)
    frame = result.table.assign(name=result.table["name"].fillna(result.table["item"]))
    wanted = ["goal", "name", "value", "required", "passed", "evidence"]
    whole = annex("goals", asked.say("goals_checks"), frame, wanted, command)
    return [Section("goals", title, (told, shown), annexes=whole)]
