"""Episodes to look at: seeded, in words, ended where they should."""

from __future__ import annotations

import pytest

from evenhand import hospital
from evenhand.errors import InputError
from evenhand.hospital import playing


@pytest.fixture(scope="module")
def scenario():
    return hospital.load("fair-gne")


def test_same_seed_same_episode(scenario):
    assert playing.play(scenario, seed=3) == playing.play(scenario, seed=3)
    assert playing.play(scenario, seed=3).states[0] != playing.play(scenario, seed=4).states[0]


def test_random_policy_never_chooses_what_is_masked(scenario):
    assert sum(playing.play(scenario, seed=0).states[-1].masked) == 0


def test_start_is_that_of_the_reference_environment(scenario):
    environment = hospital.make("fair-gne")
    environment.reset(seed=5)
    assert environment.current == playing.play(scenario, "wait", seed=5).states[0]


def test_waiting_runs_out_of_time(scenario):
    episode = playing.play(scenario, "wait")
    assert episode.states[-1].time == scenario.horizon
    assert set(episode.deeds) == {("", "", "")}


def test_steps_cut_an_episode(scenario):
    episode = playing.play(scenario, seed=0, steps=7)
    assert (len(episode.states), len(episode.deeds)) == (8, 7)


@pytest.mark.parametrize("name", hospital.names())
def test_greedy_succeeds_everywhere_without_a_masked_action(name):
    loaded = hospital.load(name)
    last = playing.play(loaded, "greedy", seed=0).states[-1]
    assert not any(last.remaining)
    assert last.time < loaded.horizon
    assert sum(last.masked) == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"policy": "randon"}, "policy is 'randon'; did you mean 'random'"),
        ({"seed": -1}, "seed is -1; it must be a whole number from 0"),
        ({"steps": 0}, "steps is 0; it must be a whole number from 1"),
    ],
)
def test_wrong_options_are_named(scenario, options, message):
    with pytest.raises(InputError, match=message):
        playing.play(scenario, **options)
