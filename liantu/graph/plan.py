"""A plan of new pairs for a network: demand, offer, optimum, and the reasons on either side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from liantu.errors import Message, RequestError
from liantu.graph import matching, residual, schema
from liantu.graph.cover import cover
from liantu.graph.demand import Demand, Market, market
from liantu.graph.feasible import Feasible, counties, feasible, lines
from liantu.graph.kernels import Bools, Ints, Kernels
from liantu.graph.network import Network
from liantu.graph.offer import Offer, heaviest
from liantu.graph.scope import Rural, Scope, schools_in_scope
from liantu.graph.solvers import programme
from liantu.graph.spans import day_number
from liantu.graph.study import study
from liantu.graph.ties import TieSet
from liantu.graph.wishes import Ground, check_locked, wishes

# Why a school is left out, from what is furthest from a pair to what is nearest.
REASONS = ("is_core", "no_stage", "no_core", "forbidden", "full", "no_pupils", "budget")
IS_CORE, NO_STAGE, NO_CORE, FORBIDDEN, FULL, NO_PUPILS, BUDGET = range(7)
FEW = 30  # optima worked out one by one where the offer is no flow
UNKNOWN = -1  # a gain or loss that was not worked out


@dataclass(frozen=True)
class Task:
    """What is asked for; see `liantu.analyses.pairing.pairing`."""

    day: date
    window: str
    scope: Scope
    rural: Rural
    budget: int
    capacity: int
    max_km: float
    locked: pd.DataFrame | None
    forbidden: pd.DataFrame | None
    fair: str | None
    floor: int
    weight: str


@dataclass(frozen=True)
class Plan:
    """New pairs and why they are these.

    Attributes
    ----------
    demand
        Whom to cover, before anything is planned.
    cores, supported, places
        Positions of the cores, how many schools each supports, how many more it can take.
    pairs
        The feasible pairs, forbidden ones and those of full cores included.
    allowed
        Which of them are not forbidden.
    chosen
        Positions of the new pairs among these, the locked ones first.
    locked
        How many of them were wished for.
    served
        Which schools the new pairs cover.
    loss
        What is lost if a new pair is forbidden; `UNKNOWN` where it is locked too.
    exchangeable
        Which new pairs are not in every optimum.
    place_value
        What one more place is worth at each core, or `UNKNOWN`.
    curve
        Numbers of pairs, of needy schools covered, and of their pupils.
    reason
        Position in `REASONS` for each school.
    notes
        What was assumed or left out.
    """

    demand: Demand
    cores: Ints
    supported: Ints
    places: Ints
    pairs: Feasible
    allowed: Bools
    chosen: Ints
    locked: int
    served: Bools
    loss: Ints
    exchangeable: Bools
    place_value: Ints
    curve: tuple[Ints, Ints, Ints]
    reason: Ints
    notes: tuple[Message, ...]


@dataclass(frozen=True)
class _Answer:
    """What is chosen of an offer.

    Attributes
    ----------
    chosen
        Which pairs of the offer.
    loss, exchangeable
        Of each chosen pair.
    place_value
        Of each core.
    budgets, paired
        Budgets, and the schools of the offer that are best paired with each.
    reachable
        Which schools of the offer some budget pairs.
    notes
        What was left out.
    """

    chosen: Bools
    loss: Ints
    exchangeable: Bools
    place_value: Ints
    budgets: list[int]
    paired: list[Ints]
    reachable: Ints
    notes: tuple[Message, ...] = ()


def plan(network: Network, task: Task, kernels: Kernels) -> Plan:
    """Return the new pairs that cover most for a budget, then with the shortest ways.

    Raises
    ------
    RequestError
        If a wish cannot be, or rural schools are asked for and no open school has a class.
    """
    known = study(network)
    ties = known.tie_set(task.day, task.window)
    found = cover(known, ties, kernels, distances=False)
    _, in_scope = schools_in_scope(network, ties.opened, task.scope, task.rural)
    size = len(in_scope)
    families, notes = known.parents(task.day)
    said = [*ties.notes, *notes]
    above, below = lines(families, size)
    pupils = network.column("school", "pupils").fillna(0).to_numpy(dtype=np.int64)
    needy = in_scope & ~found.covered
    worth = pupils if task.weight == "pupils" else np.ones(size, dtype=np.int64)
    tree = bool(np.bincount(families.target).max(initial=0) < 2)
    demand = Demand(needy, np.where(needy, worth, 0), above, below, tree)

    leads, _ = known.cores(task.day)
    if not leads.any():
        leads = np.zeros(size, dtype=np.bool_)
        leads[ties.graph.source[ties.graph.source < size]] = True
        said.append(Message("no_core_to_pair"))
    cores = np.flatnonzero(leads).astype(np.int64)
    supported = np.bincount(ties.graph.source, minlength=size)[cores]
    places = np.maximum(task.capacity - supported, 0)

    locked, barred = wishes(network, task.locked), wishes(network, task.forbidden)
    waiting = ties.opened & ~found.covered & ~leads & (demand.brings(needy.astype(np.int64)) > 0)
    schools = np.union1d(np.flatnonzero(waiting), locked.school).astype(np.int64)
    pairs = feasible(network, cores, schools, task.max_km)
    helped = _helped(ties, size)
    key = pairs.core * size + pairs.school
    keep = ~pd.Index(key).isin(helped) & ~demand.in_line(pairs.core, pairs.school)
    pairs, key = pairs.where(keep), key[keep]
    allowed = ~pd.Index(key).isin(barred.core * size + barred.school)
    room = np.zeros(size, dtype=np.int64)
    room[cores] = places
    check_locked(
        network, locked, barred, pairs, Ground(ties.opened, leads, room, helped), task.budget
    )

    fixed = _where(key, locked.core * size + locked.school)
    served = demand.within(locked.school)
    rest = demand.without(served)
    room[cores] -= np.bincount(locked.core, minlength=size)[cores]
    county = counties(network)
    open_ = allowed & ~served[pairs.school]
    ground = market(rest, pairs, open_, cores, room[cores], county)
    already = np.bincount(_home(ground, county, locked.school), minlength=_size(ground))
    budget = task.budget - len(fixed)
    floors = _floors(network, ground, county, task, budget, already)
    answer = (_nested if ground.nested else _flat)(ground, rest, budget, floors)

    chosen = np.concatenate([fixed, ground.pair[answer.chosen]])
    covered = served | demand.within(pairs.school[chosen])
    none = np.full(len(fixed), UNKNOWN)
    curve = _curve(rest, ground, answer, len(fixed), needy & served, pupils)
    reason = _reasons(network, demand, pairs, allowed, ground, answer, cores, room)
    if unknown := int((needy & network.column("school", "pupils").isna().to_numpy()).sum()):
        said.append(Message("pupils_missing", {"count": unknown}))
    return Plan(
        demand=demand, cores=cores, supported=supported, places=places, pairs=pairs,
        allowed=allowed, chosen=chosen, locked=len(fixed), served=covered,
        loss=np.concatenate([none, answer.loss]),
        exchangeable=np.concatenate([none > 0, answer.exchangeable]),
        place_value=answer.place_value, curve=curve, reason=reason,
        notes=(*said, *answer.notes),
    )  # fmt: skip


def _where(keys: Ints, wanted: Ints) -> Ints:
    """Return the places of some numbers among others that are not sorted."""
    order = np.argsort(keys)
    found: Ints = order[np.searchsorted(keys[order], wanted)]
    return found


def _helped(ties: TieSet, size: int) -> Ints:
    """Return the pairs of schools that have a tie now or have agreed on one."""
    every = ties.ties
    events = every.of(*(n for n in every.bases if schema.tables()[n].nature == "event"))
    coming = ties.recorded & ~events & (every.start > day_number(ties.day))
    which = (ties.current | coming) & (every.source < size)
    return every.source[which].astype(np.int64) * size + every.target[which]


# -- counties --------------------------------------------------------------------------------


def _size(ground: Market) -> int:
    return int(ground.offer.county.max(initial=-1)) + 1


def _home(ground: Market, county: Ints, schools: Ints) -> Ints:
    """Return the numbers that the offer gives to the counties of some schools, where it has one."""
    known = np.unique(county[ground.schools])
    own = county[schools]
    return np.searchsorted(known, own)[np.isin(own, known)]


def _floors(
    network: Network, ground: Market, county: Ints, task: Task, budget: int, already: Ints
) -> Ints:
    """Return how many pairs each county of the offer gets at least.

    Raises
    ------
    RequestError
        If the floor cannot be reached, with the largest that can.
    """
    offer = ground.offer
    if task.fair is None:
        return np.zeros(_size(ground), dtype=np.int64)
    if task.fair == "maxmin":
        return matching.most_even(offer, budget, already)
    floors = matching.floors_of(offer, task.floor, already)
    if matching.fits(offer, floors, budget):
        return floors
    largest = matching.largest_floor(offer, task.floor, budget, already)
    given: dict[str, Any] = {"floor": task.floor, "largest": largest}
    if floors.sum() > budget:
        needs = int(floors.sum() + task.budget - budget)
        raise RequestError.of("floor_over_budget", count=needs, limit=task.budget, **given)
    got = matching.reachable(offer, floors)
    short = int(np.flatnonzero(got < floors)[0])
    region = np.unique(county[ground.schools])[short]
    names = network.columns("region", "name")["name"]
    name = "–" if region < 0 else names.fillna(names.index.to_series()).iloc[int(region)]
    raise RequestError.of(
        "floor_unreachable", value=name, limit=int(got[short] + already[short]), **given
    )


# -- solving ---------------------------------------------------------------------------------


def _flat(ground: Market, _: Demand, budget: int, floors: Ints) -> _Answer:
    """Solve an offer that is a flow."""
    offer = ground.offer
    known = heaviest(offer)
    order = known.order
    keep = np.ones(len(offer.weight), dtype=np.bool_)
    if not floors.any() and budget < len(order):
        # a lighter school is in no optimum, nor comes in where one pair is forbidden
        keep = offer.weight >= offer.weight[order[budget]]
    chosen = matching.assign(offer, budget, floors, known=known)
    others = _others(offer, chosen, budget, floors, keep if floors.any() else keep & known.may)
    small, picked = offer.of(keep), chosen[keep[offer.school]]
    arcs = residual.residual(small, picked, budget, floors)
    loss = (
        residual.losses_one_by_one(arcs, small, picked)
        if floors.any()
        else residual.losses(small, picked)
    )
    # a school that another one also covers may bring less than it weighs
    most = residual.gains(arcs, len(offer.places))
    sure = arcs.without_schools(len(offer.places), np.flatnonzero(ground.shared[keep]))
    least = residual.gains(sure, len(offer.places))
    notes = [] if others is not None else [Message("not_unique_unknown")]
    if (count := int((most != least).sum())) > 0:
        notes.append(Message("values_unsure", {"count": count}))
    return _Answer(
        chosen=chosen,
        loss=np.where(loss < residual.NEVER // 2, loss, UNKNOWN),
        exchangeable=np.zeros(int(picked.sum()), np.bool_) if others is None else others,
        place_value=np.where(most == least, most, UNKNOWN),
        budgets=list(range(len(order) + 1)),
        paired=[order],
        reachable=order,
        notes=tuple(notes),
    )


def _others(offer: Offer, chosen: Bools, budget: int, floors: Ints, schools: Bools) -> Bools | None:
    """Return which chosen pairs could be others; `schools` are those that an optimum may have."""
    some, picked = offer.of(schools), chosen[schools[offer.school]]
    arcs = residual.residual(some, picked, budget, floors)
    most = min(budget, len(some.weight))
    found = residual.exchangeable(arcs, some, most, fair=bool(floors.any()))
    return None if found is None else found[picked]


def _nested(ground: Market, demand: Demand, budget: int, floors: Ints) -> _Answer:
    """Solve an offer in which a school may be covered by a pair of its own or of a parent."""
    offer, worth = ground.offer, demand.worth[ground.items]
    none = np.zeros_like(floors)

    def solved(some: Offer, budget: int, floors: Ints = none) -> Bools:
        return programme(some, budget, ground.covers, worth, floors)

    def value(some: Offer, chosen: Bools) -> int:
        paired = np.zeros(len(some.weight), dtype=np.bool_)
        paired[some.school[chosen]] = True
        return int(worth[np.unique(ground.covers[1][paired[ground.covers[0]]])].sum())

    most = len(offer.weight)
    chosen, every = solved(offer, budget, floors), solved(offer, most)
    best, useful = value(offer, chosen), int(every.sum())
    steps = np.unique(np.linspace(0, useful, min(useful, FEW) + 1).round().astype(int)).tolist()
    paired = [offer.school[solved(offer, step)] for step in steps]
    picked, lost = np.flatnonzero(chosen), np.full(int(chosen.sum()), UNKNOWN)
    gained = np.full(len(offer.places), UNKNOWN)
    notes = [Message("pairs_nested")]
    if len(picked) <= FEW and not floors.any():
        for place, pair in enumerate(picked):
            some = offer.only(np.arange(len(offer.core)) != pair)
            lost[place] = best - value(some, solved(some, budget))
    else:
        notes.append(Message("losses_left_out", {"limit": FEW}))
    if len(gained) <= FEW and not floors.any():
        for core in range(len(gained)):
            some = replace(offer, places=offer.places + (np.arange(len(gained)) == core))
            gained[core] = value(some, solved(some, budget)) - best
    else:
        notes.append(Message("values_left_out", {"limit": FEW}))
    return _Answer(
        chosen=chosen,
        loss=lost,
        exchangeable=np.zeros(len(picked), dtype=np.bool_),
        place_value=gained,
        budgets=steps,
        paired=paired,
        reachable=np.unique(offer.school[every]),
        notes=(*notes, Message("not_unique_unknown")),
    )


def _curve(
    demand: Demand, ground: Market, answer: _Answer, locked: int, served: Bools, pupils: Ints
) -> tuple[Ints, Ints, Ints]:
    """Return budgets and the needy schools and pupils that each covers at best."""
    one = demand.needy.astype(np.int64)
    start = int(served.sum()), int(pupils[served].sum())
    if not ground.nested:
        schools = ground.schools[answer.reachable]
        both = [np.append(0, np.cumsum(demand.brings(x * one)[schools])) for x in (one, pupils)]
    else:
        within = [demand.within(ground.schools[some]) & demand.needy for some in answer.paired]
        both = [np.array([int(x[some].sum()) for some in within]) for x in (one, pupils)]
    return np.array(answer.budgets) + locked, both[0] + start[0], both[1] + start[1]


def _reasons(
    network: Network, demand: Demand, pairs: Feasible, allowed: Bools, ground: Market,
    answer: _Answer, cores: Ints, room: Ints,
) -> Ints:  # fmt: skip
    """Return why each school has no pair; of it and its parents what is nearest to one."""
    stages = network.column("school", "stage").notna().to_numpy(dtype=bool)
    found = np.where(stages | ~stages.any(), NO_CORE, NO_STAGE)
    found[cores] = IS_CORE
    found[pairs.school] = FORBIDDEN
    found[pairs.school[allowed]] = FULL
    nothing = demand.brings(demand.worth) == 0
    found[pairs.school[allowed & (room[pairs.core] > 0) & nothing[pairs.school]]] = NO_PUPILS
    members, same = ground.members
    found[members[np.isin(same, answer.reachable)]] = BUDGET
    both = found.copy()
    np.maximum.at(both, demand.below, found[demand.above])
    return both
