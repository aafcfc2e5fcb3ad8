"""Routes are exchanged among alike vehicles so that few stops change hands."""

from __future__ import annotations

from itertools import permutations

import numpy as np

from evenhand.applications.routes.same_hands import in_same_hands, stops_that_move


def test_stops_of_another_vehicle_are_counted() -> None:
    assert stops_that_move(((1, 2), (3,)), ((2, 3), (1,))) == 2
    assert stops_that_move(((1, 2), (3,)), ((2, 1), (3,))) == 0


def test_no_exchange_moves_fewer_stops() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        before, after = (
            tuple(tuple(part.tolist()) for part in np.array_split(rng.permutation(12), 4)) for _ in range(2)
        )
        found = in_same_hands(before, after, (0, 0, 0, 0))
        assert sorted(found) == sorted(after)
        assert stops_that_move(before, found) == min(stops_that_move(before, order) for order in permutations(after))


def test_unlike_vehicles_keep_their_routes() -> None:
    before, after = ((1, 2), (3, 4)), ((3, 4), (1, 2))
    assert in_same_hands(before, after, (0, 1)) == after
    assert in_same_hands(before, after, (0, 0)) == before
