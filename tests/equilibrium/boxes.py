"""A small deterministic game, written twice: agents carry boxes away until none is left, in layers and as arrays.

An agent that carries takes up to `power` boxes from the pile, agent 0 first; its work is what it took. The return is
2 - 0.03 T if the pile is gone after T steps, and otherwise the share of boxes that are gone less 0.03 times the
horizon. The index is Jain's, of the work.
"""

from __future__ import annotations

import numpy as np

from evenhand.equilibrium import FiniteGame, Layer, Outcome, Scale

REST, CARRY = 0, 1
STEP = 0.03


def jain(work):
    work = np.asarray(work, float)
    return 1.0 if not work.any() else work.sum() ** 2 / (len(work) * (work**2).sum())


class Boxes:
    """The game in layers; a profile is a function of (pile at the start, boxes left, work, step) to actions."""

    def __init__(self, piles=(4, 5), power=(2, 1), horizon=6):
        self.piles, self.power, self.horizon = piles, power, horizon
        self.num_agents = len(power)
        self.start = np.full(len(piles), 1.0 / len(piles))
        self.scale = Scale(STEP, -STEP * horizon, 2.0 - STEP)
        self.pulled = 0

    def after(self, state, actions):
        """Return the state after a step."""
        pile, left, work = state
        work = list(work)
        for agent, action in enumerate(actions):
            taken = min(self.power[agent], left) if action == CARRY else 0
            left -= taken
            work[agent] += taken
        return pile, left, tuple(work)

    def value(self, state, step):
        """Return the return of an episode that ends here."""
        pile, left, _ = state
        return 2.0 - STEP * step if left == 0 else (pile - left) / pile - STEP * step

    def starts(self):
        """Return the states of layer 0."""
        return [(pile, pile, (0,) * self.num_agents) for pile in self.piles]

    def layers(self, profile, agent):
        """Yield what one agent can bring about."""
        states, way, present = self.starts(), None, None
        for step in range(self.horizon + 1):
            self.pulled += 1
            ended = np.array([state[1] == 0 or step == self.horizon for state in states])
            nan = float("nan")
            yield Layer(
                ended,
                np.array([self.value(state, step) if over else nan for state, over in zip(states, ended, strict=True)]),
                np.array([jain(state[2]) if over else nan for state, over in zip(states, ended, strict=True)]),
                np.array([state[2] for state in states]),
                way,
                present,
            )
            if ended.all():
                return
            following, rows, chosen = {}, [], []
            for state, over in zip(states, ended, strict=True):
                actions = (REST,) * self.num_agents if over else profile(*state, step)
                chosen.append(actions[agent])
                row = []
                for own in (REST, CARRY):
                    played = tuple(own if one == agent else action for one, action in enumerate(actions))
                    after = self.after(state, played)
                    row.append(-1 if over else following.setdefault(after, len(following)))
                rows.append(row)
            states, way, present = list(following), np.array(rows, np.int32), np.array(chosen)

    def play(self, profile):
        """Play every start."""
        returns, index, work = 0.0, 0.0, np.zeros(self.num_agents)
        for state in self.starts():
            step = 0
            while state[1] and step < self.horizon:
                state = self.after(state, profile(*state, step))
                step += 1
            returns += self.value(state, step) / len(self.piles)
            index += jain(state[2]) / len(self.piles)
            work = work + np.array(state[2]) / len(self.piles)
        return Outcome(np.array([returns]), index, work)

    def states(self):
        """Return all states that some joint actions reach, without the time."""
        found = dict.fromkeys(self.starts())
        waiting = list(found)
        while waiting:
            state = waiting.pop()
            for joint in np.ndindex(*(2,) * self.num_agents):
                after = self.after(state, joint)
                if after not in found:
                    found[after] = None
                    waiting.append(after)
        return list(found)

    def as_arrays(self):
        """Return the same game as a `FiniteGame`: time costs step by step, the rest is read in the last state."""
        states = self.states()
        number = {state: place for place, state in enumerate(states)}
        shape = (len(states), *(2,) * self.num_agents)
        transition, rewards = np.zeros((*shape, len(states))), np.zeros(shape)
        work = np.zeros((self.num_agents, *shape))
        for state in states:
            for joint in np.ndindex(*shape[1:]):
                after = self.after(state, joint) if state[1] else state
                transition[(number[state], *joint, number[after])] = 1.0
                rewards[(number[state], *joint)] = -STEP if state[1] else 0.0
                for agent in range(self.num_agents):
                    work[(agent, number[state], *joint)] = after[2][agent] - state[2][agent]
        start = np.zeros(len(states))
        for state in self.starts():
            start[number[state]] += 1.0 / len(self.piles)
        return FiniteGame(
            transition,
            rewards,
            np.zeros(shape),
            start,
            horizon=self.horizon,
            final_rewards=[self.value(state, 0) for state in states],
            final_index=[jain(state[2]) for state in states],
            work=work,
        )

    def as_policies(self, profile):
        """Return a profile as actions of shape (horizon, S) for each agent."""
        states = self.states()
        actions = np.array([[profile(*state, step) for state in states] for step in range(self.horizon)])
        return [actions[..., agent] for agent in range(self.num_agents)]


def bound(step, work):
    """Whoever has not ended after some steps takes at least one more."""
    return 2.0 - STEP * (step + 1)


def everybody(pile, left, work, step):
    """All carry all the time, the quickest way."""
    return (CARRY,) * len(work)


def by_turns(pile, left, work, step):
    """Who has worked least carries; agents behind by nothing carry as well."""
    return tuple(CARRY if one == min(work) else REST for one in work)


def slowly(pile, left, work, step):
    """As everybody, but in the first step nobody moves when the pile has five boxes."""
    return (REST,) * len(work) if pile == 5 and step == 0 else (CARRY,) * len(work)
