"""Where buses are drawn."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from evenhand.applications.load_shedding import generate_network, positions


def with_branches(buses: int, *pairs: tuple[int, int]):
    """Return a network with these branches alone."""
    network = generate_network(buses, 0)
    start, end = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
    return dataclasses.replace(network, branch_from=start, branch_to=end)


def lengths(network, places):
    return np.linalg.norm(places[network.branch_from] - places[network.branch_to], axis=1)


def test_a_chain_is_drawn_straight() -> None:
    """All distances can be kept: ends are 4 apart, branches 1 long."""
    network = with_branches(5, (0, 1), (1, 2), (2, 3), (3, 4))
    places = positions(network)
    assert lengths(network, places) == pytest.approx(np.ones(4), abs=0.05)
    assert np.linalg.norm(places[0] - places[4]) == pytest.approx(4.0, abs=0.05)


def test_a_square_is_drawn_square() -> None:
    network = with_branches(4, (0, 1), (1, 2), (2, 3), (3, 0))
    places = positions(network)
    sides = lengths(network, places)
    assert sides == pytest.approx(np.full(4, sides[0]), rel=0.01)
    diagonals = [np.linalg.norm(places[0] - places[2]), np.linalg.norm(places[1] - places[3])]
    assert diagonals == pytest.approx([sides[0] * np.sqrt(2)] * 2, rel=0.01)


def test_parts_and_lone_buses_stand_apart() -> None:
    network = with_branches(6, (0, 1), (1, 2), (3, 4))
    places = positions(network)
    apart = np.linalg.norm(places[:, np.newaxis] - places, axis=2)[np.triu_indices(6, 1)]
    assert apart.min() > 0.5
    assert np.isfinite(positions(with_branches(4))).all()


def test_the_same_network_is_drawn_alike() -> None:
    network = generate_network(40, 2)
    places = positions(network)
    assert np.array_equal(places, positions(network))
    assert places.mean(axis=0) == pytest.approx([0.0, 0.0], abs=1e-9)
    others = np.linalg.norm(places[:, np.newaxis] - places, axis=2)[np.triu_indices(40, 1)]
    assert lengths(network, places).mean() < 0.5 * others.mean(), "what is joined stands close"
