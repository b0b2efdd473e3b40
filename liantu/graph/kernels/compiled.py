"""The kernels of large graphs, compiled by numba; only `fast` calls them.

Each compiles when it is first called and is kept on disk. Rows are unsigned, so that no index needs
a look whether it counts from the end; nothing runs in parallel inside, so that sums are the same
on every machine and any thread may call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

from liantu.graph.kernels import Bools, Floats, Ints

Unsigned = npt.NDArray[np.uint32]
Singles = npt.NDArray[np.float32]
Small = npt.NDArray[np.int32]
F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile lazily; keep the code on disk, or in memory where no folder can be written to."""
    try:
        return cast(F, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # no locator available
        return cast(F, numba.njit(nogil=True)(function))


@compiled
def nearest(
    begin: Unsigned, ends: Unsigned, child_begin: Unsigned, child_ends: Unsigned, seeds: Unsigned
) -> tuple[Ints, Ints]:
    """Breadth first, each level in the order of labels, so that who comes first is smallest."""
    n, one = len(begin) - 1, np.uint32(1)
    far, low = np.uint64(0xFFFFFFFFFFFFFFFF), np.uint64(0xFFFFFFFF)
    key = np.full(n, far, np.uint64)  # hops, then label, of settled nodes
    fresh = np.ones(n, np.bool_)
    parent = child_begin[1:] > child_begin[:-1]
    found, label = np.empty(n, np.uint32), np.empty(n, np.uint32)
    order, given = np.empty(n, np.uint32), np.empty(n, np.uint32)
    count, level = len(seeds), np.uint64(0)
    for i in range(count):
        found[i] = label[i] = seeds[i]
        fresh[seeds[i]] = False
    while count:
        done = 0
        for i in range(count):
            if key[found[i]] != far:
                continue  # inherits from a smaller label
            here = level | np.uint64(label[i])
            key[found[i]] = here
            head = done
            order[done], given[done] = found[i], label[i]
            done += 1
            while head < done:
                node = order[head]
                head += 1
                if parent[node]:
                    for e in range(child_begin[node], child_begin[node + one]):
                        child = child_ends[e]
                        if key[child] == far:
                            key[child] = here
                            fresh[child] = False
                            order[done], given[done] = child, label[i]
                            done += 1
        level += np.uint64(1 << 32)
        count = 0
        for i in range(done):
            node = order[i]
            for e in range(begin[node], begin[node + one]):
                other = ends[e]
                if fresh[other]:
                    fresh[other] = False
                    found[count], label[count] = other, given[i]
                    count += 1
    hops, nearest = np.empty(n, np.int64), np.empty(n, np.int64)
    for node in range(n):
        hops[node] = np.int32(key[node] >> np.uint64(32))  # −1 where far
        nearest[node] = np.int32(key[node] & low)
    for seed in seeds:
        hops[seed], nearest[seed] = 0, seed
    return hops, nearest


@compiled
def reach(
    begin: Unsigned,
    ends: Unsigned,
    child_begin: Unsigned,
    child_ends: Unsigned,
    seeds: Unsigned,
    hops: int,
    decay: float,
    weights: Floats | Singles,
    sums: Floats,
    reached: Bools,
) -> float:
    """Breadth first from each seed in turn, four weights at a time.

    `sums` has, a seed, what is direct, within, decayed and inherited, four weights each. Weights
    stand beside the ends of edges, and a loop looks at where all edges begin before another one
    walks them: of a large region waiting for memory costs most. What is returned says nothing.
    """
    n, size, one, touched = len(begin) - 1, len(seeds), np.uint32(1), 0.0
    ties, tie_weights = _beside(ends, child_begin, weights)
    heirs, heir_weights = _beside(child_ends, child_begin, weights)
    mark = np.zeros(n, np.uint8)  # 1 seen from this seed, 2 reached from any
    queue, parents = np.empty(n + 1, np.uint32), np.empty(n + 2, np.uint32)
    for row in range(size):
        seed = seeds[row]
        mark[seed] |= 1
        queue[0] = seed
        head, done, heads, factor = 0, 1, 0, 1.0
        for step in range(hops):
            last = done
            a = b = c = d = 0.0
            for i in range(head, last):
                place = begin[queue[i]]
                touched += ties[place] + tie_weights[place, 0]
            while head < last:
                node = queue[head]
                head += 1
                for e in range(begin[node], begin[node + one]):
                    other = ties[e] >> one
                    if mark[other] & 1:
                        continue
                    mark[other] = 3
                    queue[done] = parents[heads] = other
                    done += 1
                    heads += ties[e] & one  # counts only if it is one
                    a += np.float64(tie_weights[e, 0])
                    b += np.float64(tie_weights[e, 1])
                    c += np.float64(tie_weights[e, 2])
                    d += np.float64(tie_weights[e, 3])
            if last == done:
                break
            if step == 0:
                _put(sums, row, 0, a, b, c, d)
            _put(sums, row, 1, a, b, c, d)
            _put(sums, row, 2, factor * a, factor * b, factor * c, factor * d)
            factor *= decay
        head, seed_waits = 0, True
        a = b = c = d = 0.0
        for i in range(heads):
            place = child_begin[parents[i]]
            touched += heirs[place] + heir_weights[place, 0]
        while head < heads:
            node = parents[head]
            head += 1
            for e in range(child_begin[node], child_begin[node + one]):
                child = heirs[e] >> one
                if not mark[child] & 1:
                    mark[child] |= 1
                    queue[done] = parents[heads] = child
                    done += 1
                    heads += heirs[e] & one
                    a += np.float64(heir_weights[e, 0])
                    b += np.float64(heir_weights[e, 1])
                    c += np.float64(heir_weights[e, 2])
                    d += np.float64(heir_weights[e, 3])
                elif child == seed and seed_waits:  # hands on, but does not count itself
                    seed_waits = False
                    parents[heads] = seed
                    heads += heirs[e] & one
        _put(sums, row, 3, a, b, c, d)
        for i in range(done):
            mark[queue[i]] &= 2
    for node in range(n):
        reached[node] |= mark[node] > 1
    return touched


@compiled
def _put(sums: Floats, row: int, what: int, a: float, b: float, c: float, d: float) -> None:
    sums[row, what, 0] += a
    sums[row, what, 1] += b
    sums[row, what, 2] += c
    sums[row, what, 3] += d


@compiled
def _beside(
    ends: Unsigned, child_begin: Unsigned, weights: Floats | Singles
) -> tuple[Unsigned, Floats | Singles]:
    """Return twice the end of each edge, 1 more if it is a parent, and the weights of the end."""
    one = np.uint32(1)
    marked, found = np.zeros(len(ends) + 1, np.uint32), np.zeros((len(ends) + 1, 4), weights.dtype)
    for e in range(len(ends)):
        node = ends[e]
        marked[e] = node << one | np.uint32(child_begin[node + one] > child_begin[node])
        for k in range(4):
            found[e, k] = weights[node, k]
    return marked, found


@compiled
def distances(
    begin: Unsigned, ends: Unsigned, back_begin: Unsigned, back_ends: Unsigned, targets: Unsigned
) -> Floats:
    """Breadth first against the edges from 64 targets at once, a bit of a word each.

    Where few have news, they hand it on; where many, everyone looks for it. Rows: Σ 1/d, targets
    and Σ d of each node, and the number of pairs at each distance.
    """
    n, one, zero = len(begin) - 1, np.uint32(1), np.uint64(0)
    sums, listed = np.zeros((4, n + 1)), np.zeros(n, np.bool_)
    news, after = np.zeros(n, np.uint64), np.zeros(n, np.uint64)
    queue, found = np.empty(max(n, 64) + 1, np.uint32), np.empty(max(n, 64) + 1, np.uint32)
    for first in range(0, len(targets), 64):
        count = min(64, len(targets) - first)
        seen = np.zeros(n, np.uint64)
        for k in range(count):
            target = targets[first + k]
            queue[k] = target
            news[target] = seen[target] = np.uint64(1) << np.uint64(k)
        step = 0
        while count:
            step += 1
            many = 0
            if count > n // 8:
                for node in range(n):
                    word = zero
                    for e in range(begin[node], begin[node + one]):
                        word |= news[ends[e]]
                    after[node] = word & ~seen[node]
                    found[many] = node
                    many += after[node] != zero
            else:
                some = 0
                for i in range(count):
                    node = queue[i]
                    for e in range(back_begin[node], back_begin[node + one]):
                        other = back_ends[e]
                        found[some] = other
                        some += not listed[other]
                        listed[other] = True
                        after[other] |= news[node]
                for i in range(some):
                    node = found[i]
                    listed[node] = False
                    after[node] &= ~seen[node]
                    found[many] = node
                    many += after[node] != zero
            for i in range(count):
                news[queue[i]] = zero
            for i in range(many):
                node = found[i]
                seen[node] |= after[node]
                arrived = _ones(after[node])
                sums[0, node] += arrived / step
                sums[1, node] += arrived
                sums[2, node] += arrived * step
                sums[3, step] += arrived
            news, after, queue, found, count = after, news, found, queue, many
    return sums


@compiled
def _ones(word: np.uint64) -> np.int64:
    """Count bits; the processor's own instruction comes out of this."""
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    pairs = np.uint64(0x3333333333333333)
    word = (word & pairs) + ((word >> np.uint64(2)) & pairs)
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@compiled
def betweenness(begin: Unsigned, ends: Unsigned, sources: Unsigned) -> Floats:
    """Brandes' sums; shortest paths are kept as a list of links and walked forth and back."""
    n, one = len(begin) - 1, np.uint32(1)
    total, paths = np.zeros(n), np.zeros(n)
    state = np.zeros(n, np.uint8)  # 1 found on this level, 2 before
    queue = np.empty(n + 1, np.uint32)
    origin, links = np.empty(len(ends) + 1, np.uint32), np.empty(len(ends) + 1, np.uint32)
    stop = np.empty(n + 1, np.int64)  # where the links of each in the queue end
    for source in sources:
        state[source], paths[source], queue[0] = 2, 1.0, source
        head, done, linked = 0, 1, 0
        while head < done:
            last = done
            while head < last:
                node = queue[head]
                for e in range(begin[node], begin[node + one]):
                    other = ends[e]
                    queue[done] = other  # counts only if new: cheaper than a branch
                    origin[linked], links[linked] = node, other
                    linked += state[other] < 2
                    done += state[other] == 0
                    state[other] |= state[other] == 0
                stop[head] = linked
                head += 1
            for i in range(last, done):
                state[queue[i]] = 2
        for e in range(linked):
            paths[links[e]] += paths[origin[e]]
        for i in range(done - 1, 0, -1):
            node = queue[i]
            share = 0.0
            for e in range(stop[i - 1], stop[i]):
                share += paths[links[e]]
            share *= paths[node]
            total[node] += share
            paths[node] = (1 + share) / paths[node]
        if done > n // 8:
            state[:], paths[:] = 0, 0.0
        else:
            for i in range(done):
                state[queue[i]], paths[queue[i]] = 0, 0.0
    return total


@compiled
def components(begin: Unsigned, ends: Unsigned) -> Ints:
    """Join the trees of the ends of each edge; the root of a tree is its smallest node."""
    n = len(begin) - 1
    root, label = np.arange(n).astype(np.uint32), np.empty(n, np.int64)
    for node in range(n):
        a = np.uint32(node)
        while root[a] != a:
            root[a] = root[root[a]]
            a = root[a]
        for e in range(begin[node], begin[node + 1]):
            b = ends[e]
            while root[b] != b:
                root[b] = root[root[b]]
                b = root[b]
            if a < b:
                root[b] = a
            elif b < a:
                root[a] = b
                a = b
    count = 0
    for node in range(n):  # roots come before the nodes below them
        if root[node] == node:
            label[node] = count
            count += 1
        else:
            label[node] = label[root[node]]
    return label


@compiled
def core_number(begin: Unsigned, ends: Unsigned, back_begin: Unsigned, back_ends: Unsigned) -> Ints:
    """Peel off the nodes of least degree.

    What is left is looked through once a k, a node as often as its core number says: linear.
    """
    n, one = len(begin) - 1, np.uint32(1)
    start, both = np.empty(n + 1, np.uint32), np.empty(2 * len(ends), np.uint32)
    degree = np.empty(n, np.int64)
    total = 0
    for node in range(n):  # merge the rows out and in; who stands in both counts once
        start[node] = total
        i, stop = begin[node], begin[node + one]
        j, back_stop = back_begin[node], back_begin[node + one]
        while i < stop and j < back_stop:
            there, here = ends[i], back_ends[j]
            both[total] = min(there, here)
            total += 1
            i += there <= here
            j += here <= there
        while i < stop:
            both[total] = ends[i]
            total += 1
            i += one
        while j < back_stop:
            both[total] = back_ends[j]
            total += 1
            j += one
        degree[node] = total - start[node]
    start[n] = total
    left, queue = np.arange(n).astype(np.uint32), np.empty(n, np.uint32)
    count, k = n, 0
    while count:
        kept, done, least = 0, 0, n
        for i in range(count):
            node = left[i]
            if degree[node] > k:
                left[kept] = node
                kept += 1
                least = min(least, degree[node])
            elif degree[node] == k:
                queue[done] = node
                done += 1
        count, head = kept, 0
        while head < done:
            node = queue[head]
            head += 1
            for e in range(start[node], start[node + one]):
                other = both[e]
                if degree[other] > k:
                    degree[other] -= 1
                    if degree[other] == k:
                        queue[done] = other
                        done += 1
        k = k + 1 if head else least
    return degree


@compiled
def arrivals(
    begin: Small, target: Small, start: Small, end: Small, later: Small, seeds: Small
) -> tuple[Ints, Ints, Ints, Ints]:
    """Set labels in rounds from each seed in turn; see `fast.arrivals`."""
    n, last, far = len(begin) - 1, len(later) - 1, np.int32(2147483647)
    best, fewest = np.full(n, far, np.int32), np.zeros(n, np.int32)
    since, mark = np.zeros(n, np.int32), np.zeros(n, np.int32)
    queue, following, seen = np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n, np.int32)
    room = 1024
    out = np.empty((4, room), np.int64)
    done, turn = 0, 0
    for row in range(len(seeds)):
        seed, reached = seeds[row], 0
        best[seed] = 0
        queue[0], since[0] = seed, 0
        count, ties = 1, 0
        while count:
            ties += 1
            turn += 1
            more = 0
            for i in range(count):  # labels as the round before left them
                since[i] = best[queue[i]]
            for i in range(count):
                node, here = queue[i], since[i]
                for e in range(begin[node], begin[node + 1]):
                    leave = max(here, start[e])
                    if leave > end[e]:
                        continue
                    arrive, other = later[leave], target[e]
                    if arrive > last or arrive >= best[other]:
                        continue
                    if best[other] == far:
                        fewest[other] = ties
                        seen[reached] = other
                        reached += 1
                    best[other] = arrive
                    if mark[other] != turn:
                        mark[other] = turn
                        following[more] = other
                        more += 1
            queue, following, count = following, queue, more
        some = np.sort(seen[:reached])
        if done + reached > room:
            room = 2 * (done + reached)
            larger = np.empty((4, room), np.int64)
            larger[:, :done] = out[:, :done]
            out = larger
        for node in some:
            out[0, done], out[1, done] = row, node
            out[2, done], out[3, done] = best[node], fewest[node]
            best[node] = far
            done += 1
        best[seed] = far
    return out[0, :done], out[1, :done], out[2, :done], out[3, :done]
