"""Who supports whom in a synthetic region: every relation, its teachers, groups and partners."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from liantu.loaders.synthetic import (
    CENTRE,
    FAMILIES,
    KINDERGARTENS,
    POINT,
    VILLAGE,
    Array,
    Rng,
    Schools,
    choose,
    days,
    draw,
    numbered,
    only,
    rank,
    sample,
    shuffled,
    spans,
)

_SUBJECTS = ["语文", "数学", "英语", "科学", "道德与法治", "体育", "音乐", "美术"]
_WEIGHTS = [5.0, 5.0, 3.0, 1.0, 1.0, 1.0, 1.0, 1.0]


def relations(rng: Rng, net: Schools, regions: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the frames of every relation and of the kinds other than regions and schools."""
    frames = {"region": regions, "affiliated_to": _affiliations(rng, net)}
    frames["teacher"], frames["works_at"] = _teachers(rng, net)
    frames["alliance"], frames["member_of"] = _alliances(rng, net, regions)
    frames["assists"] = _pairs(rng, net)
    frames["posted_to"] = _postings(rng, net)
    frames["mentors"] = _mentoring(rng, net)
    frames["center"], frames["joins"] = _centers(rng, net, regions)
    frames["partner"], frames["supports"] = _partners(rng, net, frames)
    frames["delivers"] = _deliveries(rng, net, frames)
    frames["pact"] = _pacts(regions)
    frames["observations"] = _observations(rng, net)
    return frames


def teacher_of(rng: Rng, net: Schools, school: Array) -> Array:
    """Draw the id of a teacher of each school."""
    chosen = np.floor(rng.random(len(school)) * net.teachers[school]).astype(np.int64)
    return numbered("T", net.first_teacher[school] + chosen + 1, 7)


def subjects(rng: Rng, size: int) -> Array:
    """Draw subjects, the main ones most often."""
    return choose(rng, size, _SUBJECTS, _WEIGHTS)


def _helped(rng: Rng, net: Schools, size: int, skew: float = 1.0) -> tuple[Array, Array]:
    """Draw schools that receive and, for each, one of its county and family that gives."""
    target = sample(rng, shuffled(rng, np.flatnonzero(net.receiver)), size, skew)
    source = draw(rng, np.flatnonzero(net.giver), net.key, net.key[target], skew=1.6)
    return source[source >= 0], target[source >= 0]


def _affiliations(rng: Rng, net: Schools) -> pd.DataFrame:
    """Teaching points, and half of the village schools, to the centre school of their township."""
    chance = rng.random(len(net.ids))
    child = np.flatnonzero((net.category == POINT) | ((net.category == VILLAGE) & (chance < 0.5)))
    parent = draw(rng, np.flatnonzero(net.category == CENTRE), net.place, net.place[child])
    child, parent = child[parent >= 0], parent[parent >= 0]
    point = net.category[child] == POINT
    return pd.DataFrame(
        {
            "source": net.ids[child],
            "target": net.ids[parent],
            "form": np.where(point, "teaching_point", "village_school"),
            "start": np.datetime64("2012-09-01", "s"),
            "end": days(np.full(len(child), np.datetime64("2025-08-30")), net.closed[child]),
        }
    )


def _teachers(rng: Rng, net: Schools) -> tuple[pd.DataFrame, pd.DataFrame]:
    school = np.repeat(np.arange(len(net.ids)), net.teachers)
    number = np.arange(1, len(school) + 1)
    ids = numbered("T", number, 7)
    village = np.isin(net.category, (VILLAGE, POINT))
    backbone = np.select([net.core, net.giver, village], [0.3, 0.22, 0.08], 0.15)
    teachers = pd.DataFrame(
        {
            "id": ids,
            "name": numbered("教师", number, 6),
            "backbone": rng.random(len(school)) < backbone[school],
            "subject": subjects(rng, len(school)),
        }
    )
    year = np.floor(rng.random(len(school)) * 25).astype(np.int64)
    start = (np.datetime64("1998-09", "M") + 12 * year).astype("M8[D]")
    works = pd.DataFrame({"source": ids, "target": net.ids[school], "start": start.astype("M8[s]")})
    return teachers, works


def _alliances(rng: Rng, net: Schools, regions: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Groups around core schools, some of them overloaded, and one without a core a county."""
    counties = regions[regions["level"] == "county"]
    core = np.flatnonzero(net.core)
    share = np.where(net.category == VILLAGE, 0.35, 0.75)
    joining = rng.random(len(net.ids)) < share
    member = np.flatnonzero(joining & (net.receiver | (net.giver & ~net.core)))
    leader = draw(rng, core, net.key, net.key[member], skew=2.5)
    member, leader = member[leader >= 0], leader[leader >= 0]
    group_of = np.full(len(net.ids), -1, dtype=np.int64)
    group_of[core] = np.arange(len(core))
    nursery = np.flatnonzero(np.isin(net.category, KINDERGARTENS) & joining)
    circles = np.unique(net.county[nursery])
    of_circle = len(core) + np.searchsorted(circles, net.county[nursery])
    ids = numbered("A", np.arange(1, len(core) + len(circles) + 1), 5)
    county = np.concatenate([net.county[core], circles])
    form = choose(
        rng,
        len(core),
        ["integrated", "co_built", "aggregated", "cooperative", "joint"],
        [1, 2, 2, 3, 1],
    )
    kind = np.where(np.arange(len(ids)) < len(core), "教育集团", "幼教联盟").astype(object)
    number = rank(county * 2 + (np.arange(len(ids)) >= len(core)))
    founded = np.full(len(ids), np.datetime64("2020-09-01", "s"))
    alliances = pd.DataFrame(
        {
            "id": ids,
            "name": counties["name"].to_numpy(dtype=object)[county]
            + "·"
            + kind
            + numbered("", number + 1, 2),
            "form": np.concatenate([form, np.full(len(circles), "joint")]),
            "region": counties["id"].to_numpy(dtype=object)[county],
            "level": "county",
            "start": founded,
        }
    )
    lead = pd.DataFrame(
        {
            "source": net.ids[core],
            "target": ids[: len(core)],
            "role": "core",
            "start": founded[: len(core)],
        }
    )
    follow = pd.DataFrame(
        {
            "source": net.ids[member],
            "target": ids[group_of[leader]],
            "role": "member",
            **spans(rng, len(member), years=3, dated=0.96, ended=0.7),
        }
    )
    follow["agreement"] = numbered("协议", np.arange(1, len(member) + 1), 5)
    circle = pd.DataFrame(
        {
            "source": net.ids[nursery],
            "target": ids[of_circle],
            "role": "member",
            **spans(rng, len(nursery), years=3, dated=0.9, ended=0.4),
        }
    )
    members = pd.concat([lead, follow, circle], ignore_index=True)
    forms = pd.Series(alliances["form"].to_numpy(), index=alliances["id"])
    members.insert(3, "form", members["target"].map(forms))
    return alliances, members


def _pairs(rng: Rng, net: Schools) -> pd.DataFrame:
    source, target = _helped(rng, net, len(net.ids) // 12)
    pairs = pd.DataFrame(
        {
            "source": net.ids[source],
            "target": net.ids[target],
            "form": choose(rng, len(source), ["paired", "trusteeship", "counterpart"], [6, 1, 2]),
            **spans(rng, len(source), years=3, dated=0.95, ended=0.8),
        }
    )
    return pairs.drop_duplicates(["source", "target"], ignore_index=True)


def _postings(rng: Rng, net: Schools) -> pd.DataFrame:
    """Teachers sent down to teach for one to three years, and up to shadow for a month or two."""
    home, host = _helped(rng, net, len(net.ids) // 6)
    stays = spans(rng, len(home), years=1, dated=1.0, ended=0.95)
    years = 1 + np.floor(rng.random(len(home)) * 3).astype(np.int64)
    end = (stays["start"].astype("M8[M]") + 12 * years).astype("M8[D]") - 1
    recent = stays["start"] >= np.datetime64("2024-03-01")  # older ones have surely ended
    end = days(end, ~(recent & np.isnat(stays["end"])))
    down = pd.DataFrame(
        {
            "source": teacher_of(rng, net, home),
            "source_kind": "teacher",
            "target": net.ids[host],
            "form": np.where(years == 1, "support_teaching", "rotation"),
            "home": only(net.ids[home], rng.random(len(home)) < 0.5),
            "start": stays["start"],
            "end": end,
        }
    )
    host, home = _helped(rng, net, len(net.ids) // 6)
    start = spans(rng, len(home), years=1, dated=1.0, ended=1.0)["start"].astype("M8[D]")
    start = start + np.floor(rng.random(len(home)) * 60).astype(np.int64)
    stay = np.where(rng.random(len(home)) < 0.5, 29, 59)
    up = pd.DataFrame(
        {
            "source": teacher_of(rng, net, home),
            "source_kind": "teacher",
            "target": net.ids[host],
            "form": "shadowing",
            "home": net.ids[home],
            "start": start.astype("M8[s]"),
            "end": (start + stay).astype("M8[s]"),
        }
    )
    return pd.concat([down, up], ignore_index=True).drop_duplicates(ignore_index=True)


def _mentoring(rng: Rng, net: Schools) -> pd.DataFrame:
    source, target = _helped(rng, net, len(net.ids) // 6)
    return pd.DataFrame(
        {
            "source": teacher_of(rng, net, source),
            "source_kind": "teacher",
            "target": teacher_of(rng, net, target),
            "target_kind": "teacher",
            "subject": subjects(rng, len(source)),
            **spans(rng, len(source), years=2, dated=0.9, ended=0.9),
        }
    ).drop_duplicates(["source", "target"], ignore_index=True)


def _centers(rng: Rng, net: Schools, regions: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Subject research centres of a county, with a host school and teachers of others."""
    counties = regions[regions["level"] == "county"]
    county = np.repeat(np.arange(len(counties)), 4)
    subject = np.tile(np.array(_SUBJECTS[:4], dtype=object), len(counties))
    family = np.arange(len(county)) % 2  # primary and junior in turn
    key = county * FAMILIES + family
    host = draw(rng, np.flatnonzero(net.core), net.key, key)
    led = host >= 0
    county, subject, key, host = county[led], subject[led], key[led], host[led]
    ids = numbered("C", np.arange(1, len(county) + 1), 5)
    centers = pd.DataFrame(
        {
            "id": ids,
            "name": counties["name"].to_numpy(dtype=object)[county] + "·" + subject + "教研中心",
            "subject": subject,
            "tier": "county",
            "region": counties["id"].to_numpy(dtype=object)[county],
        }
    )
    center = np.repeat(np.arange(len(county)), 5)
    school = draw(rng, np.flatnonzero(net.receiver), net.key, key[center])
    center, school = center[school >= 0], school[school >= 0]
    size = len(host)
    start = np.datetime64("2022-09-01", "s")
    hosts = pd.DataFrame(
        {
            "source": net.ids[host],
            "source_kind": "school",
            "target": ids,
            "role": "host",
            "subject": subject,
            "start": np.full(size, start),
        }
    )
    members = pd.DataFrame(
        {
            "source": teacher_of(rng, net, school),
            "source_kind": "teacher",
            "target": ids[center],
            "role": "member",
            "subject": subject[center],
            **spans(rng, len(center), years=3, dated=0.95, ended=0.5),
        }
    ).drop_duplicates(["source", "target"])
    return centers, pd.concat([hosts, members], ignore_index=True)


def _partners(
    rng: Rng, net: Schools, frames: Mapping[str, pd.DataFrame]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Universities, enterprises, foundations and associations, and whom they support."""
    counties = frames["region"].query("level == 'county'")
    words = {
        "university": "高校",
        "enterprise": "企业",
        "foundation": "基金会",
        "association": "协会",
    }
    size = 2 * len(counties)
    form = choose(rng, size, list(words), [1, 1, 1, 1])
    ids = numbered("P", np.arange(1, size + 1), 5)
    partners = pd.DataFrame(
        {
            "id": ids,
            "name": "演示" + pd.Series(form).map(words) + numbered("", np.arange(1, size + 1), 3),
            "form": form,
            "region": np.repeat(counties["id"].to_numpy(dtype=object), 2),
        }
    )
    school = sample(rng, np.flatnonzero(net.receiver), size)
    form = choose(
        rng, len(school), ["donation", "funding", "trusteeship", "training"], [3, 3, 1, 2]
    )
    money = np.isin(form, ["donation", "funding"])
    amount = np.rint(rng.random(len(school)) * 40 + 1) * 5000
    schools = pd.DataFrame(
        {
            "source": ids[: len(school)],
            "target": net.ids[school],
            "target_kind": "school",
            "form": form,
            "amount": np.where(money, amount, np.nan),
            "currency": only("CNY", money),
            "period": only("once", money),
            **spans(rng, len(school), years=3, dated=0.9, ended=0.8),
        }
    )
    alliance = shuffled(rng, np.arange(len(frames["alliance"])))[: len(counties)]
    groups = pd.DataFrame(
        {
            "source": ids[: len(alliance)],
            "target": frames["alliance"]["id"].to_numpy(dtype=object)[alliance],
            "target_kind": "alliance",
            "form": "training",
            **spans(rng, len(alliance), years=2, dated=1.0, ended=1.0),
        }
    )
    return partners, pd.concat([schools, groups], ignore_index=True)


def _term_days() -> Array:
    """Return the weekdays of the three years before the date of the region, without holidays."""
    all_days = np.arange(np.datetime64("2023-09-02"), np.datetime64("2026-09-01"))
    month = all_days.astype("M8[M]").astype(np.int64) % 12 + 1
    return all_days[np.is_busday(all_days) & ~np.isin(month, [2, 7, 8])]


def _deliveries(rng: Rng, net: Schools, frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Lessons, joint research and lectures over three years; a few schools receive most of them."""
    source, target = _helped(rng, net, 2 * len(net.ids), skew=2.2)
    parts = [
        pd.DataFrame(
            {
                "source": net.ids[source],
                "source_kind": "school",
                "target": net.ids[target],
                "target_kind": "school",
            }
        )
    ]
    for kind in ("center", "alliance"):
        if kind in frames and len(frames[kind]):
            ids = frames[kind]["id"].to_numpy(dtype=object)
            ends = {"source": ids, "source_kind": kind, "target": ids, "target_kind": kind}
            parts.append(pd.DataFrame(ends))
    events = pd.concat(parts, ignore_index=True)
    size, dates = len(events), _term_days()
    forms = ["lesson", "joint_research", "training", "online_class", "lecture", "contest"]
    events = events.assign(
        form=choose(rng, size, forms, [5, 3, 1, 2, 1, 0.5]),
        date=dates[np.floor(rng.random(size) * len(dates)).astype(np.int64)].astype("M8[s]"),
        count=1 + np.floor(rng.random(size) * 4).astype(np.int64),
        participants=5 + np.floor(rng.random(size) ** 2 * 115).astype(np.int64),
        subject=subjects(rng, size),
    )
    once = ["source", "target", "form", "date"]
    return events.drop_duplicates(once).sort_values(["date", "source", "target"], kind="stable")


def _pacts(regions: pd.DataFrame) -> pd.DataFrame:
    """Every second county works with the next one of its prefecture."""
    counties = regions[regions["level"] == "county"]
    ids, parents = (counties[key].to_numpy(dtype=object) for key in ("id", "parent"))
    first = np.arange(0, len(ids) - 1, 2)
    first = first[parents[first] == parents[first + 1]]
    span = {"start": np.datetime64("2024-09-01", "s"), "end": np.datetime64("2027-08-31", "s")}
    return pd.DataFrame({"source": ids[first], "target": ids[first + 1], **span})


def _observations(rng: Rng, net: Schools) -> pd.DataFrame:
    """Pupils of three years; the last is the figure of the school."""
    growth = 0.97 + 0.06 * rng.random(len(net.ids))
    years = [2024, 2025, 2026]
    values = [np.rint(net.pupils * growth ** (year - years[-1])) for year in years]
    return pd.DataFrame(
        {
            "kind": "school",
            "id": np.tile(net.ids, len(years)),
            "measure": "pupils",
            "period": np.repeat([str(year) for year in years], len(net.ids)),
            "value": np.concatenate(values).astype(np.int64),
            "unit": "人",
        }
    )
