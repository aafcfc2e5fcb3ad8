"""Certificates of teams in the hospital, against gains that are computed by hand."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
from tests.learning.treating_team import run_of

from evenhand.errors import InputError
from evenhand.fairness.measures import jain_index
from evenhand.hospital.rules import Rules
from evenhand.hospital.scenario_arrays import arrays_of
from evenhand.learning import Config, train
from evenhand.learning.certificates.replayed_deviation import pair_of
from evenhand.learning.certificates.team_certificate import CertifyTerms, certify_team, drawn
from evenhand.learning.certificates.team_stationarity import stationarity_of
from evenhand.learning.lottery import Lottery
from evenhand.learning.record import Terms, record_of

STEP = 0.03


@pytest.fixture(scope="module")
def late():
    """Return the certificate of the late team, with a price of own work that makes idling worth more than success."""
    return certify_team(run_of(late=True), CertifyTerms(selfish=(1.0,)))


def test_a_team_that_is_prompt_gains_nothing():
    found = certify_team(run_of(late=False)).certificate
    assert found.feasible
    assert (found.epsilon.lower, found.epsilon.upper, found.nash_conv.upper) == (0.0, 0.0, 0.0)
    assert found.present.returns[0] == pytest.approx(2 - STEP * (2 + 3 + 3 + 3) / 4, abs=1e-12)
    assert found.present.work.tolist() == [2.0, 2.0]
    assert found.price_of_decentralisation == pytest.approx(0.0, abs=1e-12)


def test_a_step_lost_in_one_of_four_starts_is_worth_a_quarter_of_its_price(late):
    ada, ben = late.certificate.agents
    assert ada.feasible.gain.lower == pytest.approx(STEP / 4, abs=1e-12)
    for gain in (ada.feasible.gain, ada.free.gain):
        assert gain.exact
        assert gain.lower == pytest.approx(STEP / 4, abs=1e-12)
    assert ben.feasible.gain == ben.free.gain
    assert (ben.free.gain.lower, ben.free.gain.upper) == (0.0, 0.0)
    assert late.certificate.price_of_decentralisation == pytest.approx(STEP / 4, abs=1e-12)
    assert late.certificate.kkt.multiplier == 0.0  # the index has slack
    assert late.certificate.kkt.stationarity[0].lower == pytest.approx(STEP / 4, abs=1e-12)


def test_who_pays_for_its_work_idles_as_far_as_the_constraint_lets_it(late):
    """Idling returns 0.26 and saves 2 units; a success is worth 2 - 0.03 T - 2 to its agent, T = 2, 3, 3, 4.

    Freely, idling always gains 0.26 + 0.03 * 3 on average. It lowers the index from 1 to 1/2, so under the constraint
    it is possible in 0.3 of the episodes, at best those with the largest T: in the corner (0.26 + 0.12 for a quarter of
    the starts), then at 0.26 + 0.09. Ada may also be prompt in the corner and idle elsewhere, which is the same.
    """
    ada, ben = late.certificate.selfish
    for found in (ada, ben):
        assert found.weight == 1.0
        assert found.free.gain.lower == pytest.approx(0.35, abs=1e-12)
        assert found.free.outcome.index == pytest.approx(0.5, abs=1e-12)
        assert found.feasible.gain.lower == pytest.approx(0.25 * 0.38 + 0.05 * 0.35, abs=1e-9)
        assert found.feasible.gain.upper == pytest.approx(found.feasible.gain.lower, abs=1e-9)
        assert found.feasible.multiplier == pytest.approx(0.35 / 0.5, abs=1e-9)
    change = late.certificate.others(ada.free)
    assert change.tolist() == [-2.0, 0.0]


def test_a_share_of_fair_episodes_can_be_the_constraint():
    """Ada may idle in a fifth of the episodes: she does in the corner, and is prompt in the rest of those there."""
    found = certify_team(run_of(late=True, form="share", delta=0.2), CertifyTerms(selfish=(1.0,)))
    assert found.index == "share of episodes with an index of at least 0.85"
    assert found.certificate.tau == pytest.approx(0.8)
    assert found.certificate.selfish[0].feasible.gain.lower == pytest.approx(0.2 * 0.38 + 0.05 * STEP, abs=1e-9)
    assert found.certificate.team_optimum is None  # the planner's curve is of mean indices


def test_the_lottery_meets_the_threshold_and_prefers_the_multiplier_with_the_higher_return():
    found = certify_team(run_of(late=True, conditioned=True))
    assert found.lottery.low >= 0.5
    assert found.certificate.epsilon.upper == 0.0
    late_one = certify_team(run_of(late=True, conditioned=True), CertifyTerms(multiplier=0.25))
    assert late_one.certificate.epsilon.lower == pytest.approx(STEP / 4, abs=1e-12)


def test_the_episodes_are_those_of_the_start_with_the_largest_gain(late):
    pair = pair_of(late, late.certificate.agents[0].free)
    assert [len(episode.deeds) for episode in pair[:2]] == [4, 3]
    assert {episode.states[0].station[0] for episode in pair[:2]} == {3}
    idle = pair_of(late, late.certificate.selfish[1].free, 1.0)
    assert [len(episode.deeds) for episode in idle[:2]] == [4, 8]
    assert idle.deviation.states[-1].workload[0] == [2, 0]


def replayed(found, deviation):
    """Return mean return, index and work of a witness, played by the reference rules beside the tables."""
    scenario, witness = found.scenario, deviation.witness
    rules = Rules(arrays_of(scenario))
    total = np.zeros(2 + len(found.agents))
    for (share, _), team, first, second in zip(
        drawn(found.lottery), found.teams, witness.first, witness.second, strict=True
    ):
        for part, plan in ((1.0 - witness.share, first), (witness.share, second)):
            for start in range(team.starts):
                state, points = _state(team.start_rows[start], team, rules), 0
                while not rules.is_over(state):
                    row = np.array([_row(state)], np.int16)
                    actions = team.policy(row, state.time)[0].tolist()
                    if plan is not None:
                        actions[witness.agent] = int(plan[start, state.time])
                    state, outcome = rules.step(state, actions)
                    points += outcome.points
                work = np.array(state.workload[0], float)
                figures = [points / rules.scale, float(jain_index(work)), *work]
                total += share * part / team.starts * np.array(figures)
    return total


def _row(state):
    fields = (state.station, state.travel, state.holding, state.energy, state.item_place, state.remaining)
    return [number for field in (*fields, *state.workload) for number in field]


def _state(row, team, rules):
    agents, items = row[: len(rules.agents)], row[team.columns.item_place : team.columns.remaining]
    return rules.start(agents.tolist(), items.tolist())


def told(outcome):
    return [outcome.returns[0], outcome.index, *outcome.work]


def test_a_witness_does_what_is_said_when_it_is_played_by_the_reference_rules(late):
    for found in (*late.certificate.agents, *late.certificate.selfish):
        for deviation in (found.feasible, found.free):
            assert replayed(late, deviation) == pytest.approx(told(deviation.outcome), abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["lone-expert/default", "fair-gne/specialist", "rescue-breaths/specialist"])
def test_trained_teams_are_certified_exactly(scenario):
    """Exact within the limits, played again by the reference rules, and no more than theory allows."""
    run = train(Config(scenario=scenario, steps=150_000, seed=1))
    begun = time.process_time()
    found = certify_team(run)
    certificate = found.certificate
    assert certificate.exact
    assert time.process_time() - begun < 60.0
    assert max(agent.states for agent in certificate.agents) < 2_000_000
    assert certificate.feasible
    # With a common reward nobody gains more under the constraint than the whole team could.
    assert certificate.epsilon.upper <= certificate.price_of_decentralisation + 1e-9
    for agent, bound in zip(certificate.agents, certificate.kkt.gain_bounds, strict=True):
        assert agent.feasible.gain.lower <= bound + 1e-9
        assert agent.feasible.gain.lower <= agent.free.gain.upper + 1e-12
        for deviation in (agent.feasible, agent.free):
            assert replayed(found, deviation) == pytest.approx(told(deviation.outcome), abs=1e-6)


def test_everything_is_written_as_json(late):
    told = json.loads(json.dumps(late.to_dict()))
    assert told["agent_names"] == ["Ada", "Ben"]
    assert told["epsilon"]["exact"] is True
    assert told["states_read"] == late.teams[0].reached > 4
    assert told["policy"].startswith("greedy, as read once")


def test_a_threshold_out_of_reach_has_nothing_to_certify():
    """At a threshold of 1 the team is exact; above what it reaches under the multiplier there is no equilibrium."""
    assert certify_team(run_of(late=False), CertifyTerms(tau=1.0)).certificate.feasible


def test_stopped_at_once_the_intervals_still_hold():
    found = certify_team(run_of(late=True), stop=lambda: True).certificate
    gain = found.agents[0].free.gain
    assert gain.lower <= STEP / 4 <= gain.upper
    assert found.stopped is not None


def test_stationarity_is_that_of_the_certificate():
    found = stationarity_of(run_of(late=True), Lottery.always(0.0))
    assert found.multiplier == 0.0
    assert found.gains[0].lower == pytest.approx(STEP / 4, abs=1e-12)
    assert found.gains[1].upper == 0.0
    assert found.slack == pytest.approx(0.15)
    assert found.tolerance == pytest.approx(STEP / 10)
    assert found.largest == found.gains[0].upper


def test_a_record_measures_stationarity_where_it_is_asked_for():
    run = run_of(late=True)
    table = record_of(run, Terms(episodes=200, multiplier=0.0, kkt=True)).evaluation.kkt
    assert table["stationarity"].value.value == pytest.approx(STEP / 4, abs=1e-12)
    assert table["stationarity"].rate.value == 0.0
    assert record_of(run, Terms(episodes=200, multiplier=0.0)).evaluation.kkt["stationarity"].value is None


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        ({"selfish": (1.5,)}, "selfish is 1.5; it must be a number from 0 to 1"),
        ({"tau": 0.4}, "asks nothing of 2 agents"),
        ({"multiplier": 2.0}, "multiplier is 2.0; it must be a number from 0 to 1"),
        ({"most_states": 0}, "most_states is 0; it must be a whole number from 1"),
    ],
)
def test_what_cannot_be_asked_is_refused(terms, says):
    with pytest.raises(InputError, match=says):
        certify_team(run_of(late=True), CertifyTerms(**terms))
