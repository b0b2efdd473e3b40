"""The seven resource indicators of balanced compulsory education (优质均衡), as data.

Their figures stand among the observations of schools, by the key of the indicator or any header
that names it; ``indicators.csv`` holds thresholds, and figures beyond which another unit is
likely. The figures come from public rules of provinces; the text of 教督〔2017〕6号 itself has not
been read.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pandas as pd

from liantu.graph.values import parse_date
from liantu.vocabulary import find, half_width, normalise

if TYPE_CHECKING:
    from liantu.graph.network import Network

SectionName = Literal["primary", "junior"]
SECTIONS: tuple[SectionName, ...] = ("primary", "junior")

_READ = ("kind", "id", "measure", "period", "value", "unit", "subject", "grade")
_USABLE = ("", "scale")
_BRACKETED = re.compile(r"\(([^()]*)\)")
_NUMBERED = re.compile(r"^(\d{1,2}[.、:)]|指标\d{0,2}[.、:])")
# Behind or before the name: of which section of a nine-year school a figure is.
_SECTION = r"((?:小学|初中|primary|junior)(?:学段|阶段|[段部])?)"
_PART = re.compile(r"(?<=小学|初中)(学段|阶段|[段部])$")
_PER = ("百", "生均", "per100", "perhundred", "per_100", "perpupil", "per_pupil")
_SHORT = 4  # characters of a unit that is not known
_BEFORE, _AFTER = re.compile(rf"^{_SECTION}[·@:/_-]?"), re.compile(rf"[·@:/_-]?{_SECTION}$")
_YEARS = re.compile(r"(\d{4})\s*[-–—~至/]\s*(\d{4})\s*(学年度?)?$|(\d{4})\s*学年度?$")
_LONGEST = 80  # characters of a measure
_KEPT = 4_096  # measures whose meaning is remembered


class Indicator(NamedTuple):
    """An indicator of a school.

    Attributes
    ----------
    key
        The value of ``measure`` in the observations.
    per
        Pupils that a figure is for: 100 or 1.
    primary, junior
        The least that a primary school and a junior secondary school need.
    unit
        Key of the unit, in the group ``indicator_unit`` of the vocabulary.
    teachers
        Whether it moves when teachers move.
    shared
        Whether the sections of a nine-year school have it in common, to be split by proportion.
    least, most
        Figures other than 0 beyond these are likely in another unit.
    """

    key: str
    per: int
    primary: float
    junior: float
    unit: str
    teachers: bool
    shared: bool
    least: float
    most: float

    def threshold(self, section: SectionName) -> float:
        """Return the least that a school of a section needs."""
        return self.primary if section == "primary" else self.junior


class Measure(NamedTuple):
    """What a measure or header says: the indicator, of which section, in which unit as written."""

    key: str
    section: SectionName | None
    unit: str
    plain: bool  # whether it says what the figure is for: per 100 pupils, per pupil


@cache
def indicators() -> Mapping[str, Indicator]:
    """Return the seven indicators by key.

    Examples
    --------
    >>> indicators()["backbone_per_100"].primary, indicators()["equipment_per_pupil"].junior
    (1.0, 2500.0)
    """
    text = files("liantu.graph").joinpath("indicators.csv").read_text(encoding="utf-8")
    return {
        row["key"]: Indicator(
            row["key"], int(row["per"]), float(row["primary"]), float(row["junior"]), row["unit"],
            row["teachers"] == "true", row["shared_by_proportion"] == "true",
            float(row["least"]), float(row["most"]),
        )
        for row in csv.DictReader(text.splitlines())
    }  # fmt: skip


@lru_cache(_KEPT)
def measure_of(text: str) -> Measure | None:
    """Return which indicator a measure or header names, or None.

    Examples
    --------
    >>> measure_of("每百名学生拥有县级以上骨干教师数（人）")
    Measure(key='backbone_per_100', section=None, unit='人', plain=True)
    >>> measure_of("初中·生均教学仪器设备值(元)").section
    'junior'
    >>> measure_of("backbone_per_100@primary").section, measure_of("在校生数")
    ('primary', None)
    """
    if len(text) > _LONGEST:
        return None
    whole = normalise(text.replace("*", "")).casefold()
    bare = _NUMBERED.sub("", _BRACKETED.sub("", whole))
    inside = _BRACKETED.findall(whole)
    section = next((found for said in inside if (found := section_of(said))), None)
    for pattern in (None, _BEFORE, _AFTER):
        match = pattern.search(bare) if pattern else None
        rest = bare if match is None else bare[: match.start()] + bare[match.end() :]
        key = find("indicator", rest)
        if key is not None and (pattern is None or match is not None):
            own = section_of(match[1]) if match else section
            return Measure(key, own, _unit_of(whole, inside), any(w in rest for w in _PER))
    return None


def _unit_of(whole: str, inside: list[str]) -> str:
    """Return the unit in brackets: a known one, or a short word behind the name."""
    known = [said for said in inside if find("indicator_unit", said)]
    if not known and inside and whole.endswith(f"({inside[-1]})"):
        short = len(inside[-1]) <= _SHORT and "、" not in inside[-1]
        known = [inside[-1]] if short and section_of(inside[-1]) is None else []
    return known[-1] if known else ""


def section_of(text: str) -> SectionName | None:
    """Return the section that a word means, or None.

    Examples
    --------
    >>> section_of("小学部"), section_of("初中"), section_of("九年一贯制")
    ('primary', 'junior', None)
    """
    stage = find("stage", _PART.sub("", text))
    return next((name for name in SECTIONS if name == stage), None)


def measure_key(key: str, section: str | None) -> str:
    """Return the value of ``measure`` for an indicator, of a section where it has one."""
    return f"{key}@{section}" if section in SECTIONS else key


def first_day(period: str) -> date | None:
    """Return the first day of a period, None where it names none; school years begin in September.

    Examples
    --------
    >>> first_day("2024"), first_day("2024-2025学年")
    (datetime.date(2024, 1, 1), datetime.date(2024, 9, 1))
    >>> first_day("第一期") is None
    True
    """
    if match := _YEARS.match(half_width(period)):
        return date(int(match[1] or match[4]), 9, 1)
    return parse_date(period, last=False)[0]


def indicator_rows(network: Network, day: date, section: SectionName | None = None) -> pd.DataFrame:
    """Return the figures of the indicators on a day, one row a school and indicator.

    Parameters
    ----------
    network
        The network.
    day
        Of the periods that have begun by this day the latest is taken, each figure by itself; a
        period that names no day counts as the oldest.
    section
        The figures of the primary or the junior section (measures ``key@primary``,
        ``key@junior``), where it has none those of the whole school. None: those of the whole
        school, where it has none those of its only section.

    Returns
    -------
    pandas.DataFrame
        ``school`` (position), ``key``, ``value``, ``period``, ``section`` (missing where the figure
        is of the whole school), sorted by school and key. Left out are figures below 0 or in
        another unit, and those of one school and period that differ.
    """
    frame = network.columns("observations", *_READ)
    kind = (frame["kind"] == "school").to_numpy(dtype=bool)
    plain = (frame["subject"].isna() & frame["grade"].isna()).to_numpy(dtype=bool)
    frame = frame[kind & plain & frame["value"].notna().to_numpy(dtype=bool)]
    found = _told(frame)
    found = found[found["doubt"].isin(_USABLE)]
    periods, names = pd.factorize(found["period"], use_na_sentinel=False)
    begins = [first_day(str(name)) if isinstance(name, str) else None for name in names]
    late = np.array([begin is not None and begin > day for begin in begins], dtype=bool)
    order = sorted(range(len(names)), key=lambda i: (begins[i] or date.min, str(names[i])))
    rank = np.empty(len(names), dtype=np.int64)
    rank[order] = np.arange(len(names))
    found = found.assign(
        school=network.ids("school").get_indexer(pd.Index(found["id"])), rank=rank[periods],
        nearer=_nearness(found["section"], section),
    )[~late[periods]]  # fmt: skip
    one = found["nearer"] > 0
    if section is None:  # a section stands for its school only if it is alone
        sections = found.groupby(["school", "key"])["section"].transform("nunique")
        one |= (sections == 1) & found["section"].notna()
    by = ["school", "key"]
    found = found[one].sort_values([*by, "nearer", "rank"], kind="stable")
    last = found.groupby(by, sort=True)[["nearer", "rank"]].transform("last")
    found = found[(found[["nearer", "rank"]] == last).all(axis=1)]
    same = found.groupby(by)["value"].transform("nunique") == 1
    found = found[same].drop_duplicates(by)
    return found[["school", "key", "value", "period", "section"]].reset_index(drop=True)


def _nearness(sections: pd.Series, section: SectionName | None) -> np.ndarray:
    """Return how well the section of each figure fits: 2 as asked, 1 of the whole school, 0 not."""
    whole = sections.isna().to_numpy(dtype=bool)
    if section is None:
        return np.where(whole, 2, 0)
    return np.where(sections == section, 2, np.where(whole, 1, 0))


def indicator_values(
    network: Network, day: date, section: SectionName | None = None
) -> pd.DataFrame:
    """Return the indicators of every school on a day.

    Parameters
    ----------
    network, day, section
        As for `indicator_rows`.

    Returns
    -------
    pandas.DataFrame
        Index: the schools, as in ``nodes("school")``; a column of float64 an indicator, in the
        unit of the indicator (people and rooms per 100 pupils, m² and yuan per pupil). What is
        unknown is NaN.

    Examples
    --------
    >>> from liantu.graph.network import Network
    >>> figures = pd.DataFrame({
    ...     "kind": "school", "id": "a", "measure": "backbone_per_100",
    ...     "period": ["2024", "2025"], "value": [1.2, 1.4],
    ... })
    >>> school = pd.DataFrame({"id": ["a", "b"]})
    >>> network = Network.from_frames({"school": school, "observations": figures})
    >>> indicator_values(network, date(2024, 9, 1))["backbone_per_100"].tolist()
    [1.2, nan]
    """
    rows = indicator_rows(network, day, section)
    keys = list(indicators())
    ids = network.ids("school")
    found = np.full((len(ids), len(keys)), np.nan)
    columns = pd.Index(keys).get_indexer(pd.Index(rows["key"]))
    found[rows["school"].to_numpy(), columns] = rows["value"].to_numpy()
    return pd.DataFrame(found, index=ids, columns=keys)


def _told(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that are figures of an indicator: ``key``, ``section``, ``doubt`` beside."""
    codes, names = pd.factorize(frame["measure"])
    measures = [measure_of(str(name)) for name in names]
    use = np.append([measure is not None for measure in measures], False)[codes].astype(bool)
    frame, codes = frame[use], codes[use]
    keys = np.array([m.key if m else "" for m in measures], dtype=object)
    sections = np.array([m.section if m else None for m in measures], dtype=object)
    doubt = _doubts(frame, codes, keys)
    return frame.assign(key=keys[codes], section=sections[codes], doubt=doubt)


def _doubts(frame: pd.DataFrame, codes: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Return what is doubtful of each figure: "", "below", "unit" or "scale".

    `keys` are the indicators of measures, `codes` the place of each row's measure in them.
    """
    known = indicators()
    units, said = pd.factorize(frame["unit"])
    pairs, distinct = pd.factorize(codes.astype(np.int64) * (len(said) + 1) + units + 1)
    written = [*said, ""]  # none is written where the unit is missing: −1
    measures, places = np.divmod(distinct, len(said) + 1)
    agreed = [
        agrees(str(keys[measure]), written[place])
        for measure, place in zip(measures, places - 1, strict=True)
    ]
    value = frame["value"].to_numpy(dtype=float)
    least, most = (
        np.array([getattr(known[key], name) if key else np.nan for key in keys])[codes]
        for name in ("least", "most")
    )
    strange = (value != 0) & ((value < least) | (value > most))
    mistaken = ~np.array(agreed, dtype=bool)[pairs]
    return np.select([value < 0, mistaken, strange], ["below", "unit", "scale"], "")


def agrees(key: str, unit: object) -> bool:
    """Return whether a unit as written is that of an indicator; none written is.

    Examples
    --------
    >>> agrees("equipment_per_pupil", "元/生"), agrees("equipment_per_pupil", "万元")
    (True, False)
    """
    said = unit.strip() if isinstance(unit, str) else ""
    return not said or find("indicator_unit", said) == indicators()[key].unit


def doubtful(observations: pd.DataFrame) -> pd.DataFrame:
    """Return the figures of indicators that cannot be right, or hardly.

    Parameters
    ----------
    observations
        Rows with ``kind, id, measure, value, unit``.

    Returns
    -------
    pandas.DataFrame
        Those rows, with ``key`` of the indicator and ``doubt``: "below" 0, of another "unit", or
        of a "scale" that is rather that of another unit.
    """
    if "unit" not in observations:
        observations = observations.assign(unit=pd.array([None] * len(observations), dtype="str"))
    here = (observations["kind"] == "school") & observations["value"].notna()
    told = _told(observations[here.to_numpy(dtype=bool)])
    return told[told["doubt"] != ""]
