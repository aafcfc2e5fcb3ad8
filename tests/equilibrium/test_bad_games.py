"""Arrays that are no game, and policies for another: one line names the array and the place."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from boxes import Boxes, everybody, slowly
from scipy.sparse import coo_array, csc_array, csr_array

from evenhand.equilibrium import FiniteGame, Witness, certify, kkt, replay
from evenhand.errors import InputError

STATES, ACTIONS = 3, (2, 2)


def _arrays():
    rng = np.random.default_rng(0)
    return {
        "transition": rng.dirichlet(np.ones(STATES), (STATES, *ACTIONS)),
        "rewards": rng.random((STATES, *ACTIONS)),
        "index": rng.random((STATES, *ACTIONS)),
        "start": np.array([0.5, 0.5, 0.0]),
        "horizon": 4,
    }


def _game(**changes):
    return FiniteGame(**{**_arrays(), **changes})


def _changed(name, place, value):
    array = _arrays()[name].copy()
    array[place] = value
    return {name: array}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            _changed("transition", (1, 0, 1), 0.3),
            r"transition\[1, 0, 1\] sums to 0.9; a row of probabilities sums to 1",
        ),
        (_changed("transition", (2, 1, 0), [1.2, -0.2, 0.0]), r"transition\[2, 1, 0, 1\] is -0.2; a probability"),
        (_changed("transition", (0, 0, 0, 2), np.nan), r"transition\[0, 0, 0, 2\] is nan; it must be a finite"),
        (_changed("rewards", (0, 1, 1), np.inf), r"rewards\[0, 1, 1\] is inf"),
        (_changed("index", (2, 0, 0), np.nan), r"index\[2, 0, 0\] is nan"),
        (_changed("start", 0, 0.4), r"start sums to 0.9"),
        (_changed("start", slice(None), [1.5, -0.5, 0.0]), r"start\[1\] is -0.5"),
        ({"rewards": np.zeros((3, 2, 3))}, r"rewards has shape \(3, 2, 3\); it must be \(3, 2, 2\)"),
        ({"rewards": np.zeros((3, 3, 2, 2))}, r"rewards has shape \(3, 3, 2, 2\); it must be \(2, 3, 2, 2\)"),
        ({"transition": np.ones((3, 2, 2, 4)) / 4}, r"transition has shape \(3, 2, 2, 4\); it must be \(3, 2, 2, 3\)"),
        ({"start": [1.0]}, r"start has shape \(1,\); it must be \(3,\)"),
        ({"work": np.zeros((3, 2, 2))}, r"work has shape \(3, 2, 2\); it must be \(2, 3, 2, 2\)"),
        ({"index": np.zeros(3)}, r"index has shape \(3,\); it must be \(states, actions of each agent in turn\)"),
        ({"index": np.zeros((3, 0))}, r"index has shape \(3, 0\); a game has states and actions"),
        ({"rewards": "many"}, r"rewards is 'many'; it must be an array of numbers"),
        ({"rewards": [[1.0], [1.0, 2.0]]}, r"rewards is no array of numbers"),
        ({"final_index": [1.0]}, r"final_index has shape \(1,\); it must be \(3,\)"),
        ({"horizon": 0}, r"horizon is 0; it must be a number of steps"),
        ({"horizon": None}, r"horizon is None and discount None; a game has one of them"),
        ({"discount": 0.9}, r"horizon is 4 and discount 0.9; a game has one of them"),
        ({"horizon": None, "discount": 1.0}, r"discount is 1.0; it must lie between 0 and 1"),
        ({"horizon": None, "discount": 0.5, "final_rewards": np.zeros(3)}, r"final_rewards is given, but a game with"),
    ],
)
def test_wrong_arrays_are_named(changes, message):
    """The array, the index, the value, and what would be right."""
    with pytest.raises(InputError, match=message) as raised:
        _game(**changes)
    assert "\n" not in str(raised.value)


def _sparse(**changes):
    dense = csr_array(_arrays()["transition"].reshape(-1, STATES))
    parts = {"data": dense.data, "indices": dense.indices, "indptr": dense.indptr}
    return tuple({**parts, **{name: change(parts[name].copy()) for name, change in changes.items()}}.values())


def _with(place, value):
    def change(array):
        array[place] = value
        return array

    return change


@pytest.mark.parametrize(
    ("transition", "message"),
    [
        (_sparse(data=_with(5, 0.0)), r"transition\[0, 0, 1\] sums to"),
        (_sparse(data=_with(5, -0.1)), r"transition\[0, 0, 1, 2\] is -0.1; a probability is at least 0"),
        (_sparse(data=_with(5, np.nan)), r"transition.data\[5\] is nan"),
        (_sparse(indices=_with(4, 3)), r"transition.indices\[4\] is 3; states are 0 to 2"),
        (_sparse(indices=lambda a: a[:-1]), r"transition.indices has 35 entries, transition.data 36"),
        (_sparse(indptr=lambda a: a[:-1]), r"transition has 11 rows; it must have 12"),
        (_sparse(indptr=_with(3, 0)), r"transition.indptr must rise from 0 to 36"),
        (_sparse(indices=lambda a: a + 0.5), r"transition.indices has the kind float64"),
    ],
)
def test_wrong_sparse_rows_are_named(transition, message):
    """As dense ones: by state, joint action and next state."""
    with pytest.raises(InputError, match=message):
        _game(transition=transition)


def test_a_sparse_matrix_of_another_format_is_refused():
    """A CSC matrix also has index pointers, which mean something else."""
    with pytest.raises(InputError, match=r"in the format csc; give \.tocsr\(\) of it"):
        _game(transition=csc_array(_arrays()["transition"].reshape(-1, STATES)))


def test_dense_and_sparse_arrays_are_the_same_game():
    """SciPy's matrix, or its parts; in single precision, rows are scaled to sum to 1."""
    policies = [[0, 1, 0], [1, 1, 0]]
    dense = certify(_game(), policies, None)
    for transition in (csr_array(_arrays()["transition"].reshape(-1, STATES)), _sparse()):
        assert certify(_game(transition=transition), policies, None).to_dict() == dense.to_dict()
    single = certify(_game(transition=_arrays()["transition"].astype(np.float32)), policies, None)
    assert single.nash_conv.lower == pytest.approx(dense.nash_conv.lower, abs=1e-5)


@pytest.mark.parametrize(
    ("policies", "message"),
    [
        ([[0, 1, 0]], r"policies has 1 policies; the game has 2 agents"),
        (
            [[0, 1, 0], [0, 1]],
            r"policies\[1\] has shape \(2,\); as whole numbers, which are actions, it must be \(3,\)",
        ),
        ([[0, 1, 0], [0, 1, 2]], r"policies\[1\]\[2\] is 2; the actions of agent 1 are 0 to 1"),
        ([[0, 1, 0], [0, -1, 1]], r"policies\[1\]\[1\] is -1"),
        ([np.full((3, 2), 0.4), [0, 1, 0]], r"policies\[0\]\[0\] sums to 0.8"),
        ([np.full((3, 3), 1 / 3), [0, 1, 0]], r"policies\[0\] has shape \(3, 3\); as floats, which are probabilities"),
        ([[[1.5, -0.5]] * 3, [0, 1, 0]], r"policies\[0\]\[0, 1\] is -0.5"),
        ([[[np.nan, 1.0]] * 3, [0, 1, 0]], r"policies\[0\]\[0, 0\] is nan"),
        ([np.full((4, 3, 2), 0.4), [0, 1, 0]], r"policies\[0\]\[0, 0\] sums to 0.8"),
        ("rest", r"policies is 'rest'; it must have one policy for each agent"),
        (7, r"policies is 7; it must have one policy for each agent"),
    ],
)
def test_policies_of_another_game_are_refused(policies, message):
    """By agent and state."""
    with pytest.raises(InputError, match=message):
        certify(_game(), policies, 0.5)


GOOD = [[0, 1, 0], [1, 0, 1]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"constraint": "fair"}, r"constraint is 'fair'; it must be a finite number"),
        ({"constraint": np.nan}, r"constraint is nan"),
        ({"lottery": (0.5, 0.6), "policies": [GOOD, GOOD]}, r"lottery sums to 1.1; probabilities sum to 1"),
        ({"lottery": (1.5, -0.5), "policies": [GOOD, GOOD]}, r"lottery\[1\] is -0.5"),
        ({"lottery": (1.0,), "policies": [GOOD, GOOD]}, r"lottery has shape \(1,\); with 2 profiles"),
        ({"selfish": (0.1, -0.2)}, r"selfish\[1\] is -0.2; the price of a unit of work is at least 0"),
        ({"selfish": (0.1,)}, r"selfish is given, but the game has no work"),
        ({"multiplier": -1.0}, r"multiplier is -1.0; it must be a finite number of at least 0"),
        ({"team_optimum": np.nan}, r"team_optimum is nan; it must be a finite number, or None"),
        ({"most_states": 0}, r"most_states is 0"),
    ],
)
def test_wrong_options_are_refused(options, message):
    """One line each."""
    given = {"policies": GOOD, "constraint": 0.1, **options}
    with pytest.raises(InputError, match=message):
        certify(_game(), **given)


def test_an_optimum_that_is_exceeded_is_refused():
    """A stated optimum must be an upper bound: here one agent alone reaches 0.94 with the other's policy."""
    game = FiniteGame.once(rewards=[[0, 1], [1, 0.9]], index=[[1, 0.5], [0.5, 1]])
    with pytest.raises(InputError, match=r"team_optimum is 0.92; it is no upper bound: .* agent 0 reach 0.94"):
        certify(game, (1, 1), 0.8, team_optimum=0.92)
    assert certify(game, (1, 1), 0.8, team_optimum=0.95).price_of_decentralisation == pytest.approx(0.05)


def test_a_constraint_is_read_from_the_layer_of_fair_gne():
    """Its target is the threshold on the expected index, or with the form `share` 1 - delta."""
    from evenhand.fair_gne import Constraint
    from evenhand.fairness import JainAtLeast

    game = FiniteGame.once(rewards=[[0, 1], [1, 0.9]], index=[[1, 0.5], [0.5, 1]])
    assert certify(game, (1, 1), Constraint(JainAtLeast(0.8), 2)).tau == pytest.approx(0.8)
    assert certify(game, (1, 1), Constraint(JainAtLeast(0.8), 2, "share", 0.05)).tau == pytest.approx(0.95)


def test_a_witness_of_another_lottery_is_refused():
    """It has a plan too few."""
    game = FiniteGame.once(rewards=[[0, 1], [1, 0.9]], index=[[1, 0.5], [0.5, 1]])
    witness = certify(game, (1, 1), 0.8).agents[0].free.witness
    with pytest.raises(InputError, match=r"witness.first has 1 plans; the lottery has 2 profiles"):
        replay(game, [(1, 1), (1, 0)], witness, lottery=(0.5, 0.5))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"agent": 2}, r"witness.agent is 2; it must be an agent's number, a whole number from 0 to 1"),
        ({"first": (np.array([[5]]),)}, r"witness\[0, 0\] is 5; the actions of agent 0 are 0 to 1"),
        ({"first": (np.array([[0, 1]]),)}, r"witness has shape \(1, 2\)"),
    ],
)
def test_a_witness_of_another_game_is_refused(change, message):
    """By its agent, its actions, or its shape."""
    game = FiniteGame.once(rewards=[[0, 1], [1, 0.9]], index=[[1, 0.5], [0.5, 1]])
    witness = certify(game, (1, 1), 0.8).agents[0].free.witness
    with pytest.raises(InputError, match=message):
        replay(game, (1, 1), replace(witness, **change))


def test_a_layered_witness_of_another_game_is_refused():
    """Too short, with a forbidden action, for other starts."""
    witness = certify(Boxes(), everybody, None).agents[0].free.witness
    for plan, message in (
        (np.zeros((2, 1), int), r"witness\[0, 1\] is -1; agent 0 is not allowed this action there, after 1 steps"),
        (np.full((2, 6), 2), r"witness\[0, 0\] is 2"),
        (np.zeros((3, 6), int), r"witness has the shape \(3, 6\); it must be \(2 starts, steps\)"),
    ):
        with pytest.raises(InputError, match=message):
            replay(Boxes(), everybody, replace(witness, first=(plan,)))


def test_a_witness_on_disk_can_be_replayed():
    """What `to_dict` wrote, JSON carried, and `from_dict` read gains the same."""
    for game, policies in ((Boxes(), slowly), (_game(), GOOD)):
        certificate = certify(game, policies, None)
        for agent in certificate.agents:
            read = Witness.from_dict(json.loads(json.dumps(agent.free.witness.to_dict())))
            outcome = replay(game, policies, read)
            gain = outcome.returns[0] - certificate.present.returns[0]
            assert gain == pytest.approx(agent.free.gain.lower, abs=1e-12)


def test_kkt_checks_what_certify_checks():
    """Same reading."""
    with pytest.raises(InputError, match="policies has 1 policies"):
        kkt(_game(), [[0, 1, 0]], 0.5)


def _objects(place, value):
    array = _arrays()["rewards"].astype(object)
    array[place] = value
    return array


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rewards": _objects((1, 0, 1), None)}, r"rewards\[1, 0, 1\] is None; it must be a finite number"),
        ({"rewards": _objects((1, 0, 1), "0.5")}, r"rewards\[1, 0, 1\] is '0.5'; it must be a finite number"),
        ({"rewards": _arrays()["rewards"] + 1j}, r"rewards\[0, 0, 0\] is \(.*1j\); it must be a finite number"),
        ({"start": ["0.5", "0.5", "0"]}, r"start\[0\] is '0.5'; it must be a finite number"),
        ({"rewards": np.ma.masked_equal(np.eye(4).reshape(2, 8), 1)}, r"rewards\[0, 0\] is masked"),
        (_changed("rewards", (0, 1, 1), -1e300), r"rewards\[0, 1, 1\] is -1e\+300; it must be at most 1e\+100 in size"),
        ({"index": [[[1, 2], [1]]] * 3}, r"index\[0, 1\] has shape \(1,\), index\[0, 0\] \(2,\)"),
        ({"transition": ([[1], [1, 2]], [1], [[1], [2]])}, r"transition\[0, 1\] has shape \(2,\), transition\[0, 0\]"),
        ({"transition": None}, r"transition is None; it must be an array of numbers"),
        ({"transition": coo_array(np.eye(3)[[0] * 12])}, r"in the format coo; give \.tocsr\(\) of it"),
        (
            {"transition": csr_array(np.eye(5)[[0] * 12])},
            r"transition has 5 columns; it must have 3, one for each next",
        ),
    ],
)
def test_cells_that_are_no_numbers_are_named(changes, message):
    """Of object arrays, text, masks, uneven lists and sparse matrices: the first cell or row that is wrong."""
    with pytest.raises(InputError, match=message) as raised:
        _game(**changes)
    assert "\n" not in str(raised.value)


def test_objects_that_are_numbers_are_read():
    """Fractions, decimals, and whole numbers in an object array, which remain actions in a policy."""
    game = FiniteGame.once([[Fraction(1, 2), Decimal("0.25")], [1, 0.5]], np.ones((2, 2), dtype=object))
    certificate = certify(game, np.array([0, 1], dtype=object), None)
    assert certificate.present.returns.tolist() == [0.25]
    assert [agent.free.gain.lower for agent in certificate.agents] == [0.25, 0.25]


def test_probabilities_of_single_precision_are_scaled():
    """Those of networks, starts and lotteries, too: 0.1 + 0.7 + 0.2 is 0.999999993 there."""
    rows = np.tile(np.array([0.1, 0.7, 0.2], np.float32), (3, 1))
    game = FiniteGame(np.ones((3, 3, 3)) / 3, np.ones((3, 3)), np.ones((3, 3)), rows[0], horizon=2)
    certificate = certify(game, [[rows]] * 3, 2, lottery=rows[0])
    assert certificate.feasible
    assert certificate.present.index == pytest.approx(2, abs=1e-12)
    with pytest.raises(InputError, match=r"policies\[0\]\[0\] sums to 0.99999999"):
        certify(game, [rows.astype(float)], 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: certify([[1]], GOOD, 0.1), r"game is \[\[1\]\]; it must be a FiniteGame"),
        (lambda: kkt(FiniteGame, GOOD, 0.1), r"game is <class .*; it must be a FiniteGame"),
        (lambda: replay(_game(), GOOD, certify(_game(), GOOD, 0.1).agents[0].free), r"witness is a Deviation; it must"),
        (lambda: certify(_game(), 7, 0.1, lottery=[1.0]), r"policies is 7; with a lottery, it must have a profile for"),
        (lambda: certify(_game(work=np.ones((2, 3, 2, 2))), GOOD, 0.1, selfish=0.1), r"selfish is 0.1; .* as \[0.1\]"),
        (lambda: kkt(_game(), GOOD, None, multiplier=1.0), r"constraint is None; the KKT conditions are those of a"),
        (lambda: FiniteGame.once([[0, 1, 2]], [[0, 1]]), r"rewards has shape \(1, 3\); it must be \(1, 2\)"),
        (lambda: FiniteGame.once([[0, 1]], [[0, 1]], work=3), r"work has shape \(\); it must be \(2, 1, 2\)"),
    ],
)
def test_other_things_than_games_and_witnesses_are_refused(call, message):
    """One line, in the shapes that the caller gave."""
    with pytest.raises(InputError, match=message) as raised:
        call()
    assert "\n" not in str(raised.value)
