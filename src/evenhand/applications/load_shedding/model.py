"""Load shedding as a linear model; the package's docstring has the formulation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.applications.load_shedding.network import PowerNetwork
from evenhand.arrays import Array
from evenhand.errors import InputError, choices
from evenhand.modeling import LinearModel
from evenhand.modeling.library_imports import sparse

APPROXIMATIONS = ("series", "reactance")


def model_of(
    network: PowerNetwork,
    *,
    outages: Iterable[int] = (),
    weights: ArrayLike | None = None,
    approximation: str = "series",
    must_run: bool = False,
) -> tuple[LinearModel, Any]:
    """Return the model without fairness, and the rows of its loads, the shed powers.

    Its variables are, in this order: bus angles, generation, power that shunts do not draw (none with `must_run`),
    branch flows and shed powers.
    """
    if approximation not in APPROXIMATIONS:
        raise InputError(f"approximation is {approximation!r}; {choices(approximation, APPROXIMATIONS, quoted=False)}")
    out = _outages(network, outages)
    at = np.flatnonzero(network.demand > 0.0)
    if len(at) < 2:
        raise InputError(f"{network.name} has {len(at)} bus(es) with demand; fairness needs at least two")
    cost = _weights(weights, len(at))
    buses, branches, n = len(network.buses), len(network.branch_from), len(at)
    source, least, most = _sources(network, must_run=must_run)
    generators = len(source)
    balance, offsets = _balance(network, source, at), network.demand + network.shunt
    susceptance = _susceptances(network, approximation)
    differences = _incidence(network.branch_from, buses).T - _incidence(network.branch_to, buses).T
    stack = sparse()
    angle_rows = stack.hstack([differences, stack.csr_array((branches, generators + branches + n))], format="csr")
    flow_rows = stack.hstack(
        [
            stack.diags_array(-network.base_mva * susceptance) @ differences,
            stack.csr_array((branches, generators)),
            stack.eye_array(branches),
            stack.csr_array((branches, n)),
        ],
        format="csr",
    )
    shift = np.zeros(branches) if approximation == "series" else -network.base_mva * susceptance * network.shift
    live = ~out
    unlimited = np.full(buses, np.inf)
    unlimited[network.reference] = 0.0
    rating = np.where(live, network.rating, 0.0)
    model = LinearModel(
        np.concatenate([np.zeros(buses + generators + branches), cost]),
        stack.vstack([balance, flow_rows[live], angle_rows[live]], format="csr"),
        np.concatenate([offsets, shift[live], network.angle_least[live]]),
        np.concatenate([offsets, shift[live], network.angle_most[live]]),
        np.concatenate([-unlimited, least, -rating, np.zeros(n)]),
        np.concatenate([unlimited, most, rating, network.demand[at]]),
    )
    loads = stack.hstack([stack.csr_array((n, buses + generators + branches)), stack.eye_array(n)], format="csr")
    return model, loads


def _sources(network: PowerNetwork, *, must_run: bool) -> tuple[NDArray[np.intp], Array, Array]:
    """Return bus and range of every source in the balances: generators, and the part of shunts that may be off."""
    place, least, most = network.generator_bus, network.generator_least, network.generator_most
    if must_run:
        return place, least, most
    shunts = np.flatnonzero(network.shunt)
    drawn = network.shunt[shunts]
    return (
        np.concatenate([place, shunts]),
        np.concatenate([np.minimum(least, 0.0), np.minimum(drawn, 0.0)]),
        np.concatenate([np.maximum(most, 0.0), np.maximum(drawn, 0.0)]),
    )


def _balance(network: PowerNetwork, source: NDArray[np.intp], at: NDArray[np.intp]) -> Any:
    """Return the rows of generation + shed - outflow of each bus, which equals its demand plus shunt."""
    stack, buses = sparse(), len(network.buses)
    generation = _incidence(source, buses)
    outflow = _incidence(network.branch_to, buses) - _incidence(network.branch_from, buses)
    shed = _incidence(at, buses)
    return stack.hstack([stack.csr_array((buses, buses)), generation, outflow, shed], format="csr")


def _incidence(places: NDArray[np.intp], buses: int) -> Any:
    size = len(places)
    return sparse().csr_array((np.ones(size), (places, np.arange(size))), shape=(buses, size))


def _susceptances(network: PowerNetwork, approximation: str) -> Array:
    """Return the susceptance of each branch, per unit."""
    if approximation == "series":
        return network.reactance / (network.resistance**2 + network.reactance**2)
    return 1.0 / (network.reactance * network.tap)


def _outages(network: PowerNetwork, outages: Iterable[int]) -> NDArray[np.bool_]:
    try:
        numbers = list(outages)
    except TypeError:
        raise InputError(f"outages is {outages!r}; give the numbers of branches, such as [1, 2]") from None
    out = np.zeros(len(network.branch_from), dtype=bool)
    for number in numbers:
        found = np.flatnonzero(network.branch_number == number)
        if not found.size:
            raise InputError(
                f"outages names branch {number!r}; {network.name} has {len(out)} in service, "
                f"numbered up to {network.branch_number.max(initial=0)}"
            )
        out[found] = True
    return out


def _weights(weights: ArrayLike | None, n: int) -> Array:
    if weights is None:
        return np.ones(n)
    values = np.asarray(weights, dtype=np.float64)
    if values.shape != (n,) or not np.all(np.isfinite(values) & (values >= 0.0)):
        raise InputError(f"weights must be {n} finite numbers of at least 0, one for each bus with demand")
    return values
