"""Both implementations of the rules, walked side by side through the same random steps: every field is the same.

The reference plays first and chooses actions of four sorts: those its mask allows, eager ones that finish protocols,
any at all, and one action for the whole team, which makes conflicts. The twin starts where its own resets put it, and
so does the reference; then it gets the same actions. Numbers are compared exactly, single-precision ones by bits.
"""

from __future__ import annotations

import random
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from evenhand import hospital
from evenhand.hospital import vectorized
from evenhand.hospital.features import Features
from evenhand.hospital.rules import Rules
from evenhand.hospital.scenario_arrays import arrays_of
from evenhand.hospital.state import State

if TYPE_CHECKING:
    from evenhand.hospital.scenario import Scenario

ENVIRONMENTS, CHUNK, CHUNKS = 64, 20, 8
STEPS = ENVIRONMENTS * CHUNK * CHUNKS
STARTS = 32
AFTERMATH = 2
"""Steps that are played on after the end of an episode, where nothing may change."""

WARDS = {
    "ward(9, seed=1)": lambda: hospital.generate_ward(9, seed=1),
    "ward(7, rooms=1, seed=2)": lambda: hospital.generate_ward(7, rooms=1, seed=2),
}


class Player:
    """The reference in all environments at once, with the random choices of what to do."""

    def __init__(self, scenario: Scenario, starts: dict[str, np.ndarray], seed: int) -> None:
        arrays = arrays_of(scenario)
        self.rules = Rules(arrays)
        self.features = Features(arrays, self.rules)
        self.starts = starts
        self.random = random.Random(seed)
        self.states = [self.start(0, environment) for environment in range(ENVIRONMENTS)]
        self.round = np.zeros(ENVIRONMENTS, dtype=np.int32)
        self.since_end = np.zeros(ENVIRONMENTS, dtype=np.int32)

    def start(self, number: int, environment: int) -> State:
        """Return one of the twin's starts."""
        return State(**{name: value[number, environment].tolist() for name, value in self.starts.items()})

    def chunk(self) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Play a chunk; return what was done, to be repeated, and what was shown: arrays (steps, environments, ...)."""
        done: dict[str, list[Any]] = {"fresh": [], "round": [], "actions": []}
        shown: dict[str, list[Any]] = {}
        for _ in range(CHUNK):
            fresh = self.since_end >= AFTERMATH
            self.round = (self.round + fresh) % STARTS
            self.since_end[fresh] = 0
            for environment in np.flatnonzero(fresh):
                self.states[environment] = self.start(self.round[environment], environment)
            actions = [self.choose(state) for state in self.states]
            moments = [self.step(environment, joint) for environment, joint in enumerate(actions)]
            for name in moments[0]:
                shown.setdefault(name, []).append([moment[name] for moment in moments])
            done["fresh"].append(fresh)
            done["round"].append(self.round.copy())
            done["actions"].append([[-1 if action is None else action for action in joint] for joint in actions])
        return {k: np.array(v) for k, v in done.items()}, {k: np.array(v) for k, v in shown.items()}

    def step(self, environment: int, actions: list[int | None]) -> dict[str, Any]:
        """Play one step and return all that it shows."""
        state, outcome = self.rules.step(self.states[environment], actions)
        self.states[environment] = state
        self.since_end[environment] += self.rules.is_over(state)
        vector, seen = self.features.both(state)
        moment = {field.name: getattr(state, field.name) for field in fields(State)}
        return moment | {
            "mask": [self.rules.mask(state, agent) for agent in self.rules.agents],
            "observation": seen,
            "global_state": vector,
            "reward": outcome.reward,
            "success": outcome.success,
            "truncated": outcome.truncated,
        }

    def choose(self, state: State) -> list[int | None]:
        """Choose for all agents, now and then the same."""
        actions = [self.one(self.rules.mask(state, agent)) for agent in self.rules.agents]
        if self.random.random() < 0.1:
            return [self.random.choice(actions)] * len(actions)
        return actions

    def one(self, mask: list[bool]) -> int | None:
        """Choose for one agent: no number at all, any, treating, handling, or whatever is possible."""
        sort = self.random.random()
        if sort < 0.03:
            return None
        if sort < 0.13:
            return self.random.randrange(len(mask))
        if sort < 0.7 and mask[-1]:
            return len(mask) - 1
        if sort < 0.5 and mask[-2]:
            return len(mask) - 2
        return self.random.choice([action for action, can in enumerate(mask) if can])


@jax.jit
def _starts(keys: jax.Array, tables: vectorized.Tables) -> vectorized.State:
    return jax.vmap(jax.vmap(lambda key: vectorized.reset(key, tables)))(keys)


@jax.jit
def _repeat(
    tables: vectorized.Tables, starts: vectorized.State, state: vectorized.State, done: dict[str, jax.Array]
) -> tuple[vectorized.State, tuple[vectorized.State, vectorized.Outcome]]:
    """Let the twin repeat a chunk in all environments."""

    def one(now: vectorized.State, own: vectorized.State, what: dict[str, jax.Array]) -> tuple[Any, Any]:
        now = jax.tree.map(lambda old, new: jnp.where(what["fresh"], new[what["round"]], old), now, own)
        after, outcome = vectorized.step(jax.random.key(0), now, what["actions"], tables)
        return after, (after, outcome)

    return jax.lax.scan(lambda now, what: jax.vmap(one, in_axes=(0, 1, 0))(now, starts, what), state, done)


@jax.jit
def _views(states: vectorized.State, tables: vectorized.Tables) -> dict[str, jax.Array]:
    views = {
        "mask": vectorized.mask,
        "observation": vectorized.observe,
        "global_state": vectorized.global_state,
    }
    return jax.vmap(jax.vmap(lambda state: {name: view(state, tables) for name, view in views.items()}))(states)


def _scenario(name: str) -> Scenario:
    return WARDS[name]() if name in WARDS else hospital.load(name)


def _assert_same(name: str, expected: np.ndarray, found: np.ndarray) -> None:
    assert expected.shape == found.shape, name
    if expected.dtype == np.float32 or found.dtype == np.float32:
        assert expected.dtype == found.dtype == np.float32, name
        expected, found = expected.view(np.int32), found.view(np.int32)
    differs = expected != found
    assert not differs.any(), f"{name} differs first at (step, environment, ...) {np.argwhere(differs)[0]}"


QUICK = {
    "fair-gne/specialist",
    "fair-gne/as-released",
    "full-code/forced-cooperation-energy",
    "lone-expert/able-juniors-energy",
    "rescue-breaths/best",
    "ward/6",
}
"""Each family, with and without energy, and cooperation: the other scenarios have other numbers in the same tables."""


def _with_the_others_marked() -> list[Any]:
    """Each scenario is compiled anew, and that takes longer than to walk."""
    return [pytest.param(name, marks=[pytest.mark.slow] * (name not in QUICK)) for name in [*hospital.names(), *WARDS]]


@pytest.mark.parametrize("name", _with_the_others_marked())
def test_both_implementations_agree_on_every_field_of_ten_thousand_random_steps(name: str) -> None:
    scenario = _scenario(name)
    tables = vectorized.tables_of(arrays_of(scenario))
    keys = jax.random.split(jax.random.key(len(name)), (STARTS, ENVIRONMENTS))
    starts = _starts(keys, tables)
    player = Player(scenario, {k: np.asarray(v) for k, v in vectorized.unpack(starts).items()}, seed=len(name))
    state = jax.tree.map(lambda leaf: leaf[0], starts)
    met = dict.fromkeys(("masked", "conflicts", "truncated", "success", "reward", "episodes"), 0)
    for _ in range(CHUNKS):
        done, expected = player.chunk()
        state, (states, outcomes) = _repeat(tables, starts, state, done)
        found = vectorized.unpack(states) | outcomes._asdict() | _views(states, tables)
        assert expected.keys() == found.keys()
        for field, values in expected.items():
            _assert_same(field, values, np.asarray(found[field]))
        for event in ("masked", "conflicts", "truncated", "success", "reward"):
            met[event] += int((expected[event] > 0).sum())
        met["episodes"] += int(done["fresh"].sum())
    assert STEPS >= 10_000
    assert all(met[event] > 0 for event in ("masked", "conflicts", "reward", "episodes")), met
    assert met["truncated"] + met["success"] > 0, met
