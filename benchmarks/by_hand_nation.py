"""What a user would write by hand for a nation: polars and arrays on the Parquet files of a store.

Coverage, reach, expiry, timeline or ties as a Parquet file, and counts on stdout. Nothing is
checked, nothing noted, no row is traced to where it comes from. `benchmarks/nation.py` runs it.
"""

import json
import sys
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from scipy import sparse

name, store, output = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
folder = store / json.loads((store / "liantu.json").read_text(encoding="utf-8"))["generation"]
DAY, SINCE, UNTIL = date(2026, 9, 1), date(2025, 9, 1), date(2027, 9, 1)
FIRST, LAST = date(1, 1, 1), date(9999, 12, 31)
KEYS = ("source", "target", "form", "start", "end", "alliance")
MONEY = ("funding", "donation", "sister")


def table(name: str, *columns: str) -> pl.DataFrame:
    found = pl.read_parquet(folder / f"{name}.parquet", columns=list(columns))
    spans = {"start": FIRST, "end": LAST}
    return found.with_columns(pl.col(k).fill_null(d) for k, d in spans.items() if k in columns)


def meet(pairs: pl.DataFrame, *others: str) -> pl.DataFrame:
    return pairs.with_columns(
        pl.max_horizontal("start", *(f"start_{x}" for x in others)).alias("start"),
        pl.min_horizontal("end", *(f"end_{x}" for x in others)).alias("end"),
    ).filter(pl.col("start") <= pl.col("end"))


def of_alliances() -> pl.DataFrame:
    spans = table("alliance", "id", "start", "end").rename({"start": "start_a", "end": "end_a"})
    rows = table("member_of", "source", "target", "role", "form", "start", "end")
    return meet(rows.join(spans, left_on="target", right_on="id"), "a").drop("start_a", "end_a")


def employed(rows: pl.DataFrame, end: str, named: str | None = None) -> pl.DataFrame:
    """Add the school behind an end, and the span in which it is."""
    school = pl.when(pl.col(f"{end}_kind") == "school").then(pl.col(end))
    known = rows.with_columns(school=pl.coalesce(named, school) if named else school)
    direct = known.filter(pl.col("school").is_not_null())
    rest = known.filter(pl.col("school").is_null()).drop("school")
    jobs = works.rename({"source": end, "target": "school", "start": "start_s", "end": "end_s"})
    always = {"start_s": pl.lit(FIRST), "end_s": pl.lit(LAST)}
    found = rest.join(jobs, on=end)
    return pl.concat([direct.with_columns(**always).select(found.columns), found])


def all_ties() -> pl.DataFrame:
    parts = {}
    rows = table("assists", "source", "target", "form", "start", "end")
    back = rows.filter(pl.col("form") == "partnership").rename(
        {"source": "target", "target": "source"}
    )
    parts["assists"] = pl.concat([rows, back.select(rows.columns)])
    led = table("member_of", "target", "role").filter(pl.col("role") == "core")["target"]
    cores = pl.col("role") == "core"
    givers = members.filter(cores | ~pl.col("target").is_in(led.implode()))
    others = {"source": "school", "start": "start_m", "end": "end_m"}
    takers = members.select("target", *others).rename(others)
    pairs = meet(givers.join(takers, on="target"), "m")
    parts["member_of"] = pairs.with_columns(alliance="target", target="school")
    rows = table("posted_to", "source", "source_kind", "target", "form", "home", "start", "end")
    homes = employed(rows, "source", "home")
    began = pl.when(pl.col("start") > FIRST).then("start").otherwise(pl.lit(DAY))
    homes = homes.filter(began >= pl.col("start_s"), began <= pl.col("end_s"))
    up = pl.col("form").is_in(["shadowing", "training"])
    parts["posted_to"] = homes.with_columns(
        source=pl.when(up).then("target").otherwise("school"),
        target=pl.when(up).then("school").otherwise("target"),
    )
    rows = table(
        "mentors", "source", "source_kind", "target", "target_kind", "start", "end",
        "mentor_school", "mentee_school",
    )  # fmt: skip
    both = employed(rows, "source", "mentor_school")
    both = both.rename({"school": "giver", "start_s": "start_g", "end_s": "end_g"})
    both = meet(employed(both, "target", "mentee_school"), "g", "s")
    parts["mentors"] = both.with_columns(source="giver", target="school")
    rows = table("joins", "source", "source_kind", "target", "role", "start", "end")
    rows = meet(employed(rows, "source"), "s").select("school", "target", "role", "start", "end")
    host = pl.col("role").is_in(["host", "base"])
    hosts = rows.filter(host.fill_null(False)).select(
        center="target", host="school", start_h="start", end_h="end"
    )
    rows = rows.filter(~host.fill_null(False)).rename({"target": "center", "school": "target"})
    hosted = meet(rows.join(hosts, on="center"), "h").with_columns(source="host")
    alone = rows.join(hosts, on="center", how="anti").with_columns(source="center")
    parts["joins"] = pl.concat([hosted, alone], how="diagonal")
    rows = table("delivers", "source", "source_kind", "target", "target_kind", "form", "date")
    rows = rows.filter(pl.col("target_kind") == "school", pl.col("date").is_not_null())
    rows = rows.with_columns(start="date", end="date").with_row_index("row")
    by_teachers = meet(employed(rows.filter(pl.col("source_kind") == "teacher"), "source"), "s")
    centers = rows.filter(pl.col("source_kind") == "center")
    hosted = meet(centers.join(hosts, left_on="source", right_on="center"), "h")
    parts["delivers"] = pl.concat(
        [
            rows.filter(~pl.col("source_kind").is_in(["teacher", "center"])),
            by_teachers.with_columns(source="school"),
            hosted.with_columns(source="host"),
            centers.join(hosted, on="row", how="anti"),
        ],
        how="diagonal",
    )
    rows = table("supports", "source", "target", "target_kind", "form", "start", "end")
    groups = rows.filter(pl.col("target_kind") == "alliance").join(takers, on="target")
    groups = meet(groups, "m").with_columns(alliance="target", target="school")
    direct = rows.filter(pl.col("target_kind") == "school")
    parts["supports"] = pl.concat([direct, groups], how="diagonal")
    empty = pl.lit(None, pl.String)
    found = [
        part.select(
            *(pl.col(key) if key in part.columns else empty.alias(key) for key in KEYS),
            basis=pl.lit(basis),
        )
        for basis, part in parts.items()
    ]
    ties = pl.concat(found).filter(pl.col("source") != pl.col("target")).unique()
    return ties.join(nodes, left_on="source", right_on="id").join(
        nodes.filter(pl.col("kind") == "school").drop("kind"),
        left_on="target", right_on="id", suffix="_to",
    )  # fmt: skip


def at(day: date, since: date) -> pl.DataFrame:
    """The ties in force on a day and the activities in the window."""
    states = (pl.col("start") <= day) & (pl.col("end") >= day) & (pl.col("basis") != "delivers")
    acting = pl.col("basis").is_in(["posted_to", "mentors", "delivers"])
    dated = (pl.col("start") > FIRST) | (pl.col("end") < LAST)
    acts = acting & dated & (pl.col("start") <= day) & (pl.col("end") > since)
    up = np.append(opened(day), np.ones(len(nodes) - len(schools), dtype=bool))
    alive = pl.Series(up[ties["number"].to_numpy()] & up[ties["number_to"].to_numpy()])
    return ties.with_columns(in_force=states & alive, active=acts & alive)


def opened(day: date) -> np.ndarray:
    begun = schools["opened"].fill_null(FIRST) <= day
    return (begun & (schools["closed"].fill_null(LAST) > day)).to_numpy()


def covered_on(day: date, now: pl.DataFrame) -> np.ndarray:
    n, up = len(schools), opened(day)
    lifting = now.filter(
        pl.col("in_force") | pl.col("active"), ~pl.col("form").is_in(MONEY).fill_null(False)
    )
    found = np.zeros(n, dtype=bool)
    found[lifting["number_to"].to_numpy()] = True
    inside = members.filter(pl.col("start") <= day, pl.col("end") >= day)
    inside = inside.join(schools.filter(pl.Series(up)).select("id", "number"), left_on="source",
                         right_on="id")  # fmt: skip
    sizes = inside.group_by("target").agg(pl.col("number").n_unique().alias("size"))
    working = inside.filter(pl.col("role") == "core").join(sizes, on="target")
    found[working.filter(pl.col("size") > 1)["number"].to_numpy()] = True
    child, parent = (ups[key].to_numpy() for key in ("child", "parent"))
    holds = ((ups["start"] <= day) & (ups["end"] >= day)).to_numpy() & up[child] & up[parent]
    child, parent = child[holds], parent[holds]
    found &= up
    while (more := child[found[parent] & ~found[child]]).size:
        found[more] = True
    return found


def month_ends() -> list[date]:
    firsts = pl.date_range(DAY.replace(day=1), UNTIL, "1mo", eager=True).dt.month_end().to_list()
    return sorted({DAY, *(day for day in firsts if DAY < day <= UNTIL), UNTIL})


schools = table("school", "id", "name", "stage", "region", "pupils", "urban_rural", "opened",
                "closed").with_row_index("number")  # fmt: skip
others = [table(kind, "id", "name").with_columns(kind=pl.lit(kind))
          for kind in ("center", "partner", "alliance")]  # fmt: skip
nodes = pl.concat([schools.select("id", "name", kind=pl.lit("school")), *others])
nodes = nodes.with_row_index("number")
works = table("works_at", "source", "target", "start", "end") if name != "timeline" else None
members = of_alliances()
rural = schools["urban_rural"].is_in(["210", "220"]).to_numpy()
if name != "timeline":
    ties = all_ties()
    ups = table("affiliated_to", "source", "target", "form", "start", "end")
    ups = ups.filter(~pl.col("form").is_in(["successor"]).fill_null(False))
    numbers = schools.select("id", "number")
    ups = ups.join(numbers.rename({"number": "child"}), left_on="source", right_on="id")
    ups = ups.join(numbers.rename({"number": "parent"}), left_on="target", right_on="id")
    now = at(DAY, SINCE)

if name == "ties":
    table = now.rename({"name": "source_name", "kind": "source_kind", "name_to": "target_name"})
    table = table.drop("number", "number_to", "alliance").sort("source", "target")
    current = table["in_force"] | table["active"]
    counts = {"ties": len(table), "current": int(current.sum())}
if name == "coverage":
    found = covered_on(DAY, now)
    helps = now.filter(pl.col("in_force") | pl.col("active")).sort("source")
    helps = (
        helps.unique(["source", "target"], maintain_order=True)
        .group_by("target")
        .agg(supporters=pl.len(), supporter_names=pl.col("name").str.join("、"))
    )
    table = schools.with_columns(covered=pl.Series(found)).filter(pl.Series(rural & opened(DAY)))
    table = table.join(helps, left_on="id", right_on="target", how="left")
    counts = {"in_scope": len(table), "covered": int(table["covered"].sum())}
if name == "reach":
    current = now.filter(pl.col("in_force") | pl.col("active"))
    ends = current["number"].to_numpy(), current["number_to"].to_numpy()
    n, weights = len(nodes), np.zeros((len(nodes), 3))
    weights[: len(schools), 0] = 1
    weights[: len(schools), 1] = rural
    weights[: len(schools), 2] = schools["pupils"].fill_null(0).to_numpy()
    graph = sparse.csr_array((np.ones(len(ends[0]), dtype=np.int32), ends), shape=(n, n))
    graph.data[:] = 1  # parallel ties once
    helpers = np.flatnonzero(np.diff(graph.indptr))
    direct = graph[helpers]
    two = direct @ graph
    two.data[:] = 1
    within = direct + two
    within.data[:] = 1
    own = sparse.csr_array((np.ones(len(helpers), dtype=np.int32),
                            (np.arange(len(helpers)), helpers)), shape=within.shape)  # fmt: skip
    within = within - within.multiply(own)
    within.eliminate_zeros()
    sums, near = within @ weights, direct @ weights
    alone = graph.sum(axis=0) == 1
    table = nodes[helpers].with_columns(
        direct=near[:, 0], within_hops=sums[:, 0], rural_within_hops=sums[:, 1],
        pupils_within_hops=sums[:, 2], decayed=near[:, 0] + (sums[:, 0] - near[:, 0]) / 2,
        sole=direct @ alone.astype(np.int64),
    ).sort(["within_hops", "id"], descending=[True, False])  # fmt: skip
    counts = {"supporters": len(helpers), "schools_reached": len(np.unique(within.indices))}
if name == "expiry":
    parts = []
    up = schools.filter(pl.Series(opened(DAY))).select("id")
    for relation, *more in (
        ("member_of",), ("part_of", "form"), ("assists", "form"), ("posted_to", "form", "role"),
        ("mentors",), ("joins", "role"), ("supports", "form"), ("pact",),
    ):  # fmt: skip
        if not (folder / f"{relation}.parquet").exists():
            continue
        same = ["source", "target", *more]
        rows = members if relation == "member_of" else table(relation, *same, "start", "end")
        later = rows.group_by(same).agg(pl.col("end").max().alias("last"))
        rows = rows.join(later, on=same, nulls_equal=True)
        rows = rows.filter(pl.col("start") <= DAY, pl.col("end") > DAY, pl.col("end") <= UNTIL,
                           pl.col("last") <= pl.col("end"))  # fmt: skip
        for end in ("source", "target"):
            closed = schools.filter(pl.Series(~opened(DAY))).select("id")
            rows = rows.join(closed, left_on=end, right_on="id", how="anti")
        parts.append(rows.with_columns(basis=pl.lit(relation)))
    table = pl.concat(parts, how="diagonal").sort("end", "basis", "source")
    table = table.join(nodes, left_on="source", right_on="id", how="left").join(
        nodes, left_on="target", right_on="id", how="left", suffix="_to"
    )
    scopes, masks = [], []
    for day in month_ends():
        since = date(day.year - 1, day.month, min(day.day, 28 if day.month == 2 else day.day))
        masks.append(covered_on(day, at(day, since)) & rural)
    counts = {"ending": len(table), "covered": int(masks[0].sum()),
              "covered_end": int(masks[-1].sum())}  # fmt: skip
if name == "timeline":
    rows, before = [], None
    inside = members.join(schools.select("id", "number"), left_on="source", right_on="id")
    begun = inside.filter(pl.col("start") > FIRST)["start"].min()
    for day in [*(date(year, 12, 31) for year in range(begun.year, DAY.year)), DAY]:
        up = opened(day)
        now = inside.filter(pl.col("start") <= day, pl.col("end") >= day)
        now = now.filter(pl.Series(up[now["number"].to_numpy()]))
        mask, core = np.zeros(len(schools), dtype=bool), np.zeros(len(schools), dtype=bool)
        mask[now["number"].to_numpy()] = True
        core[now.filter(pl.col("role") == "core")["number"].to_numpy()] = True
        joined, left = (None, None) if before is None else (mask & ~before, before & ~mask)
        rows.append({
            "date": day, "groups": now["target"].n_unique(), "core_schools": int(core.sum()),
            "member_schools": int((mask & ~core).sum()), "covered": int(mask.sum()),
            "in_scope": int(up.sum()),
            "joined": None if joined is None else int(joined.sum()),
            "left": None if left is None else int(left.sum()),
        })  # fmt: skip
        before = mask
    table = pl.DataFrame(rows)
    counts = {"covered": rows[-1]["covered"], "in_scope": rows[-1]["in_scope"],
              "joined": sum(row["joined"] or 0 for row in rows),
              "left": sum(row["left"] or 0 for row in rows)}  # fmt: skip
table.write_parquet(output)
print(json.dumps(counts))
