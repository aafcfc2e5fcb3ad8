"""The network over entities: equivariant, of one size for every team, and refused in one line where it cannot be."""

from __future__ import annotations

import dataclasses
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.learning.eager_team import drawn
from tests.learning.first_states import first_view
from tests.learning.pump import names_of_the_game

from evenhand import hospital
from evenhand.errors import InputError
from evenhand.hospital.scenario_arrays import CARRIED
from evenhand.learning.build import learner_of, team_of
from evenhand.learning.config import Config
from evenhand.learning.disturbance import under
from evenhand.learning.disturbance_level import Level
from evenhand.learning.entity_network import EntityActor, EntityCritic
from evenhand.learning.entity_team import check_entities, coins
from evenhand.learning.environment import Entities
from evenhand.learning.settings import Disturbance

AGENTS, PLACES = 3, 4
POINTED = (-1, 0, 1, 2, 3, -1)


def some_entities(seed=0):
    """Return random entities of two episodes."""
    draw = np.random.default_rng(seed).normal
    shapes = {"agents": (AGENTS, 5), "places": (PLACES, 6), "pairs": (AGENTS, PLACES, 2), "world": (7,)}
    return Entities(**{name: jnp.asarray(draw(size=(2, *shape)), jnp.float32) for name, shape in shapes.items()})


@pytest.fixture(scope="module")
def preferences():
    """Return a function from entities to preferences, under parameters drawn once."""
    actor = EntityActor(POINTED, width=8)
    parameters = actor.init(jax.random.key(0), some_entities())
    return lambda seen: np.asarray(actor.apply(parameters, seen))


def test_permuting_agents_permutes_preferences(preferences):
    """Rows of agents and of pairs in another order: the preferences follow."""
    seen, order = some_entities(), np.array([2, 0, 1])
    turned = seen._replace(agents=seen.agents[:, order], pairs=seen.pairs[:, order])
    np.testing.assert_allclose(preferences(turned), preferences(seen)[:, order], atol=1e-5)
    assert np.abs(preferences(turned) - preferences(seen)).max() > 1e-3


def test_permuting_places_permutes_the_actions_that_point_at_them(preferences):
    """Actions 1 to 4 point at places 0 to 3; waiting and handling, 0 and 5, stay."""
    seen, order = some_entities(), np.array([3, 1, 0, 2])
    turned = seen._replace(places=seen.places[:, order], pairs=seen.pairs[:, :, order])
    columns = [0, *(1 + order), 5]
    np.testing.assert_allclose(preferences(turned), preferences(seen)[..., columns], atol=1e-5)


def test_an_action_points_at_the_place_that_is_named():
    """With the columns of two actions exchanged in the table, their preferences are."""
    seen, other = some_entities(), (-1, 1, 0, 2, 3, -1)
    parameters = EntityActor(POINTED, width=8).init(jax.random.key(0), seen)
    one = EntityActor(POINTED, width=8).apply(parameters, seen)
    two = EntityActor(other, width=8).apply(parameters, seen)
    np.testing.assert_array_equal(np.asarray(two)[..., [0, 2, 1, 3, 4, 5]], np.asarray(one))


@pytest.mark.parametrize(("central", "shape"), [(True, (2, 1)), (False, (2, AGENTS, 1))])
def test_the_critic_values_the_whole_or_each_agent(central, shape):
    """MAPPO's critic gives one value, the same in any order of agents; IPPO's one for each agent, which follow."""
    critic, seen, order = EntityCritic(central, width=8), some_entities(), np.array([1, 2, 0])
    parameters = critic.init(jax.random.key(1), seen)
    turned = seen._replace(agents=seen.agents[:, order], pairs=seen.pairs[:, order])
    one, other = (np.asarray(critic.apply(parameters, given)) for given in (seen, turned))
    assert one.shape == shape
    np.testing.assert_allclose(other, one if central else one[:, order], atol=1e-5)


@pytest.mark.parametrize("learner", ["mappo", "ippo"])
def test_parameters_do_not_depend_on_the_ward(learner):
    """6 agents at 6 stations and 24 at 18: the same shapes."""

    def shapes(ward):
        config = Config(scenario=ward, learner=learner, network="entity", shaping="smoothed")
        return jax.tree.map(lambda leaf: leaf.shape, learner_of(config).blank().parameters)

    assert shapes("ward/6") == shapes("ward/24")


def different_worlds(episodes):
    """Return entities of episodes that differ in the time left alone, out of as many steps."""
    world = jnp.zeros((episodes, 3)).at[:, 2].set(jnp.arange(episodes) / episodes)
    one = some_entities()
    parts = (jnp.broadcast_to(part[:1], (episodes, *part.shape[1:])) for part in one[:3])
    return Entities(*parts, world)


def test_coins_look_random_and_follow_from_the_state():
    """Even, unlike from agent to agent and from step to step, the same for the same state, and below 1."""
    seen = different_worlds(4000)
    found = np.asarray(coins(seen))
    assert found.shape == (4000, AGENTS)
    assert found.min() >= 0.0
    assert found.max() < 1.0
    assert np.unique(found).size > 11_900
    counts = np.stack([np.histogram(agent, 20, (0.0, 1.0))[0] for agent in found.T])
    # Chi-square with 19 degrees of freedom: above 48 once in 4,000 trials.
    assert (((counts - 200) ** 2 / 200).sum(axis=1) < 48.0).all()
    pairs = [*zip(found.T, np.roll(found.T, 1, axis=0), strict=True), (found[1:, 0], found[:-1, 0])]
    assert max(abs(np.corrcoef(*pair)[0, 1]) for pair in pairs) < 0.06
    np.testing.assert_array_equal(np.asarray(coins(jax.tree.map(lambda part: part[:7], seen))), found[:7])


def test_rounding_does_not_change_coins():
    """Features that differ in the last bits, as another compiler may make them, give the same numbers."""
    seen = different_worlds(300)
    for factor in (1.0 - 2e-7, 1.0 + 2e-7):
        other = seen._replace(world=seen.world * factor)
        np.testing.assert_array_equal(np.asarray(coins(other)), np.asarray(coins(seen)))


def test_teams_of_entities_act_as_often_as_is_likely():
    """In 3,000 steps that look alike but for the time left, each action is taken as often as its probability says."""
    learner = learner_of(Config(scenario="fair-gne", network="entity"))
    parameters = jax.tree.map(lambda part: 0.3 * part, drawn(learner.blank().parameters))
    view = first_view(learner.team, 1)
    many = jax.tree.map(lambda part: jnp.repeat(part, 3000, axis=0), view)
    seen = many.agents._replace(world=many.agents.world.at[:, 0].add(jnp.arange(3000) / 3000))
    # The network sees the first state in all of them; only the coins see the time.
    chances = np.exp(np.asarray(learner.log_probs(parameters, view)))[0]
    assert chances.max() < 0.95
    flat = many._replace(agents=seen, world=seen)
    fixed = dataclasses.replace(learner)  # a copy
    object.__setattr__(fixed, "log_probs", lambda parameters, seen: learner.log_probs(parameters, many))
    actions = np.asarray(fixed.act(parameters, flat))
    often = np.stack([(actions == action).mean(axis=0) for action in range(chances.shape[1])], axis=1)
    np.testing.assert_allclose(often, chances, atol=0.04)


def test_masks_are_honoured():
    """What the mask forbids has a probability of 0, whatever the network prefers."""
    learner = learner_of(Config(scenario="fair-gne", network="entity"))

    @jax.jit
    def seen(parameters):
        view = first_view(learner.team, 3)
        return view.mask, jnp.exp(learner.log_probs(parameters, view))

    mask, chances = map(np.asarray, seen(drawn(learner.blank().parameters)))
    assert (chances[~mask] == 0.0).all()
    assert not mask.all()
    np.testing.assert_allclose(chances.sum(axis=-1), 1.0, atol=1e-5)


def test_the_features_of_a_ward_by_hand():
    """Two agents in fair-gne: one carries the board on its way to the patient, the other could treat there."""
    env = hospital.make("fair-gne", backend="jax")
    arrays, names = env.arrays, env.scenario.kinds
    board = list(arrays.item_kind).index(names.index("cpr_board"))
    bring = list(arrays.step_kind).index(names.index("cpr_board"))
    bed = int(arrays.step_place[bring])
    far = next(s for s in range(arrays.n_stations) if s != bed)
    state = env.reset(jax.random.key(0))
    state = state._replace(
        station=jnp.array([far, bed, bed]),
        holding=jnp.array([board, -1, -1]),
        item_place=state.item_place.at[board].set(CARRIED),
    )
    seen = jax.tree.map(np.asarray, env.entities(state))
    n, m = arrays.n_agents, arrays.n_stations
    assert seen.agents.shape[0] == n
    assert seen.pairs.shape == (n, m, 11)
    distance, here, _, _, fits_now, *_ = np.moveaxis(seen.pairs, -1, 0)
    assert distance[0, bed] == pytest.approx(arrays.travel[far, bed] / arrays.travel.max())
    np.testing.assert_array_equal(here.argmax(axis=1), [far, bed, bed])
    # The board is wanted at the bed, by its carrier alone.
    assert fits_now[0, bed] == 1.0
    assert fits_now.sum() == 1.0
    kinds = sorted(names).index("cpr_board")
    assert seen.agents[0, 0] == 0.0  # hands are not empty
    assert seen.agents[0, 8 + kinds] == 1.0  # but hold the board
    assert (seen.agents[1:, 0] == 1.0).all()


def test_an_environment_without_entities_is_refused():
    """The line says what is missing, where it is described, and what does without."""
    pump = names_of_the_game()["Pump"]()
    with pytest.raises(
        InputError, match=r"network 'entity' needs Pump\.entities, .*own-environment.*'flat' does without"
    ):
        team_of(Config(network="entity", tau=0.7), pump)


class Bad:
    """The hospital with one thing wrong."""

    def __init__(self, **wrong):
        self.env, self.wrong = hospital.make("fair-gne", backend="jax"), wrong

    def __getattr__(self, name):
        return self.wrong[name] if name in self.wrong else getattr(self.env, name)


def without(part, made):
    """Return an `entities` whose one part is another."""
    env = hospital.make("fair-gne", backend="jax")
    return lambda state: env.entities(state)._replace(**{part: made})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"action_places": (-1, 0)}, r"action_places is \[-1, 0\]; it must be 9 whole numbers, one for each action"),
        ({"entities": lambda state: state.time}, "entities must return agents, places, pairs, world"),
        ({"entities": without("world", jnp.zeros((2, 2)))}, r"world is \(2, 2\) float32; it must be \(W,\) float32"),
        ({"entities": without("pairs", jnp.zeros((3, 1, 2)))}, r"pairs is \(3, 1, 2\) float32; it must be \(3, 6, R\)"),
        ({"entities": without("agents", jnp.zeros((3, 2), bool))}, r"agents is \(3, 2\) bool; it must be \(3, F\) flo"),
    ],
)
def test_wrong_entities_are_refused(wrong, said):
    """The line names the part, what it is, and what it must be."""
    with pytest.raises(InputError, match=said):
        check_entities(Bad(**wrong))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"network": "pointer"}, "network is 'pointer'; known are flat, entity"),
        (
            {"network": "entity", "learner": "qmix"},
            "network is 'entity'; qmix has no such network, only ippo, mappo have",
        ),
        (
            {"shaping": "smoothed", "method": "workload-penalty"},
            "shaping is 'smoothed', which smooths the index; workl",
        ),
    ],
)
def test_settings_that_do_not_go_together(settings, said):
    """One line, before anything is made."""
    with pytest.raises(InputError, match=said):
        Config(**settings)


def test_smoothing_needs_the_sum_of_the_work():
    """An environment that does not know all work that there is cannot say what an equal share of it is."""
    pump = names_of_the_game()["Pump"]()
    with pytest.raises(InputError, match=re.escape("shaping 'smoothed' needs Pump.total_work: the team's work")):
        team_of(Config(shaping="smoothed", tau=0.7), pump)


def test_disturbances_are_refused():
    """Entities are not late or noisy; in training, and in the evaluation of a team that was trained undisturbed."""
    config = Config(scenario="fair-gne", network="entity")
    for made in (
        lambda: learner_of(dataclasses.replace(config, disturbance=Disturbance(delay=(0, 1)))),
        lambda: under(learner_of(config), Level(noise=(0.1, 0.1))),
    ):
        with pytest.raises(InputError, match="network 'entity' sees states as they are, not late or noisy"):
            made()
