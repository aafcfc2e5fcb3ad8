r"""Plans of tasks that need several agents each, with limits on counts: cheapest chains of replacements.

Under prices pi of the agents, each task holds its least priced candidates. Agents with too many tasks hand some on: the
cheapest chain, in which each agent gives a task to the next, ends at an agent who may take one more. It is a shortest
path, with lengths >= 0 because every task holds its least priced, and prices move so that this stays true: successive
shortest paths for a minimum-cost flow. Where no chain exists, the agents reached prove that no plan does: Hall's
condition is violated.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.several_agents import Array, Listed
from evenhand.numba_decorators import entry, inner

Ints = NDArray[np.int64]


@entry
def take_least(listed: Listed, priced: Array, held: NDArray[np.bool_], counts: Ints) -> None:
    """Mark in `held`, shape (k,), each task's least priced pairs, and add up `counts`, shape (n,)."""
    counts[:] = 0
    held[:] = False
    for j in range(len(listed.needs)):
        for _ in range(listed.needs[j]):
            best, at = np.inf, -1
            for pair in range(listed.starts[j], listed.starts[j + 1]):
                if not held[pair] and (at < 0 or priced[pair] < best):
                    best, at = priced[pair], pair
            held[at] = True
            counts[listed.agents[at]] += 1


@inner
def _up(heap: Ints, place: Ints, key: Array, at: int) -> None:
    node = heap[at]
    while at > 0:
        above = (at - 1) >> 1
        if key[heap[above]] <= key[node]:
            break
        heap[at] = heap[above]
        place[heap[at]] = at
        at = above
    heap[at] = node
    place[node] = at


@inner
def _down(heap: Ints, place: Ints, key: Array, size: int) -> None:
    node, at = heap[0], 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and key[heap[below + 1]] < key[heap[below]]:
            below += 1
        if key[heap[below]] >= key[node]:
            break
        heap[at] = heap[below]
        place[heap[at]] = at
        at = below
    heap[at] = node
    place[node] = at


@entry
def mend_counts(
    listed: Listed,
    task_of: NDArray[np.int32],
    by_agent: Ints,
    agent_starts: Ints,
    reduced: Array,
    pi: Array,
    least: Ints,
    most: Ints,
    held: NDArray[np.bool_],
    counts: Ints,
    reached: NDArray[np.bool_],
    budget: int,
) -> int:
    """Move the plan `held` along cheapest chains until every count is between its limits.

    Parameters
    ----------
    listed, task_of, by_agent, agent_starts
        The pairs, the task of each, and the positions of each agent's pairs, in compressed rows.
    reduced
        Cost of each pair without the prices of counts, shape (k,).
    pi
        Prices of counts, shape (n,), changed in place.
    least, most
        Limits, shape (n,).
    held, counts
        The plan, changed in place.
    reached
        The agents of the last search, shape (n,): if it fails, those who together are needed too often, or too rarely.
    budget
        Number of pairs to look at before returning, so that the caller can look at the clock.

    Returns
    -------
    int
        0 if all counts keep the limits, 1 if the budget is spent, 2 if the agents `reached` have to take more tasks
        than they may, 3 if they cannot get as many as they must.
    """
    n = len(pi)
    distance, place, heap = np.full(n, np.inf), np.full(n, -1, np.int64), np.empty(n, np.int64)
    given, gained = np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    touched = np.empty(n, np.int64)
    for start in range(n):
        while counts[start] > most[start] or counts[start] < least[start]:
            away = counts[start] > most[start]
            side = 1.0 if away else -1.0
            size, end, last = 1, -1, 0.0
            distance[start], heap[0], place[start] = 0.0, start, 0
            touched[0] = start
            seen = 1
            while size > 0:
                i = heap[0]
                last = distance[i]
                if i != start and (counts[i] < most[i] if away else counts[i] > least[i]):
                    end = i
                    break
                size -= 1
                place[i] = -2
                if size > 0:
                    heap[0] = heap[size]
                    place[heap[0]] = 0
                    _down(heap, place, distance, size)
                for at in range(agent_starts[i], agent_starts[i + 1]):
                    mine = by_agent[at]
                    if held[mine] != away:
                        continue
                    j = task_of[mine]
                    here = reduced[mine] - pi[i]
                    for other in range(listed.starts[j], listed.starts[j + 1]):
                        if held[other] == away:
                            continue
                        budget -= 1
                        k = listed.agents[other]
                        if place[k] == -2:
                            continue
                        length = side * (reduced[other] - pi[k] - here)
                        reach = last + max(length, 0.0)
                        if reach < distance[k]:
                            if place[k] < 0:
                                place[k] = size
                                heap[size] = k
                                size += 1
                                touched[seen] = k
                                seen += 1
                            distance[k] = reach
                            given[k], gained[k] = mine, other
                            _up(heap, place, distance, place[k])
            if end < 0:
                reached[:] = False
                for t in range(seen):
                    reached[touched[t]] = True
                return 2 if away else 3
            for t in range(seen):
                k = touched[t]
                if distance[k] < last:
                    pi[k] -= side * (last - distance[k])
            node = end
            while node != start:
                a, b = given[node], gained[node]
                held[a] = not away
                held[b] = away
                node = listed.agents[a]
            counts[start] -= 1 if away else -1
            counts[end] += 1 if away else -1
            for t in range(seen):
                k = touched[t]
                distance[k], place[k] = np.inf, -1
            if budget <= 0:
                return 1
    return 0
