"""``evenhand evaluate`` of teams that have learned nothing yet for large multipliers: nobody works under these."""

from __future__ import annotations

import dataclasses
import json

import jax.numpy as jnp
import pytest
from tests.learning.known_team import REST, KnownLearner
from tests.learning.small_run import SMALL, untrained

from evenhand.learning import conditioning
from evenhand.learning.settings import DualSettings
from evenhand.learning.training import Run


class HalfTrained(KnownLearner):
    """The known team as long as the multiplier is below `idle_from`; from there on, nobody works."""

    conditioned = True

    def __init__(self, idle_from):
        super().__init__()
        self._idle_from = idle_from

    def act(self, parameters, view):
        """Follow the known team's table, or rest."""
        idle = view.world[:, -conditioning.SIZE] >= self._idle_from
        return jnp.where(idle[:, None], REST, super().act(parameters, view))


@pytest.fixture(scope="module")
def blank():
    """Return a run whose learner is yet to be replaced."""
    return untrained(dataclasses.replace(SMALL, dual=DualSettings(cap=1.0)))


@pytest.fixture
def evaluated(evenhand, blank, tmp_path, monkeypatch):
    """Evaluate a half-trained team by the command line; return what is said, and the figures."""

    def command(idle_from, tau):
        state = blank.training._replace(parameters=0.0)
        run = Run(blank.config, HalfTrained(idle_from), state, (), True, 0.0, tmp_path)
        monkeypatch.setattr("evenhand.learning.training.load", lambda _: run)
        ran = evenhand("evaluate", "run", "--tau", tau, "--episodes", 2000, "--json", "out.json")
        return ran, json.loads((tmp_path / "out.json").read_text())

    return command


def test_a_threshold_is_met_by_those_multipliers_that_succeed(evaluated):
    """Alone (index 1/2) and sharing small jobs (3/4) serve for 0.6; idle from 0.4 on (index 1) would be fairest."""
    ran, figures = evaluated(idle_from=0.4, tau=0.6)
    assert ran.code == 0
    assert "0.6: mean met" in ran.out or "0.6: mean short by 0.00" in ran.out
    assert "unmet" not in ran.out
    assert figures["warnings"] == []
    assert (figures["success"]["mean"], figures["idle_episodes"]["mean"]) == (1.0, 0.0)
    assert 0.595 <= figures["jain"]["mean"] <= 0.66
    assert figures["lottery"]["low"] < 0.2 <= figures["lottery"]["high"] < 0.4


def test_where_nothing_that_succeeds_is_fair_enough_this_is_said(evaluated):
    """The fairest that succeeds, 3/4, is played; the idle multipliers, whose index is 1, are left out and counted."""
    ran, figures = evaluated(idle_from=0.4, tau=0.9)
    left_out = figures["picked"]["left_out"]
    assert ran.code == 3
    assert "0.9: mean not met" in ran.out
    said = " ".join(ran.out.split())
    assert "unmet: no multiplier that keeps the success rate is fair enough" in said
    assert f"({len(left_out)} under which it succeeds less often were left out)" in said
    assert (figures["success"]["mean"], figures["idle_episodes"]["mean"]) == (1.0, 0.0)
    assert figures["jain"]["mean"] == pytest.approx(0.75, abs=0.02)
    assert figures["picked"]["best"] == pytest.approx(0.75, abs=0.02)
    assert figures["picked"]["constraint_unmet"]
    assert min(left_out) >= 0.4
    assert max(left_out) == 1.0


def test_a_team_that_works_under_no_multiplier_but_zero_keeps_zero(evaluated):
    """All 24 positive multipliers of the grid are left out, though the index is 1 under each."""
    ran, figures = evaluated(idle_from=1e-4, tau=0.85)
    assert ran.code == 3
    assert (figures["lottery"]["low"], figures["lottery"]["share"], figures["multiplier"]["mean"]) == (0.0, 0.0, 0.0)
    assert (figures["success"]["mean"], figures["idle_episodes"]["mean"]) == (1.0, 0.0)
    assert figures["jain"]["mean"] == 0.5
    assert len(figures["picked"]["left_out"]) == 24


def test_a_team_that_never_works_is_not_called_fair_without_a_word(evaluated):
    """Its index of 1 says nothing, and both that it fails and that it rests is said."""
    ran, figures = evaluated(idle_from=0.0, tau=0.85)
    assert (figures["success"]["mean"], figures["idle_episodes"]["mean"]) == (0.0, 1.0)
    assert "the team fails more often than it succeeds" in " ".join(ran.out.split())
    assert "nobody works in 100% of the episodes" in " ".join(ran.out.split())
    assert "nobody works in any episode, which is perfectly fair" in " ".join(ran.out.split())
    assert figures["warnings"] == ["rarely_succeeds", "never_works"]
