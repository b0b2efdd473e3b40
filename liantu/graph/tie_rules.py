"""How each relation becomes ties: one function a relation.

Every rule takes a `Rows` and returns a frame with the columns of `COLUMNS`: codes of source and
target, form, span in day numbers, the alliance it stands in (−1 for none), whether it goes both
ways, whether the row it rests on bears a date, whether it can lift a school to *in force*, and the
rows it comes from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from liantu.errors import Message
from liantu.graph import schema
from liantu.graph.network import Network
from liantu.graph.spans import HIGH, LOW, day_number, days, gaps, meet, spans

NODE_KINDS = ("school", "center", "partner", "alliance")
COLUMNS = (
    "source", "target", "form", "start", "end", "alliance", "mutual", "dated", "lifts", "origin",
)  # fmt: skip
LARGE = 1000  # members of an alliance without a core above which no ties are made
NAMED_ONLY = ("funding", "donation", "sister")
TOWARDS_HOME = ("shadowing", "training")  # the host helps the home school


@dataclass
class Rows:
    """The relations of a network as codes and spans, with the counts that rules leave behind."""

    network: Network
    as_of: date
    asked: bool = False  # whether a rule had to ask for the date, so that its ties hang on it
    counts: Counter[str] = field(default_factory=Counter)
    notes: list[Message] = field(default_factory=list)
    coreless: list[np.ndarray] = field(default_factory=list)  # schools of large coreless alliances
    _seen: dict[str, pd.DataFrame] = field(default_factory=dict)

    def today(self) -> int:
        """Return the day number of the as-of date, which only rows without dates need."""
        self.asked = True
        return day_number(self.as_of)

    def __call__(self, name: str) -> pd.DataFrame:
        """Return a relation: ends as positions, `start`/`end` as day numbers, no ambiguous rows."""
        if name not in self._seen:
            frame = self.network.relation(name)
            frame["origin"] = name + ":" + frame["source"].astype("str") + ">"
            frame["origin"] += frame["target"].astype("str")
            for end in ("source", "target"):
                frame[f"{end}_id"] = frame[end].astype("str")
                frame[end] = self.network.positions(name, end)
            if schema.tables()[name].nature == "event":
                span = spans(frame, "date", "date")
            else:
                span = spans(frame)
            frame["start"], frame["end"] = span["start"], span["end"]
            frame["dated"] = (frame["start"] > LOW) | (frame["end"] < HIGH)
            clear = frame["certainty"] != "ambiguous"
            self._seen[name] = frame[clear].reset_index(drop=True)
        return self._seen[name]

    def once(self, make: Callable[[Rows], pd.DataFrame]) -> pd.DataFrame:
        """Return what several rules stand on: made, and counted, only once."""
        if make.__name__ not in self._seen:
            self._seen[make.__name__] = make(self)
        return self._seen[make.__name__]

    def base(self, kind: str) -> int:
        """Return the code of the first node of a kind."""
        kinds = NODE_KINDS[: NODE_KINDS.index(kind)]
        return sum(len(self.network.nodes(k)) for k in kinds)

    def of_kind(self, name: str, end: str, kind: str) -> pd.DataFrame:
        """Return the rows whose end is of a kind, that end as position among the nodes of it."""
        frame = self(name)
        if len(schema.tables()[name].ends(end)) > 1:
            frame = frame[frame[f"{end}_kind"] == kind]
            frame = frame.assign(**{end: frame[end] - self.network.offset(name, end, kind)})
        return frame

    def reference(self, frame: pd.DataFrame, column: str) -> np.ndarray:
        """Return the position of each school that a column refers to; −1 where there is none."""
        index = self.network.nodes("school").index
        found = index.get_indexer(pd.Index(frame[column]))
        return np.where(frame[column].notna(), found, -1)

    def schools(self, name: str, end: str, named: str = "") -> pd.DataFrame:
        """Return the school or schools behind an end of each row.

        The column `named` where it is filled, else the end itself if it is a school, else every
        employment of the teacher.

        Returns
        -------
        pandas.DataFrame
            Columns ``row`` (position in the relation), ``school``, ``start_s``, ``end_s``,
            ``origin_s`` (the employment, "" where none was needed).
        """
        frame = self(name)
        told = self.reference(frame, named) if named else np.full(len(frame), -1)
        parts = [pd.DataFrame({"row": np.flatnonzero(told >= 0), "school": told[told >= 0]})]
        schools = self.of_kind(name, end, "school")
        schools = schools[told[schools.index] < 0]
        parts.append(pd.DataFrame({"row": schools.index, "school": schools[end].to_numpy()}))
        parts = [part.assign(start_s=LOW, end_s=HIGH, origin_s="") for part in parts]
        teachers = self.of_kind(name, end, "teacher")
        teachers = teachers[told[teachers.index] < 0]
        left = pd.DataFrame({"row": teachers.index, "teacher": teachers[end].to_numpy()})
        jobs = self("works_at")[["source", "target", "start", "end", "origin"]]
        jobs = jobs.set_axis(["teacher", "school", "start_s", "end_s", "origin_s"], axis=1)
        parts.append(left.merge(jobs, on="teacher")[list(parts[0].columns)])
        return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def _finish(frame: pd.DataFrame) -> pd.DataFrame:
    defaults = {"alliance": -1, "mutual": False, "dated": True, "lifts": True}
    missing = {key: value for key, value in defaults.items() if key not in frame}
    frame = frame.assign(**missing)[list(COLUMNS)]
    return frame[frame["source"] != frame["target"]]


def _both_ways(frame: pd.DataFrame, which: pd.Series) -> pd.DataFrame:
    """Add the reverse of some ties; both directions are marked mutual."""
    frame = frame.assign(mutual=frame["mutual"] | which)
    back = frame[which].rename(columns={"source": "target", "target": "source"})
    return pd.concat([frame, back], ignore_index=True)


def _memberships(rows: Rows) -> pd.DataFrame:
    """Memberships with the alliance's own span applied; core beats member where both hold."""
    alliances = rows.network.nodes("alliance")
    life = pd.DataFrame(
        {"start_a": days(alliances["start"], LOW), "end_a": days(alliances["end"], HIGH)}
    )
    frame = rows("member_of").merge(life, left_on="target", right_index=True, how="left")
    frame = meet(frame.sort_index(), "a").drop(columns=["start_a", "end_a"])
    own_form = alliances["form"].reset_index(drop=True)
    frame["alliance_form"] = own_form.reindex(frame["target"]).to_numpy()
    core = frame["role"] == "core"
    free = gaps(frame.loc[core, ["source", "target", "start", "end"]], ["source", "target"])
    members = frame[~core].reset_index()
    cores = frame.loc[core, ["source", "target"]].drop_duplicates()
    twice = members.merge(cores, on=["source", "target"])["index"]
    cut = members[members["index"].isin(twice)].merge(free, on=["source", "target"])
    parts = [frame[core], members[~members["index"].isin(twice)], meet(cut, "gap")]
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def _cored(rows: Rows) -> np.ndarray:
    """The alliances that ever had a core, be its row ambiguous or out of the alliance's span."""
    frame = rows.network.relation("member_of")
    cores = (frame["role"] == "core").to_numpy(dtype=bool)
    return np.unique(rows.network.positions("member_of", "target")[cores])


def member_of(rows: Rows) -> pd.DataFrame:
    """Core → every other member; two cores, partnership and coreless alliances both ways."""
    frame = rows.once(_memberships)
    keep = ["source", "target", "role", "form", "alliance_form", "start", "end", "origin"]
    frame = frame[keep].rename(columns={"target": "alliance", "source": "school"})
    loose = frame[~frame["alliance"].isin(_cored(rows))]
    sizes = loose.groupby("alliance")["school"].nunique()
    large = sizes.index[sizes > LARGE]
    names = rows.network.nodes("alliance").index
    for code in large:
        params = {"alliance": names[code], "count": int(sizes[code])}
        rows.notes.append(Message("large_coreless", params))
    if len(large):
        today = rows.today()
        now = loose["alliance"].isin(large) & (loose["start"] <= today) & (loose["end"] >= today)
        rows.coreless.append(loose.loc[now, "school"].to_numpy())
    givers = pd.concat([frame[frame["role"] == "core"], loose[~loose["alliance"].isin(large)]])
    pairs = givers.merge(frame, on="alliance", suffixes=("", "_m"))
    pairs = meet(pairs[pairs["school"] != pairs["school_m"]], "m")
    forms = pairs["form_m"].fillna(pairs["form"]).fillna(pairs["alliance_form"])
    ties = pd.DataFrame(
        {
            "source": pairs["school"],
            "target": pairs["school_m"],
            "form": forms,
            "start": pairs["start"],
            "end": pairs["end"],
            "alliance": pairs["alliance"],
            # two cores, or two members of an alliance without one: the merge made both directions
            "mutual": (pairs["role"] == "core") == (pairs["role_m"] == "core"),
            "origin": pairs["origin"] + " + " + pairs["origin_m"],
        }
    )
    return _finish(_both_ways(ties, (ties["form"] == "partnership") & ~ties["mutual"]))


def assists(rows: Rows) -> pd.DataFrame:
    """Source → target; a partnership both ways."""
    frame = rows("assists").assign(mutual=False)
    return _finish(_both_ways(frame, frame["form"] == "partnership"))


def postings(rows: Rows) -> pd.DataFrame:
    """Postings with their home: ``school`` is the home, ``target`` the host, one row a home."""
    frame = rows("posted_to")
    homes = rows.schools("posted_to", "source", "home")
    pairs = homes.merge(frame.drop(columns="source"), left_on="row", right_index=True)
    # an employment names the home only if it held when the posting began (undated: on as_of)
    began = pairs["start"]
    if (began == LOW).any():
        began = began.where(began > LOW, pairs["end"].clip(upper=rows.today()))
    pairs = pairs[(pairs["start_s"] <= began) & (began <= pairs["end_s"])]
    rows.counts["home_unknown"] += len(frame) - pairs["row"].nunique()
    rows.counts["home_is_host"] += int((pairs["school"] == pairs["target"]).sum())
    return pairs


def posted_to(rows: Rows) -> pd.DataFrame:
    """Home → host; for shadowing and training the host helps the home school."""
    pairs = postings(rows)
    upward = pairs["form"].isin(TOWARDS_HOME)
    ties = pairs.assign(
        source=pairs["target"].where(upward, pairs["school"]),
        target=pairs["school"].where(upward, pairs["target"]),
        origin=_joined(pairs["origin"], pairs["origin_s"]),
    )
    return _finish(ties)


def mentorships(rows: Rows) -> pd.DataFrame:
    """Mentoring with its schools: ``school`` is the mentor's, ``school_t`` the mentee's."""
    frame = rows("mentors")
    givers = rows.schools("mentors", "source", "mentor_school")
    takers = rows.schools("mentors", "target", "mentee_school")
    pairs = givers.merge(takers, on="row", suffixes=("", "_t"))
    rows.counts["school_unknown"] += len(frame) - pairs["row"].nunique()
    pairs = pairs.rename(columns={"start_s_t": "start_t", "end_s_t": "end_t"})
    pairs = pairs.merge(frame.drop(columns=["source", "target"]), left_on="row", right_index=True)
    return meet(pairs, "s", "t")


def mentors(rows: Rows) -> pd.DataFrame:
    """The mentor's school → the mentee's school."""
    pairs = mentorships(rows)
    origin = _joined(_joined(pairs["origin"], pairs["origin_s"]), pairs["origin_s_t"])
    return _finish(
        pairs.assign(source=pairs["school"], target=pairs["school_t"], form=None, origin=origin)
    )


def _hosts(rows: Rows) -> pd.DataFrame:
    """The schools that host each centre, with the span in which they do."""
    return _in_centers(rows, hosting=True)


def _in_centers(rows: Rows, *, hosting: bool) -> pd.DataFrame:
    """The schools behind the hosts, or the other members, of each centre, with their span."""
    frame = rows("joins")
    frame = frame[frame["role"].isin(["host", "base"]) == hosting]
    found = rows.schools("joins", "source").merge(
        frame.drop(columns="source"), left_on="row", right_index=True
    )
    rows.counts["school_unknown"] += len(frame) - found["row"].nunique()
    return meet(found, "s")[["target", "school", "start", "end", "origin"]]


def joins(rows: Rows) -> pd.DataFrame:
    """A centre's host, else the centre itself → the schools of its members."""
    found = _in_centers(rows, hosting=False)
    hosts = rows.once(_hosts)
    hosted = meet(found.merge(hosts, on="target", suffixes=("", "_h")), "h")
    hosted = hosted.assign(
        source=hosted["school_h"], origin=hosted["origin_h"] + " + " + hosted["origin"]
    )
    alone = found[~found["target"].isin(hosts["target"])]
    alone = alone.assign(source=alone["target"] + rows.base("center"))
    parts = [part for part in (hosted, alone) if len(part)] or [hosted]
    ties = pd.concat(parts, ignore_index=True)
    return _finish(ties.assign(target=ties["school"], form=None))


def delivers(rows: Rows) -> pd.DataFrame:
    """The deliverer's school → the school, on one day."""
    everywhere = rows("delivers")
    frame = rows.of_kind("delivers", "target", "school")
    rows.counts["delivered_elsewhere"] += len(everywhere) - len(frame)
    keep = ["target", "form", "start", "end", "dated", "origin"]
    ties = frame[keep].assign(day=frame["start"])
    if not ties["dated"].all():
        ties["day"] = ties["day"].where(ties["dated"], rows.today())
    parts = []
    for kind in ("school", "partner", "alliance"):
        own = rows.of_kind("delivers", "source", kind)["source"]
        own = own[own.index.isin(frame.index)]
        parts.append(ties.loc[own.index].assign(source=own + rows.base(kind)))
    center = rows.of_kind("delivers", "source", "center")["source"].rename("center")
    centers = ties.join(center, how="inner")
    hosts = rows.once(_hosts).rename(
        columns={"target": "center", "start": "start_h", "end": "end_h", "origin": "origin_h"}
    )
    hosted = centers.reset_index(names="row").merge(hosts, on="center")
    hosted = hosted[(hosted["start_h"] <= hosted["day"]) & (hosted["day"] <= hosted["end_h"])]
    origin = hosted["origin"] + " + " + hosted["origin_h"]
    parts.append(hosted.assign(source=hosted["school"], origin=origin))
    alone = centers[~centers.index.isin(hosted["row"])]
    parts.append(alone.assign(source=alone["center"] + rows.base("center")))
    teachers = rows.of_kind("delivers", "source", "teacher").index.intersection(frame.index)
    jobs = rows.schools("delivers", "source")
    jobs = jobs[jobs["row"].isin(teachers)].merge(ties, left_on="row", right_index=True)
    jobs = jobs[(jobs["start_s"] <= jobs["day"]) & (jobs["day"] <= jobs["end_s"])]
    rows.counts["deliverer_unknown"] += len(teachers) - jobs["row"].nunique()
    parts.append(
        jobs.assign(source=jobs["school"], origin=_joined(jobs["origin"], jobs["origin_s"]))
    )
    columns = ["source", *keep]
    full = [part[columns] for part in parts if len(part)] or [parts[0][columns]]
    return _finish(pd.concat(full, ignore_index=True).assign(lifts=False))


def supports(rows: Rows) -> pd.DataFrame:
    """Partner → school, or → every member of the alliance."""
    everywhere = rows("supports")
    schools = rows.of_kind("supports", "target", "school").assign(alliance=-1)
    groups = rows.of_kind("supports", "target", "alliance")
    rows.counts["supported_elsewhere"] += len(everywhere) - len(schools) - len(groups)
    members = rows.once(_memberships)[["source", "target", "start", "end", "origin"]]
    members = members.set_axis(["school", "alliance", "start_m", "end_m", "origin_m"], axis=1)
    spread = groups.rename(columns={"target": "alliance"}).merge(members, on="alliance")
    spread = meet(spread, "m")
    spread = spread.assign(
        target=spread["school"], origin=spread["origin"] + " + " + spread["origin_m"]
    )
    parts = [part for part in (schools, spread) if len(part)] or [schools]
    ties = pd.concat(parts, ignore_index=True)
    ties["source"] += rows.base("partner")
    return _finish(ties.assign(lifts=~ties["form"].isin(NAMED_ONLY)))


def _joined(first: pd.Series, second: pd.Series) -> pd.Series:
    return first.where(second == "", first + " + " + second)


RULES: dict[str, Callable[[Rows], pd.DataFrame]] = {
    "member_of": member_of,
    "assists": assists,
    "posted_to": posted_to,
    "mentors": mentors,
    "joins": joins,
    "delivers": delivers,
    "supports": supports,
}
