"""Games in layers: the same as arrays, with the game cut, stopped, too large, or damaged."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from boxes import STEP, Boxes, bound, by_turns, everybody, slowly

from evenhand.equilibrium import Layer, certify, kkt, replay
from evenhand.errors import InputError

GAMES = [
    Boxes(),
    Boxes(piles=(3, 6, 7), power=(3, 1), horizon=5),
    Boxes(piles=(6,), power=(2, 1, 1), horizon=4),
]
PROFILES = [everybody, by_turns, slowly]


def _gains(certificate):
    return [
        (agent.free.gain, agent.free.outcome.index, agent.feasible and (agent.feasible.gain, agent.feasible.multiplier))
        for agent in (*certificate.agents, *certificate.selfish)
    ]


def _close(one, other, *, ties=True):
    """Compare gains and, unless `ties` may be broken differently, the index of free deviations, and multipliers."""
    for a, b in zip(_gains(one), _gains(other), strict=True):
        assert a[0] == pytest.approx(b[0], abs=1e-10)
        assert (a[2] is None) == (b[2] is None)
        if a[2]:
            assert a[2][0] == pytest.approx(b[2][0], abs=1e-10)
        if ties:
            assert a[1] == pytest.approx(b[1], abs=1e-10)
            assert not a[2] or a[2][1] == pytest.approx(b[2][1], abs=1e-8)


@pytest.mark.parametrize("game", GAMES, ids=lambda game: str(game.piles))
@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.__name__)
@pytest.mark.parametrize("tau", [0.7, 0.9])
def test_both_doors_give_the_same_certificate(game, profile, tau):
    """Layers and arrays share the search, but neither the enumeration nor the backward induction."""
    layered = certify(game, profile, tau, selfish=(0.05, 0.3))
    arrays = certify(game.as_arrays(), game.as_policies(profile), tau, selfish=(0.05, 0.3))
    assert layered.present.index == pytest.approx(arrays.present.index, abs=1e-12)
    assert layered.present.work == pytest.approx(arrays.present.work, abs=1e-12)
    assert layered.exact
    assert arrays.exact
    _close(layered, arrays)


@pytest.mark.parametrize("game", GAMES, ids=lambda game: str(game.piles))
@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.__name__)
def test_a_cut_game_gives_the_same_certificate(monkeypatch, game, profile):
    """With a bound on what is left out, layer by layer, gains are still exact, and fewer states are looked at."""
    from evenhand.equilibrium import layered_decision

    monkeypatch.setattr(layered_decision, "FIRST_STATES", 1)
    monkeypatch.setattr(layered_decision, "GROWTH", 1.0)
    whole = certify(game, profile, 0.8, selfish=(0.05,))
    cut = certify(game, profile, 0.8, selfish=(0.05,), value_bound=bound)
    assert cut.exact
    assert cut.stopped is None
    _close(cut, whole, ties=False)
    assert all(a.states <= b.states for a, b in zip(cut.agents, whole.agents, strict=True))


def test_the_cut_spares_states(monkeypatch):
    """Waiting until the horizon cannot beat the quickest plan, so that late layers are not enumerated."""
    from evenhand.equilibrium import layered_decision

    monkeypatch.setattr(layered_decision, "FIRST_STATES", 1)
    game = Boxes(piles=(4, 5), horizon=30)
    certificate = certify(game, everybody, None, value_bound=bound)
    assert certificate.exact
    assert game.pulled < 2 * 8  # of 31 layers, for each of two agents


def test_a_slower_start_gains_exactly_its_step():
    """One of N starts is a step slower than it could be, and agent 0 alone can mend it."""
    for starts in (1, 2, 5, 10):
        game = Boxes(piles=(*range(20, 20 + starts - 1), 5), power=(5, 1), horizon=30)
        certificate = certify(game, slowly, None, value_bound=bound)
        assert certificate.agents[0].free.gain.exact
        assert certificate.agents[0].free.gain.lower == pytest.approx(STEP / starts, abs=1e-12)


def test_too_few_states_leave_an_interval():
    """The interval contains the gain, says why it is open, and its witness gains its lower end."""
    game = Boxes(piles=(9, 10), power=(2, 1), horizon=12)
    for profile in PROFILES:
        exact = certify(game, profile, 0.8)
        for most in (1, 10, 40):
            open_ended = certify(game, profile, 0.8, value_bound=bound, most_states=most)
            for known, found in zip(exact.agents, open_ended.agents, strict=True):
                for one, other in ((known.free, found.free), (known.feasible, found.feasible)):
                    if one is None:
                        continue
                    assert other.gain.lower <= one.gain.lower + 1e-12
                    assert one.gain.lower <= other.gain.upper + 1e-12
                    played = replay(game, profile, other.witness)
                    gain = played.returns[0] - exact.present.returns[0]
                    assert gain == pytest.approx(other.gain.lower, abs=1e-10)
            assert open_ended.exact or "states" in open_ended.stopped


def test_somebody_may_stop_the_enumeration():
    """Without a bound there is then no upper end; with one there is."""
    game = Boxes(piles=(9, 10), horizon=12)
    without = certify(game, slowly, 0.5, stop=lambda: True)
    assert np.isinf(without.nash_conv.upper)
    assert without.nash_conv.lower == 0.0
    assert without.to_dict()["nash_conv"]["upper"] is None
    assert "stopped" in without.stopped
    calls = []
    certify(game, slowly, 0.5, value_bound=bound, progress=lambda agent, states: calls.append((agent, states)))
    assert {agent for agent, _ in calls} == {0, 1}


def test_a_game_too_large_says_how_large():
    """And what would help."""
    with pytest.raises(InputError, match=r"agent 0 has more than 10 states; give value_bound="):
        certify(Boxes(piles=(9, 10), horizon=12), everybody, 0.5, most_states=10)


def test_a_public_lottery_is_one_larger_game():
    """Drawing one of two profiles is a game whose first state says which was drawn."""
    game = Boxes(piles=(4, 5), horizon=4)
    drawn = certify(game, [everybody, by_turns], 0.85, lottery=(0.4, 0.6), selfish=(0.1,))
    one = game.as_arrays()
    states = one.num_states
    from evenhand.equilibrium import FiniteGame

    rows = np.zeros((2 * states, 2, 2, 2 * states))
    dense = np.zeros((states * 4, states))
    for row in range(states * 4):
        at = slice(one.transition.indptr[row], one.transition.indptr[row + 1])
        dense[row, one.transition.indices[at]] = one.transition.data[at]
    dense = dense.reshape(states, 2, 2, states)
    rows[:states, ..., :states] = rows[states:, ..., states:] = dense
    features = np.concatenate([one.features, one.features]).reshape(2 * states, 2, 2, -1)
    final = np.concatenate([one.final, one.final])
    larger = FiniteGame(
        rows,
        features[..., 0],
        features[..., 1],
        np.concatenate([0.4 * one.start, 0.6 * one.start]),
        horizon=4,
        final_rewards=final[:, 0],
        final_index=final[:, 1],
        work=np.moveaxis(features[..., 2:], -1, 0),
    )
    policies = [
        np.concatenate(pair, axis=1)
        for pair in zip(game.as_policies(everybody), game.as_policies(by_turns), strict=True)
    ]
    _close(drawn, certify(larger, policies, 0.85, selfish=(0.1,)))
    for agent in drawn.agents:
        for deviation in (agent.free, agent.feasible):
            if deviation is not None:
                played = replay(game, [everybody, by_turns], deviation.witness, lottery=(0.4, 0.6))
                assert played.returns[0] - drawn.present.returns[0] == pytest.approx(deviation.gain.lower, abs=1e-12)
                assert played.work == pytest.approx(deviation.outcome.work, abs=1e-12)


def test_kkt_alone_is_that_of_the_certificate():
    """Stationarity needs no search under the constraint."""
    game = Boxes()
    certificate = certify(game, by_turns, 0.8, multiplier=0.2, value_bound=bound)
    assert kkt(game, by_turns, 0.8, multiplier=0.2, value_bound=bound) == certificate.kkt


class _Damaged(Boxes):
    def __init__(self, change):
        super().__init__()
        self._change = change

    def layers(self, profile, agent):
        for number, layer in enumerate(super().layers(profile, agent)):
            yield replace(layer, **self._change(number, layer))


def _replaced(name, number, value):
    return lambda place, layer: {name: value(getattr(layer, name))} if place == number else {}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_replaced("successor", 2, lambda way: np.full_like(way, 99)), r"layer 2 of agent 0: successor\[0, 0\] is 99"),
        (_replaced("successor", 1, lambda way: way[:1]), r"layer 1 of agent 0: successor has shape \(1, 2\)"),
        (_replaced("successor", 1, lambda way: np.full_like(way, -1)), r"successor\[0\] allows no action"),
        (_replaced("present", 1, lambda own: own[:1]), r"layer 1 of agent 0: present has shape \(1,\)"),
        (_replaced("returns", 6, lambda values: values * np.nan), r"layer \d of agent 0: returns of the ended state"),
        (_replaced("work", 0, lambda work: work[:, :1]), r"layer 0 of agent 0: work has shape \(2, 1\)"),
        (_replaced("index", 0, lambda index: index[:1]), r"layer 0 of agent 0: index has shape \(1,\)"),
    ],
)
def test_damaged_layers_are_named(change, message):
    """One line names the layer, the agent and the array."""
    with pytest.raises(InputError, match=message):
        certify(_Damaged(change), lambda *state: (0, 0), 0.5)


@pytest.mark.parametrize("wrong", [lambda step, work: bound(step + 1, work), lambda step, work: np.nan])
def test_a_bound_that_is_exceeded_is_refused(wrong):
    """One step too low, or not a number: an episode of the next layer returns more."""
    with pytest.raises(
        InputError, match=r"value_bound\(1, \.\.\.\) is (1.91|nan) at most, but in layer 2 of agent 0 an episode"
    ):
        certify(Boxes(), everybody, None, value_bound=wrong)


def test_layers_that_break_off_are_an_error():
    """The game is not over in every state of the last layer."""

    class Short(Boxes):
        def layers(self, profile, agent):
            return islice(super().layers(profile, agent), 2)

    with pytest.raises(InputError, match=r"layer 2 of agent 0 is missing"):
        certify(Short(), everybody, 0.5)


def test_a_game_that_is_over_at_once_has_no_gains():
    """One layer, in which every state has ended."""

    class Over(Boxes):
        def layers(self, profile, agent):
            yield Layer(np.ones(2, bool), np.array([1.0, 2.0]), np.ones(2), np.zeros((2, 2)))

        def play(self, profile):
            return replace(super().play(profile), returns=np.array([1.5]), index=1.0, work=np.zeros(2))

    certificate = certify(Over(), everybody, 0.5)
    assert certificate.epsilon == (0.0, 0.0)
    assert certificate.exact
