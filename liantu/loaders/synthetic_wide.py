"""What ties the counties of a synthetic region to each other, and cores to cores.

A county alone is flat: cores help members. In a region of several, some cores help others, near or
anywhere; some are members of a group next door; some schools belong to two groups; some are helped
from another county; and teachers anywhere mentor teachers anywhere. So help goes on over several
steps, and who stands between others is a question. The way from some village schools to a core is
measured in minutes.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from liantu.graph.near import ball, km_of
from liantu.loaders.synthetic import (
    FAMILIES,
    POINT,
    VILLAGE,
    Array,
    Rng,
    Schools,
    choose,
    draw,
    numbered,
    sample,
    shuffled,
    spans,
)
from liantu.loaders.synthetic_ties import subjects, teacher_of

_NEAR = np.array([-3, -2, -1, 1, 2, 3])  # counties further on in the list
_ENDS = ["source", "target"]


def wider(rng: Rng, net: Schools, frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the frames that get rows across counties, with these rows."""
    found = {
        "assists": _helped(rng, net),
        "member_of": _joined(rng, net, frames),
        "mentors": _mentored(rng, net),
    }
    merged = {
        name: pd.concat([frames[name], rows], ignore_index=True).drop_duplicates(
            _ENDS, ignore_index=True
        )
        for name, rows in found.items()
    }
    bodies = _bodies(rng, frames["alliance"])
    posted = _posted(rng, net, frames["posted_to"])
    travel = _travelled(rng, net, frames["school"])
    return {**merged, "part_of": bodies, "posted_to": posted, "travel": travel}


def _travelled(rng: Rng, net: Schools, schools: pd.DataFrame) -> pd.DataFrame:
    """Minutes from half of the village schools and teaching points to a core of their county."""
    far = np.flatnonzero(np.isin(net.category, (VILLAGE, POINT)))
    far = far[rng.random(len(far)) < 0.5]
    core = draw(rng, np.flatnonzero(net.core), net.key, net.key[far])
    far, core = far[core >= 0], core[core >= 0]
    place = ball(*(schools[key].to_numpy(dtype=float) for key in ("lon", "lat")))
    km = km_of(np.linalg.norm(place[far] - place[core], axis=1))
    slow = 1.5 + rng.random(len(far))  # minutes a kilometre as the crow flies
    ends = {"source": net.ids[far], "target": net.ids[core]}
    return pd.DataFrame({**ends, "minutes": np.round(5 + slow * km)})


def _next_door(rng: Rng, net: Schools, schools: Array) -> Array:
    """Draw for each school a core of its family in a county near by; −1 where there is none."""
    wanted = _beyond(net, schools, rng.choice(_NEAR, len(schools)))
    found = draw(rng, np.flatnonzero(net.core), net.key, wanted, skew=2)
    return np.where(found == schools, -1, found)


def _beyond(net: Schools, schools: Array, counties: Array) -> Array:
    """Return the key of each school's family so many counties further on, the first after all."""
    number = (net.county[schools] + counties) % (int(net.county[-1]) + 1)
    key: Array = number * FAMILIES + net.key[schools] % FAMILIES
    return key


def _some(rng: Rng, pool: Array, share: float) -> Array:
    return pool[rng.random(len(pool)) < share]


def _helped(rng: Rng, net: Schools) -> pd.DataFrame:
    """Cores helped by cores near by and anywhere, schools by the core of another county."""
    cores = np.flatnonzero(net.core)
    near, far = _some(rng, cores, 0.3), _some(rng, cores, 0.15)
    schools = _some(rng, np.flatnonzero(net.receiver), 0.05)
    target = np.concatenate([near, schools, far])
    few = sample(rng, shuffled(rng, cores), len(far), skew=3)  # some that help many
    source = np.concatenate([_next_door(rng, net, near), _next_door(rng, net, schools), few])
    known = (source >= 0) & (source != target)
    source, target = source[known], target[known]
    return pd.DataFrame(
        {
            "source": net.ids[source],
            "target": net.ids[target],
            "form": choose(rng, len(source), ["counterpart", "paired"], [3, 1]),
            **spans(rng, len(source), years=3, dated=0.95, ended=0.8),
        }
    )


def _bodies(rng: Rng, alliances: pd.DataFrame) -> pd.DataFrame:
    """Some groups of a county belong to the body of its first group."""
    first = alliances.groupby("region")["id"].transform("first")
    others = np.flatnonzero(alliances["id"].to_numpy() != first.to_numpy())
    chosen = _some(rng, others, 0.3)
    return pd.DataFrame(
        {
            "source": alliances["id"].to_numpy(dtype=object)[chosen],
            "target": first.to_numpy(dtype=object)[chosen],
            "form": "group",
            **spans(rng, len(chosen), years=3, dated=0.9, ended=0.3),
        }
    )


def _joined(rng: Rng, net: Schools, frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Cores that are members of a group next door, and schools that belong to two groups."""
    rows = frames["member_of"]
    leads = rows[rows["role"] == "core"]
    group = pd.Series(leads["target"].to_numpy(), index=leads["source"])
    form = pd.Series(frames["alliance"]["form"].to_numpy(), index=frames["alliance"]["id"])
    cores = _some(rng, np.flatnonzero(net.core), 0.15)
    schools = _some(rng, np.flatnonzero(net.receiver), 0.06)
    own = draw(rng, np.flatnonzero(net.core), net.key, net.key[schools])
    member = np.concatenate([cores, schools])
    leader = np.concatenate([_next_door(rng, net, cores), own])
    member, leader = member[leader >= 0], leader[leader >= 0]
    target = group.reindex(net.ids[leader]).to_numpy(dtype=object)
    first = int(rows["agreement"].notna().sum())
    return pd.DataFrame(
        {
            "source": net.ids[member],
            "target": target,
            "role": "member",
            "form": form.reindex(target).to_numpy(dtype=object),
            **spans(rng, len(member), years=3, dated=0.96, ended=0.7),
            "agreement": numbered("协议", np.arange(1, len(member) + 1) + first, 5),
        }
    )


def _mentored(rng: Rng, net: Schools) -> pd.DataFrame:
    """Teachers mentor those of other schools of the family, near or anywhere; not the forgotten."""
    pool, size = np.flatnonzero(net.giver | net.receiver), len(net.ids) // 4
    source = sample(rng, pool, size)
    size = len(source)
    near, far = rng.choice(np.append(_NEAR, 0), size), rng.integers(0, net.county[-1] + 1, size)
    counties = np.where(rng.random(size) < 0.2, far, near)
    target = draw(rng, pool, net.key, _beyond(net, source, counties))
    known = (target >= 0) & (source != target)
    source, target = source[known], target[known]
    return pd.DataFrame(
        {
            "source": teacher_of(rng, net, source),
            "source_kind": "teacher",
            "target": teacher_of(rng, net, target),
            "target_kind": "teacher",
            "subject": subjects(rng, len(source)),
            **spans(rng, len(source), years=2, dated=0.9, ended=0.9),
        }
    )


def _posted(rng: Rng, net: Schools, posted: pd.DataFrame) -> pd.DataFrame:
    """Postings, with those of a quarter of the schools that send a good part of their teachers.

    Some of them send so many that they break a standard themselves.
    """
    homes = _some(rng, np.flatnonzero(net.giver & ~net.core), 0.25)
    homes = np.concatenate([homes, _some(rng, np.flatnonzero(net.core), 0.5)])
    share = 0.04 + 0.22 * rng.random(len(homes))
    home = np.repeat(homes, np.ceil(share * net.teachers[homes]).astype(np.int64))
    teacher = teacher_of(rng, net, home)
    host = draw(rng, np.flatnonzero(net.receiver), net.key, net.key[home])
    known = (host >= 0) & ~np.isin(teacher, posted["source"].to_numpy(dtype=object))
    more = pd.DataFrame(
        {
            "source": teacher[known],
            "source_kind": "teacher",
            "target": net.ids[host[known]],
            "form": "rotation",
            "home": net.ids[home[known]],
            "start": np.datetime64("2025-09-01", "s"),
            "end": np.datetime64("2028-08-31", "s"),
        }
    ).drop_duplicates("source")
    return pd.concat([posted, more], ignore_index=True)
