"""Where things are drawn: within the picture, and never on top of each other."""

from __future__ import annotations

import doctest
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from evenhand import hospital
from evenhand.hospital.drawing import short_names
from evenhand.hospital.drawing.facts import Facts
from evenhand.hospital.drawing.floor import FloorPainter
from evenhand.hospital.drawing.floor_layout import Box, plan_floor, tile
from evenhand.hospital.drawing.short_names import initials, plain
from evenhand.hospital.rules import Rules
from evenhand.hospital.scenario import Station
from evenhand.hospital.scenario_arrays import arrays_of

AREA = Box(20.0, 70.0, 780.0, 620.0)


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.right - 1e-6
        and other.x < one.right - 1e-6
        and one.y < other.bottom - 1e-6
        and other.y < one.bottom - 1e-6
    )


def within(one: Box, other: Box) -> bool:
    return (
        one.x >= other.x - 1e-6
        and one.y >= other.y - 1e-6
        and one.right <= other.right + 1e-6
        and one.bottom <= other.bottom + 1e-6
    )


@pytest.mark.parametrize("name", hospital.names())
def test_stations_lie_in_their_room_and_apart(name):
    scenario = hospital.load(name)
    floor = plan_floor(scenario, AREA)
    assert not any(overlap(one, other) for one, other in combinations(floor.stations, 2))
    assert not any(overlap(one, other) for one, other in combinations(floor.rooms.values(), 2))
    assert all(within(room, AREA) for room in floor.rooms.values())
    for station, box in zip(scenario.stations, floor.stations, strict=True):
        assert within(box, floor.rooms[station.room])


@given(places=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=8))
def test_any_places_give_stations_apart(places):
    stations = tuple(Station(name=f"s{k}", at=(float(x), float(y))) for k, (x, y) in enumerate(places))
    scenario = hospital.load("rescue-breaths").model_copy(update={"stations": stations})
    boxes = plan_floor(scenario, AREA).stations
    assert not any(overlap(one, other) for one, other in combinations(boxes, 2))
    assert all(within(box, AREA) for box in boxes)


def test_stations_are_drawn_on_the_side_where_they_are():
    # The bed of rescue-breaths stands in the middle, the board's cart to the upper left (y is upwards in the file).
    bed, board_cart, airway_cart, table, door = plan_floor(hospital.load("rescue-breaths"), AREA).stations
    assert board_cart.right <= bed.centre[0] <= airway_cart.x
    assert board_cart.centre[1] < bed.centre[1] < door.centre[1]
    assert table.centre[0] == pytest.approx(airway_cart.centre[0])


@given(count=st.integers(1, 40), aspect=st.floats(0.5, 2))
def test_tiles_cover_without_overlap(count, aspect):
    boxes = tile(count, AREA, aspect)
    assert len(boxes) == count
    assert all(within(box, AREA) for box in boxes)
    assert not any(overlap(one, other) for one, other in combinations(boxes, 2))


@pytest.mark.parametrize(("name", "crowd"), [("rescue-breaths", 3), ("ward/12", 12), ("ward/24", 24)])
def test_a_crowd_at_one_station_stands_apart_and_before_it(name, crowd):
    scenario = hospital.load(name)
    painter = FloorPainter(Facts.of(scenario), AREA, 1.0)
    arrays = arrays_of(scenario)
    state = Rules(arrays).start([0] * crowd, [0] * arrays.n_items)
    spots = np.array(painter.places(state, []))
    box = plan_floor(scenario, AREA).stations[0]
    for one, other in combinations(spots, 2):
        assert np.hypot(*(one - other)[:2]) >= one[2] + other[2]
    assert (spots[:, 0] >= box.x).all()
    assert (spots[:, 0] <= box.right).all()
    assert (spots[:, 1] <= box.bottom).all()


@given(names=st.lists(st.text(min_size=1, max_size=12), min_size=2, max_size=30, unique=True))
def test_initials_are_short_and_all_different(names):
    marks = initials(names)
    assert len(set(marks)) == len(names)
    assert all(1 <= len(mark) <= 3 for mark in marks)


def test_examples_of_the_docstrings_hold():
    assert doctest.testmod(short_names) == (0, 3)


def test_letters_that_the_font_lacks_are_replaced():
    assert plain("Zoë – Łukasz 李") == "Zoe - Lukasz ?"
