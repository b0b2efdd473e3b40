"""Forms: which alliances break the rules of the form that they bear."""

from __future__ import annotations

import numpy as np
import pandas as pd

from liantu import vocabulary
from liantu.graph import schema
from liantu.graph.kernels import Bools
from liantu.graph.network import Network
from liantu.graph.spans import day_number
from liantu.graph.study import study
from liantu.results.asked import Asked
from liantu.results.blocks import Section, Text
from liantu.results.core import AsOf, Result, analysis, day_of
from liantu.results.sections import FEW, annex, table

# What members of a form share with their core; what they must each have for themselves.
SHARED = {
    "integrated": ("stage", "type", "ownership", "legal_person"),
    "mother_child": ("legal_person",),
}
OWN = {"community": ("legal_person",)}


@analysis(
    order=9,
    chapter="gaps",
    highlights=("alliances", "checks", "violations", "unknown"),
    zh="""办学形式：哪些集团不符合其形式的规则。

    检查统计日有效的集团成员和结对：融合型须与核心校同学段、同类型、同性质、同一法人；母子式须同一
    法人；共同体的成员须各自保留法人。列出不符合规则的学校，并给出每个集团的紧密度。

    说明
    ----
    成员的形式以成员记录为准，未注明时用集团的形式；没有核心校时与编号最小的成员比较；结对与支援方
    比较。属性缺失不算违反，计入“不明”。检查数 = 符合 + 违反 + 不明。紧密度为各成员形式的平均值：
    融合型、母子式 3，聚合型、共建型、师徒式 2，联合型、协作型、伙伴式 1，其他形式不计；这是本工具的
    约定，改变赋值会改变紧密度，但不影响检查结果。存疑记录不检查。

    来源
    ----
    青岛融合型、聚合型、联合型与济南市中区母子式、师徒式、伙伴式的做法；类型代码见 GB/T 33782-2017
    表 4。
    """,
)
def forms(
    network: Network,
    *,
    as_of: AsOf = None,
) -> Result:
    """Forms: which alliances break the rules of the form that they bear.

    Checks memberships and pairs in force: members of an integrated group share stage, type,
    ownership and legal person with their core, mother and child the legal person, and members of a
    community keep each their own. Lists what breaks a rule, and how close each alliance is.

    Returns
    -------
    Result
        ``table``: one row a violation. ``tables``: ``by_alliance``.

    Raises
    ------
    OptionError
        If an option is malformed.

    Notes
    -----
    The form is that of the membership, else of the alliance. Without a core the member with the
    smallest id stands for it; in a pair the helping school does. A missing attribute is unknown,
    not a violation; checks = kept + violations + unknown. closeness is the mean over the members:
    integrated, mother–child 3; aggregated, co-built, master–apprentice 2; joint, cooperative,
    partnership 1; other forms do not count. These weights are a convention of liantu: others would
    change the closeness, but no violation. Ambiguous rows are not checked.

    References
    ----------
    Forms: Qingdao (融合型, 聚合型, 联合型), Jinan Shizhong (母子式, 师徒式, 伙伴式).
    Type codes: GB/T 33782-2017, table 4.

    Examples
    --------
    >>> import pandas as pd
    >>> network = Network.from_frames(
    ...     {
    ...         "school": pd.DataFrame({"id": ["a", "b"], "stage": ["primary", "junior"]}),
    ...         "alliance": pd.DataFrame({"id": ["g"], "form": ["integrated"]}),
    ...         "member_of": pd.DataFrame(
    ...             {"source": ["a", "b"], "target": "g", "role": ["core", "member"]}
    ...         ),
    ...     },
    ...     as_of="2024-06-30",
    ... )
    >>> forms(network).table[["school", "rule", "value", "expected"]].values.tolist()
    [['b', 'same_stage', 'junior', 'primary']]
    """
    day = day_of(network, as_of)
    known = study(network)
    notes = known.ties(day, ("member_of", "assists")).notes
    opened, reported = known.opened(day), network.reported("school")
    held = known.members(day)
    columns = {key: getattr(held, key) for key in ("school", "alliance", "core")}
    words = pd.array([*network.forms, None], dtype="str")
    now = pd.DataFrame(columns).assign(form=words[held.form])

    # who is compared with whom: a member with each core, or with the first where there is none
    led = now["alliance"].map(now.groupby("alliance")["core"].any()).astype(bool)
    first = now.groupby("alliance")["school"].transform("min") == now["school"]
    heads = now[now["core"] | (~led & first)][["alliance", "school"]]
    pairs = now[~now["core"]].merge(heads, on="alliance", suffixes=("", "_head"))
    helped = network.edges("assists")
    both = helped.holds(day_number(day)) & opened[helped.source] & opened[helped.target]
    direct = pd.DataFrame({"alliance": -1, "school": helped.target[both]})
    direct = direct.assign(form=words[helped.form[both]], school_head=helped.source[both])
    pairs = pd.concat([part for part in (pairs, direct) if len(part)] or [pairs])
    pairs = pairs[(pairs["school"] != pairs["school_head"]).to_numpy(dtype=bool)]

    checked = pd.concat([_shared(network, pairs), _own(network, now)], ignore_index=True)
    checked = checked[reported[checked["school"].to_numpy(np.int64)]]
    unknown = checked["value"].isna() | (
        checked["expected"].isna() & (checked["rule"].str[:4] == "same")
    )
    checked = checked.assign(unknown=unknown, broken=checked["broken"].astype(bool) & ~unknown)
    by_alliance = _by_alliance(network, now, checked, reported)
    table = _violations(network, checked)
    summary = {
        "alliances": len(by_alliance),
        "checks": len(checked),
        "violations": len(table),
        "unknown": int(unknown.sum()),
        "schools": int(table["school"].nunique()),
    }
    return Result(table=table, summary=summary, tables={"by_alliance": by_alliance}, notes=notes)


def _shared(network: Network, pairs: pd.DataFrame) -> pd.DataFrame:
    """Return one check a pair and attribute that the form asks to be shared."""
    schools, parts = network.nodes("school"), [_no_checks()]
    for form, attributes in SHARED.items():
        here = pairs[(pairs["form"] == form).to_numpy(dtype=bool)]
        for attribute in attributes:
            values = schools[attribute].astype("str").to_numpy()
            check = here[["alliance", "school", "form"]].assign(
                rule=f"same_{attribute}",
                value=values[here["school"].to_numpy(np.int64)],
                expected=values[here["school_head"].to_numpy(np.int64)],
            )
            parts.append(check.assign(broken=check["value"] != check["expected"]))
    return pd.concat([part for part in parts if len(part)] or parts[:1]).drop_duplicates()


def _own(network: Network, now: pd.DataFrame) -> pd.DataFrame:
    """Return one check a member and attribute that the form asks to be its own."""
    schools, parts = network.nodes("school"), [_no_checks()]
    for form, attributes in OWN.items():
        here = now[(now["form"] == form).to_numpy(dtype=bool)]
        here = here[["alliance", "school", "form"]].drop_duplicates()
        for attribute in attributes:
            values = schools[attribute].astype("str").to_numpy()
            check = here.assign(
                rule=f"own_{attribute}",
                value=values[here["school"].to_numpy(np.int64)],
                expected=None,
            )
            parts.append(check.assign(broken=check.duplicated(["alliance", "value"], keep=False)))
    return pd.concat([part for part in parts if len(part)] or parts[:1])


def _no_checks() -> pd.DataFrame:
    words = dict.fromkeys(("form", "rule", "value", "expected"), "str")
    types = {"alliance": "int64", "school": "int64", **words, "broken": "bool"}
    return pd.DataFrame({key: pd.Series(dtype=kind) for key, kind in types.items()})


def _violations(network: Network, checked: pd.DataFrame) -> pd.DataFrame:
    """Return the violations with ids and names, by alliance and school."""
    schools, alliances = network.nodes("school"), network.nodes("alliance")
    broken = checked[checked["broken"]]
    ids = pd.Series(alliances.index, dtype="str").reindex(broken["alliance"])
    member = schools.iloc[broken["school"].to_numpy(np.int64)]
    table = pd.DataFrame(
        {
            "alliance": ids.to_numpy(),
            "school": member.index.to_numpy(),
            "name": member["name"].to_numpy(),
            **{key: broken[key].to_numpy() for key in ("form", "rule", "value", "expected")},
        }
    ).astype("str")
    order = ["alliance", "school", "rule", "expected"]
    return table.sort_values(order, kind="stable", ignore_index=True)


def _by_alliance(
    network: Network, now: pd.DataFrame, checked: pd.DataFrame, reported: Bools
) -> pd.DataFrame:
    """Return schools, checks and closeness of each alliance with a school reported on."""
    here = now[reported[now["school"].to_numpy()]]
    codes = np.unique(here["alliance"])
    nodes = network.nodes("alliance").iloc[codes]
    groups = checked.groupby("alliance")
    counts = {
        "schools": here.groupby("alliance")["school"].nunique(),
        "checks": groups.size(),
        "violations": groups["broken"].sum(),
        "unknown": groups["unknown"].sum(),
    }
    whole = {key: n.reindex(codes, fill_value=0).to_numpy(np.int64) for key, n in counts.items()}
    closeness_of = {name: form.closeness for name, form in schema.forms().items()}
    weights = now["form"].map(closeness_of).astype(float)
    closeness = weights.groupby(now["alliance"]).mean().reindex(codes).to_numpy(dtype=float)
    frame = nodes[["name", "form"]].assign(**whole, closeness=closeness)
    return frame.rename_axis("alliance").reset_index()


def sections(asked: Asked, result: Result) -> list[Section]:
    """Return the schools that break a rule of their form; nothing where none was checked."""
    figures, command = result.summary, asked.command("forms")
    if not figures["checks"]:
        return []
    title = asked.say("forms_title")
    told = Text(asked.tell("forms_sentence", **figures))
    if result.table.empty:
        return [Section("forms", title, (told,))]
    frame = result.table.reset_index(drop=True)
    worded = {key: _worded(frame, key, asked) for key in ("value", "expected")}
    frame = frame.assign(name=frame["name"].fillna(frame["school"]), **worded)
    columns = ["alliance", "name", "form", "rule", "value", "expected"]
    shown = table(asked, title, frame, columns, command, rows=FEW, annex="forms")
    whole = annex("forms", title, frame, columns, command)
    return [Section("forms", title, (told, shown), annexes=whole)]


def _worded(frame: pd.DataFrame, key: str, asked: Asked) -> pd.Series:
    """Return what an attribute is in words: codes as labels, the rest as it stands."""
    values, attribute = frame[key].astype("str"), frame["rule"].str.partition("_")[2]
    for name in attribute.unique():
        if group := vocabulary.code_group(name):
            labels = {
                code: term.label(asked.lang) for code, term in vocabulary.terms(group).items()
            }
            here = (attribute == name).to_numpy(dtype=bool)
            values = values.mask(here, values.map(lambda v, by=labels: by.get(v, v), "ignore"))
    return values
