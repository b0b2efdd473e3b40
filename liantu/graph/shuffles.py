"""Events with their receivers dealt out anew by chance, as often as before to everybody."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from liantu.graph.kernels import Bools, Ints
from liantu.graph.numbering import Codes

_FEW = 1.0  # events to oneself that chance gives a stratum, up to which new tries will do
_STEPS = 2  # rounds of exchanges between two answers where they are too many
_WARM = 30  # the same before the first answer


def shuffles(
    giver: Ints, receiver: Ints, stratum: Ints, permutations: int, seed: int
) -> Iterator[Codes]:
    """Yield the receivers of events, dealt out anew within strata.

    Everybody gives and receives as often as before, nobody to oneself, and nothing leaves its
    stratum; every such assignment of receivers is equally likely (events are told apart, as in a
    stub-labelled multigraph). What is equal may stand in any order.

    Parameters
    ----------
    giver, receiver
        Numbers of the two ends of each event, never equal; shape (events,).
    stratum
        Number of the stratum of each event.
    permutations
        How often.
    seed
        What chance begins with.

    Yields
    ------
    ndarray of shape (events,)
        A receiver for each event; a new array each time.

    Notes
    -----
    A stratum is shuffled until nobody gives to oneself. Where that would take too long, events
    exchange receivers in twos and threes, at random and only if nobody then gives to oneself: a
    chain that has the same distribution.

    References
    ----------
    Fosdick, B. K., Larremore, D. B., Nishimura, J., Ugander, J. (2018). Configuring random graph
    models with fixed degree sequences. SIAM Review 60, 315–355.

    Examples
    --------
    >>> giver, receiver = np.array([0, 0, 1]), np.array([1, 1, 0])
    >>> next(shuffles(giver, receiver, np.zeros(3, dtype=np.int64), 1, 0)).tolist()
    [1, 1, 0]
    """
    order = np.lexsort((receiver, giver, stratum))
    gives, first = giver[order].astype(np.int32), receiver[order].astype(np.int32)
    block = np.cumsum(np.diff(stratum[order], prepend=stratum[order][:1]) != 0)
    rng, often = np.random.default_rng(seed), _often(gives, first, block)
    free, bound = np.flatnonzero(~often), np.flatnonzero(often)
    now = first.copy()
    for _ in range(_WARM if len(bound) else 0):
        _exchange(gives, now, block, bound, rng)
    for _ in range(permutations):
        left = free
        while len(left):
            now[left] = first[_dealt(block, left, rng)]
            wrong = np.zeros(block[-1] + 1, dtype=np.bool_)
            wrong[block[left][now[left] == gives[left]]] = True
            left = left[wrong[block[left]]]
        for _ in range(_STEPS if len(bound) else 0):
            _exchange(gives, now, block, bound, rng)
        found = np.empty_like(now)
        found[order] = now
        yield found


def _dealt(block: Ints, which: Ints, rng: np.random.Generator) -> Ints:
    """Return events in random order within their strata, which stand in order.

    One number holds stratum, chance and place, for numbers are sorted sooner than their places.
    """
    bits = len(which).bit_length()
    chance = 62 - bits - int(block[which[-1]]).bit_length() if len(which) else 0
    key = (block[which] << (chance + bits)) | np.arange(len(which))
    key |= rng.integers(0, 1 << chance, len(which)) << bits
    key.sort()
    dealt: Ints = which[key & ((1 << bits) - 1)]
    return dealt


def _often(giver: Codes, receiver: Codes, block: Ints) -> Bools:
    """Return which events are in strata where chance often gives to oneself."""
    if not len(giver):
        return np.zeros(0, dtype=np.bool_)
    span = int(max(giver.max(), receiver.max())) + 1
    gives, given = np.unique(block * span + giver, return_counts=True)
    takes, taken = np.unique(block * span + receiver, return_counts=True)
    both, one, other = np.intersect1d(gives, takes, assume_unique=True, return_indices=True)
    alone = np.bincount(both // span, given[one] * taken[other], int(block.max()) + 1)
    return np.asarray((alone / np.bincount(block) > _FEW)[block])


def _exchange(giver: Codes, now: Codes, block: Ints, which: Ints, rng: np.random.Generator) -> None:
    """Let events in twos, then in threes, hand their receivers on where nobody gets oneself."""
    order = _dealt(block, which, rng)
    for size in (2, 3):
        shift, coin = int(rng.integers(size)), rng.integers(0, 2, len(order) // size, dtype=np.int8)
        parts = [order[shift + place :: size] for place in range(size)]
        number = min(map(len, parts))
        parts = [part[:number][coin[:number] > 0] for part in parts]
        held = [now[part] for part in parts]
        fits = block[parts[0]] == block[parts[-1]]
        for part, handed in zip(parts, [*held[1:], held[0]], strict=True):
            fits &= giver[part] != handed
        for part, handed in zip(parts, [*held[1:], held[0]], strict=True):
            now[part[fits]] = handed[fits]
