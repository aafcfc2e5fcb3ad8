"""A power network for direct-current approximations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PowerNetwork:
    """A network for direct-current approximations; powers in MW, angles in radians.

    Attributes
    ----------
    name
        Of the case.
    base_mva
        Power that 1 per unit stands for.
    buses
        Numbers of the buses, shape (b,); all else refers to their places in it.
    demand, shunt
        Active power demanded at each bus, at least 0, and drawn by its shunt conductance, shape (b,).
    reference
        Place of the bus whose angle is 0.
    generator_bus, generator_least, generator_most
        Place and range of each generator in service, shape (g,).
    branch_from, branch_to
        Places of the ends of each branch in service, shape (e,).
    resistance, reactance, tap, shift
        Per unit, per unit, ratio (1 for lines) and radians of each branch, shape (e,).
    rating
        Most power each branch carries, infinite if unlimited, shape (e,).
    angle_least, angle_most
        Limits of the difference of angles across each branch, shape (e,).
    branch_number
        Place of each branch in the file, from 1, shape (e,).
    """

    name: str
    base_mva: float
    buses: NDArray[np.intp]
    demand: Array
    shunt: Array
    reference: int
    generator_bus: NDArray[np.intp]
    generator_least: Array
    generator_most: Array
    branch_from: NDArray[np.intp]
    branch_to: NDArray[np.intp]
    resistance: Array
    reactance: Array
    tap: Array
    shift: Array
    rating: Array
    angle_least: Array
    angle_most: Array
    branch_number: NDArray[np.intp]

    def __repr__(self) -> str:
        return (
            f"PowerNetwork({self.name}: {len(self.buses)} buses, {len(self.generator_bus)} generators, "
            f"{len(self.branch_from)} branches, {self.demand.sum():.6g} MW demanded)"
        )
