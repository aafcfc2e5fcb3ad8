"""Numbers as people read them."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from evenhand.report.formats import at_least, at_most_percent, count, percent, quantity, signed_percent

_SIGNS = str.maketrans({"\u202f": None, "−": "-", "×": "e", "%": None})
_POWERS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def value_of(text: str) -> Decimal:
    plain = text.translate(_SIGNS).translate(_POWERS)
    return Decimal(plain.replace("e10", "e"))


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (6193.5149, "6 193.51"),
        (12.0, "12"),
        (0.0, "0"),
        (0.1234, "0.1234"),
        (0.72, "0.72"),
        (-1234.5, "−1 234.50"),
        (1e300, "1 × 10³⁰⁰"),
        (2.5e-7, "2.5 × 10⁻⁷"),
        (math.inf, "∞"),
        (None, "–"),
    ],
)
def test_quantities_are_grouped_and_short(number: float | None, shown: str) -> None:
    assert quantity(number).replace("\u202f", " ") == shown


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [(0.00008, "0.008 %"), (0.0, "0 %"), (0.0312, "3.1 %"), (0.456, "45.6 %"), (-0.1, "−10 %"), (None, "–")],
)
def test_ratios_are_percentages(ratio: float | None, shown: str) -> None:
    assert percent(ratio).replace("\u202f", " ") == shown


def test_a_deviation_carries_its_sign() -> None:
    said = [signed_percent(value).replace("\u202f", " ") for value in (0.031, -0.0042, 0.0)]
    assert said == ["+3.1 %", "−0.42 %", "±0 %"]


def test_one_task_is_not_plural() -> None:
    assert [count(1, "task"), count(2, "task")] == ["1 task", "2 tasks"]
    assert count(3, "inequality", "inequalities") == "3 inequalities"


@given(st.floats(1e-300, 1e300))
def test_a_printed_bound_is_still_a_bound(bound: float) -> None:
    assert value_of(at_least(bound)) <= Decimal(repr(bound))


@given(st.floats(1e-10, 1))
def test_a_printed_gap_is_never_too_small(gap: float) -> None:
    assert value_of(at_most_percent(gap)) >= Decimal(repr(gap)) * 100
