"""A wrapper that puts the whole layer around a PettingZoo environment, for training with other libraries."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pettingzoo import ParallelEnv

from evenhand.errors import InputError, MissingExtraError
from evenhand.fair_gne import wrapper_checks
from evenhand.fair_gne.constraint import Constraint, from_dict as constraint_from_dict, worked
from evenhand.fair_gne.dual_controllers import Ascent, DualController, DualState, Fixed
from evenhand.fair_gne.roll import Roll, extended, extended_space, fill_in, keep_until_the_end
from evenhand.fair_gne.shaping import Published, RewardShaper, Telescoped, end_for
from evenhand.fair_gne.workload import AgentError, Reported, Tracker
from evenhand.fairness import JainAtLeast
from evenhand.fairness.measures import jain_index

try:
    from pettingzoo.utils.wrappers import BaseParallelWrapper
except ImportError as error:
    raise MissingExtraError("pettingzoo", "learn") from error


Step = tuple[dict[str, Any], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]]


class FairGNE(BaseParallelWrapper[str, Any, Any]):  # type: ignore[misc]
    r"""Track workloads, shape rewards and move the multiplier, for any learner of the environment.

    Each agent's reward becomes :math:`r_i + \lambda\, b(w, w')` (:mod:`evenhand.fair_gne.shaping`). The multiplier
    is updated while :attr:`training`, when an episode ends (with the constraint's form ``step``: at every step from the
    first work on); an episode that a reset cuts short does not count. An agent takes part until its termination or
    truncation, and :attr:`agents` are those that take part, whatever the environment lists. ``infos[agent]`` has these
    entries in addition, and they replace entries of the environment with the same names:

    ``workload``, ``jain``, ``index``
        The agent's workload; Jain's index of the team's, and the constraint's index (1 while nobody has worked).
    ``cost``
        1 - index. The form ``expectation`` says that its mean at the ends of episodes is at most 1 - tau.
    ``multiplier``
        The multiplier in force in this step.
    ``unshaped_reward``, ``shaped_reward``
        The environment's reward and the reward that the learner gets; 0 after a reset, so that infos always have the
        same entries, as TorchRL asks.

    Parameters
    ----------
    env
        A PettingZoo parallel environment.
    tau
        Threshold of Jain's index, in (1/n, 1]; ignored if a `constraint` is given. Where it acts is said in
        :mod:`evenhand.fair_gne.shaping`.
    constraint
        By default ``Constraint(JainAtLeast(tau), n)``: the expected index at the episode's end.
    dual
        The controller of the multiplier; ``Ascent()`` by default. With a warm-up, infos must report ``success``.
    shaper
        ``Telescoped(constraint)`` by default, ``Published(constraint)`` with the form ``step``.
    workload
        The tracker; by default ``Reported()``, which reads ``infos[agent]["workload"]``. Workloads that the environment
        reports there at ``reset`` are those that the episode begins with; the first step's bonus pays for them.
    keep_agents
        Whether agents that leave before the others or join after them take part in every step of an episode. While
        absent they have a blank observation, the bonus as their reward and their workload so far, and their actions are
        ignored. By default such agents are refused under ``Telescoped`` shaping: its terms sum to
        lambda (J(w_T) - 1) only for an agent that gets all of them.
    observe
        Whether to append the workloads (the agent's own first) and the multiplier to observations, and to ``state()``
        (in the order of the agents). Without them the shaped reward is not Markov, unless the environment shows them.

    Raises
    ------
    InputError
        If the environment is not a parallel one, tau or the constraint does not fit the number of agents, observations
        cannot be appended to, or actions cannot be counted. From :meth:`reset` and :meth:`step`, if an agent's action,
        observation, reward, end or workload is missing or invalid, or if agents come and go without `keep_agents`.

    Examples
    --------
    >>> from evenhand import hospital
    >>> env = FairGNE(hospital.make("rescue-breaths/specialist"), tau=0.85)
    >>> observations, infos = env.reset(seed=0)
    >>> env.tau = 0.7  # a supervisor's hand; the next episode is judged by it
    >>> env.tau, env.multiplier, env.unmet
    (0.7, 0.0, False)
    """

    def __init__(
        self,
        env: ParallelEnv[str, Any, Any],
        tau: float = 0.85,
        *,
        constraint: Constraint | None = None,
        dual: DualController | None = None,
        shaper: RewardShaper | None = None,
        workload: Tracker | None = None,
        observe: bool = False,
        keep_agents: bool = False,
    ) -> None:
        self._team = wrapper_checks.checked_team(env)
        super().__init__(env)
        n = len(self._team)
        self._constraint = Constraint(JainAtLeast(tau), n) if constraint is None else constraint
        if self._constraint.agents != n:
            raise InputError(f"the constraint is for {self._constraint.agents} agents, the environment has {n}")
        self.dual = Ascent() if dual is None else dual
        self.dual_state = self.dual.init()
        self.shaper = shaper or (Published if self._by_steps else Telescoped)(self._constraint)
        self.tracker = Reported() if workload is None else workload
        wrapper_checks.check_countable(self.tracker, env, self._team)
        self.training = True
        self._observe, self._keep = observe, keep_agents
        self._roll = Roll(self._team, whole=isinstance(self.shaper, Telescoped) and not keep_agents)
        self._tracked = self.tracker.initial(n)
        self._before = np.zeros(n)  # the workloads that the last step's bonus was paid up to
        if observe:
            cap = math.inf if isinstance(self.dual, Fixed) else self.dual.cap
            self._spaces = {agent: extended_space(env.observation_space(agent), cap, n) for agent in self._team}
            if hasattr(env, "state_space"):
                self.state_space = extended_space(env.state_space, cap, n)

    @property
    def constraint(self) -> Constraint:
        """The constraint in force."""
        return self._constraint

    @property
    def tau(self) -> float:
        """The parameter of the constraint, as the user gave it; it may be changed at any time, within its range."""
        return float(self._constraint.fairness.parameter)

    @tau.setter
    def tau(self, tau: float) -> None:
        self._constraint = self._constraint.with_parameter(tau)

    @property
    def multiplier(self) -> float:
        """The multiplier in force."""
        return float(self.dual_state.multiplier)

    @property
    def unmet(self) -> bool:
        """Whether the multiplier is at its cap with the constraint still violated."""
        return bool(self.dual.unmet(self.dual_state))

    @property
    def workloads(self) -> NDArray[np.float64]:
        """The workloads of this episode so far, shape (n,), in the order of ``possible_agents``."""
        return np.asarray(self.tracker.value(self._tracked), dtype=np.float64)

    def observation_space(self, agent: str) -> Any:
        """Return the space of the agent's observations, the same object at each call."""
        return self._spaces[agent] if self._observe else self.env.observation_space(agent)

    @property
    def agents(self) -> list[Any]:
        """The agents that act in the next step; none before the first reset and after an episode's end."""
        return list(self._team if self._keep and self._roll.playing else self._roll.playing)

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """Begin an episode; workloads are 0 unless the environment reports others, and the multiplier is kept."""
        observations, infos, listed = wrapper_checks.checked_reset(self.env.reset(seed=seed, options=options), self.env)
        self._roll.begin(listed)
        self._tracked = self.tracker.initial(len(self._team))
        self._before = np.zeros(len(self._team))
        if isinstance(tracker := self.tracker, Reported):
            self._track(lambda: tracker.opening(self._tracked, self._of_team(infos, self._team)))
        fill_in((observations, infos), self._absent(listed), self.env)
        return self._seen(observations), self._with_facts(infos, self.multiplier)

    def step(self, actions: Mapping[str, Any]) -> Step:
        """Let all agents act; the class describes how rewards and infos are changed.

        After the end, a step without actions returns five empty dictionaries and changes nothing.
        """
        if not self._roll.begun or (actions and not self._roll.playing):
            raise InputError(f"step() {'after' if self._roll.begun else 'before'} an episode: call reset() first")
        wrapper_checks.check_actions(actions, self.agents, self._roll.playing, self._team)
        if not self._roll.playing:
            return {}, {}, {}, {}, {}
        acted = self._roll.playing
        chosen = {agent: actions[agent] for agent in acted}
        observations, rewards, terminations, truncations, infos = wrapper_checks.checked_step(
            self.env.step(chosen), acted
        )
        ended = {agent: terminations[agent] or truncations[agent] for agent in acted}
        self._roll.move_on(wrapper_checks.agents_there("step", self.env), ended)
        self._track(
            lambda: self.tracker.update(self._tracked, self._of_team(chosen, acted), self._of_team(infos, acted))
        )
        absent = self._absent(acted)
        fill_in((observations, infos), absent, self.env)
        wrapper_checks.check_observed("step", observations, self._roll.playing)
        keep_until_the_end((rewards, terminations, truncations), absent, over=not self._roll.playing)
        multiplier, workloads = self.multiplier, self.workloads
        end = end_for(self.shaper, not self._roll.playing)
        bonus = multiplier * float(self.shaper.bonus(self._before, workloads, self._constraint.tau, **end))
        shaped = {agent: reward + bonus if agent in self._team else reward for agent, reward in rewards.items()}
        self._before = workloads
        if self.training:
            self._learn(infos)
        reports = self._with_facts(infos, multiplier)
        for agent in reports.keys() & rewards.keys():
            reports[agent] |= {"unshaped_reward": rewards[agent], "shaped_reward": shaped[agent]}
        return self._seen(observations), shaped, terminations, truncations, reports

    def state(self) -> Any:
        """Return the global state, with workloads and multiplier appended if `observe` is set."""
        state = self.env.state()
        return extended(state, self.workloads, self.multiplier) if self._observe else state

    def state_dict(self) -> dict[str, Any]:
        """Return constraint (with tau), controller and multiplier as JSON values; the current episode is not stored."""
        return {
            "constraint": self._constraint.to_dict(),
            "dual": repr(self.dual),
            "dual_state": {name: np.asarray(part).item() for name, part in self.dual_state._asdict().items()},
            "training": self.training,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from a :meth:`state_dict`.

        Raises
        ------
        InputError
            If a part is missing, or it belongs to another constraint (tau may differ) or another controller.
        """
        missing = {"constraint", "dual", "dual_state", "training"} - state.keys()
        if missing:
            raise InputError(f"the state lacks {sorted(missing)}; it was not written by state_dict()")
        constraint = constraint_from_dict(state["constraint"])
        if constraint.with_parameter(self.tau) != self._constraint:
            raise InputError(f"the state is of {constraint}; this wrapper has {self._constraint}")
        if state["dual"] != repr(self.dual):
            raise InputError(f"the state is of the controller {state['dual']}; this wrapper has {self.dual!r}")
        parts = state["dual_state"]
        if set(parts) != set(DualState._fields):
            raise InputError(f"the controller's state has the parts {sorted(parts)}, not {sorted(DualState._fields)}")
        own = self.dual.init()._asdict()
        self.dual_state = DualState(**{name: np.array(parts[name], dtype=own[name].dtype) for name in own})
        self._constraint = constraint
        self.training = bool(state["training"])

    @property
    def _by_steps(self) -> bool:
        return self._constraint.form == "step"

    def _of_team(self, values: Mapping[Any, Any], present: Collection[Any]) -> list[Any]:
        """Return the values in the order of the team, None for agents that are not `present`."""
        return [values.get(agent) if agent in present else None for agent in self._team]

    def _track(self, update: Callable[[], Any]) -> None:
        """Move the tracker to its next state, and check its workloads."""
        try:
            self._tracked = update()
        except AgentError as error:
            raise error.named(self._team) from None
        wrapper_checks.check_workloads(self.tracker.value(self._tracked), self._team)

    def _absent(self, before: Collection[Any]) -> list[Any]:
        """Return the agents that are kept although they did not act in this step or will not act in the next."""
        there = set(before) & set(self._roll.playing)
        return [agent for agent in self._team if self._keep and agent not in there]

    def _learn(self, infos: Mapping[str, Any]) -> None:
        """Update the multiplier after an episode, or after a step with the constraint's form ``step``."""
        workloads = self.workloads
        if not (worked(workloads) if self._by_steps else not self._roll.playing):
            return
        violation = self._constraint.violation(workloads)
        self.dual_state = self.dual.update(self.dual_state, violation, self._success(infos))

    def _success(self, infos: Mapping[str, Any]) -> float:
        reported = wrapper_checks.checked_success(infos, self._team)
        if not reported and self.dual.warm_up > 0.0:
            raise InputError("the controller warms up until the task succeeds, but infos report no 'success'")
        return max(reported, default=1.0)

    def _seen(self, observations: dict[str, Any]) -> dict[str, Any]:
        if not self._observe:
            return observations
        workloads, agents = self.workloads, self._team
        return {
            agent: extended(observation, np.roll(workloads, -agents.index(agent)), self.multiplier)
            for agent, observation in observations.items()
        }

    def _with_facts(self, infos: Mapping[str, Any], multiplier: float) -> dict[str, dict[str, Any]]:
        workloads, agents = self.workloads, self._team
        index = float(self._constraint.index(workloads))
        team = {"jain": float(jain_index(workloads)), "index": index, "cost": 1.0 - index, "multiplier": multiplier}
        rewards = {"unshaped_reward": 0.0, "shaped_reward": 0.0}
        return {
            agent: {**info, "workload": float(workloads[agents.index(agent)]), **team, **rewards}
            if agent in agents
            else info
            for agent, info in infos.items()
        }
