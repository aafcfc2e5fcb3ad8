"""What the document says of numbers that were made up: intervals, p-values and verdicts against sums by hand."""

from __future__ import annotations

import json

import pytest
from reproductions.fair_gne import SECTIONS, document, plan
from reproductions.fair_gne.defection import figures
from reproductions.fair_gne.results import graded, over
from reproductions.fair_gne.setting import FIXED, LONE, SPECIALIST
from reproductions.fair_gne.supervision import followed
from reproductions.fair_gne.testing import adjusted, least_p
from tests.reproductions.made_up_outcomes import exactly, method_of, outcome, outcomes, record, result

from evenhand.errors import InputError


def section_of(key, quick, change=lambda trial: {}, told=outcomes):
    [section] = document(told(quick, change, (key,)), command="c", quick=quick, only=(key,))["sections"]
    return section


def verdicts(section):
    return [claim["verdict"] for claim in section["claims"]]


def as_published(trial):
    """Fair-GNE at 0.89, a fixed multiplier at 0.33, others in between."""
    method = method_of(trial)
    return {
        "jain": 0.89 if method == "fair-gne" else 0.33 if method in FIXED else 0.6,
        "gini": 0.05 + 0.1 * (method != "fair-gne"),
        "cv": 0.3 + 0.1 * (method != "fair-gne"),
    }


def test_numbers_as_published_hold():
    """0.89 / 0.33 - 1 = 1.70; ten pairs of one sign have p = 2/1024, by Holm among three 6/1024 = 0.0059."""
    section = section_of("comparison", False, as_published)
    improvement, index, success, significance, others = section["claims"]
    assert verdicts(section) == ["holds"] * 5
    assert improvement["ours"].startswith("+170 % on fixed multiplier 0.2")
    assert index["ours"].startswith("0.890 [0.890, 0.890] against 0.330 [0.330, 0.330] (fixed multiplier 0.2)")
    assert success["ours"] == "1.000 [1.000, 1.000]"
    assert "p = 0.0059 (fixed multiplier 30)" in significance["ours"]
    # Nine tests: 9 * 2/1024 = 0.018 < 0.05.
    assert others["ours"].startswith("9 of 9 comparisons")


def test_a_fixed_multiplier_that_is_as_fair_takes_the_claims_back():
    def change(trial):
        return {"jain": 0.9 if method_of(trial) == "fixed multiplier 1" else 0.89}

    section = section_of("comparison", False, change)
    assert verdicts(section) == ["differs", "partly", "holds", "differs", "differs"]
    assert all(claim["why"] for claim in section["claims"] if claim["verdict"] != "holds")


def test_one_seed_has_no_interval_and_no_significance():
    section = section_of("comparison", True, as_published)
    assert verdicts(section)[3:] == ["not tested", "not tested"]
    row = next(row for row in section["rows"] if row["method"] == "fair-gne" and row["scenario"] == SPECIALIST)
    assert (row["mean"], row["low"], row["high"], row["seeds"], row["published"]) == (0.89, None, None, 1, 0.89)


def test_one_seed_gives_no_verdict_and_says_what_it_found():
    """The quick plan has one seed: numbers as published, which hold with ten seeds, are shown without a verdict."""
    for section in document(outcomes(True, as_published), command="c", quick=True)["sections"]:
        assert set(verdicts(section)) <= {"not tested"}
    improvement = section_of("comparison", True, as_published)["claims"][0]
    assert improvement["ours"].startswith("+170 % on fixed multiplier 0.2")
    assert improvement["why"] == "One run gives no verdict: this is what one seed, or one instance, shows."


@pytest.mark.parametrize(("seeds", "judged"), [(1, False), (2, True)])
def test_seeds_that_failed_do_not_count_as_runs(seeds, judged):
    """The full plan has three seeds of each cadence; those that ended well are counted."""

    def told(quick, change, key):
        found = outcomes(quick, change, key)
        return [
            one if one.trial.config["config"]["seed"] < seeds else outcome(one.trial, trace="E: on purpose")
            for one in found
        ]

    assert (verdicts(section_of("cadence", False, told=told)) == ["holds"]) == judged


def test_the_least_p_is_told_by_seeds_and_tests():
    assert least_p(10, 3) == pytest.approx(6 / 1024)
    assert least_p(1, 1) == 1.0


def test_p_values_of_four_pairs():
    """One-signed, p is 2/16; one small reversal of four: 4 of 16 sign patterns are as far. By Holm: 2/16 * 2, 4/16."""
    ours = {seed: {"jain": 1.0} for seed in range(4)}
    some = {
        "fair-gne": ours,
        "one": {seed: {"jain": 0.5} for seed in range(4)},
        "two": {seed: {"jain": value} for seed, value in enumerate((0.5, 0.5, 0.5, 1.1))},
    }
    assert adjusted(some, [("one", "jain"), ("two", "jain")]) == pytest.approx([0.25, 0.25])


@pytest.mark.parametrize(
    ("loose", "strict", "verdict"), [(0.92, 0.86, "holds"), (0.92, 0.91, "partly"), (1, 1, "differs")]
)
def test_the_price_of_a_strict_threshold(loose, strict, verdict):
    def told(quick, change, key):
        found = outcomes(quick, change, key)
        for one in found:
            for each in one.result["records"]:
                each["success"] = exactly({0.55: loose, 0.85: strict}.get(each["tau"], 0.9))
        return found

    section = section_of("thresholds", False, told=told)
    assert verdicts(section) == [verdict]
    row = next(row for row in section["rows"] if (row["scenario"], row["tau"]) == (SPECIALIST, 0.55))
    assert (row["success"], row["success_published"], row["seeds"]) == (loose, 0.92, 10)


@pytest.mark.parametrize(("rate", "verdict"), [(1.0, "partly"), (0.9, "differs")])
def test_conditions_that_are_not_measured_are_not_claimed(rate, verdict):
    section = section_of("kkt", False, lambda trial: {"kkt": rate})
    assert verdicts(section)[0] == verdict
    assert "stationarity" in section["claims"][0]["why"]
    assert ["stationarity", "not measured"] in section["tables"][0]["rows"]
    assert all(row["mean"] == rate for row in section["rows"])


@pytest.mark.parametrize(
    ("elsewhere", "alone", "verdict"), [(1.0, 1.0, "holds"), (1.0, 0.9, "partly"), (0.9, 0.9, "differs")]
)
def test_the_rate_of_kkt_with_stationarity_is_graded_where_it_binds_too(elsewhere, alone, verdict):
    def change(trial):
        return {"stationary": 1.0, "kkt": alone if trial.config["config"]["scenario"] == LONE else elsewhere}

    section = section_of("kkt", False, change)
    assert verdicts(section)[0] == verdict
    assert ("what holds least often is primal violation, in 90 %" in section["claims"][0]["why"]) == (alone < 0.95)


@pytest.mark.parametrize(
    ("epsilon", "nash_conv", "verdict"), [(0.014, 0.014, "holds"), (0.014, 0.3, "partly"), (0.3, 0.6, "differs")]
)
def test_an_equilibrium_is_self_enforceable_if_nobody_gains_without_the_constraint_either(epsilon, nash_conv, verdict):
    section = section_of("kkt", False, lambda trial: {"epsilon": epsilon, "nash_conv": nash_conv})
    assert verdicts(section)[1] == verdict
    assert ("nothing in the game forbids what is infeasible" in section["claims"][1]["why"]) == (nash_conv > 0.015)
    table = section["tables"][-1]
    assert [LONE, "0.85", "3 of 3", "3 of 3"] in [row[:4] for row in table["rows"]]
    shown = dict(zip(table["columns"], table["rows"][0], strict=True))
    assert shown["epsilon"].startswith(f"{epsilon / 0.03:.3f}")


def test_teams_that_miss_the_threshold_are_no_equilibria():
    section = section_of("kkt", False, lambda trial: {"unmet": True})
    assert verdicts(section)[1] == "not tested"


def test_skill_is_priced_where_somebody_is_abler():
    def change(trial):
        dual = method_of(trial) == "workload-skill-penalty"
        equal = trial.config["config"]["scenario"].endswith("/equal")
        return {"misalignment": 0.0 if equal else 0.1 if dual else 0.3, "gini": 0.2 if dual else 0.1}

    section = section_of("skills", False, change)
    assert verdicts(section) == ["holds", "differs"]
    assert "equal" not in section["claims"][0]["ours"]


def test_signs_of_an_impossible_and_a_loose_threshold():
    def change(trial):
        impossible = trial.config["taus"] == [0.999]
        return {"multiplier": 1.0 if impossible else 0.0, "unmet": impossible}

    assert verdicts(section_of("impossible", False, change)) == ["holds", "holds"]
    assert verdicts(section_of("impossible", False, lambda trial: {"multiplier": 0.5})) == ["partly", "differs"]


def test_a_change_is_followed_from_the_first_fair_window_on():
    """Batches of 100, windows of two: means 0.5, 0.7, 0.9, 0.9; the third is the first of at least 0.85 - 0.01."""
    trace = {
        "first": [0, 100, 200, 300, 400, 500],
        "potential": [0.4, 0.6, 0.8, 1.0, 0.8, 0.0],
        "success": [0.0, 0.0, 0.0, 1.0, 0.5, 0.0],
    }
    assert followed(trace, (0, 0.85), (500, None)) == {
        "after": 200,
        "stays": 1.0,
        "potential": pytest.approx(0.9),
        "success": 0.75,
    }
    assert followed(trace, (0, 0.95), (500, None))["after"] is None


def test_what_a_defection_saves_and_costs():
    """It saves 8 - 2 = 6 units, the team loses 1.5 - 0.9 = 0.6: it pays where a unit costs more than 0.1."""
    pair = (record(0.85), record(0.85, work=(2.0, 9.0, 9.0), reward=0.9, jain=0.6), 0)
    found = figures([pair, pair])
    assert found["saved"].mean == pytest.approx(6.0)
    assert found["break_even"].mean == pytest.approx(0.1)
    assert found["jain"].mean == pytest.approx(0.6)
    nothing = figures([(record(0.85), record(0.85), 0)])
    assert (nothing["saved"].mean, nothing["break_even"].seeds) == (0.0, 0)


def broken(quick, change, key):
    """Return outcomes in which an idle expert breaks the constraint and the controller cannot mend it."""
    found = outcomes(quick, change, key)
    for one in found:
        for each in one.result["defections"]:
            if (each["kind"], each["agent"]) == ("idle", 0):
                each |= record(0.85, work=(0.0, 10.0, 10.0), jain=0.6, reward=1.0)
                each["steered"] = {"potential": 0.65, "success": 1.0, "multiplier": 2.0}
    return found


def test_a_broken_constraint_is_not_self_enforced():
    """Eight units saved for half a reward: 0.5 / 8 = 0.0625 a unit."""
    section = section_of("defection", False, told=broken)
    assert verdicts(section) == ["differs", "differs"]
    assert section["claims"][0]["ours"].startswith("the index stays at the threshold in 0 of 1 defections")
    assert "costs its agent 0.062 of the team's reward" in section["claims"][0]["why"]


def test_profiles_are_shares_of_runs():
    """Of three scenarios fair-gne is at 0.89 everywhere, a fixed multiplier at 0.33."""
    section = section_of("profiles", False, as_published)
    rows = [row for row in section["rows"] if row["measure"] == "Jain's index"]
    shares = {(row["method"], row["score"]): row["share"] for row in rows}
    assert shares["fair-gne", 0.85] == 1.0
    assert shares["fair-gne", 0.9] == 0.0
    assert shares["fixed multiplier 1", 0.35] == 0.0
    line = section["tables"][0]["rows"][0]
    assert line[:2] == ["fixed multiplier 0.2", "1.00 [1.00, 1.00]"]
    assert line[2] == "0.50 [0.50, 0.50]", "equal success: draws count half"


@pytest.mark.parametrize("quick", [True, False])
def test_the_document_is_json_and_has_every_section(quick):
    whole = document(outcomes(quick), command="c", quick=quick)
    assert [section["key"] for section in whole["sections"]] == list(SECTIONS)
    assert json.loads(json.dumps(whole, allow_nan=False)) == whole
    assert whole["seconds"] == pytest.approx(2.0 * len(plan(quick=quick)), abs=0.1)
    for section in whole["sections"]:
        for claim in section["claims"]:
            assert claim["why"] or claim["verdict"] == "holds"
        for table in section["tables"]:
            assert all(len(row) == len(table["columns"]) for row in table["rows"])


def test_a_failed_trial_is_named_and_the_rest_is_reported():
    trials = plan(quick=True, only=("noise",))
    [section] = document(
        [outcome(trial, trace="Traceback\nValueError: on purpose") for trial in trials],
        command="c",
        quick=True,
        only=("noise",),
    )["sections"]
    assert section["failed"] == [f"{LONE}, mappo, seed 0: ValueError: on purpose"]
    assert verdicts(section) == ["not tested", "not tested"]
    whole = document(
        [outcome(trial, trace="ValueError: on purpose") for trial in plan(quick=True)], command="c", quick=True
    )
    assert {claim["verdict"] for section in whole["sections"] for claim in section["claims"]} == {"not tested"}


def test_sections_share_their_trials():
    assert {trial.digest for trial in plan(only=("thresholds",))} < {
        trial.digest for trial in plan(only=("comparison",))
    }
    digests = [trial.digest for trial in plan()]
    assert len(digests) == len(set(digests))


def test_what_is_not_there_is_refused():
    with pytest.raises(InputError, match="section 'kt' is not known; known are comparison, "):
        plan(only=("kt",))
    with pytest.raises(InputError, match="no section has all of its trials"):
        document([], command="c", quick=True)


def test_grades_and_means():
    assert [graded(met) for met in ([True], [True, False], [False], [])] == ["holds", "partly", "differs", "not tested"]
    assert over([1.0, None]).shown() == "1.000 (one seed)"
    assert over([0.0, 1.0, 1.0, 6.0]).mean == 1.0, "the middle half"
    assert over([0.0, 1.0, 1.0, 6.0], mean=True).mean == 2.0
    assert over([None]).shown() == "–"
    assert over([2.0, 2.0]).columns("x") == {"x": 2.0, "x_low": 2.0, "x_high": 2.0}


def test_the_made_up_trial_has_all_that_was_asked():
    """The sections read results by these names, and a real trial (in its own test) has them, too."""
    [trial] = plan(quick=True, only=("noise",))
    assert {"noises", "delays", "defections", "exchanged", "followed"} <= result(trial).keys()
