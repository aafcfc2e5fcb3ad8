"""Generated power networks, and the text of their case files."""

from __future__ import annotations

import numpy as np

from evenhand.applications.load_shedding.network import PowerNetwork
from evenhand.number_checks import check_seed, checked_whole

PART_WITH_DEMAND = 0.75
"""Probability that a bus has demand."""

MARGIN = 1.4
"""Ratio of total generation capacity to total demand; branch ratings scale with it too."""


def generate_network(buses: int, seed: int = 0) -> PowerNetwork:
    """Return a random network: a ring with chords, a few generators, and demands of very different sizes.

    Parameters
    ----------
    buses
        Number of buses, at least 4.
    seed
        Seed of the random numbers.

    Raises
    ------
    InputError
        If there are too few buses.
    """
    checked_whole("buses", buses, 4)
    check_seed(seed)
    rng = np.random.default_rng(seed)
    ring = np.arange(buses)
    chords = max(1, buses // 3)
    first = rng.integers(buses, size=chords)
    second = (first + rng.integers(2, buses - 1, size=chords)) % buses
    start, end = np.concatenate([ring, first]), np.concatenate([(ring + 1) % buses, second])
    demand = np.round(rng.lognormal(3.0, 0.8, buses) * (rng.random(buses) < PART_WITH_DEMAND), 1)
    demand[rng.choice(buses, 2, replace=False)] = np.round(rng.uniform(10.0, 60.0, 2), 1)
    plants = rng.choice(buses, max(2, buses // 5), replace=False)
    most = np.round(MARGIN * demand.sum() * rng.dirichlet(np.full(len(plants), 3.0)), 1)
    branches = len(start)
    reactance = np.round(rng.uniform(0.05, 0.25, branches), 4)
    return PowerNetwork(
        name=f"generated_{buses}_{seed}",
        base_mva=100.0,
        buses=np.arange(1, buses + 1),
        demand=demand,
        shunt=np.zeros(buses),
        reference=int(plants[0]),
        generator_bus=plants,
        generator_least=np.zeros(len(plants)),
        generator_most=most,
        branch_from=start,
        branch_to=end,
        resistance=np.round(reactance * 0.3, 4),
        reactance=reactance,
        tap=np.ones(branches),
        shift=np.zeros(branches),
        rating=np.round(MARGIN * demand.sum() * rng.uniform(0.15, 0.4, branches), 0),
        angle_least=np.full(branches, -np.deg2rad(30.0)),
        angle_most=np.full(branches, np.deg2rad(30.0)),
        branch_number=np.arange(1, branches + 1),
    )


def format_case(network: PowerNetwork) -> str:
    """Return the network as the text of a MATPOWER case file, version 2, from which :func:`read_case` restores it."""
    lines = [
        f"function mpc = {network.name}",
        "mpc.version = '2';",
        f"mpc.baseMVA = {network.base_mva:g};",
        "",
        "%% bus_i type Pd Qd Gs Bs area Vm Va baseKV zone Vmax Vmin",
        "mpc.bus = [",
    ]
    for place, (number, demand, shunt) in enumerate(zip(network.buses, network.demand, network.shunt, strict=True)):
        kind = 3 if place == network.reference else 1
        lines.append(f"\t{number}\t{kind}\t{float(demand)!r}\t0\t{float(shunt)!r}\t0\t1\t1\t0\t1\t1\t1.1\t0.9;")
    lines += ["];", "", "%% bus Pg Qg Qmax Qmin Vg mBase status Pmax Pmin", "mpc.gen = ["]
    for place, least, most in zip(network.generator_bus, network.generator_least, network.generator_most, strict=True):
        lines.append(
            f"\t{network.buses[place]}\t0\t0\t0\t0\t1\t{network.base_mva:g}\t1\t{float(most)!r}\t{float(least)!r};"
        )
    lines += ["];", "", "%% fbus tbus r x b rateA rateB rateC ratio angle status angmin angmax", "mpc.branch = ["]
    for e in range(len(network.branch_from)):
        ends = f"{network.buses[network.branch_from[e]]}\t{network.buses[network.branch_to[e]]}"
        lines.append(f"\t{ends}\t{_branch(network, e)};")
    return "\n".join([*lines, "];", ""])


def _branch(network: PowerNetwork, e: int) -> str:
    rate = 0.0 if np.isinf(network.rating[e]) else float(network.rating[e])
    tap = 0.0 if network.tap[e] == 1.0 else float(network.tap[e])
    angles = [
        limit if np.isinf(bound) else float(np.rad2deg(bound))
        for bound, limit in ((network.angle_least[e], -360.0), (network.angle_most[e], 360.0))
    ]
    numbers = [
        float(network.resistance[e]),
        float(network.reactance[e]),
        0.0,
        rate,
        rate,
        rate,
        tap,
        float(np.rad2deg(network.shift[e])),
        1,
        *angles,
    ]
    return "\t".join(repr(number) for number in numbers)
