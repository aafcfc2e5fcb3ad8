"""Dual controllers against hand computation, inside compiled loops, and on a toy plant."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from evenhand.errors import InputError
from evenhand.fair_gne import PID, Ascent, Fixed

VIOLATIONS = [0.5, 0.5, 0.25, -1.0, -0.25, 0.75]


def run(dual, violations, **options):
    state, multipliers = dual.init(), []
    for violation in violations:
        state = dual.update(state, violation, **options)
        multipliers.append(float(state.multiplier))
    return multipliers, state


def test_ascent_by_hand():
    """Steps of one half, stopped at the cap of 0.6 and at 0."""
    assert run(Ascent(step_size=0.5, cap=0.6), VIOLATIONS)[0] == pytest.approx([0.25, 0.5, 0.6, 0.1, 0.0, 0.375])


def test_the_authors_constants_saturate_when_they_should():
    """From J = 1/3 under tau = 0.85 the multiplier reaches 10 in steps of 0.01 after 1,936 updates, not before."""
    dual = Ascent(step_size=0.01, cap=10.0)
    multipliers, state = run(dual, [0.85 - 1 / 3] * 1936)
    assert multipliers[-2] < 10.0
    assert multipliers[-1] == 10.0
    assert dual.saturated(state)
    assert dual.unmet(state)


def test_a_falling_step():
    """With decay 1, steps are 1, 1/2, 1/3 of the first."""
    multipliers, _ = run(Ascent(step_size=0.6, decay=1.0), [1.0, 1.0, 1.0])
    assert multipliers == pytest.approx([0.6, 0.9, 1.1])


def test_pid_by_hand():
    """Gains kp = 1, ki = 0.5, kd = 2, average of half and half."""
    dual = PID(kp=1.0, ki=0.5, kd=2.0, smoothing=0.5, cap=2.0)
    multipliers, _ = run(dual, [0.4, 0.8, -0.4])
    # smoothed .4, .6, .1; integral .2, .6, .4; rises 0, .2, 0
    assert multipliers == pytest.approx([0.4 + 0.2, 0.6 + 0.6 + 0.4, 0.1 + 0.4])


def test_the_integral_does_not_wind_up():
    """A hundred updates beyond the cap, or below 0, are forgotten at once."""
    dual = PID(kp=0.0, ki=0.5, kd=0.0, smoothing=0.0, cap=1.0)
    high, state = run(dual, [1.0] * 100)
    assert high[-1] == 1.0
    assert float(dual.update(state, -0.5).multiplier) == 0.75
    _, state = run(dual, [-1.0] * 100)
    assert float(dual.update(state, 0.5).multiplier) == 0.25


def test_pid_without_p_and_d_is_ascent():
    """The integral part alone is gradient ascent."""
    ascent = run(Ascent(step_size=0.3, cap=0.4), VIOLATIONS)[0]
    assert run(PID(kp=0.0, ki=0.3, kd=0.0, cap=0.4), VIOLATIONS)[0] == pytest.approx(ascent)


def test_fixed_stays():
    """A fixed multiplier is in force at once and at no cap."""
    dual = Fixed(multiplier=30.0)
    assert float(dual.init().multiplier) == 30.0
    multipliers, state = run(dual, VIOLATIONS)
    assert multipliers == [30.0] * len(VIOLATIONS)
    assert not dual.saturated(state)
    assert not dual.unmet(state)


def test_cadence_averages_over_episodes():
    """Ten episodes in batches of 4, 4 and 4 change the multiplier once, by the mean of the twelve."""
    dual = Ascent(step_size=1.0, cadence=10)
    state = dual.init()
    for violation, expected in [(0.1, 0.0), (0.2, 0.0), (0.6, 0.3)]:
        state = dual.update(state, violation, count=4)
        assert float(state.multiplier) == pytest.approx(expected)
    assert int(state.updates) == 1
    assert float(state.pending) == 0.0


def test_no_episode_changes_nothing():
    """A batch of no episodes leaves the state, even if its violation is not a number."""
    for dual in (Ascent(), PID()):
        _, state = run(dual, VIOLATIONS)
        assert dual.update(state, np.nan, success=np.nan, count=0) == state


@pytest.mark.parametrize("dual", [Ascent(step_size=1.0, warm_up=0.8), PID(warm_up=0.8), Fixed(2.0, warm_up=0.8)])
def test_the_multiplier_sleeps_until_the_task_succeeds(dual):
    """It is 0 until the success rate has reached the level once, and acts from then on."""
    state = dual.init()
    for success, awake in [(0.0, False), (0.79, False), (0.8, True), (0.1, True)]:
        state = dual.update(state, 0.5, success)
        assert bool(state.awake) is awake
        assert (float(state.multiplier) > 0.0) is awake


def test_unmet_needs_the_cap_and_a_violation():
    """At the cap with the constraint met at the last change, the constraint is not unmet."""
    dual = Ascent(step_size=1.0, cap=1.0)
    _, state = run(dual, [2.0])
    assert dual.unmet(state)
    _, state = run(dual, [2.0, -0.001])
    assert dual.saturated(state)
    assert not dual.unmet(state)


@pytest.mark.parametrize("dual", [Ascent(0.3, decay=0.1, cadence=2, warm_up=0.5), PID(warm_up=0.5), Fixed(3.0)])
def test_a_compiled_loop_agrees(dual):
    """Inside jit and scan, states keep their types and end where NumPy's do."""
    jax = pytest.importorskip("jax")
    violations = np.random.default_rng(0).normal(0.1, 0.5, 50)
    successes = np.linspace(0.0, 1.0, 50)

    def step(state, pair):
        state = dual.update(state, *pair)
        return state, state.multiplier

    compiled = jax.jit(lambda *pairs: jax.lax.scan(step, dual.init(), pairs))
    last, multipliers = compiled(violations, successes)
    state, expected = dual.init(), []
    for pair in zip(violations, successes, strict=True):
        state, multiplier = step(state, pair)
        expected.append(float(multiplier))
    np.testing.assert_allclose(multipliers, expected, rtol=2e-5, atol=1e-6)
    for mine, theirs in zip(state, last, strict=True):
        np.testing.assert_allclose(theirs, mine, rtol=2e-5, atol=1e-5)


def test_several_multipliers_at_once():
    """A state of shape (2,) holds two controllers that do not know of each other."""
    dual = PID()
    state = dual.init((2,))
    for violation in VIOLATIONS:
        state = dual.update(state, np.array([violation, 0.3]))
    alone = [run(dual, VIOLATIONS)[0][-1], run(dual, [0.3] * len(VIOLATIONS))[0][-1]]
    np.testing.assert_allclose(state.multiplier, alone)


def toy_plant(dual, updates):
    """Return the indices of a team that follows the multiplier with a lag: its answer at rest is 0.4 + 0.3 lambda."""
    state, index, lagged, indices = dual.init(), 0.4, 0.4, []
    for _ in range(updates):
        state = dual.update(state, 0.85 - index)
        lagged += 0.2 * (min(1.0, 0.4 + 0.3 * float(state.multiplier)) - lagged)
        index += 0.2 * (lagged - index)
        indices.append(index)
    return np.array(indices)


def test_pid_removes_the_oscillation_of_ascent():
    """With the same integral gain, ascent swings for ever and PID settles; a slower ascent settles later."""
    ascent = toy_plant(Ascent(step_size=3.0), 600)
    pid = toy_plant(PID(kp=6.0, ki=3.0, kd=6.0, smoothing=0.0), 600)
    slow = toy_plant(Ascent(step_size=0.05), 600)
    assert np.ptp(ascent[-100:]) > 0.2
    np.testing.assert_allclose(pid[-100:], 0.85, atol=1e-6)
    np.testing.assert_allclose(slow[-100:], 0.85, atol=1e-3)
    settled = [np.flatnonzero(np.abs(indices - 0.85) > 0.01)[-1] for indices in (pid, slow)]
    assert settled[0] < settled[1] / 3


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.floats(-1.0, 1.0), max_size=40), st.sampled_from([Ascent(2.0, cap=3.0), PID(2.0, 1.0, 3.0, cap=3.0)])
)
def test_multiplier_and_integral_stay_in_bounds(violations, dual):
    """Whatever happens, 0 <= multiplier, integral <= cap."""
    state = dual.init()
    for violation in violations:
        state = dual.update(state, violation)
        assert 0.0 <= state.multiplier <= 3.0
        assert 0.0 <= state.integral <= 3.0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Ascent(step_size=0.0), "step_size is 0.0"),
        (lambda: Ascent(step_size=float("nan")), "step_size is nan"),
        (lambda: Ascent(cap=-1.0), "cap is -1.0"),
        (lambda: Ascent(cadence=0), "cadence is 0"),
        (lambda: Ascent(warm_up=1.5), "warm_up is 1.5"),
        (lambda: PID(kp=-1.0), "kp is -1.0"),
        (lambda: PID(kp=0.0, ki=0.0, kd=0.0), "all 0"),
        (lambda: PID(smoothing=1.0), "smoothing is 1"),
        (lambda: Fixed(-2.0), "multiplier is -2.0"),
    ],
)
def test_bad_input_is_named(make, words):
    """What is out of range is refused with its name and value."""
    with pytest.raises(InputError, match=words):
        make()
