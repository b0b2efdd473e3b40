"""Primary and junior sections of schools, their counties, pupils and indicators.

Balanced development of compulsory education is judged in each county for primary schools and for
junior secondary schools apart; a nine-year school has a section of either.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from liantu.graph.indicators import (
    SECTIONS,
    SectionName,
    first_day,
    indicator_rows,
    indicators,
    section_of,
)
from liantu.graph.kernels import Bools, Floats, Ints
from liantu.graph.network import Network
from liantu.graph.scope import counties
from liantu.graph.spans import day_number
from liantu.graph.study import study
from liantu.vocabulary import find, normalise

Split = Literal["weighted", "even"]
PARTS = (*SECTIONS, "senior")
# What a pupil of each section counts when a school shares out what its sections have in common
# (rules of an earlier method with eight indicators; not confirmed for the seven).
_COUNTS = {
    "nine_year": {"primary": 1.0, "junior": 1.1},
    "twelve_year": {"primary": 1.0, "junior": 1.1, "senior": 1.32},
    "complete_secondary": {"junior": 1.0, "senior": 1.2},
}
_OWN = {"primary": ("primary",), "junior": ("junior",)}
_SECTIONS = _OWN | {stage: tuple(counts) for stage, counts in _COUNTS.items()}
SMALL = 50  # pupils below which a teaching point is left out
_SPECIAL = (
    "特殊教育|特教学校|特校|培智|启智|聋哑|盲人学校|聋人学校|[Ss]pecial (?:[Ss]chool|[Ee]ducation)"
)
_POINT = "教学点|[Tt]eaching point"
_BEFORE = re.compile(r"^(小学|初中|高中|primary|junior|senior)[a-z]*(?:学段|阶段|[段部])?[·@:/_-]?")
_AFTER = re.compile(r"[·@:/_-]?\(?(小学|初中|高中|primary|junior|senior)(?:学段|阶段|[段部])?\)?$")
_LONGEST = 40  # characters of a measure that names pupils


class Sections(NamedTuple):
    """The sections that count, an item a section of a school, by school and section.

    Attributes
    ----------
    school
        Position of the school.
    section
        Position in `liantu.graph.indicators.SECTIONS`.
    county
        Position of the region that stands for its county; −1 where the whole network does.
    pupils
        Its pupils, above 0; NaN where unknown.
    most
        Its pupils, where unknown those of the whole school, NaN where these are unknown too.
    weight
        Its pupils in the period of each indicator; one column an indicator.
    value
        The indicators, NaN where unknown.
    split
        Whether the school has further sections.
    left
        ``school`` (position), ``county``, ``reason``: schools that do not count, or of which too
        little is known to judge them.
    unplaced
        ``county``, ``section``, ``pupils``: sections that might count if the stage of their school
        were known, with the pupils of the school.
    taken
        How counties were found: "level", "roots" (no region is marked as a county) or "whole"
        (there are no regions).
    """

    school: Ints
    section: Ints
    county: Ints
    pupils: Floats
    most: Floats
    weight: Floats
    value: Floats
    split: Bools
    left: pd.DataFrame
    unplaced: pd.DataFrame
    taken: str


def sections_of(network: Network, day: date, split: Split = "weighted") -> Sections:
    """Return the primary and junior sections that count on a day.

    Parameters
    ----------
    network
        The network; with a region in focus only its schools.
    day
        The day judged.
    split
        How floor, sports area and equipment of a whole school are shared out to its sections:
        "weighted" counts its pupils as 1 : 1.1 : 1.32 (complete secondary schools 1 : 1.2),
        and teachers and classrooms must be stated by section; "even" takes every figure of the
        whole school for each section.

    Examples
    --------
    >>> school = pd.DataFrame({"id": ["a", "b"], "stage": ["primary", "vocational"], "pupils": 9})
    >>> found = sections_of(Network.from_frames({"school": school}), date(2024, 9, 1))
    >>> found.pupils.tolist(), found.left["reason"].tolist(), found.taken
    ([9.0], ['vocational'], 'whole')
    """
    schools = network.columns("school", "name", "stage", "type", "pupils")
    stage = schools["stage"].astype("str").fillna("").to_numpy(dtype=object)
    total = schools["pupils"].to_numpy(dtype=float, na_value=np.nan)
    county, taken = counties(network)
    counted = study(network).opened(day) & network.reported("school")

    rows = _pupil_rows(network, day)
    latest = _latest(rows, len(schools))
    total = np.where(np.isnan(total), latest[:, len(PARTS)], total)
    known = _filled(latest[:, : len(PARTS)], stage, total)
    reason = _reasons(network, day, schools, stage, total, county)
    parts = []
    for number, name in enumerate(SECTIONS):
        here = counted & (reason == "") & np.isin(stage, _having(name))
        found, alone = np.flatnonzero(here), stage[here] == name
        pupils = np.where(alone, total[found], known[found, number])
        value, periods = _figures(network, day, name, found, stage, known, split)
        weight = _of_period(rows, found, np.where(alone, 3, number), periods, pupils)
        parts.append((found, np.full(len(found), number), pupils, weight, value, ~alone))
    school, section, pupils, weight, value, several = map(np.concatenate, zip(*parts, strict=True))
    # nobody in the section; of whom the number is unknown is kept and judged by nobody
    zero, vague = pupils == 0, np.isnan(pupils)
    reason[school[zero & ~several]] = "no_pupils"
    reason[school[vague]] = np.where(several[vague], "sections_unknown", "pupils_unknown")
    order = np.lexsort((section, school))
    order = order[~zero[order]]
    told = counted & (reason != "") & (reason != "other")
    left = pd.DataFrame(
        {"school": np.flatnonzero(told), "county": county[told], "reason": reason[told]}
    )
    lost = np.flatnonzero(counted & (reason == "stage_unknown"))
    unplaced = pd.DataFrame(
        {
            "pupils": np.repeat(total[lost], len(SECTIONS)),
            "county": np.repeat(county[lost], len(SECTIONS)),
            "section": np.tile(np.arange(len(SECTIONS)), len(lost)),
        }
    )
    most = np.where(vague, total[school], pupils)
    return Sections(
        school[order], section[order], county[school[order]], pupils[order], most[order],
        weight[order], value[order], several[order], left, unplaced, taken,
    )  # fmt: skip


def _having(name: SectionName) -> list[str]:
    return [stage for stage, names in _SECTIONS.items() if name in names]


def _reasons(
    network: Network, day: date, schools: pd.DataFrame, stage: np.ndarray, total: Floats,
    county: Ints,
) -> np.ndarray:  # fmt: skip
    """Return why each school does not count; "" where it does."""
    name = schools["name"].astype("str").fillna("")
    special = name.str.contains(_SPECIAL, regex=True).to_numpy(dtype=bool)
    point = (schools["type"] == "218").fillna(False).to_numpy(dtype=bool)
    point = point | name.str.contains(_POINT, regex=True).to_numpy(dtype=bool)
    point |= _teaching_points(network, day)
    placeless = (county < 0) if network.size("region") else np.zeros(len(county), dtype=np.bool_)
    return np.select(
        [
            special,
            stage == "vocational",
            stage == "",
            ~np.isin(stage, list(_SECTIONS)),
            point & (total < SMALL),
            placeless,
        ],
        ["special", "vocational", "stage_unknown", "other", "small_point", "no_county"],
        "",
    ).astype(object)


def _teaching_points(network: Network, day: date) -> Bools:
    edges, found = network.edges("affiliated_to"), np.zeros(network.size("school"), dtype=np.bool_)
    if "teaching_point" in network.forms:
        now = edges.holds(day_number(day))
        found[edges.source[now & (edges.form == network.forms.index("teaching_point"))]] = True
    return found


def _figures(
    network: Network, day: date, name: SectionName, found: Ints, stage: np.ndarray,
    known: Floats, split: Split,
) -> tuple[Floats, np.ndarray]:  # fmt: skip
    """Return the indicators of some schools in a section, and the period of each."""
    rows = indicator_rows(network, day, name)
    keys = list(indicators())
    size = (network.size("school"), len(keys))
    value, period = np.full(size, np.nan), np.full(size, None, dtype=object)
    own = np.zeros(size, dtype=np.bool_)
    place = (rows["school"].to_numpy(), pd.Index(keys).get_indexer(pd.Index(rows["key"])))
    value[place] = rows["value"].to_numpy(dtype=float)
    period[place] = rows["period"].astype(object).where(rows["period"].notna(), None).to_numpy()
    own[place] = rows["section"].notna().to_numpy()
    value, period, own = value[found], period[found], own[found]
    several = stage[found] != name
    shared = np.array([one.shared for one in indicators().values()])
    whole = several[:, None] & ~own
    if split == "weighted":
        factor = _factors(name, stage[found], known[found])
        value = np.where(whole, np.where(shared, value * factor[:, None], np.nan), value)
    return value, period


def _factors(name: SectionName, stage: np.ndarray, known: Floats) -> Floats:
    """Return by what a figure per pupil of a whole school becomes one of its section.

    All that the school has is figure · pupils; a pupil of section k has w_k / Σ w p of it.
    """
    factor = np.ones(len(stage))
    for kind, counts in _COUNTS.items():
        here = stage == kind
        if name not in counts or not here.any():
            continue
        weights = np.array([counts.get(part, 0.0) for part in PARTS])
        pupils = np.where(weights > 0, known[here], 0.0)
        whole = pupils @ weights
        stated = pupils.sum(axis=1)
        ratio = np.divide(stated, whole, out=np.full(len(whole), np.nan), where=whole > 0)
        factor[here] = counts[name] * ratio
    return factor


# -- pupils ------------------------------------------------------------------------------------


def _pupil_rows(network: Network, day: date) -> pd.DataFrame:
    """Return pupils of schools by period: ``school, part, period, value, rank``.

    `part` is a position in `PARTS`, 3 of the whole school; `rank` orders the periods.
    """
    frame = network.columns(
        "observations", "kind", "id", "measure", "period", "value", "subject", "grade"
    )
    use = (frame["kind"] == "school") & frame["value"].notna() & (frame["value"] >= 0)
    frame = frame[(use & frame["subject"].isna() & frame["grade"].isna()).to_numpy(dtype=bool)]
    codes, names = pd.factorize(frame["measure"])
    part = np.append([_part_of(str(name)) for name in names], -1).astype(np.int64)[codes]
    frame, part = frame[part >= 0], part[part >= 0]
    periods, said = pd.factorize(frame["period"], use_na_sentinel=False)
    begins = [first_day(str(one)) if isinstance(one, str) else None for one in said]
    order = sorted(range(len(said)), key=lambda i: (begins[i] or date.min, str(said[i])))
    rank = np.empty(len(said), dtype=np.int64)
    rank[order] = np.arange(len(said))
    late = np.array([begin is not None and begin > day for begin in begins], dtype=bool)
    rows = pd.DataFrame(
        {
            "school": network.ids("school").get_indexer(pd.Index(frame["id"])),
            "part": part,
            "period": frame["period"].astype(object).where(frame["period"].notna(), None).array,
            "value": frame["value"].to_numpy(dtype=float),
            "rank": rank[periods],
        }
    )[~late[periods]]
    by = ["school", "part", "rank"]
    same = rows.groupby(by)["value"].transform("nunique") == 1  # else nobody knows which is right
    return rows[same].drop_duplicates(by).sort_values(by, ignore_index=True)


def _part_of(measure: str) -> int:
    """Return of which section a measure counts the pupils: 3 the whole school, −1 none.

    Examples
    --------
    >>> _part_of("在校生数"), _part_of("小学在校生数"), _part_of("pupils@junior"), _part_of("电话")
    (3, 0, 1, -1)
    """
    if len(measure) > _LONGEST:
        return -1
    whole = normalise(measure).casefold()
    if find("column", whole) == "pupils":
        return len(PARTS)
    for pattern in (_BEFORE, _AFTER):
        if match := pattern.search(whole):
            rest = whole[: match.start()] + whole[match.end() :]
            if find("column", rest) == "pupils":
                name = section_of(match[1]) or "senior"
                return PARTS.index(name)
    return -1


def _latest(rows: pd.DataFrame, size: int) -> Floats:
    """Return the latest pupils of each school by section, then of all; NaN where not stated."""
    found = np.full((size, len(PARTS) + 1), np.nan)
    last = rows.drop_duplicates(["school", "part"], keep="last")
    found[last["school"], last["part"]] = last["value"]
    return found


def _filled(latest: Floats, stage: np.ndarray, total: Floats) -> Floats:
    """Return pupils by section; where one of them alone is missing it is the rest of the school."""
    found = latest.copy()
    for kind, counts in _COUNTS.items():
        columns = np.array([PARTS.index(part) for part in counts])
        here = np.flatnonzero(stage == kind)
        some = found[np.ix_(here, columns)]
        rest = total[here] - np.nansum(some, axis=1)
        one = (np.isnan(some).sum(axis=1) == 1) & (rest >= 0)
        fill = np.isnan(some) & one[:, None]
        found[np.ix_(here, columns)] = np.where(fill, rest[:, None], some)
    return found


def _of_period(
    rows: pd.DataFrame, school: Ints, part: Ints, periods: np.ndarray, pupils: Floats
) -> Floats:
    """Return the pupils in the period of each figure, where stated; else the latest."""
    count = periods.shape[1]
    asked = pd.DataFrame(
        {
            "school": np.repeat(school, count),
            "part": np.repeat(part, count),
            "period": periods.ravel(),
        }
    )
    known = rows.loc[rows["period"].notna(), ["school", "part", "period", "value"]]
    found = asked.astype({"period": "str"}).merge(
        known.astype({"period": "str"}), on=["school", "part", "period"], how="left"
    )
    stated: Floats = found["value"].to_numpy(dtype=float).reshape(periods.shape)
    return np.where(stated > 0, stated, pupils[:, None])
