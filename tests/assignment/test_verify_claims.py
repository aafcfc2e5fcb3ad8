"""Every claim of an answer has an entry in the ledger, and the question is part of what is verified."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from evenhand.assignment import assign
from evenhand.assignment.verified_fields import LEDGER, fields_of
from evenhand.assignment.verify import verify
from evenhand.errors import InputError
from evenhand.fairness import CVAtMost, EpsilonFairness, JainAtLeast, MaxOverMean
from evenhand.fairness.selection import among
from evenhand.tables import CostTable

if TYPE_CHECKING:
    from evenhand.assignment.verdict import Verdict

# Three agents, three tasks, everything costs 1 or 3; the cheapest plan gives all to the first, for 3.
COSTS = CostTable(np.array([[1.0, 1.0, 1.0], [3.0, 3.0, 3.0], [3.0, 3.0, 3.0]]), ("Ann", "Bo", "Cy"), ("x", "y", "z"))
# Ann charges 1 a task, Bo 2. With k tasks for Ann the loads are (k, 2 (4 - k)): at most 1.2 times the mean leaves k = 3
# and a cost of 5, and the cut at (1, 0) proves it.
PAIR = CostTable(np.array([[1.0] * 4, [2.0] * 4]), ("Ann", "Bo"), ("w", "x", "y", "z"))
EVEN = CostTable(np.ones((3, 3)), COSTS.agents, COSTS.tasks)


def written(answer: Any) -> dict[str, Any]:
    """Return an answer as somebody reads it from its file."""
    data: dict[str, Any] = json.loads(json.dumps(answer.to_dict()))
    return data


def all_on_ann(fairness: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return an answer that gives all three tasks to Ann, right in every number but those of fairness."""
    data = written(assign(COSTS, EpsilonFairness(0.0), gap=0))
    assert data["assignment"] == [0, 0, 0]
    for copied in ("epsilon", "p", "level", "cv", "jain", "cv_bound"):
        del data[copied]
    return {**data, "fairness": fairness, "certificate": None, "certified_gap": 0.0, **changes}


def reasons(verdict: Verdict) -> str:
    assert not verdict.verified
    assert not verdict
    assert verdict.outcome == "not verified"
    return "; ".join(verdict.reasons)


# ---- the ledger ---------------------------------------------------------------------------------------------------


def genuine() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Return answers of each kind, with what was given beside the table."""
    # Loads of 1, 2, 4 and 8 are never even, though fractions of them are; 9 beside 1 and 1 are not even in fractions.
    powers, uneven = np.tile([1.0, 2.0, 4.0, 8.0], (2, 1)), {"initial_loads": [9.0, 0.0, 0.0]}
    # Yesterday Ann had all four tasks; even loads take two of them from her.
    yesterday = assign(PAIR, EpsilonFairness(0.0))
    even = CostTable(np.ones((2, 4)), PAIR.agents, PAIR.tasks)
    limited, too_few = (yesterday.update(even, MaxOverMean(1), change_at_most=most) for most in (2, 1))
    since = {"costs": even, "before": yesterday}
    return {
        "limited": (written(limited), {**since, "change_at_most": 2}),
        "too few": (written(too_few), since),
        "optimal": (written(assign(PAIR, MaxOverMean(1.2))), {"costs": PAIR}),
        "infeasible": (written(assign(EVEN, MaxOverMean(1.1), **uneven)), {"costs": EVEN, **uneven}),
        "search": (written(assign(powers, EpsilonFairness(1.0))), {"costs": powers}),
        # For at most 4.4 Ann does everything. Fractions of tasks could have loads of 3.6 and 0.8, 1.64 times the mean.
        "fairest": (written(assign(PAIR, MaxOverMean(2), fairest=True, max_price=0.1)), {"costs": PAIR}),
    }


GENUINE = genuine()


def test_every_field_of_an_answer_stands_in_the_ledger_and_nothing_else_does() -> None:
    fields = {name for data, _ in GENUINE.values() for name in fields_of(data)}
    assert fields == set(LEDGER), "a field of to_dict() without an entry, or an entry without a field"


def test_the_docs_tell_the_ledger() -> None:
    page = (Path(__file__).parents[2] / "docs/explanation/certificates.md").read_text("utf-8")
    for name, entry in LEDGER.items():
        assert f"| `{name}` | {entry.standing} | {entry.how} |" in page


def test_genuine_answers_are_verified() -> None:
    outcomes = {kind: verify(assignment=data, **given).outcome for kind, (data, given) in GENUINE.items()}
    assert outcomes == {
        "limited": "verified",
        "too few": "verified",
        "optimal": "verified",
        "infeasible": "verified",
        "search": "infeasibility not proven",
        "fairest": "verified",
    }


WRONG = {
    "status": "infeasible",
    "assignment": [0, 0, 0, 0],
    "loads": [2.0, 3.0],
    "cost": 4.0,
    "base_cost": 5.0,
    "price": 0.0,
    "bound": 5.5,
    "gap": 0.25,
    "certified_gap": 0.25,
    "fairness": {"name": "max_over_mean", "ratio": 1.01, "entitlements": None},
    "epsilon": 0.5,
    "p": 2,
    "level": 1.0,
    "cv": 0.1,
    "jain": 0.9,
    "cv_bound": 0.19,
    "maximise": True,
    "made_with": {"burdens": True, "initial_loads": False, "locked": False},
    "agents": ["Bo", "Ann"],
    "tasks": ["w", "x", "z", "y"],
    "named": {"agents": False, "tasks": True},
    "certificate.kind": "infeasible",
    "certificate.multipliers": [0.5],
    "certificate.points": [[0.0, 1.0]],
    "certificate.change_price": 1.0,
    "changes.before": [0, 0, 0, 1],
    "changes.at_most": 3,
    "changes.changed": 1,
    "changes.reached": 3,
    "changes.assignment": [0, 1, 1, 1],
    "attainable.fairness": "cv",
    "attainable.reached": 1.0,
    "attainable.assignment": [0, 0, 0],
    "attainable.possible": "1.2",
    "attainable.budget": 3.9,
    "attainable.certified": 1.7,
    "attainable.certificate": None,
}
"""A false value of each field that is said to be proven."""


@pytest.mark.parametrize("name", [name for name, entry in LEDGER.items() if entry.standing == "proven"])
def test_a_field_that_is_said_to_be_proven_is_refused_where_it_is_wrong(name: str) -> None:
    outer, _, inner = name.partition(".")
    kind = {
        "attainable": "fairest" if inner in ("budget", "certified", "certificate") else "infeasible",
        "changes": "too few" if inner in ("reached", "assignment") else "limited",
    }
    data, given = copy.deepcopy(GENUINE[kind.get(outer, "optimal")])
    parent, key = (data[outer], inner) if inner else (data, outer)
    if name == "named":  # it matters where the names differ
        data["agents"] = ["Ann", "Dan"]
    parent[key] = WRONG[name]
    try:
        verdict = verify(assignment=data, **given)
    except InputError:
        return
    assert not verdict
    assert not verdict.verified


@pytest.mark.parametrize("name", [name for name, entry in LEDGER.items() if entry.standing == "ignored"])
def test_a_field_that_is_ignored_changes_nothing(name: str) -> None:
    data, given = GENUINE["optimal"]
    assert verify(assignment={**data, name: "nonsense"}, **given) == verify(assignment=data, **given)


def test_a_field_that_is_not_known_is_named_as_not_read() -> None:
    data, given = GENUINE["optimal"]
    verdict = verify(assignment={**data, "guarantee": "for ever"}, **given)
    assert verdict.on_trust == ("the field 'guarantee' of the answer: it is not known, and was not read",)


def test_numbers_are_numbers() -> None:
    """Not text, not booleans, not digits of another script, whatever Python's `float` makes of them."""
    data, given = GENUINE["optimal"]
    for path in (("cost",), ("bound",), ("fairness", "ratio"), ("loads", 0), ("certificate", "points", 0, 0)):
        for wrong in ("1.5", " 1.5", "\u0661", True):
            tampered = copy.deepcopy(data)
            parent: Any = tampered
            for key in path[:-1]:
                parent = parent[key]
            parent[path[-1]] = wrong
            with pytest.raises(InputError):
                verify(assignment=tampered, **given)


# ---- the question -------------------------------------------------------------------------------------------------


def test_an_answer_to_the_question_is_verified_and_one_to_another_is_not() -> None:
    data, given = GENUINE["optimal"]
    assert verify(assignment=data, fairness=MaxOverMean(1.2), **given)
    for asked in (MaxOverMean(1.3), MaxOverMean(1.1), JainAtLeast(0.9), EpsilonFairness(0.5, 3)):
        assert "another question: it states largest load <= 1.2 times the mean" in reasons(
            verify(assignment=data, fairness=asked, **given)
        )


@pytest.mark.parametrize("p", [2, 3, np.inf])
def test_the_order_is_part_of_the_question(p: float) -> None:
    data = written(assign(COSTS, EpsilonFairness(0.3, p)))
    for asked in (2, 3, np.inf):
        verdict = verify(COSTS, data, fairness=EpsilonFairness(0.3, asked), max_gap=1.0)
        assert bool(verdict) == (asked == p)


LOPSIDED = {"name": "jain", "jain": 0.9, "entitlements": [1e9, 1e-3, 1e-3]}


def test_lopsided_entitlements_are_refused_by_the_question_and_told_in_full_without_it() -> None:
    """All work on Ann is fair to her who is entitled to everything."""
    data = all_on_ann(LOPSIDED)
    verdict = verify(COSTS, data)
    assert verdict.fair
    assert "entitlements: 1000000000 for Ann; 0.001 for Bo, Cy" in verdict.asked
    assert "over unequal entitlements (1e+09, 0.001, 0.001)" in verdict.headline
    for sentence in verdict.proven:
        assert "fair" not in sentence or "entitlements" in sentence or "exactly fair" in sentence
    assert "entitlements are (1e+09, 0.001, 0.001), asked are equal" in reasons(
        verify(COSTS, data, fairness=JainAtLeast(0.9))
    )
    assert "asked are (1, 2, 1)" in reasons(verify(COSTS, data, entitlements=[1, 2, 1]))


def test_a_selection_of_some_is_refused_by_the_question_and_told_without_it() -> None:
    """Ann and Bo even, Cy idle: fair among two of three, and far from fair among three (J = 2/3)."""
    member = among(JainAtLeast(0.9), 2, 3)
    data = written(assign(np.tile([1.0, 1.0], (3, 1)), member))
    costs = np.tile([1.0, 1.0], (3, 1))
    verdict = verify(costs, data)
    assert verdict.verified, verdict.reasons
    words = "Jain's index >= 0.9, among 2 of the 3 agents only (the others may carry nothing)"
    assert words in verdict.headline
    assert verdict.asked[0] == words
    assert any(f"the loads are fair: {words}" in sentence for sentence in verdict.proven)
    assert "among 2 of the 3 agents only" in reasons(verify(costs, data, fairness=JainAtLeast(0.9)))
    assert verify(costs, data, fairness=member).verified


def test_entitlements_are_compared_as_shares() -> None:
    """(2, 1, 1) is (1, 0.5, 0.5), and equal ones are none; they may be given by name."""
    data = written(assign(COSTS, JainAtLeast(0.5, entitlements=[2, 1, 1])))
    for same in ([1, 0.5, 0.5], {"Cy": 3, "Bo": 3, "Ann": 6}, (200, 100, 100)):
        assert verify(COSTS, data, fairness=JainAtLeast(0.5), entitlements=same).verified
        assert verify(COSTS, data, entitlements=same).verified
    assert verify(COSTS, data, fairness=JainAtLeast(0.5, entitlements=[4, 2, 2])).verified
    reasons(verify(COSTS, data, fairness=JainAtLeast(0.5)))
    reasons(verify(COSTS, data, entitlements=[1, 2, 1]))
    equal = written(assign(COSTS, JainAtLeast(0.5)))
    assert verify(COSTS, equal, fairness=JainAtLeast(0.5, entitlements=[7, 7, 7])).verified


def test_profits_are_part_of_the_question() -> None:
    burdens = {"burdens": np.ones((3, 3))}
    data = written(assign(COSTS, JainAtLeast(0.9), maximise=True, **burdens))
    assert verify(COSTS, data, maximise=True, **burdens).verified
    assert "asked is to take it for costs" in reasons(verify(COSTS, data, maximise=False, **burdens))
    assert any("the table is of profits" in sentence for sentence in verify(COSTS, data, **burdens).asked)


def test_everything_that_was_given_is_told() -> None:
    given: dict[str, Any] = {"burdens": np.ones((3, 3)), "initial_loads": [2.0, 0.0, 0.0], "locked": {"x": "Bo"}}
    data = written(assign(COSTS, CVAtMost(0.8), **given))
    asked = "\n".join(verify(COSTS, data, **given).asked)
    for words in (
        "coefficient of variation <= 0.8",
        "entitlements: equal for all",
        "3 agents, 3 tasks",
        "what is shared is another table, of burdens",
        "carried before: 2 for Ann; 0 for Bo, Cy",
        "locked beforehand: x to Bo",
    ):
        assert words in asked


@pytest.mark.parametrize(
    ("name", "words"),
    [("burdens", "burdens"), ("initial_loads", "loads carried before"), ("locked", "locked tasks")],
)
def test_what_an_answer_was_made_with_must_be_given_again(name: str, words: str) -> None:
    """The one reason is said, not the sums that differ because of it."""
    given: dict[str, Any] = {"burdens": np.eye(3) + 1, "initial_loads": [0.5, 0.0, 0.0], "locked": {"x": "Bo"}}
    made = {name: given[name]}
    data = written(assign(COSTS, MaxOverMean(2.9), **made))
    assert verify(COSTS, data, **made).verified
    assert verify(COSTS, data).reasons == (f"the answer was made with {words}, and none are given here; give the same",)
    plain = written(assign(COSTS, MaxOverMean(2.9)))
    assert f"{words} are given here, and the answer was made without" in reasons(verify(COSTS, plain, **made))
    assert verify(COSTS, {**data, "made_with": None}, **made).verified, "older answers do not say"


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"fairness": "jain"}, "fairness is 'jain'"),
        ({"fairness": JainAtLeast}, "fairness is <class"),
        ({"entitlements": [1, 2, 1]}, "entitlements: 3 given for 2 agents"),
        ({"entitlements": {"Ann": 1}}, "'Bo' stands in one only"),
        ({"entitlements": {"Ann": 1, "Bo": 1, "Dan": 1}}, "'Dan' stands in one only"),
        ({"fairness": JainAtLeast(0.9, entitlements=[1, 2]), "entitlements": [1, 1]}, "given twice"),
        ({"max_gap": -0.1}, "max_gap is -0.1"),
        ({"max_gap": "1e-3"}, "max_gap is '1e-3'"),
        ({"max_gap": True}, "max_gap is True"),
        ({"max_gap": np.nan}, "max_gap is nan"),
    ],
)
def test_a_question_that_cannot_be_asked_is_named(question: dict[str, Any], message: str) -> None:
    data, given = GENUINE["optimal"]
    with pytest.raises(InputError, match="(?s)" + message.replace("(", r"\(")):
        verify(assignment=data, **given, **question)


# ---- the gap ------------------------------------------------------------------------------------------------------


def far_off() -> dict[str, Any]:
    """Return an answer that claims a gap of 0 for a plan of 7, 133 % above the optimum of 3, and shows nothing."""
    data = written(assign(COSTS, EpsilonFairness(0.0), gap=0, locked={"x": "Bo", "y": "Cy"}))
    assert (data["assignment"], data["cost"]) == ([1, 2, 0], 7.0)
    free = {"base_cost": 3.0, "price": 4 / 3, "made_with": None, "certified_gap": 4 / 7, "certificate": None}
    return {**data, "status": "optimal", "gap": 0.0, "bound": 7.0, **free}


def test_a_gap_that_nothing_shows_is_never_green() -> None:
    """(7 - 3) / 7 = 57.14 % is what the cheapest agent of each task proves."""
    verdict = verify(COSTS, far_off())
    assert verdict.verified, verdict.reasons
    assert (verdict.outcome, verdict.gap_proven, bool(verdict)) == ("gap not proven", False, False)
    assert (verdict.claimed_gap, verdict.certified_gap) == (0.0, pytest.approx(4 / 7))
    assert verdict.headline == (
        "plan verified, gap not proven: the plan is fair (epsilon >= 0, p = 2); the gap should be 0 %, proven is 57.2 %"
    )
    assert verdict.gap_to_ask == 0.58
    assert verdict.to_dict()["outcome"] == "gap not proven"


def test_the_gap_that_is_asked_for_decides() -> None:
    assert not verify(COSTS, far_off(), max_gap=0.57)
    loose = verify(COSTS, far_off(), max_gap=0.58)
    assert loose
    assert loose.headline == "verified: the plan is fair (epsilon >= 0, p = 2), and a gap of 57.2 % is proven"
    data, given = GENUINE["optimal"]
    assert verify(assignment=data, max_gap=0.0, **given), "a proof of the optimum is good for every gap"


def test_a_gap_claimed_truly_is_proven() -> None:
    honest = {**far_off(), "status": "time_limit", "gap": 4 / 7, "bound": 3.0}
    assert verify(COSTS, honest).outcome == "verified"
    assert verify(COSTS, {**honest, "status": "optimal"}, max_gap=1e-4).outcome == "gap not proven"


def test_a_bound_without_a_plan_is_proven_or_not() -> None:
    nothing = dict.fromkeys(("assignment", "loads", "cost", "gap", "certified_gap", "price", "level", "cv", "jain"))
    data = {**far_off(), **nothing, "status": "time_limit", "bound": 3.0}
    assert verify(COSTS, data).outcome == "verified"
    assert verify(COSTS, data, max_gap=0.5).outcome == "gap not proven", "no plan, no gap"
    higher = verify(COSTS, {**data, "bound": 4.0})
    assert higher.outcome == "gap not proven"
    assert higher.headline == "no plan to verify, and its bound is not proven: proven is 3"


def test_a_certificate_of_more_points_than_are_of_use_is_refused_at_once() -> None:
    """100,000 points would take minutes; as many as there are agents are enough, and a few more are let pass."""
    data, given = copy.deepcopy(GENUINE["optimal"])
    for count in (12, 100_000):
        data["certificate"] = {"kind": "bound", "multipliers": [1.0] * count, "points": [[1.0, 2.0]] * count}
        with pytest.raises(InputError, match=f"certificate has {count} points; for 2 agents no more than 2 are of use"):
            verify(assignment=data, **given)


def test_points_near_the_largest_float_are_only_directions() -> None:
    """With entitlements their relative loads leave the range of floats, and the cut does not care."""
    member = MaxOverMean(1.2, entitlements=[2, 1])
    data = written(assign(PAIR, member))
    for scale in (1.0, 8e307):
        data["certificate"] = {"kind": "bound", "multipliers": [0.1], "points": [[0.0, scale]]}
        assert verify(PAIR, {**data, "certified_gap": 0.0}).bound == pytest.approx(4.0 * (1.0 - 0.1 * 0.6))


# ---- infeasible answers, and what is possible instead --------------------------------------------------------------


def test_infeasible_by_the_search_alone_is_said_so() -> None:
    data, given = GENUINE["search"]
    verdict = verify(assignment=data, **given)
    assert not verdict.verified
    assert verdict.headline == "NOT VERIFIED: nothing is wrong, but that nothing is fair rests on the search alone"
    assert verdict.reasons == ("infeasibility is not proven: the certificate only bounds the cost",)
    # 7 and 8 of 15 are the most even: (15 / sqrt(2 (49 + 64)) ... - 1) over sqrt(2) - 1.
    level = (15 / np.sqrt(113) - 1) / (np.sqrt(2) - 1)
    assert data["attainable"]["reached"] == pytest.approx(level)
    assert any("what is possible instead: epsilon >= 0.99" in sentence for sentence in verdict.proven)
    assert any("nothing is as fair as epsilon" in sentence for sentence in verdict.on_trust)


def test_both_ends_of_what_is_attainable_are_told_apart() -> None:
    """Ann carries 9 of 12 already: 2.25 times the mean at best, which her tasks going to others reach."""
    data, given = GENUINE["infeasible"]
    assert data["attainable"]["reached"] == pytest.approx(2.25)
    verdict = verify(assignment=data, **given)
    assert verdict.verified, verdict.reasons
    said = "what is possible instead: largest load <= 2.25 times the mean"
    assert any(said in sentence for sentence in verdict.proven)
    assert any("nothing is as fair as" in said and "either" in said for said in verdict.proven)
    assert not any("nothing is as fair as" in said for said in verdict.on_trust)


FORGED_BRACKETS: list[dict[str, Any]] = [
    {"reached": 1.05},  # as fair as was refused
    {"reached": 2.0, "possible": "2"},
    {"possible": "2.2"},
    {"possible": "2.2", "reached": 2.2},
    {"assignment": [0, 0, 0]},
    {"refuted": 2.5, "impossible": "2.5"},  # looser than what is reached
    {"refuted": 2.0, "impossible": "2.1"},
    {"refuted": None},
    {"impossible": None},
    {"fairness": "jain"},
    {"reached": 0.5},
    {"reached": 1e6, "possible": "1000000"},
]


@pytest.mark.parametrize("changes", FORGED_BRACKETS)
def test_a_forged_bracket_is_refused(changes: dict[str, Any]) -> None:
    data, given = copy.deepcopy(GENUINE["infeasible"])
    data["attainable"] |= changes
    reasons(verify(assignment=data, **given))


def test_what_the_answer_itself_shows_to_be_possible_refutes_infeasibility() -> None:
    """Nine for Ann beside three to share: asked for 2.3 times the mean, the plan in the answer has 2.25."""
    data, given = copy.deepcopy(GENUINE["infeasible"])
    data["fairness"]["ratio"] = 2.3
    for name in ("epsilon", "p", "level", "cv", "jain", "cv_bound"):
        del data[name]
    assert "as fair as was asked: nothing is infeasible" in reasons(verify(assignment=data, **given))


def test_a_bracket_without_its_assignment_is_on_trust() -> None:
    data, given = copy.deepcopy(GENUINE["infeasible"])
    data["attainable"]["assignment"] = None
    verdict = verify(assignment=data, **given)
    assert verdict.verified
    words = "largest load <= 2.25 times the mean is possible: the answer has no assignment"
    assert any(words in said for said in verdict.on_trust)


def test_a_bracket_beside_a_plan_is_the_fairest_or_refused() -> None:
    """A plan as fair as possible has a bracket, too, which is no looser than the plan."""
    data, given = copy.deepcopy(GENUINE["optimal"])
    data["attainable"] = {"fairness": "max_over_mean", "reached": 2.0, "refuted": None, "assignment": None}
    assert "looser than the level of the answer" in reasons(verify(assignment=data, **given))


@pytest.mark.parametrize(
    "changes",
    [
        {"reached": "2.25"},
        {"possible": 2.25},
        {"possible": "\u0662"},
        {"possible": " 2.25"},
        {"possible": "2,25"},
        {"possible": "nan"},
        {"assignment": [0, 9, 0]},
        {"fairness": 3},
    ],
)
def test_a_bracket_of_wrong_types_is_bad_input(changes: dict[str, Any]) -> None:
    data, given = copy.deepcopy(GENUINE["infeasible"])
    data["attainable"] |= changes
    with pytest.raises(InputError, match=r"attainable|assignment"):
        verify(assignment=data, **given)
