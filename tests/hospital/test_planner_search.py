"""The planner's table against every plan there is, and its one reduction against doing without."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from planner_cases import drawn, every_plan

from evenhand.errors import InputError
from evenhand.hospital import load, names
from evenhand.hospital.planner.prepared_search import Search, prepare
from evenhand.hospital.planner.situations import may_be_tidy
from evenhand.hospital.planner.splits import Splits, holds
from evenhand.hospital.planner.starts import chosen_starts
from evenhand.hospital.planner.trade_off import staircases
from evenhand.hospital.scenario_arrays import arrays_of

SMALL = [name for name in names() if name.startswith(("rescue-breaths", "fair-gne", "lone-expert"))]
LARGE = ["full-code/best", "full-code/specialist", "full-code/best-energy"]


def _within(search: Search, agents: tuple[int, ...], items: tuple[int, ...], time: int) -> list[set[tuple[int, ...]]]:
    """Return for 0, 1, ..., `time` steps the splits that the table holds for a start."""
    table, splits = search.table(), search.splits.table
    node, row = search.node(items), table.row(agents)
    found = []
    for _ in range(time + 1):
        held = np.unpackbits(table.rows[node, row].view(np.uint8), bitorder="little").astype(bool)
        assert (splits[held] >= 0).all()
        found.append({tuple(split) for split in splits[held].tolist()})
        table.step()
    return found


def _agrees(seed: int, *, agents: int, tidy: bool, time: int) -> bool:
    generator = np.random.default_rng(seed)
    scenario = drawn(generator, agents=agents, tidy=tidy)
    arrays = arrays_of(scenario)
    start = chosen_starts(arrays, 1, seed)[0]
    assert may_be_tidy(arrays, [start.items]) or not tidy
    ended = every_plan(scenario, start.agents, start.items, time)
    try:
        search = prepare(scenario, [start.items])
    except InputError:  # the protocol cannot be completed
        assert not ended
        return False
    found = _within(search, start.agents, start.items, time)
    so_far: set[tuple[int, ...]] = set()
    for now in range(time + 1):
        so_far |= ended.get(now, set())
        assert found[now] == so_far, (seed, now)
    return bool(so_far)


@pytest.mark.parametrize("tidy", [False, True])
def test_table_holds_exactly_the_splits_of_all_plans_of_two_agents(tidy: bool) -> None:
    assert sum(_agrees(seed, agents=2, tidy=tidy, time=8) for seed in range(8)) >= 3


def test_table_holds_exactly_the_splits_of_all_plans_of_three_agents() -> None:
    assert sum(_agrees(seed, agents=3, tidy=True, time=5) for seed in (0, 2)) >= 1


@pytest.mark.slow
@pytest.mark.parametrize("tidy", [False, True])
def test_table_holds_exactly_the_splits_of_all_plans_of_many_hospitals(tidy: bool) -> None:
    assert sum(_agrees(seed, agents=2, tidy=tidy, time=9) for seed in range(100, 140)) >= 20
    assert sum(_agrees(seed, agents=3, tidy=tidy, time=6) for seed in range(100, 105)) >= 2


def _same_without_tidiness(name: str) -> None:
    scenario = load(name)
    starts = chosen_starts(arrays_of(scenario), None, 0)
    homes = list(dict.fromkeys(start.items for start in starts))
    tidy, untidy = (prepare(scenario, homes, tidy=tidy) for tidy in (True, False))
    assert len(tidy.graph) < len(untidy.graph)
    assert staircases(tidy, starts) == staircases(untidy, starts)


@pytest.mark.parametrize("name", SMALL)
def test_putting_things_down_elsewhere_gains_nothing(name: str) -> None:
    _same_without_tidiness(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_putting_things_down_elsewhere_gains_nothing_in_full_code(name: str) -> None:
    _same_without_tidiness(name)


def test_sets_within_more_steps_hold_those_within_fewer_and_settle() -> None:
    scenario = load("rescue-breaths/specialist-energy")
    start = chosen_starts(arrays_of(scenario), 1, 0)[0]
    search = prepare(scenario, [start.items])
    table = search.table()
    while not table.settled:
        before = table.rows.copy()
        table.step()
        assert ((table.rows & before) == before).all()
    before = table.rows.copy()
    table.changed[:] = True  # look at every turn again, without the memory of what changed
    table.step()
    assert (table.rows == before).all()


@pytest.mark.parametrize("agents", [2, 3])
def test_bits_and_splits_agree(agents: int) -> None:
    splits = Splits(5, agents)
    table = splits.table
    valid = [split for split in product(range(6), repeat=agents) if sum(split) == 5]
    assert sorted(map(tuple, table[table[:, 0] >= 0].tolist())) == valid
    for split in valid:
        bit = int(np.array(split) @ splits.step)
        row = np.zeros(splits.words, dtype=np.uint64)
        row[bit // 64] = np.uint64(1) << np.uint64(bit % 64)
        assert holds(row, bit)
        assert splits.best(row) == bit
        assert splits.squares(row[None])[0] == sum(units**2 for units in split)
