"""Numbers out of rows, computed by hand here."""

from __future__ import annotations

import pytest
from benchmarks.assignment.figures import Ratio, Spread, certified, slack_ratios
from benchmarks.assignment.sections import sections
from tests.benchmarks.assignment_rows import row


def test_a_capped_case_counts_at_the_cap_and_is_named() -> None:
    rows = [row(seconds=1.0), row(seconds=3.0, epsilon=0.5), row(seconds=61.2, p="inf", status="time_limit")]
    spread = Spread.of(rows)
    assert (spread.cases, spread.solved, spread.median, spread.slowest) == (3, 2, 3.0, 60.0)
    assert spread.slowest_case == "plane 5x250 no. 1, p = inf, epsilon = 0.9"
    (capped,) = [section for section in sections({"cases": rows}) if section.title == "Capped"]
    assert capped.lines == [("evenhand", "plane 5x250", "1", "p = inf: 0.9 (1)")]


def test_peers_are_compared_case_by_case_by_the_geometric_mean() -> None:
    """4 and 16 times as long are 8 times in geometric mean; the case that the peer was not given is left out."""
    ours = [row(seconds=1.0), row(seconds=2.0, epsilon=0.5), row(seconds=50.0, epsilon=0.1)]
    theirs = [row(seconds=32.0, epsilon=0.5, solver="scip"), row(seconds=4.0, solver="scip")]
    ratio = Ratio.of(ours, theirs)
    assert ratio is not None
    assert (ratio.cases, ratio.least, ratio.most, ratio.means) == (2, 4.0, 16.0, "")
    assert ratio.mean == pytest.approx(8.0, rel=1e-12)


@pytest.mark.parametrize(
    ("ours", "theirs", "means"),
    [("optimal", "time_limit", "at least "), ("time_limit", "optimal", "at most "), ("time_limit", "died", "about ")],
)
def test_a_ratio_says_on_which_side_caps_leave_it(ours: str, theirs: str, means: str) -> None:
    ratio = Ratio.of([row(status=ours)], [row(status=theirs, solver="highs")])
    assert ratio is not None
    assert ratio.means == means


def test_no_case_in_common_gives_no_ratio() -> None:
    assert Ratio.of([row(epsilon=0.1)], [row(solver="highs")]) is None


def test_shares_of_certificates_count_missing_ones_as_not_proven() -> None:
    rows = [row(certified_gap=gap) for gap in (9e-4, 1e-4, 2e-3, None)]
    assert certified(rows) == (0.5, 0.25, 0.0)


def test_slack_cases_are_compared_with_the_same_instance_without_a_constraint() -> None:
    rows = [row(number=number, epsilon=0.0, seconds=number) for number in (1, 2)]
    rows += [row(number=2, epsilon=0.1, seconds=3.0), row(number=1, epsilon=0.2, seconds=0.5)]
    assert [ratio for ratio, _ in slack_ratios(rows)] == [1.5, 0.5]


def test_parts_that_were_not_measured_are_left_out() -> None:
    titles = [section.title for section in sections({"cases": [row()]})]
    assert titles == ["evenhand", "Certificates", "Instances that are generated"]


def test_slack_and_binding_cases_stand_apart() -> None:
    rows = [row(), row(epsilon=0.1, binding=False, seconds=0.002)]
    (table,) = [section for section in sections({"cases": rows}) if section.title == "evenhand"]
    assert [line[1:5] for line in table.lines] == [
        ("slack", "1 of 1", "2 ms", "2 ms"),
        ("binding", "1 of 1", "1 s", "1 s"),
    ]
