"""Generated wards: reproducible, of one shape, and their goals within reach."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from evenhand.errors import InputError
from evenhand.hospital import generate_ward, load
from evenhand.hospital.scenario_arrays import EXACT, arrays_of
from evenhand.hospital.worlds import check_scenario


def test_the_named_wards_are_generated_with_the_defaults() -> None:
    assert load("ward/12") == generate_ward(12) == generate_ward(12, rooms=3, patients=3, seed=0)
    assert generate_ward(12, seed=1).name == "ward/12-agents-3-rooms-3-patients-seed-1"
    assert [len(load(f"ward/{agents}").agents) for agents in range(6, 25)] == list(range(6, 25))


def test_a_ward_by_hand() -> None:
    """Three patients, two of them full codes: 3 boards and masks, 2 of the rest, 8 + 8 + 4 steps."""
    ward = generate_ward(12, rooms=3, patients=3, seed=5)
    assert Counter(item.kind for item in ward.items) == {"board": 3, "mask": 3, "defibrillator": 2, "syringe": 2}
    assert sorted(len(patient.steps) for patient in ward.patients) == [4, 8, 8]
    assert Counter(station.room for station in ward.stations) == {"room-1": 3, "room-2": 3, "room-3": 3}
    arrays = arrays_of(ward)
    assert arrays.travel[0, :3].tolist() == [0, 3, 3]
    assert sorted(arrays.travel[0].tolist()) == [0, 1, 1, 3, 3, 3, 3, 3, 3]
    assert arrays.horizon == 100
    assert arrays.agent_starts.all()
    assert not arrays.capacity.any()


def test_every_patient_counts_alike() -> None:
    ward = generate_ward(8, rooms=2, patients=4, seed=3)
    arrays = arrays_of(ward)
    points = arrays.step_points * arrays.step_units
    owners = [patient.name for patient, _ in ward.steps]
    totals = {name: sum(points[k] for k, owner in enumerate(owners) if owner == name) for name in owners}
    assert set(totals.values()) == {arrays.scale // 4}


def test_another_seed_is_another_ward_of_the_same_shapes() -> None:
    wards = [arrays_of(generate_ward(10, 2, 5, seed=seed)) for seed in range(30)]
    for name, first in vars(wards[0]).items():
        assert {(np.shape(vars(ward)[name]), vars(ward)[name].dtype) for ward in wards} == {(first.shape, first.dtype)}
    assert len({ward.level.tobytes() for ward in wards}) == 30
    assert len({ward.step_skill.tobytes() for ward in wards}) > 1


def test_a_seed_always_means_the_same_ward() -> None:
    """Drawn with random() alone, which Python promises never to change; these values were noted once."""
    ward = generate_ward(6, seed=2024)
    assert list(ward.agents[0].skills.values()) == [3, 1, 1, 1]
    assert list(ward.agents[5].skills.values()) == [1, 2, 2, 1]
    assert [item.at for item in ward.items[:4]] == [f"supply-cart-{room}" for room in (1, 2, 1, 2)]


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 30), st.integers(1, 6), st.integers(1, 12), st.integers(0, 2**40))
def test_any_ward_is_a_sound_scenario(agents: int, rooms: int, patients: int, seed: int) -> None:
    ward = generate_ward(agents, rooms, patients, seed)
    check_scenario(ward)
    arrays = arrays_of(ward)
    assert (arrays.level.max(axis=0) >= 1).all()
    assert (arrays.level.max(axis=1) >= 1).all()
    assert arrays.scale < EXACT


def test_the_largest_and_the_smallest_wards() -> None:
    check_scenario(generate_ward(2, 1, 50))
    check_scenario(generate_ward(2, 50, 1))
    check_scenario(generate_ward(100, 50, 50))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1,), "agents is 1; it must be a whole number from 2 to 100"),
        ((6.0,), "agents is 6.0; it must"),
        ((True,), "agents is True; it must"),
        ((6, 0), "rooms is 0; it must be a whole number from 1 to 50"),
        ((6, 2, 51), "patients is 51; it must be a whole number from 1 to 50"),
        ((6, 2, 2, 1.5), "seed is 1.5; it must be a whole number"),
    ],
)
def test_numbers_out_of_range(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        generate_ward(*arguments)


def test_numbers_of_numpy_make_the_same_ward() -> None:
    assert generate_ward(*map(np.int64, (6, 2, 3, 4))) == generate_ward(6, 2, 3, 4)
    assert generate_ward(np.int32(6)).name == "ward/6"
