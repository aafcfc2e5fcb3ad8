"""``evenhand certify``: a table by hand, a file, a page, and how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
from types import SimpleNamespace

import pytest
from tests.learning.known_team import KnownLearner
from tests.learning.treating_team import Treating, run_of

from evenhand.learning.certificates.hospital_game import HospitalGame
from evenhand.learning.lottery import Lottery
from evenhand.learning.training import Run
from evenhand.statistics import Estimate


@pytest.fixture
def certify(evenhand, monkeypatch, tmp_path):
    """Certify the late or the prompt team by the command line."""

    def command(*words, late=True, learner=None):
        run = run_of(late=late)
        if learner is not None:
            run = Run(run.config, learner, run.training, (), True, 0.0, None)
        monkeypatch.setattr("evenhand.learning.training.load", lambda _: run)
        return evenhand("certify", "runs/a", *words)

    return command


def test_the_late_team_is_told_who_gains_what(certify, tmp_path):
    ran = certify("--json", "cert.json", "--selfish", 1)
    assert ran.code == 0
    assert "epsilon         exactly 0.00750 (0.25 of a step's price)" in ran.out
    assert "team's optimum  1.91750, by the exact planner; price of decentralisation 0.00750" in ran.out
    ada, ben = (line.split() for line in ran.out.splitlines() if line.startswith(("Ada", "Ben")))
    assert ada == ["Ada", "0.00750", "0", "0.00750", "1.000", "+0.00", "+0.00"]
    assert ben == ["Ben", "0.00000", "0", "0.00000", "1.000", "+0.00", "+0.00"]
    selfish = next(line.split() for line in ran.out.splitlines() if line.startswith("1 "))
    assert selfish == ["1", "Ada", "0.11250", "0.7", "0.35000", "0.500", "-2.00", "+0.00"]
    assert "states of Ada\nstates of Ben\n" in ran.err
    told = json.loads((tmp_path / "cert.json").read_text())
    assert told["epsilon"]["lower"] == pytest.approx(0.0075, abs=1e-12)
    assert [one["weight"] for one in told["selfish"]] == [1.0, 1.0]


def test_the_page_shows_the_deviation_beside_the_team(certify, tmp_path):
    ran = certify("--report", "cert.html", "--selfish", 1, "--selfish", 0.1, "-q")
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    page = (tmp_path / "cert.html").read_text()
    assert "Nobody gains more than 0.25 of a step’s price by deviating while the constraint holds." in page
    assert page.count("data:image/gif;base64,") == 2
    assert "<strong>Ada deviates.</strong> Done in 3 steps, Jain’s index 1." in page
    assert re.search("costs 1 of the return, (Ada|Ben) gains 0.11[23] even while the constraint holds", page)


class Alone(Treating):
    """The team in which Ben does nothing: the index is 1/2."""

    def act(self, parameters, view):
        """Follow the rule, or wait."""
        return super().act(parameters, view).at[:, 1].set(0)


def test_a_team_that_violates_the_constraint_is_no_equilibrium(certify, tmp_path):
    ran = certify("--json", "cert.json", "--report", "cert.html", learner=Alone(late=False))
    assert ran.code == 3
    assert "no equilibrium  the team violates the constraint by 0.35000: nothing to certify" in ran.out
    told = json.loads((tmp_path / "cert.json").read_text())
    assert (told["feasible"], told["epsilon"]) == (False, None)
    assert "This team violates its constraint, so it is no equilibrium." in (tmp_path / "cert.html").read_text()


@pytest.mark.parametrize(("presses", "code"), [(1, 0), (2, 130)])
def test_the_first_ctrl_c_leaves_intervals_and_the_second_nothing(certify, monkeypatch, presses, code):
    layers, left = HospitalGame.layers, iter(range(presses))

    def pressed(*given):
        if next(left, None) is not None:
            os.kill(os.getpid(), signal.SIGINT)
        return layers(*given)

    monkeypatch.setattr(HospitalGame, "layers", pressed)
    ran = certify()
    assert ran.code == code
    assert ("stopped         stopped before the bounds met; gains are intervals" in ran.out) == (code == 0)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_time_limit_ends_the_search(certify):
    ran = certify("--time-limit", 1e-6)
    assert ran.code == 0
    assert "stopped" in ran.out
    assert "time_limit is 0.0; it must be a number of seconds above 0" in certify("--time-limit", 0).err


def test_another_environment_is_refused_in_one_line(certify):
    ran = certify(learner=KnownLearner())
    assert ran.code == 2
    assert ran.err.startswith("evenhand: KnownEnvironment: only the hospital's states are enumerated; ")
    assert ran.err.count("\n") == 1


@pytest.mark.slow
def test_a_learned_bound_is_called_a_lower_one(certify, tmp_path):
    ran = certify("--learned", 64, "--json", "learned.json")
    assert ran.code == 0
    assert "training a response of Ada\ntraining a response of Ben\n" in ran.err
    told = json.loads((tmp_path / "learned.json").read_text())
    assert [agent["bound"] for agent in told["agents"]] == ["lower, estimated"] * 2
    # Nothing is learned in so few steps, and the present policy is a response, too.
    assert all(agent["feasible_gain"]["mean"] <= 0.0075 for agent in told["agents"])


def test_learned_bounds_are_shown_by_agent(certify, monkeypatch):
    def response(run, agent, lottery, *, tau, steps):
        assert (lottery, tau, steps) == (Lottery.always(0.5), 0.9, 64)
        gain, one = Estimate(0.1 * agent, 0.05 * agent, 0.2 * agent), Estimate(0.75, 0.75, 0.75)
        shown = SimpleNamespace(jain=one, constraint_unmet=agent == 0)
        return SimpleNamespace(feasible_gain=gain, free_gain=gain, free=shown, team=shown)

    monkeypatch.setattr("evenhand.learning.certificates.trained_response.learned_response", response)
    ran = certify("--learned", 64, "--tau", 0.9, "--multiplier", 0.5)
    assert ran.code == 3  # the team does not meet its threshold
    assert "Ben    0.100 [0.050, 0.200]  0.100 [0.050, 0.200]      0.750" in ran.out
    assert "lower bounds, estimated: what responses gain that were trained for 64 steps" in ran.out
    refused = certify("--learned", 64, "--selfish", 1)
    assert refused.err == "evenhand: --selfish is for an exact certificate, not for --learned\n"


def test_a_run_in_an_environment_of_ones_own_is_told_how_to_describe_the_game(evenhand, tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"config": {}, "environment": "mine.Pump"}))
    ran = evenhand("certify", folder)
    assert ran.code == 2
    assert ran.err.startswith(
        f"evenhand: {folder}: its team works in your own environment, mine.Pump, whose states are"
    )
    assert "FiniteGame" in ran.err
    assert ran.err.count("\n") == 1
    assert "no run here" in evenhand("certify", tmp_path / "none").err
