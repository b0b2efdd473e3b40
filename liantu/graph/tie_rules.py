"""How each relation becomes ties: the one text of the rules, over any frame that narwhals carries.

Every rule takes `Tables` and returns a frame with the columns of `COLUMNS`: numbers of source and
target, form, span in day numbers, the alliance it stands in (−1 for none), whether it goes both
ways, whether the row it rests on bears a date, whether it can lift a school to *in force*, and the
rows it comes from (`ORIGINS`). A rule joins, meets, cuts and filters; it never loops over rows and
never asks which engine carries the frame.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import narwhals as nw

from liantu.graph.spans import HIGH, LOW

Frame = Any  # nw.DataFrame or nw.LazyFrame: what both can do is all that is used

COLUMNS = (
    "source", "target", "form", "start", "end", "alliance", "mutual", "dated", "lifts",
    "row", "row2", "row3",
)  # fmt: skip
FLAGS = ("mutual", "dated", "lifts")
# The relations whose rows stand in row, row2 and row3 of a tie.
ORIGINS = {
    "assists": ("assists",),
    "delivers": ("delivers", "joins", "works_at"),
    "joins": ("joins", "joins"),
    "member_of": ("member_of", "member_of"),
    "mentors": ("mentors", "works_at", "works_at"),
    "posted_to": ("posted_to", "works_at"),
    "supports": ("supports", "member_of"),
}
LARGE = 1000  # members of an alliance without a core above which no ties are made
_INT = nw.Int32


class Terms(NamedTuple):
    """What the rules know of numbers and words.

    Attributes
    ----------
    kinds
        The numbers of each kind's nodes: the first, and the one after the last.
    no_form
        Stands for no form.
    forms
        The forms that have a trait, by trait.
    today
        The day number of the date judged; only rows without dates need it.
    """

    kinds: Mapping[str, tuple[int, int]]
    no_form: int
    forms: Mapping[str, Sequence[int]]
    today: int


class Tables:
    """The certain rows of relations as frames, and what several rules share, made once.

    `load` returns a relation: ``row, source, target, start, end, form, dated`` and, where it has
    them, ``core``, ``hosts`` (flags), ``home``, ``mentor_school``, ``mentee_school`` (numbers, −1
    for none); ``alliance``: ``alliance, start, end, form, led`` (whether it ever had a core).
    `hold` has an engine that only plans work out what several rules stand on.
    """

    def __init__(
        self, load: Callable[[str], Frame], terms: Terms,
        hold: Callable[[Frame], Frame] = lambda frame: frame,
    ) -> None:  # fmt: skip
        self.terms, self._load, self._hold = terms, load, hold
        self.counted: list[tuple[str, Frame, tuple[Frame, ...]]] = []
        self._made: dict[Any, Frame] = {}

    def __getitem__(self, name: str) -> Frame:
        if name not in self._made:
            self._made[name] = self._load(name)
        return self._made[name]

    def once(self, make: Callable[[Tables], Frame]) -> Frame:
        """Return what several rules stand on: made, and counted, only once."""
        if make not in self._made:
            self._made[make] = self._hold(make(self))
        return self._made[make]

    def give(self, make: Callable[[Tables], Frame], frame: Frame) -> None:
        """Take over what was made before."""
        self._made[make] = frame

    def again(self, load: Callable[[str], Frame] | None = None) -> Tables:
        """Return the tables with nothing made yet; of another `load`, other rows."""
        return Tables(load or self._load, self.terms)

    def is_kind(self, column: str, kind: str) -> nw.Expr:
        """Return whether a column's nodes are of a kind."""
        first, beyond = self.terms.kinds[kind]
        return (nw.col(column) >= first) & (nw.col(column) < beyond)

    def has(self, trait: str, column: str = "form") -> nw.Expr:
        """Return whether a column's forms have a trait."""
        return nw.col(column).is_in(list(self.terms.forms[trait]))

    def count(self, key: str, rows: Frame, *kept: Frame) -> None:
        """Note what was left out, to be counted when somebody asks: these rows but for those."""
        self.counted.append((key, rows, kept))

    def counts(self, size: Callable[[Frame], int] = len) -> Counter[str]:
        """Return how often each thing was left out; `size` gives the number of rows of a frame."""
        found: Counter[str] = Counter()
        for key, rows, kept in self.counted:
            found[key] += size(rows) - sum(map(size, kept))
        return found


def _once(frame: Frame, column: str) -> Frame:
    """Return the different values of a column."""
    return frame.select(column).unique([column])


def _number(value: int) -> nw.Expr:
    return nw.lit(value, dtype=_INT)


def meet(frame: Frame, *others: str) -> Frame:
    """Intersect `start`/`end` with `start_x`/`end_x` for each suffix x; drop what is empty."""
    found = frame.with_columns(
        start=nw.max_horizontal("start", *(f"start_{x}" for x in others)),
        end=nw.min_horizontal("end", *(f"end_{x}" for x in others)),
    )
    return found.filter(nw.col("start") <= nw.col("end"))


def gaps(frame: Frame, by: list[str]) -> Frame:
    """Return, for each group, the spans that none of its spans covers.

    Parameters
    ----------
    frame
        Columns `by`, `start`, `end` (day numbers).
    by
        The columns that make a group.

    Returns
    -------
    frame
        Columns `by`, `start_gap`, `end_gap`; empty gaps are left out.
    """
    spans = frame.select(*by, "start", "end")
    after = spans.select(*by, start_gap=(nw.col("end") + 1).cast(_INT))
    opening = nw.concat([spans.select(*by, start_gap=_number(LOW)), after], how="vertical")
    opening = opening.unique([*by, "start_gap"]).filter(nw.col("start_gap") <= HIGH)
    # no window functions: not every engine has them by group
    seen = opening.join(spans, on=by, how="inner")
    held = (nw.col("start") <= nw.col("start_gap")) & (nw.col("start_gap") <= nw.col("end"))
    later = nw.when(nw.col("start") > nw.col("start_gap")).then("start")
    seen = seen.with_columns(
        held=nw.when(held).then(_number(1)).otherwise(_number(0)),
        later=later.otherwise(_number(HIGH + 1)),
    )
    found = seen.group_by(*by, "start_gap").agg(nw.col("held").max(), nw.col("later").min())
    free = found.filter(nw.col("held") == 0)
    return free.select(*by, "start_gap", end_gap=(nw.col("later") - 1).cast(_INT))


def _finish(frame: Frame, tables: Tables) -> Frame:
    """Return the columns of ties, what was not said filled in, without ties to oneself."""
    given = set(frame.collect_schema().names())
    numbers = {"form": tables.terms.no_form, "alliance": -1, "row2": -1, "row3": -1}
    flags = {"mutual": False, "dated": True, "lifts": True}
    more = {key: _number(value) for key, value in numbers.items() if key not in given}
    more |= {key: nw.lit(value) for key, value in flags.items() if key not in given}
    found = frame.with_columns(**more) if more else frame
    return found.filter(nw.col("source") != nw.col("target")).select(*COLUMNS)


def _both_ways(frame: Frame, which: nw.Expr) -> Frame:
    """Add the reverse of some ties; both directions are marked mutual."""
    marked = frame.with_columns(both=which)
    marked = marked.with_columns(mutual=nw.col("mutual") | nw.col("both"))
    columns = [name for name in marked.collect_schema().names() if name not in ("source", "target")]
    back = marked.filter(nw.col("both")).select(
        *columns, source=nw.col("target"), target=nw.col("source")
    )
    forth = marked.select(*columns, "source", "target")
    return nw.concat([forth, back], how="vertical")


def memberships(tables: Tables) -> Frame:
    """Memberships with the alliance's own span applied; core beats member where both hold.

    Columns ``row, source`` (school), ``target`` (alliance), ``start, end, form, core, form_a,
    led``.
    """
    alliances = tables["alliance"].select(
        "led", target=nw.col("alliance"), start_a=nw.col("start"), end_a=nw.col("end"),
        form_a=nw.col("form"),
    )  # fmt: skip
    frame = meet(tables["member_of"].join(alliances, on="target", how="inner"), "a")
    frame = frame.select("row", "source", "target", "start", "end", "form", "core", "form_a", "led")
    by = ["source", "target"]
    cores, members = frame.filter(nw.col("core")), frame.filter(~nw.col("core"))
    pairs = cores.select(*by).unique(by)
    whole = members.join(pairs, on=by, how="anti")
    twice = members.join(pairs, on=by, how="inner")
    free = gaps(cores.select(*by, "start", "end"), by)
    cut = meet(twice.join(free, on=by, how="inner"), "gap").drop("start_gap", "end_gap")
    return nw.concat([cores, whole, cut], how="vertical")


def coreless(tables: Tables) -> Frame:
    """Return the alliances that never had a core: ``target``, ``members`` (schools)."""
    loose = tables.once(memberships).filter(~nw.col("led"))
    return (
        loose.select("source", "target")
        .unique(["source", "target"])
        .group_by("target")
        .agg(members=nw.len())
    )


def large_coreless(tables: Tables) -> Frame:
    """Return the alliances without a core that are too large for ties; see `coreless`."""
    return tables.once(coreless).filter(nw.col("members") > LARGE)


def member_of(tables: Tables) -> Frame:
    """Core → every other member; two cores, partnership and coreless alliances both ways."""
    frame, no_form = tables.once(memberships), tables.terms.no_form
    small = tables.once(coreless).filter(nw.col("members") <= LARGE).select("target")
    givers = nw.concat(
        [frame.filter(nw.col("core")), frame.join(small, on="target", how="inner")],
        how="vertical",
    )
    takers = frame.select(
        "target", school=nw.col("source"), row2=nw.col("row"), start_m=nw.col("start"),
        end_m=nw.col("end"), form_m=nw.col("form"), core_m=nw.col("core"),
    )  # fmt: skip
    pairs = givers.join(takers, on="target", how="inner")
    pairs = meet(pairs.filter(nw.col("source") != nw.col("school")), "m")
    own = nw.when(nw.col("form") != no_form).then("form").otherwise("form_a")
    ties = pairs.select(
        "row", "row2", "source", "start", "end",
        target=nw.col("school"),
        alliance=nw.col("target"),
        form=nw.when(nw.col("form_m") != no_form).then("form_m").otherwise(own),
        # two cores, or two members of an alliance without one: the join made both directions
        mutual=nw.col("core") == nw.col("core_m"),
    )  # fmt: skip
    return _finish(_both_ways(ties, tables.has("both_ways") & ~nw.col("mutual")), tables)


def assists(tables: Tables) -> Frame:
    """Source → target; a partnership both ways."""
    frame = tables["assists"].with_columns(mutual=nw.lit(False))
    return _finish(_both_ways(frame, tables.has("both_ways")), tables)


def behind(tables: Tables, frame: Frame, end: str, named: str = "") -> Frame:
    """Return the school or schools behind an end of each row.

    The column `named` where it is filled, else the end itself if it is a school, else every
    employment of the teacher.

    Returns
    -------
    frame
        Columns ``row``, ``school``, ``start_s``, ``end_s``, ``row_s`` (the employment, −1 where
        none was needed).
    """
    always = {"start_s": _number(LOW), "end_s": _number(HIGH), "row_s": _number(-1)}
    parts = []
    if named:
        told = frame.filter(nw.col(named) >= 0)
        parts.append(told.select("row", school=nw.col(named), **always))
        frame = frame.filter(nw.col(named) < 0)
    schools = frame.filter(tables.is_kind(end, "school"))
    parts.append(schools.select("row", school=nw.col(end), **always))
    teachers = frame.filter(tables.is_kind(end, "teacher")).select("row", teacher=nw.col(end))
    jobs = tables["works_at"].select(
        teacher=nw.col("source"), school=nw.col("target"), start_s=nw.col("start"),
        end_s=nw.col("end"), row_s=nw.col("row"),
    )  # fmt: skip
    parts.append(teachers.join(jobs, on="teacher", how="inner").drop("teacher"))
    order = ("row", "school", "start_s", "end_s", "row_s")
    return nw.concat([part.select(*order) for part in parts], how="vertical")


def postings(tables: Tables) -> Frame:
    """Postings with their home: ``school`` is the home, ``target`` the host, one row a home."""
    frame = tables["posted_to"]
    homes = behind(tables, frame, "source", "home")
    pairs = homes.join(frame.drop("source", "home"), on="row", how="inner")
    # an employment names the home only if it held when the posting began (undated: on as_of)
    today = nw.min_horizontal("end", _number(tables.terms.today))
    began = nw.when(nw.col("start") > LOW).then("start").otherwise(today)
    pairs = pairs.with_columns(began=began)
    pairs = pairs.filter(
        (nw.col("start_s") <= nw.col("began")) & (nw.col("began") <= nw.col("end_s"))
    )
    tables.count("home_unknown", frame, _once(pairs, "row"))
    tables.count("home_is_host", pairs.filter(nw.col("school") == nw.col("target")))
    return pairs


def posted_to(tables: Tables) -> Frame:
    """Home → host; for shadowing and training the host helps the home school."""
    pairs = tables.once(postings).with_columns(upward=tables.has("to_home"))
    ties = pairs.with_columns(host=nw.col("target"))
    ties = ties.with_columns(
        source=nw.when(nw.col("upward")).then("host").otherwise("school"),
        target=nw.when(nw.col("upward")).then("school").otherwise("host"),
        row2=nw.col("row_s"),
    )
    return _finish(ties, tables)


def mentorships(tables: Tables) -> Frame:
    """Mentoring with its schools: ``school`` is the mentor's, ``school_t`` the mentee's."""
    frame = tables["mentors"]
    givers = behind(tables, frame, "source", "mentor_school")
    takers = behind(tables, frame, "target", "mentee_school").select(
        "row", school_t=nw.col("school"), start_t=nw.col("start_s"), end_t=nw.col("end_s"),
        row_t=nw.col("row_s"),
    )  # fmt: skip
    pairs = givers.join(takers, on="row", how="inner")
    tables.count("school_unknown", frame, _once(pairs, "row"))
    keep = frame.select("row", "start", "end", "form", "dated")
    return meet(pairs.join(keep, on="row", how="inner"), "s", "t")


def mentors(tables: Tables) -> Frame:
    """The mentor's school → the mentee's school."""
    ties = tables.once(mentorships).select(
        "row", "start", "end", "dated", source=nw.col("school"), target=nw.col("school_t"),
        row2=nw.col("row_s"), row3=nw.col("row_t"),
    )  # fmt: skip
    return _finish(ties, tables)


def hosts(tables: Tables) -> Frame:
    """The schools that host each centre, with the span in which they do."""
    return _in_centers(tables, tables["joins"].filter(nw.col("hosts")))


def _in_centers(tables: Tables, frame: Frame) -> Frame:
    """The schools behind some rows of centres, with their span: ``center, school …``."""
    found = behind(tables, frame, "source").join(
        frame.select("row", "start", "end", center=nw.col("target")), on="row", how="inner"
    )
    tables.count("school_unknown", frame, _once(found, "row"))
    return meet(found, "s").select("center", "school", "start", "end", "row")


def joins(tables: Tables) -> Frame:
    """A centre's host, else the centre itself → the schools of its members."""
    found = _in_centers(tables, tables["joins"].filter(~nw.col("hosts")))
    found = found.select("center", "start", "end", target=nw.col("school"), member=nw.col("row"))
    hosting = tables.once(hosts)
    span = hosting.select(
        "center", "row", source=nw.col("school"), start_h=nw.col("start"), end_h=nw.col("end")
    )
    order = ("source", "target", "start", "end", "row", "row2")
    hosted = meet(found.join(span, on="center", how="inner"), "h")
    hosted = hosted.select(*order[:-1], row2=nw.col("member"))
    alone = found.join(hosting.select("center").unique(["center"]), on="center", how="anti")
    alone = alone.select(
        "target", "start", "end", source=nw.col("center"), row=nw.col("member"), row2=_number(-1)
    ).select(*order)
    return _finish(nw.concat([hosted, alone], how="vertical"), tables)


def deliveries(tables: Tables) -> Frame:
    """What is delivered to schools, with its ``day``: that judged where it has none."""
    frame = tables["delivers"].filter(tables.is_kind("target", "school"))
    day = nw.when(nw.col("dated")).then("start").otherwise(_number(tables.terms.today))
    return frame.with_columns(day=day)


def _holding(pairs: Frame, suffix: str) -> Frame:
    """Keep the pairs that hold on the day."""
    first, last = nw.col(f"start_{suffix}"), nw.col(f"end_{suffix}")
    return pairs.filter((first <= nw.col("day")) & (nw.col("day") <= last))


def hosted(tables: Tables) -> Frame:
    """What centres deliver, with each ``school`` that hosts the centre on the day."""
    hosting = tables.once(hosts).select(
        "school", source=nw.col("center"), start_h=nw.col("start"), end_h=nw.col("end"),
        row2=nw.col("row"),
    )  # fmt: skip
    return _holding(tables.once(deliveries).join(hosting, on="source", how="inner"), "h")


def delivers(tables: Tables) -> Frame:
    """The deliverer's school → the school, on one day."""
    frame = tables.once(deliveries)
    tables.count("delivered_elsewhere", tables["delivers"], frame)
    order = ("source", "target", "form", "start", "end", "dated", "row", "row2", "row3")
    none = {"row2": _number(-1), "row3": _number(-1)}
    own = ~(tables.is_kind("source", "center") | tables.is_kind("source", "teacher"))
    parts = [frame.filter(own).with_columns(**none)]
    centers, by_hosts = frame.filter(tables.is_kind("source", "center")), tables.once(hosted)
    parts.append(by_hosts.with_columns(source=nw.col("school"), row3=_number(-1)))
    alone = centers.join(by_hosts.select("row").unique(["row"]), on="row", how="anti")
    parts.append(alone.with_columns(**none))
    teachers = frame.filter(tables.is_kind("source", "teacher"))
    jobs = behind(tables, teachers, "source")
    jobs = _holding(jobs.join(teachers.drop("source"), on="row", how="inner"), "s")
    tables.count("deliverer_unknown", teachers, _once(jobs, "row"))
    parts.append(jobs.with_columns(source=nw.col("school"), row2=_number(-1), row3=nw.col("row_s")))
    full = nw.concat([part.select(*order) for part in parts], how="vertical")
    return _finish(full.with_columns(lifts=nw.lit(False)), tables)


def supports(tables: Tables) -> Frame:
    """Partner → school, or → every member of the alliance."""
    everywhere = tables["supports"]
    schools = everywhere.filter(tables.is_kind("target", "school"))
    groups = everywhere.filter(tables.is_kind("target", "alliance"))
    tables.count("supported_elsewhere", everywhere, schools, groups)
    members = tables.once(memberships).select(
        "target", school=nw.col("source"), start_m=nw.col("start"), end_m=nw.col("end"),
        row2=nw.col("row"),
    )  # fmt: skip
    order = ("source", "target", "form", "start", "end", "row", "row2", "alliance")
    spread = meet(groups.join(members, on="target", how="inner"), "m")
    spread = spread.with_columns(alliance=nw.col("target"))
    spread = spread.with_columns(target=nw.col("school")).select(*order)
    direct = schools.with_columns(row2=_number(-1), alliance=_number(-1)).select(*order)
    ties = nw.concat([direct, spread], how="vertical")
    return _finish(ties.with_columns(lifts=~tables.has("named_only")), tables)


RULES: dict[str, Callable[[Tables], Frame]] = {
    "assists": assists,
    "delivers": delivers,
    "joins": joins,
    "member_of": member_of,
    "mentors": mentors,
    "posted_to": posted_to,
    "supports": supports,
}
