r"""First-order steps on the relaxation of tasks that need several different candidates each.

Over shares 0 <= y <= 1 of the pairs, k_j of each task, with counts of tasks per agent between limits and totals x of
the rule's burden in a cone, the steps alternate between shares and prices: primal-dual hybrid gradient steps. Each
pair is priced c - pi[i] - v[o] b: pi is the price of an agent's count, v that of the total o, an agent's or a task's,
to which the pair adds its burden b. Any prices prove a bound: the sum over tasks of the k_j least priced costs, plus
constants.

References
----------
Chambolle and Pock, A first-order primal-dual algorithm for convex problems, J. Math. Imaging and Vision 40, 2011; with
steps as in their diagonal preconditioning, ICCV 2011.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.numba_decorators import entry, inner

Array = NDArray[np.float64]


class Listed(NamedTuple):
    """The pairs of m tasks in compressed rows.

    Attributes
    ----------
    starts
        Position of each task's first pair, shape (m + 1,).
    agents
        Agent of each pair, shape (k,).
    owners
        Total to which each pair adds its burden: its task or its agent, shape (k,).
    costs, burdens
        Shape (k,).
    needs
        Number of different agents of each task, shape (m,).
    """

    starts: NDArray[np.int64]
    agents: NDArray[np.int32]
    owners: NDArray[np.int32]
    costs: Array
    burdens: Array
    needs: NDArray[np.int64]


class Steps(NamedTuple):
    """Lengths of the steps, and the corner rows ``sign (scale x - bound mean) >= 0`` of each total.

    Attributes
    ----------
    of_tasks, of_agents, of_rows, of_cuts
        Shapes (m,), (n,), (N,) and (c,).
    sign, scale, bound
        1 for a least over the mean, -1 for a largest, 0 if the rule has no such rows; scales of the totals, shape (N,);
        and the ratio to the mean.
    """

    of_tasks: Array
    of_agents: Array
    of_rows: Array
    of_cuts: Array
    sign: float
    scale: Array
    bound: float


@inner
def _share(priced: Array, count: int, first: int, stop: int) -> None:
    """Replace values between two positions by their projection onto shares in [0, 1] with the sum `count`."""
    low, high = np.inf, -np.inf
    for k in range(first, stop):
        low, high = min(low, priced[k] - 1.0), max(high, priced[k])
    shift = 0.5 * (low + high)
    for _ in range(60):
        total, inside = 0.0, 0
        for k in range(first, stop):
            z = priced[k] - shift
            if z >= 1.0:
                total += 1.0
            elif z > 0.0:
                total += z
                inside += 1
        over = total - count
        if abs(over) < 1e-11:
            break
        if over > 0.0:
            low = shift
        else:
            high = shift
        newton = shift + over / inside if inside else low
        shift = newton if low < newton < high else 0.5 * (low + high)
    for k in range(first, stop):
        priced[k] = min(max(priced[k] - shift, 0.0), 1.0)


@entry
def take_steps(
    listed: Listed,
    steps: Steps,
    least: Array,
    most: Array,
    carried: Array,
    cuts: Array,
    count: int,
    shares: Array,
    pi: Array,
    corner: Array,
    multiplier: Array,
    average: tuple[Array, Array, Array, Array],
) -> None:
    """Take `count` steps from shares (k,), prices of counts (n,), corner rows (N,) and cuts (c,), all changed in place.

    The averages over the steps are written to `average`, in that order.
    """
    m, n, totals = len(listed.needs), len(pi), len(carried)
    v, x, counts = np.empty(totals), np.empty(totals), np.empty(n)
    widest = 0
    for j in range(m):
        widest = max(widest, listed.starts[j + 1] - listed.starts[j])
    row = np.empty(widest)
    for part in average:
        part[:] = 0.0
    for _ in range(count):
        price_totals(steps, corner, multiplier, cuts, v)
        x[:] = carried
        counts[:] = 0.0
        for j in range(m):
            first = listed.starts[j]
            size = listed.starts[j + 1] - first
            step = steps.of_tasks[j]
            for k in range(size):
                pair = first + k
                priced = listed.costs[pair] - pi[listed.agents[pair]] - v[listed.owners[pair]] * listed.burdens[pair]
                row[k] = shares[pair] - step * priced
            _share(row, listed.needs[j], 0, size)
            for k in range(size):
                pair = first + k
                ahead = 2.0 * row[k] - shares[pair]
                shares[pair] = row[k]
                average[0][pair] += row[k]
                counts[listed.agents[pair]] += ahead
                x[listed.owners[pair]] += ahead * listed.burdens[pair]
        for i in range(n):
            step = steps.of_agents[i]
            free = pi[i] - step * counts[i]
            pi[i] = max(free + step * least[i], 0.0) + min(free + step * most[i], 0.0)
            average[1][i] += pi[i]
        if steps.sign != 0.0:
            mean = x.mean()
            for o in range(totals):
                slack = steps.sign * (steps.scale[o] * x[o] - steps.bound * mean)
                corner[o] = max(0.0, corner[o] - steps.of_rows[o] * slack)
                average[2][o] += corner[o]
        for c in range(len(multiplier)):
            slack = 0.0
            for o in range(totals):
                slack += cuts[c, o] * x[o]
            multiplier[c] = max(0.0, multiplier[c] - steps.of_cuts[c] * slack)
            average[3][c] += multiplier[c]
    for part in average:
        part /= count


@entry
def price_totals(steps: Steps, corner: Array, multiplier: Array, cuts: Array, v: Array) -> None:
    """Write the price of each total to `v`, shape (N,): what corner rows and cuts make up."""
    level = steps.bound * corner.sum() / len(v)
    for o in range(len(v)):
        v[o] = steps.sign * (steps.scale[o] * corner[o] - level)
        for c in range(len(multiplier)):
            v[o] += multiplier[c] * cuts[c, o]


@entry
def sum_of_least(listed: Listed, pi: Array, v: Array, use_costs: bool, sums: Array) -> None:
    """Add the k_j least priced costs of all tasks; write their sum and that of the sizes of its terms to `sums`, (2,).

    Parameters
    ----------
    use_costs
        Whether costs count; without them a positive bound proves that no plan exists.
    """
    most = listed.needs.max()
    best = np.empty(most)
    total, sizes, lost = 0.0, 0.0, 0.0
    for j in range(len(listed.needs)):
        need = listed.needs[j]
        best[:need] = np.inf
        largest = 0.0
        for pair in range(listed.starts[j], listed.starts[j + 1]):
            paid = listed.costs[pair] if use_costs else 0.0
            worth = v[listed.owners[pair]] * listed.burdens[pair]
            price = pi[listed.agents[pair]]
            value = paid - price - worth
            largest = max(largest, abs(paid) + abs(price) + abs(worth))
            if value < best[need - 1]:
                k = need - 1
                while k > 0 and best[k - 1] > value:
                    best[k] = best[k - 1]
                    k -= 1
                best[k] = value
        for k in range(need):
            y = best[k] - lost
            t = total + y
            lost = (t - total) - y
            total = t
        sizes += need * largest
    sums[0], sums[1] = total, sizes
