"""Load shedding as a linear model; the package has the formulation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.errors import InputError
from evenhand.modeling import LinearModel
from evenhand.modeling.libraries import sparse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    from evenhand.applications.load_shedding.matpower import PowerNetwork

    Array = NDArray[np.float64]

APPROXIMATIONS = ("series", "reactance")


def model_of(
    network: PowerNetwork,
    *,
    outages: Iterable[int] = (),
    weights: ArrayLike | None = None,
    approximation: str = "series",
) -> tuple[LinearModel, Any]:
    """Return the model over (angles, generation, flows, shed power) without fairness, and the rows of its loads."""
    if approximation not in APPROXIMATIONS:
        raise InputError(f"approximation is {approximation!r}; known are {', '.join(APPROXIMATIONS)}")
    out = _outages(network, outages)
    at = np.flatnonzero(network.demand > 0.0)
    if len(at) < 2:
        raise InputError(f"{network.name} has {len(at)} bus(es) with demand; fairness needs at least two")
    cost = _weights(weights, len(at))
    buses, generators, branches, n = (len(x) for x in (network.buses, network.generator_bus, network.branch_from, at))
    balance, offsets = _balance(network, at), network.demand + network.shunt
    flows, differences = _flows(network, approximation)
    shifted = network.base_mva * flows[:, np.newaxis] * differences
    angle_rows = sparse().csr_array(np.hstack([differences, np.zeros((branches, generators + branches + n))]))
    flow_rows = sparse().csr_array(
        np.hstack([-shifted, np.zeros((branches, generators)), np.eye(branches), np.zeros((branches, n))])
    )
    shift = np.zeros(branches) if approximation == "series" else -network.base_mva * flows * network.shift
    live = ~out
    unlimited = np.full(buses, np.inf)
    unlimited[network.reference] = 0.0
    rating = np.where(live, network.rating, 0.0)
    model = LinearModel(
        np.concatenate([np.zeros(buses + generators + branches), cost]),
        sparse().vstack([balance, flow_rows[live], angle_rows[live]]),
        np.concatenate([offsets, shift[live], network.angle_least[live]]),
        np.concatenate([offsets, shift[live], network.angle_most[live]]),
        np.concatenate([-unlimited, network.generator_least, -rating, np.zeros(n)]),
        np.concatenate([unlimited, network.generator_most, rating, network.demand[at]]),
    )
    loads = sparse().hstack([sparse().csr_array((n, buses + generators + branches)), sparse().eye_array(n)])
    return model, loads


def _balance(network: PowerNetwork, at: NDArray[np.intp]) -> Any:
    """Return generation + shed - outflow of each bus, which equals its demand and shunt."""
    stack, buses = sparse(), len(network.buses)
    generation = _incidence(network.generator_bus, buses)
    outflow = _incidence(network.branch_to, buses) - _incidence(network.branch_from, buses)
    shed = _incidence(at, buses)
    return stack.hstack([stack.csr_array((buses, buses)), generation, outflow, shed], format="csr")


def _incidence(places: NDArray[np.intp], buses: int) -> Any:
    size = len(places)
    return sparse().csr_array((np.ones(size), (places, np.arange(size))), shape=(buses, size))


def _flows(network: PowerNetwork, approximation: str) -> tuple[Array, Array]:
    """Return the susceptance of each branch, per unit, and the rows of its difference of angles."""
    if approximation == "series":
        susceptance = network.reactance / (network.resistance**2 + network.reactance**2)
    else:
        susceptance = 1.0 / (network.reactance * network.tap)
    differences = np.zeros((len(susceptance), len(network.buses)))
    each = np.arange(len(susceptance))
    np.add.at(differences, (each, network.branch_from), 1.0)
    np.add.at(differences, (each, network.branch_to), -1.0)
    return susceptance, differences


def _outages(network: PowerNetwork, outages: Iterable[int]) -> NDArray[np.bool_]:
    out = np.zeros(len(network.branch_from), dtype=bool)
    for number in outages:
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
