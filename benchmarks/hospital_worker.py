"""The measured process of :mod:`benchmarks.hospital`: one environment, one core.

Reads a job (JSON) from its first line of standard input, says ``ready`` with what it compiled, and then measures at
each further line, ``{"program": index, "seconds": seconds}``, until its input ends. It imports nothing but JAX and the
environment it measures, so that the Python of another virtual environment can run it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from benchmarks.orders import Orders, versions

Program = Callable[[], None]
"""Plays its number of steps once and waits for the end."""

Asked = dict[str, Any]
"""``environments`` side by side, ``length`` steps of each in one call, ``observations`` kept or not."""
Made = tuple[Program, dict[str, float]]
"""A program, and the seconds by the clock and of the processor that compiling it took."""

LEAST_CALLS = 3


def main() -> None:
    """Pin, compile, measure."""
    with Orders() as orders:
        job = orders.next()
        if hasattr(os, "sched_setaffinity") and job["core"] is not None:
            os.sched_setaffinity(0, {job["core"]})  # before JAX counts cores for its threads
        made = MAKERS[job["kind"]](job["name"], job["programs"])
        steps = [asked["environments"] * asked["length"] for asked in job["programs"]]
        orders.answer({"compiling": [compiling for _, compiling in made], "versions": versions("jax", "jaxmarl")})
        for order in orders:
            number = order["program"]
            orders.answer(_measure(made[number][0], steps[number], order["seconds"]))


def _measure(program: Program, steps: int, seconds: float) -> dict[str, Any]:
    """Return, of every call, steps by the second of the clock and by that of the processor; and the core's share."""
    program()
    rates, busy_rates = [], []
    began, used = time.perf_counter(), time.process_time()
    while len(rates) < LEAST_CALLS or time.perf_counter() - began < seconds:
        clock, processor = time.perf_counter(), time.process_time()
        program()
        rates.append(steps / (time.perf_counter() - clock))
        busy_rates.append(steps / (time.process_time() - processor))
    share = (time.process_time() - used) / (time.perf_counter() - began)
    return {"rates": rates, "busy_rates": busy_rates, "core_share": share}


def hospital(name: str, programs: list[Asked]) -> list[Made]:
    """Compile a random policy in the vectorised hospital, finished episodes reset one by one."""
    import jax
    import jax.numpy as jnp

    from evenhand.hospital import make
    from evenhand.hospital.vectorized import random_actions

    env = make(name, backend="jax")

    def first(key: Any) -> Any:
        state = env.reset(key)
        return env.observe(state), state

    def act(key: Any, state: Any, count: int) -> Any:
        for_actions, for_resets = jax.random.split(key)
        actions = random_actions(for_actions, jax.vmap(env.mask)(state))
        state, outcome = jax.vmap(env.step, (None, 0, 0))(key, state, actions)
        done = outcome.success | outcome.truncated
        fresh = jax.vmap(env.reset)(jax.random.split(for_resets, count))
        state = jax.tree.map(lambda new, old: jnp.where(_column(done, old), new, old), fresh, state)
        return jax.vmap(env.observe)(state), state, (outcome.reward.sum(), done.sum())

    return _compiled(first, act, programs)


def floor(name: str, programs: list[Asked]) -> list[Made]:
    """Compile what no implementation leaves out: as many random bits, states and observations read and written."""
    import jax
    import jax.numpy as jnp

    from evenhand.hospital import make

    env = make(name, backend="jax")

    def first(key: Any) -> Any:
        state = env.reset(key)
        return None, (env.observe(state), state)

    def starts(key: Any) -> Any:
        for_agents, for_items = jax.random.split(key)
        agents = jax.random.bits(for_agents, (env.n_agents,), jnp.uint32)
        return agents.sum() + jax.random.bits(for_items, (env.arrays.n_items,), jnp.uint32).sum()

    def act(key: Any, carry: Any, count: int) -> Any:
        for_actions, for_resets = jax.random.split(key)
        bits = jax.random.bits(for_actions, (count, env.n_agents), jnp.uint32).sum(axis=1)
        bits += jax.vmap(starts)(jax.random.split(for_resets, count))
        return None, jax.tree.map(lambda leaf: leaf + _column(bits, leaf).astype(leaf.dtype), carry), bits.sum()

    return _compiled(first, act, programs)


def jaxmarl(name: str, programs: list[Asked]) -> list[Made]:
    """Compile a random policy in an environment of JaxMARL, which resets what is finished itself."""
    import jax
    import jaxmarl as library

    env = library.make(name)
    (actions,) = {env.action_space(agent).n for agent in env.agents}  # one draw serves all agents

    def act(key: Any, state: Any, count: int) -> Any:
        for_actions, for_steps = jax.random.split(key)
        drawn = jax.random.randint(for_actions, (len(env.agents), count), 0, actions)
        chosen = dict(zip(env.agents, drawn, strict=True))
        seen, state, rewards, done, _ = jax.vmap(env.step)(jax.random.split(for_steps, count), state, chosen)
        return seen, state, (rewards[env.agents[0]].sum(), done["__all__"].sum())

    return _compiled(env.reset, act, programs)


def reference(name: str, programs: list[Asked]) -> list[Made]:
    """Play a random policy in the plain Python hospital, one episode after another; it always observes."""
    import numpy as np

    from evenhand.hospital import make

    env = make(name)
    draw = np.random.default_rng(0).random
    seen: dict[str, Any] = env.reset(seed=0)[0]
    (asked,) = programs

    def play() -> None:
        nonlocal seen
        for _ in range(asked["length"]):
            possible = {agent: sight["action_mask"].nonzero()[0] for agent, sight in seen.items()}
            seen = env.step({agent: some[int(draw() * len(some))] for agent, some in possible.items()})[0]
            if not env.agents:
                seen = env.reset()[0]

    return [(play, {})]


MAKERS = {"hospital": hospital, "floor": floor, "reference": reference, "jaxmarl": jaxmarl}


def _compiled(
    first: Callable[[Any], Any], act: Callable[[Any, Any, int], tuple[Any, Any, Any]], programs: list[Asked]
) -> list[Made]:
    """Return programs that play on from where they stopped.

    Observations that are asked for are carried from step to step, hence written; others the compiler leaves out.
    """
    import jax

    begin = jax.jit(jax.vmap(first))
    return [_program(begin, act, **asked) for asked in programs]


def _program(begin: Any, act: Any, environments: int, observations: bool, length: int) -> Made:
    import jax

    def again(carry: Any, key: Any) -> Any:
        seen, state, told = act(key, carry[1], environments)
        return (seen if observations else None, state), told

    def run(key: Any, carry: Any) -> Any:
        key, later = jax.random.split(key)
        return later, *jax.lax.scan(again, carry, jax.random.split(key, length))

    key = jax.random.key(0)
    seen, state = begin(jax.random.split(key, environments))
    carry = (seen if observations else None, state)
    clock, processor = time.perf_counter(), time.process_time()
    program = jax.jit(run, donate_argnums=1).lower(key, carry).compile()
    compiling = {"seconds": time.perf_counter() - clock, "processor_seconds": time.process_time() - processor}

    def play() -> None:
        nonlocal key, carry
        key, carry, told = program(key, carry)
        jax.block_until_ready((carry, told))

    return play, compiling


def _column(done: Any, like: Any) -> Any:
    return done.reshape(done.shape + (1,) * (like.ndim - 1))


if __name__ == "__main__":
    main()
