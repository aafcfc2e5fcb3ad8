"""One PettingZoo environment, played as the learners play: numbers in arrays, and the work of every agent counted.

This is the worker processes' side, which loads neither JAX nor a learner.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.fair_gne import wrapper_checks
from evenhand.fair_gne.array_libraries import brief
from evenhand.fair_gne.roll import MASK, Roll
from evenhand.fair_gne.workload import ActionCount, AgentError, Reported, Tracker
from evenhand.learning.host.error import HostError
from evenhand.learning.host.spaces import Floats, flattening, has_mask, number_of_actions

Make = Callable[[], Any]
Work = Tracker | Callable[[Any], Any]
HORIZONS = ("horizon", "max_cycles", "max_steps", "_max_episode_steps")
"""Attributes by which environments call the length of their longest episode."""


@dataclass(frozen=True)
class Terms:
    """What a user says about an environment; parameters as in :class:`evenhand.learning.FromPettingZoo`."""

    workload: Work | None = None
    success: Callable[[Any], Any] | None = None
    horizon: int | None = None


class Reports(NamedTuple):
    """Whether the infos of an environment report the agents' workloads, the success of an episode, and action masks."""

    workload: bool
    success: bool
    mask: bool


class Ended(NamedTuple):
    """The outcome of a step: the team's reward, whether the episode is over, and whether with success."""

    reward: float
    done: bool
    success: bool


class HostGame:
    """An environment and the episode under way in it.

    Parameters
    ----------
    make
        Makes the environment.
    terms
        What the user says about it.
    reports
        What its infos report; None to play without looking at workloads and success, in order to find out.

    Raises
    ------
    InputError
        If the environment is not a parallel one with discrete actions and observations that can be flattened, or if its
        horizon is not known.
    """

    def __init__(self, make: Make, terms: Terms, reports: Reports | None) -> None:
        self.env = env = _made(make)
        self.name = _name(env)
        _refuse_tuples(env)
        self.team: Sequence[Any] = wrapper_checks.checked_team(env, "the learners train in")
        self._spaces = {agent: (env.observation_space(agent), env.action_space(agent)) for agent in self.team}
        self.choices = [self._read("acts in", agent, number_of_actions, space) for agent, (_, space) in self._of_each()]
        self._seen = [self._read("observes", agent, flattening, space) for agent, (space, _) in self._of_each()]
        self._world = self._global_state()
        self.masked = [has_mask(space) for space, _ in self._spaces.values()]
        self._starts = [int(space.start) for _, space in self._spaces.values()]
        self.width = max(part.size for part in self._seen)
        self.world_size = len(self.team) * self.width if self._world is None else self._world.size
        self.horizon = terms.horizon or self._known_horizon()
        self._terms, self._reports = terms, reports
        self._tracker = self._tracker_of(terms.workload)
        self._roll = Roll(self.team, whole=False)
        self._age = self._seed = 0
        self._observations: Mapping[Any, Any] = {}
        self.infos: Mapping[Any, Any] = {}
        self._tracked = self.workload = np.zeros(len(self.team))

    def begin(self, seed: int) -> None:
        """Begin the episode of a seed."""
        self._seed, self._age = seed, 0
        with self._placed("reset"):
            self._check_spaces()
            returned = self.env.reset(seed=seed)
            self._observations, self.infos, listed = wrapper_checks.checked_reset(returned, self.env)
            self._roll.begin(listed)
            if (tracker := self._tracker) is not None:
                self._tracked = tracker.initial(len(self.team))
            if isinstance(tracker, Reported):
                infos = self._in_order(self.infos, self.team)
                self._tracked = self._named(lambda: tracker.opening(self._tracked, infos))
            self.workload = self._work_so_far()

    def step(self, actions: Sequence[int]) -> Ended:
        """Let the agents act, each by the number of its action from 0; those who are absent do nothing."""
        self._age += 1
        acted = self._roll.playing
        numbers = dict(zip(self.team, actions, strict=True))
        starts = dict(zip(self.team, self._starts, strict=True))
        chosen = {agent: starts[agent] + int(numbers[agent]) for agent in acted}
        with self._placed("step"):
            returned = self.env.step(chosen)
            self._observations, rewards, terminations, truncations, self.infos = wrapper_checks.checked_step(
                returned, acted
            )
            ended = {agent: terminations[agent] or truncations[agent] for agent in acted}
            self._roll.move_on(wrapper_checks.agents_there("step", self.env), ended)
            if (tracker := self._tracker) is not None:
                parts = self._in_order(chosen, acted), self._in_order(self.infos, acted)
                self._tracked = self._named(lambda: tracker.update(self._tracked, *parts))
            self.workload = self._work_so_far()
            done = not self._roll.playing or self._age >= self.horizon
            reward = sum(rewards[agent] for agent in acted) / len(self.team)
            return Ended(reward, done, done and self._succeeded())

    def show(self, seen: Floats, world: Floats, mask: NDArray[np.bool_]) -> None:
        """Write observations (n, O), global state (G,) and action masks (n, A) into arrays."""
        playing = self._roll.playing
        seen[:], mask[:] = 0.0, False
        with self._placed("step" if self._age else "reset"):
            wrapper_checks.check_observed("step" if self._age else "reset", self._observations, playing)
            for place, agent in enumerate(self.team):
                if agent not in playing:
                    mask[place, 0] = True  # nothing to choose, as its action is ignored
                    continue
                part = seen[place, : self._seen[place].size]
                self._flatten(f"the observation of agent {agent!r}", self._seen[place], self._observations[agent], part)
                mask[place, : self.choices[place]] = self._mask(place, agent)
            if self._world is None:
                world[:] = seen.reshape(-1)
            else:
                self._flatten("state()", self._world, self.env.state(), world)

    def close(self) -> None:
        """Close the environment."""
        if callable(close := getattr(self.env, "close", None)):
            close()

    def _of_each(self) -> Iterator[tuple[Any, Any]]:
        return iter(self._spaces.items())

    def _read(self, does: str, agent: Any, read: Callable[[Any], Any], space: Any) -> Any:
        try:
            return read(space)
        except InputError as error:
            raise InputError(f"{self.name}: agent {agent!r} {does} {error}") from None

    def _global_state(self) -> Any:
        """Return how the environment's own global state is flattened; None if it has none."""
        space = getattr(self.env, "state_space", None)
        if space is None or not callable(getattr(self.env, "state", None)):
            return None
        try:
            return flattening(space)
        except InputError as error:
            raise InputError(f"{self.name}: state_space is {error}") from None

    def _known_horizon(self) -> int:
        for env in _inside(self.env):
            for name in HORIZONS:
                value = getattr(env, name, None)
                if isinstance(value, int | np.integer) and not isinstance(value, bool) and value > 0:
                    return int(value)
        raise InputError(
            f"{self.name}: the length of its longest episode is not known (it has no {', no '.join(HORIZONS[:3])}); "
            "give it: FromPettingZoo(make, horizon=...)"
        )

    def _tracker_of(self, workload: Work | None) -> Tracker | None:
        if self._reports is None or not (workload is None or hasattr(workload, "update")):
            return None
        if workload is not None:
            tracker: Any = workload
            wrapper_checks.check_countable(tracker, self.env, self.team)
            return tracker
        return Reported() if self._reports.workload else ActionCount(frozenset(self._starts))

    def _work_so_far(self) -> NDArray[np.float64]:
        counted: Any = self._terms.workload
        if self._tracker is not None:
            work = self._tracker.value(self._tracked)
        elif self._reports is None or counted is None:
            return np.zeros(len(self.team))
        else:
            work = counted(self.env)
            work = [work.get(agent) for agent in self.team] if isinstance(work, Mapping) else work
        wrapper_checks.check_workloads(work, self.team)
        return np.asarray(work, dtype=np.float64)

    def _succeeded(self) -> bool:
        """Return whether the episode that is over succeeded; one that knows no success did, whatever it came to."""
        if self._terms.success is not None:
            return bool(self._terms.success(self.env))
        reported = wrapper_checks.checked_success(self.infos, self.team)
        if self._reports is None or not (reported or self._reports.success):
            return True
        if not self._reports.success:
            raise InputError(
                "infos report 'success', which no infos of the first episode did; report it, true or false, at every "
                "end, or give FromPettingZoo(make, success=...)"
            )
        return max(reported, default=0.0) >= 0.5

    def _mask(self, place: int, agent: Any) -> Any:
        source = self._observations[agent] if self.masked[place] else self.infos.get(agent, {})
        mask = source.get(MASK)
        if mask is None:
            if self.masked[place] or (self._reports is not None and self._reports.mask):
                where = "its observation" if self.masked[place] else "infos"
                raise InputError(f"{where} of agent {agent!r} lacks {MASK!r}, which others had")
            return True
        row = np.asarray(mask)
        if row.shape != (self.choices[place],) or (row.dtype != bool and ((row != 0) & (row != 1)).any()):
            raise InputError(
                f"the {MASK} of agent {agent!r} is {brief(mask)}; it must hold {self.choices[place]} numbers, 1 where "
                "an action is possible and 0 where it is not"
            )
        if not row.any():
            raise InputError(f"the {MASK} of agent {agent!r} allows no action; at least one must be possible")
        return row.astype(bool)

    def _flatten(self, what: str, part: Any, value: Any, out: Floats) -> None:
        try:
            part.write(value, out)
        except (ValueError, TypeError) as error:
            raise InputError(f"{what} {error}") from None
        if not np.isfinite(out).all():
            raise InputError(f"{what} holds {out[~np.isfinite(out)][0]:g}; it must hold finite numbers")

    def _check_spaces(self) -> None:
        """Check that a new episode has the agents and spaces of the first."""
        if tuple(self.env.possible_agents) != tuple(self.team):
            raise InputError(f"possible_agents were {list(self.team)} and are {list(self.env.possible_agents)} now")
        for agent, (seen, chosen) in self._of_each():
            for what, old, new in (
                ("observation_space", seen, self.env.observation_space(agent)),
                ("action_space", chosen, self.env.action_space(agent)),
            ):
                if new is not old and new != old:
                    raise InputError(
                        f"{what} of agent {agent!r} was {brief(old)} and is {brief(new)} now; spaces may not change"
                    )

    def _in_order(self, values: Mapping[Any, Any], present: Sequence[Any]) -> list[Any]:
        return [values.get(agent) if agent in present else None for agent in self.team]

    def _named(self, track: Callable[[], Any]) -> Any:
        """Return what a tracker returns; its errors name the agent."""
        try:
            return track()
        except AgentError as error:
            raise error.named(self.team) from None

    @contextmanager
    def _placed(self, method: str) -> Iterator[None]:
        """Turn what is wrong in a call of the environment into one line that says where."""
        place = "at reset" if method == "reset" else f"in step {self._age} of an episode"
        try:
            yield
        except InputError as error:
            raise HostError(f"{self.name}: {error} ({place}, seed {self._seed})") from None
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            said = " ".join(f"{type(error).__name__}: {error}".split())
            raise HostError(
                f"{self.name}: {method}() raised {said} at {last.filename}:{last.lineno} ({place}, seed {self._seed})"
            ) from error


def _made(make: Make) -> Any:
    try:
        return make()
    except InputError:
        raise
    except Exception as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())
        hint = f"; if it takes arguments, give env=lambda: {make.__name__}(...)" if isinstance(make, type) else ""
        raise InputError(f"the environment cannot be made: {said}{hint}") from error


def _name(env: Any) -> str:
    name = getattr(env, "metadata", None)
    named = name.get("name") if isinstance(name, Mapping) else None
    return str(named or type(env).__name__)


def _inside(env: Any) -> Iterator[Any]:
    """Yield an environment and those that it wraps, from the outside in."""
    met: list[Any] = []
    waiting = [env]
    while waiting:
        one = waiting.pop(0)
        if one is None or any(one is other for other in met):
            continue
        met.append(one)
        yield one
        waiting += [getattr(one, name, None) for name in ("env", "aec_env", "par_env", "unwrapped", "scenario")]


def _refuse_tuples(env: Any) -> None:
    """Raise an error if an environment has Gymnasium's interface instead of PettingZoo's."""
    from gymnasium import Env, spaces

    if not isinstance(env, Env):
        return
    if isinstance(env.action_space, spaces.Tuple):
        raise InputError(
            f"{_name(env)} is a Gymnasium environment with a tuple of actions; evenhand.learning.FromTuples(env) makes "
            "it a team"
        )
    raise InputError(
        f"{_name(env)} is a Gymnasium environment, of one agent; the learners train in a team: an environment with the "
        "interface of pettingzoo.ParallelEnv"
    )
