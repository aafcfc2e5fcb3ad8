"""What is suggested works when it is typed back, exactly as it is printed; what is ruled out is out of reach."""

from __future__ import annotations

import re

import numpy as np
import pytest
from tests.assignment.enumeration import Tiny, enumerate_all

import evenhand
from evenhand.cli import main as run
from evenhand.fairness.asked import asked_fairness
from evenhand.fairness.suggestion import impossible_text, possible_text

EQUALITY = {"epsilon": 1.0, "jain": 1.0, "cv": 0.0, "max_over_mean": 1.0, "gini": 0.0, "hoover": 0.0, "range": 0.0}
EQUALITY["least_over_mean"] = 1.0
LOOSE = {
    "epsilon": -1,
    "jain": -1,
    "cv": 1,
    "max_over_mean": 1,
    "gini": 1,
    "hoover": 1,
    "range": 1,
    "least_over_mean": -1,
}
"""The direction in which a parameter asks less."""


@pytest.mark.parametrize(("n", "m"), [(5, 8), pytest.param(7, 12, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", [*EQUALITY, "top_share"])
def test_equal_shifts_that_cannot_be_shared_out_equally(name: str, n: int, m: int, tmp_path, capsys) -> None:
    """Equal shifts, no multiple of the agents: the command line's suggestion, typed back word for word, has a plan."""
    file = tmp_path / "shifts.csv"
    file.write_text("," + ",".join(f"s{j}" for j in range(m)) + "\n" + "".join(f"a{i}{',1' * m}\n" for i in range(n)))
    asked = [f"--{name.replace('_', '-')}", str(EQUALITY.get(name, f"2:{2 / n + 3e-4:.4f}"))]
    assert run(["assign", str(file), *asked]) == 3
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("possible"))
    suggested = re.match(r"possible +(--[-a-z]+ [0-9.:e-]+(?: --p [0-9a-z.]+)?)", line).group(1).split()
    assert suggested[0] == asked[0]
    assert run(["assign", str(file), *suggested]) == 0
    assert "optimal" in capsys.readouterr().out


@pytest.mark.parametrize("seed", range(42))
def test_suggestions_hold_and_are_tight(seed: int) -> None:
    """Against enumeration: the suggested parameter is met, and one stricter by 2e-5 of its distance is not."""
    rng = np.random.default_rng(seed)
    name = list(EQUALITY)[seed % len(EQUALITY)]
    n, m = int(rng.integers(2, 5)), int(rng.integers(2, 7))
    costs = [np.ones((n, m)), rng.integers(1, 6, (n, m)) * 1.0, rng.uniform(1, 9, (n, m))][seed % 3]
    entitlements = None if rng.random() < 0.5 else tuple(rng.choice([0.5, 1.0, 2.0], n))
    start = None if rng.random() < 0.6 else rng.integers(0, 4, n).astype(float)
    locked = {} if rng.random() < 0.7 else {0: int(rng.integers(n))}
    p = float(rng.choice([2, 5, np.inf])) if name == "epsilon" else None

    def asked(parameter: float) -> evenhand.EpsilonFairness:
        return asked_fairness({name: parameter}, p, n, entitlements)

    given = {"initial_loads": start, "locked": locked}
    answer = evenhand.assign(costs, asked(EQUALITY[name]), **given)
    if answer.status != "infeasible":
        assert answer.level == EQUALITY[name]
        return
    told = answer.attainable
    for parameter in (float(told.possible), told.reached):
        assert evenhand.assign(costs, asked(parameter), **given).assignment is not None
    distance = abs(float(told.possible) - EQUALITY[name])
    stricter = float(told.possible) - LOOSE[name] * 2e-5 * distance
    assert enumerate_all(Tiny(costs, asked(stricter), None, start, locked)).assignment is None
    beyond = float(told.impossible) - LOOSE[name] * 1e-9
    assert enumerate_all(Tiny(costs, asked(beyond), None, start, locked)).assignment is None


@pytest.mark.parametrize(
    ("member", "loads", "text"),
    [
        (evenhand.MaxOverMean(1), [2, 1, 1], "1.5"),
        (evenhand.MaxOverMean(1), [2, 1], "1.333334"),  # 4/3
        (evenhand.JainAtLeast(1), [2, 1, 1], "0.888888"),  # 8/9
        (evenhand.GiniAtMost(0), [2, 1], "0.166667"),  # 1/6
        (evenhand.RangeAtMost(0), [2, 1], "0.666667"),  # 2/3
        (evenhand.CVAtMost(0), [1 + 1e-7, 1 - 1e-7], "0.000000100001"),  # the floats are a little further apart
        (evenhand.MaxOverMean(1), [1, 1, 1], "1"),
        (evenhand.EpsilonFairness(0), [1, 0], "0"),
    ],
)
def test_texts_by_hand(member, loads, text: str) -> None:
    assert possible_text(member, np.array(loads, dtype=float)) == text


def test_what_is_ruled_out_is_rounded_to_the_strict_side() -> None:
    assert impossible_text(evenhand.MaxOverMean(1), 4 / 3, 2) == "1.333333"
    assert impossible_text(evenhand.JainAtLeast(1), 8 / 9, 3) == "0.888889"
    assert impossible_text(evenhand.JainAtLeast(1), 0.9, 3) == "0.9"


def test_the_largest_epsilon_is_told_as_text_that_works() -> None:
    """Three units for two agents, p = inf: 2 over a mean of 1.5, so epsilon is at most 1/2."""
    bracket = evenhand.max_epsilon(np.ones((2, 3)), float("inf"))
    assert bracket.possible == "0.5"
    assert 0.5 <= float(bracket.impossible) <= 0.50001
