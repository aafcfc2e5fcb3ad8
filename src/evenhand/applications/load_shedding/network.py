"""The data of a power network for direct-current approximations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.arrays import Array


@dataclass(frozen=True, slots=True, eq=False)
class PowerNetwork:
    """A network for direct-current approximations; powers in MW, angles in radians.

    Attributes
    ----------
    name
        Name of the case.
    base_mva
        Power of 1 per unit, in MVA.
    buses
        Numbers of the buses, shape (b,); all other attributes refer to positions in it.
    demand, shunt
        Active power demanded at each bus, at least 0, and drawn by its shunt conductance, shape (b,).
    reference
        Position of the bus with an angle of 0.
    generator_bus, generator_least, generator_most
        Bus position, least and largest power of each generator in service, shape (g,).
    branch_from, branch_to
        Bus positions of the ends of each branch in service, shape (e,).
    resistance, reactance, tap, shift
        Resistance and reactance (per unit), tap ratio (1 for lines) and phase shift of each branch, shape (e,).
    rating
        Largest power of each branch, infinite if unlimited, shape (e,).
    angle_least, angle_most
        Limits on the difference of angles across each branch, shape (e,).
    branch_number
        Number of each branch in the file, counted from 1, shape (e,).
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
