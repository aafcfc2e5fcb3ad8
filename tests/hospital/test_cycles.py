"""Progress is a function of the state: detours earn nothing, and all rewards of progress sum to the difference."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import pytest
from hospital_cases import at_bed, bay, rules_of, tiring_bay
from hypothesis import given, settings, strategies as st

if TYPE_CHECKING:
    from evenhand.hospital.rules import Rules
    from evenhand.hospital.state import State

FREE = {"rewards": {"success": 0.0, "time": 0.0}}
BAYS = [rules_of(bay(**FREE)), rules_of(tiring_bay(**FREE))]


def _physical(state: State) -> tuple[tuple[int, ...], ...]:
    """Everything but the clock and the counts."""
    parts = (state.station, state.travel, state.holding, state.energy, state.item_place, state.remaining)
    return tuple(map(tuple, parts))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 6**3 - 1), max_size=30), st.sampled_from(BAYS))
def test_rewards_sum_to_the_difference_of_progress_and_a_return_earns_nothing(joint: list[int], rules: Rules) -> None:
    state = at_bed(rules)
    first = rules.progress_points(state)
    earned, earned_at = 0, {_physical(state): 0}
    for code in joint:
        state, outcome = rules.step(state, [code % 6, code // 6 % 6, code // 36])
        earned += outcome.points
        assert earned == rules.progress_points(state) - first
        assert earned_at.setdefault(_physical(state), earned) == earned


@pytest.mark.parametrize("rules", BAYS, ids=["untiring", "tiring"])
def test_no_step_loses_progress_and_every_gain_is_for_good(rules: Rules) -> None:
    """Two busy agents, all states within seven steps: units never come back, so no cycle holds a rewarded step."""
    start = at_bed(rules, station=[1, 1, 0])
    seen, queue = {_physical(start)}, deque([start])
    while queue:
        state = queue.popleft()
        for first in range(rules.n_actions):
            for second in range(rules.n_actions):
                after, outcome = rules.step(state, [first, second, 0])
                assert all(new <= old for old, new in zip(state.remaining, after.remaining, strict=True))
                assert (outcome.points > 0) == (after.remaining != state.remaining)
                if after.time < 7 and _physical(after) not in seen:
                    seen.add(_physical(after))
                    queue.append(after)
    assert len(seen) > 500


@pytest.mark.parametrize("loop", ["carry", "walk"])
def test_going_to_and_fro_pays_only_the_cost_of_time(loop: str) -> None:
    """The farmed rewards of the seed's simulator: moving between places, and picking up and putting down."""
    rules = rules_of(bay())
    turn = {"carry": [[2, 0, 0], [4, 0, 0], [1, 0, 0], [4, 0, 0]], "walk": [[2, 0, 0], [1, 0, 0]]}[loop]
    state, points = at_bed(rules, remaining=[0, 3, 1, 2]), 0
    for actions in turn * 2:
        state, outcome = rules.step(state, actions)
        points += outcome.points
    assert points == -rules.time_points * 2 * len(turn)
