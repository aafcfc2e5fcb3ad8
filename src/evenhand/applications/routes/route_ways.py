"""Ways from stop to stop: straight lines between coordinates, or an office's tables of kilometres and minutes."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.office_rows import OfficeRow, OfficeTable
from evenhand.applications.routes.route_cells import LENGTHS
from evenhand.applications.routes.user_units import OFFICE
from evenhand.applications.routes.way_table import read_way_table
from evenhand.arrays import Array
from evenhand.errors import InputError

METRES, SECONDS = OFFICE.distance, OFFICE.duration

SPEED = 40.0
"""Kilometres an hour on straight lines where neither a speed nor durations are given."""

EARTH = 6_371_000.0
"""Mean radius of the earth in metres."""

FARTHEST = 2_000_000.0
"""Upper limit on metres between two stops: beyond it, a coordinate has lost its decimal point."""

LONGEST = 1e12
"""Upper limit on metres and seconds of a way."""


def coordinates(table: OfficeTable, rows: Sequence[OfficeRow]) -> Array | None:
    """Return x and y, or longitude and latitude, shape (k, 2); None if the table has neither."""
    for first, second in (("longitude", "latitude"), ("x", "y")):
        if first in table and second in table:
            found = np.empty((len(rows), 2))
            for row, values in zip(rows, found, strict=True):
                for column, role in enumerate((first, second)):
                    row.needed(role, "52.52")
                    values[column] = table.numbers(role).get(row.text(role), math.inf)
                    if not math.isfinite(values[column]):
                        raise row.fault(role, "is not a number; write a number such as 52.52")
                if first == "longitude" and not (abs(values[0]) <= 180.0 and abs(values[1]) <= 90.0):
                    raise row.fault("latitude", "is beyond 90 degrees, or the longitude beyond 180")
            units = [table.columns.unit.get(role) or "km" for role in (first, second)]
            return found if first == "longitude" else found * _kilometres(table, units)
    return None


def _kilometres(table: OfficeTable, units: Sequence[str]) -> float:
    """Return the kilometres in the unit of x and y."""
    if units[0] != units[1] or units[0] not in LENGTHS:
        raise InputError(f"{table.source}: x is in {units[0]} and y in {units[1]}; write both in km, or both in m")
    return LENGTHS[units[0]] / METRES


def ways_and_times(
    order: Sequence[str],
    at: Array | None,
    degrees: bool,
    distances: str | os.PathLike[str] | None,
    durations: str | os.PathLike[str] | None,
    speed: float | None,
    notes: list[str],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return metres and seconds from each to each, shape (k, k)."""
    if speed is not None and not (math.isfinite(speed) and speed > 0):
        raise InputError(f"speed is {speed!r}; it must be a positive number of kilometres an hour")
    pace = SECONDS / METRES / (SPEED if speed is None else speed)  # seconds a metre
    said = (
        f"at {SPEED:g} km/h; say another with --speed, or give --durations" if speed is None else f"at {speed:g} km/h"
    )
    times = None if durations is None else read_way_table(durations, order, times=True)
    if distances is not None:
        ways = read_way_table(distances, order, times=False)
    elif at is not None:
        ways = _on_earth(at) if degrees else _in_plane(order, at)
        notes.append("ways are straight lines between the coordinates; give real ones with --distances")
    elif times is not None:
        ways = times / pace
        notes.append(f"distances are those of the durations {said}")
    else:
        raise InputError(
            "the stops have neither x and y nor latitude and longitude; add them, or give --distances FILE, a table of "
            "kilometres from stop to stop"
        )
    if times is None:
        times = ways * pace
        notes.append(f"ways are driven {said}")
    if max(ways.max(), times.max()) > LONGEST:
        raise InputError("a way is longer than can be planned; check the speed, the kilometres and the minutes")
    return np.rint(ways).astype(np.int64), np.rint(times).astype(np.int64)


def _in_plane(order: Sequence[str], at: Array) -> Array:
    found = np.hypot(*(at[:, np.newaxis] - at).transpose(2, 0, 1)) * METRES
    far = found > FARTHEST
    if far.any():
        i, j = (int(k) for k in np.argwhere(far)[0])
        apart = f"{found[i, j] / METRES:,.6g} km apart"
        raise InputError(
            f"{order[i]!r} and {order[j]!r} are {apart}; x and y must be in kilometres, or "
            "call the columns x (m) and y (m)"
        )
    return np.asarray(found)


def _on_earth(at: Array) -> Array:
    """Return metres on great circles between longitudes and latitudes in degrees, by the haversine formula."""
    longitude, latitude = np.radians(at).T
    half = np.sin((latitude[:, np.newaxis] - latitude) / 2) ** 2
    half += np.cos(latitude)[:, np.newaxis] * np.cos(latitude) * np.sin((longitude[:, np.newaxis] - longitude) / 2) ** 2
    return np.asarray(2 * EARTH * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))))
