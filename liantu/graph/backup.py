"""Who hangs on whom: which supporters must leave, alone or together, for a school to fall.

A school falls when it was covered and is covered no longer. What it stands on are supports that
end one by one: its own supporters and those of its parents; its role as core, which ends with the
last other member; with `hops`, the nearest cores. So it falls with certain sets of supporters and
with every set that holds one of these. They are found for all schools at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from liantu.graph.cover import Cover, cover
from liantu.graph.kernels import Bools, Graph, Ints, Kernels
from liantu.graph.study import Study
from liantu.graph.ties import TieSet

Unit = Literal["school", "alliance"]
Leaves = Literal["withdraws", "closes"]


@dataclass(frozen=True)
class Needs:
    """Sets of supporters; an item a set, sorted by school.

    Attributes
    ----------
    school
        The school that falls with the set; shape (sets,).
    units
        Numbers of the supporters, ascending; what is left of a row is −1; shape (sets, size).
    """

    school: Ints
    units: Ints

    def of(self, keep: Bools) -> Needs:
        """Return some of the sets."""
        return Needs(self.school[keep], self.units[keep])

    @cached_property
    def number(self) -> Ints:
        """How many supporters each set has."""
        number: Ints = (self.units >= 0).sum(axis=1)
        return number


@dataclass(frozen=True)
class Backup:
    """Which schools fall with whom.

    Attributes
    ----------
    cover
        The coverage of every school before anybody leaves.
    leavers
        Numbers of those who may leave, ascending.
    needs
        The smallest sets with which a covered school falls, of at most `size` supporters.
    stands
        Pairs of school and supporter that it stands on, its own and its parents', sorted;
        shape (pairs, 2).
    labels
        On how many different supporters each school stands, its parents' counted in: with `hops`
        on how many nearest cores, of which no more than `size` and one are counted.
    size
        How many may leave together.
    """

    cover: Cover
    leavers: Ints
    needs: Needs
    stands: Ints
    labels: Ints
    size: int

    @property
    def single(self) -> Needs:
        """The supporters with whom alone a school falls."""
        return self.needs.of(self.needs.number == 1)

    @property
    def twice(self) -> Bools:
        """Which schools are covered twice: by at least two, and whoever of them leaves."""
        found = self.cover.covered & (self.labels >= 2)
        found[self.single.school] = False
        return found

    def fallen(self, leaving: npt.ArrayLike) -> Bools:
        """Return which schools fall when some supporters leave; a leaver itself does not.

        Raises
        ------
        ValueError
            If more leave than `size`.
        """
        gone = np.asarray(leaving, dtype=np.int64)
        if len(np.unique(gone)) > self.size:
            raise ValueError(f"{len(gone)} leave; at most {self.size} were asked for")
        hit = (np.isin(self.needs.units, gone) | (self.needs.units < 0)).all(axis=1)
        found = np.zeros(len(self.labels), dtype=np.bool_)
        found[self.needs.school[hit]] = True
        found[gone[gone < len(found)]] = False
        return found


def backup(
    study: Study,
    ties: TieSet,
    kernels: Kernels,
    *,
    size: int = 1,
    hops: int | None = None,
    roles: bool = True,
    unit: Unit = "school",
    leaves: Leaves = "withdraws",
) -> Backup:
    """Return which schools fall with whom, exactly for any set of at most `size` that leave.

    Parameters
    ----------
    study
        The study of the network.
    ties
        What holds on the day.
    kernels
        The engine.
    size
        How many may leave together.
    hops
        Covered also needs a core at most this many ties away; then cores may leave, or every
        supporter where there is no core. Without, every supporter may leave.
    roles
        Whether being core of a working alliance covers.
    unit
        Who leaves: each supporter, or with ``alliance`` all who support in the same alliance.
    leaves
        Whether who leaves gives no more support and is core and member no more, or with ``closes``
        is gone, so that nobody inherits from it or through it either. Nothing takes the place of
        what ends.

    Examples
    --------
    >>> import pandas as pd
    >>> from datetime import date
    >>> from liantu.graph.kernels import pick
    >>> from liantu.graph.network import Network
    >>> from liantu.graph.study import study
    >>> rows = pd.DataFrame({"source": ["a", "a", "b"], "target": ["c", "d", "d"]})
    >>> known = study(Network.from_frames({"assists": rows}))
    >>> found = backup(known, known.tie_set(date(2024, 6, 30)), pick("auto"), size=2)
    >>> found.needs.school.tolist(), found.needs.units.tolist()
    ([2, 3], [[0, -1], [0, 1]])
    >>> found.fallen([0]).tolist(), found.fallen([0, 1]).tolist()
    ([False, False, True, False], [False, False, True, True])
    """
    families, _ = study.parents(ties.day, ties.opened)
    schools, nodes = ties.ties.schools, ties.ties.nodes
    before = cover(study, ties, kernels, hops=hops, roles=roles, distances=False)
    school, label = _supports(study, ties, unit)
    alone, passing = _roles(study, ties, before.as_core, size, unit)
    leavers = _leavers(study, ties, unit, hops, np.concatenate([label, alone.units.ravel()]))
    may = np.zeros(nodes + 1, dtype=np.bool_)
    may[leavers] = True

    own = _sets(school, label, schools, size)
    if unit == "school":
        own = own.of(~ties.loose[own.school])
        for place in (nodes, nodes + 1):  # so many support it that nobody counts them
            some = np.flatnonzero(ties.loose)
            school, label = np.append(school, some), np.append(label, np.full(len(some), place))
    closes = may[:schools] & (unit == "school" and leaves == "closes")
    needs = _inherited(own, before.as_core, alone, passing, families, closes)
    stands = _stands(school, label, families)
    labels = np.bincount(stands[:, 0], minlength=schools)
    stands = stands[may[np.minimum(stands[:, 1], nodes)]]
    if hops is not None:
        through = leaves == "withdraws"
        near = kernels.last_seeds(ties.graph, families, leavers, hops, size + 1, through)[:schools]
        number, near_itself = (near >= 0).sum(axis=1), may[:schools]
        labels = np.where(near_itself, labels, number)
        few = np.flatnonzero(~near_itself & (number <= size))
        needs = _together(needs, Needs(few, _ascending(near[few, :size])))
    none = needs.units < 0
    keep = before.covered[needs.school] & (may[needs.units] | none).all(axis=1)
    keep &= ~(needs.units == needs.school[:, None]).any(axis=1)
    return Backup(before, leavers, _smallest(needs.of(keep)), stands, labels, size)


def single_points(
    study: Study,
    ties: TieSet,
    kernels: Kernels,
    *,
    hops: int | None = None,
    roles: bool = True,
    leaves: Leaves = "withdraws",
) -> tuple[Ints, Ints]:
    """Return the schools that fall with one supporter alone, and that supporter.

    Parameters are those of `backup`. A school that falls with either of two stands there twice.

    Returns
    -------
    school, supporter : ndarray
        Numbers of nodes, sorted by school and supporter.

    Examples
    --------
    >>> import pandas as pd
    >>> from datetime import date
    >>> from liantu.graph.kernels import pick
    >>> from liantu.graph.network import Network
    >>> from liantu.graph.study import study
    >>> rows = pd.DataFrame({"source": ["a", "a", "b"], "target": ["c", "d", "d"]})
    >>> known = study(Network.from_frames({"assists": rows}))
    >>> single_points(known, known.tie_set(date(2024, 6, 30)), pick("auto"))
    (array([2]), array([0]))
    """
    found = backup(study, ties, kernels, hops=hops, roles=roles, leaves=leaves).single
    return found.school, found.units[:, 0]


def units(study: Study, ties: TieSet, unit: Unit) -> Ints:
    """Return with whom each tie ends: its supporter, or the alliance that it stands in."""
    every = ties.ties
    found = every.source.astype(np.int64)
    if unit == "school":
        return found
    place = every.alliance - study.network.numbering.base("alliance")
    of_alliance: Ints = np.where(every.alliance >= 0, _base(study, ties) + place, found)
    return of_alliance


def _base(study: Study, ties: TieSet) -> int:
    """Return the number of the first alliance among the nodes of ties; they come last."""
    return ties.ties.nodes - study.network.numbering.sizes["alliance"]


def _supports(study: Study, ties: TieSet, unit: Unit) -> tuple[Ints, Ints]:
    """Return the pairs of school and unit by which a school is lifted, distinct and sorted."""
    every = ties.ties
    lifting = (ties.in_force & every.lifts) | ties.active
    school, label = every.target[lifting].astype(np.int64), units(study, ties, unit)[lifting]
    if unit == "alliance" and ties.loose.any():
        from liantu.graph.tie_rules import large_coreless

        base = study.network.numbering.base("alliance")
        large = large_coreless(study.tables(ties.day))["target"].to_numpy() - base
        now = study.members(ties.day)
        inside = np.isin(now.alliance, large) & ties.loose[now.school]
        school = np.append(school, now.school[inside])
        label = np.append(label, _base(study, ties) + now.alliance[inside])
    key = _distinct(school * every.nodes + label)
    return key // max(every.nodes, 1), key % max(every.nodes, 1)


def _leavers(study: Study, ties: TieSet, unit: Unit, hops: int | None, named: Ints) -> Ints:
    """Return who may leave."""
    if hops is not None:
        leads, _ = study.cores(ties.day, ties.opened)
        if leads.any():
            return np.flatnonzero(leads)
    if unit == "school":
        gives = np.zeros(ties.ties.nodes, dtype=np.bool_)
        gives[ties.graph.source] = True
        return np.flatnonzero(gives)
    current = units(study, ties, unit)[ties.current]
    return np.unique(np.concatenate([current, named[named >= 0]]))


def _roles(study: Study, ties: TieSet, works: Bools, size: int, unit: Unit) -> tuple[Needs, Needs]:
    """Return with whom cores of working alliances cease to be that, for them and for their heirs.

    Nothing stands for one that so few cannot end. An heir's core can also leave itself.
    """
    now = study.members(ties.day)
    now = now.where(ties.opened[now.school])
    leads = now.core & works[now.school]
    pair = _distinct(now.alliance.astype(np.int64) << 32 | now.school)
    alliance, member = pair >> 32, pair & 0xFFFFFFFF
    members = np.bincount(alliance, minlength=study.network.numbering.sizes["alliance"])
    lead = _distinct(now.school[leads].astype(np.int64) << 32 | now.alliance[leads])
    core, led = lead >> 32, lead & 0xFFFFFFFF
    if unit == "alliance":
        working = members[led] > 1
        found = _sets(core[working], _base(study, ties) + led[working], len(works), size)
        found = found.of(works[found.school])
        return found, found
    large = np.zeros(len(works), dtype=np.bool_)
    large[core[members[led] > size + 1]] = True
    core, led = core[~large[core]], led[~large[core]]
    begin = np.searchsorted(alliance, led)
    place = _places(begin, members[led])
    core = np.repeat(core, members[led])
    other = member[place] != core
    key = _distinct(core[other] << 32 | member[place][other])
    found = _sets(key >> 32, key & 0xFFFFFFFF, len(works), size)
    found = found.of(works[found.school] & ~large[found.school])
    itself = np.full((int(works.sum()), size), -1)
    itself[:, 0] = np.flatnonzero(works)
    return found, _together(found, Needs(itself[:, 0], itself))


# -- sets of supporters ----------------------------------------------------------------------


def _sets(school: Ints, label: Ints, schools: int, size: int) -> Needs:
    """Return for each school all its labels as one set, the empty one too; nothing for more.

    The pairs are sorted.
    """
    number = np.bincount(school, minlength=schools)
    begin = np.cumsum(number) - number
    few = np.flatnonzero(number <= size)
    found = np.full((schools, size), -1)
    fits = number[school] <= size
    rank = np.arange(len(school)) - begin[school]
    found[school[fits], rank[fits]] = label[fits]
    return Needs(few, found[few])


def _places(begin: Ints, number: Ints) -> Ints:
    """Return the places of stretches of an array, one after another."""
    shift = np.repeat(begin - (np.cumsum(number) - number), number)
    places: Ints = np.arange(len(shift)) + shift
    return places


def _ascending(units: Ints) -> Ints:
    far = np.iinfo(np.int64).max
    found = np.sort(np.where(units < 0, far, units), axis=1)
    return np.where(found == far, -1, found)


def _together(one: Needs, two: Needs) -> Needs:
    """Return the sets of both, by school: one or the other suffices."""
    school = np.concatenate([one.school, two.school])
    order = np.argsort(school, kind="stable")
    return Needs(school[order], np.concatenate([one.units, two.units])[order])


def _both(one: Needs, two: Needs) -> Needs:
    """Return for each school every union of a set of one and a set of two, if not too large."""
    begin = np.searchsorted(two.school, one.school)
    number = np.searchsorted(two.school, one.school, side="right") - begin
    first = np.repeat(np.arange(len(one.school)), number)
    units = np.concatenate([one.units[first], two.units[_places(begin, number)]], axis=1)
    units = _ascending(units)
    units[:, 1:][units[:, 1:] == units[:, :-1]] = -1
    units = _ascending(units)
    size = one.units.shape[1]
    fits = units[:, size] < 0
    return Needs(one.school[first][fits], units[fits, :size])


def _smallest(needs: Needs) -> Needs:
    """Return the sets that hold no other one of their school, each once."""
    order = np.lexsort((*needs.units.T[::-1], needs.school))
    school, units = needs.school[order], needs.units[order]
    fresh = np.ones(len(school), dtype=np.bool_)
    fresh[1:] = (school[1:] != school[:-1]) | (units[1:] != units[:-1]).any(axis=1)
    school, units = school[fresh], units[fresh]
    begin = np.searchsorted(school, school)
    number = np.searchsorted(school, school, side="right") - begin
    several = number > 1
    one = np.repeat(np.flatnonzero(several), number[several])
    two = _places(begin[several], number[several])
    inside = (units[one][:, :, None] == units[two][:, None, :]).any(axis=2) | (units[one] < 0)
    keep = np.ones(len(school), dtype=np.bool_)
    keep[two[inside.all(axis=1) & (one != two)]] = False
    return Needs(school[keep], units[keep])


# -- inheriting ------------------------------------------------------------------------------


def generations(families: Graph) -> Ints:
    """Return how many generations stand above each node at most."""
    found = np.zeros(families.n, dtype=np.int64)
    while True:
        grown = found.copy()
        np.maximum.at(grown, families.target, found[families.source] + 1)
        if (grown == found).all():
            return found
        found = grown


def _inherited(
    own: Needs, works: Bools, alone: Needs, passing: Needs, families: Graph, closes: Bools
) -> Needs:
    """Return with whom schools lose what they have themselves and what all parents hand down."""
    plain, core = own.of(~works[own.school]), own.of(works[own.school])
    found, handed = (_together(plain, _both(core, roles)) for roles in (alone, passing))
    if not len(families.source):
        return found
    generation = generations(families)[: len(works)]
    order = np.lexsort((families.source, families.target))
    parent, child = families.source[order], families.target[order]
    rank = np.arange(len(child)) - np.searchsorted(child, child)
    for level in range(int(generation.max()) + 1):
        here = generation == level
        for number in range(int(rank[here[child]].max(initial=-1)) + 1):
            edge = here[child] & (rank == number)
            begin = np.searchsorted(handed.school, parent[edge])
            size = np.searchsorted(handed.school, parent[edge], side="right") - begin
            given = Needs(np.repeat(child[edge], size), handed.units[_places(begin, size)])
            which = np.zeros_like(here)
            which[child[edge]] = True
            found, handed = (_replaced(x, which, given) for x in (found, handed))
        gone = np.flatnonzero(here & closes)
        alone_gone = np.full((len(gone), own.units.shape[1]), -1)
        alone_gone[:, 0] = gone
        handed = _together(handed, Needs(gone, alone_gone))
    return found


def _replaced(needs: Needs, which: Bools, given: Needs) -> Needs:
    """Return the sets, those of some schools together with what is given them."""
    inside = which[needs.school]
    return _together(needs.of(~inside), _smallest(_both(needs.of(inside), given)))


def _stands(school: Ints, label: Ints, families: Graph) -> Ints:
    """Return the pairs of school and unit, with those that heirs have from their parents."""
    wide = families.n + 2
    parts = [fresh := school * wide + label]
    while len(families.source) and len(fresh):
        rows = families.out
        giver = fresh // wide
        number = rows.begin[giver + 1] - rows.begin[giver]
        heirs = rows.ends[_places(rows.begin[giver], number)].astype(np.int64)
        fresh = _distinct(heirs * wide + np.repeat(fresh % wide, number))
        parts.append(fresh)
    key = _distinct(np.concatenate(parts))
    return np.column_stack([key // wide, key % wide])


def _distinct(key: Ints) -> Ints:
    """Return each number once, sorted; what NumPy offers hashes and takes far longer."""
    key = np.sort(key)
    fresh = np.ones(len(key), dtype=np.bool_)
    fresh[1:] = key[1:] != key[:-1]
    return key[fresh]
